"""The fault campaign, seed by seed: `python -m tests.acceptance.soak --seeds 1-366 --messages 30`.

Every die is cast from the seed: what clients do, which faults are planned, when the daemon is killed. The
seed does not control how the machine schedules processes, and so not which instant a fault meets: the same
seed twice is the same kind of day, not the same run. A failing seed keeps its folder, and is worth repeating.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

from tests.acceptance import fault_table
from tests.acceptance.campaign import Traffic
from tests.acceptance.chaos import Chaos
from tests.acceptance.oracle import Oracle, moving
from tests.acceptance.site import Site

MODEMS = 3
PARALLEL = 2
_PER_MESSAGE, _AT_MOST = 2.0, 180.0  # seconds: a run that takes longer hangs


@dataclass
class Tally:
    """What one run met, or many, and what became of it."""

    messages: int = 0
    parts_taken: int = 0
    kills: int = 0
    terms: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # by what the code means to us
    noise: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    received: int = 0
    reports_sent: int = 0
    reports_kept: int = 0
    seconds: float = 0.0
    skipped: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Tally") -> "Tally":
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        self.skipped = sorted(set(self.skipped))
        return self

    @classmethod
    def read(cls, line: str) -> "Tally":
        tally = cls()
        for name, value in json.loads(line).items():
            setattr(tally, name, Counter(value) if isinstance(value, dict) else value)
        return tally

    def line(self) -> str:
        faults = self.faults.total() + self.kills + self.terms
        outcomes = ", ".join(f"{name} {count}" for name, count in self.outcomes.most_common())
        return (
            f"{self.messages} messages, {faults} faults ({self.kills} kill -9, {self.terms} SIGTERM), "
            f"{outcomes}; {self.seconds:.0f} s"
        )

    def table(self) -> str:
        rows = [
            ("messages", self.messages),
            ("parts that the network took", self.parts_taken),
            ("received", self.received),
            ("status reports sent", self.reports_sent),
            ("status reports kept", self.reports_kept),
            ("faults", self.faults.total() + self.kills + self.terms),
            ("  kill -9", self.kills),
            ("  SIGTERM", self.terms),
            *((f"  {name}", count) for name, count in sorted(self.faults.items())),
            *((f"refusals: {name}", count) for name, count in sorted(self.refusals.items())),
            *((f"noise: {name}", count) for name, count in sorted(self.noise.items())),
            *((f"outcome: {name}", count) for name, count in self.outcomes.most_common()),
            ("wrong", len(self.wrong)),
        ]
        return "\n".join([*(f"{name:36} {count:>8}" for name, count in rows), *self.skipped])


async def run(seed: int, messages: int, folder: Path) -> Tally:
    """One campaign, and its judgement."""
    began = time.monotonic()
    site = Site(
        folder,
        modems=MODEMS,
        delay=0.08,
        report_delay=0.12,
        modem='result_timeout = "600ms"\nrecovery = "300ms"',
        policy='profile = "open"\nretry = ["200ms", "500ms", "30m"]',
        seed=seed,
    )
    traffic = Traffic(site, seed)
    chaos = Chaos(site, traffic, seed, messages)
    chaos.prepare()
    try:
        async with asyncio.timeout(_AT_MOST + _PER_MESSAGE * messages), site:
            traffic.up.set()
            await _rage(traffic, chaos, messages)
            await _calm(site, traffic, chaos)
            oracle = Oracle(site, traffic)
            verdict = await oracle.judge()
            if await site.terminate() != 0:
                chaos.wrong.append("modemd did not end well")
    finally:
        chaos.close()
    tally = Tally(
        messages=len(traffic.stories),
        parts_taken=len(site.accepted),
        kills=chaos.kills,
        terms=chaos.terms,
        faults=chaos.happened,
        outcomes=verdict.outcomes,
        received=len(traffic.inbound),
        reports_sent=len(site.sim.network.reported),
        reports_kept=verdict.reports_kept,
        seconds=time.monotonic() - began,
        skipped=chaos.skipped,
        wrong=[*chaos.wrong, *verdict.wrong],
    )
    for modem in site.sim.modems:
        names, refusals = fault_table.count(modem)
        tally.faults += names
        tally.refusals += refusals
        tally.noise += modem.noise.happened
    return tally


async def _rage(traffic: Traffic, chaos: Chaos, messages: int) -> None:
    for modem in chaos.site.sim.modems:
        fault_table.install(modem)
    trouble = asyncio.create_task(chaos.run())
    try:
        await traffic.run(messages)
    finally:
        chaos.done.set()
        await trouble


async def _calm(site: Site, traffic: Traffic, chaos: Chaos) -> None:
    """No more faults. What can move comes to rest; what cannot is said."""
    await chaos.restart()  # what waits for a modem that rests for half a minute need not be waited for

    async def ready() -> bool:
        await traffic.see_to_modems()  # one may have been parked at the very end
        return await site.all_ready()

    await site.until(ready, 60)
    last: list[str] = []

    async def rest() -> bool:
        last[:] = await moving(site, traffic)
        return not last

    try:
        await site.until(rest, 60)
    except TimeoutError:
        chaos.wrong += [f"still moves: {each}" for each in last]
    await chaos.prove()


def seeds_of(text: str) -> list[int]:
    """`7`, `1-366`, `1,5,9-12`."""
    found: list[int] = []
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def one(seed: int, messages: int) -> int:
    """This process runs one seed, and prints its tally as JSON. 1 where something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix=f"modemd-soak-{seed}-"))
    tally = asyncio.run(run(seed, messages, folder))
    print(json.dumps(vars(tally)))
    if tally.wrong:
        print(f"kept: {folder}", *tally.wrong, sep="\n", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


async def many(seeds: list[int], messages: int) -> int:
    """Two processes at a time; ends with the first seed that fails."""
    total, left, failed = Tally(), iter(seeds), False

    async def lane(left: Iterator[int]) -> None:
        nonlocal total, failed
        for seed in left:
            if failed:
                return
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.acceptance.soak", "--one", f"{seed}", "--messages", f"{messages}"),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, complained = (each.decode() for each in await process.communicate())
            if process.returncode != 0:
                failed = True
                print(f"seed {seed}: FAILED\n{complained}")
                print(f"repeat it: make campaign SEEDS={seed} MESSAGES={messages}", flush=True)
                return
            tally = Tally.read(said.splitlines()[-1])
            total += tally
            print(f"seed {seed}: {tally.line()}", flush=True)

    await asyncio.gather(*(lane(left) for _ in range(PARALLEL)))
    print(f"\n{total.table()}")
    return int(failed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make campaign")
    parser.add_argument("--seeds", type=seeds_of, help="such as 1-366; today's day of the year otherwise")
    parser.add_argument("--messages", type=int, help="for each seed; 30, or 1000 where no seeds are given")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        return one(given.one, given.messages)
    seeds = given.seeds or [datetime.now().astimezone().timetuple().tm_yday]
    return asyncio.run(many(seeds, given.messages or (30 if given.seeds else 1000)))


if __name__ == "__main__":
    sys.exit(main())
