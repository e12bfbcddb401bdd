"""How a modem that does not do its work is brought back: one step a minute, and not for ever. Pure."""

from collections.abc import Collection
from enum import Enum

from drivers.words import N_

HALF_AN_HOUR = 1800.0  # seconds from the first forceful step to the next first one


class Rung(Enum):
    """From the gentlest. Each is followed by opening the port and setting everything up anew."""

    REOPEN = "reopen"  # with ESC and AT, until both are in step
    RADIO = "radio"
    RESET = "reset"
    REPLUG = "replug"


SENTENCES = {
    Rung.REOPEN: N_("The modem does not respond as it should: its port is opened anew."),
    Rung.RADIO: N_("The modem does not respond as it should: its radio is switched off and on."),
    Rung.RESET: N_("The modem does not respond as it should: it is told to restart."),
    Rung.REPLUG: N_("The modem does not respond as it should: its USB port is switched off and on."),
}
EXHAUSTED = N_("The modem does not respond, and no restart has helped: unplug it and plug it in again.")


class Ladder:
    """`every`: seconds between two steps. Times are monotonic."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._next = 0
        self._began = self._last = float("-inf")
        self.exhausted = False

    def well(self) -> None:
        """The modem works: the next fault begins below. How often it is forced is bounded all the same."""
        self._next, self.exhausted = 0, False

    def climb(self, now: float, possible: Collection[Rung]) -> Rung | None:
        """The step to take now; None when it is too early for one, or all were taken."""
        if now - self._last < self._every:
            return None
        steps = [rung for rung in Rung if rung in possible]
        if self._next >= len(steps):
            self.exhausted, self._next = True, 1
        forceful = self._next == 1
        if self._next >= len(steps) or (forceful and now - self._began < HALF_AN_HOUR):
            return None
        if forceful:
            self._began = now
        self._last = now
        self._next += 1
        return steps[self._next - 1]
