"""Who may be meant by a few letters or digits: ranked, and honest about ties.

A pair of typed text and contact is demoted by an undo: somebody who chose a contact by that text, and stopped the
message before its fuse was spent, has probably picked the wrong one. `chosen` keeps by what a contact was chosen;
`undone` demotes the pair for that text and every shorter one; a message that was chosen so and has left lifts it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from modemd.model.contact import Contact
from modemd.model.folding import fold_name, number_words, query
from modemd.store import contacts, opt_outs
from modemd.store.knowledge import last_written

_LOOKED_AT = 1000  # contacts that hold what was typed
_EXACT, _BEGINS, _WORD, _INSIDE = range(4)
_DIGITS = re.compile(r"\+?[\d\s()-]+")
_LONGEST = 100  # characters typed


@dataclass(frozen=True)
class Suggestion:
    """`fits`: 0 exactly, 1 begins so, 2 a word of it begins so, 3 holds it."""

    contact: Contact
    number: str
    fits: int
    demoted: bool
    last_written: float | None
    opted_out: bool


def complete(db: Database, typed: str, limit: int) -> tuple[list[Suggestion], bool]:
    """The likeliest first; and whether a person has to choose, because the first fits no better than the second.

    Each number of a contact is a suggestion of its own, and so is each contact of a number.
    """
    typed = typed.strip()[:_LONGEST]
    words = query(typed, least=1) if typed else None
    if words is None:
        return [], False
    column = "numbers" if _DIGITS.fullmatch(typed) else "names"
    rows = db.execute(
        "select rowid from contact_words where contact_words match ? limit ?", (f"{column} : ({words})", _LOOKED_AT)
    ).fetchall()
    found = [each for contact in contacts.find_many(db, [row[0] for row in rows]) for each in _of(db, contact, typed)]
    found.sort(key=lambda each: (each.demoted, each.fits, -(each.last_written or 0.0), each.contact.id))
    ranks = [(each.demoted, each.fits) for each in found[:2]]
    tie = len(ranks) == 2 and ranks[0] == ranks[1]
    return found[:limit], tie or any(each.demoted for each in found[:1])


def _of(db: Database, contact: Contact, typed: str) -> Iterator[Suggestion]:
    demoted = _is_demoted(db, contact.id, typed)
    for number in contact.card.numbers:
        fits = _fits_number(number, typed) if _DIGITS.fullmatch(typed) else _fits_name(contact, typed)
        if fits is not None:
            out = opt_outs.find(db, number)
            barred = out is not None and out.state != opt_outs.BACK
            yield Suggestion(contact, number, fits, demoted, last_written(db, number), barred)


def _fits_name(contact: Contact, typed: str) -> int:
    key, names = fold_name(typed), [name for name in (contact.card.name, contact.card.reading) if name]
    folded = [fold_name(name) for name in names]
    if key in folded:
        return _EXACT
    if any(name.startswith(key) for name in folded):
        return _BEGINS
    words = [fold_name(word) for name in names for word in name.split()]
    return _WORD if any(word.startswith(key) for word in words) else _INSIDE


def _fits_number(number: str, typed: str) -> int | None:
    digits = re.sub(r"[^0-9]", "", typed)
    known = number_words(number).split()[:2]
    if digits in known:
        return _EXACT
    if any(each.startswith(digits) for each in known):
        return _BEGINS
    return _WORD if number.endswith(digits) else None


# -- what was chosen, and undone --------------------------------------------------------------------------


def chosen(db: Database, message_id: int, typed: str, contact_id: int) -> None:
    """Whoever staged this message picked its recipient by these letters. Raises NotFound."""
    contacts.find(db, contact_id)
    db.execute(
        "insert or replace into contact_choice (message_id, typed, contact_id) values (?, ?, ?)",
        (message_id, fold_name(typed[:_LONGEST]), contact_id),
    )


def undone(db: Database, message_id: int, at: float) -> None:
    """The message was stopped within its fuse: the pair that it was chosen by is demoted."""
    db.execute(
        "insert or replace into contact_demoted (contact_id, typed, at)"
        " select contact_id, typed, ? from contact_choice where message_id = ?",
        (at, message_id),
    )
    _forget(db, message_id)


def left(db: Database, message_id: int) -> None:
    """The message has left: the pair was meant."""
    db.execute(
        "delete from contact_demoted where (contact_id, typed) in"
        " (select contact_id, typed from contact_choice where message_id = ?)",
        (message_id,),
    )
    _forget(db, message_id)


def _forget(db: Database, message_id: int) -> None:
    db.execute("delete from contact_choice where message_id = ?", (message_id,))


def _is_demoted(db: Database, contact_id: int, typed: str) -> bool:
    """For this text, and for a shorter one, which says even less."""
    key = fold_name(typed)
    rows = db.execute("select typed from contact_demoted where contact_id = ?", (contact_id,)).fetchall()
    return any(each.startswith(key) for (each,) in rows)
