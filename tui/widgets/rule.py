"""A line across, with a word at its right end where there is something to say."""

from textual.content import Content
from textual.widget import Widget

from tui import format
from tui.glyphs import glyphs


class Rule(Widget):
    DEFAULT_CSS = "Rule { height: 1; color: $text-muted; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._word = ""

    def say(self, word: str) -> None:
        if word != self._word:
            self._word = word
            self.refresh()

    def render(self) -> Content:
        word = f" {format.clip(self._word, self.size.width - 4)} " if self._word else ""
        line = glyphs().rule * max(0, self.size.width - format.width(word) - (2 if word else 0))
        return Content(line + word + (glyphs().rule * 2 if word else ""))
