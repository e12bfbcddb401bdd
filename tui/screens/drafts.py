"""What was written and not staged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui import answers, format, times
from tui.glyphs import glyphs
from tui.messages import ComposeWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from modemd.api.schema import MessageView
    from tui.desk import Desk


class DraftList(RowList["MessageView"]):
    def __init__(self, desk: Desk, section: Section[MessageView]) -> None:
        super().__init__([section], id="drafts")
        self._desk = desk

    def key_of(self, row: MessageView) -> Hashable:
        return row.id

    def draw(self, section: Section[MessageView], row: MessageView, line: int, width: int) -> list[Piece]:
        clock = self._desk.clock
        at = times.short_stamp(clock.local(row.created_at), clock.here())
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.look(row).sign + " ", "dim"),
            (format.fit(at, 12) + " ", "dim"),
            (format.fit(format.number(row.to) if row.to else _("(to nobody yet)"), 20) + " ", "plain"),
            (format.fit(_words(row, self._desk), max(4, width - 38)), "dim" if cools(row) else "plain"),
        ]


def cools(row: MessageView) -> bool:
    return row.cool is not None and not row.cool.over


def _words(row: MessageView, desk: Desk) -> str:
    text = format.one_line(row.text)
    if row.cool is not None and cools(row):
        return _("(cools until {time})").format(time=times.hm(desk.clock.local(row.cool.until))) + " " + text
    return text


class DraftsScreen(ListScreen["MessageView"]):
    TITLED = N_("Drafts")
    TOUCHED_BY = ("state", "edit")
    HELP = N_(
        "What was written and not staged. Nothing here leaves by itself. Enter goes on writing. What cools is not "
        "staged before its time."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("go on writing"), id="drafts.open"),
        Binding("x,delete", "remove", N_("throw away"), id="drafts.delete"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        fetch = self.fetch(
            lambda client, after, limit: client.messages(group="drafts", after=after, limit=limit),
            lambda page: (page.messages, page.next),
        )
        self.rows = DraftList(desk, Section("drafts", Pages(fetch)))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield self.rows
        yield Static(_("No drafts. c writes a message."), classes="teach", markup=False)

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action in ("open", "remove"):
            return self.rows.selected is not None
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (draft := self.rows.selected) is not None:
            self.app.post_message(ComposeWanted(draft=draft))
            self.dismiss()

    @work(exclusive=True, group="deed")
    async def action_remove(self) -> None:
        from tui.screens.question import Question, sure

        if (draft := self.rows.selected) is None:
            return
        asked = _("Throw this draft away?") + "\n\n" + answers.about(draft)
        if not await sure(self.app, Question(asked, _("y  throw it away"))):
            return
        if await self.do(lambda client: client.cancel(draft.id)):
            self.reload()
