"""The second pair of eyes: what waits for whom, and that person's yes or no."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from drivers.words import N_
from modemd.model import digest
from modemd.model.actor import Actor
from modemd.model.approval import Vote
from modemd.model.errors import Conflict, Invalid
from modemd.model.hold import Hold
from modemd.model.message import Message
from modemd.store import approvals, deeds, holds, messages, versions
from modemd.store.database import Store
from modemd.store.versions import Version

_LONGEST_REASON = 500  # characters


@dataclass(frozen=True)
class Asked:
    """A message, or what waits of a batch, put before somebody. `before`: what that person saw of it last."""

    messages: tuple[Message, ...]
    batch: int | None
    digest: str
    asked: tuple[tuple[Hold, tuple[Vote, ...]], ...]
    confirmed: tuple[Hold, ...]
    before: Version | None
    may: bool  # whether that person may decide


class Approvals:
    """`woken` is called after every commit that lets a message burn."""

    def __init__(self, store: Store, at_least: float, woken: Callable[[], None]) -> None:
        self._store, self._at_least, self._woken = store, at_least, woken

    async def waiting(self, who: Actor) -> list[Asked]:
        """Everything that waits for this person's decision, the oldest first; a batch once."""

        def look(db: Database) -> list[Asked]:
            found: dict[tuple[int | None, int], list[Message]] = {}
            for message in messages.find_many(db, approvals.waiting(db)):
                place = (message.batch_id, 0 if message.batch_id else message.id)
                found.setdefault(place, []).append(message)
            asked = [_asked(db, tuple(group), batch, who) for (batch, _), group in found.items()]
            return [each for each in asked if each.may]

        return await self._store.run(look)

    async def of_message(self, message_id: int, who: Actor) -> Asked:
        """Put it before this person, who has seen it from now on. Raises NotFound, Conflict."""
        now = self._store.clock.now()

        def look(db: Database) -> Asked:
            message = messages.find(db, message_id)
            if not approvals.asked(message):
                raise Conflict(N_("Message {id} waits for no approval."), id=message_id)
            return _shown(db, (message,), None, who, now)

        return await self._store.run(look)

    async def of_batch(self, batch_id: int, who: Actor) -> Asked:
        now = self._store.clock.now()

        def look(db: Database) -> Asked:
            found = tuple(approvals.batch_waiting(db, batch_id))
            if not found:
                raise Conflict(N_("Batch {id} waits for no approval."), id=batch_id)
            return _shown(db, found, batch_id, who, now)

        return await self._store.run(look)

    async def approve(self, message_id: int, who: Actor, seen: str) -> Message:
        """Raises NotFound, TooLate, Conflict, Changed, Forbidden."""
        now, at_least = self._store.clock.now(), self._at_least
        (message,) = await self._decide(
            "approved", who, seen, lambda db: [approvals.approve(db, message_id, who, seen, now, at_least)]
        )
        return message

    async def approve_batch(self, batch_id: int, who: Actor, seen: str) -> list[Message]:
        now, at_least = self._store.clock.now(), self._at_least
        return await self._decide(
            "approved", who, seen, lambda db: approvals.approve_batch(db, batch_id, who, seen, now, at_least)
        )

    async def reject(self, message_id: int, who: Actor, seen: str, reason: str) -> Message:
        """Raises Invalid without a reason, and as `approve`."""
        now, why = self._store.clock.now(), _reason(reason)
        (message,) = await self._decide(
            "rejected", who, seen, lambda db: [approvals.reject(db, message_id, who, seen, why, now)]
        )
        return message

    async def reject_batch(self, batch_id: int, who: Actor, seen: str, reason: str) -> list[Message]:
        now, why = self._store.clock.now(), _reason(reason)
        return await self._decide(
            "rejected", who, seen, lambda db: approvals.reject_batch(db, batch_id, who, seen, why, now)
        )

    async def _decide(
        self, verdict: str, who: Actor, seen: str, decide: Callable[[Database], list[Message]]
    ) -> list[Message]:
        now = self._store.clock.now()

        def deed(db: Database) -> list[Message]:
            found = decide(db)
            deeds.decided(db, now, who, verdict, found, seen)
            return found

        found = await self._store.run(deed)
        self._woken()
        return found


def _reason(given: str) -> str:
    reason = given.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise Invalid(N_("Say why, in {most} characters at most: whoever wrote it reads it."), most=_LONGEST_REASON)
    return reason


def _shown(db: Database, found: tuple[Message, ...], batch: int | None, who: Actor, at: float) -> Asked:
    asked = _asked(db, found, batch, who)
    for message in found:
        versions.seen(db, message, who.key, at)
    return asked


def _asked(db: Database, found: tuple[Message, ...], batch: int | None, who: Actor) -> Asked:
    first = found[0]
    asked = tuple((hold, tuple(approvals.votes(db, hold))) for hold in approvals.asked(first))
    digests = [digest.whole(message) for message in found]
    standing = holds.standing(db, [first.id])[first.id]
    return Asked(
        messages=found,
        batch=batch,
        digest=digest.of_all(digests) if batch is not None else digests[0],
        asked=asked,
        confirmed=tuple(hold for hold in standing if hold.needs == "confirm" and not hold.is_open),
        before=versions.before(db, first, who.key),
        may=any(approvals.may_decide(db, message, who) for message in found),
    )
