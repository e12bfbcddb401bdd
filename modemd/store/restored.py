"""A database that comes from a backup: what had not left then may have left since, or been called off.

A copy carries a mark from the moment it is made, so that it does not matter how it is brought back. Whoever
opens it for work takes it up first: nothing of it goes out before a person has looked (P1, P2).
"""

import sqlite3

from sqlite_utils import Database

from modemd.model.actor import DAEMON
from modemd.model.hold import NewHold
from modemd.model.states import MessageState, PartState
from modemd.store import audit, events, holding, line, messages
from modemd.store.moves import move_message, move_part, settle

M, P = MessageState, PartState

# Ids that were given after the backup was made are known outside: to clients, in logs. They are never given
# again, or a cancel by such an id would hit somebody else's message.
GAP = 1_000_000
_NUMBERED = ("batch", "event", "inbound", "inbound_pdu", "message", "report")


def mark(connection: sqlite3.Connection, at: float) -> None:
    """This is a copy, made then."""
    connection.execute(f"pragma user_version = {max(1, int(at // 60))}")


def made_at(connection: sqlite3.Connection) -> float | None:
    """When this copy was made, to the minute; None for a database that is none."""
    (minutes,) = connection.execute("pragma user_version").fetchone()
    return minutes * 60.0 if minutes else None


def take_up(db: Database, at: float) -> bool:
    """Make a copy the database; False where it is none. All of it is one transaction.

    What was queued, or would have left meanwhile, is uncertain. What waits for a time to come is held, for
    somebody may have called it off. The line is stopped: what was accepted since is not known here, and
    whoever sends it again must not meet a running line unasked.
    """
    made = made_at(db.conn)
    if made is None:
        return False
    db.execute("begin immediate")
    try:
        _take_up(db, made, at)
        db.execute("pragma user_version = 0")
        db.execute("commit")
    except BaseException:
        db.execute("rollback")
        raise
    return True


def _take_up(db: Database, made: float, at: float) -> None:
    _leave_a_gap(db)
    line.switch(db, True, "restore", at)
    events.record(db, at, "restore", data=f"{made:.0f}")
    db.execute(
        "insert into event (at, kind, message_id) select ?, 'restore', id from message"
        " where state in ('draft', 'held', 'uncertain')",
        (at,),
    )
    audit.record(db, at, DAEMON, "restored", None, {"made": round(made)})
    for (id,) in _rows(db, "select id from message where state = 'held'"):
        _hold(db, id, at)
    for id, release_at in _rows(db, "select id, release_at from message where state = 'staged'"):
        if release_at <= at:
            move_message(db, id, M.STAGED, M.QUEUED, at)
        else:
            _hold(db, id, at)
    for (id,) in _rows(db, "select id from message where state in ('queued', 'submitting', 'uncertain')"):
        for part in messages.find(db, id).parts:
            if part.state is P.QUEUED:
                move_part(db, id, part.sequence, P.QUEUED, P.UNCERTAIN, at, code="restored")
        settle(db, id, at, code="restored")


def _hold(db: Database, id: int, at: float) -> None:
    """A person makes sure; whatever else held it holds it besides."""
    holding.place(db, id, [NewHold("restored", "confirm")], at)


def _rows(db: Database, sql: str) -> list[tuple[int, ...]]:
    return db.execute(sql).fetchall()


def _leave_a_gap(db: Database) -> None:
    for table in _NUMBERED:
        if db.execute("update sqlite_sequence set seq = seq + ? where name = ?", (GAP, table)).rowcount == 0:
            db.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (table, GAP))
