"""What befalls a site from outside: its daemon, its disk, its clock, its modems and its line."""

import asyncio
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from itertools import takewhile
from pathlib import Path
from random import Random

from tests.acceptance.campaign import WRITER, Story, Traffic
from tests.acceptance.site import Site

LIBFAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
HOURS = (-5, -2, -1, 1, 3, 5)  # off the true time, never further: so no SLEEP ever ends
DISK = "24m"
PROVEN = "+447700900001"
# A daemon that keeps a modem bound to its IMEI, whatever its port is called, may see them swapped.
SWAP = True

Act = Callable[[], Awaitable[None]]


class Chaos:
    """Tasks that run until `done`; each draws from dice of its own. `happened` counts what came to pass."""

    def __init__(self, site: Site, traffic: Traffic, seed: int, messages: int) -> None:
        self.site, self.traffic, self.seed, self.messages = site, traffic, seed, messages
        self.happened: Counter[str] = Counter()
        self.kills = self.terms = 0
        self.skipped: list[str] = []  # in words: what this machine does not let us do
        self.wrong: list[str] = []
        self.done = asyncio.Event()
        self._life = asyncio.Lock()  # who holds it starts and ends the daemon
        self._hours = 0
        self._clock = site.folder / "clock"
        self._disk = SmallDisk(site.folder / "state")

    # -- before and after ----------------------------------------------------------------------------

    def prepare(self) -> None:
        """Before the daemon's first start."""
        if LIBFAKETIME is None:
            self.skipped.append("no steps of the clock: libfaketime is not installed (Debian package faketime)")
        else:
            self._set_clock(0)
            self.site.environment |= {
                "LD_PRELOAD": str(LIBFAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_CACHE_DURATION": "1",  # seconds; to read the file for every question takes most of the time
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            }
        if why := self._disk.mount():
            self.skipped.append(f"no full disk: {why}")

    def close(self) -> None:
        self._disk.unmount()

    async def run(self) -> None:
        """Until `done` is set; then everything is as it should be again, but for the clock."""
        async with asyncio.TaskGroup() as tasks:
            person = self.traffic.person(self.done, self._die("person"))
            for trouble in (self._lives(), self._world(), self._line(), person):
                tasks.create_task(trouble)
        await self._calm()

    async def _calm(self) -> None:
        self._disk.empty()
        for modem in self.site.sim.modems:
            modem.faults.clear()
            modem.noise.quiet()
            modem.unplug()
        for modem in self.site.sim.modems:
            modem.plug(modem.name)
        await self.traffic.insist(lambda: self.site.client.resume())
        await self.traffic.see_to_modems()

    async def restart(self) -> None:
        self.traffic.up.clear()
        await self.site.kill()
        await self.start()

    async def prove(self) -> None:
        """In the end every modem sends, its report comes, and it receives."""
        staged = []
        for number, name in enumerate(self.site.names):
            story = Story(f"[{self.seed % 1000:03d}-{90000 + number}]", PROVEN, [])
            story.texts.append(f"{story.marker} proof of {name}")
            staged.append(await self.site.client.stage(PROVEN, story.texts[0], fuse="0s", modem=name))
            story.id = staged[-1].id
            self.traffic.stories.append(story)
            text = f"<in-{80000 + number}>"
            self.traffic.inbound.append(text)
            await self.site.sim.inject(number, sender=WRITER, text=text)
        for message in staged:
            try:
                await self.site.reaches(message.id, "delivered", timeout=20)
            except TimeoutError:
                found = await self.site.client.message(message.id)
                self.wrong.append(f"a modem does not work any more: {found}")

        async def all_in() -> bool:
            rows = (await self.site.client.inbox(limit=500)).messages
            return len(rows) >= len(self.traffic.inbound) and not any(row.missing for row in rows)

        with contextlib.suppress(TimeoutError):  # the oracle says what has not come
            await self.site.until(all_in, 10)

    def _rounds(self, most: int) -> Iterator[int]:
        """A slow machine meets no more of them than a fast one."""
        return takewhile(lambda _: not self.done.is_set(), range(most))

    def _die(self, name: str) -> Random:
        return Random(f"{name} {self.seed}")

    # -- the daemon ----------------------------------------------------------------------------------

    async def _lives(self) -> None:
        dice = self._die("lives")
        acts = (self._kill, self._kill_in_the_air, self._terminate, self._kill_while_it_starts, self._second_daemon)
        for _ in self._rounds(2 + self.messages // 12):
            await asyncio.sleep(dice.uniform(0.3, 2.0))
            (act,) = dice.choices(acts, (25, 35, 15, 10, 15))
            async with self._life:
                await self._look_after()
                await act(dice)

    async def _look_after(self) -> None:
        process = self.site.process
        if process is None or process.returncode is not None:
            self.wrong.append(f"modemd ended by itself with {process and process.returncode}")
            self.traffic.up.clear()
            await self.site.kill()
            await self.start()

    async def _kill(self, dice: Random) -> None:
        self.traffic.up.clear()
        await self.site.kill()
        self.kills += 1
        await self.start()

    async def _kill_in_the_air(self, dice: Random) -> None:
        """Where it hurts most: with a prompt out, a body half written, or an answer on its way."""
        last = len(self.site.sim.exchanges)
        with contextlib.suppress(TimeoutError):
            await self.site.until(lambda: len(self.site.sim.exchanges) > last, 1.0)
        await asyncio.sleep(dice.uniform(0, 0.12))
        await self._kill(dice)

    async def _terminate(self, dice: Random) -> None:
        self.traffic.up.clear()
        status = await self.site.terminate(within=15.0)
        if status != 0:
            self.wrong.append(f"SIGTERM ended modemd with {status}")
        self.terms += 1
        await self.start()

    async def _kill_while_it_starts(self, dice: Random) -> None:
        self.traffic.up.clear()
        await self.site.kill()
        self.kills += 1
        await self.site.spawn()
        await asyncio.sleep(dice.uniform(0.2, 0.9))
        await self.site.kill()
        self.kills += 1
        await self.start()

    async def start(self) -> None:
        """As systemd would: again and again while it refuses, because of the disk for one."""
        await self.site.spawn()
        while not await self.site.comes_up():
            await asyncio.sleep(0.2)
            await self.site.spawn()
        self.traffic.up.set()

    async def _second_daemon(self, dice: Random) -> None:
        """On the same state folder: it must refuse, and do the first no harm."""
        second = await asyncio.create_subprocess_exec(
            *self.site.command,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | self.site.environment,
        )
        try:
            _, said = await asyncio.wait_for(second.communicate(), 15)
        except TimeoutError:
            second.kill()
            said = b"it ran"
        if second.returncode != 1 or b"Another modemd" not in said:
            self.wrong.append(f"a second modemd on one state folder: {second.returncode} {said[-300:]!r}")
        self.happened["second daemon"] += 1

    # -- disk, clock, modems -------------------------------------------------------------------------

    async def _world(self) -> None:
        dice = self._die("world")
        acts: dict[Callable[[Random], Awaitable[None]], int] = {
            self._unplug: 15,
            self._other_name: 8,
            self._hang: 10,
            self._restart: 10,
            self._storm: 12,
            self._babble: 12,
            self._flood: 10,
            self._full_disk: 8,
            self._broken_disk: 6,
            self._busy_database: 8,
            self._step_the_clock: 10,
            self._swap: 8 if SWAP else 0,
        }
        for _ in self._rounds(4 + self.messages // 4):
            await asyncio.sleep(dice.uniform(0.1, 0.8))
            (act,) = dice.choices(list(acts), list(acts.values()))
            await act(dice)

    async def _unplug(self, dice: Random) -> None:
        modem = dice.choice(self.site.sim.modems)
        modem.unplug()
        await asyncio.sleep(dice.uniform(0.05, 0.6))
        modem.plug()
        self.happened["unplugged at any instant"] += 1

    async def _other_name(self, dice: Random) -> None:
        modem = dice.choice(self.site.sim.modems)
        if not modem.plugged:
            return
        name = modem.port.name
        modem.unplug()
        modem.plug(f"{name}-elsewhere")
        await asyncio.sleep(dice.uniform(0.2, 0.8))
        modem.unplug()
        modem.plug(name)
        self.happened["back under another name"] += 1

    async def _swap(self, dice: Random) -> None:
        """Two modems come back under each other's name, and stay so until the next swap."""
        one, other = dice.sample(range(len(self.site.sim.modems)), 2)
        self.site.sim.swap(one, other)
        self.happened["names swapped"] += 1

    async def _hang(self, dice: Random) -> None:
        dice.choice(self.site.sim.modems).hang(dice.uniform(0.1, 1.5))
        self.happened["hung at any instant"] += 1

    async def _restart(self, dice: Random) -> None:
        dice.choice(self.site.sim.modems).reset(dice.uniform(0.05, 0.5))
        self.happened["restarted at any instant"] += 1

    async def _storm(self, dice: Random) -> None:
        dice.choice(self.site.sim.modems).storm(dice.randint(20, 300))
        self.happened["URC storm"] += 1

    async def _babble(self, dice: Random) -> None:
        dice.choice(self.site.sim.modems).babble(dice.randint(1, 500))
        self.happened["garbage"] += 1

    async def _flood(self, dice: Random) -> None:
        """More comes in than the storages hold."""
        number = dice.randrange(len(self.site.sim.modems))
        modem = self.site.sim.modems[number]
        storages = [modem.storage(name) for name in ("SM", "ME")]
        slots = [storage.slots for storage in storages]
        before = sum(storage.refused for storage in storages)
        modem.announce_full = True
        for storage in storages:
            storage.slots = min(storage.slots, storage.used + 2)
        for _ in range(6):
            text = f"<in-{90000 + len(self.traffic.inbound):05d}>"
            self.traffic.inbound.append(text)
            await self.site.sim.inject(number, sender=WRITER, text=text)
        await asyncio.sleep(dice.uniform(0.1, 0.8))
        for storage, room in zip(storages, slots, strict=True):
            storage.slots = room
        modem.pump()
        if sum(storage.refused for storage in storages) > before:
            self.happened["storage full"] += 1

    async def _full_disk(self, dice: Random) -> None:
        if self._disk.fill():
            await asyncio.sleep(dice.uniform(0.1, 1.2))
            self._disk.empty()
            self.happened["disk full"] += 1

    async def _broken_disk(self, dice: Random) -> None:
        """Every write of the daemon to a file fails (EFBIG), which SQLite calls an I/O error."""
        async with self._life:
            process = self.site.process
            assert process is not None
            before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        await asyncio.sleep(dice.uniform(0.1, 1.2))
        with contextlib.suppress(ProcessLookupError):  # it was killed meanwhile
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        self.happened["I/O errors"] += 1

    async def _busy_database(self, dice: Random) -> None:
        await asyncio.to_thread(self._hold_database, dice.uniform(0.2, 1.5))

    def _hold_database(self, seconds: float) -> None:
        connection = sqlite3.connect(f"file:{self.site.database}?mode=rw", uri=True, timeout=1, isolation_level=None)
        try:
            connection.execute("begin exclusive")
            time.sleep(seconds)
            connection.execute("rollback")
            self.happened["database busy"] += 1
        except sqlite3.OperationalError:
            pass  # it is the daemon that was faster, or there is no room
        finally:
            connection.close()

    async def _step_the_clock(self, dice: Random) -> None:
        hours = dice.choice([hours for hours in HOURS if hours != self._hours])
        if LIBFAKETIME is not None:
            self.happened["clock set forward" if hours > self._hours else "clock set back"] += 1
            self._set_clock(hours)

    def _set_clock(self, hours: int) -> None:
        self._hours = hours
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{hours:+d}h" if hours else "+0")
        fresh.replace(self._clock)

    # -- the line ------------------------------------------------------------------------------------

    async def _line(self) -> None:
        dice = self._die("line")
        for _ in self._rounds(1 + self.messages // 15):
            await asyncio.sleep(dice.uniform(0.5, 3.0))
            await self.traffic.insist(lambda: self.site.client.stop())
            await asyncio.sleep(dice.uniform(0.05, 0.5))
            await self.traffic.insist(lambda: self.site.client.resume())
            self.happened["line stopped"] += 1


class SmallDisk:
    """A tmpfs for the state folder, where that may be mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._filler = folder, folder / "filler"
        self._mounted = False

    def mount(self) -> str | None:
        """None, or why not, in words."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            command = ("mount", "-t", "tmpfs", "-o", f"size={DISK}", "modemd-test", str(self._folder))
            subprocess.run(command, check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return "a tmpfs cannot be mounted here (it takes root)"
        self._mounted = True
        return None

    def unmount(self) -> None:
        if self._mounted:
            shutil.copytree(self._folder, self._folder.with_name("state-kept"))
            subprocess.run(("umount", "--lazy", str(self._folder)), check=True, timeout=10)
            self._mounted = False

    def fill(self) -> bool:
        if not self._mounted:
            return False
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(bytes(65536)):
                pass
        return True

    def empty(self) -> None:
        if self._mounted:
            self._filler.unlink(missing_ok=True)
