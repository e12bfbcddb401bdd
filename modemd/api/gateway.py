"""What the handlers stand on: the daemon's parts, and who is asking."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from drivers.words import N_, Sentence
from modemd.api import views
from modemd.api.door import ACTOR
from modemd.api.errors import language_of
from modemd.api.identity import Identities
from modemd.api.schema import BackupView, ModemView
from modemd.config import Config
from modemd.engine import status
from modemd.engine.status import ModemStatus
from modemd.engine.supervisor import Supervisor
from modemd.engine.traces import Traces
from modemd.model.actor import Actor
from modemd.model.errors import Invalid
from modemd.model.message import Message
from modemd.staging.desk import Desk
from modemd.store import line, messages, quota
from modemd.store.checkpoint import Checkpoints
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


async def _no_look(modem: str) -> None:
    """There is no engine to ask."""


@dataclass
class Gateway:
    """`changes` rings when something was written.

    `look` asks a modem for its signal now. Raises DriverError.
    """

    config: Config
    store: Store
    desk: Desk
    modems: Callable[[], list[ModemStatus]]
    look: Callable[[str], Awaitable[None]] = _no_look
    token: str | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)
    checkpoints: Checkpoints | None = None
    supervisors: list[Supervisor] = field(default_factory=list)
    traces: Traces = field(default_factory=lambda: Traces(Path(os.devnull), {}))
    backup: BackupView = field(default_factory=lambda: BackupView("none"))
    changes: Bell = field(default_factory=Bell)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def identities(self) -> Identities:
        return Identities(self.desk.people, self.token, self.tokens)

    def supervisor(self, name: str) -> Supervisor:
        """Raises Invalid."""
        for each in self.supervisors:
            if each.config.name == name:
                return each
        known = ", ".join(each.config.name for each in self.supervisors) or "-"
        raise Invalid(N_('There is no modem "{modem}"; there is: {known}.'), modem=name[:40], known=known)

    async def waits_for(self, message: Message) -> tuple[str, Sentence] | None:
        """What a queued message waits for, as (code, sentence); None: for its turn."""
        if await self.store.run(line.is_stopped):
            return "line_stopped", Sentence(N_("The line is stopped: nothing leaves until somebody lets it run again."))
        able = [state for state in self.modems() if message.modem in (None, state.name)]
        if not able:
            return "no_modem", Sentence(N_("No modem of that name is configured any more: edit it, or cancel it."))
        if any(state.state in (status.READY, status.BUSY) for state in able):
            return None
        return f"modem_{able[0].state}", Sentence("{name}: {why}", {"name": able[0].name, "why": able[0].sentence})

    async def modem_views(self, language: str, since: float) -> list[ModemView]:
        found = []
        for state in self.modems():
            queue = await self.store.run(messages.queue_length, state.name)
            today = await self.store.run(messages.sent_since, state.sim, since)
            used = await self.store.run(quota.used, state.sim, state.quota, self.store.clock.now())
            found.append(views.modem(state, language, queue=queue, sent_today=today, quota=used))
        return found


# Asynchronous though they wait for nothing: FastAPI would carry plain functions to a thread.


async def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


async def actor_of(request: Request) -> Actor:
    """Who asks, as the door has found out."""
    who: Actor = request.scope[ACTOR]
    return who


async def author_of(who: Annotated[Actor, Depends(actor_of)]) -> str:
    """The login name behind the socket, or that of a token."""
    return who.name


async def _language_of(request: Request) -> str:
    return language_of(request)


Daemon = Annotated[Gateway, Depends(gateway_of)]
Who = Annotated[Actor, Depends(actor_of)]
Author = Annotated[str, Depends(author_of)]
Language = Annotated[str, Depends(_language_of)]
Documented = dict[int | str, dict[str, Any]]
