"""The checks' figures: python -m tests.bench.bench_checks. Beside each, what the bare library takes for the like."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from sqlite_utils import Database

from modemd.checks.table import CHECKS, examine, examine_list
from modemd.config import Config
from modemd.model.candidate import Candidate, Knowledge, Site
from modemd.model.contact import Card, tidy
from modemd.model.directory import Directory, Person
from modemd.staging.desk import Desk, Wish
from modemd.store import contacts
from modemd.store.database import Store
from tests.bench.table import Row, show

_CONTACTS = 10_000
_SHOTS = 500
_NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
_SITE = Site(
    region="JP", zone=ZoneInfo("Asia/Tokyo"), sender="見本", numbers=("+81300001234",), hosts=("shop.example",)
)  # fmt: skip
_TEXT = (
    "【見本歯科】{name}様、明日11/25(水) 10:30のご予約です。変更は03-0000-1234までお電話ください。"
    "お会計は{amount:,}円、詳しくは https://shop.example/r?id={id} をご覧ください。"
)


def _people() -> list[Person]:
    """As many names as a town has: few are common, many are rare."""
    chance = random.Random(5)
    kanji = "佐藤鈴木高橋田中伊渡辺山本村小林加吉松井上斎清水森池橋石川原野谷崎島岡内竹青金秋大西東南北"
    given = "健太誠正浩美花優直洋和明光真一二郎子樹介香奈恵雄幸信義文昭政弘隆哲也司亮平翔拓海陽菜結衣葵蓮湊"
    kana = "アイウエオカキクケコサシスセソタチツテトナニノハヒフマミムメモヤユヨラリルレワ"

    def word(signs: str, shortest: int, longest: int) -> str:
        # squared, so that the first signs are the common ones
        return "".join(signs[int(len(signs) * chance.random() ** 2)] for _ in range(chance.randint(shortest, longest)))

    return [
        Person(
            id,
            f"{word(kanji, 2, 2)} {word(given, 1, 2)}",
            f"{word(kana, 3, 4)} {word(kana, 2, 4)}",
            (f"+8190{12_000_000 + 7919 * id % 80_000_000}",),
            (f"K{id:07}",),
            chance.randrange(30),
        )
        for id in range(_CONTACTS)
    ]


def run() -> list[Row]:
    people = _people()
    start = time.perf_counter()
    directory = Directory.of(people)
    built = time.perf_counter() - start
    rows = [
        Candidate(
            person.numbers[0],
            _TEXT.format(name=person.name.split()[0], amount=3000 + person.id, id=person.id),
            _NOW,
            category="service",
            by_hand=False,
            site=_SITE,
            known=Knowledge(person, directory, written_before=person.written > 0),
        )
        for person in people
    ]
    picked = [replace(row, by_hand=True, known=replace(row.known, written_before=False)) for row in rows[:_SHOTS]]
    bare = statistics.median(_timed(lambda row=row: _bare(row)) for row in picked)  # type: ignore[misc]
    one = [_timed(lambda row=row: examine(row)) for row in picked]  # type: ignore[misc]
    print(f"  one message: median {statistics.median(one):.2f}, p99 {sorted(one)[-_SHOTS // 100]:.2f} ms;", end=" ")
    print(f"the directory of {_CONTACTS:,} is built in {built * 1000:.0f} ms")
    _dearest(picked)
    many = _timed(lambda: [*map(examine, rows), examine_list(rows)]) / 1000
    bare_many = _timed(lambda: list(map(_bare, rows))) / 1000
    bare_name = "phonenumbers and the cut alone"
    whole, merged = asyncio.run(_with_the_store(people))
    return [
        Row("the same, with what the store knows", whole, "ms", 5, {"the checks alone": statistics.median(one)}),
        Row("10,000 merged, with what the store knows", merged, "s", 10, {"the checks alone": many}),
        Row("checks of one message, 10,000 contacts", statistics.median(one), "ms", 5, {bare_name: bare}),
        Row("lint of 10,000 merged messages", many, "s", 10, {bare_name: bare_many}),
    ]


async def _with_the_store(people: list[Person]) -> tuple[float, float]:
    """A median in milliseconds, and seconds for a list of all: as the desk does it, with all of them as contacts."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "modemd.db")
        desk = Desk(Config(region="JP"), store, lambda: None)

        def fill(db: Database) -> None:
            for person in people:
                card = Card(person.name, person.reading, numbers=person.numbers, fields={"no": person.identifiers[0]})
                contacts.add(db, tidy(card, "JP"), 0.0, "bench")

        await store.run(fill)
        wishes = [
            Wish(person.numbers[0], _TEXT.format(name=person.name.split()[0], amount=3000 + person.id, id=person.id))
            for person in people
        ]
        took = []
        for wish in wishes[:_SHOTS]:
            start = time.perf_counter()
            await desk.look(replace(wish, by_hand=True), "bench")
            took.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        await desk.looks(wishes, "bench")
        merged = time.perf_counter() - start
        await store.close()
    print(f"  with the store: median {statistics.median(took):.2f}, p99 {sorted(took)[-_SHOTS // 100]:.2f} ms")
    return statistics.median(took), merged


def _bare(row: Candidate) -> None:
    """What no daemon can do without: is it a number, and how many parts does it make?"""
    from drivers import parts

    phonenumbers.is_valid_number(phonenumbers.parse(row.to))
    parts.cut(row.text)


def _dearest(rows: list[Candidate]) -> None:
    took = {
        check.code: statistics.median(_timed(lambda row=row, find=check.find: list(find(row))) for row in rows[:100])  # type: ignore[misc]
        for check in CHECKS
        if check.find is not None
    }
    dearest = sorted(took.items(), key=lambda item: -item[1])[:5]
    print("  dearest: " + ", ".join(f"{code} {milliseconds * 1000:.0f} us" for code, milliseconds in dearest))


def _timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    show(run())
