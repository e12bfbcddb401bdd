"""One of a few, by its digit: never by Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.widgets.key_line import KeyLine
from tui.words import N_, _

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class Pick(ModalScreen["int | None"]):
    """Answers with the index, None when nobody was picked. Up to nine."""

    CSS_PATH = "question.tcss"
    DEFAULT_CSS = """
    Pick { align: center middle; background: $background 60%; }
    Pick:ansi { background: ansi_default; }
    Pick KeyLine { dock: bottom; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("no, back"), id="question.no"),
    ]

    def __init__(self, asked: str, rows: list[str]) -> None:
        super().__init__()
        self._asked = asked
        self._rows = rows[:9]

    def compose(self) -> ComposeResult:
        lines = [f"{number}  {row}" for number, row in enumerate(self._rows, 1)]
        with Vertical(id="question"):
            yield Static(self._asked + "\n", markup=False)
            yield Static("\n".join(lines) + "\n\n" + _("esc  no, leave it as it is"), markup=False, id="answers")
        yield KeyLine()

    def on_key(self, event: events.Key) -> None:
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._rows):
            event.stop()
            self.dismiss(int(event.key) - 1)

    def action_back(self) -> None:
        self.dismiss(None)
