"""What a message costs, counted: a daemon that grows dearer is noticed on any machine, however busy it is.

Each bound is what was counted when it was written down, and some room. Whoever raises one says in the commit what
is bought with it; `make bench` has the figures in seconds.
"""

import asyncio
import contextlib
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import drivers
import modemd
from drivers.simulator.simulator import Simulator
from modemd.config import Config, ModemConfig
from modemd.daemon import Daemon
from modemd.engine import status
from modemd.model.actor import Actor
from modemd.staging.desk import Wish
from modemd.store.database import DATABASE, Store
from tests.modemd.test_receiver import until

_SHOTS = 5
_MANY = 40
_OURS = tuple(str(Path(package.__path__[0])) for package in (drivers, modemd))
_THE_MODEMS = str(Path(drivers.__path__[0]) / "simulator")


@dataclass
class Costs:
    """Since the last `begin`."""

    syncs: int = 0  # commits that wrote: each waits for the disk
    statements: int = 0
    octets: int = 0  # on the line to the modem, both ways
    journal: int = 0  # octets appended to the database's journal
    instructions: int = 0  # of Python, in our own modules


class Site:
    """A daemon without its API, at one simulated modem without air time, in this process."""

    def __init__(self, folder: Path, sim: Simulator, *, profile: str = "open") -> None:
        self._sim = sim
        self.store = Store(folder / DATABASE)
        modem = ModemConfig("north", str(sim.ports[0]))
        self.daemon = Daemon(Config(state_dir=folder, modems=(modem,), profile=profile, fuse=0.0), self.store)
        self._counted = Costs()
        self._journal = Path(f"{self.store.path}-wal")
        self.store.committed = self._committed

    def _committed(self) -> None:
        self._counted.syncs += 1

    def _stated(self, statement: str) -> None:
        self._counted.statements += not statement.startswith("--")  # the word index's own

    async def begin(self) -> None:
        await self.store.run(lambda db: db.conn.set_trace_callback(self._stated))
        journal = self._journal.stat().st_size  # far from the size at which it begins anew
        self._counted = Costs(octets=-self.daemon.supervisors[0].trace.octets, journal=-journal)

    async def end(self) -> Costs:
        await self.store.run(lambda db: db.conn.set_trace_callback(None))
        self._counted.octets += self.daemon.supervisors[0].trace.octets
        self._counted.journal += self._journal.stat().st_size
        return self._counted

    async def send(self, text: str, count: int = 1) -> None:
        """Until the network has reported it, and the modem is at rest."""
        wishes = [Wish(f"+447700900{100 + number}", text) for number in range(count)]
        reported = len(self._sim.network.reported) + count
        await self.daemon.desk.stage(wishes, Actor("desk", "uid:1000"), lambda found: "", batch=count > 1)
        await until(lambda: len(self._sim.network.reported) >= reported)
        await until(self._all_delivered)

    def _all_delivered(self) -> bool:
        """By a connection of its own, which is not counted."""
        with contextlib.closing(sqlite3.connect(self.store.path)) as connection:
            waiting = "select exists (select 1 from message where state <> 'delivered')"
            return connection.execute(waiting).fetchone() == (0,)


@asynccontextmanager
async def site(folder: Path, **given: Any) -> AsyncIterator[Site]:
    async with Simulator(folder / "sim", 1, network_delay=0.0, report_delay=0.05) as sim:
        made = Site(folder, sim, **given)
        daemon = made.daemon
        loops = (daemon.fuses.run(), daemon.dispatcher.run(), daemon.supervisors[0].run())
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            await until(lambda: daemon.supervisors[0].state.state == status.READY)
            await made.send("the first one: what is asked once is asked now")
            yield made
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await made.store.close()


@contextmanager
def instructions(counted: Costs) -> Iterator[None]:
    """Of every thread that begins meanwhile, and of this one."""

    def begin(frame: FrameType, _event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS) or file.startswith(_THE_MODEMS):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return step

    def step(_frame: FrameType, event: str, _argument: Any) -> Any:
        counted.instructions += event == "opcode"
        return step

    threading.settrace(begin)
    sys.settrace(begin)
    try:
        yield
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


async def test_a_message_costs_so_many_syncs_statements_and_octets(tmp_path: Path) -> None:
    """One after the other, so that nothing is shared: staged, marked, answered, reported are a sync each.

    Seen red: with one more write at each answer, and with two more indexes on the states of messages.
    """
    async with site(tmp_path) as made:
        await made.begin()
        for shot in range(_SHOTS):
            await made.send(f"message {shot}")
        costs = await made.end()
    assert costs.syncs == 4 * _SHOTS
    assert costs.octets == 160 * _SHOTS
    assert 90 * _SHOTS < costs.statements < 118 * _SHOTS
    assert 200_000 * _SHOTS < costs.journal < 275_000 * _SHOTS


async def test_messages_that_wait_together_share_syncs(tmp_path: Path) -> None:
    """A list is staged by one; behind each other an answer, the next one's hand-out and older reports share theirs.

    Seen red: with a transaction for every job, which makes 121.
    """
    async with site(tmp_path) as made:
        await made.begin()
        await made.send("to all of them", _MANY)
        costs = await made.end()
    assert _MANY < costs.syncs <= 2 * _MANY


async def test_a_message_costs_so_many_instructions(tmp_path: Path) -> None:
    """Python's own, in our modules alone: 20,700 on every machine; another version of Python counts a little otherwise.

    Seen red: with forty more readings of the message at each hand-out.
    """
    counted = Costs()
    with instructions(counted):
        async with site(tmp_path) as made:
            before = counted.instructions
            for shot in range(_SHOTS):
                await made.send(f"message {shot}")
            after = counted.instructions
    assert 15_000 < (after - before) / _SHOTS < 26_000
