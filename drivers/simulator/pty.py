"""A pty whose other end programs open as a modem port, under a stable name."""

import asyncio
import os
import pty
import termios
import tty
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from drivers.simulator.errors import SimulatorError

READ_SIZE = 4096
MOST_WAITING = 1 << 18  # octets; nobody reads: what comes later is lost, as on a real port


class Pty:
    """One plugged-in port. The slave stays open here, so that clients may come and go."""

    def __init__(self, link: Path, receive: Callable[[bytes], None]) -> None:
        self.link = link
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        if link.exists() and not link.is_symlink():
            raise SimulatorError(f"{link} is there already, and no port of a simulator.")
        try:
            self._master, self._slave = pty.openpty()
        except OSError as error:
            raise SimulatorError("The system has no more pseudo-terminals to give.") from error
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self._waiting: deque[bytes] = deque()
        self._gap = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._point_link()
        self._loop.add_reader(self._master, self._readable)

    def _point_link(self) -> None:
        """Rename over what is there: the name never dangles."""
        fresh = self.link.with_name(f".{self.link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.link)

    def write(self, data: bytes, packets: int | None = None, gap: float = 0.0) -> None:
        """Send, whole or in packets of so many octets with a gap (seconds) between them."""
        if not self._waiting and not packets:
            data = self._write_now(data)
        if not data or sum(map(len, self._waiting)) > MOST_WAITING:
            return
        size = packets or len(data)
        self._waiting += (data[i : i + size] for i in range(0, len(data), size))
        self._gap = gap
        self._write_next()

    def _write_now(self, data: bytes) -> bytes:
        """What could not be written yet."""
        try:
            return data[os.write(self._master, data) :]
        except BlockingIOError:
            return data

    def _write_next(self) -> None:
        self._loop.remove_writer(self._master)
        if self._timer is not None or not self._waiting:
            return
        if rest := self._write_now(self._waiting.popleft()):
            self._waiting.appendleft(rest)
            self._loop.add_writer(self._master, self._write_next)
        elif self._waiting:
            self._timer = self._loop.call_later(self._gap, self._after_gap)

    def _after_gap(self) -> None:
        self._timer = None
        self._write_next()

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            self._receive(os.read(self._master, READ_SIZE))

    def close(self) -> None:
        """Pulled out: clients get an I/O error, the name is gone."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        with suppress(OSError):
            if self.link.readlink() == Path(os.ttyname(self._slave)):
                self.link.unlink()
        os.close(self._slave)
        os.close(self._master)
