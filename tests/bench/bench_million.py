"""A million messages beside a thousand: sending, picking up, starting, memory, searching."""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from modemd.model.contact import Card
from modemd.store import contacts, messages
from modemd.store.database import open_database
from modemd.store.knowledge import knowledge
from tests.acceptance.site import Site
from tests.bench.million import build, numbers
from tests.bench.process import pid_of, rss
from tests.bench.table import Row

_MANY, _FEW = 1_000_000, 1000
_BURST, _BURSTS = 300, 7  # messages at once; how often, by turns with the other site
_SHOTS = 150
_FLEET = 64  # modems
_QUESTIONS = ("東京", "予約", "連絡", "鈴木", "来店", "変更", "本日", "京東")  # the last one is nowhere
_LIKE = "select id from message where text like ? and state <> 'draft' order by id desc limit 50"
_OPEN = 'profile = "open"'


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        rows = []
        for done in (True, False):
            rows += asyncio.run(_beside(Path(folder), done))
        rows += _reading(_database(Path(folder), _MANY, True))
        rows.append(asyncio.run(_fleet(Path(folder))))
    starts = [row for row in rows if row.measure == _START]
    return [*(row for row in rows if row.measure != _START), max(starts, key=lambda row: row.figure)]


_START = "start to ready, 1,000,000 messages"


async def _beside(folder: Path, done: bool) -> list[Row]:
    """Both sites run in the same minutes, by turns: what else the machine does falls on both."""
    kind = "done" if done else "staged"
    async with _site(folder, _FEW, done) as few, _site(folder, _MANY, done) as many:
        rates = [(await _burst(few, turn), await _burst(many, turn)) for turn in range(_BURSTS)]
        shots = [(await _shot(few, turn), await _shot(many, turn)) for turn in range(_SHOTS)]
        await many.terminate()
        start = await _start(many)
    few_rate, many_rate = (statistics.median(each) for each in zip(*rates, strict=True))
    few_ms, many_ms = (statistics.median(each) for each in zip(*shots, strict=True))
    print(f"  {kind}: {few_rate:.0f} and {many_rate:.0f} messages/s; picked up in {few_ms:.2f} and {many_ms:.2f} ms")
    return [
        Row(f"throughput, 1,000,000 {kind} against 1,000", many_rate / few_rate, "x", 0.9, at_least=True),
        Row(f"pick-up latency, 1,000 {kind} against 1,000,000", few_ms / many_ms, "x", 0.9, at_least=True),
        Row(_START, start, "s", 1.5),
    ]


@contextlib.asynccontextmanager
async def _site(folder: Path, count: int, done: bool) -> AsyncIterator[Site]:
    place = _database(folder, count, done).parent.parent
    async with Site(place, delay=0.0, policy=_OPEN, start=False) as site:
        if not site.database.exists():
            site.database.parent.mkdir()
            build(site.database, count, site.sim.modems[0].sim.iccid, done=done)
        await site.start()
        yield site


def _database(folder: Path, count: int, done: bool) -> Path:
    return folder / f"{count}-{'done' if done else 'staged'}" / "state" / "modemd.db"


async def _burst(site: Site, turn: int) -> float:
    """Messages a second, from the first that the network took to the last; until all is reported and quiet."""
    taken = len(site.accepted)
    staged = await site.client.stage_many(numbers()[:_BURST], f"burst {turn}", fuse="0s")
    await site.until(lambda: len(site.accepted) == taken + _BURST, 120)
    await site.reaches(staged.messages[-1].id, "delivered")
    return (_BURST - 1) / (site.accepted[-1].at - site.accepted[taken].at)


async def _shot(site: Site, turn: int) -> float:
    """Milliseconds from the call to AT+CMGS."""
    began = time.monotonic()
    staged = await site.client.stage(numbers()[turn], f"shot {turn}", fuse="0s")
    await site.reaches(staged.id, "delivered")
    return (site.sim.exchanges[-1].at - began) * 1000


async def _start(site: Site) -> float:
    """Seconds; the median of five."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        await site.spawn()
        assert await site.comes_up()
        took.append(time.perf_counter() - began)
        await site.terminate()
    return statistics.median(took)


def _reading(database: Path) -> list[Row]:
    """In the store's own thread; beside a search, what it takes without an index."""
    db = open_database(database)
    db.execute("begin")
    for n, number in enumerate(numbers()):
        contacts.add(db, Card(f"見本 {n}子", numbers=(number,)), time.time(), "bench")
    db.execute("commit")
    ours, theirs, known = [], [], []
    for word in _QUESTIONS:
        for _ in range(5):
            ours.append(_timed(partial(messages.page, db, "all", None, 50, 0.0, {"q": word})))
        theirs.append(_timed(lambda word=word: db.execute(_LIKE, (f"%{word}%",)).fetchall()))  # type: ignore[misc]
    for number in numbers()[:_SHOTS]:
        known.append(_timed(partial(knowledge, db, number, "東京駅でお待ちします。", time.time(), author="bench")))
    names = [_timed(partial(contacts.page, db, None, 50, q=q)) for q in ("見本 77", "77子", "0901")]
    db.close()
    print(f"  search: median {statistics.median(ours):.1f} ms; knowledge: worst {max(known):.1f} ms")
    return [
        Row("search, 1,000,000 messages, two characters, worst of 40", max(ours), "ms", 50, {"LIKE": max(theirs)}),
        Row("what is known of a recipient, 1,000,000 messages", statistics.median(known), "ms", 3),
        Row("search of contacts, 2,000", max(names), "ms", 50),
    ]


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


async def _fleet(folder: Path) -> Row:
    """After it has worked: some thousand messages sent, reported, read and looked for."""
    place = _database(folder, _MANY, True).parent.parent
    site = Site(place, modems=_FLEET, delay=0.05, policy=_OPEN, start=False)
    site.names = tuple(f"m{index}" for index in range(_FLEET))
    async with site:
        await site.start()
        for turn in range(4):
            staged = await site.client.stage_many(numbers()[: _FLEET * 10], f"fleet {turn}", fuse="0s")
            await site.until(lambda turn=turn: len(site.accepted) == (turn + 1) * _FLEET * 10, 120)  # type: ignore[misc]
            await site.reaches(staged.messages[-1].id, "delivered")
            for word in _QUESTIONS:
                await site.client.messages(q=word)
        return Row("daemon RSS, 64 modems, 1,000,000 messages", rss([pid_of(site)]), "MiB", 120)
