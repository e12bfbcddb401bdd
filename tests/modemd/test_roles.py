"""Roles (P10): one table says what each call asks for; whoever lacks it is refused at the door, at every one."""

import pwd
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from modemd.api import roles
from modemd.api.app import build_app
from modemd.config_people import PeopleConfig, TokenConfig
from modemd.model.actor import EVERYTHING, ROLES, Role, with_implied
from modemd.model.approval import Rule
from modemd.people import People
from tests.modemd.site import ALICE, REMOTE, TOKEN, Site, problem
from tests.modemd.test_approvals import configured

ROOT, DAEMON, BIN = (pwd.getpwuid(uid).pw_name for uid in (0, 1, 2))
LISTS: dict[Role, tuple[str, ...]] = {"read": ("@" + BIN,), "write": (DAEMON,), "approve": ("token:lead",)}


def with_tokens(site: Site) -> Site:
    """A site at which each role is given to a token of that name."""
    tokens = tuple(TokenConfig(role, Path("/none"), frozenset({role})) for role in ROLES)
    made = site.configured(people=PeopleConfig(tokens=(*tokens, TokenConfig("nothing", Path("/none"), frozenset()))))
    made.gateway.tokens = {name: name * 8 for name in (*ROLES, "nothing")}
    made.app = build_app(made.gateway)
    return made


@pytest.fixture
async def tokens(site: Site) -> AsyncIterator[Site]:
    made = with_tokens(site)
    yield made
    await made.close()


def routes(site: Site) -> set[tuple[str, str]]:
    found = {
        (method, context.path or "")
        for context in iter_route_contexts(site.app.routes)
        for method in context.methods or ()
    }
    return found - {("HEAD", "/openapi.json")}


def test_p10_every_call_stands_in_the_table(site: Site) -> None:
    """Seen red: with a row less, and with a row too many."""
    assert routes(site) == set(roles.NEEDED)


def test_what_does_not_stand_in_it_is_for_admins() -> None:
    assert roles.needed("POST", "/v1/forgotten") == "admin"
    assert roles.needed("DELETE", "/v1/messages") == "admin"
    assert roles.needed("POST", "/v1/messages/7/approve") == "approve"


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
async def test_p10_each_call_is_refused_without_its_role_and_not_with_it(tokens: Site, role: str) -> None:
    """Seen red: without the question at the door."""
    has = with_implied({role}) if role in ROLES else frozenset()  # type: ignore[arg-type]
    async with tokens.door(REMOTE, Authorization=f"Bearer {role * 8}") as http:
        for method, path in sorted(set(roles.NEEDED) - {("GET", "/v1/events")}):
            answer = await http.request(method, path.replace("{id}", "1").replace("{name}", "north"))
            needed = roles.NEEDED[method, path]
            refused = answer.status_code == 403 and "is missing ([roles]" in answer.text
            assert refused == (needed is not None and needed not in has), (method, path, answer.text)
            assert answer.status_code != 401


def test_who_sends_or_approves_sees_the_number() -> None:
    assert with_implied({"write"}) == {"write", "read", "numbers"}
    assert with_implied({"approve"}) == {"approve", "read", "numbers"}
    assert with_implied({"admin"}) == {"admin", "read"}
    assert with_implied(set()) == frozenset()


def test_roles_come_from_users_groups_and_tokens() -> None:
    config = PeopleConfig(roles=LISTS, tokens=(TokenConfig("lead", Path("/none"), groups=frozenset({BIN})),))
    people = People(config)
    assert people.local(1, 9).roles == {"write", "read", "numbers"}
    assert people.local(2, 9).roles == {"read"}
    assert people.local(65533, 9).roles == frozenset()
    assert people.local(0, 9).roles == {"read", "write", "admin", "numbers"}
    assert people.token("lead", "").roles == {"read", "write", "numbers"}
    assert people.token(None, "").roles == frozenset()


def test_without_roles_everybody_at_the_socket_has_all(tmp_path: Path) -> None:
    people = People(PeopleConfig())
    assert people.local(2, 9).roles == EVERYTHING
    assert people.token(None, "").roles == EVERYTHING - {"approve"}
    assert people.local(65533, 9).name == "uid:65533"


async def test_without_roles_an_approval_still_needs_another_person(site: Site) -> None:
    desk = configured(site, Rule("all"))
    id = (await desk.stage())["id"]
    problem(await desk.approve(desk.root, id), 403, "forbidden")
    async with desk.site.door(REMOTE, Authorization=f"Bearer {TOKEN}") as http:
        problem(await http.get("/v1/approvals"), 403, "forbidden")
    assert (await desk.approve(desk.daemon, id)).status_code == 200
    await desk.close()


async def test_an_approver_needs_the_role_and_the_rule(site: Site) -> None:
    from modemd.config_people import PeopleConfig as Config
    from tests.modemd.test_approvals import Desk

    lists: dict[Role, tuple[str, ...]] = {"read": (), "write": (DAEMON,), "approve": (BIN, ROOT)}
    desk = Desk(site.configured(people=Config(roles=lists, approval=(Rule("all", by=(BIN,)),))))
    sent = await desk.daemon.post("/v1/messages", json={"to": ALICE, "text": "x"})
    id = sent.json()["id"]
    problem(await desk.daemon.get("/v1/approvals"), 403, "forbidden")
    problem(await desk.bin.post("/v1/messages", json={"to": ALICE, "text": "x"}), 403, "forbidden")
    no = await desk.root.post(f"/v1/messages/{id}/approve", json={"hash": await desk.hash(desk.root, id)})
    assert "for others to approve" in problem(no, 403, "forbidden")["detail"]
    assert (await desk.approve(desk.bin, id)).json()["state"] == "staged"
    await desk.close()


async def test_a_refusal_at_the_door_names_the_role_in_both_languages(tokens: Site) -> None:
    async with tokens.door(REMOTE, Authorization="Bearer " + "read" * 8) as http:
        no = problem(await http.post("/v1/messages", json={"to": ALICE, "text": "x"}), 403, "forbidden")
        assert no["detail"].startswith("token:read may look, not send: the role write is missing")
        assert (await http.get("/v1/outbox")).json()["me"] == {"name": "token:read", "roles": ["read"]}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer nothing"}])
async def test_p10_no_token_no_entry_whatever_the_path(tokens: Site, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=tokens.transport(REMOTE), base_url="http://modemd", headers=headers) as http:
        for method, path in sorted(set(roles.NEEDED) - {("GET", "/healthz")}):
            problem(await http.request(method, path), 401, "unauthorized")
        assert (await http.get("/healthz")).status_code in (200, 503)
