"""The system's clock is set while fuses burn: they burn on, and schedules keep to the new time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.staging.fuses import Fuses, Release
from modemd.store import events, messages, outbox, transmit
from modemd.store.clock import Clock
from modemd.store.database import Store
from modemd.store.outbox import New
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import NOW, M, find, mark, queued, report

START = 1_700_000_000.0
HOURS = 3600.0


async def nothing(_message: Message) -> Release:
    return Release([])


class Hands:
    """A clock whose two faces are moved by hand."""

    def __init__(self, set_by: float = 0.0) -> None:
        self.passed, self.set_by = 0.0, set_by
        self.clock = Clock(lambda: START + self.passed + self.set_by, lambda: 5.0 + self.passed)


def message(fuse: float | None, send_at: float | None = None) -> New:
    release_at = send_at if send_at is not None else START + (fuse or 0.0)
    return New("+447700900001", "x", "gsm7", 1, "desk", 24 * HOURS, fuse, send_at, release_at)


@asynccontextmanager
async def burning(folder: Path, hands: Hands) -> AsyncIterator[tuple[Store, Fuses]]:
    store = Store(folder / "modemd.db", hands.clock)
    fuses = Fuses(store, nothing, lambda: None)
    task = asyncio.create_task(fuses.run())
    yield store, fuses
    task.cancel()
    await store.close()


async def state(store: Store, id: int) -> MessageState:
    return (await store.run(messages.find, id)).state


async def until(store: Store, fuses: Fuses, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not await condition():  # type: ignore[misc]
            fuses.notify()
            await store.run(outbox.next_moment)


@pytest.mark.parametrize("step", [9 * HOURS, -9 * HOURS])
async def test_a_fuse_burns_its_time_whatever_the_clock_is_set_to(tmp_path: Path, step: float) -> None:
    """P1. Seen red: by wall time a step ahead sent it at once, a step back hours late."""
    hands = Hands()
    async with burning(tmp_path, hands) as (store, fuses):
        (id,) = await store.run(outbox.add, [message(60.0)], hands.clock.now())
        hands.passed, hands.set_by = 30.0, step
        fuses.notify()

        async def shifted() -> bool:
            release_at = (await store.run(messages.find, id)).release_at
            return release_at == START + 60.0 + step

        await until(store, fuses, shifted)
        assert await state(store, id) is MessageState.STAGED
        hands.passed = 61.0

        async def released() -> bool:
            return await state(store, id) is MessageState.QUEUED

        await until(store, fuses, released)
        found = await store.run(messages.find, id)
        assert found.valid_until == START + 60.0 + step + 24 * HOURS


async def test_a_clock_set_back_while_nobody_ran_lets_nothing_burn_for_hours(tmp_path: Path) -> None:
    """P4. A computer without a battery starts with an old time. Seen red: it burned until the clock caught up."""
    hands = Hands()
    async with burning(tmp_path, hands) as (store, _):
        (staged,) = await store.run(outbox.add, [message(60.0)], START)
        (queued,) = await store.run(outbox.add, [message(0.0)], START)
        (schedule,) = await store.run(outbox.add, [message(None, START + 2 * HOURS)], START)
        await store.run(transmit.not_sent, queued, 1, START + 5, "no_prompt", retry_at=START + 65)
    hands = Hands(-3 * HOURS)
    now = START - 3 * HOURS
    async with burning(tmp_path, hands) as (store, fuses):

        async def reined_in() -> bool:
            return (await store.run(messages.find, staged)).release_at == now + 60.0

        await until(store, fuses, reined_in)
        waits = await store.run(messages.find, queued)
        assert (waits.not_before, waits.valid_until) == (now + 65, now + 24 * HOURS)
        assert (await store.run(messages.find, schedule)).release_at == START + 2 * HOURS
        clock = [event for event in await store.run(events.since, 0, 100) if event.kind == "clock"]
        assert [event.data for event in clock] == ["-10800"]


async def test_what_entered_in_the_past_is_left_alone_at_the_start(tmp_path: Path) -> None:
    hands = Hands()
    async with burning(tmp_path, hands) as (store, _):
        (id,) = await store.run(outbox.add, [message(60.0)], START)
    hands.passed = 59.0
    async with burning(tmp_path, hands) as (store, fuses):
        hands.passed = 60.5

        async def released() -> bool:
            return await state(store, id) is MessageState.QUEUED

        await until(store, fuses, released)
        assert not [event for event in await store.run(events.since, 0, 100) if event.kind == "clock"]


async def test_a_schedule_follows_the_clock(tmp_path: Path) -> None:
    hands = Hands()
    async with burning(tmp_path, hands) as (store, fuses):
        (id,) = await store.run(outbox.add, [message(None, START + 2 * HOURS)], hands.clock.now())
        hands.set_by = 3 * HOURS

        async def released() -> bool:
            return await state(store, id) is MessageState.QUEUED

        await until(store, fuses, released)


def test_drift_is_followed_without_a_word() -> None:
    hands = Hands()
    hands.set_by = 0.4
    assert hands.clock.follow() == 0.0
    assert hands.clock.now() == START + 0.4


@pytest.mark.parametrize("step", [10_800.0, -10_800.0, 400 * 86400.0])
def test_a_report_that_waits_for_its_part_finds_it_over_a_step_of_the_clock(db: Database, step: float) -> None:
    """P4. Seen red in the campaign: a person was asked about a part whose report was there."""
    id = queued(db)
    assert mark(db, id, at=NOW, expected=2) is Mark.GO
    assert report(db, 2, at=NOW + 0.2) is None
    outbox.shift(db, step, NOW + 0.5 + step)
    transmit.uncertain(db, id, 1, NOW + 1 + step, "no_answer")
    assert find(db, id).state == M.DELIVERED


def test_a_report_that_waits_finds_its_part_when_the_clock_was_set_while_nobody_ran(db: Database) -> None:
    """P4. Seen red in the campaign: with a window of minutes behind the present."""
    id = queued(db)
    assert mark(db, id, at=NOW, expected=2) is Mark.GO
    assert report(db, 2, at=NOW + 0.2) is None
    assert transmit.recover(db, NOW + 10_800, "stopped") == 1
    assert find(db, id).state == M.DELIVERED
