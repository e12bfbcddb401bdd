"""Keeps one configured modem connected: opens, serves, and when it is lost builds anew."""

import asyncio
import json
import logging
import time

from sqlite_utils import Database

from drivers.at.results import by_code, code_of
from drivers.at_modem import AtModem
from drivers.errors import (
    CmeError,
    CommandError,
    CommandTimeout,
    DriverError,
    OutcomeUnknown,
    PortMissing,
    PromptTimeout,
    SimLocked,
)
from drivers.modem import Identity
from drivers.words import N_, Sentence
from modemd.config import ModemConfig
from modemd.engine import status
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.ports import port_of
from modemd.engine.status import ModemStatus
from modemd.engine.worker import Worker
from modemd.store import events, pins, transmit
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0  # seconds between attempts to open
_LOCKED_DELAY = 60.0
_STOP_WITHIN = 4.0  # seconds that a part in the air gets for its answer when we stop
_WRONG_PIN = 16  # +CME ERROR: incorrect password

_DEAF = N_("The modem does not answer: unplug it and plug it in again.")
_UNKNOWN_OUTCOME = N_("The modem stopped answering while it was sending.")


class Supervisor:
    """Owns one modem's whole life; `state` is what people see of it."""

    def __init__(self, config: ModemConfig, store: Store, dispatcher: Dispatcher) -> None:
        self.config = config
        self.state = ModemStatus(config.name, config.port, since=store.clock.now())
        self._store, self._dispatcher = store, dispatcher
        self._worker: Worker | None = None
        self._pin: tuple[str, str] | None = None  # (sim, PIN) of the try under way
        self._stopping = False

    async def run(self) -> None:
        """Until cancelled, or told to stop: a cancel that meets a lost modem arrives as that loss."""
        delay = _FIRST_DELAY
        while True:
            opened_at = time.monotonic()
            try:
                await self._serve()
            except DriverError as error:
                await self._lost(error)
                wait = _LOCKED_DELAY if isinstance(error, SimLocked) else delay
            except Exception:
                logger.exception("modem=%s: a fault of ours, opening it anew", self.config.name)
                wait = delay
            if self._told_to_stop():
                return
            if time.monotonic() - opened_at > _LOCKED_DELAY:
                delay = _FIRST_DELAY
            await asyncio.sleep(wait)
            delay = min(2 * delay, _LONGEST_DELAY)

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

    async def _serve(self) -> None:
        self.state.port = await port_of(self.config)
        await self._tell(status.STARTING, None)
        modem = await AtModem.open(self.state.port, self._pin_for, result_timeout=self.config.result_timeout)
        try:
            await self._opened(modem.identity)
            hang_up = self.config.calls == "hang_up"
            self._worker = Worker(modem, self.state, self._store, self._dispatcher, self._tell, hang_up=hang_up)
            self._worker.stopping = self._stopping
            await self._worker.run()
        finally:
            self._worker = None
            modem.close()
            code = "stopped" if self._stopping else "port_lost"
            await self._store.run(transmit.recover, self._store.clock.now(), code, self.config.name)

    async def _opened(self, identity: Identity) -> None:
        self.state.identity = identity
        self.state.sim = identity.iccid or identity.imsi or identity.imei or self.config.name
        if self._pin is not None:
            await self._store.run(pins.was_right, *self._pin)
            self._pin = None
        logger.info("modem=%s open port=%s model=%s", self.config.name, self.state.port, identity.model)

    async def _pin_for(self, identity: Identity) -> str | None:
        """The configured PIN, once for each (SIM, PIN) (P8)."""
        if self.config.pin_file is None:
            return None
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

    async def _lost(self, error: DriverError) -> None:
        match error:
            case SimLocked(state=locked):
                await self._tell(status.PARKED, Sentence(status.SIM_SENTENCES.get(locked, _DEAF)))
                return
            case CommandError():
                self.state.error_code, self.state.error_at = code_of(error), self._store.clock.now()
                sentence = Sentence(by_code(code_of(error)).sentence)
                parked = isinstance(error, CmeError) and error.code == _WRONG_PIN
                await self._tell(status.PARKED if parked else status.GONE, sentence)
            case CommandTimeout() | PromptTimeout():
                await self._tell(status.GONE, self._note(Sentence(_DEAF)))
            case OutcomeUnknown(why=why):
                self.state.error_code, self.state.error_at = why, self._store.clock.now()
                await self._tell(status.GONE, Sentence(_UNKNOWN_OUTCOME))
            case _:
                await self._tell(status.GONE, self._note(error.sentence))
        if not isinstance(error, PortMissing):
            logger.warning("modem=%s lost: %s", self.config.name, error)

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
            await self._store.run(_write_down, self.config.name, before, state, sentence, self._store.clock.now())


def _write_down(db: Database, name: str, old: str, new: str, sentence: Sentence, at: float) -> None:
    values = {key: str(value) for key, value in sentence.values.items()}
    data = json.dumps({"template": sentence.template, "values": values}, ensure_ascii=False)
    events.record(db, at, "modem", subject=name, old=old, new=new, data=data)
