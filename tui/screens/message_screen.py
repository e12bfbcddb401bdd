"""What can be done with one message, wherever it is shown."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import answers
from tui.errors import Declined, DeskError
from tui.messages import ComposeWanted, Say
from tui.screens.desk_screen import DeskScreen
from tui.widgets.notice_bar import NoticeBar
from tui.words import N_, _

if TYPE_CHECKING:
    from modemd.api.schema import MessageView

MINUTE = "60s"
CAN_CANCEL = frozenset({"draft", "held", "staged", "queued", "submitting"})
CAN_TAKE_BACK = frozenset({"draft", "held", "staged"})
CAN_COPY = frozenset({"submitted", "delivered", "undelivered", "cancelled", "expired", "failed"})


class MessageScreen(DeskScreen):
    """Cancel, a minute more, edit: of the message that `chosen` says."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,delete", "cancel_message", N_("cancel"), id="message.cancel"),
        Binding("plus", "extend", N_("1 min"), id="message.extend"),
        Binding("e", "edit", N_("edit"), id="message.edit"),
        Binding("e", "again", N_("use again"), id="message.again"),
    ]
    # `e` speaks of the notice's message until the selection is moved.
    edits_notice = False

    @abstractmethod
    def chosen(self) -> MessageView | None: ...

    def changed(self) -> None:
        """A deed was done: look again."""

    def just_jumped(self) -> bool:
        """Whether `chosen` became another message too short a time ago for anybody to have seen it."""
        return False

    def aimed_at(self) -> MessageView | None:
        """The chosen message, unless the key was meant for the one before it."""
        if self.just_jumped():
            self.post_message(Say(answers.told(_("The selection has just moved: look, and press the key again."))))
            return None
        return self.chosen()

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        message = self.chosen() if action in ("cancel_message", "extend") else None
        match action:
            case "cancel_message":
                return message is not None and message.state in CAN_CANCEL
            case "extend":
                return message is not None and message.state == "staged"
            case "edit" | "again":
                takes_back = (to_edit := self._to_edit()) is not None and to_edit.state in CAN_TAKE_BACK
                return takes_back if action == "edit" else to_edit is not None and to_edit.state in CAN_COPY
        return super().can(action, parameters)

    def notice_keys(self) -> tuple[str, ...]:
        notice = self.desk.notice
        again = notice is not None and notice.message is not None and self.edits_notice
        return (*([NoticeBar.edit_again()] if again else []), NoticeBar.close())

    def action_back(self) -> None:
        if self.desk.notice is not None:
            self.desk.notice = None
            self.edits_notice = False
            self.show_desk()
        elif not self.MODE:
            self.dismiss()

    def noticed(self) -> None:
        """A notice has just come up: `e` speaks of it."""
        self.edits_notice = True
        self.show_desk()

    def _to_edit(self) -> MessageView | None:
        notice = self.desk.notice
        if self.edits_notice and notice is not None and notice.message is not None:
            return notice.message
        return self.chosen()

    @work(group="deed")
    async def action_cancel_message(self) -> None:
        if (message := self.aimed_at()) is None:
            return
        try:
            view = await self.desk.ask(lambda client: client.cancel(message.id))
        except DeskError as error:
            self.refused(error, _unanswered())
            return
        self.post_message(Say(answers.cancelled(view, self.desk.clock)))
        self.changed()

    @work(group="deed")
    async def action_extend(self) -> None:
        if (message := self.aimed_at()) is None:
            return
        if await self.do(lambda client: client.edit(message.id, extend=MINUTE), _unanswered()):
            self.changed()

    @work(group="deed", exclusive=True)
    async def action_edit(self) -> None:
        """Take it back first, or it may leave while it is being written."""
        message = self._to_edit() if self.edits_notice else self.aimed_at()
        if message is None:
            return
        id = message.id
        try:
            if message.state != "draft":
                message = await self.desk.ask(lambda client: client.edit(id, draft=True))
        except DeskError as error:
            if isinstance(error, Declined) and error.code == "too_late":
                said = _("Too late to edit: it has left, or is leaving. e makes a new one of it.")
                self.post_message(Say(answers.Notice(answers.TOO_LATE, said)))
            else:
                self.refused(error, _unanswered())
            return
        self.post_message(ComposeWanted(draft=message))

    def action_again(self) -> None:
        """A new message with this text: what has left, or was stopped, stays as it is."""
        if (message := self._to_edit()) is not None:
            self.post_message(ComposeWanted(to=message.to, text=message.text))


def _unanswered() -> str:
    return _("No answer from the daemon: nothing is known to have changed. Look again when it is back.")
