"""What is to be seen to among the contacts: a case a row, a key for each of its ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui import answers, contact_sheet, format
from tui.errors import DeskError
from tui.glyphs import glyphs
from tui.messages import Say
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from modemd.api.contact_schema import CaseView
    from tui.desk import Desk


class CaseList(RowList["CaseView"]):
    def __init__(self, section: Section[CaseView]) -> None:
        super().__init__([section], id="cases")

    def key_of(self, row: CaseView) -> Hashable:
        return row.kind, row.key

    def draw(self, section: Section[CaseView], row: CaseView, line: int, width: int) -> list[Piece]:
        if line == 1:
            return [(format.fit("             " + contact_sheet.case_contacts(row), width), "dim")]
        return [
            (glyphs().cursor if row is self.selected else " ", "strong"),
            (format.fit(_(contact_sheet.CASES.get(row.kind, "")), 11) + " ", "warn"),
            (format.fit(format.one_line(row.sentence), max(4, width - 13)), "plain"),
        ]


class HygieneScreen(ListScreen["CaseView"]):
    TITLED = N_("To see to")
    TOUCHED_BY = ("contact",)
    HELP = N_(
        "Contacts that need a look: the same person twice, one number under two names, numbers that may have lost "
        "their zero, numbers at which three messages in a row failed for good, contacts that nobody has heard of or "
        "written to for a year.\n\n"
        "m merges (you say which is kept; the others go into it), w says who keeps the number, y and n settle a zero, "
        "r takes a dead number away, x deletes a stale contact, i says that it is right as it is.\n"
        "z undoes what was done last."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "act('merge')", contact_sheet.ACTIONS["merge"], id="hygiene.merge"),
        Binding("w", "act('keep')", contact_sheet.ACTIONS["keep"], id="hygiene.keep"),
        Binding("y", "act('accept')", contact_sheet.ACTIONS["accept"], id="hygiene.accept"),
        Binding("n", "act('discard')", contact_sheet.ACTIONS["discard"], id="hygiene.discard"),
        Binding("r", "act('remove')", contact_sheet.ACTIONS["remove"], id="hygiene.remove"),
        Binding("x,delete", "act('delete')", contact_sheet.ACTIONS["delete"], id="hygiene.delete"),
        Binding("i", "act('dismiss')", contact_sheet.ACTIONS["dismiss"], id="hygiene.dismiss"),
        Binding("z", "undo_batch", N_("undo the last"), id="hygiene.undo"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._batch: int | None = None

        async def page(after: str | None, limit: int) -> tuple[list[CaseView], str | None]:
            """Pages of the daemon may be empty: it looks at so many contacts at a time."""
            found: list[CaseView] = []
            while len(found) < limit:
                some = await desk.ask(lambda client: client.hygiene(after=after))
                found += some.cases
                if (after := some.next) is None:
                    break
            return found, after

        self.rows = CaseList(Section("cases", Pages(page), height=2))
        self.rows.add_class("rows")

    def body(self) -> ComposeResult:
        yield self.rows
        yield Static(_("Nothing to be seen to."), classes="teach", markup=False)

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "act":
            return (row := self.rows.selected) is not None and parameters[0] in row.actions
        if action == "undo_batch":
            return self._batch is not None
        return super().can(action, parameters)

    @on(RowList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @work(exclusive=True, group="deed")
    async def action_act(self, action: str) -> None:
        if (case := self.rows.selected) is None or action not in case.actions:
            return
        keep = await self._ask_which(case, action) if action in case.keeps else None
        if keep is None and (action in case.keeps or (action == "delete" and not await self._sure(case))):
            return
        try:
            done = await self.desk.ask(lambda client: client.tidy_up(case.kind, case.key, action, keep=keep))
        except DeskError as error:
            self.refused(error)
            return
        self._batch = done.batch if done.batch is not None else self._batch
        said = _("Done. z undoes it.") if done.batch is not None else _("Noted: it is right as it is.")
        self.post_message(Say(answers.told(said)))
        self.reload()

    async def _ask_which(self, case: CaseView, action: str) -> int | None:
        """The contact that is kept, by its digit."""
        from tui.screens.pick import Pick

        asked = _("Which one is kept? The others go into it.") if action == "merge" else _("Who keeps the number?")
        rows = [
            f"{contact_sheet.called(each)}  {' '.join(map(format.number, each.card.numbers))}" for each in case.contacts
        ]
        picked = await self.app.push_screen_wait(Pick(asked, rows))
        return None if picked is None else case.contacts[picked].id

    async def _sure(self, case: CaseView) -> bool:
        from tui.screens.question import Question, sure

        asked = format.one_line(case.sentence) + "\n\n" + _("Delete the contact? z undoes it.")
        return await sure(self.app, Question(asked, _("y  delete it")))

    @work(exclusive=True, group="deed")
    async def action_undo_batch(self) -> None:
        if (batch := self._batch) is None:
            return
        if await self.do(lambda client: client.undo_batch(batch)):
            self._batch = None
            self.post_message(Say(answers.told(_("As before."))))
            self.reload()
