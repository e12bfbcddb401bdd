"""The plainest client of a modem port: octets written, octets awaited."""

import asyncio
import os
import re
import time
import tty
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

FINAL = re.compile(rb"(?:^|\r?\n)(OK|ERROR|\+CM[ES] ERROR: [^\r\n]*)\r?\n")


async def eventually(condition: Callable[[], object], timeout: float = 3.0) -> None:
    """Until it holds; for what nobody announces."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.to_thread(time.sleep, 0.002)


class Client:
    def __init__(self, port: Path | str) -> None:
        self._fd = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)
        self.buffer = b""
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    def _read(self) -> None:
        try:
            self.buffer += os.read(self._fd, 65536)
        except OSError:
            self._loop.remove_reader(self._fd)
        self._more.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    async def until(self, pattern: bytes | re.Pattern[bytes], timeout: float = 3.0) -> bytes:
        """Everything up to the end of the first match."""
        found = None
        async with asyncio.timeout(timeout):
            while not (found := re.search(pattern, self.buffer)):
                self._more.clear()
                await self._more.wait()
        taken, self.buffer = self.buffer[: found.end()], self.buffer[found.end() :]
        return taken

    async def ask(self, line: str, timeout: float = 3.0) -> list[str]:
        """The lines of the answer, the final result code last; empty ones and the echo left out."""
        self.write(line.encode() + b"\r")
        said = (await self.until(FINAL, timeout)).decode("latin-1")
        return [text for text in re.split(r"[\r\n]+", said) if text and text != line]

    async def body(self, pdu: str, length: int | None = None) -> None:
        """Up to the Ctrl-Z; the answer is not awaited."""
        octets = len(pdu) // 2 - 1 - int(pdu[:2], 16)
        self.write(f"AT+CMGS={octets if length is None else length}\r".encode())
        await self.until(rb"\r\n> $")
        self.write(pdu.encode() + b"\x1a")

    async def send(self, pdu: str, length: int | None = None) -> list[str]:
        await self.body(pdu, length)
        said = (await self.until(FINAL)).decode("latin-1")
        return [text for text in re.split(r"[\r\n]+", said) if text]
