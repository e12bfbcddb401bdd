"""The two functions that move a message or a part from state to state. Nobody else sets one."""

from sqlite_utils import Database

from modemd.model.errors import StaleState, StateBroken
from modemd.model.states import (
    MESSAGE_TRANSITIONS,
    PART_TRANSITIONS,
    MessageState,
    PartState,
    message_state,
)
from modemd.store import events, holds

M, P = MessageState, PartState

_ENDED = frozenset({M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.CANCELLED, M.EXPIRED, M.FAILED})
_WELL = frozenset({M.DRAFT, M.STAGED, M.SUBMITTED, M.DELIVERED})  # what went wrong before is over
_PART_ENDED = frozenset({P.SUBMITTED, P.DELIVERED, P.UNDELIVERED, P.CANCELLED, P.EXPIRED, P.FAILED})


def move_message(
    db: Database,
    message_id: int,
    old: MessageState,
    new: MessageState,
    at: float,
    *,
    who: str | None = None,
    code: str | None = None,
) -> None:
    """Compare and set, and write down that it happened. Raises StaleState when it was not `old`."""
    if new not in MESSAGE_TRANSITIONS[old]:
        raise StateBroken(f"message {message_id}: {old} -> {new}")
    moved = db.execute(
        "update message set state = :new, error = case when :well then :code else coalesce(:code, error) end,"
        " ended_at = case when :ended then coalesce(ended_at, :at) else null end"
        " where id = :id and state = :old",
        {
            "new": new,
            "old": old,
            "id": message_id,
            "at": at,
            "code": code,
            "ended": new in _ENDED,
            "well": new in _WELL,
        },
    )
    if moved.rowcount != 1:
        raise StaleState(message_id, old)
    events.record(db, at, "state", message_id=message_id, old=old, new=new, who=who, code=code)


def move_part(
    db: Database,
    message_id: int,
    sequence: int,
    old: PartState,
    new: PartState,
    at: float,
    *,
    who: str | None = None,
    code: str | None = None,
    **columns: str | int | float | None,
) -> None:
    """As `move_message`, for a part; `columns` are set with it."""
    if new not in PART_TRANSITIONS[old]:
        raise StateBroken(f"message {message_id} part {sequence}: {old} -> {new}")
    columns = {"state": new, **columns}
    if code or new in (P.SUBMITTED, P.DELIVERED):  # what went wrong before is over
        columns["error"] = code
    if new in _PART_ENDED:
        columns["ended_at"] = at
    names = ", ".join(f"{name} = ?" for name in columns)
    moved = db.execute(
        f"update part set {names} where message_id = ? and sequence = ? and state = ?",  # noqa: S608
        (*columns.values(), message_id, sequence, old),
    )
    if moved.rowcount != 1:
        raise StaleState(message_id, sequence, old)
    events.record(db, at, "part", message_id=message_id, old=old, new=new, subject=str(sequence), who=who, code=code)


def settle(
    db: Database, message_id: int, at: float, *, who: str | None = None, code: str | None = None
) -> MessageState:
    """Bring the message's state to what its parts say; returns it. What is held does not go on."""
    (old,) = db.execute("select state from message where id = ?", (message_id,)).fetchone()
    parts = db.execute("select state from part where message_id = ?", (message_id,)).fetchall()
    new = message_state(PartState(state) for (state,) in parts)
    if new is M.QUEUED and holds.is_open(db, message_id):
        new = M.HELD
    if new != old:
        move_message(db, message_id, MessageState(old), new, at, who=who, code=code)
    return new
