"""Drafts that cool: not staged before their time, by nobody; and what was changed meanwhile is marked."""

import time
from datetime import datetime
from typing import Any

import pytest

from modemd.model.difference import difference
from tests.modemd.site import ALICE, BOB, Site, problem


async def draft(site: Site, **rest: Any) -> int:
    body = {"to": ALICE, "text": "You are wrong, Sir.", "draft": True, "cool": "30m", **rest}
    answer = await site.http.post("/v1/messages", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def cooled(site: Site, id: int) -> None:
    await site.store.run(lambda db: db.execute("update cooling set until = 5 where message_id = ?", (id,)))


async def test_what_cools_is_not_staged_before(site: Site) -> None:
    """Seen red: without the question in `outbox.edit`."""
    id = await draft(site)
    shown = (await site.http.get(f"/v1/messages/{id}")).json()
    assert (shown["state"], shown["cool"]["over"]) == ("draft", False)
    left = datetime.fromisoformat(shown["cool"]["until"]).timestamp() - time.time()
    assert 1790 < left <= 1800
    for change in ({"draft": False}, {"draft": False, "text": "Other"}):
        no = problem(await site.http.patch(f"/v1/messages/{id}", json=change), 409, "cooling")
        assert "cools until" in no["detail"]
    assert (await site.http.patch(f"/v1/messages/{id}", json={"text": "You may be wrong."})).json()["state"] == "draft"
    await cooled(site, id)
    staged = (await site.http.patch(f"/v1/messages/{id}", json={"draft": False})).json()
    assert (staged["state"], staged["cool"]) == ("staged", None)
    back = (await site.http.patch(f"/v1/messages/{id}", json={"draft": True})).json()
    assert (back["state"], back["cool"]) == ("draft", None)


async def test_it_is_shown_afresh_with_what_was_changed(site: Site) -> None:
    id = await draft(site)
    await site.http.patch(f"/v1/messages/{id}", json={"text": "You are right, Sir.", "to": BOB})
    await cooled(site, id)
    cool = (await site.http.get(f"/v1/messages/{id}")).json()["cool"]
    assert (cool["over"], cool["before"]["to"]) == (True, ALICE)
    runs = [(run["op"], run["text"]) for run in cool["before"]["text"]]
    assert runs == [("same", "You are "), ("gone", "wrong"), ("new", "right"), ("same", ", Sir.")]
    (listed,) = (await site.http.get("/v1/messages", params={"group": "drafts"})).json()["messages"]
    assert listed["cool"] == {"until": cool["until"], "over": True, "before": None}


async def test_the_time_is_lengthened_and_never_shortened(site: Site) -> None:
    id = await draft(site)
    assert (await site.http.patch(f"/v1/messages/{id}", json={"cool": "1h"})).status_code == 200
    problem(await site.http.patch(f"/v1/messages/{id}", json={"cool": "5m"}), 409, "conflict")
    problem(await site.http.patch(f"/v1/messages/{id}", json={"cool": None}), 422, "invalid")
    problem(await site.http.patch(f"/v1/messages/{id}", json={"cool": "soon"}), 422, "invalid")


async def test_a_message_that_burns_can_be_put_to_cool(site: Site) -> None:
    id = (await site.stage())["id"]
    problem(await site.http.patch(f"/v1/messages/{id}", json={"cool": "30m"}), 422, "invalid")
    taken = (await site.http.patch(f"/v1/messages/{id}", json={"cool": "30m", "draft": True})).json()
    assert (taken["state"], taken["cool"]["over"]) == ("draft", False)
    problem(await site.http.post("/v1/messages", json={"to": ALICE, "text": "x", "cool": "30m"}), 422, "invalid")
    assert len((await site.http.get("/v1/messages")).json()["messages"]) == 0


async def test_a_list_of_drafts_cools_together(site: Site) -> None:
    body = {"to": [ALICE, BOB], "text": "Hello", "draft": True, "cool": "30m"}
    found = (await site.http.post("/v1/messages", json=body)).json()["messages"]
    assert [message["cool"]["over"] for message in found] == [False, False]


@pytest.mark.parametrize(("before", "after"), [("ab " * 3000, "ba " * 3000), ("あ" * 9000, "い" * 9000)])
def test_a_very_long_text_is_not_compared_word_by_word(before: str, after: str) -> None:
    assert difference(before, after) == [("gone", before), ("new", after)]
    assert difference(before, before) == [("same", before)]
