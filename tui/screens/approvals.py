"""The second pair of eyes: what waits for you, and each of them read before it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui import answers, format, times
from tui.approval_sheet import approval_sheet, whom
from tui.errors import Away, Declined, DeskError
from tui.glyphs import glyphs
from tui.messages import Say
from tui.pages import Pages
from tui.screens.desk_screen import DeskScreen
from tui.screens.list_screen import ListScreen
from tui.screens.question import DigitsQuestion, ReasonQuestion, sure
from tui.widgets.row_list import Piece, RowList, Section
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from textual.app import ComposeResult

    from modemd.api.client import GatewayClient
    from modemd.api.schema import ApprovalView
    from tui.desk import Change, Desk


class ApprovalRows(RowList["ApprovalView"]):
    def __init__(self, desk: Desk, section: Section[ApprovalView]) -> None:
        super().__init__([section], id="approvals")
        self._desk = desk

    def key_of(self, row: ApprovalView) -> Hashable:
        return row.message, row.batch

    def draw(self, section: Section[ApprovalView], row: ApprovalView, line: int, width: int) -> list[Piece]:
        clock = self._desk.clock
        at = times.short_stamp(clock.local(row.asked_at), clock.here())
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.LOOKS["held"].sign + " ", "warn"),
            (format.fit(at, 12) + " ", "dim"),
            (format.fit(format.one_line(row.author), 9) + " ", "plain"),
            (format.fit(whom(row), 18) + " ", "plain"),
            (format.fit(format.one_line(row.text), max(4, width - 46)), "plain"),
        ]


class ApprovalsScreen(ListScreen["ApprovalView"]):
    TITLED = N_("Approvals")
    TOUCHED_BY = ("state", "edit", "approve", "reject")
    HELP = N_(
        "What others wrote and you are asked to approve. Nothing here leaves before. Enter opens it: there it is "
        "read, approved or not."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("read"), id="list.open"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        fetch = self.fetch(lambda client, after, limit: client.approvals(), lambda found: (found, None))
        self.rows = ApprovalRows(desk, Section("approvals", Pages(fetch)))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield self.rows
        yield Static(_("Nothing waits for your approval."), classes="teach", markup=False)

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "open":
            return self.rows.selected is not None
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (view := self.rows.selected) is not None:
            self.app.push_screen(ApprovalScreen(self.desk, view, demo=self._demo))


class ApprovalScreen(DeskScreen):
    TITLED = N_("Approve?")
    HELP = N_(
        "y approves what you have read here: the last four digits of the number are asked for, of a batch how many "
        "messages it has. Enter never approves. When it was changed meanwhile, nothing is approved, and it is shown "
        "as it is now.\n"
        "n says no. It needs a reason, which whoever wrote it reads; the message is a draft again.\n"
        "Of what you have seen before, the changes are marked: [-gone-] and [+new+]."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "approve", N_("approve"), id="approval.approve"),
        Binding("n", "reject", N_("do not approve"), id="approval.reject"),
    ]

    def __init__(self, desk: Desk, view: ApprovalView, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._view = view
        self._shown = False  # only what stood on the screen is decided on

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        self.query_one(ReadSheet).focus()
        self.load()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.back or change.touches("state", "edit", "approve"):
            self.load()

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action in ("approve", "reject"):
            return self._shown and self._view.may
        return super().can(action, parameters)

    @property
    def _place(self) -> tuple[int, bool]:
        """Its id, and whether that is of a batch."""
        view = self._view
        return (view.batch, True) if view.batch is not None else (view.message or 0, False)

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        id, batch = self._place
        try:
            self._view = await self.desk.ask(lambda client: client.approval(id, batch=batch))
        except Away:
            return
        except Declined as error:  # decided by somebody else, or cancelled
            self._shown = False
            self.post_message(Say(answers.told(str(error))))
            self.refresh_bindings()
            return
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            sheet.show(approval_sheet(self._view, self.desk.clock))
        self._shown = True
        self.refresh_bindings()

    # -- deciding ------------------------------------------------------------------------------------

    @work(group="deed", exclusive=True)
    async def action_approve(self) -> None:
        view, (id, batch) = self._view, self._place
        if await sure(self.app, _read_back(view)):
            await self._decide(lambda client: client.approve(id, view.hash, batch=batch), _("Approved."))

    @work(group="deed", exclusive=True)
    async def action_reject(self) -> None:
        view, (id, batch) = self._view, self._place
        reason: str | None = await self.app.push_screen_wait(ReasonQuestion(_("Why not? Whoever wrote it reads this.")))
        if reason:
            said = _("Not approved: it is a draft again.")
            await self._decide(lambda client: client.reject(id, view.hash, reason, batch=batch), said)

    async def _decide(self, call: Callable[[GatewayClient], Awaitable[object]], said: str) -> None:
        try:
            await self.desk.ask(call)
        except DeskError as error:
            self.refused(error, _("No answer from the daemon: look here again when it is back."))
            if isinstance(error, Declined) and error.code == "changed":
                self.load()
            return
        self.app.post_message(Say(answers.told(said)))
        self.dismiss()


def _read_back(view: ApprovalView) -> DigitsQuestion:
    if view.batch is not None:
        asked = _("To approve the batch, type how many messages it has.")
        return DigitsQuestion(asked, str(view.count), _("The batch has another number of messages."))
    asked = _("To approve the message to {to}, type the last four digits of the number.")
    return DigitsQuestion(asked.format(to=format.number(view.to)), view.to[-4:])
