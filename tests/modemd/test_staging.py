"""The one door: staged all or none, edited, undone; and fuses that end by themselves."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from sqlite_utils import Database

from modemd.model.actor import Actor
from modemd.model.errors import Blocked, Conflict, Invalid, KeyReused, NotFound, TooLate
from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.staging.desk import Key, Wish
from modemd.staging.fuses import Fuses, Release
from modemd.store import messages, outbox
from modemd.store.database import Store
from tests.modemd.outbox_at_hand import ALICE, BOB, M, add, mark, put, send
from tests.modemd.outbox_at_hand import P as Part
from tests.modemd.site import ANN, ROBERT, Site


def ids(found: list[Message]) -> str:
    return " ".join(str(message.id) for message in found)


async def stage(site: Site, *to: str, text: str = "Hello", who: Actor = ANN, **rest: object) -> list[int]:
    wishes = [Wish(each, text, **rest) for each in to]  # type: ignore[arg-type]
    return [int(id) for id in (await site.desk.stage(wishes, who, ids, batch=len(to) > 1)).split()]


async def one(site: Site, id: int) -> Message:
    return await site.store.run(messages.find, id)


async def test_a_batch_is_staged_under_one_fuse(site: Site) -> None:
    first, second = [await one(site, id) for id in await stage(site, ALICE, "07700 900002".replace("0", "+44", 1))]
    assert (first.recipient, second.recipient) == (ALICE, BOB)
    assert first.release_at == second.release_at
    assert first.batch_id == second.batch_id
    assert site.woken == 1


async def test_a_batch_with_a_bad_recipient_is_not_staged(site: Site) -> None:
    with pytest.raises(Blocked) as caught:
        await stage(site, ALICE, "nobody")
    assert [finding.code for finding in caught.value.findings] == ["recipient_unreadable"]
    assert (await site.store.run(messages.counts, 0.0))["burning"] == 0
    assert site.woken == 0


@pytest.mark.parametrize(
    "wish",
    [
        Wish(ALICE, "Hello", fuse="ten"),
        Wish(ALICE, "Hello", fuse=""),
        Wish(ALICE, "Hello", validity="0s"),
        Wish(ALICE, "Hello", validity="soon"),
        Wish(ALICE, "Hello", modem="west"),
        Wish(ALICE, "Hello", fuse="10s", send_at="2099-01-01T00:00:00Z"),
        Wish(ALICE, "Hello", send_at="tomorrow"),
        Wish(ALICE, "Hello", send_at="2099-01-01T00:00:00"),
        Wish(ALICE, "Hello", send_at="0001-01-01T00:00:00+14:00", draft=True),
        Wish(ALICE, "Hello", send_at="9999-12-31T23:59:59-14:00", draft=True),
        Wish(ALICE, "Hello", send_at="", draft=True),
    ],
)
async def test_what_cannot_be_read_is_refused(site: Site, wish: Wish) -> None:
    with pytest.raises(Invalid):
        await site.desk.stage([wish], ANN, ids)


@pytest.mark.parametrize("when", ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00+09:00"])
async def test_times_that_are_past_or_far(site: Site, when: str) -> None:
    with pytest.raises(Blocked):
        await stage(site, ALICE, send_at=when)


async def test_a_list_of_nobody_or_too_many(site: Site) -> None:
    for wishes in ([], [Wish(ALICE, "Hello")] * 10_001):
        with pytest.raises(Invalid, match="1 to 10000 recipients"):
            await site.desk.stage(wishes, ANN, ids)


async def test_the_same_key_stages_once_even_at_once(site: Site) -> None:
    wish, key = [Wish(ALICE, "Hello")], Key("k", "request")
    answers = await asyncio.gather(*(site.desk.stage(wish, ANN, ids, key=key) for _ in range(5)))
    assert len(set(answers)) == 1
    assert await site.desk.replay(key, ANN) == answers[0]
    with pytest.raises(KeyReused):
        await site.desk.stage(wish, ANN, ids, key=Key("k", "other"))
    assert await site.desk.stage(wish, ROBERT, ids, key=key) != answers[0]


# -- editing ----------------------------------------------------------------------------------------------


async def test_an_edit_keeps_what_it_does_not_name(site: Site) -> None:
    (id,) = await stage(site, ALICE, fuse="90s", validity="2h", modem="south")
    found = await site.desk.edit(id, {"text": "会議は三時です"}, ROBERT)
    assert (found.recipient, found.text, found.encoding, found.fuse) == (ALICE, "会議は三時です", "ucs2", 90)
    assert (found.validity, found.modem, found.author) == (7200, "south", "ann")
    assert (found.release_at or 0) > time.time() + 85


async def test_a_fuse_and_a_time_replace_each_other(site: Site) -> None:
    (id,) = await stage(site, ALICE)
    at = time.time() + 86400
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    found = await site.desk.edit(id, {"send_at": when}, ANN)
    assert (found.send_at, found.release_at, found.fuse) == (int(at), int(at), None)
    found = await site.desk.edit(id, {"fuse": "5s"}, ANN)
    assert (found.send_at, found.fuse) == (None, 5)
    with pytest.raises(Invalid):
        await site.desk.edit(id, {"fuse": "5s", "send_at": when}, ANN)
    found = await site.desk.edit(id, {"fuse": None}, ANN)
    assert found.fuse == 600


async def test_a_draft_is_written_staged_and_taken_back(site: Site) -> None:
    (id,) = await stage(site, "not yet", text="", draft=True)
    found = await site.desk.edit(id, {"to": ALICE, "text": "Hello"}, ANN)
    assert found.state is M.DRAFT
    found = await site.desk.edit(id, {"draft": False}, ANN)
    assert (found.state, len(found.parts)) == (M.STAGED, 1)
    found = await site.desk.edit(id, {"draft": True}, ANN)
    assert (found.state, found.parts, found.release_at) == (M.DRAFT, (), None)


async def test_an_edit_that_is_blocked_changes_nothing(site: Site) -> None:
    (id,) = await stage(site, ALICE)
    before = await one(site, id)
    with pytest.raises(Blocked):
        await site.desk.edit(id, {"text": ""}, ANN)
    with pytest.raises(Invalid, match="extend alone"):
        await site.desk.edit(id, {"extend": "60s", "text": "Bye"}, ANN)
    with pytest.raises(Invalid):
        await site.desk.edit(id, {"extend": "long"}, ANN)
    assert await one(site, id) == before


async def test_two_edits_at_once_both_count(site: Site) -> None:
    (id,) = await stage(site, ALICE)
    await asyncio.gather(site.desk.edit(id, {"text": "Bye"}, ANN), site.desk.edit(id, {"to": BOB}, ROBERT))
    found = await one(site, id)
    assert (found.text, found.recipient) == ("Bye", BOB)


async def test_what_has_left_says_so_before_anything_else(site: Site) -> None:
    id = await site.store.run(put, M.QUEUED, [Part.QUEUED])
    with pytest.raises(TooLate):
        await site.desk.edit(id, {"text": ""}, ANN)
    over = await site.store.run(put, M.CANCELLED, [Part.CANCELLED])
    with pytest.raises(Conflict):
        await site.desk.edit(over, {"text": ""}, ANN)
    with pytest.raises(NotFound):
        await site.desk.edit(99, {"text": ""}, ANN)


# -- undo -------------------------------------------------------------------------------------------------


async def test_undo_takes_the_whole_batch(site: Site) -> None:
    (before,) = await stage(site, ALICE)
    batch = await stage(site, ALICE, BOB)
    outcome = await site.desk.undo(ANN)
    assert outcome is not None
    assert outcome.outcome == "cancelled"
    assert [(await one(site, id)).state for id in batch] == [M.CANCELLED, M.CANCELLED]
    assert (await one(site, before)).state is M.STAGED
    assert await site.desk.undo(ROBERT) is None


async def test_undo_tells_the_truth_about_what_has_just_left(site: Site) -> None:
    (older,) = await stage(site, ALICE)
    (gone,) = await stage(site, BOB, fuse="0s")
    await site.store.run(send, gone, at=time.time())
    for _ in range(2):
        outcome = await site.desk.undo(ANN)
        assert outcome is not None
        assert (outcome.outcome, outcome.message.id) == ("too_late", gone)
    assert (await one(site, older)).state is M.STAGED


async def test_a_batch_is_cancelled_as_far_as_it_can_be(site: Site) -> None:
    first, second = await stage(site, ALICE, BOB, fuse="0s")
    await site.store.run(mark, first, at=time.time())
    batch = (await one(site, first)).batch_id or 0
    outcomes = await site.desk.cancel_batch(batch, ROBERT)
    assert [(each.message.id, each.outcome) for each in outcomes] == [(first, "too_late"), (second, "cancelled")]
    with pytest.raises(NotFound):
        await site.desk.cancel_batch(batch + 1, ROBERT)


# -- fuses ------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def burning(
    store: Store,
    reasons: Callable[[Message], Awaitable[Release]],
    prepare: Callable[[Sequence[Message]], Awaitable[None]] | None = None,
) -> AsyncIterator[asyncio.Queue[None]]:
    """The fuses at work; a token for each time that something was let go."""
    released: asyncio.Queue[None] = asyncio.Queue()
    fuses = Fuses(store, reasons, lambda: released.put_nowait(None))
    fuses.prepare = prepare or fuses.prepare
    store.committed = fuses.notify
    task = asyncio.create_task(fuses.run())
    try:
        yield released
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def nothing(_message: Message) -> Release:
    return Release([])


async def test_a_fuse_ends_by_itself(store: Store) -> None:
    async with burning(store, nothing) as released:
        now = time.time()
        id = await store.run(add, at=now, fuse=0.05)
        await asyncio.wait_for(released.get(), 5)
        assert time.time() - now >= 0.05
    assert (await store.run(messages.find, id)).state is M.QUEUED


async def test_many_fuses_end_together(store: Store) -> None:
    now = time.time()
    for _ in range(5):
        await store.run(outbox.add, [outbox.New(ALICE, "x", "gsm7", 1, "ann", 60.0, 0.1, None, now + 0.1)] * 300, now)
    async with burning(store, nothing) as released:
        while (await store.run(messages.counts, 0.0))["burning"]:
            await asyncio.wait_for(released.get(), 5)
    assert (await store.run(messages.counts, 0.0))["queued"] == 1500


async def test_p6_what_a_check_blocks_at_release_is_held(store: Store) -> None:
    async def blocks(message: Message) -> Release:
        return Release([NewHold("text_empty")] if message.recipient == BOB else [])

    now = time.time()
    bad, good = await store.run(add, BOB, at=now - 20), await store.run(add, ALICE, at=now - 20)
    async with burning(store, blocks) as released:
        await asyncio.wait_for(released.get(), 5)
    held = await store.run(messages.find, bad)
    assert (held.state, held.error) == (M.HELD, "text_empty")
    assert (await store.run(messages.find, good)).state is M.QUEUED


async def test_p4_a_check_that_breaks_holds_its_message_alone(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(message: Message) -> Release:
        if message.recipient == BOB:
            raise RuntimeError("a fault of ours")
        return Release([])

    now = time.time()
    bad, good = await store.run(add, BOB, at=now - 20), await store.run(add, ALICE, at=now - 20)
    with caplog.at_level(logging.CRITICAL, "modemd.staging.fuses"):
        async with burning(store, breaks) as released:
            await asyncio.wait_for(released.get(), 5)
    assert (await store.run(messages.find, bad)).error == "internal"
    assert (await store.run(messages.find, good)).state is M.QUEUED


async def test_p4_what_others_are_asked_is_asked_for_all_at_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen red: when each message asked by itself, and those after it waited."""
    asked: list[int] = []

    async def fails(due: Sequence[Message]) -> None:
        if due:
            asked.append(len(due))
            raise RuntimeError("a fault of ours")

    now = time.time()
    await store.run(outbox.add, [outbox.New(ALICE, "x", "gsm7", 1, "ann", 60.0, 1.0, None, now - 1)] * 30, now - 2)
    with caplog.at_level(logging.CRITICAL, "modemd.staging.fuses"):
        async with burning(store, nothing, fails) as released:
            await asyncio.wait_for(released.get(), 5)
    assert asked == [30]
    assert (await store.run(messages.counts, 0.0))["queued"] == 30


async def test_p4_what_is_cancelled_while_it_is_examined_troubles_nobody(store: Store) -> None:
    loop = asyncio.get_running_loop()

    async def cancels(message: Message) -> Release:
        loop.create_task(store.run(outbox.cancel, message.id, time.time(), "ann"))  # noqa: RUF006
        return Release([NewHold("text_empty")])

    now = time.time()
    first = await store.run(add, at=now - 20)
    async with burning(store, cancels) as released:
        await asyncio.wait_for(released.get(), 5)
        second = await store.run(add, at=time.time() - 20)
        await asyncio.wait_for(released.get(), 5)
    states = {(await store.run(messages.find, id)).state for id in (first, second)}
    assert states <= {M.HELD, M.CANCELLED}


async def test_the_fuses_outlive_a_disk_that_fails(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    now = time.time()
    id = await store.run(add, at=now, fuse=0.1)
    failed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(_action: int, table: str | None, *_rest: object) -> int:
        if table == "event":
            loop.call_soon_threadsafe(failed.set)
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def break_it(db: Database) -> None:
        db.conn.set_authorizer(fail)

    def mend_it(db: Database) -> None:
        db.conn.set_authorizer(None)

    await store.run(break_it)
    with caplog.at_level(logging.CRITICAL, "modemd.staging.fuses"):
        async with burning(store, nothing) as released:
            await asyncio.wait_for(failed.wait(), 5)
            await store.run(mend_it)
            await asyncio.wait_for(released.get(), 5)
    assert (await store.run(messages.find, id)).state is M.QUEUED
