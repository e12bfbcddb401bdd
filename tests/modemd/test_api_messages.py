"""The contract of messages over HTTP: every call, every no."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modemd.model.hold import NewHold
from modemd.store import inbox, messages, outbox, transmit
from tests.modemd.outbox_at_hand import SIM, M, lose, mark, put, send
from tests.modemd.outbox_at_hand import P as Part
from tests.modemd.site import ALICE, BOB, Site, problem


def now() -> float:
    return datetime.now(UTC).timestamp()


def stamp(away: timedelta) -> str:
    return (datetime.now(UTC) + away).isoformat()


async def test_staging_one(site: Site) -> None:
    answer = await site.http.post(
        "/v1/messages", json={"to": "+44 7700 900001", "text": "Hello there “you”", "fuse": "10s"}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["to"], body["encoding"], body["author"]) == ("staged", ALICE, "ucs2", "root")
    assert [(part["sequence"], part["total"], part["state"]) for part in body["parts"]] == [(1, 1, "queued")]
    assert [(f["code"], f["severity"], f["span"]) for f in body["findings"]][1:] == [("text_unicode", "note", [12, 13])]
    away = datetime.fromisoformat(body["release_at"]) - datetime.now(UTC)
    assert timedelta(seconds=8) < away <= timedelta(seconds=10)
    assert body["release_at"].endswith("Z")
    shown = (await site.http.get(f"/v1/messages/{body['id']}")).json()
    assert [(e["kind"], e["new"], e["who"], e["detail"]) for e in shown["events"]] == [
        ("state", "staged", "root", "staged: the fuse burns")
    ]
    assert shown["text"] == "Hello there “you”"


async def test_a_fuse_of_nothing_a_schedule_and_a_draft(site: Site) -> None:
    assert (await site.stage(fuse="0s"))["state"] == "queued"
    when = stamp(timedelta(hours=2))
    scheduled = await site.stage(send_at=when)
    assert (scheduled["state"], scheduled["fuse"]) == ("staged", None)
    assert abs(datetime.fromisoformat(scheduled["release_at"]) - datetime.fromisoformat(when)) < timedelta(seconds=1)
    draft = await site.stage(to="", text="", draft=True)
    assert (draft["state"], draft["parts"], draft["release_at"]) == ("draft", [], None)


async def test_a_list_is_a_batch(site: Site) -> None:
    body = await site.stage(to=[ALICE, BOB])  # type: ignore[arg-type]
    assert [each["to"] for each in body["messages"]] == [ALICE, BOB]
    assert {each["batch"] for each in body["messages"]} == {body["batch"]}
    single = await site.stage(to=[ALICE])  # type: ignore[arg-type]
    assert len(single["messages"]) == 1
    answer = await site.http.post("/v1/messages", json={"to": [ALICE, "x"], "text": "Hello"})
    problem(answer, 422, "blocked")
    answer = await site.http.post("/v1/messages", json={"to": [], "text": "Hello"})
    problem(answer, 422, "invalid")
    assert len((await site.http.get("/v1/messages")).json()["messages"]) == 3


async def test_p3_what_was_accepted_is_on_disk(site: Site) -> None:
    body = await site.stage()
    found = await site.store.run(messages.find, body["id"])
    assert found.state is M.STAGED
    assert site.woken == 1


async def test_the_same_key_the_same_answer_byte_for_byte(site: Site) -> None:
    key = {"Idempotency-Key": "k-1"}
    body = {"to": ALICE, "text": "会議は三時です"}
    first = await site.http.post("/v1/messages", json=body, headers=key)
    await site.http.post(f"/v1/messages/{first.json()['id']}/cancel")
    again = await site.http.post("/v1/messages", json=body, headers=key | {"Accept-Language": "ja"})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    problem(await site.http.post("/v1/messages", json=body | {"fuse": "1s"}, headers=key), 422, "key_reused")
    async with site.door(("uid:4242", 1)) as other:
        theirs = await other.post("/v1/messages", json=body, headers=key)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first.json()["id"]
    assert theirs.json()["author"] == "uid:4242"


async def test_a_key_that_was_refused_may_be_used_again(site: Site) -> None:
    key = {"Idempotency-Key": "k-2"}
    problem(await site.http.post("/v1/messages", json={"to": "x", "text": "Hello"}, headers=key), 422, "blocked")
    answer = await site.http.post("/v1/messages", json={"to": ALICE, "text": "Hello"}, headers=key)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"to": "nobody"}, "blocked", "is no phone number"),
        ({"to": ""}, "blocked", "There is no recipient"),
        ({"to": "090-1234-5678"}, "blocked", "no country code"),
        ({"text": ""}, "blocked", "There is no text"),
        ({"text": "a" * 1531}, "blocked", "11 parts; at most 10"),
        ({"text": "\x1b[2J"}, "blocked", "U+001B, position 1"),
        ({"fuse": "ten"}, "invalid", '"ten" is no duration'),
        ({"send_at": "2001-01-01T00:00:00Z"}, "blocked", "has passed"),
        ({"send_at": "tomorrow"}, "invalid", '"tomorrow" is no time'),
        ({"validity": "0s"}, "invalid", "validity"),
        ({"modem": "west"}, "invalid", 'There is no modem "west"; there is: north, south.'),
        ({"colour": "red"}, "invalid", "colour is not known here"),
        ({"text": None}, "invalid", "text"),
        ({"to": 7}, "invalid", "to"),
        ({"text": "a" * 40_001}, "invalid", "text"),
    ],
)
async def test_what_is_refused(site: Site, changes: dict[str, Any], code: str, words: str) -> None:
    answer = await site.http.post("/v1/messages", json={"to": ALICE, "text": "Hello"} | changes)
    body = problem(answer, 422, code)
    assert words in body["detail"]
    assert ("findings" in body) == (code == "blocked")
    if code == "blocked":
        assert any(finding["severity"] == "block" for finding in body["findings"])
    assert (await site.http.get("/v1/messages")).json() == {"messages": [], "next": None}


async def test_a_body_that_is_none(site: Site) -> None:
    for content in (b"", b"{", b"[]", b"null", b'"x"', b"\xff"):
        answer = await site.http.post("/v1/messages", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await site.http.post("/v1/messages", json={"text": "Hello"})
    assert problem(answer, 422, "invalid")["detail"] == "to is missing."


async def test_the_language_of_a_no(site: Site) -> None:
    for language in ("en", "ja"):
        answer = await site.http.post(
            "/v1/messages", json={"to": "nobody", "text": ""}, headers={"Accept-Language": language}
        )
        assert problem(answer, 422, "blocked")["detail"]


# -- PATCH ------------------------------------------------------------------------------------------------


async def test_an_edit_relights(site: Site) -> None:
    staged = await site.stage(fuse="5s")
    answer = await site.http.patch(f"/v1/messages/{staged['id']}", json={"text": "Bye", "fuse": "1h"})
    assert answer.status_code == 200
    assert answer.json()["text"] == "Bye"
    assert answer.json()["release_at"] > staged["release_at"]
    longer = await site.http.patch(f"/v1/messages/{staged['id']}", json={"extend": "60s"})
    assert longer.json()["fuse"] == 3660
    kinds = [e["detail"] for e in (await site.http.get(f"/v1/messages/{staged['id']}")).json()["events"]]
    assert kinds[1:] == ["edited: the fuse burns anew", "fuse lengthened by 60 s"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "invalid"),
        ({"colour": "red"}, "invalid"),
        ({"id": 7}, "invalid"),
        ({"state": "queued"}, "invalid"),
        ({"to": None}, "invalid"),
        ({"text": None}, "invalid"),
        ({"draft": None}, "invalid"),
        ({"extend": None}, "invalid"),
        ({"extend": "60s", "text": "Bye"}, "invalid"),
        ({"fuse": "soon"}, "invalid"),
        ({"text": ""}, "blocked"),
        ({"to": "x"}, "blocked"),
    ],
)
async def test_an_edit_that_is_refused(site: Site, changes: dict[str, Any], code: str) -> None:
    staged = await site.stage()
    problem(await site.http.patch(f"/v1/messages/{staged['id']}", json=changes), 422, code)
    shown = (await site.http.get(f"/v1/messages/{staged['id']}")).json()
    assert (shown["text"], shown["release_at"], len(shown["events"])) == ("Hello", staged["release_at"], 1)


async def test_what_cannot_be_edited_any_more(site: Site) -> None:
    gone = await site.stage(fuse="0s")
    problem(await site.http.patch(f"/v1/messages/{gone['id']}", json={"text": "Bye"}), 409, "too_late")
    await site.http.post(f"/v1/messages/{gone['id']}/cancel")
    problem(await site.http.patch(f"/v1/messages/{gone['id']}", json={"text": "Bye"}), 409, "conflict")


async def test_a_held_message_says_why_and_is_mended(site: Site) -> None:
    staged = await site.stage()
    await site.store.run(lambda db: db.execute("update message set text = '', release_at = 0"))
    assert await site.store.run(outbox.let_go, staged["id"], now(), [NewHold("text_empty")])
    held = (await site.http.get(f"/v1/messages/{staged['id']}")).json()
    assert [hold["code"] for hold in held["holds"]] == ["text_empty"]
    assert "has no text" in held["error"]["sentence"]
    assert (await site.http.get("/v1/outbox")).json()["needs_you"] == 1
    mended = await site.http.patch(f"/v1/messages/{staged['id']}", json={"text": "Here"})
    assert (mended.json()["state"], mended.json()["error"], mended.json()["holds"]) == ("staged", None, None)


# -- cancel, undo, settle -----------------------------------------------------------------------------------


async def test_p1_three_answers(site: Site) -> None:
    staged = await site.stage()
    answer = await site.http.post(f"/v1/messages/{staged['id']}/cancel")
    assert (answer.status_code, answer.json()["outcome"], answer.json()["left"]) == (200, "cancelled", 0)
    assert answer.json()["message"]["state"] == "cancelled"

    two = await site.stage(text="a" * 200, fuse="0s")
    await site.store.run(send, two["id"], 1, at=now())
    answer = await site.http.post(f"/v1/messages/{two['id']}/cancel")
    body = answer.json()
    assert (answer.status_code, body["outcome"], body["left"], body["total"]) == (200, "partly", 1, 2)
    assert body["left_at"].endswith("Z")

    gone = await site.stage(fuse="0s")
    await site.store.run(mark, gone["id"], at=now())
    answer = await site.http.post(f"/v1/messages/{gone['id']}/cancel")
    assert (answer.status_code, answer.json()["outcome"]) == (409, "too_late")
    assert answer.json()["left_at"].endswith("Z")
    history = (await site.http.get(f"/v1/messages/{gone['id']}")).json()["events"]
    assert (history[-1]["kind"], history[-1]["who"]) == ("cancel", "root")
    assert "too late" in history[-1]["detail"]

    problem(await site.http.post("/v1/messages/999/cancel"), 404, "not_found")


async def test_p1_of_a_batch(site: Site) -> None:
    batch = await site.stage(to=[ALICE, BOB, ALICE], fuse="0s")  # type: ignore[arg-type]
    await site.store.run(mark, batch["messages"][0]["id"], at=now())
    answer = await site.http.post(f"/v1/batches/{batch['batch']}/cancel")
    assert (answer.status_code, answer.json()) == (200, {"cancelled": 2, "partly": 0, "too_late": 1})
    gone = await site.http.post("/v1/batches/999/cancel")
    assert problem(gone, 404, "not_found")["detail"] == "There is no batch 999."


async def test_undo(site: Site) -> None:
    assert (await site.http.post("/v1/undo")).json() == {"outcome": None}
    staged = await site.stage()
    async with site.door(("uid:4242", 1)) as other:
        assert (await other.post("/v1/undo")).json() == {"outcome": None}
    answer = await site.http.post("/v1/undo")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "cancelled")
    assert answer.json()["message"]["id"] == staged["id"]
    gone = await site.stage(fuse="0s")
    await site.store.run(mark, gone["id"], at=now())
    assert (await site.http.post("/v1/undo")).status_code == 409


@pytest.mark.parametrize(("said", "state"), [("sent", "submitted"), ("not_sent", "failed"), ("resend", "queued")])
async def test_settling(site: Site, said: str, state: str) -> None:
    gone = await site.stage(fuse="0s")
    problem(await site.http.post(f"/v1/messages/{gone['id']}/settle", json={"as": said}), 409, "conflict")
    await site.store.run(lose, gone["id"], at=now())
    shown = (await site.http.get(f"/v1/messages/{gone['id']}")).json()
    assert (shown["state"], shown["error"]["code"]) == ("uncertain", "no_answer")
    answer = await site.http.post(f"/v1/messages/{gone['id']}/settle", json={"as": said})
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    problem(await site.http.post("/v1/messages/999/settle", json={"as": said}), 404, "not_found")
    for body in ({"as": "maybe"}, {}, {"as": said, "why": "x"}, {"settle_as": said}):
        problem(await site.http.post(f"/v1/messages/{gone['id']}/settle", json=body), 422, "invalid")


# -- lists --------------------------------------------------------------------------------------------------


async def listed(site: Site, **params: Any) -> list[int]:
    answer = await site.http.get("/v1/messages", params=params)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["messages"]]


async def test_filters(site: Site) -> None:
    first = (await site.stage(text="Meeting at 3 100%"))["id"]
    second = (await site.stage(to=BOB, text="会議は三時です"))["id"]
    draft = (await site.stage(text="A draft", draft=True))["id"]
    await site.http.post(f"/v1/messages/{first}/cancel")
    assert await listed(site) == [second, first]
    assert await listed(site, state="cancelled") == [first]
    assert await listed(site, state="cancelled,staged") == [second, first]
    assert await listed(site, state="draft") == [draft]
    assert await listed(site, state="draft,staged") == [draft, second]
    assert await listed(site, to="+44 7700 900002") == [second]
    assert await listed(site, to="INFO") == []
    assert await listed(site, q="会議") == [second]
    assert await listed(site, q="100%") == [first]
    assert await listed(site, q="_") == []
    assert await listed(site, q="900001") == [first]
    assert await listed(site, group="drafts") == [draft]
    assert await listed(site, group="done_today") == [first]


@pytest.mark.parametrize(
    "params",
    [
        {"group": "everything"},
        {"state": "sent"},
        {"after": "x"},
        {"after": "all|x|1"},
        {"after": "burning|1.0|1"},
        {"after": "all|1.0|" + "9" * 30},
        {"after": "all|1.0|1|2"},
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "many"},
    ],
)
async def test_lists_that_are_none(site: Site, params: dict[str, str]) -> None:
    problem(await site.http.get("/v1/messages", params=params), 422, "invalid")


@pytest.mark.parametrize("id", ["9" * 30, "-1", "abc", "1.5", str(2**63)])
async def test_an_id_that_is_none(site: Site, id: str) -> None:
    problem(await site.http.get(f"/v1/messages/{id}"), 422, "invalid")
    problem(await site.http.post(f"/v1/messages/{id}/cancel"), 422, "invalid")
    problem(await site.http.get(f"/v1/messages/{2**63 - 1}"), 404, "not_found")


@pytest.mark.parametrize(
    "group", ["all", "needs_you", "burning", "scheduled", "on_air", "queued", "done_today", "drafts", "with_drafts"]
)
async def test_a_walk_meets_each_of_1000_exactly_once_while_others_come(site: Site, group: str) -> None:
    where = {
        "all": list(M)[1:],
        "needs_you": [M.HELD, M.UNCERTAIN],
        "burning": [M.STAGED],
        "scheduled": [M.STAGED],
        "on_air": [M.QUEUED, M.SUBMITTING],
        "queued": [M.QUEUED],
        "done_today": [M.DELIVERED, M.CANCELLED],
        "drafts": [M.DRAFT],
        "with_drafts": list(M),
    }[group]
    at = now()

    def fill(db: Any, count: int) -> set[int]:
        made = set()
        for n in range(count):
            send_at = at + 9000 + n % 7 if group == "scheduled" else None
            new = outbox.New(ALICE, "x", "gsm7", 1, "ann", 60.0, 1.0, send_at, at + 9000 + n % 7)
            (id,) = outbox.add(db, [new], at)
            state = where[n % len(where)]
            ended = at - n % 5 if group == "done_today" else None
            db.execute("update message set state = ?, ended_at = ? where id = ?", (state, ended, id))
            made.add(id)
        return made

    there = await site.store.run(fill, 1000)
    met: list[int] = []
    after: str | None = None
    while True:
        params: dict[str, Any] = {"group": group, "limit": 130} | ({"after": after} if after else {})
        page = (await site.http.get("/v1/messages", params=params)).json()
        met += [each["id"] for each in page["messages"]]
        await site.store.run(fill, 3)
        after = page["next"]
        if after is None:
            break
    assert len(met) == len(set(met))
    assert there <= set(met)


async def test_the_top_line(site: Site) -> None:
    await site.stage()
    await site.stage(send_at=stamp(timedelta(hours=1)))
    await site.stage(fuse="0s")
    await site.stage(draft=True)
    await site.store.run(put, M.UNCERTAIN, [Part.UNCERTAIN])
    await site.store.run(inbox.add, inbox.Received("AA", SIM, "north", BOB, False, "Hi", 0.0), now())
    top = (await site.http.get("/v1/outbox")).json()
    names = ("needs_you", "burning", "scheduled", "on_air", "drafts", "unread")
    assert [top[name] for name in names] == [1] * len(names)
    assert (top["fuse"], top["max_parts"], top["line"]["stopped"], top["modems"]) == (600.0, 10, False, [])


async def test_two_at_once_see_one_truth(site: Site) -> None:
    """Cancels and marks race; whoever won, the answers agree with what the store holds."""
    for _ in range(20):
        id = (await site.stage(fuse="0s"))["id"]
        answer, verdict = await asyncio.gather(
            site.http.post(f"/v1/messages/{id}/cancel"), site.store.run(mark, id, at=now())
        )
        assert (answer.json()["outcome"] == "too_late") == (verdict is transmit.Mark.GO)
