"""What the screens are told is never older than what was heard."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from modemd.api.schema import EventPage, EventView
from tests.tui.fake_gateway import FakeGateway
from tui.clock import DaemonClock
from tui.desk import Change, Desk


class Hurried(FakeGateway):
    """While the counts are being looked at, the next thing happens already."""

    def __init__(self) -> None:
        super().__init__()
        self.line: asyncio.Queue[EventView] = asyncio.Queue()
        self.looks = 0

    async def outbox(self) -> Any:
        view = await super().outbox()
        self.looks += 1
        if self.looks == 2:
            self.line.put_nowait(event(2))
            await asyncio.sleep(0.05)
        return view

    async def log(self, **rest: Any) -> EventPage:
        return EventPage([], None)

    async def events(self, last: int | None = None) -> AsyncIterator[EventView]:
        while True:
            yield await self.line.get()


def event(id: int) -> EventView:
    return EventView(id, "2026-11-24T08:14:00Z", "state", id, "")


async def test_what_happens_while_the_daemon_is_asked_is_asked_about_again() -> None:
    """Seen red: a message staged just then burnt unseen until something else happened."""
    gateway = Hurried()
    told: list[tuple[int, Change]] = []
    clock = DaemonClock(monotonic=gateway.clock.monotonic, wall=gateway.clock.now)
    desk = Desk(lambda: gateway, clock, pace=0.02)  # type: ignore[arg-type,return-value]
    watching = asyncio.create_task(desk.watch(lambda change: told.append((gateway.looks, change))))
    gateway.line.put_nowait(event(1))
    async with asyncio.timeout(5):
        while not any(2 in change.messages for _, change in told):  # noqa: ASYNC110 - told by a callback
            await asyncio.sleep(0.005)
    watching.cancel()
    looks = next(looks for looks, change in told if 2 in change.messages)
    assert looks >= 3, "told with counts that were older than the event"
