"""A file of contacts on its way in: how it is read, what it would do, and what a person decides."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import answers, contact_sheet, format
from tui.errors import Away, Declined, DeskError
from tui.glyphs import glyphs
from tui.messages import Say
from tui.pages import Fetch, Pages
from tui.screens.desk_screen import DeskScreen
from tui.widgets.fields import SafeInput
from tui.widgets.row_list import Piece, RowList, Section
from tui.widgets.trouble import Trouble
from tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from modemd.api.contact_schema import ImportedView, ImportItemView, ImportView
    from tui.desk import Desk

MOST_OCTETS = 8 * 2**20
# What asks for a decision comes first; a line more where there is something to read.
_SECTIONS = (
    ("conflict", N_("TO DECIDE"), 2),
    ("bad", N_("UNREADABLE"), 2),
    ("changed", N_("CHANGED"), 2),
    ("new", N_("NEW"), 1),
)


class ItemList(RowList["ImportItemView"]):
    """`decisions` by place; what is clear needs none."""

    def __init__(self) -> None:
        self.items: list[ImportItemView] = []
        self.decisions: dict[int, str] = {}
        self._sections = {
            kind: Section(kind, Pages(self._fetch(kind)), _(heading), height) for kind, heading, height in _SECTIONS
        }
        super().__init__(list(self._sections.values()), id="items")

    def _fetch(self, kind: str) -> Fetch[ImportItemView]:
        async def page(after: str | None, limit: int) -> tuple[list[ImportItemView], str | None]:
            found = [item for item in self.items if item.kind == kind]
            start = int(after or 0)
            more = start + limit < len(found)
            return found[start : start + limit], str(start + limit) if more else None

        return page

    async def show(self, items: list[ImportItemView]) -> None:
        self.items, self.decisions = items, {}
        for kind, section in self._sections.items():
            section.pages.clear()
            section.pages.recount(sum(item.kind == kind for item in items))
            await section.pages.load(0)
        self.settle()

    def key_of(self, row: ImportItemView) -> Hashable:
        return row.place

    def draw(self, section: Section[ImportItemView], row: ImportItemView, line: int, width: int) -> list[Piece]:
        if line == 1:
            return [(format.fit("       " + contact_sheet.item_words(row), width), "dim")]
        look = contact_sheet.ITEMS[row.kind]
        numbers = " ".join(map(format.number, row.numbers))
        doubt = f" {format.one_line(row.doubts[0].written)} ?" if row.doubts else ""
        decided = self.decided(row)
        said = f"{glyphs().arrow} {_(contact_sheet.DECISIONS[decided])}" if decided else ""
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (f"{look.sign} {row.place:>4} ", look.style),
            (format.fit(format.one_line(row.name), 24) + " ", "plain"),
            (format.fit(numbers + doubt, max(10, width - 47)) + " ", "plain"),
            (format.fit(said, 13), "strong"),
        ]

    def decided(self, row: ImportItemView) -> str:
        """What will be done with it; empty where it cannot be read."""
        usual = {"new": "add", "changed": "merge", "conflict": "skip"}
        return self.decisions.get(row.place, usual.get(row.kind, ""))


class TakeInScreen(DeskScreen):
    CSS_PATH = "take_in.tcss"
    TITLED = N_("Import")
    HELP = N_(
        "Name a file on this machine: CSV, Excel (.xlsx) or vCard. It is read and compared with the contacts; nothing "
        "is done before ^S, and that can be undone at once with z.\n\n"
        "F2 reads it in the next encoding that fits: look at the names. F3 says what the columns mean. "
        "F4: numbers that lack the 0 in front are taken as proposed; else they are kept, and asked about under t of "
        "the contacts.\n\n"
        "TO DECIDE does nothing by itself: a adds it as a contact of its own, m merges it into the one that is there, "
        "l leaves it out, as it does with what is new or changed."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", N_("do it"), priority=True, id="import.apply"),
        Binding("f2", "next_encoding", N_("encoding"), priority=True, id="import.encoding"),
        Binding("f3", "columns", N_("columns"), priority=True, id="import.columns"),
        Binding("f4", "zeros", N_("zeros"), priority=True, id="import.zeros"),
        Binding("a", "decide('add')", N_("add"), id="import.add"),
        Binding("m", "decide('merge')", N_("merge"), id="import.merge"),
        Binding("l", "decide('skip')", N_("leave out"), id="import.skip"),
        Binding("z", "undo_batch", N_("undo this import"), id="import.undo"),
        Binding("down", "to_list", N_("to the list"), show=False, id="search.list"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self.rows = ItemList()
        self._data = b""
        self._wanted: dict[str, Any] = {}
        self._seen: ImportView | None = None
        self._done: ImportedView | None = None

    def body(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield Static(_("File"), classes="label", markup=False)
            yield SafeInput(placeholder="~/customers.csv", id="file")
        with Horizontal(classes="line"):
            yield Static(_("Group"), classes="label", markup=False)
            yield SafeInput(placeholder=_("optional: everybody of the file belongs to it"), id="group")
        yield Static("", id="read", markup=False)
        yield Static("", id="columns", markup=False)
        yield self.rows
        yield Trouble()

    def on_mount(self) -> None:
        self.query_one("#file").focus()

    # -- reading -------------------------------------------------------------------------------------

    @on(SafeInput.Submitted)
    def _submitted(self) -> None:
        self._wanted = {}
        self.look(afresh=True)

    @work(exclusive=True, group="look")
    async def look(self, *, afresh: bool = False) -> None:
        """Compare the file as it is wanted now; `afresh` reads it from the disk again."""
        if afresh and not await self._read():
            return
        group = self.query_one("#group", SafeInput).value.strip() or None
        try:
            seen = await self.desk.ask(lambda client: client.preview_import(self._data, group=group, **self._wanted))
        except Away:
            self.complain(_("No answer from the daemon: try again when it is back."))
            return
        except Declined as error:
            self.complain(str(error))
            return
        self._seen, self._done = seen, None
        await self.rows.show(seen.items)
        self.complain("")
        self._show()
        if seen.items:
            self.rows.focus()

    async def _read(self) -> bool:
        name = self.query_one("#file", SafeInput).value.strip()
        try:
            data = await asyncio.to_thread(_bytes_of, name)
        except OSError as error:
            said = _("{file} cannot be read: {why}.")
            self.complain(said.format(file=name, why=error.strerror))
            return False
        if len(data) > MOST_OCTETS:
            self.complain(_("{file} is too large: 8 MB at most. Divide it.").format(file=name))
            return False
        self._data, self._wanted = data, {"source": os.path.basename(name)}
        return True

    def _show(self) -> None:
        if (seen := self._seen) is None:
            return
        width = max(20, self.size.width - 2)
        self.query_one("#read", Static).update(contact_sheet.import_heading(seen))
        self.query_one("#columns", Static).update(format.clip(contact_sheet.columns_line(seen), width))
        self.refresh_bindings()

    def on_resize(self) -> None:
        self._show()

    # -- how it is read ------------------------------------------------------------------------------

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        seen, row = self._seen, self.rows.selected
        match action:
            case "apply":
                return seen is not None and self._done is None
            case "next_encoding":
                return seen is not None and len(seen.encodings) > 1
            case "columns":
                return seen is not None and bool(seen.columns)
            case "zeros":
                return seen is not None and (bool(seen.counts["doubts"]) or "zeros" in self._wanted)
            case "undo_batch":
                return self._done is not None
            case "to_list":
                return self.focused is not self.rows and bool(self.rows.items)
            case "decide" if self.focused is self.rows and row is not None and self._done is None:
                able = {"conflict": ("add", "merge", "skip"), "new": ("add", "skip"), "changed": ("merge", "skip")}
                can = parameters[0] in able.get(row.kind, ())
                return can and (parameters[0] != "merge" or row.contact is not None)
            case "decide":
                return False
        return super().can(action, parameters)

    def action_next_encoding(self) -> None:
        if self._seen is not None and len(self._seen.encodings) > 1:
            self._wanted |= {"encoding": self._seen.encodings[1]}
            self._wanted.pop("columns", None)
            self.look()

    def action_zeros(self) -> None:
        """A person has seen them, and says that the proposed ones are meant; pressed again: not."""
        if self._wanted.pop("zeros", None) is None:
            self._wanted["zeros"] = True
        self.look()

    def action_columns(self) -> None:
        from tui.screens.columns import ColumnsScreen

        if self._seen is not None:
            self.app.push_screen(ColumnsScreen(self.desk, self._seen, self._mapped, demo=self._demo))

    def _mapped(self, columns: list[str], headed: bool) -> None:
        self._wanted |= {"columns": columns, "headed": headed}
        self.look()

    def action_to_list(self) -> None:
        self.rows.focus()

    # -- what is done --------------------------------------------------------------------------------

    @on(RowList.Wanted)
    @work(exclusive=True, group="fill")
    async def _fill(self) -> None:
        for pages, index in self.rows.take_wanted():
            if pages.lacks(index):
                await pages.load(index)
        self.rows.settle()

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    def action_decide(self, decision: str) -> None:
        if (row := self.rows.selected) is not None:
            self.rows.decisions[row.place] = decision
            self.rows.refresh()
            self.rows.action_move(1)

    @work(exclusive=True, group="deed")
    async def action_apply(self) -> None:
        from tui.screens.question import Question, sure

        if (seen := self._seen) is None:
            return
        asked = self._what_would_be_done()
        if not await sure(self.app, Question(asked, _("y  do it"))):
            return
        group = self.query_one("#group", SafeInput).value.strip() or None
        decisions = dict(self.rows.decisions)
        try:
            done = await self.desk.ask(
                lambda client: client.apply_import(self._data, seen.seen, decisions, group=group, **self._wanted)
            )
        except Away:
            self.complain(_("No answer: it may be done in part. When the daemon is back, compare the file again."))
            return
        except Declined as error:
            self.complain(str(error))
            return
        self._done = done
        said = _("{added} added, {merged} merged, {skipped} left out. z undoes it.")
        told = said.format(added=done.added, merged=done.merged, skipped=done.skipped)
        self.post_message(Say(answers.told(told)))
        self.refresh_bindings()

    def _what_would_be_done(self) -> str:
        decided = [self.rows.decided(item) for item in self.rows.items]
        add, merge = decided.count("add"), decided.count("merge")
        lines = (
            ngettext("{n} contact is added.", "{n} contacts are added.", add).format(n=add),
            ngettext("{n} contact is changed.", "{n} contacts are changed.", merge).format(n=merge),
        )
        return "\n".join(lines)

    @work(exclusive=True, group="deed")
    async def action_undo_batch(self) -> None:
        if (done := self._done) is None:
            return
        try:
            undone = await self.desk.ask(lambda client: client.undo_batch(done.batch))
        except DeskError as error:
            self.complain(str(error))
            return
        self.post_message(Say(answers.told(_("As before: {n} contacts.").format(n=undone.contacts))))
        self.look()


def _bytes_of(name: str) -> bytes:
    with open(os.path.expanduser(name), "rb") as file:
        return file.read(MOST_OCTETS + 1)
