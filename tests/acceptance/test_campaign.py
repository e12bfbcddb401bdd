"""Nothing lost, nothing twice: random traffic under random faults, kills included; the network judges.

A short slice with fixed seeds; `make campaign SEEDS=1-366` runs one for every day of the year.
"""

from pathlib import Path

import pytest

from tests.acceptance.soak import Tally, run, seeds_of

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]


@pytest.mark.parametrize("seed", [1, 2])
async def test_under_every_fault_nothing_is_lost_and_nothing_sent_twice(tmp_path: Path, seed: int) -> None:
    """P1 to P5. Seen red: with a recovery that puts marked parts back into the queue (P2, both seeds), and with
    a driver that sends the body whatever the mark says (P1).
    """
    tally = await run(seed, 20, tmp_path)
    print(f"\nseed {seed}: {tally.line()}", *tally.skipped, sep="\n")
    assert tally.wrong == []


def test_seeds_are_read() -> None:
    assert seeds_of("7") == [7]
    assert seeds_of("1-3,9") == [1, 2, 3, 9]


def test_tallies_add_up() -> None:
    one, other = Tally(messages=2), Tally(messages=3, wrong=["lost"], skipped=["no full disk"])
    one.faults["unplug"] = 1
    other.faults.update({"unplug": 2, "hang": 1})
    one += other
    one += Tally(skipped=["no full disk"])
    assert (one.messages, one.faults, one.wrong, one.skipped) == (
        5,
        {"unplug": 3, "hang": 1},
        ["lost"],
        ["no full disk"],
    )
    assert "messages" in one.table()
