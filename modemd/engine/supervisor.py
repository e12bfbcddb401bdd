"""Keeps one configured modem connected: opens, serves, and when it is lost builds anew."""

import asyncio
import json
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from drivers import usb
from drivers.at.results import by_code, code_of
from drivers.at_modem import AtModem, restart, switch_radio
from drivers.errors import (
    CmeError,
    CommandError,
    DriverError,
    OutcomeUnknown,
    PortBusy,
    PortError,
    PortForbidden,
    PortMissing,
    SimLocked,
)
from drivers.modem import Identity
from drivers.profiles import Profile
from drivers.trace import Trace
from drivers.words import N_, Sentence
from modemd.config import Config, ModemConfig
from modemd.engine import ladder, status
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.ladder import Ladder, Rung
from modemd.engine.ports import Ports
from modemd.engine.retry import Streak
from modemd.engine.status import ModemStatus
from modemd.engine.worker import ModemRestarted, ModemUnwell, Rules, Worker
from modemd.model.actor import Actor
from modemd.model.errors import Conflict
from modemd.model.quota import UNLIMITED
from modemd.store import bonds, events, pins, transmit
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0  # seconds between attempts to open
_LOCKED_DELAY = 60.0
_STOP_WITHIN = 4.0  # seconds that a part in the air gets for its answer when we stop
_WORKED = 300.0  # seconds that a modem has to be open to count as well again
_WRONG_PIN = 16  # +CME ERROR: incorrect password
_TRANSMIT = 10.0  # seconds after a body within which a drop-out is the transmitter's
_DAY = 86400.0

_UNKNOWN_OUTCOME = N_("The modem stopped answering while it was sending.")
_WEAK_POWER = N_(
    "The modem drops out when it transmits: its power is too weak. Use a powered hub, a shorter cable, a better supply."
)


class WrongModem(DriverError):
    """Another modem is at this port than the one that it is configured for."""

    def __init__(self, imei: str | None) -> None:
        super().__init__()
        self.imei = imei


class Supervisor:
    """Owns one modem's whole life; `state` is what people see of it."""

    def __init__(self, config: ModemConfig, site: Config, store: Store, dispatcher: Dispatcher, ports: Ports) -> None:
        self.config = config
        quota = UNLIMITED if site.profile == "open" else config.quota
        self.state = ModemStatus(config.name, config.port, since=store.clock.now(), quota=quota)
        self.trace = Trace()  # over all connections
        self._store, self._dispatcher, self._ports = store, dispatcher, ports
        self._rules = Rules(quota, site.retry, site.over_quota == "other_sim")
        self._worker: Worker | None = None
        self._pin: tuple[str, str] | None = None  # (sim, PIN) of the try under way
        self._profile = Profile()  # of the modem as it was last open
        self._switch: Path | None = None  # of its USB port, where we may
        self._streak = Streak()  # over connections: each lost answer makes a new one
        self._ladder = Ladder(config.recovery)
        self._rung: Rung | None = None  # to be taken before the next attempt to open
        self._drops: deque[tuple[float, bool]] = deque(maxlen=3)  # (monotonic, just after a body)
        self._astray = False  # it is not where it was: look elsewhere
        self._seen = Identity()  # who answered last, ours or not
        self._go = asyncio.Event()
        self._stopping = False
        self.alive: Callable[[], None] = lambda: None  # told that this modem's tasks go on, see modemd.notify

    async def run(self) -> None:
        """Until cancelled, or told to stop: a cancel that meets a lost modem arrives as that loss."""
        delay = _FIRST_DELAY
        while True:
            opened_at = time.monotonic()
            self.alive()
            try:
                wait = await self._serve_until_lost(opened_at, delay)
            except Exception:
                logger.exception("modem=%s: a fault of ours, opening it anew", self.config.name)
                wait = delay
            if self._told_to_stop():
                return
            if time.monotonic() - opened_at > _LOCKED_DELAY:
                delay = _FIRST_DELAY
            delay = _FIRST_DELAY if await self._rest(wait) else min(2 * delay, _LONGEST_DELAY)

    async def _serve_until_lost(self, opened_at: float, delay: float) -> float:
        """Returns the seconds to wait before it is opened anew."""
        try:
            await self._serve()
        except DriverError as error:
            await self._lost(error, opened_at)
            return _LOCKED_DELAY if isinstance(error, SimLocked) else delay
        return delay

    async def _rest(self, seconds: float) -> bool:
        """Whether somebody said to go on before the time was over."""
        self._go.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._go.wait()
        except TimeoutError:
            return False
        return True

    def _told_to_stop(self) -> bool:
        return self._stopping

    async def stop(self) -> None:
        """Take no more work, and give a part in the air a moment for its answer."""
        self._stopping = True
        if self._worker is None:
            return
        self._worker.stopping = True
        try:
            async with asyncio.timeout(_STOP_WITHIN):
                await self._worker.idle.wait()
        except TimeoutError:
            logger.warning("modem=%s: stopped before its answer came", self.config.name)

    async def resume(self, who: Actor) -> None:
        """A person has seen to what this modem is parked for, and accepts the modem and SIM that are there now.

        Raises Conflict where the configuration says otherwise, or nothing is there.
        """
        name, accepted = self.config.name, None
        if self.state.park == status.MODEM_CHANGED:
            if self.config.imei is not None:
                raise Conflict(N_("The configuration of {name} names another modem: change its imei there."), name=name)
            if self._seen.imei is not None and await self._is_another(self._seen.imei):
                raise Conflict(N_("The modem that is there goes by another name: put {name} back."), name=name)
        if self.state.park in (status.MODEM_CHANGED, status.SIM_CHANGED):
            accepted = self._seen
        await self._store.run(bonds.resume, name, accepted, self._store.clock.now(), who)
        self.state.park = None
        self._ladder.well()
        self._streak.over()
        if self._worker is not None:
            self._worker.look_again()
        self._go.set()

    async def look(self) -> None:
        """See `Worker.look`; nothing while the modem is not open."""
        if self._worker is not None:
            await self._worker.look()

    # -- one connection ------------------------------------------------------------------------------

    async def _serve(self) -> None:
        path = self.state.port = await self._path()
        with self._ports.taken(path, self.config.name):
            if self._rung is not None:
                await self._take_rung(path)
            await self._tell(status.STARTING, None)
            modem = await AtModem.open(
                path,
                self._pin_for,
                recognise=self._recognise,
                result_timeout=self.config.result_timeout,
                trace=self.trace,
            )
            try:
                await self._opened(modem)
                self._worker = Worker(
                    modem,
                    self.state,
                    self._store,
                    self._dispatcher,
                    self._rules,
                    self._streak,
                    self._tell,
                    hang_up=self.config.calls == "hang_up",
                )
                self._worker.stopping = self._stopping
                self._worker.alive = self.alive
                await self._worker.run()
            finally:
                modem.close()
                code = "stopped" if self._stopping else "port_lost"
                await self._store.run(transmit.recover, self._store.clock.now(), code, self.config.name)

    async def _path(self) -> str:
        """Where it was configured; where it is not, wherever its IMEI answers."""
        bond = await self._store.run(bonds.find, self.config.name)
        imei = self.config.imei or (bond.imei if bond else None)
        if imei is None or not (self._astray or self.config.port == "auto"):
            return self.config.port
        try:
            return await self._ports.find(imei, besides=self.config.port)
        except PortMissing:
            if self.config.port == "auto":
                raise
            return self.config.port

    async def _recognise(self, identity: Identity) -> None:
        """Before anything is done with it: is it the modem that this name stands for? Raises WrongModem."""
        self._seen = identity
        bond = await self._store.run(bonds.find, self.config.name)
        imei = self.config.imei or (bond.imei if bond else None)
        if imei is not None:
            if identity.imei != imei:
                raise WrongModem(identity.imei)
        elif identity.imei is not None and await self._is_another(identity.imei):
            raise WrongModem(identity.imei)
        other_sim = bond is not None and bond.has_other_sim(identity)
        self.state.park = status.SIM_CHANGED if other_sim else bond.park if bond else None

    async def _is_another(self, imei: str) -> bool:
        """Whether this modem goes by another name of the configuration."""
        names = await self._store.run(bonds.names_of, imei)
        return any(
            modem.name != self.config.name and (modem.name in names or modem.imei == imei)
            for modem in self._ports.modems
        )

    async def _opened(self, modem: AtModem) -> None:
        self._astray = False
        self._seen = self.state.identity = identity = modem.identity
        self.state.trouble = None
        self._profile = modem.profile
        self._switch = await asyncio.to_thread(usb.switch_of, self.state.port)
        self.state.sim = _key_of(identity, self.config.name)
        bond = await self._store.run(bonds.find, self.config.name)
        if bond is not None and bond.has_other_sim(identity):
            self.state.park = status.SIM_CHANGED
        elif self.state.park == status.SIM_CHANGED:
            self.state.park = None  # the old one is back
        if self.state.park != status.SIM_CHANGED:
            await self._store.run(bonds.keep, self.config.name, identity)
        if self._pin is not None:
            await self._store.run(pins.was_right, *self._pin)
            self._pin = None
        logger.info("modem=%s open port=%s model=%s", self.config.name, self.state.port, identity.model)

    async def _take_rung(self, path: str) -> None:
        rung, self._rung = self._rung, None
        self.alive()
        match rung:
            case Rung.RADIO:
                await switch_radio(path, trace=self.trace)
            case Rung.RESET:
                await restart(path, self._profile, trace=self.trace)
            case Rung.REPLUG if self._switch is not None:
                try:
                    await asyncio.to_thread(usb.switch_off_and_on, self._switch)
                except OSError as error:
                    logger.warning("modem=%s: its USB port would not switch: %s", self.config.name, error)

    async def _pin_for(self, identity: Identity) -> str | None:
        """The configured PIN, once for each (SIM, PIN), and never for a SIM that nobody has accepted (P8)."""
        if self.config.pin_file is None:
            return None
        if self.state.park == status.SIM_CHANGED:
            raise SimLocked("pin_other_sim")
        try:
            pin = (await asyncio.to_thread(self.config.pin_file.read_text, "ascii")).strip()
        except (OSError, UnicodeDecodeError) as error:
            self._note(
                Sentence(
                    N_("The PIN file {file} cannot be read: {why}."),
                    {"file": self.config.pin_file, "why": getattr(error, "strerror", None) or error},
                )
            )
            return None
        sim = identity.iccid or f"imei:{identity.imei}"
        if not await self._store.run(pins.may_try, sim, pin, self._store.clock.now()):
            raise SimLocked("pin_tried")
        self._pin = (sim, pin)
        return pin

    # -- lost ----------------------------------------------------------------------------------------

    async def _lost(self, error: DriverError, opened_at: float) -> None:
        self.state.trouble = error
        worker, self._worker = self._worker, None
        now = time.monotonic()
        self._astray = not isinstance(error, SimLocked)
        if worker is not None and (worker.worked or now - opened_at > _WORKED):
            self._ladder.well()
        if not isinstance(error, PortMissing):
            self.trace.fail("lost", error)
            self.trace.fail("lost", error)
            logger.warning("modem=%s lost: %s", self.config.name, error)
        match error:
            case SimLocked(state=locked):
                template = status.SIM_SENTENCES.get(locked, status.SIM_SENTENCES["other"])
                await self._tell(status.PARKED, Sentence(template, {"name": self.config.name}))
            case CmeError(code=code) if code == _WRONG_PIN:
                await self._tell(status.PARKED, self._failed(code_of(error)))
            case WrongModem():
                self.state.park = status.MODEM_CHANGED
                await self._tell(status.PARKED, self.state.park_sentence())
            case PortMissing():
                stick = await asyncio.to_thread(_stick)
                await self._tell(status.GONE, self._note(stick if stick is not None else error.sentence))
            case PortForbidden() | PortBusy():
                await self._tell(status.GONE, self._note(error.sentence))
            case PortError() | OutcomeUnknown(why="port_lost"):
                self._dropped(worker, now)
                sentence = error.sentence if isinstance(error, PortError) else Sentence(_UNKNOWN_OUTCOME)
                await self._tell(status.GONE, self._note(sentence))
            case _:
                if isinstance(error, ModemRestarted):
                    self._dropped(worker, now)
                await self._sick(error, now)

    async def _sick(self, error: DriverError, now: float) -> None:
        """It is there and does not do its work: up the ladder, a step a minute."""
        if isinstance(error, CommandError):
            self._failed(code_of(error))
        elif isinstance(error, OutcomeUnknown):
            self._failed(error.why)
        self._rung = self._ladder.climb(now, self._possible())
        if self._rung is not None:
            self.trace.fail("ladder", self._rung.value)
            logger.warning("modem=%s recovery: %s", self.config.name, self._rung.value)
        if self._ladder.exhausted and isinstance(error, ModemUnwell) and error.code:
            # It answers and refuses every message: what waits for it is not to be tried for ever.
            self.state.park = error.code
            await self._write(bonds.park, self.config.name, error.code, self._store.clock.now())
            await self._tell(status.PARKED, self.state.park_sentence())
        elif self._ladder.exhausted:
            await self._tell(status.PARKED, Sentence(ladder.EXHAUSTED))
        elif self._rung is not None:
            await self._tell(status.GONE, Sentence(ladder.SENTENCES[self._rung]))
        elif self.state.state not in (status.GONE, status.PARKED):
            await self._tell(status.GONE, Sentence(ladder.SENTENCES[Rung.REOPEN]))

    def _possible(self) -> set[Rung]:
        has = {Rung.REOPEN: True, Rung.RADIO: True}
        has |= {Rung.RESET: self._profile.reset is not None, Rung.REPLUG: self._switch is not None}
        return {rung for rung in Rung if has[rung]}

    def _dropped(self, worker: Worker | None, now: float) -> None:
        """The port vanished, or the modem restarted: count whether it was transmitting."""
        if worker is None:
            return
        self._drops.append((now, now - worker.left_at <= _TRANSMIT))
        recent = [transmitting for at, transmitting in self._drops if now - at < _DAY]
        if sum(recent) >= 2:
            self.state.alerts["power"] = Sentence(_WEAK_POWER)
        else:
            self.state.alerts.pop("power", None)

    def _failed(self, code: str) -> Sentence:
        self.state.error_code, self.state.error, self.state.error_at = code, None, self._store.clock.now()
        return Sentence(by_code(code).sentence)

    def _note(self, sentence: Sentence) -> Sentence:
        self.state.error_code, self.state.error, self.state.error_at = None, sentence, self._store.clock.now()
        return sentence

    async def _tell(self, state: str, sentence: Sentence | None) -> None:
        """Show a state; a change of one that matters becomes an event."""
        sentence = sentence or Sentence(status.SENTENCES[state])
        before = self.state.state
        if (state, sentence) == (before, self.state.sentence):
            return
        self.state.state, self.state.sentence = state, sentence
        if state != before:
            self.state.since = self._store.clock.now()
        if status.BUSY not in (state, before):
            await self._write(_write_down, self.config.name, before, state, sentence, self._store.clock.now())

    async def _write(self, job: Callable[..., None], *arguments: object) -> None:
        """A disk that says no keeps no modem from being seen to: what is shown is in memory."""
        try:
            await self._store.run(job, *arguments)
        except sqlite3.Error as error:
            logger.error("modem=%s: the database failed: %s", self.config.name, error)


def _stick() -> Sentence | None:
    """What is plugged in and is no modem: more likely what somebody looks for than nothing at all."""
    return next((device.trouble for device in usb.modems() if device.trouble is not None), None)


def _key_of(identity: Identity, name: str) -> str:
    """What a SIM's messages are counted and its reports are matched by."""
    return identity.iccid or identity.imsi or identity.imei or name


def _write_down(db: Database, name: str, old: str, new: str, sentence: Sentence, at: float) -> None:
    data = json.dumps(sentence.as_data(), ensure_ascii=False)
    events.record(db, at, "modem", subject=name, old=old, new=new, data=data)
