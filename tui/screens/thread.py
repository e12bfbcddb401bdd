"""One conversation, oldest first; r answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import answers, format, sheets
from tui.errors import DeskError
from tui.messages import ComposeWanted, Say
from tui.screens.desk_screen import DeskScreen
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.desk import Change, Desk


class ThreadScreen(DeskScreen):
    TITLED = N_("Conversation")
    HELP = N_(
        "Everything said with one number, the newest at the end. r writes an answer.\n"
        "Senders with a name instead of a number cannot be answered."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reply", N_("reply"), id="thread.reply"),
    ]

    def __init__(self, desk: Desk, number: str, alphanumeric: bool, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._number = number
        self._alphanumeric = alphanumeric

    def heading(self) -> str:
        return _("With {number}").format(number=format.number(self._number))

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        self.query_one(ReadSheet).focus()
        self.load()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.touches("inbox", "state", "part"):
            self.load()

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        try:
            entries = await self.desk.ask(lambda client: client.conversation(self._number))
            for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
                sheet.show(sheets.talk_sheet(entries, self.desk.clock), end=True)
            if self.desk.may("mark_read") and any(entry.inbound and not entry.inbound.read for entry in entries):
                await self.desk.ask(lambda client: client.mark_read(self._number))
                await self.desk.refresh()
                self.show_desk()
        except DeskError:
            return

    def action_reply(self) -> None:
        if self._alphanumeric:
            said = _("{sender} is a name, not a number: the network takes no answer to it.")
            self.post_message(Say(answers.refused(said.format(sender=format.one_line(self._number)))))
        else:
            self.post_message(ComposeWanted(to=self._number))
