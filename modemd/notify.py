"""Tells systemd how we are (sd_notify(3)), and feeds its watchdog while every owner task makes progress."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from functools import partial

logger = logging.getLogger(__name__)

# A task's sign of life. The number: for how many seconds it may now wait for what is not in its hands.
Beat = Callable[[float], None]

_PERIOD = 60.0  # seconds, where systemd names none
_PATIENCE = 1.0  # seconds for systemd to take a datagram


def notify(*lines: str) -> None:
    """Tell systemd, where it asked to be told: READY=1, STOPPING=1, WATCHDOG=1, STATUS=…"""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as target:
            target.settimeout(_PATIENCE)
            target.sendto("\n".join(lines).encode(), address)
    except OSError as error:
        logger.warning("systemd does not hear %s: %s", lines[0], error)


def _period() -> float:
    """Seconds within which systemd wants to hear of us (sd_watchdog_enabled(3))."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return _PERIOD
    return float(os.environ.get("WATCHDOG_USEC", 0)) / 1e6 or _PERIOD


class Watchdog:
    """Knows when each owner task must be heard of next.

    A task says at every round that it goes on, and for how long it may wait before the next one: until a fuse ends,
    or for a +CMGS, which may take minutes. What it promised longest holds. Beyond that it has one period of the
    watchdog; after it the watchdog goes unfed, and systemd restarts the whole.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.period = _period()
        self._clock = clock
        self._due: dict[str, float] = {}
        self._said = ""

    def watch(self, name: str) -> Beat:
        """From now on `name` must be heard of; returns how."""
        beat = partial(self._beat, name)
        beat(0.0)
        return beat

    def _beat(self, name: str, waits: float) -> None:
        due = self._clock() + waits + self.period
        self._due[name] = max(due, self._due.get(name, due))

    def overdue(self) -> list[str]:
        """Who should have been heard of by now."""
        now = self._clock()
        return sorted(name for name, due in self._due.items() if due < now)

    async def feed(self, status: Callable[[], str]) -> None:
        """Until cancelled. `status`: a line about the daemon, shown by `systemctl status`."""
        while True:
            self.look(status())
            await asyncio.sleep(self.period / 3)

    def look(self, status: str) -> None:
        """Feed, unless somebody is overdue; a change is said."""
        overdue = ", ".join(self.overdue())
        say = f"STATUS=No sign of life: {overdue}" if overdue else f"STATUS={status}"
        news = [say] if say != self._said else []
        if overdue and news:
            logger.error("no sign of life from %s: the watchdog is not fed until there is one", overdue)
        self._said = say
        if not overdue:
            notify("WATCHDOG=1", *news)
        elif news:
            notify(*news)
