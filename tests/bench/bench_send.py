"""Sending, ours and the peers', the same code for all: rate, efficiency, idle latency, CPU, parts, memory.

All by the stamps of the simulator: the first acceptance and the last, what lies between are whole cycles.
"""

import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from drivers.simulator.simulator import Simulator
from modemd.api.client import ClientError
from tests.bench.process import cpu, rss
from tests.bench.senders.bare import Bare
from tests.bench.senders.gammu import GammuFiles, GammuSql
from tests.bench.senders.kannel import Kannel
from tests.bench.senders.ours import Modemd
from tests.bench.senders.sender import Ended, Sender
from tests.bench.senders.smstools import Smstools
from tests.bench.table import Row, show

_AIR = 1.0  # seconds from Ctrl-Z to +CMGS where the network is not a fast one
_AIR_OF_MANY = 0.5
_MANY = 4  # modems
_PARTS = 8
_LONG = "8 parts. " * (_PARTS * 153 // 9)
_BOUND = 60.0  # seconds for whatever is waited for: gammu-smsd as packaged looks every 30 s
_REST = 0.5  # seconds after the last acceptance that are still a message's: filing, the state, its report
_FIRST, _RECIPIENTS = 100, 900  # of +447700900000 to 999, which are nobody's; the simulator's first ones are characters


@dataclass(frozen=True)
class Plan:
    """What one sender does in one configuration, as much as it can in about a minute; 0: not at all."""

    sender: type[Sender]
    configuration: str
    volume: int = 0  # messages at 0 s air time
    volumes: int = 1  # that often; the bare loop misses a prompt now and then and stands still for 10 s
    timed: int = 0  # messages at 1 s
    long: int = 0  # messages of 8 parts
    shots: int = 0  # single messages to an idle sender
    settle: float = 1.0  # seconds after which it is idle
    looks_every: float = 1.0  # seconds; the shots are spread over them evenly
    many: int = 0  # messages on 4 modems at 0.5 s
    spins: bool = False  # burns a core when idle: its CPU is of its waiting, not of its messages

    @property
    def is_quick(self) -> bool:
        """Done before one can look: nothing of its waking up may lie within a figure."""
        return self.sender in (Modemd, Bare)

    @property
    def name(self) -> str:
        alone = len(self.sender.configurations) == 1
        return self.sender.name if alone else f"{self.sender.name} {self.configuration}"


_ROUNDS = 3  # of ours; the peers come in between, so that no passing load lies on one alone
OURS = Plan(Modemd, "open", 900, 1, 20, 3, 30, 0.1, 0.2, 40)
PEERS = (
    Plan(Bare, "fast", 900, 3, 20, 3, 30, 0.1, 0.2, 40),
    Plan(GammuFiles, "fast", 8, 1, 6, 1, 4, many=16, spins=True),
    Plan(GammuFiles, "poll1", 8, shots=4),
    Plan(GammuFiles, "default", 6, shots=1, looks_every=30),
    Plan(GammuSql, "fast", 8, 1, 6, 1, 4, many=16, spins=True),
    Plan(GammuSql, "poll1", 8, shots=4),
    Plan(GammuSql, "default", 6, shots=1, looks_every=30),
    Plan(Smstools, "fast", 20, 1, 6, 1, 4, many=20),
    Plan(Smstools, "cont", shots=4),
    Plan(Smstools, "default", 8, 1, 5, shots=2, looks_every=10),
    Plan(Kannel, "fast", 8, 1, 4, 1, 4, many=12),
    Plan(Kannel, "default", 5, 1, 4, shots=2),
)


@dataclass
class Figures:
    """A list has a figure a round."""

    rate: list[float] = field(default_factory=list)  # messages/s
    efficiency: list[float] = field(default_factory=list)
    part: list[float] = field(default_factory=list)  # ms
    median: list[float] = field(default_factory=list)  # ms from enqueue to Ctrl-Z
    longest: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # seconds per 100 messages
    memory: list[float] = field(default_factory=list)  # MiB
    many: list[float] = field(default_factory=list)  # messages/s


class Session:
    """One sender at its modems."""

    def __init__(self, sim: Simulator, sender: Sender) -> None:
        self.sender = sender
        self._sim = sim
        self._sent = 0

    async def batch(self, messages: int, air: float = 0.0, text: str = "", parts: int = 1) -> float:
        """Seconds a part or message: from the first acceptance to the last."""
        before = await self.begin(messages, air, text)
        return await self.end(before, messages * parts)

    async def begin(self, messages: int, air: float = 0.0, text: str = "") -> int:
        """Until the first is out. How many were out before."""
        network = self._sim.network
        network.delay, network.report_delay = air, air + 0.2
        before = len(network.accepted)
        async with self.sender.held():
            await self.enqueue(messages, text)
        await self.until_accepted(before + 1)
        return before

    async def end(self, before: int, wanted: int) -> float:
        await self.until_accepted(before + wanted)
        taken = self._sim.network.accepted[before:]
        cycles = len(taken) - len(self._sim.modems)  # each modem's first begins its first cycle
        return (taken[-1].at - taken[0].at) / cycles if cycles else math.nan

    async def volume(self, messages: int) -> tuple[float, float]:
        """Messages a second; CPU seconds of a message, from the first acceptance until all is filed."""
        before = await self.begin(messages)
        pids, begun = self.sender.pids(), len(self._sim.network.accepted) - before
        used = cpu(pids)
        cycle = await self.end(before, messages)
        await asyncio.sleep(_REST)
        return 1 / cycle, (cpu(pids) - used) / (messages - begun)

    async def shot(self) -> float:
        """Milliseconds from enqueue to Ctrl-Z."""
        network = self._sim.network
        network.delay, network.report_delay = 0.0, 0.2
        before = len(network.accepted)
        began = time.monotonic()
        await self.enqueue(1)
        await self.until_accepted(before + 1)
        return (network.accepted[before].at - began) * 1000

    async def enqueue(self, messages: int, text: str = "") -> None:
        numbers = [f"+447700900{_FIRST + (self._sent + index) % _RECIPIENTS}" for index in range(messages)]
        self._sent += messages
        await self.sender.enqueue(numbers, text or f"Number {self._sent} of the bench")

    async def until_accepted(self, wanted: int) -> None:
        async with asyncio.timeout(_BOUND):
            while len(self._sim.network.accepted) < wanted:
                self.sender.check()
                await asyncio.sleep(0.005)


async def one_modem(session: Session, plan: Plan, found: Figures) -> None:
    """Adds a round to what was found, as far as it gets."""
    if plan.is_quick or not plan.volume:
        await session.batch(1)  # it is awake; the others wake up with the volume
        found.memory.append(rss(session.sender.pids()))
    for _ in range(plan.volumes if plan.volume else 0):
        rate, used = await session.volume(plan.volume)
        found.rate.append(rate)
        if not plan.is_quick:
            found.memory.append(rss(session.sender.pids()))
        if not plan.spins:
            found.cpu.append(used * 100)
    if plan.timed:
        found.efficiency.append(_AIR / await session.batch(plan.timed, _AIR))
    if plan.long:
        cycles = [await session.batch(1, text=_LONG, parts=_PARTS) for _ in range(plan.long)]
        found.part.append(statistics.median(cycles) * 1000)
    if plan.shots:
        shots = []
        for shot in range(plan.shots):
            await asyncio.sleep(plan.settle + plan.looks_every * (shot + 0.5) / plan.shots)
            shots.append(await session.shot())
        found.median.append(statistics.median(shots))
        found.longest.append(max(shots))


async def many_modems(session: Session, plan: Plan, found: Figures) -> None:
    await session.batch(_MANY)  # all are awake
    found.many.append(1 / await session.batch(plan.many, _AIR_OF_MANY))


async def measure(plan: Plan, found: Figures) -> None:
    """Adds a round to what was found, as far as it gets; nothing where it is not installed."""
    if missing := plan.sender.missing():
        print(f"  {plan.name}: not installed ({', '.join(missing)}): make peers")
        return
    began = time.monotonic()
    for scenario, modems in [(one_modem, 1), *([(many_modems, _MANY)] if plan.many else [])]:
        with tempfile.TemporaryDirectory(prefix="modemd-bench-") as name:
            folder = Path(name)
            try:
                async with Simulator(folder / "sim", modems, 0.0) as sim:
                    sender = plan.sender(folder, sim.ports, plan.configuration)
                    try:
                        async with asyncio.timeout(_BOUND):
                            await sender.start()
                        await scenario(Session(sim, sender), plan, found)
                    finally:
                        await sender.stop()
            except (TimeoutError, OSError, Ended, ClientError, httpx.HTTPError) as error:
                print(f"  {plan.name} gave up at {scenario.__name__}: {error or f'{_BOUND:.0f} s without an end'}")
    took, load = time.monotonic() - began, os.getloadavg()[0]
    print(f"  {plan.name} ({took:.0f} s, load {load:.1f}): {told(found)}", flush=True)


def told(found: Figures) -> str:
    return ", ".join(
        f"{name} {' '.join(f'{figure:.4g}' for figure in figures)}" for name, figures in vars(found).items() if figures
    )


def middle(figures: Sequence[float]) -> float | None:
    return statistics.median(figures) if figures else None


def rows_of(ours: Figures, theirs: Mapping[Plan, Figures]) -> list[Row]:
    def row(measure: str, unit: str, target: float, figures: str, scenario: str, *, at_least: bool = False) -> Row:
        figure = middle(getattr(ours, figures))
        beside = {
            plan.name: middle(getattr(found, figures))
            for plan, found in theirs.items()
            if getattr(plan, scenario) and not (figures == "cpu" and plan.spins)
        }
        return Row(measure, math.nan if figure is None else figure, unit, target, beside, at_least)

    return [
        row("messages/s, one modem, 0 s of air time", "/s", 300, "rate", "volume", at_least=True),
        *against_daemons(middle(ours.rate), theirs),
        row("efficiency, one modem, 1.0 s of air time", "", 0.995, "efficiency", "timed", at_least=True),
        row("4 modems x 0.5 s of air time", "/s", 7.6, "many", "many", at_least=True),
        row("enqueue to Ctrl-Z, idle, median", "ms", 10, "median", "shots"),
        row("enqueue to Ctrl-Z, idle, max", "ms", 50, "longest", "shots"),
        row("8-part message, overhead per part", "ms", 4, "part", "long"),
        row("CPU per 100 messages, one modem", "s", 0.39, "cpu", "volume"),
        row("RSS, one modem idle", "MiB", 60, "memory", "volume"),
    ]


def against_daemons(ours: float | None, theirs: Mapping[Plan, Figures]) -> list[Row]:
    """Ours beside the best of those that are daemons; none where none is here."""
    rates = {
        plan.name: rate
        for plan, found in theirs.items()
        if plan.sender is not Bare and (rate := middle(found.rate)) is not None
    }
    if not rates or ours is None:
        return []
    best = max(rates, key=lambda name: rates[name])
    return [Row(f"messages/s as many times those of {best}", ours / rates[best], "x", 50, {}, True)]


async def run_all(peers: Sequence[Plan] = PEERS) -> list[Row]:
    ours, theirs = Figures(), {plan: Figures() for plan in peers}
    for turn in range(_ROUNDS):
        await measure(OURS, ours)
        for plan in peers[turn::_ROUNDS]:
            await measure(plan, theirs[plan])
    return rows_of(ours, theirs)


def run() -> list[Row]:
    return asyncio.run(run_all())


if __name__ == "__main__":  # the peers whose names are given: "smstools fast" kannel
    chosen = [plan for plan in PEERS if any(name in plan.name for name in sys.argv[1:])]
    show(asyncio.run(run_all(chosen)))
