"""The top line of every screen: where I am, what needs me, what burns, the radio, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui import format, times
from tui.glyphs import glyphs
from tui.words import N_, _

if TYPE_CHECKING:
    from tui.desk import Desk

MODES = (
    ("outbox", "1", N_("Outbox")),
    ("inbox", "2", N_("Inbox")),
    ("modems", "3", N_("Modems")),
    ("log", "4", N_("Log")),
    ("contacts", "5", N_("Contacts")),
)
Piece = tuple[str, str]


class TopLine(Widget):
    """`title` stands in the place of the modes on screens that are opened over them."""

    DEFAULT_CSS = "TopLine { height: 1; background: $panel; color: $foreground; }"

    def __init__(self, desk: Desk, *, mode: str = "", title: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._mode = mode
        self._title = title
        self._drawn: list[Piece] = []

    def show(self) -> None:
        """Repaint if anything on it has changed."""
        if self._pieces() != self._drawn:
            self.refresh()

    def render(self) -> Content:
        self._drawn = self._pieces()
        return Content.assemble(*self._drawn)

    def _pieces(self) -> list[Piece]:
        width = self.size.width
        left = self._left(width)
        room = width - sum(format.width(text) for text, _style in left) - 1
        right: list[Piece] = []
        # The first named is the last to go when there is no room.
        time = (self._time(), "bold")
        shown = []
        for piece in [*self._counts(), time, *self._modems(width)]:
            cells = format.width(piece[0]) + 2
            if cells <= room:
                room -= cells
                shown.append(piece)
        for text, style in [piece for piece in shown if piece is not time] + [time]:
            right += [("  ", ""), (text, style)]
        used = sum(format.width(text) for text, _style in left + right)
        return [*left, (" " * max(0, width - used - 1), ""), *right]

    def _left(self, width: int) -> list[Piece]:
        if self._title:
            return [(" " + format.clip(self._title, width // 2), "bold")]
        # What needs somebody goes before the names of other screens: their digits are enough.
        needed = sum(format.width(text) + 2 for text, _style in self._counts()) + format.width(self._time()) + 3
        named = len(MODES)
        pieces = self._modes(named, brand=width >= 110)
        while named and sum(format.width(text) for text, _style in pieces) + needed > width:
            named -= 1
            pieces = self._modes(named, brand=False)
        return pieces

    def _modes(self, named: int, *, brand: bool) -> list[Piece]:
        """The screens by their digits; this one and the first `named` by their names as well."""
        view = self._desk.outbox
        pieces: list[Piece] = [(" modemd  ", "bold")] if brand else []
        for number, (mode, key, word) in enumerate(MODES):
            if not self._desk.may("go", (mode,)):
                continue
            here = mode == self._mode
            name = f" {_(word)}" if here or number < named else ""
            if here:
                pieces.append((f"{glyphs().cursor}{key}{name}", "bold"))
            else:
                pieces.append((f" {key}{name}", "$text-muted"))
            if mode == "inbox" and view is not None and view.unread:
                pieces.append((f" {glyphs().unread}{view.unread} ", "bold $text-warning"))
        return pieces

    def _counts(self) -> list[Piece]:
        view = self._desk.outbox
        if view is None:
            return []
        pieces = []
        held, burning = format.look_of("held"), format.look_of("staged")
        if view.needs_you:
            text = _("{n} needs you").format(n=view.needs_you)
            pieces.append((f"{held.sign} {text}", "bold $text-warning"))
        if view.burning:
            text = _("{n} burning").format(n=view.burning)
            pieces.append((f"{burning.sign} {text}", "$text-accent"))
        return pieces

    def _time(self) -> str:
        return times.hm(self._desk.clock.here())

    def _modems(self, width: int) -> list[Piece]:
        view = self._desk.outbox
        if view is None:
            return []
        pieces = []
        for modem in view.modems[: 4 if width >= 110 else 2]:
            bars = format.signal_bars(modem.signal_dbm).strip() or "?"
            if modem.state in ("gone", "parked"):
                bars = format.look_of("failed").sign
            words = [bars]
            if width >= 100:
                words = [format.one_line(modem.name), format.one_line(modem.technology or ""), bars]
            pieces.append((" ".join(word for word in words if word), ""))
        return pieces
