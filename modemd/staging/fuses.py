"""Waits for the next fuse to end, and lets go what may go."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.store import holding, outbox
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_LONGEST_SLEEP = 30.0  # seconds; a clock that is set meanwhile is noticed after this
_STORE_PAUSE = 1.0
_AT_ONCE = 10  # messages: they share a disk sync, and nobody's cancel waits behind more of them


@dataclass(frozen=True)
class Release:
    """What speaks against it, cleared or not; `leave_by`: when the hours end in which it may leave."""

    holds: list[NewHold]
    leave_by: float | None = None


class Fuses:
    """One task. `reasons` is asked at release (P6): what nobody has cleared is held, not sent.

    `prepare` may ask others, and is asked of all that are due together: no message waits behind another's (P4).
    `after_hold`: seconds for which a fuse burns at least when a time has cleared a hold. `validity`: the usual one.
    """

    def __init__(
        self,
        store: Store,
        reasons: Callable[[Message], Awaitable[Release]],
        released: Callable[[], None],
        *,
        after_hold: float = 0.0,
        validity: float = 0.0,
    ) -> None:
        self._store, self._reasons, self._released = store, reasons, released
        self._after_hold, self._validity = after_hold, validity
        self.prepare: Callable[[Sequence[Message]], Awaitable[None]] = _nothing_to_prepare
        self._wake = asyncio.Event()
        self.alive: Callable[[float], None] = lambda waits: None  # told at every round, see modemd.notify

    def notify(self) -> None:
        """A fuse was lit, changed or put out."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        just_started = True
        while True:
            self._wake.clear()
            self.alive(_LONGEST_SLEEP)
            try:
                if just_started:
                    await self._store.run(outbox.rein_in, self._store.clock.now())
                    just_started = False
                await self._follow_clock()
                if await self._release():
                    self._released()
                    continue
                moment = await self._store.run(outbox.next_moment)
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
                await asyncio.sleep(_STORE_PAUSE)
                continue
            await self._sleep(moment)

    async def _follow_clock(self) -> None:
        if step := self._store.clock.follow():
            logger.warning("the system's clock was set by %+.0f s: what burns burns on", step)
            await self._store.run(outbox.shift, step, self._store.clock.now())

    async def _release(self) -> int:
        """Release or hold what is due, expire what is overdue; how many."""
        now = self._store.clock.now()
        cleared = await self._store.run(holding.let_time_clear, now, self._after_hold, self._validity)
        due = await self._store.run(outbox.due, now)
        try:
            await self.prepare(due)
        except Exception:
            logger.exception("nothing was asked before release")  # whoever is concerned is held by `_let_go`
        for start in range(0, len(due), _AT_ONCE):
            await asyncio.gather(*(self._let_go(message, now) for message in due[start : start + _AT_ONCE]))
        overdue = await self._store.run(outbox.overdue, now)
        await asyncio.gather(*(self._store.run(outbox.expire, id, MessageState.QUEUED, now) for id in overdue))
        return cleared + len(due) + len(overdue)

    async def _let_go(self, message: Message, now: float) -> None:
        """It is asked again whether the fuse is spent: it may have been cancelled or edited meanwhile."""
        try:
            found = await self._reasons(message)
        except sqlite3.Error:
            raise
        except Exception:
            logger.exception("message=%d is held", message.id)  # one message never holds up the others (P4)
            found = Release([NewHold("internal")])
        await self._store.run(outbox.let_go, message.id, now, found.holds, found.leave_by)

    async def _sleep(self, until: float | None) -> None:
        timeout = _LONGEST_SLEEP if until is None else min(max(until - self._store.clock.now(), 0.0), _LONGEST_SLEEP)
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            pass


async def _nothing_to_prepare(_due: Sequence[Message]) -> None:
    pass
