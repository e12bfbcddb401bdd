"""What came in, by conversation, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import format, times
from tui.errors import DeskError
from tui.glyphs import glyphs
from tui.messages import ThreadWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.widgets.sheet import Sheet
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult
    from textual.timer import Timer

    from modemd.api.schema import ConversationView
    from tui.desk import Desk


class ConversationList(RowList["ConversationView"]):
    def __init__(self, desk: Desk, section: Section[ConversationView]) -> None:
        super().__init__([section], id="conversations")
        self._desk = desk

    def key_of(self, row: ConversationView) -> Hashable:
        return row.number

    def draw(self, section: Section[ConversationView], row: ConversationView, line: int, width: int) -> list[Piece]:
        clock, marks = self._desk.clock, glyphs()
        unread = f"{marks.unread} " + _("{n} new").format(n=row.unread) if row.unread else ""
        at = times.short_stamp(clock.local(row.last_at), clock.here())
        way = marks.arrow_in if row.last_is_inbound else marks.arrow_out
        nothing = _("(a call)") if row.last_kind == "call" else _("(cannot be read)")
        said = format.one_line(row.last_text) or (nothing if row.last_is_inbound else "")
        to = 18 if width < 100 else 24
        return [
            (marks.cursor if row is self.selected else " ", "strong"),
            (format.fit(unread, 9) + " ", "warn"),
            (format.fit(format.number(row.number), to) + " ", "strong" if row.unread else "plain"),
            (format.fit(at, 11) + " ", "dim"),
            (f"{way} ", "dim"),
            (format.fit(said, max(4, width - to - 26)), "plain"),
        ]


# Moving fast through the list asks the daemon only where it comes to rest.
REST = 0.15


class InboxScreen(ListScreen["ConversationView"]):
    CSS_PATH = "inbox.tcss"
    MODE = "inbox"
    TOUCHED_BY = ("inbox", "state")
    HELP = N_(
        "Every number that wrote or was written to, the newest first. New ones are marked.\n"
        "Enter opens the conversation, and marks it as read; r answers there."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("open"), id="list.open"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        fetch = self.fetch(
            lambda client, after, limit: client.conversations(after=after, limit=limit),
            lambda page: (page.conversations, page.next),
        )
        self.rows = ConversationList(desk, Section("conversations", Pages(fetch)))
        self.rows.add_class("rows")
        self._resting: Timer | None = None

    def body(self) -> ComposeResult:
        with Horizontal(classes="body"):
            yield self.rows
            yield Static(_teach(), classes="teach", markup=False)
            yield Sheet(id="talk", classes="pane")

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "open":
            return self.rows.selected is not None
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()
        if self.app.size.width >= 120:
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(self.desk.rest(REST), self.show_beside)

    def on_resize(self) -> None:
        if self.app.size.width >= 120:
            self.show_beside()

    @work(exclusive=True, group="beside")
    async def show_beside(self) -> None:
        """The conversation, to be looked at: only opening it marks it as read."""
        from tui import sheets

        if (row := self.rows.selected) is None:
            return
        number = row.number
        try:
            said = await self.desk.ask(lambda client: client.conversation(number, limit=50))
        except DeskError:
            return
        for sheet in self.query("#talk").results(Sheet):  # none, when the screen was left meanwhile
            sheet.show(sheets.talk_sheet(said, self.desk.clock), end=True)

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (row := self.rows.selected) is not None:
            self.post_message(ThreadWanted(row.number, row.alphanumeric))


def _teach() -> str:
    lines = (
        _("Nothing has come in yet."),
        "",
        _("What the modems receive is kept here, by number; answers to your messages too."),
        _("Waiting for one? 3 shows whether a modem is registered with its network."),
        "",
        _("From a shell the same is:"),
        "    modemd inbox",
    )
    return "\n".join(lines)
