"""A database with a great many messages, each with what the product writes about one: parts, events, words, reports.

The product itself takes a few thousand of them through their life; SQL then copies those, with other texts and times.
"""

import random
import sqlite3
import time
from pathlib import Path

from sqlite_utils import Database

from modemd.model.tp_st import settles
from modemd.store import outbox, reports, transmit
from modemd.store.database import open_database
from modemd.store.outbox import New

SAMPLE = 2000  # messages that the product writes; the others are copies
_APART = 10.0  # seconds from one message to the next: a million are four months
_LATER = 30 * 86400.0  # until which the scheduled ones wait
_DELIVERED = 0x00
assert settles(_DELIVERED)

_FAMILY = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 佐々木 清水 林 森 岡本"
_SAID = (
    "明日10時に伺います。 ご注文の品が届きました。 お手数ですがご連絡ください。 本日18時に変更になりました。"
    " ご来店をお待ちしております。 お支払いの期限は今月末です。 予約を承りました。 東京駅でお待ちします。"
)
_WORDS = "your order is ready please call the office tomorrow meeting delivery thank"


def numbers() -> list[str]:
    """Who is written to."""
    dice = random.Random(11)
    return [f"+8190{dice.randrange(10**8):08d}" for _ in range(SAMPLE)]


def build(path: Path, count: int, sim: str, *, done: bool) -> None:
    """`count` messages, delivered by this SIM, or (not `done`) scheduled for a day far away."""
    began = time.perf_counter()
    db = open_database(path)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -500000", "temp_store = memory"):
        db.execute(f"pragma {pragma}").fetchall()
    first = time.time() - count * _APART - 60
    db.execute("begin")
    for n, number in zip(range(min(count, SAMPLE)), numbers(), strict=False):
        _write(db, number, sim, n, first + n * _APART, done)
    if copies := count // SAMPLE - 1:
        _copy(db.conn, copies)
    db.execute("commit")
    db.close()
    took = time.perf_counter() - began
    print(f"  {count:,} messages ({'done' if done else 'scheduled'}): {took:.0f} s, {path.stat().st_size >> 20} MiB")


def _write(db: Database, number: str, sim: str, n: int, at: float, done: bool) -> None:
    send_at = None if done else time.time() + _LATER + n * _APART
    new = New(
        number, _text(random.Random(n)), "ucs2", 1, "bench", 86400.0, None if send_at else 0.0, send_at, send_at or at
    )
    (message,) = outbox.add(db, [new], at)
    if not done:
        return
    transmit.mark(db, message, 1, at, modem="north", sim=sim, expected=n % 256)
    transmit.submitted(db, message, 1, n % 256, at + 1)
    pdu = f"07911809099999990006{n % 256:02X}{random.Random(n).randbytes(20).hex().upper()}"
    reports.add(db, sim=sim, tp_mr=n % 256, recipient=number, status=_DELIVERED, pdu=pdu, at=at + 2)


def _text(dice: random.Random) -> str:
    if dice.random() < 0.6:
        return f"{dice.choice(_FAMILY.split())}様 {''.join(dice.choices(_SAID.split(), k=2))}"
    return " ".join(dice.choices(_WORDS.split(), k=12))


def _moved(*times: str) -> dict[str, str]:
    return {name: f"{name} + k * :T" for name in times}


# Per table what a copy has that is its own. S: messages, E: events, T: seconds from one copy to the next.
_OWN = {
    "message": {
        "id": "id + k * :S",
        "text": "text || ' ' || (id + k * :S)",
        "salt": "lower(hex(randomblob(16)))",
        **_moved("created_at", "staged_at", "send_at", "release_at", "valid_until", "ended_at"),
    },
    "part": {
        "message_id": "message_id + k * :S",
        "turn": "turn + k * :E",
        **_moved("left_at", "submitted_at", "ended_at"),
    },
    "event": {"id": "id + k * :E", "message_id": "message_id + k * :S", "at": "at + k * :T"},
    "report": {
        "id": "id + k * :S",
        "message_id": "message_id + k * :S",
        "received_at": "received_at + k * :T",
        "pdu": "pdu || printf('%08X', id + k * :S)",
    },
    "spent": {"at": "at + k * :T"},
    "message_words": {"rowid": "rowid + k * :S", "words": "words || ' ' || (rowid + k * :S)"},
}


def _copy(connection: sqlite3.Connection, copies: int) -> None:
    (events,) = connection.execute("select max(id) from event").fetchone()
    steps = {"S": SAMPLE, "E": events, "T": SAMPLE * _APART, "copies": copies}
    connection.execute("create temp table number (k integer primary key)")
    connection.execute(
        "with recursive n(k) as (select 1 union all select k + 1 from n where k < :copies)"
        " insert into number select k from n",
        steps,
    )
    for table, own in _OWN.items():
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        names = ["rowid", *names] if "rowid" in own else names
        connection.execute(f"create temp table sample as select {', '.join(names)} from {table}")
        values = ", ".join(own.get(name, name) for name in names)
        connection.execute(
            f"insert into {table} ({', '.join(names)}) select {values} from number cross join sample", steps
        )
        connection.execute("drop table sample")
