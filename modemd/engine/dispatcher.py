"""Gives queued messages to free modems: each to one, the oldest first."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from modemd.model.message import Message
from modemd.store import transmit
from modemd.store.database import Store


class Dispatcher:
    """A claim is a lease in memory: the message stays `queued` to every eye until its part is marked."""

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store, self._now = store, now
        self._free: dict[str, asyncio.Future[Message]] = {}
        self._claimed: set[int] = set()
        self._wake = asyncio.Event()

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
            now = self._now()
            free = list(self._free)
            if free:
                found = await self._store.run(transmit.claimable, free, set(self._claimed), now)
                for message in found:
                    self._give(message)
            await self._sleep(await self._store.run(transmit.next_retry, now))

    def _give(self, message: Message) -> None:
        modem = message.modem or next(iter(self._free), None)
        if modem is None or modem not in self._free or message.id in self._claimed:
            return
        future = self._free.pop(modem)
        if not future.done():
            self._claimed.add(message.id)
            future.set_result(message)

    async def _sleep(self, until: float | None) -> None:
        timeout = None if until is None else max(0.0, min(until - self._now(), 60.0))
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            pass
