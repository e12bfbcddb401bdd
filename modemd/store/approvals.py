"""Approved or rejected by another person: votes on the holds that ask for it, bound to what the message is."""

from collections.abc import Sequence

from sqlite_utils import Database

from drivers.words import N_
from modemd.model import approval, digest
from modemd.model.actor import Actor
from modemd.model.approval import Vote
from modemd.model.errors import Changed, Conflict, Forbidden
from modemd.model.hold import Hold
from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.store import events, holding, holds, messages, outbox
from modemd.store.moves import move_message

M = MessageState


def waiting(db: Database) -> list[int]:
    """Messages that wait for an approval, the oldest first."""
    rows = db.execute(
        "select distinct message_id from hold join message on message.id = message_id"
        " where needs = 'approval' and cleared_at is null and void_at is null and state = 'held' order by message_id"
    ).fetchall()
    return [row[0] for row in rows]


def count_for(db: Database, who: Actor) -> int:
    """How many messages and batches wait for this person's decision, by the first message of each."""
    rows = db.execute(
        "select min(message_id) from hold join message on message.id = message_id"
        " where needs = 'approval' and cleared_at is null and void_at is null and state = 'held'"
        " group by coalesce(batch_id, -message_id)"
    ).fetchall()
    return sum(may_decide(db, message, who) for message in messages.find_many(db, [row[0] for row in rows]))


def asked(message: Message) -> list[Hold]:
    """The approvals that it waits for."""
    return [hold for hold in message.holds if hold.needs == "approval"]


def votes(db: Database, hold: Hold) -> list[Vote]:
    """The approvals given so far; a hold that an edit has made void takes its own with it."""
    rows = db.execute(
        "select who, name, at from vote where hold_id = ? and verdict = 'approved' order by id", (hold.id,)
    ).fetchall()
    return [Vote(*row) for row in rows]


def approve(db: Database, message_id: int, who: Actor, seen: str, at: float, at_least: float) -> Message:
    """One person's yes to what that person has `seen` (a digest); enough of them let the message go on.

    Raises NotFound, Conflict, Changed, Forbidden.
    """
    message = _as_seen(db, message_id, seen)
    _approve(db, message, who, at, at_least)
    return messages.find(db, message_id)


def approve_batch(db: Database, batch_id: int, who: Actor, seen: str, at: float, at_least: float) -> list[Message]:
    """One yes for all messages of a batch that wait for it. Raises as `approve`."""
    found = _theirs(db, _batch_as_seen(db, batch_id, seen), who)
    for message in found:
        _approve(db, message, who, at, at_least)
    return messages.find_many(db, [message.id for message in found])


def _approve(db: Database, message: Message, who: Actor, at: float, at_least: float) -> None:
    _in_time(message, at)
    for hold in _may_decide(db, message, who):
        if approval.lapses_at(hold) < at:
            raise Conflict(
                N_("Message {id} has waited too long for its approval: whoever wrote it stages it anew."), id=message.id
            )
        _vote(db, hold, message, who, "approved", at)
        if approval.is_enough(hold, votes(db, hold)):
            holds.clear(db, hold, at, who.name, until=approval.counts_until(hold, message, at))
    events.record(db, at, "approve", message_id=message.id, who=who.name)
    holding.let_on(db, message.id, at, who.name, at_least)


def reject(db: Database, message_id: int, who: Actor, seen: str, reason: str, at: float) -> Message:
    """One person's no, with its reason: a draft again. Raises as `approve`."""
    _reject(db, _as_seen(db, message_id, seen), who, reason, at)
    return messages.find(db, message_id)


def reject_batch(db: Database, batch_id: int, who: Actor, seen: str, reason: str, at: float) -> list[Message]:
    found = _theirs(db, _batch_as_seen(db, batch_id, seen), who)
    for message in found:
        _reject(db, message, who, reason, at)
    return messages.find_many(db, [message.id for message in found])


def _reject(db: Database, message: Message, who: Actor, reason: str, at: float) -> None:
    for hold in _may_decide(db, message, who):
        _vote(db, hold, message, who, "rejected", at, reason)
    holds.void_all(db, message.id, at, who.name)
    db.execute("delete from part where message_id = ?", (message.id,))
    db.execute("update message set staged_at = null, release_at = null, valid_until = null where id = ?", (message.id,))
    events.record(db, at, "reject", message_id=message.id, who=who.name, data=reason)
    move_message(db, message.id, M.HELD, M.DRAFT, at, who=who.name, code="rejected")


def rejection(db: Database, message_id: int) -> tuple[str, str, float] | None:
    """(name, reason, at) of the last no."""
    row: tuple[str, str, float] | None = db.execute(
        "select name, reason, at from vote where message_id = ? and verdict = 'rejected' order by id desc limit 1",
        (message_id,),
    ).fetchone()
    return row


# -- what was seen is what is decided on --------------------------------------------------------------------


def _as_seen(db: Database, message_id: int, seen: str) -> Message:
    message = outbox.editable(db, message_id)  # what has left, or is over, says so first
    if not asked(message):
        raise Conflict(N_("Message {id} waits for no approval."), id=message_id)
    _same(digest.whole(message), seen)
    return message


def _batch_as_seen(db: Database, batch_id: int, seen: str) -> list[Message]:
    found = batch_waiting(db, batch_id)
    if not found:
        raise Conflict(N_("Batch {id} waits for no approval."), id=batch_id)
    _same(digest.of_all(digest.whole(message) for message in found), seen)
    return found


def batch_waiting(db: Database, batch_id: int) -> list[Message]:
    """Raises NotFound."""
    return [message for message in messages.find_many(db, outbox.batch_of(db, batch_id)) if asked(message)]


def _same(now: str, seen: str) -> None:
    if now != seen:
        raise Changed()


def _in_time(message: Message, at: float) -> None:
    if message.send_at is not None and message.send_at <= at:
        raise Conflict(
            N_("The time at which message {id} was to leave has passed: it needs a new one before it is approved."),
            id=message.id,
        )


def _may_decide(db: Database, message: Message, who: Actor) -> Sequence[Hold]:
    """The approvals of this message that are this person's to give. Raises Forbidden where none is."""
    reasons = [(hold, approval.why_not(hold, message, who, votes(db, hold))) for hold in asked(message)]
    mine = [hold for hold, why in reasons if why is None]
    if not mine:
        why = next(why for _, why in reasons if why is not None)
        raise Forbidden(why.template, **why.values)
    return mine


def _theirs(db: Database, found: Sequence[Message], who: Actor) -> list[Message]:
    """Of a batch: what this person may decide. Raises Forbidden where that is nothing."""
    theirs = [message for message in found if may_decide(db, message, who)]
    if not theirs:
        _may_decide(db, found[0], who)
    return theirs


def may_decide(db: Database, message: Message, who: Actor) -> bool:
    return any(approval.why_not(hold, message, who, votes(db, hold)) is None for hold in asked(message))


def _vote(
    db: Database, hold: Hold, message: Message, who: Actor, verdict: str, at: float, reason: str | None = None
) -> None:
    db.execute(
        "insert into vote (hold_id, message_id, at, who, name, verdict, digest, reason)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (hold.id, message.id, at, who.key, who.name, verdict, digest.whole(message), reason),
    )
