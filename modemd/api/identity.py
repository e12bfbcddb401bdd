"""Who is asking: the operating system's word on the socket, a token on TCP (P10)."""

import hmac
import socket
import struct
import time
from asyncio import BaseTransport
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from typing import cast

from starlette.datastructures import Headers
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from modemd.model.actor import Actor
from modemd.people import People

_LOCAL = "uid:"


class PeerProtocol(HttpToolsProtocol):
    """Puts the peer of a Unix socket into `scope["client"]` as ("uid:1000", pid), and the date into the answer."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        peer = cast(socket.socket, transport.get_extra_info("socket"))
        if peer.family == socket.AF_UNIX:
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            pid, uid, _ = struct.unpack("3i", credentials)
            self.client = (f"{_LOCAL}{uid}", pid)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.server_state.default_headers = [(b"date", _date(int(time.time())))]


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


@dataclass(frozen=True)
class Identities:
    """`token`: of token_file. `tokens`: each by its name."""

    people: People
    token: str | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)

    def of(self, client: tuple[str, int] | None, headers: Headers) -> Actor | None:
        """None: nobody whom we know."""
        host, port = client or ("", 0)
        if host.startswith(_LOCAL):
            return self.people.local(int(host.removeprefix(_LOCAL)), port)
        given = headers.get("authorization", "").encode()
        address = f"tcp {host}:{port}"
        if self.token is not None and hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            return self.people.token(None, address)
        for name, token in self.tokens.items():
            if hmac.compare_digest(given, f"Bearer {token}".encode()):
                return self.people.token(name, address)
        return None
