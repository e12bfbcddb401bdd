"""What happened, in order: the table that history, the event stream and the log are read from."""

from dataclasses import fields

from sqlite_utils import Database

from modemd.model.message import Event

_COLUMNS = ", ".join(field.name for field in fields(Event))


def record(
    db: Database,
    at: float,
    kind: str,
    *,
    message_id: int | None = None,
    old: str | None = None,
    new: str | None = None,
    subject: str | None = None,
    who: str | None = None,
    code: str | None = None,
    data: str | None = None,
) -> None:
    db.execute(
        "insert into event (at, kind, message_id, old, new, subject, who, code, data)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (at, kind, message_id, old, new, subject, who, code, data),
    )


def since(db: Database, last: int, limit: int) -> list[Event]:
    """Up to `limit` events behind `last`, oldest first."""
    rows = db.execute(f"select {_COLUMNS} from event where id > ? order by id limit ?", (last, limit))  # noqa: S608
    return [Event(*row) for row in rows.fetchall()]


def before(db: Database, first: int | None, limit: int) -> list[Event]:
    """Up to `limit` events before `first`, newest first."""
    rows = db.execute(
        f"select {_COLUMNS} from event where id < ? order by id desc limit ?",  # noqa: S608
        (first if first is not None else 1 << 62, limit),
    )
    return [Event(*row) for row in rows.fetchall()]


def of_message(db: Database, message_id: int) -> list[Event]:
    rows = db.execute(f"select {_COLUMNS} from event where message_id = ? order by id", (message_id,))  # noqa: S608
    return [Event(*row) for row in rows.fetchall()]


def last_id(db: Database) -> int:
    return int(db.execute("select coalesce(max(id), 0) from event").fetchone()[0])
