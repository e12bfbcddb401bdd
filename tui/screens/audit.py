"""Who decided what, the newest first; and whether it is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui import answers, format, times
from tui.errors import DeskError
from tui.glyphs import glyphs
from tui.messages import Say
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from modemd.api.schema import AuditView
    from tui.desk import Desk


class AuditRows(RowList["AuditView"]):
    """Two lines a row: who did what; from where, and what is written down of it."""

    def __init__(self, desk: Desk, section: Section[AuditView]) -> None:
        super().__init__([section], id="audit")
        self._desk = desk

    def key_of(self, row: AuditView) -> Hashable:
        return row.id

    def draw(self, section: Section[AuditView], row: AuditView, line: int, width: int) -> list[Piece]:
        if line:
            uid = f" uid {row.uid}" if row.uid is not None else ""
            return [
                (" " * 20, "plain"),
                (format.fit(f"{format.one_line(row.origin)}{uid}  {format.one_line(row.data)}", width - 21), "dim"),
            ]
        clock = self._desk.clock
        at = times.short_stamp(clock.local(row.at), clock.here())
        what = f"{row.words}  {row.subject or ''}"
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.fit_right(str(row.id), 6) + " ", "dim"),
            (format.fit(at, 11) + " ", "dim"),
            (format.fit(format.one_line(row.who), 14) + " ", "strong"),
            (format.fit(format.one_line(what), max(4, width - 36)), "plain"),
        ]


class AuditScreen(ListScreen["AuditView"]):
    TITLED = N_("Audit")
    TOUCHED_BY = ("state", "edit", "cancel", "approve", "reject", "hold", "line", "resume")
    HELP = N_(
        "Every decision: when, by whom (as the operating system says), from which process or address, about which "
        "message. Nothing here can be changed; texts and numbers are never in it.\n\n"
        "v reads all of it and says whether it is as it was written. Keep the checkpoint that it shows elsewhere: "
        "against that, rows taken off the end are found, too."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verify", N_("is it whole?"), id="audit.verify"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        fetch = self.fetch(
            lambda client, after, limit: client.audit(after=after, limit=limit), lambda page: (page.rows, page.next)
        )
        self.rows = AuditRows(desk, Section("audit", Pages(fetch), height=2))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield self.rows
        yield Static(_("Nothing was decided yet."), classes="teach", markup=False)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @work(group="deed", exclusive=True)
    async def action_verify(self) -> None:
        try:
            found = await self.desk.ask(lambda client: client.verify_audit())
        except DeskError as error:
            self.refused(error)
            return
        if found.sentence:
            self.app.post_message(Say(answers.refused(found.sentence)))
        else:
            said = _("Whole: {n} rows. Checkpoint: {checkpoint}").format(n=found.rows, checkpoint=found.checkpoint)
            self.app.post_message(Say(answers.told(said)))
