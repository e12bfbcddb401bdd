"""Who is asking: the operating system's word on the socket, a token on TCP (P10)."""

import hmac
import pwd
import socket
import struct
from asyncio import BaseTransport
from functools import lru_cache
from typing import cast

from starlette.datastructures import Headers
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LOCAL = "uid:"


class PeerProtocol(HttpToolsProtocol):
    """Puts the peer of a Unix socket into `scope["client"]` as ("uid:1000", pid)."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        peer = cast(socket.socket, transport.get_extra_info("socket"))
        if peer.family == socket.AF_UNIX:
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            pid, uid, _ = struct.unpack("3i", credentials)
            self.client = (f"{_LOCAL}{uid}", pid)


def name_of(client: tuple[str, int] | None) -> str | None:
    """The login name of a local peer, None for one that came by TCP."""
    return _login(client[0]) if client is not None and client[0].startswith(_LOCAL) else None


@lru_cache(maxsize=256)
def _login(host: str) -> str:
    try:
        return pwd.getpwuid(int(host.removeprefix(_LOCAL))).pw_name
    except KeyError:
        return host


def token_fits(headers: Headers, token: str | None) -> bool:
    given = headers.get("authorization", "")
    return token is not None and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
