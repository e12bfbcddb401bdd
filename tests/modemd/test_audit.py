"""P9: said is recorded, in the same transaction as the deed; and what is changed by hand is found."""

import contextlib
import csv
import dataclasses
import io
import logging
import pwd
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from modemd.config import Config, fingerprint
from modemd.config_people import PeopleConfig, TokenConfig
from modemd.model.actor import DAEMON, Actor
from modemd.model.approval import Rule
from modemd.model.chain import FIRST, Break, Checkpoint, Row, as_lines, hash_of, of_line, read_checkpoint, verify
from modemd.store import audit, bonds, reports
from modemd.store.checkpoint import FILE, Checkpoints
from modemd.store.database import Store
from modemd.store.migrations import migrations
from tests.modemd.outbox_at_hand import NOW, lose, queued
from tests.modemd.site import ALICE, ANN, BOB, REMOTE, TOKEN, Site, problem
from tests.modemd.test_approvals import Desk, configured

ROOT = pwd.getpwuid(0).pw_name
TEXT = "Meet me at the old mill"


async def rows(site: Site | Desk) -> list[Row]:
    return await site.store.run(audit.since, 0, 999)


async def last(site: Site | Desk) -> tuple[str, str, int | None, str, str | None]:
    row = (await rows(site))[-1]
    return row.deed, row.who, row.uid, row.origin, row.subject


# -- every decision ----------------------------------------------------------------------------------------


async def test_p9_what_people_decide_about_messages(site: Site) -> None:
    """Seen red, line by line: without each call of `deeds`."""
    id = (await site.stage(text=TEXT))["id"]
    assert await last(site) == ("staged", ROOT, 0, "pid 1", f"message {id}")
    await site.http.patch(f"/v1/messages/{id}", json={"fuse": "9m"})
    assert await last(site) == ("edited", ROOT, 0, "pid 1", f"message {id}")
    await site.http.patch(f"/v1/messages/{id}", json={"extend": "1m"})
    assert '"fields":["extend"]' in (await rows(site))[-1].data
    await site.http.patch(f"/v1/messages/{id}", json={"draft": True})
    assert (await last(site))[0] == "taken_back"
    count = len(await rows(site))
    await site.http.patch(f"/v1/messages/{id}", json={"text": f"{TEXT}!"})
    assert len(await rows(site)) == count
    await site.http.patch(f"/v1/messages/{id}", json={"draft": False})
    assert (await last(site))[0] == "staged"
    await site.http.post(f"/v1/messages/{id}/cancel")
    assert await last(site) == ("cancelled", ROOT, 0, "pid 1", f"message {id}")
    assert (await rows(site))[-1].data == '{"outcome":{"cancelled":1}}'
    batch = (await site.http.post("/v1/messages", json={"to": [ALICE, BOB], "text": TEXT})).json()["batch"]
    assert (await last(site))[::4] == ("staged", f"batch {batch}")
    await site.http.post(f"/v1/batches/{batch}/cancel")
    assert (await last(site))[::4] == ("cancelled", f"batch {batch}")
    await site.stage()
    await site.http.post("/v1/undo")
    assert (await last(site))[0] == "cancelled"


async def test_p9_what_people_decide_about_the_rest(site: Site) -> None:
    uncertain = await site.store.run(queued, at=time.time())
    await site.store.run(lose, uncertain, at=time.time())
    await site.http.post(f"/v1/messages/{uncertain}/settle", json={"as": "sent"})
    assert (await last(site))[::4] == ("settled", f"message {uncertain}")
    for call, deed in (("stop", "stopped"), ("stop", "stopped"), ("resume", "resumed")):
        await site.http.post(f"/v1/{call}")
        assert (await last(site))[::4] == (deed, "line")
    assert [row.deed for row in await rows(site)] == ["settled", "stopped", "resumed"]
    await site.store.run(bonds.resume, "north", None, NOW, ANN)
    assert (await last(site))[::4] == ("modem_resumed", "modem north")


async def test_p9_what_the_rules_decide(site: Site) -> None:
    id = await site.store.run(lambda db: queued(db, category="emergency"))
    await site.store.run(lose, id)
    assert await site.store.run(reports.resend_by_policy, ["emergency"], NOW + 300) == 1
    assert await last(site) == ("resent", "modemd", None, "daemon", f"message {id}")


async def test_p9_the_second_pair_of_eyes(site: Site) -> None:
    desk = configured(site, Rule("all"))
    id = (await desk.stage(TEXT))["id"]
    await desk.approve(desk.daemon, id)
    approver = pwd.getpwuid(1).pw_name
    assert await last(desk) == ("approved", approver, 1, "pid 101", f"message {id}")
    other = (await desk.stage(TEXT))["id"]
    no = {"hash": await desk.hash(desk.bin, other), "reason": "Not to her."}
    await desk.bin.post(f"/v1/messages/{other}/reject", json=no)
    assert (await last(desk))[::4] == ("rejected", f"message {other}")
    assert no["hash"] in (await rows(desk))[-1].data
    await desk.close()


async def test_p9_over_tcp_the_token_and_the_address(site: Site) -> None:
    tokens = (TokenConfig("booking", Path("/none")),)
    remote = site.configured(people=PeopleConfig(tokens=tokens))
    remote.gateway.tokens = {"booking": "b" * 32}
    from modemd.api.app import build_app

    remote.app = build_app(remote.gateway)
    for token, who in ((TOKEN, "token"), ("b" * 32, "token:booking")):
        async with remote.door(REMOTE, Authorization=f"Bearer {token}") as http:
            assert (await http.post("/v1/messages", json={"to": ALICE, "text": "x"})).json()["author"] == who
        assert (await last(site))[1:4] == (who, None, "tcp 192.0.2.7:4711")
    await remote.close()


async def test_p9_a_deed_that_is_refused_is_none(site: Site) -> None:
    id = (await site.stage())["id"]
    count = len(await rows(site))
    await site.http.patch(f"/v1/messages/{id}", json={"text": ""})
    await site.http.post("/v1/messages", json={"to": "x", "text": "x"})
    await site.http.post("/v1/messages/99/cancel")
    await site.http.post("/v1/messages", json={"to": ALICE, "text": "x", "draft": True})
    assert len(await rows(site)) == count


async def test_p9_no_deed_without_its_row(site: Site) -> None:
    """One transaction. Seen red: when the row was written in a job of its own."""

    def deny(_action: int, table: str | None, *_rest: object) -> int:
        return sqlite3.SQLITE_DENY if table == "audit" else sqlite3.SQLITE_OK

    id = (await site.stage())["id"]
    await site.store.run(lambda db: db.conn.set_authorizer(deny))
    logging.disable(logging.CRITICAL)
    try:
        for call in (site.http.post(f"/v1/messages/{id}/cancel"), site.http.post("/v1/stop")):
            problem(await call, 503, "store")
    finally:
        logging.disable(logging.NOTSET)
        await site.store.run(lambda db: db.conn.set_authorizer(None))
    assert (await site.http.get(f"/v1/messages/{id}")).json()["state"] == "staged"
    assert not (await site.http.get("/v1/outbox")).json()["line"]["stopped"]


async def test_the_audit_holds_no_text_and_no_number(site: Site) -> None:
    desk = configured(site, Rule("all"))
    id = (await desk.stage(TEXT))["id"]
    no = {"hash": await desk.hash(desk.bin, id), "reason": f"Not {ALICE}, and no mill."}
    await desk.bin.post(f"/v1/messages/{id}/reject", json=no)
    await desk.root.patch(f"/v1/messages/{id}", json={"to": BOB, "draft": False})
    said = "\n".join(as_lines(await rows(desk)))
    for secret in (ALICE, BOB, ALICE[-6:], "mill"):
        assert secret not in said
    await desk.close()


async def test_other_rules_are_a_row(store: Store) -> None:
    for config in (Config(), Config(), Config(profile="strict"), Config()):
        await store.run(audit.configured, NOW, DAEMON, fingerprint(config), {"profile": config.profile})
    found = await store.run(audit.since, 0, 9)
    assert [row.deed for row in found] == ["configured"] * 3
    tokens = TokenConfig("a", Path("/a"), frozenset({"read", "write", "approve"}))
    made = {fingerprint(Config(people=PeopleConfig(tokens=(tokens,)))) for _ in range(5)}
    assert len(made | {fingerprint(Config())}) == 2


# -- append only -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = 'x' where id = 2",
        "delete from audit where id = 2",
        "delete from audit",
        "insert into audit select 10, at, who, uid, origin, deed, subject, data, hash from audit where id = 2",
        "replace into audit select 2, at, 'x', uid, origin, deed, subject, data, hash from audit where id = 2",
    ],
)
def test_in_normal_operation_nobody_changes_a_row(db: Database, statement: str) -> None:
    """Seen red: without the triggers."""
    fill(db)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        db.execute(statement)
    assert check(db) is None


# -- tampering ---------------------------------------------------------------------------------------------

COUNT = 8


def fill(db: Database, count: int = COUNT) -> None:
    for number in range(count):
        who = Actor(f"user{number % 3}", "", f"pid {number}", number % 3 or None)
        audit.record(db, NOW + number / 7, who, "staged", f"message {number}", {"digest": "á\n“", "n": number})


@contextlib.contextmanager
def filled() -> Iterator[Database]:
    """A database whose triggers somebody has taken away."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection, recursive_triggers=False)
        migrations.apply(db)
        fill(db)
        for trigger in ("audit_no_update", "audit_no_delete", "audit_in_order"):
            db.execute(f"drop trigger {trigger}")
        yield db


def check(db: Database, *checkpoints: Checkpoint) -> Break | None:
    return verify(audit.since(db, 0, 999), checkpoints)


COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "at": st.floats(0, 2e9, allow_nan=False),
    "who": st.text(max_size=8),
    "uid": st.none() | st.integers(0, 9),
    "origin": st.text(max_size=8),
    "deed": st.sampled_from(["staged", "approved", "cancelled"]),
    "subject": st.none() | st.text(max_size=8),
    "data": st.sampled_from(["{}", '{"n":1}', '{"n": 1}']),
    "hash": st.text("0123456789abcdef", min_size=64, max_size=64),
}


@settings(max_examples=200, deadline=None)
@given(data=st.data(), id=st.integers(1, COUNT), column=st.sampled_from(sorted(COLUMNS)))
def test_p9_any_changed_value_is_found_and_its_row_named(data: st.DataObject, id: int, column: str) -> None:
    """Seen red, column by column: when it was left out of the hash."""
    with filled() as db:
        value = data.draw(COLUMNS[column].filter(lambda value: "\0" not in str(value)))
        (before,) = db.execute(f"select {column} from audit where id = ?", (id,)).fetchone()
        db.execute(f"update audit set {column} = ? where id = ?", (value, id))
        (after,) = db.execute(f"select {column} from audit where id = ?", (id,)).fetchone()
        assert check(db) == (None if before == after else Break(id, "changed"))


@settings(max_examples=100, deadline=None)
@given(gone=st.sets(st.integers(1, COUNT), min_size=1))
def test_p9_rows_taken_out_are_missed(gone: set[int]) -> None:
    """Anywhere; at the end by the checkpoint, and by the count that SQLite keeps beside the table."""
    with filled() as db:
        head = audit.head(db)
        for id in gone:
            db.execute("delete from audit where id = ?", (id,))
        first = min(gone)
        at_the_end = gone == set(range(first, COUNT + 1))
        assert check(db, head) == Break(first, "cut" if at_the_end else "missing")
        assert (check(db) is None) == at_the_end
        assert audit.ever(db) == COUNT


@settings(max_examples=60, deadline=None)
@given(first=st.integers(1, COUNT), second=st.integers(1, COUNT))
def test_p9_rows_that_change_places_are_found(first: int, second: int) -> None:
    with filled() as db:
        for old, new in ((first, 99), (second, first), (99, second)):
            db.execute("update audit set id = ? where id = ?", (new, old))
        assert check(db) == (None if first == second else Break(min(first, second), "changed"))


@settings(max_examples=60, deadline=None)
@given(id=st.integers(1, COUNT), kept=st.integers(1, COUNT))
def test_p9_a_chain_written_anew_is_found_against_a_checkpoint_behind_the_change(id: int, kept: int) -> None:
    """What can be detected, and what cannot: before the change a checkpoint says nothing of it."""
    with filled() as db:
        checkpoint = Checkpoint(kept, str(audit.hash_at(db, kept)))
        before = FIRST if id == 1 else str(audit.hash_at(db, id - 1))
        for row in audit.since(db, id - 1, 99):
            new = dataclasses.replace(row, who="somebody else")
            before = hash_of(before, new)
            db.execute("update audit set who = ?, hash = ? where id = ?", (new.who, before, row.id))
        assert check(db) is None
        assert check(db, checkpoint) == (Break(kept, "changed") if kept >= id else None)


def test_a_row_put_in_between_is_found() -> None:
    with filled() as db:
        db.execute("update audit set id = id + 100 where id > 3")
        db.execute("update audit set id = id - 99 where id > 100")
        db.execute(
            "insert into audit select 4, at, who, uid, origin, deed, subject, data, hash from audit where id = 3"
        )
        assert check(db) == Break(4, "changed")


def test_a_row_survives_its_way_through_a_file() -> None:
    with filled() as db:
        found = audit.since(db, 0, 99)
        assert [of_line(line) for line in as_lines(found)] == found
        assert read_checkpoint(f"{audit.head(db)}\n") == audit.head(db)
    for wrong in ("", "x", "3:abc", "x:" + "a" * 64):
        with pytest.raises(ValueError, match=r".*"):
            read_checkpoint(wrong)


# -- the checkpoint beside the database --------------------------------------------------------------------


def untied(change: Callable[[Database], object]) -> Callable[[Database], None]:
    def work(db: Database) -> None:
        db.execute("drop trigger if exists audit_no_delete")
        db.execute("drop trigger if exists audit_no_update")
        change(db)

    return work


async def test_p9_a_cut_end_is_missed_by_the_checkpoint_and_the_evidence_kept(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen red: when the checkpoint was written over."""
    checkpoints = site.gateway.checkpoints = Checkpoints(tmp_path, site.store)
    await site.store.run(fill)
    await checkpoints.keep()
    kept = (tmp_path / FILE).read_text()
    whole = (await site.http.get("/v1/audit/verify")).json()
    assert (whole["whole"], whole["rows"], f"{whole['checkpoint']}\n") == (True, COUNT, kept)
    await site.store.run(untied(lambda db: db.execute(f"delete from audit where id > {COUNT - 2}")))
    await site.store.run(untied(lambda db: db.execute("delete from sqlite_sequence where name = 'audit'")))
    await site.http.post("/v1/stop")
    with caplog.at_level(logging.CRITICAL, "modemd.store.checkpoint"):
        await checkpoints.keep()
    assert checkpoints.contradicted
    assert (tmp_path / FILE).read_text() == kept
    found = (await site.http.get("/v1/audit/verify")).json()
    assert (found["whole"], found["row"]) == (False, COUNT)
    assert "not the one of its checkpoint" in (await site.http.get("/healthz")).text


async def test_a_cut_end_is_missed_by_the_count_as_well(site: Site) -> None:
    await site.store.run(fill)
    await site.store.run(untied(lambda db: db.execute("delete from audit where id = 8")))
    found = (await site.http.get("/v1/audit/verify")).json()
    assert (found["row"], found["sentence"][:22]) == (8, "Rows from 8 on are mis")


async def test_the_checkpoint_goes_with_the_head(site: Site, tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, site.store)
    await checkpoints.keep()
    assert checkpoints.read() is None
    for _ in range(2):
        await site.stage()
        await checkpoints.keep()
        assert checkpoints.read() == await site.store.run(audit.head)


async def test_a_checkpoint_that_nobody_can_read_says_so(site: Site, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("nonsense")
    site.gateway.checkpoints = Checkpoints(tmp_path, site.store)
    assert "cannot be read" in problem(await site.http.get("/v1/audit/verify"), 503, "store")["detail"]


# -- over the API ------------------------------------------------------------------------------------------


async def test_the_audit_is_read_in_pages(site: Site) -> None:
    for _ in range(5):
        await site.stage()
    first = (await site.http.get("/v1/audit", params={"limit": 3})).json()
    rest = (await site.http.get("/v1/audit", params={"limit": 3, "after": first["next"]})).json()
    assert [row["id"] for row in first["rows"] + rest["rows"]] == [5, 4, 3, 2, 1]
    assert rest["next"] is None
    assert (first["rows"][0]["words"], first["rows"][0]["who"]) == ("staged", ROOT)


async def test_a_checkpoint_that_is_given_counts(site: Site) -> None:
    await site.store.run(fill)
    head = await site.store.run(audit.head)
    for checkpoint, whole in ((str(head), True), (f"{COUNT}:{'a' * 64}", False), (f"9:{'a' * 64}", False)):
        found = await site.http.get("/v1/audit/verify", params={"checkpoint": checkpoint})
        assert found.json()["whole"] is whole
    problem(await site.http.get("/v1/audit/verify", params={"checkpoint": "x"}), 422, "invalid")


async def test_an_export_can_be_verified_by_anybody(site: Site) -> None:
    await site.stage()
    exported = (await site.http.get("/v1/audit/export")).text
    found = [of_line(line) for line in exported.splitlines()]
    assert [row.deed for row in found] == ["staged", "exported"]
    assert verify(found) is None
    assert verify([dataclasses.replace(found[0], who="x"), *found[1:]]) == Break(1, "changed")
    as_csv = list(csv.reader(io.StringIO((await site.http.get("/v1/audit/export?format=csv")).text)))
    assert [row[5] for row in as_csv] == ["deed", "staged", "exported", "exported"]


async def test_a_spreadsheet_takes_no_cell_for_a_formula(site: Site) -> None:
    await site.store.run(audit.record, NOW, Actor("=cmd()", "", "-1"), "@staged", None, {})
    exported = (await site.http.get("/v1/audit/export?format=csv")).text
    assert "'=cmd(),,'-1,'@staged" in exported
