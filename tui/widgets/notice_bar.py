"""What the last deed came to, in words, until it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui import answers, format
from tui.words import _

if TYPE_CHECKING:
    from tui.desk import Desk

COLOURS = {
    "good": "bold $text-success",
    "warn": "bold $text-warning",
    "bad": "bold $text-error",
    "dim": "$text-muted",
    "fuse": "$text-accent",
    "air": "$text-secondary",
    "strong": "bold",
    "head": "bold $text-primary",
}


class NoticeBar(Widget):
    """Two lines at most: the sentence; which message, and the keys."""

    DEFAULT_CSS = """
    NoticeBar { height: auto; display: none; background: $panel; }
    NoticeBar.-some { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._keys: tuple[str, ...] = ()

    def show(self, keys: tuple[str, ...]) -> None:
        """`keys` are those that work on it here and now."""
        self._keys = keys
        self.set_class(self._desk.notice is not None, "-some")
        self.refresh(layout=True)

    def render(self) -> Content:
        notice = self._desk.notice
        if notice is None:
            return Content("")
        width = self.size.width
        keys = "   ".join(self._keys)
        look = notice.look
        said = f" {look.sign} {format.one_line(notice.sentence)}"
        style = COLOURS.get(look.style, "bold")
        if notice.message is None and format.width(said) + format.width(keys) + 3 <= width:
            gap = " " * (width - format.width(said) - format.width(keys) - 1)
            return Content.assemble((said, style), gap, keys)
        room = width - format.width(keys) - 5
        about = answers.about(notice.message) if notice.message else ""
        return Content.assemble(
            (format.fit(said, width), style), "\n   ", (format.fit(about, room), "$text-muted"), " ", keys
        )

    @staticmethod
    def edit_again() -> str:
        return _("e edit again")

    @staticmethod
    def close() -> str:
        return _("esc close")
