"""What a role does not have is not offered: every key of every screen, before the daemon's own table of roles."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from textual.screen import Screen

from modemd.api import roles
from modemd.api.client import GatewayClient, Refused
from modemd.api.schema import MeView
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.fake_gateway import FakeGateway
from tests.tui.mornings import an_address_book


class Addressed(Exception):
    """Where a call would have gone."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(method, path)
        self.role = roles.needed(method, path)


class Addressing(GatewayClient):
    """The client as it is, up to the wire."""

    async def _ask(self, method: str, path: str, *, allow: tuple[int, ...] = (), **rest: Any) -> dict[str, Any]:
        raise Addressed(method, path)

    async def _fetch(self, path: str, params: dict[str, Any]) -> bytes:
        raise Addressed("GET", path)


def guard(gateway: FakeGateway, has: list[str]) -> list[str]:
    """Let the fake daemon refuse what the real one would; what it has refused, as it comes."""
    refused: list[str] = []
    client = Addressing(httpx.MockTransport(lambda request: httpx.Response(500)))

    def behind(name: str, call: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def asked(*given: Any, **named: Any) -> object:
            with pytest.raises(Addressed) as address:
                await getattr(client, name)(*given, **named)
            if (role := address.value.role) is not None and role not in has:
                refused.append(name)
                raise Refused(403, {"code": "forbidden", "detail": f"The role {role} is missing."})
            return await call(*given, **named)

        return asked

    for name, call in inspect.getmembers(gateway, inspect.iscoroutinefunction):
        if name != "close" and hasattr(GatewayClient, name):
            setattr(gateway, name, behind(name, call))
    return refused


def offered(screen: Screen[Any], *, everywhere: bool) -> list[str]:
    """The keys that do something here, by what the screen itself says; those that every screen has, or the others."""
    found = []
    for active in screen.active_bindings.values():
        binding = active.binding
        name = binding.id or ""
        moves = not binding.show and name.startswith(("list.", "sheet."))
        aside = not name or moves or name.endswith((".back", ".quit", ".quit_typing"))
        if active.enabled and not aside and name.startswith("desk.") == everywhere:
            found.append(binding.key)
    return found


async def press_all(t: UnderTest, keys: list[str], seen: set[str]) -> None:
    """These keys, and all that the screens have that they open, once each; then back."""
    home, focused = t.app.screen, t.app.focused
    for key in keys:
        await t.press(key)
        await t.settled()
        if (name := type(t.app.screen).__name__) not in seen:
            seen.add(name)
            await press_all(t, offered(t.app.screen, everywhere=False), seen)
        for _time in range(4):
            if home in t.app.screen_stack and (t.app.screen is not home or t.app.focused is not focused):
                await t.press("escape")
                await t.settled()
        if home not in t.app.screen_stack:
            return  # the key was its last
        assert t.app.screen is home, (key, t.text())


@pytest.mark.parametrize(
    ("has", "opened", "hidden"),
    [
        (["read"], {"DetailsScreen", "SearchScreen", "DoctorScreen", "AntennaScreen"}, {"ContactsScreen"}),
        (
            ["read", "numbers"],
            {"ContactsScreen", "ContactScreen", "HygieneScreen", "OptOutScreen", "ThreadScreen", "InboxScreen"},
            {"ContactForm", "TakeInScreen", "ComposeScreen", "DraftsScreen", "Question", "ApprovalsScreen"},
        ),
        (
            ["read", "numbers", "write"],
            {"ContactForm", "TakeInScreen", "ComposeScreen", "DraftsScreen", "Question", "Pick"},
            {"ApprovalsScreen", "AuditScreen"},
        ),
        (["read", "numbers", "approve"], {"ApprovalsScreen", "ContactScreen"}, {"ContactForm", "ComposeScreen"}),
        (["read", "admin"], {"AuditScreen", "DetailsScreen"}, {"ContactsScreen", "ComposeScreen", "ApprovalsScreen"}),
    ],
)
async def test_no_key_is_offered_that_the_daemon_would_refuse(
    has: list[str], opened: set[str], hidden: set[str]
) -> None:
    """Seen red: with the contacts' keys missing from the table, and with screens that did not ask it."""
    refused: list[str] = []
    seen: set[str] = set()

    def somebody(gateway: FakeGateway) -> None:
        nonlocal refused
        an_address_book(gateway)
        gateway.me = MeView("dora", has)
        refused = guard(gateway, has)

    async with desk(somebody) as t:
        await t.shows("NEEDS YOU")
        await t.press("down", "down")  # a message that burns
        keys = offered(t.app.screen, everywhere=True)
        modes = [key for key in keys if key in "12345"]
        assert modes == (["1", "2", "3", "4", "5"] if "numbers" in has else ["1", "3", "4"])
        await press_all(t, [key for key in keys if key not in modes], seen)
        for mode in modes:
            await t.press(mode)
            await t.settled()
            seen.add(type(t.app.screen).__name__)
            await press_all(t, offered(t.app.screen, everywhere=False), seen)
    assert refused == []
    assert opened <= seen
    assert not hidden & seen
