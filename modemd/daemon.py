"""Wires everything; starts and stops it in order."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from drivers.words import N_
from modemd.api.app import build_app
from modemd.api.gateway import Gateway
from modemd.api.server import Server, bind_tcp, bind_unix, build_server
from modemd.config import Config, fingerprint
from modemd.config_people import Retention
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.ports import Ports
from modemd.engine.supervisor import Supervisor
from modemd.model.actor import DAEMON
from modemd.model.errors import ConfigError
from modemd.staging.desk import Desk
from modemd.staging.fuses import Fuses
from modemd.staging.retention import Forgetting
from modemd.staging.sms_approval import SmsApproval
from modemd.store import audit, transmit
from modemd.store.checkpoint import Checkpoints
from modemd.store.database import Store, lock_state_dir

logger = logging.getLogger(__name__)

DATABASE = "modemd.db"
_SHORTEST_TOKEN = 32  # characters


class Daemon:
    """Everything that lives as long as the process."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config, self.store = config, store
        self.dispatcher = Dispatcher(store, config.resend_uncertain)
        self.desk = Desk(config, store, self._woken)
        self.desk.people.check()
        self.fuses = Fuses(store, self.desk.reasons, self.dispatcher.notify)
        ports = Ports(config.modems, config.search)
        self.supervisors = [Supervisor(modem, config, store, self.dispatcher, ports) for modem in config.modems]
        self.gateway = Gateway(
            config,
            store,
            self.desk,
            modems=lambda: [each.state for each in self.supervisors],
            token=read_token(config.token_file),
            tokens={token.name: read_token(token.file) or "" for token in config.people.tokens},
            supervisors=self.supervisors,
            checkpoints=Checkpoints(config.state_dir, store),
        )
        store.committed = self.gateway.changes.ring

    def _woken(self) -> None:
        self.fuses.notify()
        self.dispatcher.notify()

    async def run(self, server: Server, sockets: list[socket.socket], stop: asyncio.Event) -> None:
        """Until `stop` is set. A task of ours that fails ends the whole: nothing runs half."""
        lost = await self.store.run(transmit.recover, self.store.clock.now(), "stopped")
        if lost:
            logger.warning("%d parts were in the air when modemd last ended: they are uncertain now", lost)
        await self.store.run(
            audit.configured, self.store.clock.now(), DAEMON, fingerprint(self.config), {"profile": self.config.profile}
        )
        checkpoints = self.gateway.checkpoints
        assert checkpoints is not None
        async with asyncio.TaskGroup() as tasks:
            served = tasks.create_task(server.serve(sockets=sockets), name="api")
            loops = (self.fuses.run(), self.dispatcher.run(), *(each.run() for each in self.supervisors))
            loops = (*loops, checkpoints.run())
            if self.config.people.retention != Retention():
                loops = (*loops, Forgetting(self.config.people.retention, self.store).run())
            if self.config.people.approval_sms is not None:
                sms = SmsApproval(self.config, self.config.people.approval_sms, self.store, self.desk, self._woken)
                loops = (*loops, sms.run(self.gateway.changes.wait))
            engine = [tasks.create_task(loop) for loop in loops]
            await stop.wait()
            notify("STOPPING=1")
            await asyncio.gather(*(each.stop() for each in self.supervisors))
            await _cancel(engine)
            self.gateway.stopping.set()
            self.gateway.changes.ring()
            server.should_exit = True
            await served
            await checkpoints.keep()


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


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)), where it asked to be told."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as target:
            target.sendto(state.encode(), address.replace("@", "\0", 1))


async def run(config: Config, ready: Callable[[], None]) -> None:
    """The daemon in the foreground, until SIGTERM or SIGINT. Raises ConfigError or StoreError."""
    with contextlib.ExitStack() as held:
        held.callback(os.close, lock_state_dir(config.state_dir))
        sockets = [held.enter_context(bind_unix(config.socket))]
        held.callback(config.socket.unlink, missing_ok=True)
        if config.listen:
            sockets.append(held.enter_context(bind_tcp(config.listen)))
        store = Store(config.state_dir / DATABASE)
        try:
            daemon = Daemon(config, store)
            stop = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            server = build_server(build_app(daemon.gateway))
            notify("READY=1")
            ready()
            await daemon.run(server, sockets, stop)
        finally:
            await store.close()
