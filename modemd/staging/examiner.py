"""Asks the checks, with all that the site and the store know: at staging, at release, and whenever somebody asks."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlite_utils import Database

from modemd.checks.addressee import mentions
from modemd.checks.hours import closes, next_allowed, place_of
from modemd.checks.risk import ReadBack, Risk, assess, fuse_for, read_back
from modemd.checks.row import Hit
from modemd.checks.table import LIST_BULK, judged
from modemd.config import Config
from modemd.model.candidate import Candidate, Knowledge
from modemd.model.directory import OFTEN, Directory, Person
from modemd.model.finding import Finding
from modemd.store import knowledge
from modemd.store.knowledge import Known


@dataclass(frozen=True)
class Look:
    """What is to be said of a message: what was found, what it risks."""

    candidate: Candidate
    findings: list[Finding]
    risk: Risk


class Examiner:
    """`live`: whether a modem is real. `clock_set`: whether the computer's time can be right."""

    def __init__(self, config: Config, checks: Callable[[Candidate], list[Finding]]) -> None:
        self._checks, self._config = checks, config.checks
        self._site, self._live_site = config.here, replace(config.here, live=True)
        self._holds = config.profile != "open"
        self._usual_fuse = config.fuse
        self.live: Callable[[], bool] = lambda: False
        self.clock_set: Callable[[], bool] = lambda: True

    def told(self, candidate: Candidate) -> Candidate:
        """With what is known without the store."""
        site = self._live_site if self.live() else self._site
        return replace(candidate, site=site, clock_set=candidate.send_at is None or self.clock_set())

    def informed(self, db: Database, candidate: Candidate, author: str, message_id: int | None = None) -> Candidate:
        """With what the store knows. `message_id`: of the message itself, which is no news about it."""
        number = candidate.number
        if number is None:
            return candidate
        people, identifiers = mentions(candidate.text) if knowledge.is_anybody_known(db) else ((), ())
        known = knowledge.knowledge(
            db,
            number,
            candidate.text,
            candidate.now.timestamp(),
            author=author,
            category=candidate.category or "service",
            message_id=message_id,
            by_hand=candidate.by_hand is not False,
            names=people,
            identifiers=identifiers,
        )
        return candidate.knowing(_knowledge(known), known.sends_last_minute, _moment(known.last_undo))

    def look(self, candidate: Candidate, recipients: int = 1, more: Sequence[Finding] = ()) -> Look:
        """`more`: what was found elsewhere: of the list that it is from, of its links."""
        findings = [*self._checks(candidate), *more]
        risk = assess(candidate, findings, recipients, self._config.risk)
        if risk.waits and self._config.risk_rule != "told":
            bulk = judged(LIST_BULK, candidate.site, Hit(values={"count": recipients}))
            findings += [bulk] if bulk is not None else []
        return Look(candidate, findings, risk)

    def read_back(self, look: Look, codes: Collection[str] | None = None) -> ReadBack | None:
        """How a person confirms these findings; None: all that are to be confirmed."""
        asked = [finding for finding in look.findings if codes is None or finding.code in codes]
        return read_back(look.candidate, asked, look.risk, self._config.risk)

    # -- what follows from it ------------------------------------------------------------------------

    def fuse(self, risk: Risk, asked: float | None) -> float:
        """Seconds. A person may lengthen what the policy asks, not shorten it."""
        match self._config.risk_rule:
            case "least":
                return fuse_for(risk, self._usual_fuse if asked is None else asked)
            case "usual" if asked is None:
                return risk.fuse
            case _:
                return self._usual_fuse if asked is None else asked

    def not_before(self, risk: Risk, now: float) -> float:
        """The earliest release of what has a time instead of a fuse."""
        return now + risk.fuse if self._config.risk_rule == "least" else now

    def leave_by(self, candidate: Candidate) -> float | None:
        """When the hours end in which it may leave, if it may leave now."""
        hours = candidate.site.hours.get(candidate.category) if candidate.category and self._holds else None
        if hours is None:
            return None
        country, zones = place_of(candidate)
        if next_allowed(candidate.release, hours, country, zones) != candidate.release:
            return None
        return closes(candidate.release, hours, zones).timestamp()


_NOBODY = Directory.of(())


def _knowledge(known: Known) -> Knowledge:
    person = known.people[0] if len(known.people) == 1 else None  # of two, none is meant for sure
    near = [person or Person(0, numbers=(number,), written=OFTEN) for number, person in known.near]
    everybody = {each.id or id(each): each for each in (*known.people, *near, *known.alike, *known.mentioned)}
    return Knowledge(
        person=person,
        directory=Directory.of(everybody.values()) if everybody else _NOBODY,
        written_before=known.written_before,
        last_heard=_moment(known.last_heard),
        last_failures=known.last_failures,
        opted_out=known.opted_out,
        last_same=_moment(known.last_same),
    )


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
