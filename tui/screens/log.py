"""What happened, the newest first: when, who, what."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui import format, times
from tui.errors import Away, Declined
from tui.glyphs import glyphs
from tui.messages import DetailsWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from modemd.api.schema import EventView
    from tui.desk import Desk


class EventList(RowList["EventView"]):
    def __init__(self, desk: Desk, section: Section[EventView]) -> None:
        super().__init__([section], id="events")
        self._desk = desk

    def key_of(self, row: EventView) -> Hashable:
        return row.id

    def draw(self, section: Section[EventView], row: EventView, line: int, width: int) -> list[Piece]:
        clock = self._desk.clock
        at = times.short_stamp(clock.local(row.at), clock.here())
        what = f"#{row.message}" if row.message is not None else (row.subject or "")
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.fit(at, 11) + " ", "dim"),
            (format.fit(format.one_line(what), 8) + " ", "dim"),
            (format.fit(format.one_line(row.who or ""), 7) + " ", "plain"),
            (format.fit(format.one_line(row.detail), max(4, width - 30)), "plain"),
        ]


class LogScreen(ListScreen["EventView"]):
    MODE = "log"
    TOUCHED_BY = ("state", "part", "edit", "inbox", "modem", "line")
    HELP = N_(
        "What happened, the newest first: when, which message or modem, who did it, and what it was.\n"
        "Enter opens the message that a line speaks of."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("open"), id="list.open"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        fetch = self.fetch(
            lambda client, after, limit: client.log(after=after, limit=limit),
            lambda page: (page.events, page.next),
        )
        self.rows = EventList(desk, Section("log", Pages(fetch)))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield self.rows
        yield Static(
            _("Nothing has happened yet. Everything that does is written down here: by whom, and when."),
            classes="teach",
            markup=False,
        )

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "open":
            return (row := self.rows.selected) is not None and row.message is not None
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(RowList.Opened)
    def _clicked(self) -> None:
        self.action_open()

    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        if (row := self.rows.selected) is None or (id := row.message) is None:
            return
        try:
            message = await self.desk.ask(lambda client: client.message(id))
        except Declined as error:
            self.refused(error)
        except Away:
            return
        else:
            self.post_message(DetailsWanted(message))
