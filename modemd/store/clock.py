"""The one clock: wall time that no step of the system's clock makes jump under a burning fuse."""

import time
from collections.abc import Callable

STEP = 1.0  # seconds; less is drift, and followed


class Clock:
    """Wall time, carried on by the monotonic clock between two calls of `follow`.

    A fuse is a duration: when the clock is set (a Pi without a battery gets its time minutes after the
    start), what burns must burn on, neither sent at once nor held for hours. Whoever calls `follow` moves
    the times in the store by what it returns, in the next job: jobs queued before it carry the old time
    and are moved with the rest, jobs after it carry the new one.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._ahead = wall() - monotonic()

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._monotonic() + self._ahead

    def follow(self) -> float:
        """Take over the system's clock; returns by how much it was set, 0.0 for mere drift."""
        step = self._wall() - self.now()
        self._ahead += step
        return step if abs(step) > STEP else 0.0
