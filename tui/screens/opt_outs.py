"""Who wants no more messages, and whose words a person has to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import answers, contact_sheet, format, times
from tui.glyphs import glyphs
from tui.messages import Say, ThreadWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.fields import SafeInput
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from textual.app import ComposeResult

    from modemd.api.client import GatewayClient
    from modemd.api.contact_schema import OptOutView
    from tui.desk import Desk


class OptOutList(RowList["OptOutView"]):
    def __init__(self, desk: Desk, sections: list[Section[OptOutView]]) -> None:
        super().__init__(sections, id="opt_outs")
        self._desk = desk

    def key_of(self, row: OptOutView) -> Hashable:
        return row.number

    def draw(self, section: Section[OptOutView], row: OptOutView, line: int, width: int) -> list[Piece]:
        look, clock = contact_sheet.OPT_OUTS[row.state], self._desk.clock
        at = times.short_stamp(clock.local(row.at), clock.here())
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (look.sign + " ", look.style),
            (format.fit(format.number(row.number), 18) + " ", "plain"),
            (format.fit(at, 11) + " ", "dim"),
            (format.fit(contact_sheet.opt_out_words(row), max(4, width - 34)), "plain"),
        ]


class OptOutScreen(ListScreen["OptOutView"]):
    CSS_PATH = "opt_outs.tcss"
    TITLED = N_("Opt-outs")
    TOUCHED_BY = ("opt_out", "state")
    HELP = N_(
        "Who has written STOP, or a word for it, gets nothing more: by no SIM, until START comes. What had not left is "
        "held.\n\n"
        "READ IT: somebody has written what may be meant so. Nothing leaves to it meanwhile. y: it was meant; n: it "
        "was not, and messages may go there again. What is held stays held: edit or cancel it in the outbox.\n"
        "a puts a number here by hand; enter shows what was written."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("conversation"), id="list.open"),
        Binding("y", "meant", N_("it was meant"), id="opt_outs.meant"),
        Binding("n", "lift", N_("messages again"), id="opt_outs.lift"),
        Binding("a", "add", N_("add a number"), id="opt_outs.add"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self.rows = OptOutList(
            desk,
            [
                Section("asked", Pages(self._fetch("asked")), _("READ IT")),
                Section("out", Pages(self._fetch("out")), _("NO MESSAGES")),
            ],
        )
        self.rows.add_class("rows")

    def _fetch(self, state: str) -> Callable[[str | None, int], Awaitable[tuple[list[OptOutView], str | None]]]:
        return self.fetch(
            lambda client, after, limit: client.opt_outs(state=state, after=after, limit=limit),
            lambda page: (page.opt_outs, page.next),
        )

    def body(self) -> ComposeResult:
        with Horizontal(id="adding"):
            yield Static(_("Number"), classes="label", markup=False)
            yield SafeInput(placeholder="+44 7700 900123", id="number")
        yield self.rows
        yield Static(_("Nobody has asked for no more messages."), classes="teach", markup=False)

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        row = self.rows.selected if self.focused is self.rows else None
        match action:
            case "open" | "lift":
                return row is not None
            case "meant":
                return row is not None and row.state == "asked"
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (row := self.rows.selected) is not None:
            self.post_message(ThreadWanted(row.number))

    @work(exclusive=True, group="deed")
    async def action_meant(self) -> None:
        if (row := self.rows.selected) is not None:
            await self._do(lambda client: client.add_opt_out(row.number), _("{number} gets nothing more."), row.number)

    @work(exclusive=True, group="deed")
    async def action_lift(self) -> None:
        from tui.screens.question import Question, sure

        if (row := self.rows.selected) is None:
            return
        asked = _("{number} wants messages, or never wanted none?").format(number=format.number(row.number))
        if row.said:
            asked += f"\n\n“{format.safe(row.said)}”"
        if await sure(self.app, Question(asked, _("y  messages again"))):
            said = _("{number} may be written to again. What is held waits in the outbox.")
            await self._do(lambda client: client.lift_opt_out(row.number), said, row.number)

    def action_add(self) -> None:
        self.set_class(True, "-adding")
        self.query_one("#number").focus()

    @on(SafeInput.Submitted, "#number")
    def _submitted(self, event: SafeInput.Submitted) -> None:
        self._add(event.value.strip())

    @work(exclusive=True, group="deed")
    async def _add(self, number: str) -> None:
        if not number or await self._do(
            lambda client: client.add_opt_out(number), _("{number} gets nothing more."), number
        ):
            self._close_field()

    def _close_field(self) -> None:
        self.query_one("#number", SafeInput).value = ""
        self.set_class(False, "-adding")
        self.rows.focus()

    def action_back(self) -> None:
        if self.has_class("-adding"):
            self._close_field()
        else:
            super().action_back()

    async def _do(self, call: Callable[[GatewayClient], Awaitable[object]], said: str, number: str) -> bool:
        if not await self.do(call, _("No answer from the daemon: look again when it is back.")):
            return False
        self.post_message(Say(answers.told(said.format(number=format.number(number)))))
        self.reload()
        return True
