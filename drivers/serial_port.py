"""The one file that opens a port."""

import asyncio
import errno
import fcntl
import os
import stat
import termios
from collections.abc import Callable
from contextlib import suppress

import serial

from drivers.errors import PortBusy, PortError, PortForbidden, PortMissing
from drivers.holders import PTY_MAJORS, group_of, holders
from drivers.words import N_

_BUFFER = 4096


class SerialPort:
    """An open port. Build anew to reopen; `on_bytes` and `on_lost` are called from the event loop."""

    def __init__(
        self,
        path: str,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[PortError], None],
        *,
        rtscts: bool = False,
        baud: int = 115200,
    ) -> None:
        self.path = path
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._loop = asyncio.get_running_loop()
        self._serial = _open(path, rtscts, baud)
        self._fd: int = self._serial.fileno()
        self._lost: PortError | None = None
        self._room: asyncio.Event | None = None
        self._loop.add_reader(self._fd, self._readable)

    def flow_control(self, rtscts: bool) -> None:
        """Raises PortError where the port does not take it."""
        if self._fd >= 0 and self._serial.rtscts != rtscts:
            try:
                self._serial.rtscts = rtscts
            except (OSError, termios.error) as error:
                raise PortError(N_("{path} is gone: {why}."), path=self.path, why=str(error)) from error

    async def write(self, data: bytes, *, timeout: float = 5.0) -> None:
        """Write all of it. Raises PortError when the port is lost or the modem takes no more."""
        try:
            written = self._write_now(data)
            if written < len(data):
                async with asyncio.timeout(timeout):
                    while written < len(data):
                        await self._has_room()
                        written += self._write_now(data[written:])
        except (TimeoutError, OSError) as error:
            lost = PortError(N_("{path} takes no more bytes."), path=self.path)
            if self._fd >= 0:
                with suppress(termios.error):  # closing would wait for what cannot go out
                    termios.tcflush(self._fd, termios.TCOFLUSH)
            self._lose(lost)
            raise lost from error

    def _write_now(self, data: bytes) -> int:
        if self._lost:
            raise self._lost
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    async def _has_room(self) -> None:
        self._room = asyncio.Event()
        self._loop.add_writer(self._fd, self._room.set)
        try:
            await self._room.wait()
        finally:
            if self._fd >= 0:
                self._loop.remove_writer(self._fd)

    def close(self) -> None:
        """Give the port back. May be called twice."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._fd = -1
            self._lost = self._lost or PortError(N_("{path} is closed."), path=self.path)
            if self._room:
                self._room.set()
            self._serial.close()

    def _readable(self) -> None:
        try:
            chunk = os.read(self._fd, _BUFFER)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(PortError(N_("{path} is gone: {why}."), path=self.path, why=error.strerror))
            return
        if chunk:
            self._on_bytes(chunk)
        else:
            self._lose(PortError(N_("{path} is gone: {why}."), path=self.path, why="EOF"))

    def _lose(self, error: PortError) -> None:
        if self._lost is None:
            self._lost = error
            self.close()
            self._on_lost(error)


def _open(path: str, rtscts: bool, baud: int) -> serial.Serial:
    try:
        port = serial.Serial(path, baud, timeout=0, write_timeout=5, rtscts=rtscts, exclusive=True)
    except serial.SerialException as error:
        raise _explain(path, error.errno, str(error)) from error
    except (OSError, termios.error) as error:
        code = error.errno if isinstance(error, OSError) else error.args[0]
        raise _explain(path, code, str(error)) from error
    if os.major(os.fstat(port.fileno()).st_rdev) not in PTY_MAJORS:
        # Keeps out programs that do not know of advisory locks. On a pty it would outlive a kill.
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
    return port


def _explain(path: str, code: int | None, words: str) -> PortError:
    if code in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in words:
        if found := holders(path):
            return PortBusy(N_("{path} is in use by {holder}: stop that program."), path=path, holder=found[0])
        return PortBusy(N_("{path} is in use by another program: stop that program."), path=path)
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV) or not os.path.exists(path):
        return PortMissing(N_("{path} is not there: is the modem plugged in?"), path=path)
    if code in (errno.EACCES, errno.EPERM):
        group = group_of(path)
        return PortForbidden(
            N_("This user may not open {path}: add it to the group {group} (usermod -aG {group} USER)."),
            path=path,
            group=group,
        )
    # pyserial gives the error number of tcgetattr in its words alone.
    if code == errno.ENOTTY or f"({errno.ENOTTY}," in words or not stat.S_ISCHR(os.stat(path).st_mode):
        return PortMissing(N_("{path} is no serial port."), path=path)
    why = os.strerror(code) if code else words
    return PortError(N_("{path} would not open: {why}."), path=path, why=why)
