"""The rows of why messages are held. Rows that an edit has made void are history."""

import json
from typing import Any

from sqlite_utils import Database

from modemd.model.hold import Hold, NewHold

_COLUMNS = "id, message_id, code, needs, placed_at, placed_by, cleared_at, cleared_by, data, until"


def _hold(row: tuple[Any, ...]) -> Hold:
    return Hold(*(*row[:-2], json.loads(row[-2]), row[-1]))


def standing(db: Database, ids: list[int]) -> dict[int, tuple[Hold, ...]]:
    """The reasons of each message that no edit has made void, open ones and cleared ones, in their order."""
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"select {_COLUMNS} from hold where message_id in ({marks}) and void_at is null order by id",  # noqa: S608
        ids,
    ).fetchall()
    found: dict[int, list[Hold]] = {id: [] for id in ids}
    for row in rows:
        found[row[1]].append(_hold(row))
    return {id: tuple(holds) for id, holds in found.items()}


def is_open(db: Database, message_id: int) -> bool:
    row = db.execute(
        "select 1 from hold where message_id = ? and void_at is null and cleared_at is null limit 1", (message_id,)
    ).fetchone()
    return row is not None


def add(db: Database, message_id: int, new: NewHold, at: float, who: str, digest: str) -> int:
    data = dict(new.data)
    if new.needs != "edit":
        data["digest"] = digest
    if new.sentence is not None:
        data["sentence"] = new.sentence.as_data()
    added = db.execute(
        "insert into hold (message_id, code, needs, placed_at, placed_by, cleared_at, cleared_by, data, until)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message_id,
            new.code,
            new.needs,
            at,
            who,
            at if new.cleared else None,
            who if new.cleared else None,
            json.dumps(data, ensure_ascii=False),
            new.until,
        ),
    )
    return int(added.lastrowid or 0)


def clear(db: Database, hold: Hold, at: float, who: str, **more: object) -> None:
    """`more` is kept with it."""
    db.execute(
        "update hold set cleared_at = ?, cleared_by = ?, data = ? where id = ? and cleared_at is null",
        (at, who, json.dumps({**hold.data, **more}, ensure_ascii=False), hold.id),
    )


def over(db: Database, at: float) -> list[Hold]:
    """Those whose time has come."""
    rows = db.execute(
        f"select {_COLUMNS} from hold indexed by hold_until"  # noqa: S608
        " where until <= ? and cleared_at is null and void_at is null order by id",
        (at,),
    ).fetchall()
    return [_hold(row) for row in rows]


def void(db: Database, hold: Hold, at: float) -> None:
    db.execute("update hold set void_at = ? where id = ?", (at, hold.id))


def void_all(db: Database, message_id: int, at: float, who: str) -> None:
    """The message was edited, or is a draft again: whatever was said of it before was said of another one."""
    db.execute(
        "update hold set void_at = :at, cleared_at = coalesce(cleared_at, :at), cleared_by = coalesce(cleared_by, :who)"
        " where message_id = :id and void_at is null",
        {"at": at, "who": who, "id": message_id},
    )
