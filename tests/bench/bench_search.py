"""Searching and knowing among many messages and contacts: `python -m tests.bench.bench_search [MESSAGES] [CONTACTS]`.

Figures are medians of several different questions, in milliseconds, in the store's own thread.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlite_utils import Database

from modemd.model.contact import Card
from modemd.store import contacts, messages, outbox
from modemd.store.database import open_database
from modemd.store.knowledge import knowledge
from modemd.store.outbox import New
from tests.bench.table import Row, show

NOW = 1_700_000_000.0
_FAMILY = (
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "佐々木",
    "清水",
    "林",
    "森",
    "岡本",
)
_GIVEN = (
    "花子",
    "一郎",
    "健",
    "美子",
    "次郎",
    "三郎",
    "誠",
    "真",
    "直樹",
    "陽子",
    "翔",
    "葵",
    "久美子",
    "隆",
    "千尋",
    "光",
)
_SAID = (
    *(
        "明日10時に伺います。",
        "ご注文の品が届きました。",
        "お手数ですがご連絡ください。",
        "本日18時に変更になりました。",
    ),
    *("ご来店をお待ちしております。", "お支払いの期限は今月末です。", "予約を承りました。", "東京駅でお待ちします。"),
)
_WORDS = ("your", "order", "is", "ready", "please", "call", "the", "office", "tomorrow", "meeting", "delivery", "thank")
_QUESTIONS = ("東京", "花子", "本日18時", "予約", "order", "del", "東京駅 予約", "京東", "4711", "090123", "thermostat")


def fill(db: Database, count: int, people: int, dice: random.Random) -> list[str]:
    numbers = [f"+8190{dice.randrange(10**8):08d}" for _ in range(people)]
    db.execute("begin")
    for number in numbers:
        name = f"{dice.choice(_FAMILY)} {dice.choice(_GIVEN)}"
        contacts.add(db, Card(name, numbers=(number,), fields={"no": f"A-{dice.randrange(10**6)}"}), NOW, "ann")
    db.execute("commit")
    for start in range(0, count, 10_000):
        db.execute("begin")
        for n in range(start, min(count, start + 10_000)):
            text = _text(dice, n)
            new = New(dice.choice(numbers), text, "ucs2", 1, "ann", 86400.0, 0.0, None, NOW + n, None)
            outbox.add(db, [new], NOW + n)
        db.execute("update message set state = 'delivered', ended_at = staged_at where state = 'staged'")
        db.execute("commit")
    return numbers


def _text(dice: random.Random, n: int) -> str:
    if dice.random() < 0.6:
        return f"{dice.choice(_FAMILY)}様 {dice.choice(_SAID)}{dice.choice(_SAID)}番号{n}"
    return " ".join(dice.choices(_WORDS, k=12)) + f" {n}"


def median(questions: Sequence[Callable[[], object]], rounds: int = 3) -> tuple[float, float]:
    """Median and worst of all, in ms."""
    took = []
    for _ in range(rounds):
        for ask in questions:
            began = time.perf_counter()
            ask()
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


def run(count: int, people: int) -> list[Row]:
    dice = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        path = Path(folder) / "modemd.db"
        db = open_database(path)
        began = time.perf_counter()
        numbers = fill(db, count, people, dice)
        print(
            f"{count} messages, {people} contacts: {time.perf_counter() - began:.0f} s, {path.stat().st_size >> 20} MiB"
        )
        end = NOW + count
        for q in _QUESTIONS:
            middle, worst = median([partial(_search, db, q)], 5)
            print(f"  {q:12} {middle:7.2f} ms, worst {worst:7.2f} ms")
        searches = [partial(_search, db, q) for q in _QUESTIONS]
        likes = [partial(_like, db, q) for q in _QUESTIONS]
        known = [
            partial(knowledge, db, n, "東京駅でお待ちします。", end, author="ann")
            for n in [*dice.sample(numbers, 20), *(f"+8180{dice.randrange(10**8):08d}" for _ in range(5))]
        ]
        names = [partial(contacts.page, db, None, 50, q=q) for q in ("花子", "たなか", "佐藤 健", "0901")]
        rows = []
        for what, questions, most, beside in (
            ("search of messages", searches, 50.0, likes),
            ("knowledge of a recipient", known, 3.0, []),
            ("search of contacts", names, 50.0, []),
        ):
            (middle, worst), (theirs, _) = median(questions), median(beside, 1) if beside else (0.0, 0.0)
            rows.append(Row(f"{what}, {count}", middle, "ms", most, "LIKE" if beside else "-", theirs))
            rows.append(Row(f"{what}, {count}, worst", worst, "ms", most, "-", 0.0))
        rows.append()
        db.close()
        return rows


def _search(db: Database, q: str) -> object:
    return messages.page(db, "all", None, 50, 0.0, {"q": q})


def _like(db: Database, q: str) -> object:
    return db.execute(
        "select id from message where text like ? and state <> 'draft' order by id desc limit 50", (f"%{q}%",)
    ).fetchall()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    show(run(given[0] if given else 100_000, given[1] if len(given) > 1 else 10_000))
