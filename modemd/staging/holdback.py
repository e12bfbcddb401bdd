"""What holds a message: of all that the checks find and the site asks for, what waits for a person."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from modemd.config import Config
from modemd.model.actor import CODES
from modemd.model.approval import Case, Rule
from modemd.model.finding import Finding
from modemd.model.hold import NewHold
from modemd.people import People

QUIET = "time_quiet"
# What nobody can configure away: nobody wakes people alone.
EMERGENCY = Rule("emergency", findings=("time_emergency",))


class Holdback:
    """The one place where it is decided; asked when a message is staged, and again when its fuse is spent."""

    def __init__(self, config: Config, people: People) -> None:
        self._profile, self._people, self._zone = config.profile, people, config.here.zone
        self._rules = () if config.profile == "open" else (*config.people.approval, EMERGENCY)

    def of(
        self,
        findings: Sequence[Finding],
        writers: Sequence[str],
        *,
        recipients: int,
        category: str,
        release_at: float,
        confirmed: Collection[str] = (),
    ) -> list[NewHold]:
        """`writers`: keys. `confirmed`: codes that whoever stages it stands by.

        `recipients`: of everything that is sent with it.
        """
        holds = of_findings(findings, self._profile, confirmed)
        if not self._rules or set(writers) == {CODES.key}:
            return holds  # what asks for an approval cannot wait for one
        case = Case(
            tuple(self._people.by_key(key) for key in writers),
            recipients,
            frozenset(finding.code for finding in findings),
            category,
            datetime.fromtimestamp(release_at, UTC).astimezone(self._zone),
        )
        return holds + [
            rule.hold(self._people.members(rule.by).difference(writers) if rule.need == "all" else ())
            for rule in self._rules
            if rule.applies(case)
        ]


def of_findings(findings: Iterable[Finding], profile: str, confirmed: Collection[str] = ()) -> list[NewHold]:
    """A finding in the way holds always; one to confirm, until a person has: `open` sites report it only.

    What was confirmed is written down as cleared.
    """
    holds = []
    for finding in findings:
        if finding.severity == "block":
            holds.append(NewHold(finding.code, "edit", finding.sentence))
        elif finding.code == QUIET and profile != "open":
            until = datetime.fromisoformat(finding.fix).timestamp() if finding.fix else None
            holds.append(NewHold(QUIET, "edit" if until is None else "time", finding.sentence, until=until))
        elif finding.severity == "confirm" and profile != "open":
            holds.append(NewHold(finding.code, "confirm", finding.sentence, cleared=finding.code in confirmed))
    return _once_each(holds)


def _once_each(holds: Iterable[NewHold]) -> list[NewHold]:
    """A code may be found in several places; it is confirmed once."""
    return list({hold.code: hold for hold in reversed(list(holds))}.values())[::-1]
