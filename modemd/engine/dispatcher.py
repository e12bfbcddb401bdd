"""Gives queued messages to free modems: each to one, the oldest first."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from modemd.model.message import Message
from modemd.store import transmit
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_LONGEST_SLEEP = 60.0  # seconds
_STORE_PAUSE = 1.0


class Dispatcher:
    """A claim is a lease in memory: the message stays `queued` to every eye until its part is marked."""

    def __init__(self, store: Store, resend: Sequence[str] = ()) -> None:
        """`resend`: categories of which a second copy is better than none."""
        self._store, self._resend = store, resend
        self._free: dict[str, asyncio.Future[Message]] = {}
        self._claimed: set[int] = set()
        self._wake = asyncio.Event()
        self.alive: Callable[[float], None] = lambda waits: None  # told at every round, see modemd.notify

    def notify(self) -> None:
        """Something was queued, or may be again."""
        self._wake.set()

    @asynccontextmanager
    async def claim(self, modem: str) -> AsyncIterator[Message]:
        """Wait for a message for this modem, and keep others off it."""
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._free[modem] = future
        self.notify()
        try:
            yield await future
        finally:
            self._free.pop(modem, None)
            if future.done() and not future.cancelled():
                self._claimed.discard(future.result().id)
                self.notify()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            self.alive(_LONGEST_SLEEP)
            try:
                await self._sleep(await self._hand_out())
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
                await asyncio.sleep(_STORE_PAUSE)

    async def _hand_out(self) -> float | None:
        """Give what can be given; returns when there may be more, None: not before a modem is free or told so."""
        free, claimed, now = list(self._free), set(self._claimed), self._store.clock.now()
        if not free:
            return None
        run = self._store.run if self._resend else self._store.read
        found, more_at = await run(transmit.hand_out, free, claimed, now, self._resend)
        for message in found:
            self._give(message)
        return more_at

    def _give(self, message: Message) -> None:
        modem = message.modem or next(iter(self._free), None)
        if modem is None or modem not in self._free or message.id in self._claimed:
            return
        future = self._free.pop(modem)
        if not future.done():
            self._claimed.add(message.id)
            future.set_result(message)

    async def _sleep(self, until: float | None) -> None:
        timeout = _LONGEST_SLEEP if until is None else min(max(until - self._store.clock.now(), 0.0), _LONGEST_SLEEP)
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            pass
