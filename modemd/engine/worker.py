"""One open modem at work: takes messages, watches the network, empties the storages."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from drivers.at.results import Remedy, by_code
from drivers.errors import (
    CommandError,
    CommandRefused,
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
    Registration,
    Restarted,
    Ringing,
)
from drivers.parts import cut
from drivers.pdu import Encoding
from drivers.words import N_, Sentence
from modemd.engine import status, submission
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.receiver import Receiver
from modemd.engine.retry import MODEM_PAUSE, Fate, Streak, Then, Verdict, judge
from modemd.engine.status import ModemStatus
from modemd.model.message import Message, Part
from modemd.model.quota import PACE, UNLIMITED, Quota
from modemd.model.states import PartState
from modemd.store import bonds, outbox, quota, reports, transmit
from modemd.store.database import Store
from modemd.store.transmit import Mark

logger = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY = 20.0  # seconds between looks at the network: the liveness check
_LOOK_GAP = 0.9  # seconds between looks for those who watch, however many they are
_PROMPTS_MISSED = 3  # in a row: the modem is built anew
_STORE_PAUSE = 1.0
_ABSENT = 600.0  # seconds without network after which a person is told
_NO_NETWORK = N_("No network for ten minutes: look at the antenna, the SIM and the coverage (modemd doctor).")
_DENIED = N_("The network refuses this SIM for ten minutes: ask the operator (barred, unpaid, wrong plan, roaming).")
_LONGEST_WAIT = 30.0  # seconds; a clock that is set meanwhile is noticed after this


class ModemUnwell(DriverError):
    """The modem answers, but does not do its work: `code` of results says what it said."""

    def __init__(self, code: str = "") -> None:
        super().__init__(by_code(code).sentence if code else "")
        self.code = code


class ModemRestarted(ModemUnwell):
    """The modem has restarted by itself: check its power supply."""


@dataclass(frozen=True)
class Rules:
    """What a site has decided about sending."""

    quota: Quota
    backoff: tuple[float, ...]  # seconds before each further try of a message
    others_help: bool  # what waits for a SIM that has sent enough may go by another


class Worker:
    """Lives as long as one connection; ends by raising what ended it."""

    def __init__(
        self,
        modem: Modem,
        state: ModemStatus,
        store: Store,
        dispatcher: Dispatcher,
        rules: Rules,
        streak: Streak,
        tell: Callable[[str, Sentence | None], Awaitable[None]],
        *,
        hang_up: bool = True,
    ) -> None:
        self._modem, self._state = modem, state
        self._store, self._dispatcher, self._tell = store, dispatcher, tell
        self.rules, self.streak = rules, streak
        self.plain = False  # this network takes no TP-VP
        self.left_at = float("-inf")  # monotonic: when the last body went out
        self.worked = False  # something was submitted
        self._reopen: str | None = None  # the code of what only a new set-up helps against
        self._swept = False  # for a storage that was full, and nothing was submitted since
        self._absent_since: float | None = None  # monotonic
        self._recording: set[asyncio.Task[object]] = set()
        self._disk_works = asyncio.Event()  # cleared while it refuses what has happened
        self._disk_works.set()
        self._able = asyncio.Event()
        self._look_now = asyncio.Event()
        self._receiver = Receiver(modem, state, store, self._take_in, hang_up=hang_up)
        self._expected: int | None = None
        self._prompts_missed = 0
        self._paused_until = 0.0  # monotonic
        self._looked_at = 0.0
        self.stopping = False
        self.alive: Callable[[], None] = lambda: None  # told at every look and every part, see modemd.notify
        self.idle = asyncio.Event()
        self.idle.set()

    async def run(self) -> None:
        """Until the modem is lost. Raises the DriverError that ended it."""
        self._expected = await self._store.run(transmit.last_tp_mr, self._state.sim)
        if self._expected is not None:
            self._expected = self._expected + 1 & 0xFF
        try:
            async with asyncio.TaskGroup() as tasks:
                for loop in (self._send, self._listen, self._watch, self._receiver.sweep, self._receiver.answer):
                    tasks.create_task(loop(), name=f"{self._state.name} {loop.__name__}")
        except* DriverError as group:
            raise group.exceptions[0] from group
        finally:
            while self._recording:  # what is known of a message is not lost with its modem
                await asyncio.wait(self._recording)

    # -- sending -------------------------------------------------------------------------------------

    async def _send(self) -> None:
        while True:
            await self._able.wait()
            await self._disk_works.wait()
            await self._pace()
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
                    logger.exception("message=%d is held", message.id)
                    await self._hold(message.id)
                finally:
                    self.idle.set()
            if self._reopen is not None:
                raise ModemUnwell(self._reopen)
            await self._show_network()

    async def _hold(self, message_id: int) -> None:
        """A fault of ours with this message must not hold up the others (P4)."""
        await self._store.run(transmit.hold, message_id, self._state.name, self._store.clock.now())

    async def _pace(self) -> None:
        """Wait until the SIM may send one more part (P8)."""
        while room := await self._room(1):
            if room.code not in PACE and self.rules.others_help:
                await self._store.run(transmit.free_route, self._state.name, self._store.clock.now())
                self._dispatcher.notify()
            if room.code != "quota_gap":
                self._state.alerts["quota"] = status.quota_sentence(room.code, _by_the_clock(room.until))
                await self._show_network()
            await asyncio.sleep(min(max(room.until - self._store.clock.now(), 0.01), _LONGEST_WAIT))
        if self._state.alerts.pop("quota", None):
            await self._show_network()

    async def _room(self, parts: int) -> quota.Room | None:
        if self.rules.quota == UNLIMITED:
            return None
        now = self._store.clock.now()
        return await self._store.run(quota.wait, self._state.sim, self.rules.quota, now, parts)

    async def _transmit(self, message: Message) -> None:
        waiting = [part for part in message.parts if part.state is PartState.QUEUED]
        room = await self._room(len(waiting))
        if room is not None and room.code not in PACE:
            # A message goes whole or later: half of one helps nobody.
            now = self._store.clock.now()
            await self._store.run(transmit.put_off, message.id, room.until, room.code, now)
            return
        await self._tell(status.BUSY, None)
        texts = cut(message.text, Encoding(message.encoding)).parts
        for part in waiting:
            if part is not waiting[0]:
                await self._pace()
            if not await self._submit(message, part, texts, more_follow=part is not waiting[-1]):
                return

    async def _submit(self, message: Message, part: Part, texts: tuple[str, ...], *, more_follow: bool) -> bool:
        """One part; False when the message is not to go on now."""
        attempt = Attempt(self, message, part)
        self.alive()
        try:
            pdu = submission.pdu_of(message, part.sequence, texts, self._store.clock.now(), plain=self.plain)
            tp_mr = await self._modem.submit(pdu, attempt.mark, more_follow=more_follow, owed=attempt.owed)
            if tp_mr is not None and tp_mr in attempt.passed:
                await self._hear(LateResult(tp_mr))  # an older part's, and this one's has not come
                raise OutcomeUnknown("no_answer")
        except (PduError, CommandRefused):
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
        """What happened at the modem must reach the disk, however long the disk refuses and whoever is cancelled."""
        return await asyncio.shield(self._in_background(self._insist(function)))

    def record_answer(self, message_id: int, function: Callable[[], Awaitable[None]]) -> None:
        """As `record`; the next part is prepared meanwhile, and its mark comes to the disk after this or with it."""

        async def write() -> None:
            try:
                await self._insist(function)
            except Exception:
                logger.exception("message=%d is held", message_id)
                await self._hold(message_id)

        self._in_background(write())

    def _in_background(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work)
        self._recording.add(task)
        task.add_done_callback(self._recording.discard)
        return task

    async def _take_in(self, function: Callable[[], Awaitable[T]]) -> T:
        """What was received: a report may have settled what kept the rest of its message waiting."""
        taken = await self.record(function)
        self._dispatcher.notify()
        return taken

    async def _insist(self, function: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                done = await function()
            except sqlite3.Error as error:
                self._disk_works.clear()
                logger.error("the database failed, trying again: %s", error)
                await asyncio.sleep(_STORE_PAUSE)
            else:
                self._disk_works.set()
                return done

    # -- listening -----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for event in self._modem.events():
            await self._hear(event)

    async def _hear(self, event: ModemEvent) -> None:
        match event:
            case InboxChanged() | Arrived() | Ringing():
                await self._receiver.hear(event)
            case LateResult(tp_mr=tp_mr):
                await self.record(
                    lambda: self._store.run(reports.late_result, self._state.sim, tp_mr, self._store.clock.now())
                )
                self._dispatcher.notify()
            case NetworkChanged():
                self._look_now.set()
            case Restarted():
                raise ModemRestarted()

    # -- watching ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            health = await self._modem.health()
            self.alive()
            self._state.health = health
            self._state.signal.append(health.signal_dbm)
            paused = self._paused_until - time.monotonic()
            if health.registration.carries_sms and paused <= 0 and self._state.park is None:
                self._able.set()
            else:
                self._able.clear()
            self._note_absence(health.registration)
            await self._show_network()
            self._look_now.clear()
            try:
                async with asyncio.timeout(min(LOOK_EVERY, paused) if paused > 0 else LOOK_EVERY):
                    await self._look_now.wait()
            except TimeoutError:
                pass

    def _note_absence(self, registration: Registration) -> None:
        """A minute without network is the weather, ten are a matter for somebody."""
        if registration.carries_sms:
            self._absent_since = None
            self._state.alerts.pop("no_network", None)
            return
        self._absent_since = self._absent_since or time.monotonic()
        if time.monotonic() - self._absent_since >= _ABSENT:
            words = _DENIED if registration is Registration.DENIED else _NO_NETWORK
            self._state.alerts["no_network"] = Sentence(words)

    async def look(self) -> None:
        """Ask for the signal now, because somebody watches it: at most once a second, never while submitting."""
        if self.idle.is_set() and self._state.health and time.monotonic() - self._looked_at >= _LOOK_GAP:
            self._looked_at = time.monotonic()
            dbm = await self._modem.signal()
            self._state.health = replace(self._state.health, signal_dbm=dbm)

    async def _show_network(self) -> None:
        if not self.idle.is_set():
            return
        if self._state.park is not None:
            await self._tell(status.PARKED, self._state.park_sentence())
        elif self._able.is_set():
            waits = self._state.alerts.get("quota")
            await self._tell(status.WAITING if waits else status.READY, waits)
        elif time.monotonic() < self._paused_until and self._state.error_code:
            await self._tell(status.WAITING, Sentence(by_code(self._state.error_code).sentence))
        else:
            await self._tell(status.WAITING, None)

    def look_again(self) -> None:
        """Something has changed: look at the network at once."""
        self._look_now.set()

    # -- what a failure does to the modem ------------------------------------------------------------

    async def failed(self, code: str, recipient: str, verdict: Verdict | None) -> bool:
        """The modem or the network failed at a message; whether the modem is parked for it now."""
        self._state.error_code, self._state.error, self._state.error_at = code, None, self._store.clock.now()
        if self.streak.met(code, recipient):
            await self._park(status.IN_A_ROW + code)
            return True
        if verdict is None:
            return False
        pauses = verdict.then is Then.PAUSE and verdict.remedy is Remedy.NONE
        match verdict.remedy:
            case Remedy.SWEEP:  # the driver has told the receiver; once that must have helped
                pauses, self._swept = self._swept, True
            case Remedy.REOPEN:
                self._reopen = code
            case Remedy.PLAIN:
                self.plain = True
        if verdict.then is Then.PARK:
            await self._park(code)
        elif pauses:
            self._paused_until = time.monotonic() + MODEM_PAUSE
            self._able.clear()
            self.look_again()
        return verdict.then is Then.PARK

    async def _park(self, code: str) -> None:
        """Nothing more leaves here until a person has seen to it; what is received still comes in."""
        self._state.park = code
        self._able.clear()
        await self.record(lambda: self._store.run(bonds.park, self._state.name, code, self._store.clock.now()))

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

    def did(self, tp_mr: int) -> None:
        """The network has taken a part."""
        self._expected = tp_mr + 1 & 0xFF
        self.streak.over()
        self.worked, self._swept = True, False


class Attempt:
    """One try of one part: asks for the mark, and writes down how it ended."""

    def __init__(self, worker: Worker, message: Message, part: Part) -> None:
        self._worker, self._message, self._part = worker, message, part
        self._mark: Mark | None = None
        self._marked_at = 0.0
        self._owed: frozenset[int | None] = frozenset()
        self.passed: frozenset[int] = frozenset()  # see `transmit.passed`

    def owed(self) -> frozenset[int | None]:
        """See `Modem.submit`."""
        return self._owed

    async def mark(self) -> bool:
        """The last check between the prompt and the body (P1)."""
        if self._worker.stopping:
            return False
        self._marked_at = self._worker.store.clock.now()
        marked = await self._worker.store.run_at_prompt(
            transmit.last_word,
            self._message,
            self._part.sequence,
            self._marked_at,
            modem=self._worker.name,
            sim=self._worker.sim,
            expected=self._worker.expected,
            limits=self._worker.rules.quota,
        )
        self._mark, self._owed, self.passed = marked.mark, marked.owed, marked.passed
        if self._mark is Mark.GO:
            self._worker.left_at = time.monotonic()
        return self._mark is Mark.GO

    async def answered(self, tp_mr: int | None) -> bool:
        """+CMGS came, or (None) the mark was refused. Whether the message may go on."""
        if tp_mr is None:
            await self._left_prompt()
            return False
        self._worker.did(tp_mr)
        now = self._worker.store.clock.now()
        self._worker.record_answer(self._message.id, lambda: self._write_answer(tp_mr, now))
        return True

    async def _left_prompt(self) -> None:
        now, id = self._worker.store.clock.now(), self._message.id
        if self._mark is Mark.EXPIRED:
            await self._worker.record(lambda: self._worker.store.run(outbox.expire, id, self._message.state, now))
        await self._worker.record(lambda: self._worker.store.run(transmit.let_go, id, now))

    async def uncertain(self, code: str) -> None:
        await self._record(transmit.uncertain, self._worker.store.clock.now(), code)
        await self._worker.failed(code, self._message.recipient, None)

    async def not_sent(self, code: str, after: float | None) -> None:
        """Nothing of the part reached the modem: back to the queue after `after` seconds, or never."""
        now = self._worker.store.clock.now()
        retry_at = None if after is None else now + after
        await self._record(transmit.not_sent, now, code, retry_at=retry_at, counts=False)

    async def refused(self, error: CommandError) -> None:
        """The modem or the network said no."""
        after_body, now = self._mark is Mark.GO, self._worker.store.clock.now()
        verdict = judge(
            error,
            after_body=after_body,
            attempts=self._part.attempts + 1,
            took=now - self._marked_at,
            backoff=self._worker.rules.backoff,
        )
        if verdict.fate is Fate.UNCERTAIN:
            await self.uncertain(verdict.code)
            return
        parked = await self._worker.failed(verdict.code, self._message.recipient, verdict)
        # What parks the modem is not the message's fault: it keeps its place and its tries.
        again = parked or verdict.fate is Fate.AGAIN
        await self._record(
            transmit.refused if after_body else transmit.not_sent,
            now,
            verdict.code,
            retry_at=now + (0.0 if parked else verdict.after) if again else None,
            counts=verdict.counts and not parked,
        )

    async def _write_answer(self, tp_mr: int, at: float) -> None:
        id, sequence = self._message.id, self._part.sequence
        await self._worker.store.run_in_company(transmit.submitted, id, sequence, tp_mr, at)
        self._worker.dispatcher.notify()

    async def _record(self, function: Callable[..., None], *args: object, **kwargs: object) -> None:
        await self._worker.record(lambda: self._write(function, *args, **kwargs))

    async def _write(self, function: Callable[..., None], *args: object, **kwargs: object) -> None:
        await self._worker.store.run(function, self._message.id, self._part.sequence, *args, **kwargs)
        self._worker.dispatcher.notify()


def _by_the_clock(at: float) -> str:
    """A time of today, or a date with its time, in local time."""
    moment = datetime.fromtimestamp(at).astimezone()
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M}" if today else f"{moment:%Y-%m-%d %H:%M}"
