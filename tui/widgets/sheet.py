"""A page of text that scrolls: details, conversations, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.words import N_

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Sheet(VerticalScroll, can_focus=False):
    """Shown beside a list it takes no keys; as `ReadSheet` it does."""

    DEFAULT_CSS = """
    Sheet { scrollbar-size-vertical: 1; padding: 0 1; }
    Sheet > Static { height: auto; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page = Static("", markup=False)

    def compose(self) -> ComposeResult:
        yield self._page

    def show(self, content: Content, *, end: bool = False) -> None:
        self._page.update(content)
        if end:
            self.call_after_refresh(self.scroll_end, animate=False)


class ReadSheet(Sheet, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", N_("up"), show=False, id="sheet.up"),
        Binding("down,j", "scroll_down", N_("down"), show=False, id="sheet.down"),
        Binding("pageup", "page_up", N_("page up"), show=False, id="sheet.page_up"),
        Binding("pagedown,space", "page_down", N_("page down"), show=False, id="sheet.page_down"),
        Binding("home", "scroll_home", N_("first"), show=False, id="sheet.first"),
        Binding("end", "scroll_end", N_("last"), show=False, id="sheet.last"),
    ]
