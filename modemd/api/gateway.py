"""What the handlers stand on: the daemon's parts, and who is asking."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from modemd.api import views
from modemd.api.errors import language_of
from modemd.api.identity import name_of
from modemd.api.schema import BackupView, ModemView
from modemd.config import Config
from modemd.engine.status import ModemStatus
from modemd.engine.traces import Traces
from modemd.staging.desk import Desk
from modemd.store import messages
from modemd.store.database import Store


class Bell:
    """Wakes everybody who waits; who does not wait misses nothing, for the store has it."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def ring(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


@dataclass
class Gateway:
    """`changes` rings when something was written; `resumed` tells the queue that the line runs again."""

    config: Config
    store: Store
    desk: Desk
    modems: Callable[[], list[ModemStatus]]
    resumed: Callable[[], None]
    token: str | None = None
    traces: Traces = field(default_factory=lambda: Traces(Path(os.devnull), {}))
    backup: BackupView = field(default_factory=lambda: BackupView("none"))
    changes: Bell = field(default_factory=Bell)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def modem_views(self, language: str, since: float) -> list[ModemView]:
        found = []
        for state in self.modems():
            queue = await self.store.run(messages.queue_length, state.name)
            today = await self.store.run(messages.sent_since, state.sim, since)
            found.append(views.modem(state, language, queue=queue, sent_today=today))
        return found


# Asynchronous though they wait for nothing: FastAPI would carry plain functions to a thread.


async def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


async def author_of(request: Request) -> str:
    """The login name behind the socket; whoever came by TCP has shown the token at the door."""
    client = (request.client.host, request.client.port) if request.client else None
    return name_of(client) or "token"


async def _language_of(request: Request) -> str:
    return language_of(request)


Daemon = Annotated[Gateway, Depends(gateway_of)]
Author = Annotated[str, Depends(author_of)]
Language = Annotated[str, Depends(_language_of)]
Documented = dict[int | str, dict[str, Any]]
