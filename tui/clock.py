"""The daemon's clock, as far as it can be known from here: fuses are counted against it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from tui import times


class DaemonClock:
    """Learns the daemon's time once and again, and counts on with a clock that nobody can set."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
    ) -> None:
        self.monotonic = monotonic
        self.zone = zone
        self._at, self._told = monotonic(), wall()

    def learn(self, now: str) -> None:
        self._at, self._told = self.monotonic(), times.parse(now)

    def now(self) -> datetime:
        return self._told + timedelta(seconds=self.monotonic() - self._at)

    def here(self) -> datetime:
        """Now, on the wall of the person who looks."""
        return times.local(self.now(), self.zone)

    def local(self, stamp: str) -> datetime:
        return times.local(times.parse(stamp), self.zone)

    def left(self, stamp: str) -> float:
        """Seconds until then; negative once it has passed."""
        return (times.parse(stamp) - self.now()).total_seconds()
