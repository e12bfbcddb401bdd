"""What has gone stale or double among the contacts: found a slice at a time, each with what can be done about it.

Everything that is done here is a batch, and can be undone; what somebody has dismissed does not come back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.contact import Card, Contact
from modemd.model.errors import Conflict, Invalid, NotFound
from modemd.model.folding import fold_name
from modemd.model.importing import merged
from modemd.store import batches, contacts, events
from modemd.store.knowledge import last_heard, last_written

YEAR = 365 * 86400.0  # seconds
DEAD_AFTER = 3  # sends in a row
_PERMANENT = (0x40, 0x5F)  # TP-ST: the network has given up, and not for the moment (TS 23.040 §9.2.3.15)

DUPLICATE, TWO_NAMES, LOST_ZERO, DEAD, STALE = "duplicate", "two_names", "lost_zero", "dead_number", "stale"
# What may be done about each; `dismiss`: it is right as it is.
ACTIONS = {
    DUPLICATE: ("merge", "dismiss"),
    TWO_NAMES: ("keep", "merge", "dismiss"),
    LOST_ZERO: ("accept", "discard"),
    DEAD: ("remove", "dismiss"),
    STALE: ("delete", "dismiss"),
}


@dataclass(frozen=True)
class Case:
    """`key` names it among its kind. `number`: the one it is about. `since`: when it was last heard of."""

    kind: str
    key: str
    contacts: tuple[Contact, ...]
    number: str | None = None
    written: str | None = None
    since: float | None = None


def cases(db: Database, after: int, limit: int, now: float) -> tuple[list[Case], int | None]:
    """The cases of up to `limit` contacts behind the one with the id `after`, and where to go on; None at the end."""
    rows = db.execute("select id from contact where id > ? order by id limit ?", (after, limit)).fetchall()
    found = contacts.find_many(db, [row[0] for row in rows])
    dismissed = {(row[0], row[1]) for row in db.execute("select kind, key from hygiene_dismissed").fetchall()}
    made = [case for contact in found for case in _of(db, contact, now) if (case.kind, case.key) not in dismissed]
    return made, rows[-1][0] if len(rows) == limit else None


def _of(db: Database, contact: Contact, now: float) -> Iterator[Case]:
    yield from _shared(db, contact)
    yield from _namesakes(db, contact)
    for doubt in contact.doubts:
        yield Case(LOST_ZERO, f"{contact.id}/{doubt.written}", (contact,), doubt.proposed, doubt.written)
    for number in contact.card.numbers:
        if (since := _dead_since(db, number)) is not None:
            yield Case(DEAD, f"{contact.id}/{number}", (contact,), number, since=since)
    last = max([contact.created_at, *(_last_contact(db, number) for number in contact.card.numbers)])
    if contact.card.numbers and last < now - YEAR:
        yield Case(STALE, f"{contact.id}/{last:.0f}", (contact,), since=last)


def _shared(db: Database, contact: Contact) -> Iterator[Case]:
    """A number of several contacts: told with the first of them."""
    for number in contact.card.numbers:
        if not _is_first(db, "select contact_id from contact_number where number = ?", number, contact):
            continue
        everybody = contacts.of_number(db, number)
        same = len({fold_name(each.card.name) for each in everybody if each.card.name}) < 2
        yield Case(DUPLICATE if same else TWO_NAMES, _key(number, everybody), tuple(everybody), number)


def _is_first(db: Database, sql: str, value: str, contact: Contact) -> bool:
    """Whether there are several, and this is the first: a case is told once."""
    rows = db.execute(f"{sql} order by 1 limit 2", (value,)).fetchall()
    return value != "" and len(rows) == 2 and bool(rows[0][0] == contact.id)


def _namesakes(db: Database, contact: Contact) -> Iterator[Case]:
    """The same name without a number in common: two people, or one with a new number."""
    if not _is_first(
        db, "select id from contact where name_key = ? and name_key != ''", fold_name(contact.card.name), contact
    ):
        return
    everybody = [each for each in contacts.of_name(db, contact.card.name) if _may_be_read(each.card, contact.card)]
    if len(everybody) < 2 or everybody[0].id != contact.id:
        return
    numbers = [set(each.card.numbers) for each in everybody]
    if not any(one & other for index, one in enumerate(numbers) for other in numbers[:index]):
        yield Case(DUPLICATE, _key("", everybody), tuple(everybody))


def _may_be_read(one: Card, other: Card) -> bool:
    return not one.reading or not other.reading or fold_name(one.reading) == fold_name(other.reading)


def _key(number: str, everybody: Sequence[Contact]) -> str:
    return f"{number}/{','.join(str(each.id) for each in everybody)}"


def _dead_since(db: Database, number: str) -> float | None:
    """When the first of the last three sends failed for good, and all three did."""
    rows = db.execute(
        "select state, staged_at, (select max(tp_st) from part where message_id = message.id) from message"
        " where recipient = ? and staged_at is not null and state in"
        " ('submitted', 'delivered', 'undelivered', 'failed') order by staged_at desc, id desc limit ?",
        (number, DEAD_AFTER),
    ).fetchall()
    low, high = _PERMANENT
    dead = [staged_at for state, staged_at, tp_st in rows if tp_st is not None and low <= tp_st <= high]
    return dead[-1] if len(dead) == DEAD_AFTER else None


def _last_contact(db: Database, number: str) -> float:
    """When somebody last wrote, in either direction."""
    return max(last_written(db, number) or 0.0, last_heard(db, number) or 0.0)


# -- what is done about it --------------------------------------------------------------------------------


def act(db: Database, kind: str, key: str, action: str, at: float, who: str, *, keep: int | None = None) -> int | None:
    """Do it; returns the batch that undoes it, None where there is nothing to undo.

    `keep`: the contact that the others are merged into, or that keeps the number. Raises NotFound, Invalid, Conflict.
    """
    if action not in ACTIONS.get(kind, ()):
        known = ", ".join(f"{name}: {'|'.join(actions)}" for name, actions in ACTIONS.items())
        raise Invalid(N_("There is no such case or action; there is: {known}."), known=known)
    if action == "dismiss":
        db.execute(
            "insert or replace into hygiene_dismissed (kind, key, at, who) values (?, ?, ?, ?)", (kind, key, at, who)
        )
        events.record(db, at, "contact", who=who, code="dismissed", data=kind)
        return None
    number, ids = _read_key(kind, key)
    found = contacts.find_many(db, ids)
    if len(found) != len(ids) or not ids:
        raise NotFound(key[:40], N_("{what} is seen to already, or one of its contacts is gone."))
    batch = batches.open_batch(db, "delete" if action == "delete" else "merge", at, who, kind)
    match action:
        case "merge":
            _merge(db, _kept_first(found, keep), at, who, batch)
        case "keep":
            for contact in _kept_first(found, keep)[1:]:
                _without(db, contact, number, at, who, batch)
        case "remove":
            _without(db, found[0], number, at, who, batch)
        case "delete":
            contacts.delete(db, found[0].id, at, who, batch=batch)
        case _:
            _settle_doubt(db, found[0], number, at, who, batch, accept=action == "accept")
    events.record(db, at, "contact", who=who, code="merged", data=str(batch))
    return batch


def _read_key(kind: str, key: str) -> tuple[str, list[int]]:
    """(number, contacts). Raises Invalid."""
    one, _, other = key.partition("/")
    try:
        if kind in (DUPLICATE, TWO_NAMES):
            return one, [int(each) for each in other.split(",")]
        return other, [int(one)]
    except ValueError as error:
        raise Invalid(N_('"{key}" names no case.'), key=key[:40]) from error


def _kept_first(found: list[Contact], keep: int | None) -> list[Contact]:
    """Raises Invalid where nobody says which."""
    kept = [contact for contact in found if contact.id == keep]
    if not kept:
        known = ", ".join(str(contact.id) for contact in found)
        raise Invalid(N_("Say which of the contacts is to be kept: {known}."), known=known)
    return kept + [contact for contact in found if contact.id != keep]


def _merge(db: Database, found: list[Contact], at: float, who: str, batch: int) -> None:
    """The first keeps its name, and gets what the others know besides."""
    kept, *others = found
    card, doubts = kept.card, kept.doubts
    for other in others:
        card = _fuller(card, other.card)
        doubts = tuple(dict.fromkeys((*doubts, *other.doubts)))
        contacts.delete(db, other.id, at, who, batch=batch)
    contacts.change(db, kept.id, card, at, who, doubts=doubts, batch=batch)


def _fuller(kept: Card, other: Card) -> Card:
    """What is there wins; what is lacking is taken over; notes are kept side by side."""
    both = merged(other, kept)
    notes = "\n".join(dict.fromkeys(filter(None, (kept.notes, other.notes))))
    numbers = tuple(dict.fromkeys((*kept.numbers, *other.numbers)))
    return replace(both, numbers=numbers, notes=notes)


def _without(db: Database, contact: Contact, number: str, at: float, who: str, batch: int) -> None:
    """Raises Conflict where nothing would be left of it."""
    numbers = tuple(each for each in contact.card.numbers if each != number)
    if not numbers and not contact.card.name:
        raise Conflict(N_("Without {number} nothing is left of this contact: delete it, or merge it."), number=number)
    contacts.change(db, contact.id, replace(contact.card, numbers=numbers), at, who, batch=batch)


def _settle_doubt(
    db: Database, contact: Contact, written: str, at: float, who: str, batch: int, *, accept: bool
) -> None:
    doubt = next((each for each in contact.doubts if each.written == written), None)
    if doubt is None:
        raise NotFound(written, N_("{what} is seen to already, or one of its contacts is gone."))
    numbers = contact.card.numbers
    if accept:
        numbers = tuple(dict.fromkeys((*numbers, doubt.proposed)))
    rest = tuple(each for each in contact.doubts if each != doubt)
    contacts.change(db, contact.id, replace(contact.card, numbers=numbers), at, who, doubts=rest, batch=batch)
