"""Approval by a second person: whose, bound to what, void by which change; asked over the API by real users."""

import dataclasses
import pwd
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlite_utils import Database

from modemd.config import Config
from modemd.config_people import PeopleConfig
from modemd.model.actor import CODES, EVERYTHING, Actor
from modemd.model.approval import Case, Rule
from modemd.model.difference import difference
from modemd.model.states import MessageState
from modemd.people import People
from modemd.staging.holdback import Holdback
from modemd.store import holds, messages, outbox
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import mark
from tests.modemd.site import ALICE, BOB, Site, problem

M = MessageState
ROOT, DAEMON, BIN = (pwd.getpwuid(uid).pw_name for uid in (0, 1, 2))
ALWAYS = Rule("all")


class Desk:
    """The API as three users of this machine see it; each is a door."""

    def __init__(self, site: Site) -> None:
        self.site, self.store = site, site.store
        self.root, self.daemon, self.bin = (site.door((f"uid:{uid}", 100 + uid)) for uid in (0, 1, 2))

    async def stage(self, text: str = "Hello", to: object = ALICE, **rest: Any) -> Any:
        answer = await self.root.post("/v1/messages", json={"to": to, "text": text, **rest})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def hash(self, door: httpx.AsyncClient, id: int, *, batch: bool = False) -> str:
        return str((await self.see(door, id, batch=batch))["hash"])

    async def see(self, door: httpx.AsyncClient, id: int, *, batch: bool = False) -> Any:
        answer = await door.get(f"/v1/{'batches' if batch else 'messages'}/{id}/approval")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def approve(self, door: httpx.AsyncClient, id: int, *, batch: bool = False) -> httpx.Response:
        seen = await self.hash(door, id, batch=batch)
        return await door.post(f"/v1/{'batches' if batch else 'messages'}/{id}/approve", json={"hash": seen})

    async def state(self, id: int) -> MessageState:
        return (await self.store.run(messages.find, id)).state

    async def run_down(self, id: int) -> None:
        """As if its fuse were spent now, by the store's own clock."""
        await self.store.run(lambda db: db.execute("update message set release_at = 0 where id = ?", (id,)))
        message = await self.store.run(messages.find, id)
        reasons = await self.site.desk.reasons(message)
        await self.store.run(outbox.let_go, id, time.time(), reasons.holds)

    async def close(self) -> None:
        for door in (self.root, self.daemon, self.bin):
            await door.aclose()
        await self.site.close()


def configured(site: Site, *rules: Rule, **rest: Any) -> Desk:
    return Desk(site.configured(people=PeopleConfig(approval=rules), **rest))


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    """Everything needs one approval, by anybody else."""
    made = configured(site, ALWAYS)
    yield made
    await made.close()


# -- author and approver -----------------------------------------------------------------------------------


async def test_p6_another_person_lets_it_burn(desk: Desk) -> None:
    """Seen red: when the fuse was not lit anew."""
    staged = await desk.stage(fuse="0s")
    assert (staged["state"], [hold["needs"] for hold in staged["holds"]]) == ("held", ["approval"])
    approved = (await desk.approve(desk.daemon, staged["id"])).json()
    assert (approved["state"], approved["holds"], approved["error"]) == ("staged", None, None)
    left = datetime.fromisoformat(approved["release_at"]).timestamp() - time.time()
    assert 8 < left <= 10


async def test_p9_nobody_approves_what_is_their_own(desk: Desk) -> None:
    """By the uid, whatever the names. Seen red: without `is_own`."""
    id = (await desk.stage())["id"]
    no = problem(await desk.approve(desk.root, id), 403, "forbidden")
    assert "another person" in no["detail"]
    await desk.store.run(lambda db: db.execute("update message set author = 'somebody'"))
    problem(await desk.approve(desk.root, id), 403, "forbidden")
    assert await desk.state(id) is M.HELD


async def test_who_has_edited_it_has_a_hand_in_it(desk: Desk) -> None:
    """Seen red: when only the author was asked about."""
    id = (await desk.stage())["id"]
    await desk.daemon.patch(f"/v1/messages/{id}", json={"text": "Hello!"})
    for door in (desk.root, desk.daemon):
        problem(await desk.approve(door, id), 403, "forbidden")
    assert (await desk.approve(desk.bin, id)).json()["state"] == "staged"


async def test_what_an_older_version_wrote_knows_its_author_by_name(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    await desk.store.run(lambda db: db.execute("update message set writers = '[]'"))
    problem(await desk.approve(desk.root, id), 403, "forbidden")
    assert (await desk.approve(desk.daemon, id)).status_code == 200


async def test_the_rule_says_by_whom(site: Site) -> None:
    desk = configured(site, Rule("by one", by=(BIN,)), Rule("by a group", by=("@daemon",)))
    id = (await desk.stage())["id"]
    assert [rule["name"] for rule in (await desk.see(desk.bin, id))["rules"]] == ["by one", "by a group"]
    assert (await desk.approve(desk.bin, id)).json()["state"] == "held"
    problem(await desk.approve(desk.bin, id), 403, "forbidden")
    assert (await desk.approve(desk.daemon, id)).json()["state"] == "staged"
    await desk.close()


async def test_k_of_n_counts_persons(site: Site) -> None:
    """Seen red: when votes were counted, not persons."""
    desk = configured(site, Rule("two", need=2))
    id = (await desk.stage())["id"]
    first = (await desk.approve(desk.daemon, id)).json()
    assert (first["state"], [hold["code"] for hold in first["holds"]]) == ("held", ["approval"])
    assert "already" in problem(await desk.approve(desk.daemon, id), 403, "forbidden")["detail"]
    shown = await desk.see(desk.bin, id)
    assert [(rule["needed"], rule["given"]) for rule in shown["rules"]] == [(2, [DAEMON])]
    assert (await desk.approve(desk.bin, id)).json()["state"] == "staged"
    await desk.close()


async def test_all_who_are_named_but_the_author(site: Site) -> None:
    desk = configured(site, Rule("all", by=(ROOT, DAEMON, "@" + BIN), need="all"))
    id = (await desk.stage())["id"]
    assert (await desk.approve(desk.daemon, id)).json()["state"] == "held"
    assert (await desk.approve(desk.bin, id)).json()["state"] == "staged"
    await desk.close()


# -- bound to what it is -----------------------------------------------------------------------------------


async def test_p6_an_approval_is_for_what_was_seen(desk: Desk) -> None:
    """Seen red: when the hash that the approver names was not compared."""
    id = (await desk.stage())["id"]
    seen = await desk.hash(desk.daemon, id)
    await desk.root.patch(f"/v1/messages/{id}", json={"text": "Give her the money"})
    problem(await desk.daemon.post(f"/v1/messages/{id}/approve", json={"hash": seen}), 409, "changed")
    assert await desk.state(id) is M.HELD
    problem(await desk.daemon.post(f"/v1/messages/{id}/approve", json={"hash": "x"}), 422, "invalid")
    problem(await desk.daemon.post(f"/v1/messages/{id}/approve", json={}), 422, "invalid")


@pytest.mark.parametrize("change", [{"text": "Other"}, {"to": BOB}, {"fuse": "2m"}, {"validity": "2h"}])
async def test_p6_any_edit_voids_the_approval(desk: Desk, change: dict[str, Any]) -> None:
    """Seen red: when an edit did not ask the rules anew."""
    id = (await desk.stage())["id"]
    await desk.approve(desk.daemon, id)
    assert (await desk.root.patch(f"/v1/messages/{id}", json=change)).json()["state"] == "held"
    assert (await desk.see(desk.daemon, id))["rules"][0]["given"] == []
    assert (await desk.approve(desk.daemon, id)).json()["state"] == "staged"


@pytest.mark.parametrize(("column", "value"), [("text", "Other"), ("recipient", BOB), ("send_at", 1.0)])
async def test_p6_what_was_changed_behind_the_approval_does_not_pass_the_mark(
    desk: Desk, column: str, value: object
) -> None:
    id = (await desk.stage())["id"]
    await desk.approve(desk.daemon, id)

    def smuggle(db: Database) -> Mark:
        db.execute(f"update message set state = 'queued', {column} = ? where id = ?", (value, id))
        return mark(db, id, at=time.time())

    assert await desk.store.run(smuggle) is Mark.HELD
    assert await desk.state(id) is M.HELD


async def test_a_longer_fuse_is_still_what_was_approved(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    await desk.approve(desk.daemon, id)
    assert (await desk.root.patch(f"/v1/messages/{id}", json={"extend": "1h"})).json()["state"] == "staged"
    assert (await desk.root.patch(f"/v1/messages/{id}", json={"extend": "24h"})).json()["state"] == "held"
    assert (await desk.approve(desk.daemon, id)).json()["state"] == "staged"


async def test_a_time_that_was_approved_is_not_moved(desk: Desk) -> None:
    """Seen red: when the time was no part of what is approved."""
    at = datetime.now().astimezone() + timedelta(days=5)
    id = (await desk.stage(send_at=at.isoformat()))["id"]
    approved = (await desk.approve(desk.daemon, id)).json()
    assert (approved["state"], approved["release_at"]) == ("staged", approved["send_at"])
    moved = (await desk.root.patch(f"/v1/messages/{id}", json={"extend": "1m"})).json()
    assert (moved["state"], [hold["code"] for hold in moved["holds"]]) == ("held", ["approval"])


# -- too late ----------------------------------------------------------------------------------------------


async def test_p6_an_approval_that_is_too_old_holds_and_never_sends(site: Site) -> None:
    """At the release and at the mark. Seen red: without `until`."""
    desk = configured(site, Rule("all", expires=3600.0))
    id, other = [(await desk.stage())["id"] for _ in range(2)]
    for each in (id, other):
        await desk.approve(desk.daemon, each)
    late = time.time() + 3700
    await desk.store.run(outbox.let_go, id, late, [])
    assert await desk.state(id) is M.HELD

    def much_later(db: Database) -> Mark:
        db.execute("update message set state = 'queued', valid_until = ? where id = ?", (late + 60, other))
        return mark(db, other, at=late)

    assert await desk.store.run(much_later) is Mark.HELD
    await desk.close()


async def test_a_request_that_nobody_answered_lapses_and_never_sends(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    await desk.store.run(lambda db: db.execute("update hold set placed_at = placed_at - 90000"))
    problem(await desk.approve(desk.daemon, id), 409, "conflict")
    assert await desk.state(id) is M.HELD
    await desk.root.patch(f"/v1/messages/{id}", json={"text": "Hello"})
    assert (await desk.approve(desk.daemon, id)).json()["state"] == "staged"


async def test_a_time_that_has_passed_is_not_approved(desk: Desk) -> None:
    id = (await desk.stage(send_at=(datetime.now().astimezone() + timedelta(hours=1)).isoformat()))["id"]
    await desk.store.run(lambda db: db.execute("update message set send_at = 5 where id = ?", (id,)))
    assert "has passed" in problem(await desk.approve(desk.daemon, id), 409, "conflict")["detail"]


async def test_what_waits_for_no_approval_is_not_approved(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    seen = await desk.hash(desk.daemon, id)
    await desk.root.post(f"/v1/messages/{id}/cancel")
    problem(await desk.daemon.post(f"/v1/messages/{id}/approve", json={"hash": seen}), 409, "conflict")
    problem(await desk.daemon.get(f"/v1/messages/{id}/approval"), 409, "conflict")
    for path in ("messages/99", "batches/99"):
        problem(await desk.daemon.post(f"/v1/{path}/approve", json={"hash": seen}), 404, "not_found")
        problem(await desk.daemon.get(f"/v1/{path}/approval"), 404, "not_found")


# -- no ----------------------------------------------------------------------------------------------------


async def test_a_no_has_a_reason_and_makes_it_a_draft(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    seen = await desk.hash(desk.daemon, id)
    problem(await desk.daemon.post(f"/v1/messages/{id}/reject", json={"hash": seen, "reason": " "}), 422, "invalid")
    no = {"hash": seen, "reason": "Wrong customer."}
    problem(await desk.root.post(f"/v1/messages/{id}/reject", json=no), 403, "forbidden")
    draft = (await desk.daemon.post(f"/v1/messages/{id}/reject", json=no)).json()
    assert (draft["state"], draft["parts"], draft["release_at"]) == ("draft", [], None)
    shown = (await desk.root.get(f"/v1/messages/{id}")).json()
    assert (shown["rejected"]["who"], shown["rejected"]["reason"]) == (DAEMON, "Wrong customer.")
    assert shown["error"]["code"] == "rejected"
    again = (await desk.root.patch(f"/v1/messages/{id}", json={"draft": False})).json()
    assert (again["state"], again["error"]["code"]) == ("held", "approval")


# -- what the approver sees --------------------------------------------------------------------------------


async def test_each_sees_what_waits_for_them(site: Site) -> None:
    desk = configured(site, Rule("by bin", by=(BIN,)))
    await desk.stage("First")
    await desk.stage("The second … message of today")
    listed = {
        name: [each["text"] for each in (await door.get("/v1/approvals")).json()["approvals"]]
        for name, door in (("root", desk.root), ("daemon", desk.daemon), ("bin", desk.bin))
    }
    assert listed == {"root": [], "daemon": [], "bin": ["First", "The second … message of today"]}
    second = (await desk.bin.get("/v1/approvals")).json()["approvals"][1]
    assert [finding["code"] for finding in second["findings"]] == ["recipient_new", "text_unicode"]
    assert (second["to"], second["author"], second["parts"], second["before"]) == (ALICE, ROOT, 1, None)
    await desk.close()


async def test_the_approver_sees_what_was_changed_since_the_last_look(desk: Desk) -> None:
    """Seen red: when the version before was shown, not the one that this person saw."""
    id = (await desk.stage("Come at 3 pm."))["id"]
    await desk.see(desk.daemon, id)
    for text in ("Come at 4 pm.", "Come at 5 pm."):
        await desk.root.patch(f"/v1/messages/{id}", json={"text": text})
    for _ in range(2):
        before = (await desk.see(desk.daemon, id))["before"]
        runs = [(run["op"], run["text"]) for run in before["text"]]
        assert runs == [("same", "Come at "), ("gone", "3"), ("new", "5"), ("same", " pm.")]
        assert (before["to"], before["moved"]) == (None, False)
    assert (await desk.see(desk.bin, id))["before"] is None
    await desk.approve(desk.daemon, id)
    await desk.root.patch(f"/v1/messages/{id}", json={"to": BOB})
    before = (await desk.see(desk.bin, id))["before"]
    assert (before["to"], [run["op"] for run in before["text"]]) == (ALICE, ["same"])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("same", "same", [("same", "same")]),
        ("", "new", [("new", "new")]),
        ("会議は三時です", "会議は四時です", [("same", "会議は"), ("gone", "三"), ("new", "四"), ("same", "時です")]),
        ("1200 yen", "12000 yen", [("gone", "1200"), ("new", "12000"), ("same", " yen")]),
    ],
)
def test_a_difference_is_made_of_words_and_characters(before: str, after: str, expected: list[object]) -> None:
    assert difference(before, after) == expected


# -- a batch -----------------------------------------------------------------------------------------------


async def test_one_yes_for_a_batch(site: Site) -> None:
    desk = configured(site, Rule("lists", recipients=2))
    numbers = [f"+4477009001{n:02}" for n in range(5)]
    batch = (await desk.stage(to=numbers))["batch"]
    assert (await desk.stage(to=numbers[:2]))["messages"][0]["state"] == "staged"
    (shown,) = (await desk.daemon.get("/v1/approvals")).json()["approvals"]
    assert (shown["batch"], shown["message"], shown["count"], shown["texts"]) == (batch, None, 5, 1)
    assert shown["examples"] == [*numbers[:3], numbers[4]]
    problem(await desk.approve(desk.root, batch, batch=True), 403, "forbidden")
    assert (await desk.approve(desk.daemon, batch, batch=True)).json() == {"decided": 5, "waits": 0}
    problem(await desk.daemon.post(f"/v1/batches/{batch}/approve", json={"hash": shown["hash"]}), 409, "conflict")
    await desk.close()


async def test_p6_a_batch_that_was_changed_meanwhile_is_looked_at_again(site: Site) -> None:
    desk = configured(site, ALWAYS)
    batch = await desk.stage(to=[ALICE, BOB])
    seen = await desk.hash(desk.daemon, batch["batch"], batch=True)
    one = batch["messages"][0]["id"]
    await desk.root.patch(f"/v1/messages/{one}", json={"text": "Other"})
    answer = await desk.daemon.post(f"/v1/batches/{batch['batch']}/approve", json={"hash": seen})
    problem(answer, 409, "changed")
    assert (await desk.see(desk.daemon, batch["batch"], batch=True))["texts"] == 2
    assert (await desk.approve(desk.daemon, batch["batch"], batch=True)).json() == {"decided": 2, "waits": 0}
    await desk.root.patch(f"/v1/messages/{one}", json={"text": "Another"})
    states = [await desk.state(each["id"]) for each in batch["messages"]]
    assert states == [M.HELD, M.STAGED]
    await desk.close()


async def test_of_a_batch_each_approves_what_is_not_their_own(desk: Desk) -> None:
    batch = await desk.stage(to=[ALICE, BOB])
    await desk.daemon.patch(f"/v1/messages/{batch['messages'][0]['id']}", json={"text": "Other"})
    assert (await desk.approve(desk.daemon, batch["batch"], batch=True)).json()["decided"] == 1
    assert [await desk.state(each["id"]) for each in batch["messages"]] == [M.HELD, M.STAGED]
    rest = await desk.hash(desk.bin, batch["batch"], batch=True)
    no = await desk.bin.post(f"/v1/batches/{batch['batch']}/reject", json={"hash": rest, "reason": "No."})
    assert no.json() == {"decided": 1, "waits": 0}
    assert await desk.state(batch["messages"][0]["id"]) is M.DRAFT


# -- which messages ----------------------------------------------------------------------------------------

NIGHT = (day_time(18), day_time(8))
ANNA, CARL = Actor("anna", "uid:1", groups=frozenset({"office"})), Actor("carl", "uid:2")


def case(**rest: Any) -> Case:
    given = {"writers": (ANNA,), "recipients": 1, "codes": frozenset(), "category": "service"}
    return Case(**{**given, "release": datetime(2026, 11, 24, 12, 0).astimezone(), **rest})


@pytest.mark.parametrize(
    ("rule", "asked", "expected"),
    [
        (Rule("r"), case(), True),
        (Rule("r", who=("anna",)), case(), True),
        (Rule("r", who=("@office",)), case(), True),
        (Rule("r", who=("@office",)), case(writers=(CARL,)), False),
        (Rule("r", who=("@office",)), case(writers=(CARL, ANNA)), True),
        (Rule("r", recipients=5), case(recipients=5), False),
        (Rule("r", recipients=5), case(recipients=6), True),
        (Rule("r", findings=("link", "money")), case(codes=frozenset({"money", "x"})), True),
        (Rule("r", findings=("link", "money")), case(codes=frozenset({"x"})), False),
        (Rule("r", category=("promotional",)), case(), False),
        (Rule("r", category=("promotional",)), case(category="promotional"), True),
        (Rule("r", hours=NIGHT), case(), False),
        (Rule("r", hours=NIGHT), case(release=datetime(2026, 11, 24, 18, 0).astimezone()), True),
        (Rule("r", hours=NIGHT), case(release=datetime(2026, 11, 24, 7, 59).astimezone()), True),
        (Rule("r", hours=NIGHT), case(release=datetime(2026, 11, 24, 8, 0).astimezone()), False),
        (Rule("r", hours=(day_time(12), day_time(13))), case(), True),
        (Rule("r", category=("service",), recipients=3), case(), False),
    ],
)
def test_a_rule_applies_when_all_that_it_names_holds(rule: Rule, asked: Case, expected: bool) -> None:
    assert rule.applies(asked) is expected


@pytest.mark.parametrize(("hour", "expected"), [(10, []), (20, ["approval"])])
def test_the_hours_of_a_rule_are_the_sites(hour: int, expected: list[str]) -> None:
    """Seen red: when they were the machine's, which in a cupboard is UTC."""
    rule = Rule("night", hours=NIGHT)
    config = Config(region="JP", people=PeopleConfig(approval=(rule,)))
    at = datetime(2026, 11, 24, hour, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
    found = Holdback(config, People(config.people)).of([], ["uid:0"], recipients=1, category="service", release_at=at)
    assert [hold.code for hold in found] == expected


async def test_p6_the_rules_are_asked_again_at_release(site: Site) -> None:
    """A rule that came, or was made stricter, while the message waited. Seen red: when `reasons` asked the checks
    alone."""
    before = configured(site)
    id = (await before.stage())["id"]
    strict = configured(site, ALWAYS)
    await strict.run_down(id)
    assert await strict.state(id) is M.HELD
    await strict.approve(strict.daemon, id)
    stricter = configured(site, Rule("all", need=2))
    await stricter.run_down(id)
    assert await stricter.state(id) is M.HELD
    for desk in (before, strict, stricter):
        await desk.close()


async def test_what_was_approved_passes_at_release(desk: Desk) -> None:
    id = (await desk.stage())["id"]
    await desk.approve(desk.daemon, id)
    await desk.run_down(id)
    assert await desk.state(id) is M.QUEUED
    assert await desk.store.run(lambda db: mark(db, id, at=time.time())) is Mark.GO


async def test_what_asks_for_an_approval_waits_for_none(site: Site) -> None:
    desk = configured(site, ALWAYS)
    from modemd.staging.desk import Wish

    def name(found: list[Any]) -> str:
        return str(found[0].id)

    codes = dataclasses.replace(CODES, roles=EVERYTHING)
    id = int(await desk.site.desk.stage([Wish(ALICE, "Code 123456", fuse="0s")], codes, name))
    assert await desk.state(id) is M.QUEUED
    assert await desk.store.run(holds.standing, [id]) == {id: ()}
    await desk.close()
