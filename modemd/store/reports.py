"""Status reports: matched with their part, kept until there is one."""

import math
from collections.abc import Sequence

from sqlite_utils import Database

from drivers.words import N_
from modemd.model import tp_st
from modemd.model.actor import DAEMON
from modemd.model.errors import Conflict
from modemd.model.recipient import same_number
from modemd.model.states import MessageState, PartState
from modemd.store import audit, events, inbox, messages
from modemd.store.moves import move_part, settle

M, P = MessageState, PartState

DRAIN = 120.0  # seconds that a late +CMGS or a report may take, before a policy sends a second copy
LATE = 600.0  # seconds after which a +CMGS is nobody's

_WAITING = 64  # reports of a SIM that may wait for their part: fewer than it has references


def add(db: Database, *, sim: str, tp_mr: int, recipient: str, status: int, pdu: str, at: float) -> int | None:
    """Keep a report and give it to its part; returns the message, None while no part is known."""
    added = db.execute(
        "insert or ignore into report (sim, received_at, tp_mr, recipient, tp_st, pdu) values (?, ?, ?, ?, ?, ?)",
        (sim, at, tp_mr, recipient, status, pdu),
    )
    if added.rowcount != 1:
        return None
    return _match(db, int(added.lastrowid or 0), at)


def match_waiting(db: Database, sim: str, at: float) -> None:
    """A part has just learnt its tp_mr, or never will: a report may have been faster than its +CMGS."""
    rows = db.execute(
        "select id from report where sim = ? and message_id is null order by id desc limit ?", (sim, _WAITING)
    ).fetchall()
    for (report,) in reversed(rows):
        _match(db, report, at, waited=True)


# Those that wait for a report come first, of them those that the modem has named, then the newest: in the order of
# an index, so that thousands that had the same reference before are not looked at.
_BY_REFERENCE = (
    "select message_id, sequence, part.state, recipient from part {index} join message on message.id = message_id"
    " where sim = :sim and tp_mr = :mr and left_at <= :until and part.state in {states}"
    " and left_at + validity + 86400 >= :received order by {order} desc limit 8"
)
_AWAITED = _BY_REFERENCE.format(
    index="indexed by part_awaited", states="('submitted', 'uncertain')", order="tp_mr_known desc, left_at"
)
_TOLD = _BY_REFERENCE.format(index="indexed by part_report", states="('delivered', 'undelivered')", order="left_at")


def _match(db: Database, report: int, at: float, *, waited: bool = False) -> int | None:
    """By SIM, tp_mr (the expected one where the outcome was lost), time and recipient.

    What waited is not about a part that left after it came. What comes now is about one that has left before,
    whatever the times say: the clock may have been set back in between.
    """
    sim, mr, recipient, status, received = db.execute(
        "select sim, tp_mr, recipient, tp_st, received_at from report where id = ?", (report,)
    ).fetchone()
    about = {"sim": sim, "mr": mr, "until": received + 1 if waited else math.inf, "received": received}
    found = next(
        (part for each in (_AWAITED, _TOLD) for *part, to in db.execute(each, about) if same_number(to, recipient)),
        None,
    )
    if found is None:
        return None
    message_id, sequence, state = found
    if state == P.UNCERTAIN and _in_the_air(db, sim, recipient):
        return None  # it may be about that one: its +CMGS will tell
    db.execute("update report set message_id = ?, sequence = ? where id = ?", (message_id, sequence, report))
    _apply(db, message_id, sequence, PartState(state), status, at)
    return int(message_id)


def _in_the_air(db: Database, sim: str, recipient: str) -> bool:
    """Whether a part to this recipient is past the mark and has no answer yet."""
    rows = db.execute(
        "select recipient from part join message on message.id = message_id"
        " where part.state = 'submitting' and sim = ?",
        (sim,),
    ).fetchall()
    return any(same_number(to, recipient) for (to,) in rows)


def _apply(db: Database, message_id: int, sequence: int, old: PartState, status: int, at: float) -> None:
    if old not in (P.DELIVERED, P.UNDELIVERED):  # the first last word stands
        db.execute(
            "update part set tp_st = ?, tp_mr_known = 1 where message_id = ? and sequence = ?",
            (status, message_id, sequence),
        )
    events.record(db, at, "report", message_id=message_id, subject=str(sequence), code=f"tp_st_{status}")
    new = tp_st.settles(status) or (P.SUBMITTED if old is P.UNCERTAIN else None)
    if new is None or new == old or old in (P.DELIVERED, P.UNDELIVERED):
        return
    move_part(db, message_id, sequence, old, new, at)
    (state,) = db.execute("select state from message where id = ?", (message_id,)).fetchone()
    if state not in (M.SUBMITTING, M.HELD, M.STAGED):  # its worker settles it, a person, or its fuse
        settle(db, message_id, at)


def late_result(db: Database, sim: str, tp_mr: int, at: float) -> int | None:
    """A +CMGS after its time-out settles the part of this SIM that was to have this tp_mr.

    With two such parts, or none, it settles nothing: a person is asked rather than told something wrong.
    """
    rows = db.execute(
        "select message_id, sequence from part where sim = ? and state = 'uncertain' and tp_mr = ?"
        " and left_at is not null and left_at >= ? limit 2",
        (sim, tp_mr, at - LATE),
    ).fetchall()
    if len(rows) != 1:
        return None
    message_id, sequence = rows[0]
    move_part(db, message_id, sequence, P.UNCERTAIN, P.SUBMITTED, at, tp_mr=tp_mr, tp_mr_known=1)
    settle(db, message_id, at)
    message = messages.find(db, message_id)
    inbox.answered(db, message.recipient, message.shown, at)
    match_waiting(db, sim, at)
    return int(message_id)


def settle_by_hand(db: Database, message_id: int, settle_as: str, at: float, who: str) -> None:
    """A person knows, or decides: `sent`, `not_sent`, `resend`. Raises Conflict when there is no question."""
    message = messages.find(db, message_id)
    if message.state is not M.UNCERTAIN:
        raise Conflict(
            N_("Message {id} is not uncertain ({state}): there is nothing to settle."),
            id=message_id,
            state=message.state,
        )
    new = {"sent": P.SUBMITTED, "not_sent": P.FAILED, "resend": P.QUEUED}[settle_as]
    for part in message.parts:
        if part.state is P.UNCERTAIN:
            columns: dict[str, str | int | float | None] = (
                {"left_at": None, "tp_mr": None, "attempts": 0} if new is P.QUEUED else {}
            )
            move_part(
                db,
                message_id,
                part.sequence,
                P.UNCERTAIN,
                new,
                at,
                who=who,
                code=f"settled_{settle_as}",
                **columns,
            )
        elif part.state is P.QUEUED and new is P.FAILED:
            move_part(db, message_id, part.sequence, P.QUEUED, P.CANCELLED, at, who=who)
    if new is P.QUEUED:  # a person's word today: its validity starts anew
        db.execute(
            "update message set not_before = 0, valid_until = ? + validity, resends = resends + 1 where id = ?",
            (at, message_id),
        )
    settle(db, message_id, at, who=who)


_MAY_RESEND = (
    "from message join part on part.message_id = message.id where message.state = 'uncertain' and resends = 0"
    " and part.state = 'uncertain' and category in ({marks})"
)


def resend_by_policy(db: Database, categories: Sequence[str], at: float) -> int:
    """Of these categories a second copy is better than none: once each, when no report or late answer has come."""
    marks = ", ".join("?" * len(categories))
    rows = db.execute(
        f"select message.id {_MAY_RESEND.format(marks=marks)} group by message.id having max(left_at) <= ?",
        (*categories, at - DRAIN),
    ).fetchall()
    for (message_id,) in rows:
        settle_by_hand(db, message_id, "resend", at, "policy")
        audit.record(db, at, DAEMON, "resent", f"message {message_id}")
    return len(rows)


def next_resend(db: Database, categories: Sequence[str]) -> float | None:
    """When the next of them is to be sent again."""
    marks = ", ".join("?" * len(categories))
    row = db.execute(f"select min(left_at) {_MAY_RESEND.format(marks=marks)}", tuple(categories)).fetchone()
    return None if row[0] is None else float(row[0]) + DRAIN
