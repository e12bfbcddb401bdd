"""Kannel: a bearerbox for all modems, and the smsbox that takes messages by HTTP."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import ExitStack

import httpx

from tests.bench.senders.sender import Sender

_FAST = """
sms-resend-freq = 2
sms-resend-retry = 3
"""
_FAST_MODEM = """
enable-mms = true
sendline-sleep = 0
"""


class Kannel(Sender):
    name = "kannel"
    needs = {"bearerbox": "kannel", "smsbox": "kannel"}  # noqa: RUF012

    async def start(self) -> None:
        fast = self.configuration == "fast"
        admin, boxes, http = free_ports(3)
        spool = self.folder / "spool"
        spool.mkdir()
        groups = [
            f"group = core\nadmin-port = {admin}\nadmin-password = bench\nsmsbox-port = {boxes}\n"
            'box-deny-ip = "*.*.*.*"\nbox-allow-ip = "127.0.0.1"\n'
            f"store-type = spool\nstore-location = {spool}\nlog-file = {self.folder / 'log'}{_FAST if fast else ''}",
            f'group = modems\nid = generic\nname = "generic"{_FAST_MODEM if fast else ""}',
            f"group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {http}\nglobal-sender = 447700900123",
            "group = sendsms-user\nusername = bench\npassword = bench\nconcatenation = true\nmax-messages = 10",
            'group = sms-service\nkeyword = default\nmax-messages = 0\ntext = ""',
        ]
        for index, port in enumerate(self.ports):
            groups += [
                f"group = smsc\nsmsc = at\nsmsc-id = m{index}\nmodemtype = generic\ndevice = {port}\nspeed = 115200"
            ]
        config = self.folder / "kannel.conf"
        config.write_text("\n\n".join(groups) + "\n")
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}", trust_env=False)
        await self.spawn("bearerbox", str(config))
        await answers(boxes)
        await self.spawn("smsbox", str(config))
        await answers(http)

    async def enqueue(self, recipients: Sequence[str], text: str) -> None:
        for recipient in recipients:
            asked = {"username": "bench", "password": "bench", "to": recipient, "text": text}
            (await self._http.get("/cgi-bin/sendsms", params=asked)).raise_for_status()

    async def stop(self) -> None:
        if self._processes:
            await self._http.aclose()
        await super().stop()


def free_ports(wanted: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(wanted)]
        return [int(each.getsockname()[1]) for each in sockets]


async def answers(port: int) -> None:
    """Until somebody listens there."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
