"""Wires everything; starts and stops it in order."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from drivers.profiles import families
from drivers.words import N_
from modemd.api.activation import passed_unix
from modemd.api.app import build_app
from modemd.api.backup import remove_remains
from modemd.api.gateway import Gateway
from modemd.api.server import Server, bind_tcp, bind_unix, build_server
from modemd.config import Config, ModemConfig, fingerprint
from modemd.config_people import Retention
from modemd.doctor import computer
from modemd.engine.backlog import index_backlog
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.inbound import give_up_waiting
from modemd.engine.ports import Ports
from modemd.engine.status import ModemStatus
from modemd.engine.supervisor import Supervisor
from modemd.engine.traces import Traces
from modemd.model.actor import DAEMON
from modemd.model.errors import ConfigError
from modemd.model.opt_out import Rules
from modemd.notify import Beat, Watchdog, notify
from modemd.staging.desk import Desk
from modemd.staging.fuses import Fuses
from modemd.staging.retention import Forgetting
from modemd.staging.sms_approval import SmsApproval
from modemd.store import audit, opt_outs, transmit
from modemd.store.checkpoint import Checkpoints
from modemd.store.database import DATABASE, Store, lock_state_dir

logger = logging.getLogger(__name__)

_SHORTEST_TOKEN = 32  # characters
_LONGEST_RESULT = max(family.result_timeout_s for family in families())  # seconds, until a modem is known
_AROUND_A_SUBMIT = 240.0  # seconds: for the prompt, and for the commands that stand before it in the port's queue
_STORE_PAUSE = 1.0


class Daemon:
    """Everything that lives as long as the process."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config, self.store = config, store
        self.dispatcher = Dispatcher(store, config.resend_uncertain)
        self.desk = Desk(config, store, self._woken)
        self.desk.examiner.live = self._any_real
        self.desk.examiner.clock_set = computer.clock_is_set
        self.desk.people.check()
        released = self.dispatcher.notify
        self.fuses = Fuses(store, self.desk.reasons, released, after_hold=config.after_hold, validity=config.validity)
        self.fuses.prepare = self.desk.prepare
        ports = Ports(config.modems, config.search)
        self.supervisors = [Supervisor(modem, config, store, self.dispatcher, ports) for modem in config.modems]
        self.traces = Traces(
            config.state_dir / "traces", {each.config.name: each.trace for each in self.supervisors}, self._states
        )
        self.checkpoints = Checkpoints(config.state_dir, store)
        self.gateway = Gateway(
            config,
            store,
            self.desk,
            modems=self._states,
            look=self._look,
            token=read_token(config.token_file),
            tokens={token.name: read_token(token.file) or "" for token in config.people.tokens},
            supervisors=self.supervisors,
            traces=self.traces,
            checkpoints=self.checkpoints,
        )
        store.committed = self.gateway.changes.ring
        self.watchdog = Watchdog()
        self.fuses.alive = self.watchdog.watch("the fuses")
        self.dispatcher.alive = self.watchdog.watch("the dispatcher")
        for each in self.supervisors:
            each.alive = partial(self.watchdog.watch(f"modem {each.config.name}"), _patience(each.config))

    async def _look(self, modem: str) -> None:
        for each in self.supervisors:
            if each.config.name == modem:
                await each.look()

    def _states(self) -> list[ModemStatus]:
        return [each.state for each in self.supervisors]

    def _any_real(self) -> bool:
        """Whether a message could reach a person: a simulator answers at a pseudo-terminal."""
        places = (os.path.realpath(state.port) for state in self._states())
        return any(os.path.exists(place) and not place.startswith("/dev/pts/") for place in places)

    def _woken(self) -> None:
        self.fuses.notify()
        self.dispatcher.notify()

    def _status(self) -> str:
        return ", ".join(f"{each.state.name}: {each.state.state}" for each in self.supervisors) or "no modem"

    async def run(
        self, server: Server, sockets: list[socket.socket], stop: asyncio.Event, ready: Callable[[], None]
    ) -> None:
        """Until `stop` is set. A task of ours that fails ends the whole: nothing runs half."""
        async with asyncio.TaskGroup() as tasks:
            served = tasks.create_task(server.serve(sockets=sockets), name="api")
            await server.answers.wait()
            notify("READY=1")
            ready()
            await self._recover(stop)
            pulse = _pulse(self.store, self.watchdog.watch("the store"), self.watchdog.period)
            loops = (
                self.fuses.run(),
                self.dispatcher.run(),
                pulse,
                give_up_waiting(self.store),
                index_backlog(self.store),
                self.checkpoints.run(),
                *self._of_the_site(),
                *(each.run() for each in self.supervisors),
            )
            _tidy()
            engine = [tasks.create_task(loop) for loop in (*loops, self.traces.run(), self.watchdog.feed(self._status))]
            await stop.wait()
            notify("STOPPING=1")
            await asyncio.gather(*(each.stop() for each in self.supervisors))
            await _cancel(engine)
            self.gateway.stopping.set()
            self.gateway.changes.ring()
            server.end()
            await served
            await self.checkpoints.keep()

    def _of_the_site(self) -> list[Coroutine[Any, Any, None]]:
        """What is there where the configuration asks for it."""
        people, loops = self.config.people, []
        if people.retention != Retention():
            loops.append(Forgetting(people.retention, self.store).run())
        if people.approval_sms is not None:
            sms = SmsApproval(self.config, people.approval_sms, self.store, self.desk, self._woken)
            loops.append(sms.run(self.gateway.changes.wait))
        return loops

    def _opt_out_rules(self) -> Rules:
        site = self.config
        return replace(site.opt_out, region=site.region, fuse=site.fuse, validity=site.validity)

    async def _recover(self, stop: asyncio.Event) -> None:
        """Nothing is sent before this is on disk; with a disk that is full it waits for room."""
        while not stop.is_set():
            try:
                await self.store.run(opt_outs.configure, self._opt_out_rules())
                now, checks = self.store.clock.now(), self.config.checks
                made = {
                    "profile": self.config.profile,
                    "checks": dict(checks.site.severities),
                    "risk": checks.risk_rule,
                }
                await self.store.run(audit.configured, now, DAEMON, fingerprint(self.config), made)
                lost = await self.store.run(transmit.recover, now, "stopped")
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
                notify("WATCHDOG=1", f"STATUS=Nothing is sent: the database failed ({error})")
                await asyncio.sleep(_STORE_PAUSE)
                continue
            if lost:
                logger.warning("%d parts were in the air when modemd last ended: they are uncertain now", lost)
            return


def _patience(modem: ModemConfig) -> float:
    """Seconds for which a modem's task may be silent: the longest that one part may be in the air."""
    return (modem.result_timeout or _LONGEST_RESULT) + _AROUND_A_SUBMIT


def _tidy() -> None:
    """What the start took and needs no more goes back to the system; what it has built is never rubbish."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError):  # glibc alone keeps it otherwise
        ctypes.CDLL(None).malloc_trim(0)


async def _pulse(store: Store, beat: Beat, period: float) -> None:
    """Carry a job that does nothing through the store's thread, again and again."""
    while True:
        with contextlib.suppress(sqlite3.Error):  # a disk that says no has answered
            await store.run(_nothing)
        beat(period)
        await asyncio.sleep(period / 3)


def _nothing(_database: Database) -> None:
    pass


async def _cancel(tasks: list["asyncio.Task[None]"]) -> None:
    """Cancel until they have ended."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


def read_token(file: Path | None) -> str | None:
    """Raises ConfigError: a token that others can read, or could guess, protects nothing."""
    if file is None:
        return None
    try:
        token, mode = file.read_text("ascii").strip(), file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(N_("The token file {file} cannot be read: {why}."), file=file, why=why) from error
    if mode & 0o077:
        raise ConfigError(N_("The token file {file} is open to others: chmod 600 it."), file=file)
    if len(token) < _SHORTEST_TOKEN:
        raise ConfigError(N_("The token in {file} is too short: make one with `openssl rand -hex 32`."), file=file)
    return token


async def run(config: Config, ready: Callable[[], None]) -> None:
    """The daemon in the foreground, until SIGTERM or SIGINT. Raises ConfigError or StoreError."""
    with contextlib.ExitStack() as held:
        held.callback(os.close, lock_state_dir(config.state_dir))
        remove_remains(config.state_dir)
        listener = passed_unix(config.socket)
        if listener is None:
            listener = bind_unix(config.socket)
            held.callback(config.socket.unlink, missing_ok=True)
        sockets = [held.enter_context(listener)]
        if config.listen:
            sockets.append(held.enter_context(bind_tcp(config.listen)))
        store = Store(config.state_dir / DATABASE)
        try:
            daemon = Daemon(config, store)
            stop = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            server = build_server(build_app(daemon.gateway))
            await daemon.run(server, sockets, stop, ready)
        finally:
            await store.close()
