"""What a daemon costs that has nothing to do: memory with one modem, processor time with four."""

import asyncio
import os
import tempfile
from pathlib import Path

from tests.acceptance.site import Site
from tests.bench.table import Row

_SETTLES = 3.0  # seconds after the modems are ready, in which what is done once is done
_WATCHED = 45.0  # seconds; the liveness check comes round several times


def run() -> list[Row]:
    return [asyncio.run(_memory()), *asyncio.run(_processor())]


async def _memory() -> Row:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=1) as site:
            await asyncio.sleep(_SETTLES)
            found = rss(pid_of(site))
    return Row("daemon RSS, 1 modem idle", found, "MiB", 60)


async def _processor() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=4) as site:
            await asyncio.sleep(_SETTLES)
            spent, woken = cpu(pid_of(site)), wakes(pid_of(site))
            await asyncio.sleep(_WATCHED)
            share = (cpu(pid_of(site)) - spent) / _WATCHED * 100
            times = (wakes(pid_of(site)) - woken) / _WATCHED
    return [
        Row("daemon CPU, 4 idle modems", share, "% of a core", 0.3),
        Row("daemon woken, 4 idle modems", times, "times/s", 1),  # the liveness check alone makes some
    ]


def pid_of(site: Site) -> int:
    assert site.process is not None
    return site.process.pid


def rss(pid: int) -> float:
    """MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu(pid: int) -> float:
    """Seconds in all its threads, in ticks of (mostly) 10 ms: proc_pid_stat(5), fields 14 and 15."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wakes(pid: int) -> int:
    """How often its threads have waited for something."""
    lines = (line for task in Path(f"/proc/{pid}/task").glob("*/status") for line in task.read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
