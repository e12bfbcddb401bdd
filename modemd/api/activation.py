"""The listening socket that systemd made before it started us (sd_listen_fds(3))."""

import os
import socket
from pathlib import Path

from drivers.words import N_
from modemd.model.errors import ConfigError

_FIRST = 3  # descriptors are handed over from here on


def passed_unix(path: Path) -> socket.socket | None:
    """None when systemd handed over nothing. Raises ConfigError for anything but the Unix socket at `path`."""
    if os.environ.pop("LISTEN_PID", None) != str(os.getpid()):
        return None
    count = os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if count != "1":
        what = N_("systemd handed over {count} sockets: leave one ListenStream= in modemd.socket, {path}.")
        raise ConfigError(what, count=count, path=path)
    try:
        listener = socket.socket(fileno=_FIRST)
    except OSError as error:
        what = N_("What systemd handed over is no socket: {why}.")
        raise ConfigError(what, why=error.strerror) from error
    listener.set_inheritable(False)
    if (given := _place(listener)) is None or os.path.realpath(given) != os.path.realpath(path):
        named = given or listener.getsockname()
        listener.close()
        what = N_(
            "systemd listens at {given}, and the configuration says {path}: "
            "give ListenStream= in modemd.socket and socket in [daemon] the same path."
        )
        raise ConfigError(what, given=named, path=path)
    return listener


def _place(listener: socket.socket) -> str | None:
    """The path at which it listens, if it is a Unix socket that does."""
    listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if listener.family == socket.AF_UNIX and listener.type == socket.SOCK_STREAM and listens:
        name = listener.getsockname()
        return name if isinstance(name, str) and name else None
    return None
