"""What was done to several contacts at once, and is undone at once."""

from dataclasses import dataclass

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import Conflict, NotFound
from modemd.store import contacts, events


@dataclass(frozen=True)
class Batch:
    """What was done to several contacts at once, and can be undone at once."""

    id: int
    kind: str  # import, merge, delete
    at: float
    who: str
    source: str
    contacts: int
    undone_at: float | None
    undone_by: str | None


def open_batch(db: Database, kind: str, at: float, who: str, source: str) -> int:
    made = db.execute(
        "insert into contact_batch (kind, at, who, source) values (?, ?, ?, ?)", (kind, at, who, source)
    ).lastrowid
    return int(made or 0)


def page(db: Database, before: int | None, limit: int) -> list[Batch]:
    """Newest first."""
    rows = db.execute(
        "select id, kind, at, who, source, (select count(distinct contact_id) from contact_edit where batch_id ="
        " contact_batch.id), undone_at, undone_by from contact_batch where id < ? order by id desc limit ?",
        (before if before is not None else 1 << 62, limit),
    ).fetchall()
    return [Batch(*row) for row in rows]


def undo(db: Database, batch_id: int, at: float, who: str) -> int:
    """Everything as it was before the batch; returns how many contacts that were.

    Raises NotFound; Conflict where it was undone already, or where somebody's later edit would be lost.
    """
    row = db.execute("select undone_at, undone_by from contact_batch where id = ?", (batch_id,)).fetchone()
    if row is None:
        raise NotFound(batch_id, N_("There is no import {what}."))
    if row[0] is not None:
        raise Conflict(N_("{who} has undone that already."), who=row[1])
    _refuse_to_lose(db, batch_id)
    rows = db.execute(
        "select contact_id, kind, before from contact_edit where batch_id = ? order by id desc", (batch_id,)
    ).fetchall()
    for contact_id, kind, before in rows:
        contacts.take_back(db, contact_id, kind, before, at, who, batch=batch_id)
    db.execute("update contact_batch set undone_at = ?, undone_by = ? where id = ?", (at, who, batch_id))
    events.record(db, at, "contact", who=who, code="undone", data=str(batch_id))
    return len({row[0] for row in rows})


def _refuse_to_lose(db: Database, batch_id: int) -> None:
    later = db.execute(
        "select distinct contact_id from contact_edit as own where batch_id = :batch and exists (select 1 from"
        " contact_edit as later where later.contact_id = own.contact_id and later.id > own.id"
        " and later.batch_id is not :batch and later.undoes is null"
        " and (later.batch_id is null or later.batch_id not in"
        " (select id from contact_batch where undone_at is not null)))",
        {"batch": batch_id},
    ).fetchall()
    if later:
        names = [contact.card.shown for contact in contacts.find_many(db, [row[0] for row in later[:3]])]
        raise Conflict(
            N_("{count} of these contacts were edited or deleted afterwards ({names}): undoing would lose that."),
            count=len(later),
            names=", ".join(names) or "-",
        )
