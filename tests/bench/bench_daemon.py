"""The daemon's figures: fuse to AT+CMGS, memory."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.acceptance.site import Site
from tests.bench.table import Row
from tests.drivers.simulator_client import Client

_SHOTS = 50


async def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=2, delay=0.0, report_delay=0.05) as site:
            bare_at = await _at_round_trip(Path(folder))
            assert site.process is not None
            return [
                await _fuse_to_cmgs(site, bare_at),
                Row("daemon RSS, two modems", _rss(site.process.pid), "MiB", 80),
            ]


async def _at_round_trip(folder: Path) -> float:
    """Median ms of `AT` → `OK` at a simulated modem of its own, nothing of ours in between."""
    from drivers.simulator.simulator import Simulator

    async with Simulator(folder / "bare", 1, 0.0) as sim, Client(sim.ports[0]) as client:
        times = []
        for _ in range(200):
            start = time.perf_counter()
            await client.ask("AT")
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


async def _fuse_to_cmgs(site: Site, bare: float) -> Row:
    """From the promised end of the fuse to the moment at which the modem has read AT+CMGS."""
    late = []
    to_wall = time.time() - time.monotonic()
    for shot in range(_SHOTS):
        staged = await site.client.stage("+447700900003", f"shot {shot}", fuse=f"{30 + shot % 7}ms")
        await site.settled(staged.id)
        promised = _seconds(staged.release_at)
        late.append((site.sim.exchanges[-1].at + to_wall - promised) * 1000)
    print(f"  fuse to AT+CMGS: min {min(late):.1f}, median {statistics.median(late):.1f}, max {max(late):.1f} ms")
    return Row("fuse spent to AT+CMGS, median", statistics.median(late), "ms", 20, {"bare AT round trip": bare})


def _seconds(moment: str | None) -> float:
    from datetime import datetime

    assert moment is not None
    return datetime.fromisoformat(moment).timestamp()


def _rss(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    from tests.bench.table import show

    show(asyncio.run(run()))
