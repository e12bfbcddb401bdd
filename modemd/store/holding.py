"""Held and let go again: a message passes the mark when no reason is left that holds it, and never before."""

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from drivers.words import N_
from modemd.model import digest
from modemd.model.errors import Conflict
from modemd.model.hold import Hold, NewHold
from modemd.model.message import Message
from modemd.model.states import LEFT, MessageState, PartState
from modemd.store import events, holds, messages, versions
from modemd.store.moves import move_message

M = MessageState

_GOES_ON = frozenset({M.HELD, M.STAGED, M.QUEUED, M.SUBMITTING, M.UNCERTAIN})


def digest_for(message: Message, needs: str) -> str:
    """What a reason is cleared for: an approval is bound to the time as well."""
    return digest.whole(message) if needs == "approval" else digest.content(message)


def place(db: Database, message_id: int, news: Sequence[NewHold], at: float, who: str | None = None) -> None:
    """Reasons that hold a message that was staged, wherever it is; `who` None: the daemon itself.

    A part in the air settles first, and the rest is held then.
    """
    message = messages.find(db, message_id)
    if message.state not in _GOES_ON:
        return
    for new in news:
        here = holds.standing(db, [message_id])[message_id]
        if not any(hold.is_open and hold.is_about(new) for hold in here):
            add(db, message, new, at, who)
    in_the_air = any(part.state is PartState.SUBMITTING for part in message.parts)
    if message.state not in (M.HELD, M.UNCERTAIN) and not in_the_air and (code := first_code(db, message_id)):
        move_message(db, message_id, message.state, M.HELD, at, who=who, code=code)


def add(db: Database, message: Message, new: NewHold, at: float, who: str | None) -> None:
    holds.add(db, message.id, new, at, who or "modemd", digest_for(message, new.needs))
    if new.needs == "approval":
        versions.keep(db, message, at)


def missing(db: Database, message: Message, news: Iterable[NewHold]) -> list[NewHold]:
    """Of the reasons that there are now, those that nobody has cleared for the message as it is."""
    here = [hold for hold in holds.standing(db, [message.id])[message.id] if not hold.is_open]
    return [
        new
        for new in news
        if not any(
            hold.is_about(new) and hold.needs != "time" and hold.data.get("digest") == digest_for(message, new.needs)
            for hold in here
        )
    ]


def stops(db: Database, message: Message, at: float) -> bool:
    """The last gate: whether a reason speaks against the message that nobody has cleared for what it is now.

    What was cleared for something else, or for a time that is over, is placed anew.
    """
    here = holds.standing(db, [message.id])[message.id]
    if not here:
        return False
    reopen(db, message, [hold for hold in here if not hold.is_open and not _still_counts(hold, message, at)], at)
    return holds.is_open(db, message.id)


def _still_counts(hold: Hold, message: Message, at: float) -> bool:
    if hold.needs in ("edit", "time"):
        return True
    if hold.data.get("digest") != digest_for(message, hold.needs):
        return False
    has_begun = any(part.state in LEFT for part in message.parts)  # half of one helps nobody
    return has_begun or bool(hold.data.get("until", at) >= at)


def reopen(db: Database, message: Message, lapsed: Sequence[Hold], at: float) -> None:
    """What cleared these counts no longer."""
    for hold in lapsed:
        holds.void(db, hold, at)
    if lapsed:
        place(db, message.id, [hold.again() for hold in lapsed], at)


def confirm(db: Database, message_id: int, codes: Sequence[str], at: float, who: str, at_least: float) -> list[str]:
    """A person has looked at these findings and stands by the message; returns those that were open.

    Raises NotFound, Conflict.
    """
    message = messages.find(db, message_id)
    found = [hold for hold in message.holds if hold.needs == "confirm" and hold.code in codes]
    if message.state is not M.HELD or not found:
        raise Conflict(N_("Message {id} waits for no such confirmation."), id=message_id)
    lift(db, message_id, found, at, who, at_least)
    return [hold.code for hold in found]


def lift(db: Database, message_id: int, cleared: Sequence[Hold], at: float, who: str, at_least: float) -> None:
    """Clear reasons. With the last one the fuse is lit anew: for `at_least` seconds, so that it can be stopped."""
    for hold in cleared:
        holds.clear(db, hold, at, who)
        events.record(db, at, "hold", message_id=message_id, who=who, code=hold.code)
    let_on(db, message_id, at, who, at_least)


def let_time_clear(db: Database, at: float, at_least: float, usual_validity: float) -> int:
    """What waited for a time that has come burns again, and is asked anew when the fuse is spent; how many.

    A validity shorter than the usual one is somebody's word that it is worth nothing later: it is not lengthened.
    """
    found = holds.over(db, at)
    for hold in found:
        holds.clear(db, hold, at, "modemd")
        let_on(db, hold.message_id, at, None, at_least, anew_from=usual_validity)
    return len(found)


def let_on(
    db: Database, message_id: int, at: float, who: str | None, at_least: float, *, anew_from: float = 0.0
) -> None:
    """Where nothing holds it any more, it burns again. A validity of `anew_from` seconds or more begins anew."""
    message = messages.find(db, message_id)
    if message.state is not M.HELD:
        return
    if code := first_code(db, message_id):
        db.execute("update message set error = ? where id = ?", (code, message_id))
        return
    release_at = max(message.send_at or 0.0, at + max(message.fuse or 0.0, at_least))
    db.execute(
        "update message set release_at = :at,"
        " valid_until = case when validity >= :anew_from then :at + validity else valid_until end where id = :id",
        {"at": release_at, "id": message_id, "anew_from": anew_from},
    )
    move_message(db, message_id, M.HELD, M.STAGED, at, who=who)


def first_code(db: Database, message_id: int) -> str | None:
    """What an older reader finds in `error`: the oldest reason that is open."""
    return next((hold.code for hold in holds.standing(db, [message_id])[message_id] if hold.is_open), None)
