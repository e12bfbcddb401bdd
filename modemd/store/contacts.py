"""Contacts: read, and written with who and when."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.contact import Card, Consent, Contact, Doubt, card_of, sort_key
from modemd.model.errors import Conflict, NotFound
from modemd.model.folding import fold_name, index_words, number_words, query
from modemd.model.spelling import distance
from modemd.store import events

_COLUMNS = (
    "id, name, reading, language, notes, tags, consents, fields, created_at, created_by, changed_at, changed_by,"
    " revision"
)
_SHORTEST_ALIKE, _LONGEST_ALIKE = 3, 30  # letters of a name


@dataclass(frozen=True)
class Edit:
    """Who did what to a contact, and when."""

    at: float
    who: str
    kind: str  # added, changed, deleted
    batch: int | None


# -- reading ----------------------------------------------------------------------------------------------


def find(db: Database, contact_id: int) -> Contact:
    """Raises NotFound."""
    found = find_many(db, [contact_id])
    if not found:
        raise NotFound(contact_id, N_("There is no contact {what}."))
    return found[0]


def find_many(db: Database, ids: Sequence[int]) -> list[Contact]:
    """Those that there are, in the order of `ids`."""
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"select {_COLUMNS} from contact where id in ({marks})", list(ids)).fetchall()  # noqa: S608
    found = {contact.id: contact for contact in _load(db, rows)}
    return [found[id] for id in ids if id in found]


def _load(db: Database, rows: list[Any]) -> list[Contact]:
    marks, ids = ", ".join("?" * len(rows)), [row[0] for row in rows]
    numbers = _several(db, f"select contact_id, number from contact_number where contact_id in ({marks})", ids, "place")  # noqa: S608
    groups = _several(
        db,
        "select contact_id, name from contact_member join contact_group on contact_group.id = group_id"  # noqa: S608
        f" where contact_id in ({marks})",
        ids,
        "name",
    )
    doubts = _several(
        db,
        f"select contact_id, written, proposed from contact_doubt where contact_id in ({marks})",  # noqa: S608
        ids,
        "written",
    )
    return [_contact(row, numbers, groups, doubts) for row in rows]


def _contact(
    row: Any,
    numbers: dict[int, list[tuple[str, ...]]],
    groups: dict[int, list[tuple[str, ...]]],
    doubts: dict[int, list[tuple[str, ...]]],
) -> Contact:
    id, name, reading, language, notes, tags, consents, own, created_at, created_by, changed_at, changed_by, rev = row
    card = Card(
        name=name,
        reading=reading,
        numbers=tuple(number for (number,) in numbers.get(id, ())),
        language=language,
        notes=notes,
        tags=tuple(json.loads(tags)),
        groups=tuple(group for (group,) in groups.get(id, ())),
        consents=tuple(Consent(**each) for each in json.loads(consents)),
        fields=json.loads(own),
    )
    asked = tuple(Doubt(*each) for each in doubts.get(id, ()))
    return Contact(id, card, created_at, created_by, changed_at, changed_by, rev, asked)


def _several(db: Database, sql: str, ids: list[int], order: str) -> dict[int, list[tuple[str, ...]]]:
    found: dict[int, list[tuple[str, ...]]] = {}
    for id, *values in db.execute(f"{sql} order by contact_id, {order}", ids).fetchall():
        found.setdefault(id, []).append(tuple(values))
    return found


def page(
    db: Database, after: tuple[str, int] | None, limit: int, q: str | None = None, group: str | None = None
) -> list[Contact]:
    """By reading, else by name. `q`: words of anything that is known of them."""
    where, values = ["true"], dict[str, Any](limit=limit)
    if after:
        where.append("(sort_key, id) > (:key, :last)")
        values |= {"key": after[0], "last": after[1]}
    if q:
        where.append("id in (select rowid from contact_words where contact_words match :words)")
        values["words"] = query(q, least=1) or '""'
    if group is not None:
        where.append(
            "id in (select contact_id from contact_member join contact_group on contact_group.id = group_id"
            " where contact_group.name = :group)"
        )
        values["group"] = group
    rows = db.execute(
        f"select {_COLUMNS} from contact where {' and '.join(where)} order by sort_key, id limit :limit",  # noqa: S608
        values,
    ).fetchall()
    return _load(db, rows) if rows else []


def of_number(db: Database, number: str) -> list[Contact]:
    """Everybody who has this number: there may be several, and none of them wins."""
    rows = db.execute("select contact_id from contact_number where number = ? order by contact_id", (number,))
    return find_many(db, [row[0] for row in rows.fetchall()])


def of_name(db: Database, name: str) -> list[Contact]:
    """Everybody of this name, however it is written."""
    if not (key := fold_name(name)):
        return []
    rows = db.execute("select id from contact where name_key = ? and name_key != '' order by id", (key,))
    return find_many(db, [row[0] for row in rows.fetchall()])


def history(db: Database, contact_id: int) -> list[Edit]:
    """Oldest first; also of one that is gone."""
    rows = db.execute(
        "select at, who, kind, batch_id from contact_edit where contact_id = ? order by id", (contact_id,)
    ).fetchall()
    return [Edit(*row) for row in rows]


def like_named(db: Database, name: str, reading: str, limit: int) -> list[Contact]:
    """Up to `limit` whose name is written or read the same, or is one letter apart."""
    keys, key, sound = slips_of(name), fold_name(name), fold_name(reading)
    rows = db.execute(
        "select id, name_key, sound_key from contact where id in (select id from contact where name_key = ?"  # noqa: S608
        " and name_key != '' union select id from contact where sound_key = ? and sound_key != ''"
        f" union select contact_id from contact_slip where key in ({', '.join('?' * len(keys))})) limit ?",
        (key, sound, *keys, 10 * limit),
    ).fetchall()
    # Two that leave the same behind without a letter may still be two letters apart.
    alike = [id for id, its_key, its_sound in rows if sound == its_sound != "" or distance(key, its_key, 1) <= 1]
    return find_many(db, alike[:limit])


def mentioned(db: Database, names: Sequence[str], identifiers: Sequence[str], limit: int) -> list[Contact]:
    """Up to `limit` for each: who has such a name, or part of one; who has such a number in the fields."""
    ids: dict[int, None] = {}
    for column, sought in (*(("names", name) for name in names), *(("rest", each) for each in identifiers)):
        if words := query(sought, least=1):
            rows = db.execute(
                "select rowid from contact_words where contact_words match ? limit ?",
                (f"{{{column}}} : ({words})", limit),
            ).fetchall()
            ids |= dict.fromkeys(row[0] for row in rows)
    keys = [key for name in names if (key := fold_name(name))]
    if keys:
        marks = ", ".join("?" * len(keys))
        rows = db.execute(
            f"select id from contact where name_key != '' and name_key in ({marks}) limit ?",  # noqa: S608
            (*keys, limit),
        ).fetchall()
        ids |= dict.fromkeys(row[0] for row in rows)
    return find_many(db, list(ids))


def slips_of(name: str) -> list[str]:
    """A name with each letter left out once: two that are one letter apart have one of these in common."""
    key = fold_name(name)
    if len(key) < _SHORTEST_ALIKE:
        return []
    return list(dict.fromkeys((key, *(key[:n] + key[n + 1 :] for n in range(min(len(key), _LONGEST_ALIKE))))))


def count(db: Database) -> int:
    return int(db.execute("select count(*) from contact").fetchone()[0])


# -- writing ----------------------------------------------------------------------------------------------


def add(
    db: Database, card: Card, at: float, who: str, *, doubts: Sequence[Doubt] = (), batch: int | None = None
) -> int:
    """The card is tidy. Returns the contact's id."""
    contact_id = _insert(db, None, card, at, who)
    _record(db, contact_id, "added", at, who, None, batch)
    _set_doubts(db, contact_id, doubts)
    _say(db, at, "added", contact_id, who, batch)
    return contact_id


def change(
    db: Database,
    contact_id: int,
    card: Card,
    at: float,
    who: str,
    *,
    revision: int | None = None,
    doubts: Sequence[Doubt] | None = None,
    batch: int | None = None,
) -> None:
    """Raises NotFound; Conflict where somebody has edited it since `revision`."""
    old = find(db, contact_id)
    if revision is not None and revision != old.revision:
        raise Conflict(
            N_("{who} has edited this contact meanwhile: look at it again."), who=old.changed_by, id=contact_id
        )
    if card == old.card and doubts in (None, old.doubts):
        return
    _record(db, contact_id, "changed", at, who, old, batch)
    _set(db, contact_id, card, at, who)
    if doubts is not None:
        _set_doubts(db, contact_id, doubts)
    _say(db, at, "changed", contact_id, who, batch)


def delete(db: Database, contact_id: int, at: float, who: str, *, batch: int | None = None) -> None:
    """Raises NotFound. Outside a batch, which can be undone, nothing of the contact is kept but who and when."""
    old = find(db, contact_id)
    _record(db, contact_id, "deleted", at, who, old if batch is not None else None, batch)
    if batch is None:
        db.execute("update contact_edit set before = null where contact_id = ?", (contact_id,))
    _take_out(db, contact_id)
    _say(db, at, "deleted", contact_id, who, batch)


def _say(db: Database, at: float, code: str, contact_id: int, who: str, batch: int | None) -> None:
    if batch is None:  # a batch is said once
        events.record(db, at, "contact", who=who, code=code, data=str(contact_id))


def _record(
    db: Database,
    contact_id: int,
    kind: str,
    at: float,
    who: str,
    before: Contact | None,
    batch: int | None,
    *,
    undoes: int | None = None,
) -> None:
    kept = json.dumps(asdict(before), ensure_ascii=False) if before is not None else None
    db.execute(
        "insert into contact_edit (contact_id, at, who, kind, before, batch_id, undoes) values (?, ?, ?, ?, ?, ?, ?)",
        (contact_id, at, who, kind, kept, batch, undoes),
    )


def _columns(card: Card) -> dict[str, str]:
    return {
        "name": card.name,
        "reading": card.reading,
        "language": card.language,
        "notes": card.notes,
        "tags": json.dumps(card.tags, ensure_ascii=False),
        "consents": json.dumps([asdict(each) for each in card.consents], ensure_ascii=False),
        "fields": json.dumps(dict(card.fields), ensure_ascii=False),
        "sort_key": sort_key(card),
        "name_key": fold_name(card.name),
        "sound_key": fold_name(card.reading),
    }


def _insert(db: Database, contact_id: int | None, card: Card, at: float, who: str) -> int:
    columns: dict[str, str | float | int | None] = {
        "id": contact_id,
        **_columns(card),
        "created_at": at,
        "created_by": who,
        "changed_at": at,
        "changed_by": who,
        "revision": 1,
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    made = db.execute(f"insert into contact ({names}) values ({marks})", list(columns.values()))  # noqa: S608
    contact_id = int(made.lastrowid or 0)
    _set_rest(db, contact_id, card)
    return contact_id


def _set(db: Database, contact_id: int, card: Card, at: float, who: str) -> None:
    columns = {**_columns(card), "changed_at": at, "changed_by": who}
    names = ", ".join(f"{name} = ?" for name in columns)
    db.execute(
        f"update contact set {names}, revision = revision + 1 where id = ?",  # noqa: S608
        [*columns.values(), contact_id],
    )
    _set_rest(db, contact_id, card)


def _set_rest(db: Database, contact_id: int, card: Card) -> None:
    """What stands in other tables: numbers, groups, words to search by."""
    db.execute("delete from contact_number where contact_id = ?", (contact_id,))
    db.conn.executemany(
        "insert into contact_number (contact_id, number, place) values (?, ?, ?)",
        [(contact_id, number, place) for place, number in enumerate(card.numbers)],
    )
    db.execute("delete from contact_member where contact_id = ?", (contact_id,))
    for group in card.groups:
        db.execute("insert or ignore into contact_group (name) values (?)", (group,))
        db.execute(
            "insert into contact_member (group_id, contact_id) select id, ? from contact_group where name = ?",
            (contact_id, group),
        )
    db.execute("delete from contact_slip where contact_id = ?", (contact_id,))
    db.conn.executemany(
        "insert into contact_slip (key, contact_id) values (?, ?)",
        [(key, contact_id) for key in slips_of(card.name)],
    )
    rest = "\n".join([*card.tags, *card.groups, card.notes, *card.fields.values()])
    db.execute(
        "insert or replace into contact_words (rowid, names, numbers, rest) values (?, ?, ?, ?)",
        (
            contact_id,
            index_words("\n".join((card.name, card.reading, fold_name(card.name), fold_name(card.reading)))),
            " ".join(map(number_words, card.numbers)),
            index_words(rest),
        ),
    )


def _set_doubts(db: Database, contact_id: int, doubts: Iterable[Doubt]) -> None:
    db.execute("delete from contact_doubt where contact_id = ?", (contact_id,))
    db.conn.executemany(
        "insert or ignore into contact_doubt (contact_id, written, proposed) values (?, ?, ?)",
        [(contact_id, each.written, each.proposed) for each in doubts],
    )


def _take_out(db: Database, contact_id: int) -> None:
    db.execute("delete from contact_words where rowid = ?", (contact_id,))
    db.execute("delete from contact where id = ?", (contact_id,))


def take_back(db: Database, contact_id: int, kind: str, before: str | None, at: float, who: str, *, batch: int) -> None:
    """What a batch did to a contact, turned round. `before` is what was recorded with it."""
    undone = {"added": "deleted", "deleted": "added", "changed": "changed"}[kind]
    _record(db, contact_id, undone, at, who, None, None, undoes=batch)
    if kind == "added":
        _take_out(db, contact_id)
        return
    was = json.loads(before or "{}")
    card = card_of(was["card"])
    if kind == "deleted":
        _insert(db, contact_id, card, was["created_at"], was["created_by"])
    else:
        _set(db, contact_id, card, at, who)
    _set_doubts(db, contact_id, [Doubt(**each) for each in was["doubts"]])
