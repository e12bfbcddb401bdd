"""Do the links of a text answer, and where do they end? Off unless a site asks for it, and names the hosts.

Nothing is opened here: `Network` resolves a name and asks one address. A link is asked only at hosts of the allow-list
and at public addresses, at the very address that was looked at, so that a name that changes its address between two
look-ups leads nowhere else; every redirection is looked at in the same way.
"""

import ipaddress
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from drivers.words import N_, Sentence
from modemd.checks.prose import Link, links
from modemd.checks.row import Hit, Row
from modemd.checks.table import LINK_DEAD, LINK_ELSEWHERE, judged
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding

MOST_REDIRECTS = 5
MOST_LINKS = 5  # of one text
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: IPv4 addresses as the IPv6 side sees them


class Unanswered(Exception):
    """A name that does not resolve, or a host that does not answer in time."""


@dataclass(frozen=True)
class Reply:
    status: int
    location: str | None = None


class Network(Protocol):
    async def resolve(self, host: str) -> Sequence[str]:
        """Its addresses. Raises Unanswered."""

    async def ask(self, url: SplitResult, port: int, address: str) -> Reply:
        """One HTTP request for `url`, without its body, at this address alone. Raises Unanswered."""


@dataclass(frozen=True)
class Ending:
    """Where a link ends: `host`, and what went wrong before."""

    host: str
    problem: Sentence | None = None


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet's: no private, local, multicast or reserved one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def is_allowed(host: str, allowed: Collection[str]) -> bool:
    return any(host == each or host.endswith("." + each) for each in allowed)


async def follow(url: str, allowed: Collection[str], network: Network) -> Ending:
    """Ask where a link ends. Hosts that are not on the list are not asked: it ends there."""
    host, location = "", url
    for _ in range(MOST_REDIRECTS + 1):
        try:
            url = urljoin(url, location)
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return Ending(host, Sentence(N_("it leads to an address that cannot be read")))
        if not port or not host or parts.username is not None:
            return Ending(host, Sentence(N_("it leads to an address that cannot be read")))
        if not is_allowed(host, allowed):
            return Ending(host)
        try:
            addresses = await network.resolve(host)
            if not addresses or not all(map(is_public, addresses)):
                return Ending(host, Sentence(N_("it leads into a private network")))
            reply = await network.ask(parts, port, addresses[0])
        except Unanswered:
            return Ending(host, Sentence(N_("it does not answer")))
        if 300 <= reply.status < 400 and reply.location:
            location = reply.location
        elif reply.status >= 400:
            return Ending(host, Sentence(N_("it answers with error {status}"), {"status": reply.status}))
        else:
            return Ending(host)
    return Ending(host, Sentence(N_("it leads on and on")))


def to_ask(text: str, allowed: Collection[str]) -> list[str]:
    """The links at hosts of the list, in the order of the text."""
    return [text[link.start : link.end] for link in _allowed_links(text, allowed)]


def findings_of(candidate: Candidate, allowed: Collection[str], endings: Mapping[str, Ending]) -> list[Finding]:
    """What the endings of its links say of a text; one that nobody asked says nothing."""
    text = candidate.text
    return [
        finding
        for link in _allowed_links(text, allowed)
        if (ending := endings.get(text[link.start : link.end])) is not None
        for row, hit in _hits(link, ending, allowed)
        if (finding := judged(row, candidate.site, hit)) is not None
    ]


def _allowed_links(text: str, allowed: Collection[str]) -> list[Link]:
    return [link for link in links(text) if is_allowed(link.host, allowed)][:MOST_LINKS]


def _hits(link: Link, ending: Ending, allowed: Collection[str]) -> Iterator[tuple[Row, Hit]]:
    span = (link.start, link.end)
    if ending.problem is not None:
        yield LINK_DEAD, Hit(span, values={"host": link.host, "problem": ending.problem})
    elif not is_allowed(ending.host, allowed):
        yield LINK_ELSEWHERE, Hit(span, values={"host": link.host, "end": ending.host})
