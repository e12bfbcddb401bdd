"""What the columns of a file mean, one a line: left and right change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from modemd.api.contact_schema import ColumnView
from tui import contact_sheet, format
from tui.glyphs import glyphs
from tui.pages import Pages
from tui.screens.desk_screen import DeskScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from textual.app import ComposeResult

    from modemd.api.contact_schema import ImportView
    from tui.desk import Desk


class ColumnList(RowList["ColumnView"]):
    def __init__(self, columns: list[ColumnView]) -> None:
        self.columns = columns

        async def page(after: str | None, limit: int) -> tuple[list[ColumnView], str | None]:
            return self.columns, None

        super().__init__([Section("columns", Pages(page))], id="columns")

    def key_of(self, row: ColumnView) -> Hashable:
        return row.heading

    def draw(self, section: Section[ColumnView], row: ColumnView, line: int, width: int) -> list[Piece]:
        examples = " / ".join(map(format.one_line, row.examples))
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.fit(format.one_line(row.heading), 22) + f" {glyphs().arrow} ", "plain"),
            (format.fit(contact_sheet.field_word(row.means), 18) + " ", "strong"),
            (format.fit(examples, max(4, width - 46)), "dim"),
        ]


class ColumnsScreen(DeskScreen):
    TITLED = N_("Columns")
    HELP = N_(
        "Left and right change what a column means; its first values stand beside it. r switches whether the first row "
        "is a heading. Enter reads the file that way, esc leaves it as it was."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", N_("next meaning"), id="columns.next"),
        Binding("left", "turn(-1)", N_("meaning before"), show=False, id="columns.before"),
        Binding("r", "heading", N_("first row is a heading or not"), id="columns.headed"),
        Binding("enter", "take", N_("read it so"), id="columns.take"),
    ]

    def __init__(
        self, desk: Desk, seen: ImportView, take: Callable[[list[str], bool], None], *, demo: bool = False
    ) -> None:
        super().__init__(desk, demo=demo)
        self._fields, self._take, self._headed = seen.fields, take, seen.headed
        self.rows = ColumnList(list(seen.columns))

    def body(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        self.rows.focus()
        self.fill()

    @work(exclusive=True, group="fill")
    async def fill(self) -> None:
        await self.rows.sections[0].pages.load(0)
        self.rows.settle()

    def action_turn(self, step: int) -> None:
        if (row := self.rows.selected) is None:
            return
        own = f"x:{row.heading}"
        choices = [*self._fields, own]
        at = choices.index(row.means) if row.means in choices else 0
        turned = ColumnView(row.heading, choices[(at + step) % len(choices)], row.examples)
        self.rows.columns = [turned if each is row else each for each in self.rows.columns]
        self.fill()

    def action_heading(self) -> None:
        """Whoever has headings wants them guessed again, whoever has none says what the columns are."""
        self._take([each.means for each in self.rows.columns], not self._headed)
        self.dismiss()

    def action_take(self) -> None:
        self._take([each.means for each in self.rows.columns], self._headed)
        self.dismiss()
