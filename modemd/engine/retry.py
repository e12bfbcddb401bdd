"""What a failure means for the message that met it. Pure."""

from dataclasses import dataclass
from enum import Enum

from drivers.at.results import Kind, code_of, meaning
from drivers.errors import CmsError, CommandError

BACKOFF = (60.0, 300.0, 1800.0)  # seconds, per message
MODEM_PAUSE = 30.0  # the message is as good as before; another modem may take it at once
SLOW = 30.0  # an "unknown error" that takes this long may follow a message that left


class Fate(Enum):
    AGAIN = "back to the queue"
    NEVER = "it will not go"
    UNCERTAIN = "it may have left"


@dataclass(frozen=True)
class Verdict:
    fate: Fate
    code: str
    after: float = 0.0  # seconds until it may be tried again
    modem_is_unwell: bool = False


def judge(error: CommandError, *, after_body: bool, attempts: int, took: float) -> Verdict:
    """`attempts` counts this one; `took` is in seconds from Ctrl-Z. Before the body nothing was sent."""
    code, kind = code_of(error), meaning(error).kind
    slow_unknown = isinstance(error, CmsError) and error.code == 500 and took >= SLOW
    if after_body and (kind is Kind.UNKNOWN or slow_unknown):
        return Verdict(Fate.UNCERTAIN, code)
    match kind:
        case Kind.PERMANENT:
            return Verdict(Fate.NEVER, code)
        case Kind.MODEM | Kind.SIM:
            return Verdict(Fate.AGAIN, code, MODEM_PAUSE, modem_is_unwell=True)
        case _ if attempts > len(BACKOFF):
            return Verdict(Fate.NEVER, code)
        case _:
            return Verdict(Fate.AGAIN, code, BACKOFF[attempts - 1])
