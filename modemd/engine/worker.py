"""One open modem at work: takes messages, watches the network, empties the storages."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from drivers.at.results import by_code
from drivers.errors import (
    CommandError,
    CommandTimeout,
    DriverError,
    OutcomeUnknown,
    PduError,
    PortError,
    PromptTimeout,
)
from drivers.modem import (
    Arrived,
    InboxChanged,
    LateResult,
    Modem,
    ModemEvent,
    NetworkChanged,
    Restarted,
    Ringing,
    StoredPdu,
)
from drivers.parts import cut
from drivers.pdu import Encoding
from drivers.words import N_, Sentence
from modemd.engine import inbound, status, submission
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.inbound import Source
from modemd.engine.retry import MODEM_PAUSE, Fate, judge
from modemd.engine.status import ModemStatus
from modemd.model.message import Message, Part
from modemd.model.states import PartState
from modemd.store import outbox, reports, transmit
from modemd.store.database import Store
from modemd.store.transmit import Mark

logger = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY = 20.0  # seconds between looks at the network: the liveness check
SWEEP_EVERY = 300.0
_PROMPTS_MISSED = 3  # in a row: the modem is built anew
_STORE_PAUSE = 1.0


class ModemUnwell(DriverError):
    """The modem answers, but does not do its work."""


class Worker:
    """Lives as long as one connection; ends by raising what ended it."""

    def __init__(
        self,
        modem: Modem,
        state: ModemStatus,
        store: Store,
        dispatcher: Dispatcher,
        tell: Callable[[str, Sentence | None], Awaitable[None]],
    ) -> None:
        self._modem, self._state = modem, state
        self._store, self._dispatcher, self._tell = store, dispatcher, tell
        self._able = asyncio.Event()
        self._look_now = asyncio.Event()
        self._sweep_now: asyncio.Queue[str | None] = asyncio.Queue()
        self._expected: int | None = None
        self._prompts_missed = 0
        self._paused_until = 0.0  # monotonic
        self.stopping = False
        self.idle = asyncio.Event()
        self.idle.set()

    async def run(self) -> None:
        """Until the modem is lost. Raises the DriverError that ended it."""
        self._expected = await self._store.run(transmit.last_tp_mr, self._state.sim)
        if self._expected is not None:
            self._expected = self._expected + 1 & 0xFF
        self._sweep_now.put_nowait(None)
        try:
            async with asyncio.TaskGroup() as tasks:
                for loop in (self._send, self._listen, self._watch, self._sweep):
                    tasks.create_task(loop(), name=f"{self._state.name}{loop.__name__}")
        except* DriverError as group:
            raise group.exceptions[0] from group

    # -- sending -------------------------------------------------------------------------------------

    async def _send(self) -> None:
        while True:
            await self._able.wait()
            async with self._dispatcher.claim(self._state.name) as message:
                if self.stopping:
                    return
                if not self._able.is_set():
                    continue
                self.idle.clear()
                try:
                    await self._transmit(message)
                except sqlite3.Error as error:
                    # Nothing was marked, so nothing has left: the message waits where it was.
                    logger.error("the database failed message=%d: %s", message.id, error)
                    await asyncio.sleep(_STORE_PAUSE)
                except DriverError:
                    raise
                except Exception:
                    # A fault of ours with this message must not hold up the others (P4).
                    logger.exception("message=%d is held", message.id)
                    await self._store.run(transmit.hold, message.id, self._state.name, self._store.clock.now())
                finally:
                    self.idle.set()
            await self._show_network()

    async def _transmit(self, message: Message) -> None:
        await self._tell(status.BUSY, None)
        texts = cut(message.text, Encoding(message.encoding)).parts
        waiting = [part for part in message.parts if part.state is PartState.QUEUED]
        for part in waiting:
            if not await self._submit(message, part, texts, more_follow=part is not waiting[-1]):
                return

    async def _submit(self, message: Message, part: Part, texts: tuple[str, ...], *, more_follow: bool) -> bool:
        """One part; False when the message is not to go on now."""
        attempt = Attempt(self, message, part)
        try:
            pdu = submission.pdu_of(message, part.sequence, texts, self._store.clock.now())
            owed = await self._store.run(transmit.owed, self._state.sim, self._store.clock.now())
            tp_mr = await self._modem.submit(pdu, attempt.mark, more_follow=more_follow, owed=owed)
        except PduError:
            await attempt.not_sent("refused", None)
        except OutcomeUnknown as error:
            await attempt.uncertain(error.why)
            raise
        except CommandError as error:
            await attempt.refused(error)
        except (PromptTimeout, CommandTimeout):
            await attempt.not_sent("no_prompt", 0.0)
            self._prompts_missed += 1
            if self._prompts_missed >= _PROMPTS_MISSED:
                raise
        except PortError:
            await attempt.not_sent("port_lost_before", 0.0)
            raise
        else:
            self._prompts_missed = 0
            return await attempt.answered(tp_mr)
        return False

    async def record(self, function: Callable[[], Awaitable[T]]) -> T:
        """What happened at the modem must reach the disk, however long the disk refuses."""
        while True:
            try:
                return await function()
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
                await asyncio.sleep(_STORE_PAUSE)

    # -- listening -----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for event in self._modem.events():
            await self._hear(event)

    async def _hear(self, event: ModemEvent) -> None:
        match event:
            case InboxChanged(storage=storage, full=full):
                self._sweep_now.put_nowait(None if full else storage)
            case Arrived(pdu=pdu):
                await self.record(lambda: self._store.run(inbound.take, pdu, self._source, self._store.clock.now()))
                self._dispatcher.notify()  # a report may have settled what kept the rest of its message waiting
            case LateResult(tp_mr=tp_mr):
                await self.record(
                    lambda: self._store.run(reports.late_result, self._state.sim, tp_mr, self._store.clock.now())
                )
                self._dispatcher.notify()
            case NetworkChanged():
                self._look_now.set()
            case Ringing():
                await self._modem.hang_up()
            case Restarted():
                raise ModemUnwell(N_("The modem has restarted by itself: check its power supply."))

    @property
    def _source(self) -> Source:
        return Source(self._state.name, self._state.sim)

    async def _sweep(self) -> None:
        """Store, then delete (P5): at the start, on every hint, and every few minutes without one."""
        while True:
            try:
                async with asyncio.timeout(SWEEP_EVERY):
                    storage = await self._sweep_now.get()
            except TimeoutError:
                storage = None
            for stored in await self._modem.sweep(storage):
                await self._keep(stored)

    async def _keep(self, stored: StoredPdu) -> None:
        await self.record(lambda: self._store.run(inbound.take, stored.pdu, self._source, self._store.clock.now()))
        self._dispatcher.notify()
        try:
            await self._modem.delete(stored)
        except CommandError as error:
            logger.warning("modem=%s keeps %s/%d: %s", self._state.name, stored.storage, stored.index, error)

    # -- watching ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            health = await self._modem.health()
            self._state.health = health
            self._state.signal.append(health.signal_dbm)
            if health.registration.carries_sms and time.monotonic() >= self._paused_until:
                self._able.set()
            else:
                self._able.clear()
            await self._show_network()
            self._look_now.clear()
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._look_now.wait()
            except TimeoutError:
                pass

    async def _show_network(self) -> None:
        if not self.idle.is_set():
            return
        if self._able.is_set():
            await self._tell(status.READY, None)
        elif time.monotonic() < self._paused_until and self._state.error_code:
            await self._tell(status.WAITING, Sentence(by_code(self._state.error_code).sentence))
        else:
            await self._tell(status.WAITING, None)

    def pause(self, code: str) -> None:
        """A failure that is the modem's or the SIM's: take nothing for a while, so that others may."""
        self._state.error_code, self._state.error, self._state.error_at = code, None, self._store.clock.now()
        self._paused_until = time.monotonic() + MODEM_PAUSE
        self._able.clear()

    # -- for Attempt ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._state.name

    @property
    def sim(self) -> str:
        return self._state.sim

    @property
    def store(self) -> Store:
        return self._store

    @property
    def dispatcher(self) -> Dispatcher:
        return self._dispatcher

    @property
    def expected(self) -> int | None:
        return self._expected

    def learnt(self, tp_mr: int) -> None:
        self._expected = tp_mr + 1 & 0xFF


class Attempt:
    """One try of one part: asks for the mark, and writes down how it ended."""

    def __init__(self, worker: Worker, message: Message, part: Part) -> None:
        self._worker, self._message, self._part = worker, message, part
        self._mark: Mark | None = None
        self._marked_at = 0.0

    async def mark(self) -> bool:
        """The last check between the prompt and the body (P1)."""
        if self._worker.stopping:
            return False
        self._marked_at = self._worker.store.clock.now()
        self._mark = await self._worker.store.run(
            transmit.mark,
            self._message.id,
            self._part.sequence,
            self._marked_at,
            modem=self._worker.name,
            sim=self._worker.sim,
            expected=self._worker.expected,
        )
        return self._mark is Mark.GO

    async def answered(self, tp_mr: int | None) -> bool:
        """+CMGS came, or (None) the mark was refused. Whether the message may go on."""
        if tp_mr is None:
            await self._left_prompt()
            return False
        self._worker.learnt(tp_mr)
        await self._record(transmit.submitted, tp_mr, self._worker.store.clock.now())
        return True

    async def _left_prompt(self) -> None:
        now, id = self._worker.store.clock.now(), self._message.id
        if self._mark is Mark.EXPIRED:
            await self._worker.record(lambda: self._worker.store.run(outbox.expire, id, self._message.state, now))
        await self._worker.record(lambda: self._worker.store.run(transmit.let_go, id, now))

    async def uncertain(self, code: str) -> None:
        await self._record(transmit.uncertain, self._worker.store.clock.now(), code)

    async def not_sent(self, code: str, after: float | None) -> None:
        """Nothing of the part reached the modem: back to the queue after `after` seconds, or never."""
        now = self._worker.store.clock.now()
        retry_at = None if after is None else now + after
        await self._record(transmit.not_sent, now, code, retry_at=retry_at)

    async def refused(self, error: CommandError) -> None:
        """The modem or the network said no."""
        after_body, now = self._mark is Mark.GO, self._worker.store.clock.now()
        verdict = judge(
            error,
            after_body=after_body,
            attempts=self._part.attempts + 1,
            took=now - self._marked_at,
        )
        if verdict.modem_is_unwell:
            self._worker.pause(verdict.code)
        if verdict.fate is Fate.UNCERTAIN:
            await self.uncertain(verdict.code)
            return
        retry_at = None if verdict.fate is Fate.NEVER else now + verdict.after
        function = transmit.refused if after_body else transmit.not_sent
        await self._record(function, now, verdict.code, retry_at=retry_at)

    async def _record(self, function: Callable[..., None], *args: object, **kwargs: object) -> None:
        id, sequence = self._message.id, self._part.sequence
        await self._worker.record(lambda: self._worker.store.run(function, id, sequence, *args, **kwargs))
        self._worker.dispatcher.notify()
