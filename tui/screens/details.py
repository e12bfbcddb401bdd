"""Everything about one message: parts, reports, history; and the decision about an uncertain one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import answers, format, sheets
from tui.errors import DeskError
from tui.messages import Say
from tui.screens.message_screen import MessageScreen
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.schema import HoldView, MessageView
    from tui.desk import Change, Desk


class DetailsScreen(MessageScreen):
    TITLED = N_("Message")
    HELP = N_(
        "All that is known about one message: its parts one by one, what the network reported, what the "
        "checks said, who did what.\n\n"
        "UNCERTAIN means that the modem was given a part and did not answer. The daemon never sends it again "
        "by itself, because the first copy may have left. You may know better (the customer answered, say):\n"
        "y  it arrived: count it as sent.\n"
        "n  it did not leave: count it as not sent.\n"
        "w  send it once more. The recipient may get it twice, so the last four digits are asked for.\n\n"
        "A message that is HELD says why. y confirms what a check asks, e edits it, another person approves it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "settle('sent')", N_("it left"), id="settle.sent"),
        Binding("n", "settle('not_sent')", N_("it did not"), id="settle.not_sent"),
        Binding("w", "resend", N_("send again"), id="settle.resend"),
        Binding("y", "confirm", N_("confirm"), id="message.confirm"),
    ]

    def __init__(self, desk: Desk, message: MessageView, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._message = message

    def heading(self) -> str:
        return _("Message to {to}").format(to=format.number(self._message.to))

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        self._show()
        self.query_one(ReadSheet).focus()
        self.load()

    def chosen(self) -> MessageView | None:
        return self._message

    def changed(self) -> None:
        self.load()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.back or self._message.id in change.messages:
            self.load()

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        try:
            self._message = await self.desk.ask(lambda client: client.message(self._message.id))
        except DeskError:
            return
        self._show()

    def _show(self) -> None:
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            sheet.show(sheets.message_sheet(self._message, self.desk.clock))
        self.refresh_bindings()

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action in ("settle", "resend"):
            return self._message.state == "uncertain"
        if action == "confirm":
            return bool(self._to_confirm())
        return super().can(action, parameters)

    def _to_confirm(self) -> list[HoldView]:
        return [hold for hold in self._message.holds or [] if hold.needs == "confirm"]

    @work(group="deed", exclusive=True)
    async def action_confirm(self) -> None:
        """What a check asks: read, and answered by more than Enter."""
        from tui.screens.question import read_back

        holds, id = self._to_confirm(), self._message.id
        said = "\n".join(format.safe(hold.sentence) for hold in holds)
        if not await read_back(self.app, said, _("y  it is meant so"), self._message.read_back):
            return
        codes = [hold.code for hold in holds]
        try:
            self._message = await self.desk.ask(lambda client: client.edit(id, confirm=codes))
        except DeskError as error:
            self.refused(error, _("No answer from the daemon: nothing was decided."))
            return
        waits = self._message.state == "held"
        self.post_message(
            Say(answers.told(_("Confirmed. It still waits.") if waits else _("Confirmed: it burns again.")))
        )
        self.load()

    @work(group="deed", exclusive=True)
    async def action_settle(self, settle_as: str) -> None:
        id = self._message.id
        try:
            self._message = await self.desk.ask(lambda client: client.settle(id, settle_as))
        except DeskError as error:
            self.refused(error, _("No answer from the daemon: nothing was decided."))
            return
        said = {
            "sent": _("Noted: it left. A report may still come."),
            "not_sent": _("Noted: it did not leave."),
            "resend": _("It goes out once more."),
        }[settle_as]
        self.post_message(Say(answers.told(said)))
        self._show()

    def action_resend(self) -> None:
        from tui.screens.question import DigitsQuestion

        last = "".join(c for c in self._message.to if c.isdigit())[-4:]
        asked = _(
            "The first copy may have left. If it did, {to} gets the same text twice, and both are paid for.\n\n"
            "To send it again, type the last four digits of the number."
        )
        question = DigitsQuestion(asked.format(to=format.number(self._message.to)), last)
        self.app.push_screen(question, self._resend)

    def _resend(self, sure: bool | None) -> None:
        if sure:
            self.action_settle("resend")
