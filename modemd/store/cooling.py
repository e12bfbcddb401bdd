"""Drafts that cool: not staged before their time, and read afresh then."""

from dataclasses import fields
from datetime import datetime

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import Conflict, Cooling
from modemd.model.message import Cool, Message

_COLUMNS = ", ".join(field.name for field in fields(Cool))


def of_drafts(db: Database, ids: list[int]) -> dict[int, Cool]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"select message_id, {_COLUMNS} from cooling where message_id in ({marks})",  # noqa: S608
        ids,
    ).fetchall()
    return {row[0]: Cool(*row[1:]) for row in rows}


def start(db: Database, draft: Message, seconds: float, at: float) -> None:
    """From now on, as it is now. Raises Conflict: a time that was set is lengthened, never shortened."""
    if draft.cool is not None and draft.cool.until > at + seconds:
        raise Conflict(N_("Draft {id} cools longer than that already."), id=draft.id)
    db.execute(
        "insert or replace into cooling (message_id, until, at, recipient, text) values (?, ?, ?, ?, ?)",
        (draft.id, at + seconds, at, draft.recipient, draft.text),
    )


def finish(db: Database, draft: Message, at: float) -> None:
    """It is staged. Raises Cooling before its time."""
    if draft.cool is None:
        return
    if draft.cool.until > at:
        until = datetime.fromtimestamp(draft.cool.until).astimezone()
        raise Cooling(id=draft.id, time=f"{until:%Y-%m-%d %H:%M}")
    db.execute("delete from cooling where message_id = ?", (draft.id,))
