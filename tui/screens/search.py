"""Finding messages by their text or their number."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.messages import DetailsWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.screens.message_screen import MessageScreen
from tui.widgets.fields import SafeInput
from tui.widgets.outbox_list import MessageList
from tui.widgets.row_list import RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from modemd.api.schema import MessageView
    from tui.desk import Desk

REST = 0.2


class SearchScreen(ListScreen["MessageView"], MessageScreen):
    CSS_PATH = "search.tcss"
    TITLED = N_("Find")
    TOUCHED_BY = ("state", "part", "edit")
    HELP = N_(
        "Write a word of the text, or a number. The newest come first. Enter or the arrow down goes to the list, "
        "Enter there opens a message."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("open"), id="list.open"),
        Binding("down", "to_list", N_("to the list"), id="search.list"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._sought: dict[str, str] = {}
        self._resting: Timer | None = None
        fetch = self.fetch(
            lambda client, after, limit: client.messages(after=after, limit=limit, **self._sought),
            lambda page: (page.messages, page.next),
        )
        self.rows = MessageList(desk, [Section("found", Pages(fetch), ticking=True)], id="found")
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield SafeInput(placeholder=_("a word of the text, or a number"), id="sought")
        yield self.rows
        yield Static(_("Nothing found."), classes="teach", markup=False)

    def focus_first(self) -> None:
        self.query_one("#sought").focus()

    def chosen(self) -> MessageView | None:
        return self.rows.selected

    def changed(self) -> None:
        self.reload()

    @on(SafeInput.Changed, "#sought")
    def _typed(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(self.desk.rest(REST), self._seek)

    def _seek(self) -> None:
        self._sought = sought(self.query_one("#sought", SafeInput).value)
        for section in self.rows.sections:
            section.pages.clear()
        self.reload()

    @on(SafeInput.Submitted, "#sought")
    def action_to_list(self) -> None:
        self.rows.focus()

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (message := self.chosen()) is not None:
            self.post_message(DetailsWanted(message))

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "to_list":
            return self.focused is not self.rows
        if action == "open":
            return self.focused is self.rows and self.chosen() is not None
        return super().can(action, parameters)

    def tick(self) -> None:
        super().tick()
        if isinstance(self.rows, MessageList):
            self.rows.tick_fuses()


def sought(written: str) -> dict[str, str]:
    """What is looked for: words of the text, or a number from either end."""
    text = unicodedata.normalize("NFKC", written).strip()
    return {"q": text} if text else {}
