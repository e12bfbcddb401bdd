"""Contacts of the fake daemon: enough of them to look at every screen, and a note of what was asked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from modemd.api.client import Refused
from modemd.api.contact_schema import (
    CardView,
    CaseView,
    CompletionView,
    ConsentView,
    ContactEditView,
    ContactPage,
    ContactView,
    DoneView,
    HygieneView,
    ImportedView,
    ImportView,
    OptOutPage,
    OptOutView,
    SuggestionView,
    UndoneView,
)

WHEN = "2026-11-20T09:00:00.000Z"


@dataclass
class FakeContacts:
    book: dict[int, ContactView] = field(default_factory=dict)
    cases: list[CaseView] = field(default_factory=list)
    opt_out_list: list[OptOutView] = field(default_factory=list)
    preview: ImportView | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)  # what changed something
    demoted: set[int] = field(default_factory=set)

    def _answer(self) -> None:
        """Raises Unreachable while the daemon is away."""

    def known(self, name: str, *numbers: str, **rest: Any) -> ContactView:
        """One more contact."""
        id = max(self.book, default=0) + 1
        opted_out, doubts = rest.pop("opted_out", []), rest.pop("doubts", [])
        card = CardView(name, numbers=list(numbers), **rest)
        self.book[id] = ContactView(id, card, 1, WHEN, "desk1", WHEN, "desk2", doubts, opted_out)
        return self.book[id]

    async def contacts(
        self, *, q: str | None = None, group: str | None = None, after: str | None = None, limit: int = 100
    ) -> ContactPage:
        self._answer()
        found = sorted(self.book.values(), key=lambda each: each.card.reading or each.card.name)
        found = [each for each in found if not q or q in str(each.card)]
        start = int(after or 0)
        more = start + limit < len(found)
        return ContactPage(found[start : start + limit], str(start + limit) if more else None, len(self.book))

    async def contact(self, id: int) -> ContactView:
        self._answer()
        if id not in self.book:
            raise Refused(404, {"code": "not_found", "detail": f"There is no contact {id}."})
        edits = [ContactEditView(WHEN, "desk1", "added", None), ContactEditView(WHEN, "desk2", "changed", 7)]
        return replace(self.book[id], history=edits)

    async def contacts_of(self, number: str) -> list[ContactView]:
        self._answer()
        return [each for each in self.book.values() if number in each.card.numbers]

    async def add_contact(self, **card: Any) -> ContactView:
        self._answer()
        if not card["name"] and not card["numbers"]:
            raise Refused(422, {"code": "invalid", "detail": "A contact has a name or a number: give one."})
        self.asked.append(("add", card))
        consents = [ConsentView(**each) for each in card.pop("consents")]
        return self.known(card.pop("name"), *card.pop("numbers"), consents=consents, **card)

    async def edit_contact(self, id: int, *, revision: int | None = None, **card: Any) -> ContactView:
        self._answer()
        old = self.book[id]
        if revision != old.revision:
            raise Refused(409, {"code": "conflict", "detail": "desk2 has edited this contact meanwhile."})
        self.asked.append(("edit", id, card))
        card["consents"] = [ConsentView(**each) for each in card["consents"]]
        self.book[id] = replace(old, card=CardView(**card), revision=old.revision + 1)
        return self.book[id]

    async def delete_contact(self, id: int) -> None:
        self._answer()
        self.asked.append(("delete", id))
        del self.book[id]

    async def complete(self, typed: str, *, limit: int = 8) -> CompletionView:
        self._answer()
        found = [
            SuggestionView(each.id, each.card.name, each.card.reading, number, number[-4:],
                           0 if typed == each.card.name else 1, each.id in self.demoted, None, bool(each.opted_out))
            for each in self.book.values()
            for number in each.card.numbers
            if typed in each.card.name or typed in each.card.reading or number.endswith(typed)
        ]  # fmt: skip
        found.sort(key=lambda each: (each.demoted, each.fits))
        ranks = [(each.demoted, each.fits) for each in found[:2]]
        return CompletionView(found, len(ranks) == 2 and ranks[0] == ranks[1])

    async def chosen(self, message: int, typed: str, contact: int) -> None:
        self._answer()
        self.asked.append(("chosen", message, typed, contact))

    # -- files -----------------------------------------------------------------------------------

    async def preview_import(self, content: bytes, **wanted: Any) -> ImportView:
        self._answer()
        self.asked.append(("preview", len(content), wanted))
        if self.preview is None:
            raise Refused(422, {"code": "invalid", "detail": "There is nothing in this file."})
        order = sorted(self.preview.encodings, key=lambda each: each != wanted.get("encoding"))
        return replace(self.preview, encodings=order, encoding=order[0])

    async def apply_import(
        self, content: bytes, seen: str, decisions: dict[int, str] | None = None, **wanted: Any
    ) -> ImportedView:
        self._answer()
        self.asked.append(("apply", seen, decisions, wanted))
        return ImportedView(7, 2, 1, 1)

    async def undo_batch(self, id: int) -> UndoneView:
        self._answer()
        self.asked.append(("undo", id))
        return UndoneView(3)

    # -- hygiene and opt-outs ----------------------------------------------------------------------

    async def hygiene(self, *, after: str | None = None) -> HygieneView:
        self._answer()
        return HygieneView(self.cases, None) if after else HygieneView([], "1")

    async def tidy_up(self, kind: str, key: str, action: str, *, keep: int | None = None) -> DoneView:
        self._answer()
        self.asked.append(("tidy", kind, action, keep))
        self.cases = [case for case in self.cases if (case.kind, case.key) != (kind, key)]
        return DoneView(None if action == "dismiss" else 8)

    async def opt_outs(self, *, state: str | None = None, after: str | None = None, limit: int = 100) -> OptOutPage:
        self._answer()
        return OptOutPage([each for each in self.opt_out_list if state in (None, each.state)], None)

    async def add_opt_out(self, number: str, note: str | None = None) -> OptOutView:
        self._answer()
        if not number.startswith("+"):
            raise Refused(422, {"code": "invalid", "detail": f'"{number}" has no country code.'})
        self.asked.append(("out", number))
        self.opt_out_list = [each for each in self.opt_out_list if each.number != number]
        self.opt_out_list.append(OptOutView(number, "out", WHEN, "person", "desk1", note, None, [], []))
        self._mark(number, lambda out: [*out, number])
        return self.opt_out_list[-1]

    async def lift_opt_out(self, number: str, note: str | None = None) -> None:
        self._answer()
        self.asked.append(("back", number))
        self.opt_out_list = [each for each in self.opt_out_list if each.number != number]
        self._mark(number, lambda out: [each for each in out if each != number])

    def _mark(self, number: str, change: Callable[[list[str]], list[str]]) -> None:
        for id, each in self.book.items():
            if number in each.card.numbers:
                self.book[id] = replace(each, opted_out=change(each.opted_out))
