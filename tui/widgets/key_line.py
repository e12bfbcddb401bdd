"""The keys that work here and now, on the last line of every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui import format
from tui.keys import RANK, shown_key
from tui.words import _

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.screen import Screen

Piece = tuple[str, str]


class KeyLine(Widget):
    """In order of rank; what finds no room is in the palette and on the help page."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__()
        self._spans: list[tuple[int, int, str]] = []
        self._drawn: list[Piece] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        """Repaint if a key has come or gone: moving through a list asks at every step."""
        if self._pieces() != self._drawn:
            self.refresh()

    def render(self) -> Content:
        self._drawn = self._pieces()
        return Content.assemble(*self._drawn)

    def _pieces(self) -> list[Piece]:
        width = self.size.width
        chosen, room = [], width - 1
        shown = sorted(self._shown(), key=_rank)
        # The page that explains the rest always finds room, at the end.
        helping = [binding for binding in shown if binding.id == "desk.help"]
        room -= 3 * len(helping)
        for binding in [each for each in shown if each not in helping]:
            key, word = shown_key(binding.key), _(binding.description)
            cells = format.width(key) + format.width(word) + (3 if word else 2)
            if cells <= room + 2:
                chosen.append((key, word, binding.key))
                room -= cells
        chosen += [(shown_key(each.key), "", each.key) for each in helping]
        self._spans = []
        pieces: list[Piece] = [(" ", "")]
        x = 1
        for key, word, pressed in chosen:
            end = x + format.width(key) + (1 + format.width(word) if word else 0)
            self._spans.append((x, end, pressed))
            pieces += [(key, "bold $text-accent"), (f" {word}  " if word else "  ", "")]
            x = end + 2
        return pieces

    def _shown(self) -> list[Binding]:
        focused = self.screen.focused
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in shown:
                continue
            character = binding.key if len(binding.key) == 1 else _CHARACTERS.get(binding.key)
            typing = focused is not None and focused.check_consume_key("a", "a")
            if typing and focused is not None and focused.check_consume_key(binding.key, character):
                continue
            if binding.id == "desk.undo_typing" and not typing:
                continue
            if binding.id == "desk.back" and getattr(self.screen, "MODE", False):
                continue  # there it closes the notice, which says so itself
            shown[binding.action] = binding
        return list(shown.values())

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)


_CHARACTERS = {"plus": "+", "slash": "/", "question_mark": "?", "space": " "}


def _rank(binding: Binding) -> tuple[int, str]:
    name = binding.id or ""
    return (RANK.index(name) if name in RANK else len(RANK), name)
