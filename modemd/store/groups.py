"""Groups: lists of contacts, by name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import NotFound
from modemd.store import batches, contacts, events


@dataclass(frozen=True)
class Group:
    id: int
    name: str
    contacts: int


def listed(db: Database) -> list[Group]:
    rows = db.execute(
        "select id, name, (select count(*) from contact_member where group_id = contact_group.id)"
        " from contact_group order by name"
    ).fetchall()
    return [Group(*row) for row in rows]


def add(db: Database, name: str, at: float, who: str) -> None:
    """An empty one; that it is there already is no mistake."""
    if db.execute("insert or ignore into contact_group (name) values (?)", (name,)).rowcount:
        events.record(db, at, "contact", who=who, code="group_added", data=name)


def members(db: Database, name: str) -> list[int]:
    """The contacts of a group. Raises NotFound."""
    if db.execute("select 1 from contact_group where name = ?", (name,)).fetchone() is None:
        raise NotFound(name, N_('There is no group "{what}".'))
    rows = db.execute(
        "select contact_id from contact_member join contact_group on contact_group.id = group_id"
        " where contact_group.name = ? order by contact_id",
        (name,),
    ).fetchall()
    return [row[0] for row in rows]


def regroup(db: Database, name: str, ids: Sequence[int], at: float, who: str, *, into: bool) -> None:
    """Put contacts into a group, or take them out. Raises NotFound."""
    for contact in (contacts.find(db, id) for id in ids):
        others = tuple(each for each in contact.card.groups if each != name)
        wanted = tuple(sorted((*others, name))) if into else others
        contacts.change(db, contact.id, replace(contact.card, groups=wanted), at, who)


def drop(db: Database, name: str, at: float, who: str) -> int:
    """Its contacts stay. Returns the batch, which can be undone. Raises NotFound."""
    ids = members(db, name)
    batch = batches.open_batch(db, "delete", at, who, name)
    for contact in (contacts.find(db, id) for id in ids):
        wanted = tuple(each for each in contact.card.groups if each != name)
        contacts.change(db, contact.id, replace(contact.card, groups=wanted), at, who, batch=batch)
    db.execute("delete from contact_group where name = ?", (name,))
    events.record(db, at, "contact", who=who, code="group_deleted", data=name)
    return batch
