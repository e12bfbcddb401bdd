"""uvicorn on sockets that we bind ourselves: the Unix one with mode 0660, TCP where configured."""

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from drivers.words import N_
from modemd.api.identity import PeerProtocol
from modemd.model.errors import ConfigError

_BACKLOG = 128
_GRACE = 1  # seconds that open requests get when we stop


def bind_unix(path: Path) -> socket.socket:
    """Raises ConfigError: a folder that is not there, one we may not write, a socket that is taken."""
    try:
        if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
            raise ConfigError(N_("{path} is there and is no socket: choose another path."), path=path)
        if _answers(path):
            raise ConfigError(N_("Another program answers at {path}: stop it, or choose another path."), path=path)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o117)
        try:
            listener.bind(str(path))
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(before)
    except OSError as error:
        raise ConfigError(N_("The socket {path} cannot be made: {why}."), path=path, why=error.strerror) from error
    listener.listen(_BACKLOG)
    return listener


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def bind_tcp(address: tuple[str, int]) -> socket.socket:
    """Raises ConfigError."""
    host, port = address
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigError(
            N_("Cannot listen on {host}:{port}: {why}."), host=host, port=port, why=error.strerror
        ) from error
    listener.listen(_BACKLOG)
    return listener


class Server(uvicorn.Server):
    """Leaves the signals to the daemon, says from when on it answers, and wakes for whoever asks alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()
        self._ends = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def main_loop(self) -> None:
        """uvicorn's own wakes ten times a second: to see whether it is to end, and for the date, which PeerProtocol
        writes."""
        await self._ends.wait()

    def end(self) -> None:
        self.should_exit = True
        self._ends.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(app: FastAPI) -> Server:
    return Server(
        uvicorn.Config(
            app,
            http=PeerProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )
