"""What the speed bench asks of anything that sends: ours, another daemon, a bare script."""

import asyncio
import contextlib
import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from tests.bench.process import pids_of

_PATH = "/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/usr/local/sbin"  # daemons lie where no user's PATH goes
_TO_STOP = 8.0  # seconds, before it is killed


class Ended(Exception):
    """A process of a sender that should run does not."""


class Sender(ABC):
    """One of a kind, in one of its configurations: start it on ports, hand it messages, stop it."""

    name: ClassVar[str]
    needs: ClassVar[Mapping[str, str]] = {}  # program or file: the Debian package that has it
    configurations: ClassVar[tuple[str, ...]] = ("fast", "default")

    def __init__(self, folder: Path, ports: Sequence[str], configuration: str) -> None:
        assert configuration in self.configurations
        self.folder = folder
        self.ports = ports
        self.configuration = configuration
        self._processes: list[asyncio.subprocess.Process] = []
        self._log = (folder / "output").open("ab")

    @classmethod
    def missing(cls) -> list[str]:
        """The packages that are not installed."""
        return [package for what, package in cls.needs.items() if shutil.which(what, path=_PATH) is None]

    @abstractmethod
    async def start(self) -> None:
        """It may go on waking up afterwards; what is enqueued meanwhile waits."""

    @abstractmethod
    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        """As its users do; a crash afterwards loses none."""

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """It sends nothing in here. Those that take a second a message need no holding while messages are put in."""
        yield

    async def stop(self) -> None:
        family = pids_of(process.pid for process in self._processes)
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TO_STOP):
                for process in self._processes:
                    await process.wait()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._processes:
            await process.wait()
        self._log.close()

    def check(self) -> None:
        """Raises Ended."""
        for process in self._processes:
            if process.returncode is not None:
                raise Ended(f"a process of {self.name} ended with {process.returncode}")

    def pids(self) -> list[int]:
        return pids_of(process.pid for process in self._processes)

    async def spawn(self, *command: str) -> None:
        program = shutil.which(command[0], path=_PATH) or command[0]
        process = await asyncio.create_subprocess_exec(
            program,
            *command[1:],
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=os.environ | {"LANG": "C.UTF-8"},
        )
        self._processes.append(process)


def put(folder: Path, name: str, text: str) -> None:
    """A file into a spool folder at once, as the manuals of such daemons want it."""
    fresh = folder.parent / f".{name}"
    fresh.write_text(text)
    fresh.rename(folder / name)
