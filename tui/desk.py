"""What every screen shows of the daemon, and the one line that reaches it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tui import roles
from tui.clock import DaemonClock
from tui.errors import Away, Declined

if TYPE_CHECKING:
    from datetime import datetime

    from modemd.api.client import GatewayClient
    from modemd.api.schema import EventView, OutboxView
    from tui.answers import Notice

T = TypeVar("T")

# Events are shown together, a few times a second.
COALESCE = 0.25
FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0


@dataclass(frozen=True)
class Change:
    """What happened since the screens were last told. `kinds` are those of events."""

    kinds: frozenset[str]
    messages: frozenset[int]
    back: bool = False  # the daemon was away, or has just been found

    def touches(self, *kinds: str) -> bool:
        return self.back or not self.kinds.isdisjoint(kinds)


class Desk:
    """State that the screens share. It decides nothing: the daemon does."""

    def __init__(self, connect: Callable[[], GatewayClient], clock: DaemonClock, *, pace: float = 1.0) -> None:
        self._connect = connect
        self._client: GatewayClient | None = None
        self.clock = clock
        self.outbox: OutboxView | None = None
        self.away_since: datetime | None = None
        self.away_sentence = ""
        self.notice: Notice | None = None
        self._pace = pace
        self._last: int | None = None
        self._heard: list[EventView] = []
        self._back = False
        self._wake = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None
        self._tell: Callable[[Change], None] = lambda change: None

    def rest(self, seconds: float) -> float:
        """How long to wait for a hand or a burst of events to come to rest."""
        return seconds * self._pace

    @property
    def away(self) -> bool:
        return self.away_since is not None

    @property
    def known(self) -> bool:
        """Whether the daemon was ever seen."""
        return self.outbox is not None

    @property
    def stopped(self) -> bool:
        return self.outbox is not None and self.outbox.line.stopped

    def may(self, action: str, parameters: tuple[object, ...] = ()) -> bool:
        """Whether this user's roles allow what a key does; until the daemon has said so, everything."""
        return roles.may(self.outbox.me if self.outbox else None, action, parameters)

    async def _open(self) -> GatewayClient:
        if self._client is None:
            # httpx is slow to import: not before the first frame, and not in the way of keys.
            await asyncio.to_thread(importlib.import_module, "modemd.api.client")
            self._client = self._connect()
        return self._client

    async def ask(self, call: Callable[[GatewayClient], Awaitable[T]]) -> T:
        """The daemon's answer; Away or Declined where there is none."""
        client = await self._open()
        from modemd.api.client import Refused, Unreachable

        try:
            answer = await call(client)
        except Unreachable as error:
            self._lost(str(error))
            raise Away(str(error)) from error
        except Refused as error:
            raise Declined(str(error), error.code, error.findings) from error
        if self.away:
            self._wake.set()
        return answer

    async def refresh(self) -> None:
        """The counts, the line, the modems and the clock."""
        view = await self.ask(lambda client: client.outbox())
        self.clock.learn(view.now)
        self.outbox = view
        if self.away:
            self.away_since, self._back = None, True

    async def watch(self, tell: Callable[[Change], None]) -> None:
        """Follow the daemon for ever: events while it is there, a knock now and then while not."""
        self._tell = tell
        delay = FIRST_DELAY
        self._back = True
        while True:
            try:
                heard, self._heard = self._heard, []
                await self._catch_up()
                await self.refresh()
                self._flush(heard)
                delay = FIRST_DELAY
                await self._follow()
            except (Away, Declined) as error:
                self._lost(str(error))
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), self.rest(delay))
            except TimeoutError:
                delay = min(delay * 2, LONGEST_DELAY)

    async def _catch_up(self) -> None:
        """Where events begin: with the newest there is, so that none falls between two answers."""
        if self._last is None:
            page = await self.ask(lambda client: client.log(limit=1))
            self._last = page.events[0].id if page.events else 0

    async def _follow(self) -> None:
        client = await self._open()
        from modemd.api.client import Refused, Unreachable

        try:
            async for event in client.events(self._last):
                self._last = event.id
                self._heard.append(event)
                if self._flushing is None or self._flushing.done():
                    self._flushing = asyncio.create_task(self._flush_soon())
        except Unreachable as error:
            raise Away(str(error)) from error
        except Refused as error:
            raise Declined(str(error), error.code, error.findings) from error

    async def _flush_soon(self) -> None:
        """Many events, one look: at most a few times a second, and less where looking takes long."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.rest(COALESCE))
        while self._heard:
            began = loop.time()
            # What is heard while we look may be younger than what we see: it is for the next look.
            heard, self._heard = self._heard, []
            try:
                await self.refresh()
            except (Away, Declined):
                self._heard = heard + self._heard
                return
            self._flush(heard)
            await asyncio.sleep(max(self.rest(COALESCE), 3 * (loop.time() - began)))

    def _flush(self, heard: list[EventView]) -> None:
        back, self._back = self._back, False
        messages = frozenset(event.message for event in heard if event.message is not None)
        self._tell(Change(frozenset(event.kind for event in heard), messages, back))

    def _lost(self, sentence: str) -> None:
        if not self.away:
            self.away_since, self.away_sentence = self.clock.here(), sentence
            self._tell(Change(frozenset({"away"}), frozenset()))

    async def close(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        if self._client is not None:
            await self._client.close()
