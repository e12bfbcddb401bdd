"""The daemon without its engine: a store, the desk and the API, asked without a socket."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from modemd.api.app import build_app
from modemd.api.client import GatewayClient
from modemd.api.gateway import Gateway
from modemd.checks.table import examine
from modemd.config import Config, ModemConfig
from modemd.engine.status import ModemStatus
from modemd.model.actor import EVERYTHING, Actor
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding
from modemd.staging.desk import Desk
from modemd.store.database import Store

TOKEN = "0123456789abcdef0123456789abcdef"
CONFIG = Config(fuse=600.0, modems=(ModemConfig("north", "/dev/ttyUSB2"), ModemConfig("south", "/dev/ttyUSB5")))
ANN, ROBERT = Actor("ann", "uid:4001", roles=EVERYTHING), Actor("bob", "uid:4002", roles=EVERYTHING)
LOCAL, REMOTE = ("uid:0", 1), ("192.0.2.7", 4711)
ALICE, BOB = "+447700900001", "+447700900002"


class Site:
    def __init__(
        self, store: Store, config: Config = CONFIG, checks: Callable[[Candidate], list[Finding]] = examine
    ) -> None:
        self.store = store
        self.woken = 0
        self.modems: list[ModemStatus] = []
        self.desk = Desk(config, store, self._wake, checks)
        self.gateway = Gateway(config, store, self.desk, modems=lambda: self.modems, token=TOKEN)
        store.committed = self.gateway.changes.ring
        self.app = build_app(self.gateway)
        self.http = self.door(LOCAL)
        self.client = GatewayClient(self.transport(LOCAL))

    def _wake(self) -> None:
        self.woken += 1

    def transport(self, peer: tuple[str, int]) -> httpx.ASGITransport:
        return httpx.ASGITransport(self.app, client=peer, raise_app_exceptions=False)

    def door(self, peer: tuple[str, int], **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport(peer), base_url="http://modemd", headers=headers)

    def configured(self, **changes: Any) -> "Site":
        """The same store behind another configuration."""
        return Site(self.store, replace(CONFIG, **changes))

    async def stage(self, to: str = ALICE, text: str = "Hello", **rest: Any) -> dict[str, Any]:
        answer = await self.http.post("/v1/messages", json={"to": to, "text": text, **rest})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def close(self) -> None:
        await self.http.aclose()
        await self.client.close()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a no, checked for what every no has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    return body
