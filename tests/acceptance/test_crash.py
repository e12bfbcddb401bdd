"""kill -9 at a durable write or an octet to the port, and start again: a slice; `make crashes` runs every point."""

import os
import random
from pathlib import Path

import pytest

from tests.acceptance.crash import all_points, run_points, table, template
from tests.acceptance.crash_daemon import OCTET

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]

SEED = int(os.environ.get("SEED", "1"))
COMMITS, OCTETS, OF_BODIES = 8, 4, 3


async def test_killed_at_a_write_nothing_is_lost_and_no_part_leaves_twice(tmp_path: Path) -> None:
    """P2, P3, P4, P5. Seen red: with a recovery that puts marked parts back into the queue (P2), without
    Idempotency-Keys (P3), with a report that lets the rest of its message go and tells nobody (P4), and with a PDU
    deleted before it is stored (P5).
    """
    known = await template(tmp_path / "template")
    points = await all_points(tmp_path, known)
    commits = [point for point in points if point.kind != OCTET]
    bodies = [point for point, about in points.items() if about == "a body"]
    sent = [point for point, about in points.items() if about == "Ctrl-Z"]
    others = [point for point in points if point.kind == OCTET and point not in (*bodies, *sent)]
    dice = random.Random(SEED)
    chosen = [*dice.sample(commits, COMMITS), *dice.sample(others, OCTETS), *dice.sample(bodies, OF_BODIES), *sent]
    found = await run_points(chosen, tmp_path, known)
    print(f"\n{table(found)}")
    assert {point: outcome for point, outcome in found.items() if outcome.wrong} == {}
