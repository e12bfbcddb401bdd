"""What a failure means for the message that met it, and for the modem. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from drivers.at.results import Kind, Remedy, code_of, meaning
from drivers.errors import CmsError, CommandError

MODEM_PAUSE = 30.0  # seconds; the message is as good as before, and another modem may take it at once
SLOW = 30.0  # an "unknown error" that takes this long may follow a message that left
IN_A_ROW = 3


class Fate(Enum):
    AGAIN = "back to the queue"
    NEVER = "it will not go"
    UNCERTAIN = "it may have left"


class Then(Enum):
    """What the modem does next."""

    GO_ON = "the next message"
    PAUSE = "nothing for a while"
    PARK = "nothing, until a person has seen to it"


@dataclass(frozen=True)
class Verdict:
    """`counts`: the try was the message's own; what a modem fails at is not held against it."""

    fate: Fate
    code: str
    after: float = 0.0  # seconds until it may be tried again
    then: Then = Then.GO_ON
    remedy: Remedy = Remedy.NONE
    counts: bool = True


def judge(error: CommandError, *, after_body: bool, attempts: int, took: float, backoff: Sequence[float]) -> Verdict:
    """`attempts` counts this one; `took` is in seconds from Ctrl-Z. Before the body nothing was sent."""
    code, row = code_of(error), meaning(error)
    slow_unknown = isinstance(error, CmsError) and error.code == 500 and took >= SLOW
    if after_body and (row.kind is Kind.UNKNOWN or slow_unknown):
        return Verdict(Fate.UNCERTAIN, code)
    match row.kind:
        case Kind.PERMANENT:
            return Verdict(Fate.NEVER, code, remedy=row.remedy)
        case Kind.MODEM:
            return Verdict(Fate.AGAIN, code, then=Then.PAUSE, remedy=row.remedy, counts=False)
        case Kind.SIM:
            return Verdict(Fate.AGAIN, code, then=Then.PARK, counts=False)
        case _:
            waits = row.retry if row.retry is not None else backoff
            if attempts > len(waits):
                return Verdict(Fate.NEVER, code, remedy=row.remedy)
            return Verdict(Fate.AGAIN, code, waits[attempts - 1], remedy=row.remedy)


class Streak:
    """The same failure for three different recipients in a row is not theirs: it is the modem's or the SIM's."""

    def __init__(self) -> None:
        self._code, self._recipients = "", set[str]()

    def over(self) -> None:
        """Something went well."""
        self._recipients.clear()

    def met(self, code: str, recipient: str) -> bool:
        """One more failure; whether it is the third of its kind."""
        if code != self._code:
            self._code = code
            self._recipients.clear()
        self._recipients.add(recipient)
        return len(self._recipients) >= IN_A_ROW
