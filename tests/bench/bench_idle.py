"""What a daemon costs that has nothing to do: processor time, with four modems. `send` has its memory."""

import asyncio
import tempfile
from pathlib import Path

from tests.acceptance.site import Site
from tests.bench.process import cpu, pid_of, wakes
from tests.bench.table import Row

_SETTLES = 3.0  # seconds after the modems are ready, in which what is done once is done
_WATCHED = 45.0  # seconds; the liveness check comes round several times


def run() -> list[Row]:
    return asyncio.run(_processor())


async def _processor() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=4) as site:
            await asyncio.sleep(_SETTLES)
            spent, woken = cpu([pid_of(site)]), wakes(pid_of(site))
            await asyncio.sleep(_WATCHED)
            share = (cpu([pid_of(site)]) - spent) / _WATCHED * 100
            times = (wakes(pid_of(site)) - woken) / _WATCHED
    return [
        Row("daemon CPU, 4 idle modems", share, "% of a core", 0.3),
        Row("daemon woken, 4 idle modems", times, "times/s", 1),  # the liveness check alone makes some
    ]
