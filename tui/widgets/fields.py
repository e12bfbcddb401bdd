"""Fields to write in: what they show passes the display filter, what they hold stays as typed."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.widgets import Input, TextArea

from tui import format


class SafeInput(Input):
    def __init__(self, value: str = "", **rest: Any) -> None:
        super().__init__(value, compact=True, **rest)
        self.cursor_blink = False

    @property
    def _value(self) -> Text:
        return Text(format.safe_in_place(self.value), no_wrap=True, overflow="ignore", end="")


class SafeTextArea(TextArea):
    def __init__(self, text: str = "", **rest: Any) -> None:
        super().__init__(text, tab_behavior="focus", soft_wrap=True, **rest)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        return Text(format.safe_in_place(self.document.get_line(line_index)), end="", no_wrap=True)
