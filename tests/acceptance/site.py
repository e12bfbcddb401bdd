"""A whole site for a test: simulated modems, the real daemon process, and its client."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.pdu import Direction, Submit, decode
from drivers.simulator.network import Accepted
from drivers.simulator.simulator import Simulator
from modemd.api.client import ClientError, GatewayClient, over_socket
from modemd.api.schema import MessageView

NAMES = ("north", "south", "east", "west", "up", "down", "left", "right")
_SETTLED = ("submitted", "delivered", "undelivered", "cancelled", "expired", "failed", "uncertain", "held")


class Site:
    """Judge by `accepted`: what the simulated network took, whatever anybody says."""

    def __init__(
        self,
        folder: Path,
        *,
        modems: int = 1,
        delay: float = 0.02,
        report_delay: float = 0.05,
        modem: str = "",
        spare: int = 0,
        policy: str = "",
        start: bool = True,
        seed: int = 1,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # sun_path holds 107 octets; pytest's folders may be longer.
        self._short = tempfile.TemporaryDirectory(prefix="modemd-")
        self.socket = Path(self._short.name) / "api.sock"
        self._client: GatewayClient | None = None
        self.names = (*NAMES, *(f"modem{index}" for index in range(len(NAMES), modems)))[:modems]
        self.sim = Simulator(folder / "sim", modems + spare, delay, report_delay, seed=seed)
        self.config = folder / "config.toml"
        self.process: asyncio.subprocess.Process | None = None
        self.environment = {"PYTHONWARNINGS": "default", "LANG": "C.UTF-8"}  # besides ours
        self._modem = modem  # lines for each [[modem]]
        self._policy = policy  # lines for [policy]
        self._start = start

    @property
    def client(self) -> GatewayClient:
        assert self._client is not None
        return self._client

    @property
    def database(self) -> Path:
        return self.folder / "state" / "modemd.db"

    @property
    def accepted(self) -> list[Accepted]:
        return self.sim.network.accepted

    def parts_taken(self) -> Counter[tuple[str, int]]:
        """How often the network took each (text, sequence)."""
        return Counter((each.text or "", sequence_of(each)) for each in self.accepted)

    async def __aenter__(self) -> Self:
        await self.sim.__aenter__()
        self.write_config()
        try:
            if self._start:
                await self.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            await self.terminate()
        await self.sim.__aexit__(kind, value, trace)
        self._short.cleanup()

    def write_config(self) -> None:
        lines = [
            "[daemon]",
            f'state_dir = "{self.folder / "state"}"',
            f'socket = "{self.socket}"',
            f'search = ["{self.sim.directory}/*"]',
            "[staging]",
            'fuse = "10s"',
            "[policy]",
            self._policy,
        ]
        for name, port in zip(self.names, self.sim.ports, strict=False):
            lines += ["[[modem]]", f'name = "{name}"', f'port = "{port}"', self._modem]
        self.config.write_text("\n".join(lines), "utf-8")

    async def start(self, *, ready: bool = True) -> None:
        """Start the daemon, and wait until its modems can send."""
        await self.spawn()
        assert await self.comes_up(), (self.folder / "daemon.log").read_text()
        if ready:
            await self.until(self.all_ready)

    async def spawn(self) -> None:
        """The daemon's process alone."""
        self.log = (self.folder / "daemon.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
            env=os.environ | self.environment,
        )

    @property
    def command(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "modemd", "run", "--config", str(self.config))

    async def comes_up(self) -> bool:
        """False: it ended instead."""
        assert self.process is not None
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 20)
        if b"ready" not in line:
            await self.process.wait()
            self._gone()
            return False
        self._client = GatewayClient(over_socket(str(self.socket)), where=str(self.socket))
        return True

    async def all_ready(self) -> bool:
        return all(modem.state == "ready" for modem in await self.client.modems())

    async def until(self, condition: Callable[[], object], timeout: float = 20.0) -> None:
        """Ask again and again: the one place where a test waits for the world."""
        async with asyncio.timeout(timeout):
            while True:
                answer = condition()
                if asyncio.iscoroutine(answer):
                    answer = await answer
                if answer:
                    return
                await asyncio.sleep(0.01)

    async def settled(self, id: int, timeout: float = 20.0) -> MessageView:
        """The message once it has left, or will not."""
        return await self.reaches(id, *_SETTLED, timeout=timeout)

    async def reaches(self, id: int, *states: str, timeout: float = 20.0) -> MessageView:
        found: list[MessageView] = []

        async def there() -> bool:
            found[:] = [await self.client.message(id)]
            return found[0].state in states

        await self.until(there, timeout)
        return found[0]

    async def terminate(self, within: float = 5.5) -> int:
        """SIGTERM; returns the exit status. Must end within five seconds."""
        assert self.process is not None
        await self._hang_up()
        if self.process.returncode is None:
            self.process.terminate()
        try:
            return await asyncio.wait_for(self.process.wait(), within)
        finally:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
            self._gone()

    async def kill(self) -> None:
        """kill -9, as a power cut for the process."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self._hang_up()
        self._gone()

    def _gone(self) -> None:
        assert self.process is not None
        transport = self.process._transport  # type: ignore[attr-defined]  # leaves its pipe open otherwise
        transport.close()
        self.process = None
        self.log.close()

    async def _hang_up(self) -> None:
        if self._client is not None:
            with contextlib.suppress(ClientError):
                await self._client.close()
            self._client = None


def sequence_of(accepted: Accepted) -> int:
    tpdu = decode("00" + accepted.tpdu, Direction.TO_NETWORK)
    assert isinstance(tpdu, Submit)
    return tpdu.concat.sequence if tpdu.concat else 1
