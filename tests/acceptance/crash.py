"""kill -9 at every durable write and at every octet to the port of a message's life, and start again.

`python -m tests.acceptance.crash` runs every point and prints what became of each kind.
"""

import asyncio
import contextlib
import json
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from drivers.parts import cut
from modemd.api.client import GatewayClient, Unreachable, over_socket
from modemd.api.schema import MessageView
from tests.acceptance import crash_daemon
from tests.acceptance.crash_daemon import OCTET
from tests.acceptance.site import Site, sequence_of

T = TypeVar("T")

RECIPIENT, WRITER = "+447700900001", "+447700900123"
TEXT = "Three parts, each of them once. " * 14
INBOUND = "Two parts, each of them once. " * 8
AT_ONCE = 6

_forks = get_context("forkserver")
_forks.set_forkserver_preload([crash_daemon.__name__])


@dataclass(frozen=True)
class Point:
    """Where the process is to end. `fresh`: on an empty state folder; else a message has gone before."""

    kind: str
    number: int
    fresh: bool = False


@dataclass
class Outcome:
    """What the process was doing when it ended, what became of the message, and what is wrong with that."""

    about: str
    end: str
    wrong: list[str] = field(default_factory=list)


class Stuck(Exception):
    """It came to no end."""


class CrashSite(Site):
    """A site whose daemon is forked and meets its fate at a point, once; then it is started again as it is."""

    def __init__(self, folder: Path, point: Point | None = None) -> None:
        super().__init__(folder, delay=0.005, report_delay=0.02, policy='profile = "open"')
        self._point = point
        self._daemon: BaseProcess | None = None
        self.met_its_point = False

    async def start(self, *, ready: bool = True) -> None:
        kind, number = (self._point.kind, self._point.number) if self._point else ("", 0)
        self._point = None
        given = (str(self.config), kind, number, str(self.folder))
        self._daemon = _forks.Process(target=crash_daemon.run, args=given)
        self._daemon.start()
        self._client = GatewayClient(over_socket(str(self.socket)), where=str(self.socket))

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            await self._bury()
        await super().__aexit__(kind, value, trace)

    async def insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer; who has died is started again."""
        while True:
            await self.look_after()
            try:
                return await call()
            except Unreachable:
                await asyncio.sleep(0.01)

    async def look_after(self) -> None:
        assert self._daemon is not None
        if not self._daemon.is_alive():
            status = await self._bury()
            assert status == -signal.SIGKILL, (self.folder / "daemon.log").read_text()[-3000:]
            self.met_its_point = True
            await self.start()

    async def end(self) -> dict[str, list[str]] | None:
        """SIGTERM; the points that this life came by. None where it met its own on the way out: it lives again."""
        assert self._daemon is not None
        self._daemon.terminate()
        status = await self._bury()
        if status == -signal.SIGKILL and not self.met_its_point:
            self.met_its_point = True
            await self.start()
            return None
        assert status == 0, (self.folder / "daemon.log").read_text()[-3000:]
        points: dict[str, list[str]] = json.loads((self.folder / "points.json").read_text())
        return points

    async def _bury(self) -> int | None:
        assert self._daemon is not None
        await self._hang_up()
        await asyncio.to_thread(self._daemon.join, 15)
        status = self._daemon.exitcode
        self._daemon.close()
        self._daemon = None
        return status


class Life:
    """One message of three parts from POST to delivered, and one of two parts that comes in meanwhile."""

    def __init__(self, folder: Path, template: Path | None = None, point: Point | None = None) -> None:
        self.site = CrashSite(folder, point)
        self.points: dict[str, list[str]] = {}
        self._received = [INBOUND]
        self._point, self._known_sim = point, template is not None and not (point and point.fresh)
        if template is not None and self._known_sim:
            shutil.copytree(template, folder / "state")

    async def run(self) -> Outcome:
        async with asyncio.timeout(90), self.site as site:
            modem, network = site.sim.modems[0], site.sim.network
            await site.sim.inject(0, sender=WRITER, text=INBOUND)
            network.delivers = False
            if self._known_sim:
                modem.sim.last_tp_mr = 0
            id = (await site.insist(lambda: site.client.stage(RECIPIENT, TEXT, fuse="0s", key="once"))).id
            await self._rest(id, "submitted", "uncertain")
            await self._ready()  # a report that comes while nobody listens is lost with +CDS
            network.delivers = True
            network.pump(modem.sim.imsi)
            await self._heard_all()  # which may let the rest of the message go
            await self._rest(id, "submitted", "delivered", "uncertain")
            await self._heard_all()
            message = await self._rest(id, "submitted", "delivered", "uncertain")
            outcome = Outcome(self._about(), message.state)
            if message.state == "uncertain":
                outcome.end = await self._settle(message)
                message = await self._rest(id, "submitted", "delivered")
            await self._judge(message, outcome)
            while (points := await site.end()) is None:
                outcome.about = self._about()
                await self._judge(message, outcome)
            self.points = points
        return outcome

    async def _rest(self, id: int, *states: str) -> MessageView:
        found: list[MessageView] = []

        async def there() -> bool:
            found[:] = [await self.site.insist(lambda: self.site.client.message(id))]
            return found[0].state in states

        try:
            await self.site.until(there, 40)
        except TimeoutError:
            raise Stuck(f"{found}, {self.site.sim.modems[0].exchanges[-1:]}") from None
        return found[0]

    async def _ready(self) -> None:
        await self.site.until(lambda: self.site.insist(self.site.all_ready), 40)

    async def _heard_all(self) -> None:
        """Reports and messages are taken in their order: the last has come when what was sent behind it has."""
        network = self.site.sim.network
        await self.site.until(lambda: len(network.reported) == len(network.accepted))
        await self._ready()
        self._received.append(f"The last one in, {len(self._received)}.")
        await self.site.sim.inject(0, sender=WRITER, text=self._received[-1])

        async def there() -> bool:
            page = await self.site.insist(lambda: self.site.client.inbox())
            return self._received[-1] in [each.text for each in page.messages]

        await self.site.until(there, 40)

    def _about(self) -> str:
        if not self.site.met_its_point:
            return "not reached"
        about: str = json.loads((self.site.folder / "met.json").read_text())
        return about

    async def _settle(self, message: MessageView) -> str:
        """As a person would who has asked the recipient."""
        (part,) = [part for part in message.parts if part.state == "uncertain"]
        taken = part.sequence in [sequence_of(each) for each in self.site.accepted]
        said = "sent" if taken else "resend"
        await self.site.insist(lambda: self.site.client.settle(message.id, said))
        return "uncertain: it had left" if taken else "uncertain: it had not left"

    async def _judge(self, message: MessageView, outcome: Outcome) -> None:
        def check(right: object, what: str) -> None:
            if not right:
                outcome.wrong.append(what)

        parts = Counter(cut(TEXT).parts)
        taken = Counter(each.text for each in self.site.accepted)
        check(taken == parts, f"the network took {list(taken.values())} of the parts")
        page = await self.site.insist(lambda: self.site.client.messages())
        check([each.id for each in page.messages if each.text == TEXT] == [message.id], "not one message of it")
        inbox = (await self.site.insist(lambda: self.site.client.inbox())).messages
        check(sorted(each.text or "" for each in inbox) == sorted(self._received), f"received {inbox}")
        with contextlib.closing(sqlite3.connect(self.site.database)) as connection:
            check(connection.execute("pragma integrity_check").fetchone() == ("ok",), "the database is broken")
        if self._point and self._point.kind == OCTET:
            begun = outcome.about == "a body"
            check(outcome.end == ("uncertain: it had not left" if begun else "delivered"), f"{outcome.end}")
        if self._known_sim:
            check(outcome.end != "uncertain: it had left", "its report came, and it is uncertain")


async def template(folder: Path) -> Path:
    """The state folder of a modemd that has sent one message by this SIM."""
    async with CrashSite(folder) as site:
        await site.until(lambda: site.insist(site.all_ready))
        staged = await site.client.stage(RECIPIENT, "The first of this SIM.", fuse="0s")
        await site.reaches(staged.id, "delivered")
        await site.end()
    return folder / "state"


async def all_points(folder: Path, known: Path) -> dict[Point, str]:
    """What a life that nobody ends comes by, and what each point is about.

    Commits are shared by whatever waits: their number varies a little from life to life.
    """
    found: dict[Point, str] = {}
    for fresh in (False, True):
        life = Life(folder / f"whole-{fresh}", known, Point("", 0, fresh))
        outcome = await life.run()
        assert (outcome.end, outcome.wrong) == ("delivered", []), outcome
        for kind, abouts in life.points.items():
            if kind != OCTET or not fresh:
                found |= {Point(kind, number, fresh): about for number, about in enumerate(abouts, 1)}
    return found


async def run_points(
    points: list[Point], folder: Path, known: Path, told: Callable[[Point, Outcome], None] = lambda *_: None
) -> dict[Point, Outcome]:
    """Every point a life of its own, a few at a time."""
    gate, found = asyncio.Semaphore(AT_ONCE), {}

    async def one(point: Point) -> None:
        async with gate:
            place = folder / f"{point.kind}-{point.number}-{point.fresh}".replace(" ", "-")
            try:
                found[point] = await Life(place, known, point).run()
            except (Stuck, TimeoutError, AssertionError) as error:
                found[point] = Outcome("?", "stuck", [f"came to no end: {error}"])
            if not found[point].wrong:
                shutil.rmtree(place)
            told(point, found[point])

    async with asyncio.TaskGroup() as tasks:
        for point in points:
            tasks.create_task(one(point))
    return found


def table(found: dict[Point, Outcome]) -> str:
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for point, outcome in found.items():
        rows[point.kind, outcome.about][outcome.end] += 1
    ends = sorted({end for row in rows.values() for end in row})
    lines = [f"{'kill -9 at':50}" + "".join(f"{end:>28}" for end in ends)]
    for (kind, about), row in sorted(rows.items()):
        lines.append(f"{f'{kind}: {about}':50}" + "".join(f"{row[end] or '':>28}" for end in ends))
    lines.append(f"{len(found)} points; {sum(bool(each.wrong) for each in found.values())} of them wrong")
    return "\n".join(lines)


async def whole(folder: Path) -> int:
    known = await template(folder / "template")
    points = list(await all_points(folder, known))
    counts = Counter(point.kind for point in points)
    print(", ".join(f"{count} points {kind}" for kind, count in counts.items()), flush=True)
    began, done = time.monotonic(), 0

    def told(point: Point, outcome: Outcome) -> None:
        nonlocal done
        done += 1
        if outcome.wrong:
            print(f"{point}: {outcome}", flush=True)
        elif done % 100 == 0:
            print(f"{done} of {len(points)}, {time.monotonic() - began:.0f} s", flush=True)

    found = await run_points(points, folder, known, told)
    print(table(found))
    return int(any(outcome.wrong for outcome in found.values()))


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="modemd-crash-"))
    status = asyncio.run(whole(folder))
    if status:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
