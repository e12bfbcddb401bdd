"""What is over is forgotten after the site's period: the file has it no more, the counts and the chain stay."""

import asyncio
import logging
import time
from pathlib import Path

import pytest
from sqlite_utils import Database

from drivers.words import Sentence
from modemd.config_people import PeopleConfig, Retention
from modemd.model.approval import Rule
from modemd.model.chain import verify
from modemd.model.hold import NewHold
from modemd.staging.retention import Forgetting
from modemd.store import approval_codes, audit, events, holding, inbox, messages, redact
from modemd.store.database import Store, open_database
from tests.modemd.outbox_at_hand import NOW, SIM, M, add, find, queued, report, send
from tests.modemd.site import Site
from tests.modemd.test_approvals import Desk

DAY = 86400.0
WORD = "vault"  # as the index of words has it
SECRET, NUMBER, OTHER, REASON = "The vault opens at nine", "+447700906543", "+447700907654", "Because of the heiress"


async def old(store: Store, ago: float) -> None:
    """Everything that is written down, as if it had been that long ago."""

    def shift(db: object) -> None:
        for table, columns in {
            "message": ("ended_at", "created_at"),
            "inbound": ("received_at",),
            "inbound_pdu": ("received_at",),
            "conversation": ("last_at",),
            "report": ("received_at",),
            "event": ("at",),
            "vote": ("at",),
            "hold": ("placed_at",),
            "idempotency": ("at",),
            "approval_code": ("at",),
            "wrong_code": ("at",),
        }.items():
            for column in columns:
                db.execute(f"update {table} set {column} = {column} - {ago}")  # type: ignore[attr-defined]

    await store.run(shift)


async def a_past(site: Site) -> None:
    """A message sent, reported and answered; one that was rejected, changed, approved and cancelled."""
    desk = Desk(site.configured(people=PeopleConfig(approval=(Rule("all"),))))
    now = time.time()
    sent = await site.store.run(lambda db: queued(db, NUMBER, at=now, text=SECRET))
    await site.store.run(send, sent, at=now)
    await site.store.run(report, 1, to=NUMBER, at=now)
    got = inbox.Received((SECRET + NUMBER).encode().hex().upper(), SIM, "north", NUMBER, False, SECRET, now)
    await site.store.run(inbox.add, got, now)
    id = (await desk.stage(SECRET, to=NUMBER))["id"]
    no = {"hash": await desk.hash(desk.bin, id), "reason": REASON}
    await desk.bin.post(f"/v1/messages/{id}/reject", json=no)
    await desk.root.patch(f"/v1/messages/{id}", json={"to": OTHER, "draft": False})
    await desk.approve(desk.daemon, id)
    await desk.root.post(f"/v1/messages/{id}/cancel")
    headers = {"Idempotency-Key": "k"}
    body = {"to": NUMBER, "text": SECRET}
    kept = (await desk.root.post("/v1/messages", json=body, headers=headers)).json()["id"]
    await desk.root.post(f"/v1/messages/{kept}/cancel")

    def more(db: Database) -> None:
        asks = NewHold("x", "confirm", Sentence("{it}", {"it": SECRET + NUMBER}))
        holding.add(db, messages.find(db, sent), asks, now, "ann")
        approval_codes.make(db, approval_codes.Request(sent, None, ""), "ann", NUMBER, now, 60.0)
        approval_codes.take(db, NUMBER, "no code", now)

    await site.store.run(more)
    await desk.close()


def in_the_file(store_path: Path, words: str) -> bool:
    """Whether the database, or what belongs to it, holds these words anywhere."""
    held = b"".join(file.read_bytes() for file in store_path.parent.glob("modemd.db*"))
    return words.encode() in held or words.encode().hex().upper().encode() in held


@pytest.mark.parametrize(
    ("periods", "gone", "kept"),
    [
        (Retention(texts=90 * DAY), [SECRET, REASON, WORD], [NUMBER, OTHER]),
        (Retention(numbers=90 * DAY), [NUMBER, OTHER], [SECRET, WORD]),
        (Retention(90 * DAY, 90 * DAY), [SECRET, REASON, NUMBER, OTHER, WORD, NUMBER[1:]], []),
        (Retention(101 * DAY, 101 * DAY), [], [SECRET, REASON, NUMBER, OTHER, WORD]),
    ],
)
async def test_what_is_older_than_the_period_is_not_in_the_file(
    tmp_path: Path, periods: Retention, gone: list[str], kept: list[str]
) -> None:
    """Seen red: without each of the statements, and with secure_delete off."""
    path = tmp_path / "modemd.db"
    store = Store(path)
    site = Site(store)
    await a_past(site)
    before = await store.run(messages.counts, 0.0)
    await old(store, 100 * DAY)
    await Forgetting(periods, store).forget()
    assert await store.run(messages.counts, 0.0) == before
    assert verify(await store.run(audit.since, 0, 99)) is None
    await site.close()
    await store.close()
    assert {words: in_the_file(path, words) for words in (*gone, *kept)} == {
        **dict.fromkeys(gone, False),
        **dict.fromkeys(kept, True),
    }


async def test_what_is_not_over_is_kept(store: Store) -> None:
    now = time.time()
    waits = [
        await store.run(lambda db, fuse=fuse: add(db, NUMBER, at=now, fuse=fuse, text=SECRET)) for fuse in (9, None)
    ]
    await store.run(lambda db: db.execute("update message set created_at = 0, staged_at = 0"))
    await Forgetting(Retention(7 * DAY, 7 * DAY), store).forget()
    for id in waits:
        found = await store.run(find, id)
        assert (found.recipient, found.text) == (NUMBER, SECRET)
    assert await store.run(audit.since, 0, 9) == []


async def test_what_was_forgotten_says_so_and_the_rest_is_as_it_was(site: Site) -> None:
    await a_past(site)
    await old(site.store, 100 * DAY)
    await Forgetting(Retention(90 * DAY, 90 * DAY), site.store).forget()
    shown = (await site.http.get("/v1/messages/1")).json()
    assert (shown["forgotten"], shown["to"], shown["text"]) == (True, "****6543", "")
    assert (shown["state"], shown["parts"][0]["state"], shown["ended_at"] is not None) == (
        M.DELIVERED,
        "delivered",
        True,
    )
    received = (await site.http.get("/v1/inbox")).json()["messages"][0]
    assert (received["sender"], received["text"]) == ("****6543", "")
    last = (await site.store.run(audit.since, 0, 99))[-1]
    assert (last.who, last.deed) == ("modemd", "forgotten")
    count = len(await site.store.run(audit.since, 0, 99))
    await Forgetting(Retention(90 * DAY, 90 * DAY), site.store).forget()
    assert len(await site.store.run(audit.since, 0, 99)) == count


async def test_it_goes_on_in_small_steps(store: Store) -> None:
    """Seen red: when all was one statement."""

    def fill(db: object) -> None:
        for number in range(3 * redact.STEP + 5):
            id = queued(db, NUMBER, text=f"{SECRET} {number}")  # type: ignore[arg-type]
            db.execute("update message set ended_at = 1, state = 'cancelled' where id = ?", (id,))  # type: ignore[attr-defined]

    await store.run(fill)
    assert await store.run(redact.step, redact.TEXTS[0], NOW) == redact.STEP
    await Forgetting(Retention(texts=7 * DAY), store).forget()
    assert await store.run(lambda db: db.execute("select count(*) from message where text <> ''").fetchone()[0]) == 0


def test_every_step_finds_its_rows_by_an_index(tmp_path: Path) -> None:
    """A day's work of an hour's job is not to read the whole database."""
    db = open_database(tmp_path / "modemd.db")
    for step in (*redact.TEXTS, *redact.NUMBERS):
        statement = step if isinstance(step, str) else step.rows
        plan = [row[3] for row in db.execute(f"explain query plan {statement}", {"before": 1, "most": 1}).fetchall()]
        scans = [line for line in plan if line.startswith("SCAN") and "(subquery" not in line]
        small = ("vote", "version", "conversation", "idempotency", "approval_code", "wrong_code")
        assert all(line.split()[1] in small for line in scans), plan
    db.close()


async def test_a_clock_that_is_far_off_makes_nobody_forget(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """A Pi without a battery may think that it is 2099. Seen red: without the day's grace."""
    await store.run(events.record, time.time() - 30 * DAY, "line")
    id = await store.run(lambda db: queued(db, NUMBER, text=SECRET))
    await store.run(lambda db: db.execute("update message set ended_at = 1, state = 'cancelled' where id = ?", (id,)))
    with caplog.at_level(logging.CRITICAL, "modemd.staging.retention"):
        task = asyncio.create_task(Forgetting(Retention(7 * DAY, 7 * DAY), store).run())
        for _ in range(5):
            await store.run(redact.last_seen)
        task.cancel()
    assert (await store.run(find, id)).text == SECRET
