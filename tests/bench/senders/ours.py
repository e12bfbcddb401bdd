"""modemd: the real daemon process, asked through its API over the Unix socket."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from modemd.api.client import ClientError, GatewayClient, over_socket
from tests.bench.senders.sender import Sender

_BATCH = 500


class Modemd(Sender):
    name = "modemd"
    configurations = ("open",)

    async def start(self) -> None:
        # sun_path holds 107 octets; the bench's folder may be longer.
        self._short = tempfile.TemporaryDirectory(prefix="modemd-")
        socket = str(Path(self._short.name) / "api.sock")
        config = self.folder / "config.toml"
        lines = ["[daemon]", f'state_dir = "{self.folder / "state"}"', f'socket = "{socket}"']
        lines += [f'search = ["{Path(self.ports[0]).parent}/*"]', "[policy]", f'profile = "{self.configuration}"']
        for index, port in enumerate(self.ports):
            lines += ["[[modem]]", f'name = "modem{index}"', f'port = "{port}"']
        config.write_text("\n".join(lines), "utf-8")
        await self.spawn(sys.executable, "-m", "modemd", "run", "--config", str(config))
        self.client = GatewayClient(over_socket(socket), where=socket)
        while not await self._ready():
            await asyncio.sleep(0.05)

    async def _ready(self) -> bool:
        try:
            return all(modem.state == "ready" for modem in await self.client.modems())
        except ClientError:
            return False

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        if len(recipients) == 1:
            await self.client.stage(recipients[0], text, fuse="0s")
            return
        for start in range(0, len(recipients), _BATCH):
            await self.client.stage_many(list(recipients[start : start + _BATCH]), text, fuse="0s")

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        await self.client.stop()
        yield
        await self.client.resume()

    async def stop(self) -> None:
        if self._processes:
            await self.client.close()
            self._short.cleanup()
        await super().stop()
