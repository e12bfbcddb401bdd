"""Links are asked only where a site allows it, at public addresses, and at the address that was looked at."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult

import pytest

from modemd.checks.links_online import MOST_REDIRECTS, Network, Reply, Unanswered, is_public
from modemd.model.candidate import Candidate, Site
from modemd.model.finding import Finding
from modemd.staging.link_network import SystemNetwork
from modemd.staging.links import Links

PUBLIC, OTHER = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
ALLOWED = ("shop.example", "cdn.example")
PAGES = {
    "/ok": "HTTP/1.1 200 OK\r\n\r\n",
    "/endless": "HTTP/1.1 200 OK\r\n\r\n",
    "/gone": "HTTP/1.1 404 Not Found\r\n\r\n",
    "/broken": "HTTP/1.1 503 Service Unavailable\r\n\r\n",
    "/moved": "HTTP/1.1 301 Moved\r\nLocation: http://cdn.example/ok\r\n\r\n",
    "/here": "HTTP/1.1 302 Found\r\nLocation: ok\r\n\r\n",
    "/loop": "HTTP/1.1 302 Found\r\nLocation: /loop\r\n\r\n",
    "/away": "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/prize\r\n\r\n",
    "/inside": "HTTP/1.1 302 Found\r\nLocation: http://intranet.shop.example/ok\r\n\r\n",
    "/file": "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
    "/odd": "HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\n\r\n",
    "/noise": "no HTTP at all\r\n\r\n",
    "/silent": "",
}


async def examined(candidate: Candidate, allowed: Sequence[str], network: Network) -> list[Finding]:
    links = Links(allowed, network)
    await links.ask([candidate.text])
    return links.findings(candidate)


@dataclass
class Wire(SystemNetwork):
    """The real client, at a server of this machine that stands for every public address."""

    port: int
    names: dict[str, list[str]]
    resolved: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)  # host, address, port

    def __post_init__(self) -> None:
        super().__init__(timeout=0.3)

    async def resolve(self, host: str) -> Sequence[str]:
        self.resolved.append(host)
        return self.names[host]

    async def ask(self, url: SplitResult, port: int, address: str) -> Reply:
        self.asked.append((url.hostname or "", address, port))
        return await super().ask(url, self.port, "127.0.0.1")


@asynccontextmanager
async def wire(**names: list[str]) -> AsyncIterator[tuple[Wire, list[str]]]:
    """A network, and the first lines and Host headers that its server has read."""
    heard: list[str] = []
    answers: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers.append(asyncio.current_task())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(head.split("\r\n")[0] + " " + next(line for line in head.split("\r\n") if line.startswith("Host")))
        path = head.split()[1]
        writer.write(PAGES[path].encode())
        if path in ("/silent", "/endless"):
            await reader.read()  # until the client has had enough
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    known = {"shop.example": [PUBLIC], "cdn.example": [OTHER], "intranet.shop.example": ["10.0.0.7"]}
    async with server:
        given = {host.replace("_", "."): addresses for host, addresses in names.items()}
        yield Wire(server.sockets[0].getsockname()[1], known | given), heard
        await asyncio.gather(*filter(None, answers))


async def ask(network: Wire, text: str, **severities: str) -> list[Finding]:
    site = Site(severities=severities)  # type: ignore[arg-type]
    return await examined(Candidate("+447700900001", text, datetime.now(UTC), site=site), ALLOWED, network)


@pytest.mark.parametrize("path", ["ok", "moved", "here", "endless"])
async def test_a_link_that_works(path: str) -> None:
    async with wire() as (network, _):
        assert await ask(network, f"See http://shop.example/{path} today") == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("gone", "error 404"),
        ("broken", "error 503"),
        ("loop", "on and on"),
        ("inside", "private network"),
        ("file", "cannot be read"),
        ("odd", "does not answer"),
        ("noise", "does not answer"),
        ("silent", "does not answer"),
    ],
)
async def test_a_link_that_does_not(path: str, why: str) -> None:
    async with wire() as (network, _):
        (found,) = await ask(network, f"See http://shop.example/{path} today")
        assert (found.code, found.severity, found.span) == ("text_link_dead", "confirm", (4, 24 + len(path)))
        assert why in str(found.sentence)
        assert len(network.asked) <= MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "location", ["http://[::1/", "http://shop.example:99999/", "javascript:alert(1)", "http://ann@shop.example/"]
)
async def test_redirections_that_nobody_can_read(location: str) -> None:
    class Odd(SystemNetwork):
        async def resolve(self, host: str) -> Sequence[str]:
            return [PUBLIC]

        async def ask(self, url: SplitResult, port: int, address: str) -> Reply:
            return Reply(302, location)

    candidate = Candidate("+447700900001", "See http://shop.example/odd today", datetime.now(UTC))
    (found,) = await examined(candidate, ALLOWED, Odd())
    assert "cannot be read" in str(found.sentence)


async def test_where_it_ends_is_said_and_not_visited() -> None:
    """Seen red: with the list asked after the look-up."""
    async with wire() as (network, heard):
        (found,) = await ask(network, "See http://shop.example/away today")
        assert (found.code, str(found.sentence)) == (
            "text_link_elsewhere",
            "The link to shop.example leads on to elsewhere.example.",
        )
        assert network.resolved == ["shop.example"]
        assert len(heard) == 1


async def test_hosts_that_nobody_allowed_are_not_even_looked_up() -> None:
    """Seen red: with every link followed."""
    async with wire() as (network, heard):
        text = "http://example.org/a http://notshop.example/b http://shop.example.evil.test/c http://shop.example@evil.test/d"
        assert await ask(network, text) == []
        assert (network.resolved, heard) == ([], [])


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fd00::1"])
async def test_no_private_address_is_asked_not_even_among_public_ones(private: str) -> None:
    """Seen red: with the first address alone looked at."""
    async with wire(shop_example=[PUBLIC, private]) as (network, heard):
        (found,) = await ask(network, "See http://shop.example/ok today")
        assert "private network" in str(found.sentence)
        assert (network.asked, heard) == ([], [])


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked() -> None:
    """One look-up for each host on the way: a second one could answer with another address."""
    async with wire() as (network, heard):
        await ask(network, "See http://shop.example:8080/moved today")
        assert network.resolved == ["shop.example", "cdn.example"]
        assert network.asked == [("shop.example", PUBLIC, 8080), ("cdn.example", OTHER, 80)]
        assert heard == ["GET /moved HTTP/1.1 Host: shop.example:8080", "GET /ok HTTP/1.1 Host: cdn.example"]


async def test_a_site_that_does_not_want_to_know() -> None:
    async with wire() as (network, _):
        assert await ask(network, "See http://shop.example/gone today", text_link_dead="off") == []


async def test_a_name_that_does_not_resolve_is_a_link_that_does_not_answer() -> None:
    candidate = Candidate("+447700900001", "See http://no-such-name.invalid/a", datetime.now(UTC))
    (found,) = await examined(candidate, ["invalid"], SystemNetwork())
    assert "does not answer" in str(found.sentence)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), (OTHER, True), ("8.8.8.8", True), ("2001:4860:4860::8888", True),
        ("0.0.0.0", False), ("127.9.9.9", False), ("172.16.0.1", False), ("100.64.0.1", False), ("192.0.2.1", False),
        ("198.18.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("fe80::1%eth0", False),
        ("::", False), ("ff02::1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("2002:a00:1::", False), ("64:ff9b::a00:1", False), ("64:ff9b::808:808", True),
        ("localhost", False), ("", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_p4_a_host_that_is_slow_holds_up_nobody_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen red: when every link was waited for. What nobody knows says nothing, and is not asked again at once."""
    asked: list[str] = []

    class Slow(SystemNetwork):
        async def resolve(self, host: str) -> Sequence[str]:
            asked.append(host)
            await asyncio.sleep(0 if host == "cdn.example" else 3600)
            raise Unanswered

    monkeypatch.setattr("modemd.staging.links._LONGEST", 0.05)
    links, texts = Links(ALLOWED, Slow()), [f"http://shop.example/{n}" for n in range(3)]
    for _ in range(2):
        await links.ask([*texts, "http://cdn.example/1"])
    assert sorted(asked) == ["cdn.example", *["shop.example"] * 3]
    found = [
        links.findings(Candidate("+447700900001", text, datetime.now(UTC)))
        for text in (texts[0], "http://cdn.example/1")
    ]
    assert [[each.code for each in some] for some in found] == [[], ["text_link_dead"]]
