"""Questions asked before something that cannot be taken back. Escape always backs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.widgets.fields import SafeInput
from tui.widgets.key_line import KeyLine
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import App, ComposeResult

    from modemd.api.schema import ReadBackView


class Question(ModalScreen[bool]):
    """`y` does it, Enter never does."""

    CSS_PATH = "question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", N_("yes"), id="question.yes"),
        Binding("escape,n", "no", N_("no, back"), id="question.no"),
    ]

    def __init__(self, asked: str, yes: str) -> None:
        super().__init__()
        self._asked = asked
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(self._asked, markup=False)
            yield Static("\n" + self._yes + "\n" + _("esc  no, leave it as it is"), markup=False, id="answers")
        yield KeyLine()

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)


class DigitsQuestion(ModalScreen[bool]):
    """Asks for the last four digits, or another word that has to be read, so that no hand is faster than the head."""

    CSS_PATH = "question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", N_("no, back"), id="question.no"),
    ]

    def __init__(self, asked: str, digits: str, wrong: str = "") -> None:
        super().__init__()
        self._asked = asked
        self._digits = digits
        self._wrong = wrong or _("These are not the last four digits.")

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(self._asked, markup=False)
            yield SafeInput(max_length=max(4, len(self._digits)), placeholder="____", id="digits")
            yield Static("", markup=False, id="answers")
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(SafeInput).focus()

    @on(SafeInput.Submitted)
    def _submitted(self, event: SafeInput.Submitted) -> None:
        if event.value.strip() == self._digits:
            self.dismiss(True)
        else:
            self.query_one("#answers", Static).update(self._wrong)

    def action_no(self) -> None:
        self.dismiss(False)


class ReasonQuestion(ModalScreen[str]):
    """Asks for a reason in words; without one nothing is done."""

    CSS_PATH = "question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", N_("no, back"), id="question.no"),
    ]

    def __init__(self, asked: str) -> None:
        super().__init__()
        self._asked = asked

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(self._asked, markup=False)
            yield SafeInput(max_length=500, id="reason")
            yield Static("", markup=False, id="answers")
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(SafeInput).focus()

    @on(SafeInput.Submitted)
    def _submitted(self, event: SafeInput.Submitted) -> None:
        if reason := event.value.strip():
            self.dismiss(reason)
        else:
            self.query_one("#answers", Static).update(_("It needs a reason."))

    def action_no(self) -> None:
        self.dismiss("")


async def read_back(app: App[Any], asked: str, yes: str, view: ReadBackView | None) -> bool:
    """Confirm by what the risk asks for: a key, the last four digits, the family name."""
    match view.act if view else "key":
        case "last_four":
            asked += "\n\n" + _("Type the last four digits of the number.")
            return await sure(app, DigitsQuestion(asked, view.answer if view else ""))
        case "family_name":
            asked += "\n\n" + _("Type the family name of the recipient.")
            wrong = _("That is not the family name of the recipient.")
            return await sure(app, DigitsQuestion(asked, view.answer if view else "", wrong))
    return await sure(app, Question(asked, yes))


async def sure(app: App[Any], question: ModalScreen[bool]) -> bool:
    """Ask it and wait for the answer; in a worker."""
    answer: bool | None = await app.push_screen_wait(question)
    return bool(answer)
