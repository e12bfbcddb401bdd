"""Everything about one contact, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import contact_sheet
from tui.errors import DeskError
from tui.messages import ComposeWanted, ThreadWanted
from tui.screens.desk_screen import DeskScreen
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult

    from modemd.api.client import GatewayClient
    from modemd.api.contact_schema import ContactView
    from tui.desk import Change, Desk


class ContactScreen(DeskScreen):
    TITLED = N_("Contact")
    HELP = N_(
        "All that is known of one contact, and who wrote it down when.\n\n"
        "e edits; w writes a message to the first number; t shows what was said with it.\n"
        "n: its first number wants no more messages, or wants them again.\n"
        "x deletes the contact for good: nothing is kept but who has deleted it, and when."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", N_("edit"), id="contact.edit"),
        Binding("w", "write_to", N_("write"), id="contacts.write"),
        Binding("t", "thread", N_("conversation"), id="contact.thread"),
        Binding("n", "opt_out", N_("no messages"), id="contact.opt_out"),
        Binding("n", "opt_in", N_("messages again"), id="contact.opt_in"),
        Binding("x,delete", "remove", N_("delete"), id="contact.delete"),
    ]

    def __init__(self, desk: Desk, contact: ContactView, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._contact = contact

    def heading(self) -> str:
        return contact_sheet.called(self._contact)

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        self._show()
        self.query_one(ReadSheet).focus()

    def on_screen_resume(self) -> None:
        self.load()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.touches("contact", "opt_out"):
            self.load()

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        try:
            self._contact = await self.desk.ask(lambda client: client.contact(self._contact.id))
        except DeskError:
            return
        self._show()

    def _show(self) -> None:
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            sheet.show(contact_sheet.contact_sheet(self._contact, self.desk.clock))
        self.refresh_bindings()

    @property
    def _number(self) -> str | None:
        return self._contact.card.numbers[0] if self._contact.card.numbers else None

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        match action:
            case "write_to" | "thread":
                return self._number is not None
            case "opt_out":
                return self._number is not None and self._number not in self._contact.opted_out
            case "opt_in":
                return self._number in self._contact.opted_out
        return super().can(action, parameters)

    def action_write_to(self) -> None:
        if self._number is not None:
            self.post_message(ComposeWanted(to=self._number))

    def action_thread(self) -> None:
        if self._number is not None:
            self.post_message(ThreadWanted(self._number))

    def action_edit(self) -> None:
        from tui.screens.contact_form import ContactForm

        self.app.push_screen(ContactForm(self.desk, self._contact, demo=self._demo))

    @work(exclusive=True, group="deed")
    async def action_opt_out(self) -> None:
        asked = _("{name} wants no more messages? What has not left to that number is held at once.")
        if (number := self._number) is not None and await self._sure(asked, _("y  no more messages")):
            await self._do(lambda client: client.add_opt_out(number))

    @work(exclusive=True, group="deed")
    async def action_opt_in(self) -> None:
        asked = _("{name} wants messages again, and has said so?")
        if (number := self._number) is not None and await self._sure(asked, _("y  messages again")):
            await self._do(lambda client: client.lift_opt_out(number))

    @work(exclusive=True, group="deed")
    async def action_remove(self) -> None:
        id = self._contact.id
        asked = _("Delete {name} for good? Nothing of it is kept.")
        if await self._sure(asked, _("y  delete it")) and await self._do(lambda client: client.delete_contact(id)):
            self.dismiss()

    async def _sure(self, asked: str, yes: str) -> bool:
        from tui.screens.question import Question, sure

        return await sure(self.app, Question(asked.format(name=contact_sheet.called(self._contact)), yes))

    async def _do(self, call: Callable[[GatewayClient], Awaitable[object]]) -> bool:
        done = await self.do(call, _("No answer from the daemon: look again when it is back."))
        if done:
            self.load()
        return done
