"""A terminal of a given size with a program in it: tmux."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

ROOT = Path(__file__).parent.parent.parent


class Terminal:
    """Types keys and reads the screen, as a person would."""

    def __init__(
        self, *words: str, width: int = 80, height: int = 24, program: Sequence[str] = (), **environment: str
    ) -> None:
        """`program`: what is run with `words`; otherwise this interpreter runs their module."""
        self._program = program or (sys.executable, "-m")
        self._server = f"modemd-{uuid4().hex[:12]}"
        self._words, self._width, self._height = words, width, height
        self._environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"} | environment

    async def __aenter__(self) -> Self:
        setting = [each for name, value in self._environment.items() for each in ("-e", f"{name}={value}")]
        size = ["-x", str(self._width), "-y", str(self._height)]
        command = [*self._program, *self._words]
        self._tmux("-f", os.devnull, "new-session", "-d", *size, "-c", str(ROOT), *setting, *command)
        self._tmux("set-option", "-g", "remain-on-exit", "on")  # what a crash said stays readable
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-L", self._server, *words], capture_output=True, text=True, timeout=10, check=False
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: c, Tab, C-s, Enter."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    async def shows(self, *texts: str, timeout: float = 15.0) -> str:
        """Wait until all are on the screen; returns it."""
        screen = ""
        try:
            async with asyncio.timeout(timeout):
                while not all(text in (screen := self.screen()) for text in texts):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{texts} not all on the screen:\n{screen}") from None
        return screen
