"""A scroll bar of colours alone: the block characters at its ends are not ASCII."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender

from tui.glyphs import is_ascii


class PlainRender(ScrollBarRender):
    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


def choose_scrollbar() -> None:
    ScrollBar.renderer = PlainRender if is_ascii() else ScrollBarRender
