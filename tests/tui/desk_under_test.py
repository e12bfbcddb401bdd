"""The App before a fake daemon, with a clock that stands still until it is moved."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from textual.pilot import Pilot

from tests.tui.fake_gateway import FakeClock, FakeGateway
from tui import glyphs, words
from tui.app import ModemdApp
from tui.clock import DaemonClock
from tui.desk import Desk


def speak(language: str) -> None:
    words.speak(language)
    glyphs.use_ascii(False)


@dataclass
class UnderTest:
    app: ModemdApp
    pilot: Pilot[None]
    gateway: FakeGateway
    clock: FakeClock

    async def until(self, holds: Callable[[], object]) -> None:
        """Let everything run until it holds; fails if it never does."""
        for _turn in range(200):
            await self.pilot.pause(0.005)
            if holds():
                return
        raise AssertionError("it never came to that:\n" + self.text())

    async def settled(self) -> None:
        """Until nothing is under way and nothing on the screen changes any more."""
        before, same = "", 0
        while same < 4:
            await self.pilot.pause(0.01)
            now = self.text()
            quiet = now == before and all(
                worker.group in ("watch", "line", "leave", "deed") for worker in self.app.workers
            )
            same, before = (same + 1 if quiet else 0), now

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text() for text in texts))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        for character in text:
            await self.pilot.press(
                character if character.isalnum() and character.isascii() else KEYS.get(character, character)
            )

    def text(self) -> str:
        """The screen as a person reads it."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    async def second(self, seconds: float = 1.0) -> None:
        self.clock.move(seconds)
        self.app.tick()
        await self.pilot.pause()


KEYS = {" ": "space", "+": "plus", ".": "full_stop", ":": "colon", "/": "slash"}


@asynccontextmanager
async def desk(
    setup: Callable[[FakeGateway], None] | None = None,
    *,
    language: str = "en",
    size: tuple[int, int] = (80, 24),
    ascii_only: bool = False,
    **rest: Any,
) -> AsyncIterator[UnderTest]:
    speak(language)
    glyphs.use_ascii(ascii_only)
    gateway = FakeGateway()
    if setup is not None:
        setup(gateway)
    clock = gateway.clock
    seen = DaemonClock(monotonic=clock.monotonic, wall=clock.now, zone=UTC)
    app = ModemdApp(Desk(lambda: gateway, seen, pace=0.02), **rest)  # type: ignore[arg-type,return-value]
    try:
        async with app.run_test(size=size) as pilot:
            yield UnderTest(app, pilot, gateway, clock)
    finally:
        speak("en")
