"""Which messages need another person's approval, whose, and when it is enough. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from drivers.words import N_, Sentence
from modemd.model.actor import Actor
from modemd.model.hold import Hold, NewHold
from modemd.model.message import Message

CODE = "approval"


@dataclass(frozen=True)
class Case:
    """A message as the rules see it. `release`: when it would leave, in the site's time."""

    writers: tuple[Actor, ...]
    recipients: int
    codes: frozenset[str]
    category: str
    release: datetime


@dataclass(frozen=True)
class Rule:
    """All that is given of `who` and the conditions must hold. `by` empty: everybody with the role approve.

    `expires`: seconds for which a request may wait, and for which an approval counts after it was given, or
    after the time at which the message was to leave.
    """

    name: str
    who: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    need: int | Literal["all"] = 1
    expires: float = 86400.0
    recipients: int | None = None  # more than these
    findings: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    hours: tuple[time, time] | None = None  # may go over midnight

    def applies(self, case: Case) -> bool:
        return (
            (not self.who or any(writer.is_one_of(self.who) for writer in case.writers))
            and (self.recipients is None or case.recipients > self.recipients)
            and (not self.findings or not case.codes.isdisjoint(self.findings))
            and (not self.category or case.category in self.category)
            and (self.hours is None or _is_within(case.release.time(), *self.hours))
        )

    def hold(self, everybody: Iterable[str]) -> NewHold:
        """`everybody`: the keys of all who would have to approve, where all have to."""
        rule = {
            "name": self.name,
            "by": list(self.by),
            "need": self.need,
            "expires": self.expires,
            "all_of": sorted(everybody) if self.need == "all" else [],
        }
        return NewHold(CODE, "approval", Sentence(_WAITS, {"rule": self.name}), {"rule": rule})


_WAITS = N_("It waits for the approval of another person ({rule}).")


def _is_within(moment: time, start: time, end: time) -> bool:
    return start <= moment < end if start <= end else moment >= start or moment < end


@dataclass(frozen=True)
class Vote:
    who: str  # the key of a person
    name: str
    at: float


def is_enough(hold: Hold, votes: Sequence[Vote]) -> bool:
    rule, given = hold.data["rule"], {vote.who for vote in votes}
    if rule["need"] == "all":
        return bool(rule["all_of"]) and given.issuperset(rule["all_of"])
    return len(given) >= int(rule["need"])


def needed(hold: Hold) -> int:
    rule = hold.data["rule"]
    return len(rule["all_of"]) if rule["need"] == "all" else int(rule["need"])


def is_own(message: Message, who: Actor) -> bool:
    """Whether this person had a hand in it. What an older version wrote knows its author by name alone."""
    return who.key in message.writers or (not message.writers and message.author == who.name)


def why_not(hold: Hold, message: Message, who: Actor, votes: Sequence[Vote]) -> Sentence | None:
    """Why this person does not approve this; None: may."""
    by = hold.data["rule"]["by"]
    if is_own(message, who):
        return Sentence(N_("You had a hand in this message: another person has to approve it."))
    if "approve" not in who.roles or (by and not who.is_one_of(by)):
        return Sentence(N_("This is for others to approve: {names}."), {"names": ", ".join(by) or "approve"})
    if any(vote.who == who.key for vote in votes):
        return Sentence(N_("You have approved it already: it waits for another person."))
    return None


def lapses_at(hold: Hold) -> float:
    """When a request has waited too long."""
    return hold.placed_at + float(hold.data["rule"]["expires"])


def counts_until(hold: Hold, message: Message, at: float) -> float:
    """How long an approval given now is good for: a time that was approved is waited for."""
    return max(at, message.send_at or 0.0) + float(hold.data["rule"]["expires"])
