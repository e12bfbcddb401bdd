"""P1 over the pty: a cancel against the end of the fuse, thousands of times."""

import asyncio
import os
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from modemd.api.schema import CancelView
from tests.acceptance.site import Site, sequence_of

pytestmark = pytest.mark.acceptance

RACES = int(os.environ.get("RACES", "300"))
SEED = int(os.environ.get("SEED", "1"))
AT_ONCE = 24
FINAL = {
    "cancelled": ("cancelled",),
    "partly": ("cancelled",),
    "too_late": ("submitted", "delivered", "undelivered"),
}


@dataclass
class Race:
    number: int
    id: int
    parts: int
    answer: CancelView


async def run_race(site: Site, number: int, dice: random.Random) -> Race:
    """Stage one message and cancel it around the moment at which it leaves."""
    marker = f"[{number:05d}]"
    text = marker * dice.choice([1, 1, 1, 30, 60])  # every part holds a whole marker
    fuse = dice.randint(20, 80)
    staged = await site.client.stage("+447700900003", text, fuse=f"{fuse}ms")
    await asyncio.sleep(max(0.0, fuse / 1000 + dice.uniform(-0.01, 0.06)))
    return Race(number, staged.id, len(staged.parts), await site.client.cancel(staged.id))


async def test_every_cancel_gets_one_true_answer(tmp_path: Path) -> None:
    """P1. Seen red: with a driver that sends the body whatever the mark says."""
    dice = random.Random(SEED)
    async with Site(tmp_path, modems=4, delay=0.004) as site:
        gate = asyncio.Semaphore(AT_ONCE)

        async def gated(number: int) -> Race:
            async with gate:
                return await run_race(site, number, random.Random(dice.random()))

        races = await asyncio.gather(*(gated(number) for number in range(RACES)))
        for race in races:
            await site.settled(race.id)
        taken: dict[int, list[int]] = defaultdict(list)
        for each in site.accepted:
            markers = set(re.findall(r"\[(\d{5})\]", each.text or ""))
            assert len(markers) == 1
            taken[int(markers.pop())].append(sequence_of(each))
        for race in races:
            answer, left = race.answer, sorted(taken[race.number])
            assert left == list(range(1, answer.left + 1)), (race, left)
            assert answer.total == race.parts
            expected = "cancelled" if not left else "too_late" if len(left) == race.parts else "partly"
            assert answer.outcome == expected, (race, left)
            assert (await site.client.message(race.id)).state in FINAL[answer.outcome]
        bodies = [exchange for exchange in site.sim.exchanges if exchange.body_octets]
        assert len(bodies) == len(site.accepted)
        outcomes = {race.answer.outcome for race in races}
    assert outcomes == {"cancelled", "partly", "too_late"}, "the dice must meet every outcome"
