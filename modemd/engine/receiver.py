"""What comes in by one open modem: kept, then deleted or acknowledged; calls are hung up and written down."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol

from drivers.at.results import code_of
from drivers.errors import CommandError, CommandTimeout
from drivers.modem import Arrived, InboxChanged, Listing, Modem, Ringing
from modemd.engine import inbound
from modemd.engine.alerts import Alerts
from modemd.engine.calls import Calls
from modemd.engine.inbound import Source
from modemd.engine.status import ModemStatus
from modemd.model.errors import StoreError
from modemd.store import inbox
from modemd.store.database import Store

logger = logging.getLogger(__name__)

SWEEP_EVERY = 300.0  # seconds without a hint
_UNREAD_AGAIN = 60.0  # when the modem did not show what it has
_HIGH = 0.8  # of a storage's slots
# Not the disk's faults but a PDU's, or ours: trying again would try for ever.
_NOT_THE_DISKS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


class Recorder(Protocol):
    """Tries until it is on disk, however long the disk refuses."""

    async def __call__(self, function: Callable[[], Awaitable[Any]]) -> Any: ...


class Receiver:
    """Lives as long as one connection. `sweep` and `answer` run until they are cancelled or the modem is lost."""

    def __init__(
        self,
        modem: Modem,
        state: ModemStatus,
        store: Store,
        record: Recorder,
        *,
        hang_up: bool,
        every: float = SWEEP_EVERY,
    ) -> None:
        self._modem, self._state, self._store, self._record = modem, state, store, record
        self._every = every
        self._alerts = Alerts(state, store)
        self._calls = Calls(modem, state.name, store, record, hang_up=hang_up)
        self._hinted = asyncio.Event()
        self._announced: set[str] = set()
        self._owed: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()  # answers to the modem
        # (storage, index): the PDU that is kept and does not go, and when to try again (monotonic)
        self._stuck: dict[tuple[str, int], tuple[str, float]] = {}

    async def hear(self, event: InboxChanged | Arrived | Ringing) -> None:
        """What was handed over is durable when this returns; all else is done by `sweep` and `answer`."""
        match event:
            case InboxChanged(storage=storage, full=full):
                if full:
                    await self._alerts.set("storage_full")
                self._announced |= {storage} if storage else set()
                self._hinted.set()
            case Arrived(pdu=pdu):
                await self._keep(pdu, self._source)
                self._owed.put_nowait(self._modem.acknowledge)
            case Ringing(caller=caller):
                if answer := self._calls.rings(caller):
                    self._owed.put_nowait(answer)

    async def answer(self) -> None:
        """Acknowledge and hang up, in turn: while a message is being sent the modem takes no command."""
        while True:
            owed = await self._owed.get()
            try:
                await owed()
            except (CommandError, CommandTimeout) as error:
                logger.warning("modem=%s took no answer: %s", self._state.name, error)

    async def sweep(self) -> None:
        """Store, then delete (P5): at the start, on every hint, and every few minutes without one."""
        renewed_at = time.monotonic()
        while True:
            self._hinted.clear()
            pause = await self._sweep_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hinted.wait()
            if time.monotonic() - renewed_at >= pause:
                await self._renew()
                renewed_at = time.monotonic()

    async def _renew(self) -> None:
        try:
            await self._modem.renew()
        except (CommandError, CommandTimeout) as error:
            logger.warning("modem=%s was not set up anew: %s", self._state.name, error)

    # -- storages ------------------------------------------------------------------------------------

    async def _sweep_all(self) -> float:
        """All of them, whichever was announced: modems announce the wrong one. Returns when to come again.

        One that does not answer is no reason to lose the modem, which may send well enough: if it is deaf
        to everything, the look at the network finds that out.
        """
        why: str | None = None
        refusals = 0
        storages = self._storages()
        for storage in storages:
            try:
                listing = await self._modem.sweep(storage)
            except (CommandError, CommandTimeout) as error:
                why, refusals = _code(error), refusals + 1
                continue
            gone = await self._empty(storage, listing)
            if listing.use:
                self._state.storages[storage] = (max(0, listing.use[0] - gone), listing.use[1])
        if refusals == len(storages):
            await self._alerts.set("storage_unread", why=why or "")
            return _UNREAD_AGAIN
        await self._alerts.over("storage_unread")
        await self._judge_room()
        return self._every

    def _storages(self) -> list[str]:
        """Those that the modem offers, and one that it does not offer but announces."""
        offered, announced, self._announced = self._modem.storages, self._announced, set()
        return [*offered] if offered == ("",) else [*offered, *sorted(announced - set(offered))]

    async def _empty(self, storage: str, listing: Listing) -> int:
        """How many were deleted. What does not go is kept once, and tried again after a while."""
        left = {stored.index: stored.pdu for stored in listing.stored}
        await self._write_down(storage, left)
        error: CommandError | CommandTimeout | None = None
        stuck = {index: self._stuck.pop((storage, index)) for kept, index in list(self._stuck) if kept == storage}
        for stored in listing.stored:
            known, again_at = stuck.get(stored.index, (None, 0.0))
            if known != stored.pdu:
                await self._keep(stored.pdu, replace(self._source, storage=storage, slot=stored.index))
            elif time.monotonic() < again_at:
                self._stuck[storage, stored.index] = stored.pdu, again_at
                continue
            try:
                if isinstance(error, CommandTimeout):
                    raise error  # each would take as long
                await self._modem.delete(stored)
            except (CommandError, CommandTimeout) as refusal:
                error = refusal
                self._stuck[storage, stored.index] = stored.pdu, time.monotonic() + self._every
            else:
                del left[stored.index]
        gone = len(listing.stored) - len(left)
        if gone:
            await self._write_down(storage, left)
        if error:
            await self._alerts.set("storage_stuck", storage=storage, why=_code(error))
        return gone

    async def _write_down(self, storage: str, lying: dict[int, str]) -> None:
        await self._record(lambda: self._store.run(inbox.lie_there, self._state.sim, storage, list(lying.items())))

    async def _judge_room(self) -> None:
        """After a sweep: what is still full is not full of ours, or does not go."""
        if self._stuck:
            return
        await self._alerts.over("storage_stuck")
        for storage, (used, total) in self._state.storages.items():
            if used >= _HIGH * total > 0:
                await self._alerts.set("storage_high", storage=storage, used=used, total=total)
                return
        await self._alerts.over("storage_high")
        if not self._hinted.is_set():
            await self._alerts.over("storage_full")

    # -- keeping -------------------------------------------------------------------------------------

    @property
    def _source(self) -> Source:
        return Source(self._state.name, self._state.sim)

    async def _keep(self, pdu: str, source: Source) -> None:
        await self._record(lambda: self._take(pdu, source))

    async def _take(self, pdu: str, source: Source) -> None:
        now = self._store.clock.now()
        run = self._store.run if source.storage else self._store.run_in_company  # a sweep brings many in turn
        try:
            await run(inbound.take, pdu, source, now)
        except Exception as error:
            if isinstance(error, StoreError) or (
                isinstance(error, sqlite3.Error) and not isinstance(error, _NOT_THE_DISKS)
            ):
                raise
            logger.exception("modem=%s: a PDU is kept unread", self._state.name)  # it must not hold up others (P4)
            await self._store.run(inbound.take_raw, pdu, source, now)


def _code(error: CommandError | CommandTimeout) -> str:
    return code_of(error) if isinstance(error, CommandError) else "no_answer"
