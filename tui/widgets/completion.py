"""Whom the letters in a recipient field may mean; one is taken by Enter only where nobody else fits as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui import contact_sheet, format
from tui.glyphs import glyphs
from tui.words import _

if TYPE_CHECKING:
    from modemd.api.contact_schema import CompletionView, SuggestionView
    from tui.desk import Desk

MOST = 6  # shown at once


class Completion(Widget):
    """Takes no focus: the letters go on into the field. `typed` are those that it speaks of."""

    DEFAULT_CSS = """
    Completion { height: auto; display: none; margin: 0 1 0 10; background: $panel; }
    Completion.-some { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._found: list[SuggestionView] = []
        self._tie = False
        self._cursor: int | None = None
        self._asked = False
        self.typed = ""

    @property
    def is_open(self) -> bool:
        return bool(self._found)

    def show(self, typed: str, view: CompletionView | None) -> None:
        self._found = view.suggestions[:MOST] if view else []
        self._tie = view.tie if view else False
        self.typed, self._cursor, self._asked = typed, None, False
        self.set_class(self.is_open, "-some")
        self.refresh(layout=True)

    def close(self) -> None:
        self.show("", None)

    def move(self, step: int) -> None:
        """By hand: what the cursor is on is meant, tie or not."""
        first = 0 if step > 0 else len(self._found) - 1
        self._cursor = first if self._cursor is None else (self._cursor + step) % len(self._found)
        self.refresh()

    def take(self) -> SuggestionView | None:
        """What Enter means here; None where several fit as well, and a person has to say which."""
        if self._cursor is not None:
            return self._found[self._cursor]
        if self._tie:
            self._asked = True
            self.refresh(layout=True)
            return None
        return self._found[0]

    def render(self) -> Content:
        width = self.size.width
        lines = []
        for index, each in enumerate(self._found):
            mark = glyphs().cursor if index == self._cursor else " "
            line = f"{mark} {contact_sheet.suggestion_line(each, self._desk.clock, width - 3)}"
            style = "bold" if index == self._cursor else "$text-muted" if each.demoted or each.opted_out else ""
            lines.append(Content.styled(format.fit(line, width), style))
        if self._asked:
            said = f"{glyphs().warning} " + _("Several fit: choose with the arrow keys, then Enter.")
            lines.append(Content.styled(format.fit(said, width), "bold $text-warning"))
        return Content("\n").join(lines)
