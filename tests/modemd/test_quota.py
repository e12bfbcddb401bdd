"""Quotas: how much a SIM may send, in parts, across restarts and clocks (P8)."""

import itertools
from datetime import datetime
from random import Random

import pytest
from sqlite_utils import Database

from modemd.model.quota import UNLIMITED, Quota
from modemd.store import quota
from modemd.store.quota import Room

NOON = datetime(2026, 11, 24, 12, 0).astimezone().timestamp()
MIDNIGHT = datetime(2026, 11, 25).astimezone().timestamp()
DECEMBER = datetime(2026, 12, 1).astimezone().timestamp()


def spend(db: Database, *times: float) -> None:
    for at in times:
        quota.spend(db, "sim", at)


def test_without_limits_there_is_always_room(db: Database) -> None:
    spend(db, *[NOON] * 1000)
    assert quota.wait(db, "sim", UNLIMITED, NOON) is None


@pytest.mark.parametrize(
    ("limits", "spent", "room"),
    [
        (Quota(gap=3.0), [NOON - 1], Room(NOON + 2, "quota_gap")),
        (Quota(gap=3.0), [NOON - 3], None),
        (Quota(minute=2), [NOON - 50, NOON - 10], Room(NOON + 10, "quota_minute")),
        (Quota(minute=2), [NOON - 60, NOON - 10], None),
        (Quota(hour=2), [NOON - 3000, NOON - 10], Room(NOON + 600, "quota_hour")),
        (Quota(day=2), [NOON - 40000, NOON - 10], Room(MIDNIGHT, "quota_day")),
        (Quota(day=2), [NOON - 50000, NOON - 10], None),  # yesterday's do not count
        (Quota(month=2), [NOON - 86400, NOON - 10], Room(DECEMBER, "quota_month")),
        (Quota(minute=1, day=1), [NOON - 1], Room(MIDNIGHT, "quota_day")),  # the longest wait is said
    ],
)
def test_when_there_is_room_again(db: Database, limits: Quota, spent: list[float], room: Room | None) -> None:
    spend(db, *spent)
    assert quota.wait(db, "sim", limits, NOON) == room


def test_a_message_of_many_parts_needs_room_for_all(db: Database) -> None:
    spend(db, *[NOON - 10] * 8)
    limits = Quota(hour=10)
    assert quota.wait(db, "sim", limits, NOON, parts=2) is None
    assert quota.wait(db, "sim", limits, NOON, parts=3) == Room(NOON + 3590, "quota_hour")
    assert quota.wait(db, "sim", Quota(gap=5.0), NOON, parts=3) is None  # the pace is not the message's matter


def test_each_sim_counts_for_itself(db: Database) -> None:
    spend(db, NOON)
    assert quota.wait(db, "other", Quota(minute=1), NOON) is None


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_sends_exceeds_a_limit(db: Database, seed: int) -> None:
    """P8. Seen red: with an offset of one."""
    dice, now, limits = Random(seed), NOON, Quota(gap=1.0, minute=5, hour=40, day=60)
    sent: list[float] = []
    for _ in range(300):
        now += dice.uniform(0, 30)
        if quota.wait(db, "sim", limits, now) is None:
            spend(db, now)
            sent.append(now)
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(sent))
    for span, most in ((60.0, 5), (3600.0, 40)):
        assert max(sum(1 for other in sent if at - span < other <= at) for at in sent) == most


def test_a_clock_that_is_set_neither_frees_nor_blocks_the_last_hour(db: Database) -> None:
    limits = Quota(hour=1)
    spend(db, NOON)
    for step in (7200.0, -7200.0, 300 * 86400.0):
        now = NOON + 10 + step
        with db.conn:
            quota.shift(db, step, now)
        assert quota.wait(db, "sim", limits, now) == Room(now + 3590, "quota_hour")
        with db.conn:
            quota.shift(db, -step, NOON + 10)


def test_what_is_used(db: Database) -> None:
    spend(db, NOON - 40000, NOON - 2000, NOON - 10)
    limits = Quota(gap=1, minute=5, hour=10, day=20, month=30)
    assert quota.used(db, "sim", limits, NOON) == [
        ("quota_minute", 1, 5),
        ("quota_hour", 2, 10),
        ("quota_day", 3, 20),
        ("quota_month", 3, 30),
    ]
