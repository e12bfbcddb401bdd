"""What the audit says of each deed at the outbox: which message, what it was (by its digest), what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from modemd.model import digest
from modemd.model.actor import Actor
from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.store import audit
from modemd.store.outbox import Outcome

M = MessageState


def staged(db: Database, at: float, who: Actor, found: Sequence[Message]) -> None:
    """Drafts are nobody's decision yet."""
    if found[0].state is not M.DRAFT:
        audit.record(db, at, who, "staged", _subject(found), _about(found))


def edited(db: Database, at: float, who: Actor, old: Message, new: Message, changes: Mapping[str, object]) -> None:
    """A draft that was written on is none; one that is staged is."""
    if old.state is M.DRAFT and new.state is not M.DRAFT:
        staged(db, at, who, [new])
    elif new.state is M.DRAFT and old.state is not M.DRAFT:
        audit.record(db, at, who, "taken_back", _subject([new]))
    elif new.state is not M.DRAFT:
        audit.record(db, at, who, "edited", _subject([new]), {**_about([new]), "fields": sorted(changes)})


def confirmed(db: Database, at: float, who: Actor, subject: str, codes: Sequence[str]) -> None:
    audit.record(db, at, who, "confirmed", subject, {"codes": list(codes)})


def cancelled(db: Database, at: float, who: Actor, outcomes: Sequence[Outcome]) -> None:
    found = [outcome.message for outcome in outcomes]
    counts = Counter(outcome.outcome for outcome in outcomes)
    audit.record(db, at, who, "cancelled", _subject(found), {"outcome": dict(counts)})


def decided(db: Database, at: float, who: Actor, verdict: str, found: Sequence[Message], seen: str) -> None:
    """Approved or rejected, as the digest that was seen."""
    states = Counter(str(message.state) for message in found)
    audit.record(db, at, who, verdict, _subject(found), {"digest": seen, "state": dict(states)})


def _subject(found: Sequence[Message]) -> str:
    batch = found[0].batch_id
    return f"batch {batch}" if batch is not None and len(found) > 1 else f"message {found[0].id}"


def _about(found: Sequence[Message]) -> dict[str, Any]:
    digests = [digest.whole(message) for message in found]
    return {
        "digest": digest.of_all(digests) if len(digests) > 1 else digests[0],
        "messages": len(found),
        "first": found[0].id,
        "held": dict(Counter(hold.code for message in found for hold in message.holds)),
    }
