"""Everybody who is known, by reading; with what leads from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import contact_sheet, format
from tui.glyphs import glyphs
from tui.messages import ComposeWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.fields import SafeInput
from tui.widgets.row_list import Piece, RowList, Section
from tui.widgets.sheet import Sheet
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult
    from textual.timer import Timer

    from modemd.api.contact_schema import ContactView
    from tui.desk import Desk

REST = 0.2


class ContactList(RowList["ContactView"]):
    def __init__(self, desk: Desk, section: Section[ContactView]) -> None:
        super().__init__([section], id="contacts")
        self._desk = desk

    def key_of(self, row: ContactView) -> Hashable:
        return row.id

    def draw(self, section: Section[ContactView], row: ContactView, line: int, width: int) -> list[Piece]:
        card, out = row.card, contact_sheet.OPT_OUTS["out"]
        name, reading = (20, 16) if width < 100 else (28, 24)
        number = format.number(card.numbers[0]) if card.numbers else "-"
        more = f" +{len(card.numbers) - 1}" if len(card.numbers) > 1 else ""
        said = ", ".join((*card.groups, *card.tags))
        marks = [out.sign if row.opted_out else " ", "!" if row.doubts else " "]
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            ("".join(marks) + " ", "warn"),
            (format.fit(contact_sheet.called(row), name) + " ", "plain"),
            (format.fit(format.one_line(card.reading), reading) + " ", "dim"),
            (format.fit(number + more, 20) + " ", "plain"),
            (format.fit(format.one_line(said), max(4, width - name - reading - 27)), "dim"),
        ]


class ContactsScreen(ListScreen["ContactView"]):
    CSS_PATH = "contacts.tcss"
    MODE = "contacts"
    TOUCHED_BY = ("contact", "opt_out")
    HELP = N_(
        "Everybody who is known, by reading. / looks for messages; f finds a contact by anything that is known: a part "
        "of the name or the reading, two kanji, a number from either end, a group, a note.\n\n"
        "Enter opens a contact; w writes to it; a adds one; i takes a file in (CSV, Excel, vCard), which is compared "
        "before anything is done, and can be undone.\n"
        "t shows what is to be seen to: duplicates, one number under two names, lost zeros, dead numbers, stale "
        "contacts. o shows who wants no more messages.\n\n"
        "⊘ wants no more messages.  ! has a number that may have lost its zero."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("open"), id="list.open"),
        Binding("w", "write_to", N_("write"), id="contacts.write"),
        Binding("a", "add", N_("add"), id="contacts.add"),
        Binding("f", "filter", N_("find one"), id="contacts.find"),
        Binding("i", "take_in", N_("import"), id="contacts.import"),
        Binding("t", "hygiene", N_("to see to"), id="contacts.hygiene"),
        Binding("o", "opt_outs", N_("opt-outs"), id="contacts.opt_outs"),
        Binding("down", "to_list", N_("to the list"), show=False, id="search.list"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._sought: str | None = None
        self._resting: Timer | None = None
        fetch = self.fetch(
            lambda client, after, limit: client.contacts(q=self._sought, after=after, limit=limit),
            lambda page: (page.contacts, page.next),
        )
        self.rows = ContactList(desk, Section("contacts", Pages(fetch)))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield SafeInput(placeholder=_("a part of the name or reading, a number, a group, a note"), id="sought")
        with Horizontal(classes="body"):
            yield self.rows
            yield Static(_teach(), classes="teach", markup=False)
            yield Sheet(id="card", classes="pane")

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        match action:
            case "open":
                return self.focused is self.rows and self.rows.selected is not None
            case "write_to":
                return (row := self.rows.selected) is not None and bool(row.card.numbers)
            case "to_list":
                return self.focused is not self.rows
            case "back":
                return self.focused is not self.rows or self.desk.notice is not None
        return super().can(action, parameters)

    # -- the selection -------------------------------------------------------------------------------

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()
        if (row := self.rows.selected) is not None:
            for sheet in self.query("#card").results(Sheet):
                sheet.show(contact_sheet.contact_sheet(row, self.desk.clock))

    @on(RowList.Opened)
    def action_open(self) -> None:
        from tui.screens.contact import ContactScreen

        if (row := self.rows.selected) is not None:
            self.app.push_screen(ContactScreen(self.desk, row, demo=self._demo))

    def action_write_to(self) -> None:
        if (row := self.rows.selected) is not None and row.card.numbers:
            self.post_message(ComposeWanted(to=row.card.numbers[0]))

    # -- finding one ---------------------------------------------------------------------------------

    def on_mount(self) -> None:
        # Where the list is empty and hidden, no other key must land in the field.
        self.query_one("#sought").can_focus = False

    def action_filter(self) -> None:
        field = self.query_one("#sought")
        field.can_focus = True
        field.focus()

    @on(events.DescendantBlur)
    def _left_field(self) -> None:
        self.query_one("#sought").can_focus = False

    @on(SafeInput.Changed, "#sought")
    def _typed(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(self.desk.rest(REST), self._seek)

    def _seek(self) -> None:
        self._sought = self.query_one("#sought", SafeInput).value.strip() or None
        for section in self.rows.sections:
            section.pages.clear()
        self.reload()

    @on(SafeInput.Submitted, "#sought")
    def action_to_list(self) -> None:
        self.rows.focus()

    def action_back(self) -> None:
        """Out of the field first, with everybody in the list again."""
        if self.focused is self.rows:
            super().action_back()
            return
        self.query_one("#sought", SafeInput).value = ""
        self.rows.focus()

    # -- what leads from here ------------------------------------------------------------------------

    def action_add(self) -> None:
        from tui.screens.contact_form import ContactForm

        self.app.push_screen(ContactForm(self.desk, None, demo=self._demo))

    def action_take_in(self) -> None:
        from tui.screens.take_in import TakeInScreen

        self.app.push_screen(TakeInScreen(self.desk, demo=self._demo))

    def action_hygiene(self) -> None:
        from tui.screens.hygiene import HygieneScreen

        self.app.push_screen(HygieneScreen(self.desk, demo=self._demo))

    def action_opt_outs(self) -> None:
        from tui.screens.opt_outs import OptOutScreen

        self.app.push_screen(OptOutScreen(self.desk, demo=self._demo))


def _teach() -> str:
    lines = (
        _("Nobody here."),
        "",
        _("a adds a contact; i takes a list in: CSV, Excel or vCard."),
        _("With contacts, compose completes names, and the checks know whom a message is for."),
        "",
        _("From a shell the same is:"),
        "    modemd contacts import customers.csv",
    )
    return "\n".join(lines)
