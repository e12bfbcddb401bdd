"""Rings become calls: each is written down once, and hung up unless it may ring."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drivers.modem import Modem
from modemd.model.display import masked
from modemd.store import inbox
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_QUIET = 10.0  # seconds without a ring that end a call; networks ring every five or six
_NAMED_WITHIN = 2.0  # +CLIP follows the first RING


@dataclass
class _Call:
    caller: str | None = None
    named: asyncio.Event = field(default_factory=asyncio.Event)
    rang_at: float = 0.0  # monotonic
    is_being_answered: bool = False
    is_told: bool = False


class Calls:
    def __init__(
        self,
        modem: Modem,
        name: str,
        store: Store,
        record: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]],
        *,
        hang_up: bool,
    ) -> None:
        self._modem, self._name, self._store, self._record = modem, name, store, record
        self._hang_up = hang_up
        self._call = _Call(rang_at=-_QUIET)

    def rings(self, caller: str | None) -> Callable[[], Awaitable[None]] | None:
        """A RING (None) or its +CLIP. Returns what is to be done about it, if that is not under way."""
        call, now = self._call, time.monotonic()
        if now - call.rang_at >= _QUIET or (caller and call.caller and caller != call.caller):
            call = self._call = _Call()
        call.rang_at = now
        if caller:
            call.caller = caller
            call.named.set()
        if call.is_being_answered or (call.is_told and not self._hang_up):
            return None
        call.is_being_answered = True
        return partial(self._answer, call)

    async def _answer(self, call: _Call) -> None:
        """Hung up first: some modems send nothing while it rings. One that goes on ringing is hung up again."""
        try:
            async with asyncio.timeout(_NAMED_WITHIN):
                await call.named.wait()
        except TimeoutError:
            pass
        try:
            if self._hang_up:
                await self._modem.hang_up()
        finally:
            call.is_being_answered = False
            if not call.is_told:
                call.is_told = True
                await self._write_down(call.caller)

    async def _write_down(self, caller: str | None) -> None:
        logger.info("call modem=%s from=%s", self._name, masked(caller or inbox.NOBODY))
        now = self._store.clock.now()
        await self._record(
            lambda: self._store.run(inbox.add_call, caller, now, modem=self._name, hung_up=self._hang_up)
        )
