"""64 modems at one daemon: whether they keep each other from sending, and what it costs."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from tests.acceptance.site import Site
from tests.bench.process import cpu, pid_of
from tests.bench.table import Row, show

_MODEMS = 64
_AIR = 0.5  # seconds from Ctrl-Z to +CMGS
_TURNS = 24  # messages for each modem
_ROUNDS = 3


async def measure() -> tuple[float, float, float]:
    """Messages a second, of the ideal; cores that the daemon used, and the simulator beside it."""
    count = _MODEMS * _TURNS
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        policy = 'profile = "open"'
        async with Site(Path(folder), modems=_MODEMS, delay=_AIR, report_delay=1.0, policy=policy) as site:
            await site.client.stop()
            numbers = [f"+447700900{100 + number % 900}" for number in range(count)]
            await site.client.stage_many(numbers, "one of many", fuse="0s")
            ours, theirs = cpu([pid_of(site)]), time.process_time()
            await site.client.resume()
            await site.until(lambda: len(site.accepted) >= count, 10 * _TURNS * _AIR)
            # From the first acceptance on: each modem's first air time is no one's overhead.
            taken = site.accepted[count - 1].at - site.accepted[0].at + _AIR
            used = (cpu([pid_of(site)]) - ours) / taken, (time.process_time() - theirs) / taken
    return count / taken / (_MODEMS / _AIR), *used


def run() -> list[Row]:
    rounds = [asyncio.run(measure()) for _ in range(_ROUNDS)]
    share, cores, beside = (statistics.median(each) for each in zip(*rounds, strict=True))
    ideal = _MODEMS / _AIR
    return [
        Row(f"64 modems x 0.5 s: of {ideal:g} messages/s", share, "", 0.95, at_least=True),
        Row("64 modems x 0.5 s: the daemon", cores, "cores", 1, {"the simulator": beside}),
    ]


if __name__ == "__main__":
    show(run())
