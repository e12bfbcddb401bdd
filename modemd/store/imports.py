"""What a file of contacts would do, row by row, and doing it as one batch that can be undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlite_utils import Database

from modemd.model.contact import Card, Contact
from modemd.model.folding import fold_name
from modemd.model.importing import BAD, CHANGED, CONFLICT, NEW, SAME, Item, Row, merged
from modemd.store import contacts


class Do(StrEnum):
    """What a person decides about a row."""

    ADD = "add"  # as a contact of its own
    MERGE = "merge"  # into the one that is there
    SKIP = "skip"


# Why a person is asked.
OTHER_NAME, SAME_NAME, SEVERAL, TWICE = "other_name", "same_name", "several", "twice"


@dataclass
class Seen:
    """The rows of the file so far, by number: the same person may stand there twice."""

    numbers: dict[str, Card] = field(default_factory=dict)


def compare(db: Database, rows: Iterable[Row], seen: Seen) -> list[Item]:
    """What each row would do; `seen` goes along from one part of a file to the next."""
    return [_compare(db, row, row.card, seen) if row.card else Item(row, BAD) for row in rows]


def _compare(db: Database, row: Row, card: Card, seen: Seen) -> Item:
    item = _as_known(db, row, card)
    earlier = next((seen.numbers[number] for number in card.numbers if number in seen.numbers), None)
    seen.numbers |= {number: card for number in card.numbers if number not in seen.numbers}
    if item.kind != NEW or earlier is None:
        return item
    return Item(row, SAME) if merged(earlier, card) == earlier else Item(row, CONFLICT, code=TWICE)


def _as_known(db: Database, row: Row, card: Card) -> Item:
    """By its numbers first, then by its name."""
    known = _of_numbers(db, (*card.numbers, *(doubt.proposed for doubt in row.doubts)))
    called = [contact for contact in known if _may_be_called(contact.card, card)]
    if called:
        return _among(row, card, called)
    if known:
        return Item(row, CONFLICT, known[0], merged(known[0].card, card), row.doubts, OTHER_NAME)
    named = contacts.of_name(db, card.name)
    if not named:
        return Item(row, NEW, None, card, row.doubts)
    if not card.numbers:  # nothing but the name tells who it is
        return _among(row, card, named)
    if len(named) == 1 and not named[0].card.numbers:
        return _among(row, card, named)
    return Item(row, CONFLICT, named[0], merged(named[0].card, card), row.doubts, SAME_NAME)


def _of_numbers(db: Database, numbers: Sequence[str]) -> list[Contact]:
    found = {contact.id: contact for number in numbers for contact in contacts.of_number(db, number)}
    return list(found.values())


def _may_be_called(known: Card, row: Card) -> bool:
    return not known.name or not row.name or fold_name(known.name) == fold_name(row.name)


def _among(row: Row, card: Card, known: Sequence[Contact]) -> Item:
    """One of these it is: one that has all of it already, else the only one."""
    items = [_into(row, card, contact) for contact in known]
    for item in items:
        if item.kind == SAME:
            return item
    return items[0] if len(items) == 1 else replace(items[0], kind=CONFLICT, code=SEVERAL)


def _into(row: Row, card: Card, contact: Contact) -> Item:
    """A doubt that was settled before is none: the contact has the number by now."""
    after = merged(contact.card, card)
    doubts = tuple(
        doubt for doubt in row.doubts if doubt not in contact.doubts and doubt.proposed not in contact.card.numbers
    )
    return Item(row, SAME if after == contact.card and not doubts else CHANGED, contact, after, doubts)


def decided(item: Item, decision: Do | None) -> Do:
    """Without a person's word, what is clear is done, and nothing of a conflict."""
    if item.row.card is None or item.kind in (BAD, SAME):
        return Do.SKIP
    if decision is not None:
        return Do.SKIP if decision is Do.MERGE and item.contact is None else decision
    return {NEW: Do.ADD, CHANGED: Do.MERGE}.get(item.kind, Do.SKIP)


def apply(
    db: Database, items: Sequence[Item], decisions: Mapping[str, Do], at: float, who: str, batch: int
) -> dict[str, int]:
    """`decisions`: by the row's place. How many were added, merged and skipped, as is what was edited meanwhile."""
    done = {"added": 0, "merged": 0, "skipped": 0}
    for item in items:
        done[_apply(db, item, decided(item, decisions.get(str(item.row.place))), at, who, batch)] += 1
    return done


def _apply(db: Database, item: Item, do: Do, at: float, who: str, batch: int) -> str:
    if do is Do.ADD and item.row.card is not None:
        contacts.add(db, item.row.card, at, who, doubts=item.row.doubts, batch=batch)
        return "added"
    if do is Do.MERGE and item.row.card is not None and (now := _as_compared(db, item, batch)) is not None:
        card, doubts = merged(now.card, item.row.card), tuple(dict.fromkeys((*now.doubts, *item.doubts)))
        contacts.change(db, now.id, card, at, who, doubts=doubts, batch=batch)
        return "merged"
    return "skipped"


def _as_compared(db: Database, item: Item, batch: int) -> Contact | None:
    """The contact, when nobody but this batch has touched it since."""
    if item.contact is None or not (found := contacts.find_many(db, [item.contact.id])):
        return None
    last = contacts.history(db, item.contact.id)[-1]
    return found[0] if found[0].revision == item.contact.revision or last.batch == batch else None
