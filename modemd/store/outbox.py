"""The outbox written: staged, edited, cancelled, released, expired."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import Conflict, NotFound, TooLate
from modemd.model.hold import NewHold
from modemd.model.message import Message, Part
from modemd.model.states import LEFT, MessageState, PartState
from modemd.store import completion, cooling, events, holding, holds, messages, quota, search
from modemd.store.moves import move_message, move_part, settle

M, P = MessageState, PartState

_RELEASE_BATCH = 500
_UNSETTLED = 600.0  # seconds for which times decide what a report or a late answer belongs to
EDITABLE = (M.DRAFT, M.HELD, M.STAGED)


@dataclass(frozen=True)
class New:
    """A message as it enters the store. `release_at` None: a draft."""

    recipient: str
    text: str
    encoding: str
    parts: int
    author: str
    validity: float
    fuse: float | None = None
    send_at: float | None = None
    release_at: float | None = None
    modem: str | None = None
    category: str = "service"
    writer: str = ""  # the key of whoever asks for it
    holds: tuple[NewHold, ...] = ()
    recipients: int = 1  # that it is written to together
    by_hand: bool = False
    reason: str = ""
    leave_by: float | None = None  # where the fuse is zero: when the hours of its category end


@dataclass(frozen=True)
class Outcome:
    """P1's one true answer to a cancel."""

    outcome: str  # cancelled, partly, too_late
    message: Message
    left: int
    total: int
    left_at: float | None


def add(db: Database, news: Sequence[New], at: float, *, batch: bool = False) -> list[int]:
    """As `put`; the messages' ids."""
    return [message.id for message in put(db, news, at, batch=batch)]


def put(db: Database, news: Sequence[New], at: float, *, batch: bool = False) -> list[Message]:
    """Put messages into the outbox, all or none: drafts, staged, held, or queued where the fuse is zero."""
    batch_id = None
    if batch:
        batch_id = db.execute("insert into batch (at) values (?)", (at,)).lastrowid
    return [_add_one(db, new, at, batch_id) for new in news]


def _add_one(db: Database, new: New, at: float, batch_id: int | None) -> Message:
    """The message as `messages.find` would read it, which costs as much again as writing it."""
    draft = new.release_at is None
    state = M.DRAFT if draft else M.STAGED
    valid_until = None if new.release_at is None else new.release_at + new.validity
    writers, salt = (new.writer,) if new.writer else (), secrets.token_hex(16)
    message_id = db.execute(
        "insert into message (batch_id, state, recipient, text, encoding, author, created_at, staged_at, fuse,"
        " send_at, release_at, validity, valid_until, modem, category, writers, salt, recipients, by_hand, reason,"
        " leave_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            batch_id,
            state,
            new.recipient,
            new.text,
            new.encoding,
            new.author,
            at,
            None if draft else at,
            new.fuse,
            new.send_at,
            new.release_at,
            new.validity,
            valid_until,
            new.modem,
            new.category,
            json.dumps(writers),
            salt,
            new.recipients,
            new.by_hand,
            new.reason,
            new.leave_by,
        ),
    ).lastrowid
    assert message_id is not None
    search.index_new(db, message_id, new.recipient, new.text)
    if not draft:
        events.record(db, at, "state", message_id=message_id, new=state, who=new.author)
        _add_parts(db, message_id, new.parts)
        state = _light(db, message_id, new, at, new.author)
    if state is M.HELD:  # what holds it has been read by nobody yet
        return messages.find(db, message_id)
    return Message(
        id=message_id,
        state=state,
        recipient=new.recipient,
        text=new.text,
        encoding=new.encoding,
        author=new.author,
        created_at=float(at),
        validity=float(new.validity),
        batch_id=batch_id,
        staged_at=None if draft else float(at),
        fuse=_real(new.fuse),
        send_at=_real(new.send_at),
        release_at=_real(new.release_at),
        valid_until=_real(valid_until),
        modem=new.modem,
        category=new.category,
        recipients=new.recipients,
        by_hand=new.by_hand,
        reason=new.reason,
        leave_by=_real(new.leave_by),
        writers=writers,
        salt=salt,
        parts=() if draft else tuple(Part(sequence, P.QUEUED) for sequence in range(1, new.parts + 1)),
    )


def _real(value: float | None) -> float | None:
    """As the column gives it back."""
    return None if value is None else float(value)


def _light(db: Database, message_id: int, new: New, at: float, who: str) -> MessageState:
    """What is staged is held for its reasons, or burns, or is past its fuse at once; returns which."""
    if new.holds:  # nothing else holds it: what did before an edit is void
        message = messages.find(db, message_id)
        for hold in new.holds:
            holding.add(db, message, hold, at, who)
    if new.holds and (code := holding.first_code(db, message_id)):
        move_message(db, message_id, M.STAGED, M.HELD, at, who=who, code=code)
        return M.HELD
    if new.release_at is not None and new.release_at <= at:
        move_message(db, message_id, M.STAGED, M.QUEUED, at)
        return M.QUEUED
    return M.STAGED


def _add_parts(db: Database, message_id: int, parts: int) -> None:
    db.conn.executemany(
        "insert into part (message_id, sequence, state) values (?, ?, 'queued')",
        [(message_id, sequence) for sequence in range(1, parts + 1)],
    )


def edit(db: Database, message_id: int, new: New, at: float, who: str) -> None:
    """Replace what a draft, held or staged message says, and relight its fuse; its holds are asked anew.

    Raises TooLate once the fuse is spent, Conflict when it is over, Cooling before its time.
    """
    old = editable(db, message_id)
    draft = new.release_at is None
    if not draft:
        cooling.finish(db, old, at)
    holds.void_all(db, message_id, at, who)
    writers = (*old.writers, new.writer) if new.writer and new.writer not in old.writers else old.writers
    db.execute(
        "update message set recipient = ?, text = ?, encoding = ?, fuse = ?, send_at = ?, release_at = ?,"
        " validity = ?, valid_until = ?, modem = ?, category = ?, staged_at = ?, author = ?, writers = ?, by_hand = ?,"
        " reason = ?, leave_by = ? where id = ?",
        (
            new.recipient,
            new.text,
            new.encoding,
            new.fuse,
            new.send_at,
            new.release_at,
            new.validity,
            None if new.release_at is None else new.release_at + new.validity,
            new.modem,
            new.category,
            None if draft else at,
            new.author,
            json.dumps(writers),
            new.by_hand,
            new.reason,
            new.leave_by,
            message_id,
        ),
    )
    search.index_message(db, message_id, new.recipient, new.text)
    db.execute("delete from part where message_id = ?", (message_id,))
    if not draft:
        _add_parts(db, message_id, new.parts)
    state = M.DRAFT if draft else M.STAGED
    if old.state is state:
        if not draft:  # a draft is saved with every pause in typing: no history of that
            events.record(db, at, "edit", message_id=message_id, who=who)
    else:
        move_message(db, message_id, old.state, state, at, who=who)
    if not draft:
        _light(db, message_id, new, at, who)


def extend(db: Database, message_id: int, seconds: float, at: float, who: str) -> None:
    """Lengthen a burning fuse; where it leaves the time that was approved, it is held. Raises TooLate or Conflict."""
    message = editable(db, message_id)
    if message.state is not M.STAGED:
        raise Conflict(N_("Message {id} has no burning fuse."), id=message_id)
    db.execute(
        "update message set release_at = release_at + :s, valid_until = valid_until + :s,"
        " fuse = fuse + :s, send_at = send_at + :s where id = :id",  # one of the two is null
        {"s": seconds, "id": message_id},
    )
    events.record(db, at, "edit", message_id=message_id, who=who, code="extended", data=f"{seconds:g}")
    longer = messages.find(db, message_id)
    holding.stops(db, longer, longer.release_at or at)


def editable(db: Database, message_id: int) -> Message:
    """Raises NotFound, TooLate or Conflict."""
    message = messages.find(db, message_id)
    has_left = any(part.state in LEFT for part in message.parts)
    if message.state in EDITABLE and not has_left:
        return message
    if has_left or message.state in (M.QUEUED, M.SUBMITTING):
        raise TooLate(N_("Message {id} is past its fuse and cannot be edited: cancel it instead."), id=message_id)
    raise Conflict(N_("Message {id} is over ({state}) and cannot be edited."), id=message_id, state=message.state)


def cancel(db: Database, message_id: int, at: float, who: str) -> Outcome:
    """Stop what has not left. Here and in `mark`, one after the other, is decided who wins (P1)."""
    message = messages.find(db, message_id)
    for part in message.parts:
        if part.state is P.QUEUED:
            move_part(db, message_id, part.sequence, P.QUEUED, P.CANCELLED, at, who=who)
    if message.state in (M.DRAFT, M.HELD, M.STAGED):
        move_message(db, message_id, message.state, M.CANCELLED, at, who=who)
    if message.state is M.STAGED:
        completion.undone(db, message_id, at)
    if message.parts:
        settle(db, message_id, at, who=who)
    outcome = outcome_of(messages.find(db, message_id))
    if outcome.left:  # P9; and what comes back refused is not tried again
        events.record(db, at, "cancel", message_id=message_id, who=who, code=outcome.outcome)
    return outcome


def was_called_off(db: Database, message_id: int) -> bool:
    """Whether somebody tried to cancel what was already on its way: by the order of events, not by the clock."""
    row = db.execute(
        "select 1 from event where message_id = :id and kind = 'cancel' and id >"
        " (select max(id) from event where message_id = :id and kind = 'part' and new = 'submitting') limit 1",
        {"id": message_id},
    ).fetchone()
    return row is not None


def outcome_of(message: Message) -> Outcome:
    left = [part for part in message.parts if part.state in LEFT]
    outcome = "cancelled" if not left else "too_late" if len(left) == len(message.parts) else "partly"
    left_at = max((part.left_at for part in left if part.left_at is not None), default=None)
    return Outcome(outcome, message, len(left), len(message.parts), left_at)


def batch_of(db: Database, batch_id: int) -> list[int]:
    """The messages of a batch. Raises NotFound."""
    rows = db.execute("select id from message where batch_id = ? order by id", (batch_id,)).fetchall()
    if not rows:
        raise NotFound(batch_id, N_("There is no batch {what}."))
    return [row[0] for row in rows]


def due(db: Database, at: float) -> list[Message]:
    """Staged messages whose fuse is spent, the earliest first, a batch at most."""
    found: list[Message] = []
    for group in ("burning", "scheduled"):
        rows = db.execute(
            f"select id from message where {messages.GROUPS[group].where} and release_at <= ?"  # noqa: S608
            " order by release_at, id limit ?",
            (at, _RELEASE_BATCH),
        ).fetchall()
        if rows:
            found += messages.find_many(db, [row[0] for row in rows])
    return found


def release(db: Database, message_id: int, at: float) -> bool:
    """The fuse is spent: a modem may take it. False when somebody was faster."""
    row = db.execute(
        "select release_at, valid_until from message where id = ? and state = 'staged'", (message_id,)
    ).fetchone()
    if row is None or row[0] > at:
        return False
    if row[1] <= at:
        expire(db, message_id, M.STAGED, at)
    else:
        move_message(db, message_id, M.STAGED, M.QUEUED, at)
    return True


def let_go(db: Database, message_id: int, at: float, found: Sequence[NewHold], leave_by: float | None = None) -> bool:
    """The fuse is spent: release it, or hold it for what was found and nobody has cleared (P6).

    `leave_by`: when its hours end. False when somebody was faster.
    """
    message = messages.find(db, message_id)
    if message.state is not M.STAGED or message.release_at is None or message.release_at > at:
        return False
    if news := holding.missing(db, message, found):
        holding.place(db, message_id, news, at)
    elif not holding.stops(db, message, at):
        if leave_by != message.leave_by:
            db.execute("update message set leave_by = ? where id = ?", (leave_by, message_id))
        release(db, message_id, at)
    return True


def expire(db: Database, message_id: int, state: MessageState, at: float) -> None:
    """Its validity is over: what has not left never will."""
    for part in messages.find(db, message_id).parts:
        if part.state is P.QUEUED:
            move_part(db, message_id, part.sequence, P.QUEUED, P.EXPIRED, at)
    if state in (M.STAGED, M.HELD):
        move_message(db, message_id, state, M.EXPIRED, at)
    else:
        settle(db, message_id, at)


def overdue(db: Database, at: float) -> list[int]:
    """Queued messages whose validity is over."""
    rows = db.execute(
        "select id from message where state = 'queued' and valid_until <= ? limit ?", (at, _RELEASE_BATCH)
    ).fetchall()
    return [row[0] for row in rows]


def shift(db: Database, step: float, at: float) -> None:
    """The system's clock was set: fuses, validities, pauses and waits for parts go on as if it had not been.

    Schedules stay: who asked for nine o'clock gets nine o'clock.
    """
    db.execute(
        "update message set release_at = release_at + :s, valid_until = valid_until + :s"
        " where state in ('held', 'staged') and send_at is null",
        {"s": step},
    )
    db.execute(
        "update message set valid_until = valid_until + :s, not_before = not_before + :s"
        " where state in ('queued', 'submitting')",
        {"s": step},
    )
    # What is in the air or has just lost its answer, and the reports that wait for it, stay as long ago as they are.
    recent = {"s": step, "since": at - step - _UNSETTLED}
    db.execute(
        "update part set left_at = left_at + :s where state in ('submitting', 'uncertain') and left_at > :since"
        " and message_id in (select id from message where state in ('submitting', 'uncertain'))",
        recent,
    )
    db.execute(
        "update report set received_at = received_at + :s where message_id is null and received_at > :since", recent
    )
    quota.shift(db, step, at)
    db.execute(
        "update inbound set received_at = received_at + :s where missing != '' and overdue_at is null", {"s": step}
    )
    events.record(db, at, "clock", data=f"{step:+.0f}")


def rein_in(db: Database, at: float) -> None:
    """At the start: what entered its state in the future did so by a clock that has been set back since.

    It gets the whole of its time again, from now on: what nobody saw burn is not counted, and nothing waits
    for the clock to catch up.
    """
    burning, waiting = "state = 'staged' and send_at is null", "state = 'queued'"
    ahead = [
        db.execute(f"select max({since}) from message where {which}").fetchone()[0]  # noqa: S608
        for which, since in ((burning, "release_at - fuse"), (waiting, "valid_until - validity"))
    ]
    step = max((moment for moment in ahead if moment is not None), default=at) - at
    if step <= 1:
        return
    db.execute(
        "update message set release_at = :at + fuse, valid_until = :at + fuse + validity"  # noqa: S608
        f" where {burning} and release_at - fuse > :at",
        {"at": at},
    )
    db.execute(
        "update message set not_before = not_before - (valid_until - validity - :at), valid_until = :at + validity"  # noqa: S608
        f" where {waiting} and valid_until - validity > :at",
        {"at": at},
    )
    events.record(db, at, "clock", data=f"{-step:+.0f}")


def next_moment(db: Database) -> float | None:
    """When the next fuse is spent, the next queued message expires or the next hold is over."""
    moments = [
        db.execute(statement).fetchone()[0]
        for statement in (
            "select min(release_at) from message where state = 'staged' and send_at is null",
            "select min(release_at) from message where state = 'staged' and send_at is not null",
            "select min(valid_until) from message where state = 'queued'",
            "select min(until) from hold where until is not null and cleared_at is null and void_at is null",
        )
    ]
    return min((moment for moment in moments if moment is not None), default=None)
