"""Who has not the role `numbers` sees no whole number, in no answer (P10)."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from modemd.api import roles
from modemd.api.masks import MaskedSend, mask, masked
from modemd.model.actor import Actor
from modemd.model.hold import NewHold
from modemd.store import inbox, outbox
from tests.modemd.outbox_at_hand import SIM, add, queued, report, send
from tests.modemd.site import REMOTE, Site, problem
from tests.modemd.test_api_desk import modem
from tests.modemd.test_roles import with_tokens

NUMBER, NATIONAL = "+819012345678", "09012345678"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (NUMBER, "+8190****5678"),
        (NATIONAL, "09012****5678"),
        ("+447700900001", "+4477****0001"),
        ("110", "****"),
        ("+12345678", "****"),
    ],
)
def test_a_mask_keeps_the_beginning_and_the_last_four_digits(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"to": NUMBER}, {"to": "+8190****5678"}),
        ({"to": "110", "id": 12345678901}, {"to": "****", "id": 12345678901}),
        ({"to": None, "sender": "MODEMD"}, {"to": None, "sender": "MODEMD"}),
        ({"examples": [NUMBER]}, {"examples": ["+8190****5678"]}),
        ({"text": f"Call {NUMBER}, order 12345678901"}, {"text": "Call +8190****5678, order 12345678901"}),
        ({"detail": f"message from {NATIONAL}"}, {"detail": "message from 09012****5678"}),
        ({"at": "2026-11-24T09:00:00.000Z", "next": "all|1764000000.0|12"},) * 2,
        ({"hash": "a1234567890" * 5},) * 2,
        ([1, 2.5, True, None],) * 2,
    ],
)
def test_numbers_are_masked_and_nothing_else(value: Any, expected: Any) -> None:
    assert masked(value) == expected


@pytest.fixture
async def full(site: Site) -> AsyncIterator[Site]:
    """A site at which one number is everywhere that a number can be."""
    made = with_tokens(site)
    made.modems.append(modem())
    store, now = made.store, time.time()
    sent = await store.run(lambda db: queued(db, NUMBER, at=now, text=f"Ring {NUMBER}"))
    await store.run(send, sent, at=now)
    await store.run(report, 1, to=NUMBER, at=now)
    held = await store.run(lambda db: add(db, NUMBER, at=now))
    await store.run(lambda db: db.execute("update message set release_at = 0 where id = ?", (held,)))
    await store.run(outbox.let_go, held, now, [NewHold("text_empty")])
    await store.run(lambda db: add(db, NUMBER, at=now, fuse=600.0))
    for count, sender in enumerate((NUMBER, NATIONAL)):
        got = inbox.Received(f"{count:02X}", SIM, "north", sender, False, f"From {NUMBER}", now)
        await store.run(inbox.add, got, now)
    await made.http.post("/v1/messages", json={"to": "x" + NUMBER[1:], "text": "not yet", "draft": True})
    yield made
    await made.close()


@pytest.mark.parametrize("role", ["read", "admin"])
async def test_p10_no_answer_shows_a_whole_number(full: Site, role: str) -> None:
    """Seen red: without the mask at the door, and without any of its parts."""
    async with full.door(REMOTE, Authorization=f"Bearer {role * 8}") as http:
        for method, path in sorted(set(roles.NEEDED) - {("GET", "/v1/events")}):
            if method == "GET":
                answer = await http.get(path.replace("{id}", "1"))
                assert NUMBER[3:] not in answer.text, path
        shown = (await http.get("/v1/messages")).json()["messages"]
        assert {each["to"] for each in shown} == {"+8190****5678"}
        assert "+8190****5678" in (await http.get("/v1/log")).text
    numbers = full.door(REMOTE, Authorization="Bearer " + "numbers" * 8)
    async with numbers as http:
        assert NUMBER in (await http.get("/v1/messages")).text


async def test_p10_nor_does_the_event_stream() -> None:
    """Seen red: when streams passed as they are."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    masks = MaskedSend(send)
    event = json.dumps({"kind": "inbox", "subject": NUMBER, "detail": f"message from {NATIONAL}", "id": 7})
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await masks({"type": "http.response.start", "status": 200, "headers": headers})
    for body in (b": from 6\n\n", f"id: 7\nevent: inbox\ndata: {event}\n\n".encode(), b": \n\n"):
        await masks({"type": "http.response.body", "body": body, "more_body": True})
    said = b"".join(message.get("body", b"") for message in sent).decode()
    assert NUMBER[3:] not in said
    data = next(line for line in said.splitlines() if line.startswith("data: "))
    assert json.loads(data[6:])["subject"] == "+8190****5678"
    assert said.startswith(": from 6\n\nid: 7\nevent: inbox\ndata: ")


async def test_p10_nobody_finds_a_number_by_trying(full: Site) -> None:
    """Seen red: when a search for words looked at numbers as well."""
    async with full.door(REMOTE, Authorization="Bearer " + "read" * 8) as http:
        problem(await http.get("/v1/messages", params={"to": NUMBER}), 403, "forbidden")
        problem(await http.get("/v1/conversation", params={"number": NUMBER}), 403, "forbidden")
        for tried, hits in (("819012345", 1), ("Hello", 2)):
            found = (await http.get("/v1/messages", params={"q": tried})).json()["messages"]
            assert len(found) == hits


async def test_what_is_no_json_passes(full: Site) -> None:
    async with full.door(REMOTE, Authorization="Bearer " + "read" * 8) as http:
        assert (await http.get("/metrics")).text.startswith("# HELP")
        answer = await http.get("/v1/messages/999")
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["content-length"]) == len(answer.content)


def test_actors_without_roles_have_none() -> None:
    assert Actor("x", "x").roles == frozenset()
