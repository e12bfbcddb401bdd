"""The audit: what was decided, by whom, from where; written in the same transaction as the deed, never changed."""

import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from modemd.model.actor import Actor
from modemd.model.chain import FIRST, Checkpoint, Row, canonical, hash_of

_COLUMNS = "id, at, who, uid, origin, deed, subject, data, hash"
_INSERT = f"insert into audit ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


def record(
    db: Database,
    at: float,
    who: Actor,
    deed: str,
    subject: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """`data` holds no text and no number, only what is salted: retention forgets the salt, and the chain holds."""
    last = head(db)
    row = Row(last.id + 1, round(at, 3), who.name, who.uid, who.origin, deed, subject, canonical(data or {}), "")
    *values, _ = vars(row).values()
    db.execute(_INSERT, (*values, hash_of(last.hash, row)))


def head(db: Database) -> Checkpoint:
    """Of the newest row."""
    row = db.execute("select id, hash from audit order by id desc limit 1").fetchone()
    return Checkpoint(*row) if row else Checkpoint(0, FIRST)


def ever(db: Database) -> int:
    """The number of the newest row that ever was, as SQLite counts them beside the table."""
    row = db.execute("select seq from sqlite_sequence where name = 'audit'").fetchone()
    return int(row[0]) if row else 0


def hash_at(db: Database, id: int) -> str | None:
    row = db.execute("select hash from audit where id = ?", (id,)).fetchone()
    return None if row is None else str(row[0])


def since(db: Database, last: int, limit: int) -> list[Row]:
    """Oldest first."""
    rows = db.execute(f"select {_COLUMNS} from audit where id > ? order by id limit ?", (last, limit))  # noqa: S608
    return [Row(*row) for row in rows.fetchall()]


def before(db: Database, first: int | None, limit: int) -> list[Row]:
    """Newest first."""
    rows = db.execute(
        f"select {_COLUMNS} from audit where id < ? order by id desc limit ?",  # noqa: S608
        (first if first is not None else 1 << 62, limit),
    )
    return [Row(*row) for row in rows.fetchall()]


def configured(db: Database, at: float, who: Actor, digest: str, data: Mapping[str, Any]) -> bool:
    """The rules that hold from now on, by their hash; whether they are others than before."""
    row = db.execute("select data from audit where deed = 'configured' order by id desc limit 1").fetchone()
    if row is not None and json.loads(row[0]).get("digest") == digest:
        return False
    record(db, at, who, "configured", data={"digest": digest, **data})
    return True
