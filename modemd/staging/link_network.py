"""The network that links are asked on: short time-outs, no body, the address that was looked at and no other."""

import asyncio
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult

from modemd.checks.links_online import Reply, Unanswered

TIMEOUT = 3.0  # seconds, for a name and for an answer each


class SystemNetwork:
    """Asks through no proxy, follows no redirection and keeps no cookie."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout

    async def resolve(self, host: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise Unanswered from error
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    async def ask(self, url: SplitResult, port: int, address: str) -> Reply:
        host = url.hostname or ""
        pinned = url._replace(netloc=f"[{address}]:{port}" if ":" in address else f"{address}:{port}", fragment="")
        headers = {"Host": url.netloc, "User-Agent": "modemd", "Accept": "*/*"}
        import httpx  # for sites alone that ask

        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self._timeout) as client,
                # The name is still the one that the certificate has to carry.
                client.stream("GET", pinned.geturl(), headers=headers, extensions={"sni_hostname": host}) as answer,
            ):
                return Reply(answer.status_code, answer.headers.get("Location"))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise Unanswered from error
