"""A bare loop on python-gsmmodem-new, one process a modem: what one writes in an afternoon."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from tests.bench.senders.sender import Sender, put

_SCRIPT = Path(__file__).with_name("bare_loop.py")


class Bare(Sender):
    name = "bare loop"
    configurations = ("fast",)

    async def start(self) -> None:
        self._turn = count()
        for index, port in enumerate(self.ports):
            spool = self.folder / f"m{index}" / "spool"
            spool.mkdir(parents=True)
            await self.spawn(sys.executable, "-W", "ignore", str(_SCRIPT), port, str(spool))

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        for recipient in recipients:
            turn = next(self._turn)
            put(self.folder / f"m{turn % len(self.ports)}" / "spool", f"{turn:06}", f"{recipient}\n{text}")

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)
        yield
        for pid in self.pids():
            os.kill(pid, signal.SIGCONT)
