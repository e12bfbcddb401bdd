"""A list of any length: draws the lines in view, and says which rows it lacks for that."""

from __future__ import annotations

import time
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.glyphs import glyphs
from tui.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from rich.style import Style
    from textual import events

    from tui.pages import Pages

T = TypeVar("T")
# Seconds in which a hand that is already moving cannot be stopped any more.
HAND = 0.5
NEAR = 25  # rows: what a key held down passes in most of a second
# A piece of a line: text, and the name of a style below.
Piece = tuple[str, str]


@dataclass
class Section(Generic[T]):
    """Rows of one kind under a heading (None: no heading line)."""

    name: str
    pages: Pages[T]
    heading: str | None = None
    height: int = 1
    ticking: bool = False

    @property
    def lines(self) -> int:
        count = self.pages.count
        return count * self.height + (self.heading is not None) if count else 0


class RowList(ScrollView, Generic[T], can_focus=True):
    """Subclasses say what a row looks like. The selection stays on its row when rows move."""

    STYLES: ClassVar = ("plain", "dim", "head", "good", "bad", "warn", "fuse", "air", "strong")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"row-list--{name}" for name in (*STYLES, "cursor")}
    DEFAULT_CSS = """
    RowList { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; height: 1fr; }
    RowList > .row-list--plain { color: $foreground; }
    RowList > .row-list--dim { color: $text-muted; }
    RowList > .row-list--head { color: $text-primary; text-style: bold; }
    RowList > .row-list--good { color: $text-success; }
    RowList > .row-list--bad { color: $text-error; text-style: bold; }
    RowList > .row-list--warn { color: $text-warning; text-style: bold; }
    RowList > .row-list--fuse { color: $text-accent; }
    RowList > .row-list--air { color: $text-secondary; }
    RowList > .row-list--strong { text-style: bold; }
    RowList > .row-list--cursor { background: $cursor-line; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", N_("up"), show=False, id="list.up"),
        Binding("down,j", "move(1)", N_("down"), show=False, id="list.down"),
        Binding("pageup", "page(-1)", N_("page up"), show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", N_("page down"), show=False, id="list.page_down"),
        Binding("home", "move(-999999999)", N_("first"), show=False, id="list.first"),
        Binding("end", "move(999999999)", N_("last"), show=False, id="list.last"),
        Binding("tab", "group(1)", N_("next group"), show=False, id="list.next_group"),
        Binding("shift+tab", "group(-1)", N_("group before"), show=False, id="list.previous_group"),
    ]

    @dataclass
    class Highlighted(Message):
        """The selected row is another one, or has changed."""

        rows: RowList[object]
        by_person: bool

    @dataclass
    class Opened(Message):
        """Clicked where it was already selected."""

        rows: RowList[object]

    @dataclass
    class Wanted(Message):
        """Rows in view are not here, or may have changed."""

        rows: RowList[object]

    def __init__(self, sections: Sequence[Section[T]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sections = list(sections)
        self.place = (0, 0)
        self.faded = False
        self._key: Hashable | None = None
        self._awaited: Hashable | None = None
        self._chosen = False  # by a person, or asked for by `select`
        self._jumped_at = float("-inf")
        self.monotonic: Callable[[], float] = time.monotonic
        self._wanted: set[tuple[int, int]] = set()
        self._looks: dict[tuple[str, bool], Style] = {}
        self._told: object = None
        self._asking = False

    # -- what subclasses say -------------------------------------------------------------------------

    @abstractmethod
    def key_of(self, row: T) -> Hashable: ...

    @abstractmethod
    def draw(self, section: Section[T], row: T, line: int, width: int) -> list[Piece]: ...

    # -- the selection -------------------------------------------------------------------------------

    @property
    def selected(self) -> T | None:
        section, row = self.place
        if not 0 <= section < len(self.sections):
            return None
        found = self.sections[section].pages.get(row)
        return found if found is not None and self.key_of(found) == self._key else None

    def select(self, key: Hashable) -> None:
        """Be on this row as soon as it is here, unless a person moves first."""
        self._awaited = key
        self.settle()

    @property
    def just_jumped(self) -> bool:
        """Whether the selection went to another row by itself, faster than a hand can notice."""
        return self.monotonic() - self._jumped_at < HAND

    def awaits(self) -> bool:
        """Whether the selected row is nowhere among those that are here."""
        sought = self._awaited if self._awaited is not None else self._key if self._chosen else None
        return sought is not None and self._find(sought) is None

    def settle(self) -> None:
        """Rows have come or gone: stay on the same one, and at the same height of the screen."""
        height = self._y_of(self.place) - self.scroll_offset.y
        self.virtual_size = Size(1, sum(section.lines for section in self.sections))
        found = None if self._awaited is None else self._find(self._awaited)
        if found is not None:
            self._awaited, self._chosen = None, True
        elif self._key is not None and self._chosen:
            found = self._find(self._key)
        # A selection that nobody made stays at the top: what comes next is in sight there.
        self.place = found or self._nearest(self.place if self._chosen else (0, 0))
        selected = self.sections[self.place[0]].pages.get(self.place[1])
        key = None if selected is None else self.key_of(selected)
        if self._key not in (None, key):
            self._jumped_at = self.monotonic()
        self._key = key
        if self.scroll_offset.y > 0 and found and 0 <= height < self.size.height:
            self.scroll_to(y=self._y_of(self.place) - height, animate=False, force=True)
        self._show_place()
        self.refresh()
        self._tell(by_person=False)

    def _find(self, key: Hashable) -> tuple[int, int] | None:
        stale: tuple[int, int] | None = None
        for number, section in enumerate(self.sections):
            for index, row in section.pages.loaded():
                if self.key_of(row) == key:
                    if not section.pages.lacks(index):
                        return number, index
                    stale = number, index
        return stale

    def _nearest(self, place: tuple[int, int]) -> tuple[int, int]:
        section, row = place
        counts = [each.pages.count for each in self.sections]
        if section < len(counts) and counts[section]:
            return section, max(0, min(row, counts[section] - 1))
        after = [number for number, count in enumerate(counts) if count and number > section]
        before = [number for number, count in enumerate(counts) if count and number < section]
        if after:
            return after[0], 0
        return (before[-1], counts[before[-1]] - 1) if before else (0, 0)

    def _go(self, place: tuple[int, int]) -> None:
        self._awaited, self._chosen = None, True
        self._refresh_row(self.place)
        self.place = self._nearest(place)
        row = self.sections[self.place[0]].pages.get(self.place[1])
        self._key = None if row is None else self.key_of(row)
        self._show_place()
        self._refresh_row(self.place)
        self._want_ahead()
        self._tell(by_person=True)

    def _refresh_row(self, place: tuple[int, int]) -> None:
        self.refresh_lines(self._y_of(place), self.sections[place[0]].height)

    def _tell(self, *, by_person: bool) -> None:
        if by_person or self.selected != self._told:
            self._told = self.selected
            self.post_message(self.Highlighted(self, by_person))  # type: ignore[arg-type]

    # -- moving --------------------------------------------------------------------------------------

    def action_move(self, steps: int) -> None:
        counts = [section.pages.count for section in self.sections]
        ordinal = sum(counts[: self.place[0]]) + self.place[1] + steps
        ordinal = max(0, min(ordinal, sum(counts) - 1))
        for number, count in enumerate(counts):
            if ordinal < count:
                return self._go((number, ordinal))
            ordinal -= count
        return None

    def action_page(self, direction: int) -> None:
        height = self.sections[self.place[0]].height
        on_screen = self._y_of(self.place) - self.scroll_offset.y
        self.action_move(direction * max(1, (self.size.height - 2) // height))
        self.scroll_to(y=max(0, self._y_of(self.place) - on_screen), animate=False, force=True)
        self._show_place()

    def action_group(self, direction: int) -> None:
        there = [number for number, section in enumerate(self.sections) if section.pages.count]
        if len(there) < 2 or self.place[0] not in there:
            return
        self._go((there[(there.index(self.place[0]) + direction) % len(there)], 0))

    def on_click(self, event: events.Click) -> None:
        number, row, _line = self._at(event.y + self.scroll_offset.y)
        if number < 0 or row < 0:
            return
        if (number, row) == self.place:
            self.post_message(self.Opened(self))  # type: ignore[arg-type]
        else:
            self._go((number, row))

    def _show_place(self) -> None:
        section = self.sections[self.place[0]]
        top = self._y_of(self.place)
        bottom = top + section.height
        if self.place[1] == 0 and section.heading is not None:
            top -= 1
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > self.scroll_offset.y + self.size.height > 0:
            self.scroll_to(y=bottom - self.size.height, animate=False, force=True)

    # -- lines ---------------------------------------------------------------------------------------

    def _y_of(self, place: tuple[int, int]) -> int:
        above = sum(section.lines for section in self.sections[: place[0]])
        section = self.sections[place[0]]
        return above + (section.heading is not None) + place[1] * section.height

    def _at(self, y: int) -> tuple[int, int, int]:
        """Section, row (-1: its heading) and line of the row; section -1 below the end."""
        for number, section in enumerate(self.sections):
            if y < section.lines:
                y -= section.heading is not None
                return number, y // section.height if y >= 0 else -1, y % section.height
            y -= section.lines
        return -1, -1, 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """Styles are looked up once for all lines: that takes longer than drawing them."""
        self._looks.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        number, row, line = self._at(y + self.scroll_offset.y)
        if number < 0:
            return Strip.blank(width, self._look("", selected=False))
        section = self.sections[number]
        if row < 0:
            heading = f" {section.heading} {glyphs().dot} {section.pages.count}"
            return self._strip([(heading, "head")], width, selected=False)
        found = section.pages.get(row)
        if section.pages.lacks(row):
            self._want(number, row)
        pieces = [("   ...", "dim")] if found is None else self.draw(section, found, line, width)
        return self._strip(pieces, width, selected=(number, row) == self.place)

    def _strip(self, pieces: list[Piece], width: int, *, selected: bool) -> Strip:
        segments = [
            Segment(text, self._look("dim" if self.faded else name, selected=selected)) for text, name in pieces
        ]
        length = sum(cell_len(text) for text, _name in pieces)
        return Strip(segments, length).adjust_cell_length(width, self._look("", selected=selected))

    def _look(self, name: str, *, selected: bool) -> Style:
        """A style above on the line's own; without a name, the line's own."""
        if (look := self._looks.get((name, selected))) is None:
            if name:
                style = self.get_component_rich_style(f"row-list--{name}", partial=True)
                look = self._look("", selected=selected) + style
            else:
                look = self.get_component_rich_style("row-list--cursor") if selected else self.rich_style
            self._looks[name, selected] = look
        return look

    def tick(self, x: int, width: int, soon: Callable[[T], bool] | None = None) -> bool:
        """Repaint these columns of the rows that count down; False when none is in view.

        With `soon`, only of those at the beginning of a section for which it holds.
        """
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        y = 0
        any_in_view = False
        for section in self.sections:
            lines = section.lines if soon is None else self._leading(section, soon)
            first, last = max(top, y), min(bottom, y + lines)
            y += section.lines
            if section.ticking and first < last:
                self.refresh(Region(x, first - top, width, last - first))
                any_in_view = True
        return any_in_view

    def _leading(self, section: Section[T], soon: Callable[[T], bool]) -> int:
        """The lines down to the last of the first rows for which it holds."""
        rows = 0
        while (row := section.pages.get(rows)) is not None and soon(row):
            rows += 1
        return rows * section.height + (section.heading is not None) if rows else 0

    # -- rows that are not here ----------------------------------------------------------------------

    def _want(self, section: int, row: int) -> None:
        self._wanted.add((section, row))
        if not self._asking:
            self._asking = True
            self.call_later(self.post_message, self.Wanted(self))  # type: ignore[arg-type]

    def _want_ahead(self) -> None:
        """The page that a hand is about to reach, so that it does not wait for the daemon there."""
        number, row = self.place
        pages = self.sections[number].pages
        for near in (row - NEAR, row + NEAR):
            if 0 <= near < pages.count and pages.lacks(near):
                self._want(number, near)

    @property
    def wants(self) -> bool:
        return bool(self._wanted)

    def take_wanted(self) -> list[tuple[Pages[T], int]]:
        """What is lacking now; one row for each page."""
        self._asking = False
        wanted, self._wanted = sorted(self._wanted), set()
        return [(self.sections[number].pages, row) for number, row in wanted]

    def spoil(self) -> None:
        """Look at everything in view again, while what is here stays on the screen."""
        for section in self.sections:
            section.pages.spoil()
        self.refresh()
