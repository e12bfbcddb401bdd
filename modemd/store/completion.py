"""Who may be meant by a few letters or digits: ranked, and honest about ties.

A pair of typed text and contact is demoted by an undo: somebody who chose a contact by that text, and stopped the
message before its fuse was spent, has probably picked the wrong one. `chosen` keeps by what a contact was chosen;
`undone` demotes the pair for that text and every shorter one; a message that was chosen so and has left lifts it.
"""

import re
from dataclasses import dataclass

from sqlite_utils import Database

from modemd.model.contact import Contact
from modemd.model.folding import fold_name, number_words, query
from modemd.store import contacts, opt_outs

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


@dataclass(frozen=True)
class _Row:
    """A contact at one of its numbers, with what it is ranked by."""

    contact_id: int
    name: str
    reading: str
    number: str
    last_written: float | None


def complete(db: Database, typed: str, limit: int) -> tuple[list[Suggestion], bool]:
    """The likeliest first; and whether a person has to choose, because the first fits no better than the second.

    Each number of a contact is a suggestion of its own, and so is each contact of a number.
    """
    typed = typed.strip()[:_LONGEST]
    words = query(typed, least=1) if typed else None
    if words is None:
        return [], False
    demoted = _demoted(db, typed)
    ranked = sorted(
        (row.contact_id in demoted, fits, -(row.last_written or 0.0), row.contact_id, place, row)
        for place, row in enumerate(_rows(db, words, by_number=_is_number(typed)))
        if (fits := _fits(row, typed)) is not None
    )
    tie = len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]
    found = [_suggestion(db, row, fits, was_undone) for was_undone, fits, _, _, _, row in ranked[:limit]]
    return found, tie or any(each.demoted for each in found[:1])


def _is_number(typed: str) -> bool:
    return _DIGITS.fullmatch(typed) is not None


def _rows(db: Database, words: str, *, by_number: bool) -> list[_Row]:
    rows = db.execute(
        "select contact.id, name, reading, number,"
        " (select max(staged_at) from message where recipient = number and staged_at is not null)"
        " from contact join contact_number on contact_id = contact.id"
        " where contact.id in (select rowid from contact_words where contact_words match ? limit ?)"
        " order by contact.id, place",
        (f"{'numbers' if by_number else 'names'} : ({words})", _LOOKED_AT),
    ).fetchall()
    return [_Row(*row) for row in rows]


def _suggestion(db: Database, row: _Row, fits: int, was_undone: bool) -> Suggestion:
    out = opt_outs.find(db, row.number)
    barred = out is not None and out.state != opt_outs.BACK
    return Suggestion(contacts.find(db, row.contact_id), row.number, fits, was_undone, row.last_written, barred)


def _fits(row: _Row, typed: str) -> int | None:
    return _fits_number(row.number, typed) if _is_number(typed) else _fits_name(row.name, row.reading, typed)


def _fits_name(name: str, reading: str, typed: str) -> int:
    key, names = fold_name(typed), [each for each in (name, reading) if each]
    folded = [fold_name(each) for each in names]
    if key in folded:
        return _EXACT
    if any(each.startswith(key) for each in folded):
        return _BEGINS
    words = (fold_name(word) for each in names for word in each.split())
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


def _demoted(db: Database, typed: str) -> set[int]:
    """Those who were undone when chosen by this text, or by a longer one: what is shorter says even less."""
    key = fold_name(typed)
    rows = db.execute("select contact_id, typed from contact_demoted").fetchall()
    return {contact_id for contact_id, each in rows if each.startswith(key)}
