"""systemd's side of sd_notify(3): a socket that hears what it is told."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Ears:
    """`heard` is every line so far, in order."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._heard: list[str] = []

    @property
    def heard(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard += self._listener.recv(4096).decode().splitlines()
        return self._heard


@contextlib.contextmanager
def ears(*, abstract: bool = False) -> Iterator[tuple[str, Ears]]:
    """The value for $NOTIFY_SOCKET, and what is heard there."""
    with contextlib.ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="modemd@"))  # short, unlike pytest's
        address = f"@modemd-{os.getpid()}-{id(held)}" if abstract else str(Path(folder) / "notify")
        listener = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        listener.bind(address.replace("@", "\0", 1) if abstract else address)
        listener.setblocking(False)
        yield address, Ears(listener)
