"""Received: kept first, read as far as it can be read, joined in any order (P5)."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlite_utils import Database

from drivers.pdu import Concat, Deliver, Encoding, StatusReport, encode_deliver, encode_status_report
from modemd.engine.inbound import NOBODY, Source, take
from modemd.model.message import Inbound
from modemd.store import events, inbox
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, M, queued, send, state

SOURCE = Source("north", "sim-1")
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def deliver(text: str = "Hello", sender: str = ALICE, second: int = 0, **rest: object) -> str:
    encoding = Encoding.GSM7 if text.isascii() else Encoding.UCS2
    at = AT.replace(second=second)
    return encode_deliver(Deliver(sender=sender, text=text, smsc_time=at, encoding=encoding, **rest)).hex  # type: ignore[arg-type]


def part(octets: bytes, sequence: int, total: int, ref: int = 7) -> str:
    """A UCS-2 part whose octets may begin or end within a pair."""
    concat = Concat(ref, total, sequence)
    whole = Deliver(sender=ALICE, text=None, smsc_time=AT, encoding=Encoding.DATA, data=octets, concat=concat, dcs=None)
    pdu = encode_deliver(whole).hex
    # The same octets under TP-DCS UCS-2 instead of 8-bit data.
    return pdu.replace("0004", "0008", 1)


def newest(db: Database) -> Inbound:
    return inbox.page(db, None, 1)[0]


def conversation(db: Database, number: str = ALICE) -> tuple[str, int]:
    row = next(row for row in inbox.conversations(db, None, 9, None) if row[0] == number)
    return row[2], row[4]


def test_p5_a_message_is_kept_with_its_pdu(db: Database) -> None:
    pdu = deliver()
    take(db, pdu, SOURCE, NOW)
    found = newest(db)
    assert (found.sender, found.text, found.modem, found.parts, found.missing) == (ALICE, "Hello", "north", 1, ())
    assert (found.smsc_time, found.received_at, found.is_read) == (AT.timestamp(), NOW, False)
    assert inbox.pdus_of(db, found.id) == [pdu]
    assert [(e.kind, e.subject) for e in events.since(db, 0, 9)] == [("inbox", ALICE)]


def test_p5_what_is_read_twice_is_one(db: Database) -> None:
    for _ in range(3):
        take(db, deliver(), SOURCE, NOW)
    take(db, deliver(), Source("south", "sim-2"), NOW)
    assert len(inbox.page(db, None, 9)) == 2
    assert conversation(db) == ("Hello", 2)


@pytest.mark.parametrize("order", [*itertools.permutations([1, 2, 3])])
def test_parts_in_any_order(db: Database, order: tuple[int, ...]) -> None:
    texts = {1: "one ", 2: "two ", 3: "three"}
    for step, n in enumerate(order, 1):
        take(db, deliver(texts[n], concat=Concat(9, 3, n)), SOURCE, NOW + step)
        found = newest(db)
        assert set(found.missing) == {1, 2, 3} - set(order[:step])
        assert found.text == "".join(texts[each] for each in sorted(order[:step]))
    assert len(inbox.page(db, None, 9)) == 1
    assert conversation(db) == ("one two three", 1)


def test_two_messages_under_one_number_do_not_mix(db: Database) -> None:
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, deliver("b1", concat=Concat(9, 2, 1), second=1), SOURCE, NOW + 1)
    take(db, deliver("b2", concat=Concat(9, 2, 2), second=1), SOURCE, NOW + 2)
    take(db, deliver("a2", concat=Concat(9, 2, 2)), SOURCE, NOW + 3)
    assert {found.text for found in inbox.page(db, None, 9)} == {"a1a2", "b1b2"}


def test_parts_of_two_sims_or_senders_do_not_mix(db: Database) -> None:
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, deliver("x2", concat=Concat(9, 2, 2)), Source("south", "sim-2"), NOW)
    take(db, deliver("y2", sender=BOB, concat=Concat(9, 2, 2)), SOURCE, NOW)
    take(db, deliver("w2", concat=Concat(9, 2, 2, wide=True)), SOURCE, NOW)
    take(db, deliver("a2", concat=Concat(9, 2, 2)), SOURCE, NOW)
    assert sorted(found.text or "" for found in inbox.page(db, None, 9)) == ["a1a2", "w2", "x2", "y2"]


def test_a_part_after_a_week_begins_anew(db: Database) -> None:
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, deliver("b2", concat=Concat(9, 2, 2)), SOURCE, NOW + 8 * 86400)
    assert [found.missing for found in inbox.page(db, None, 9)] == [(1,), (2,)]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_pairs_cut_apart_are_joined(db: Database, order: tuple[int, int]) -> None:
    octets = "良い😀です".encode("utf-16-be")
    halves = {1: octets[:6], 2: octets[6:]}
    for n in order:
        take(db, part(halves[n], n, 2), SOURCE, NOW)
        text = newest(db).text or ""
        text.encode()  # what the store gives back can always be shown
    assert newest(db).text == "良い😀です"


def test_p5_what_cannot_be_read_is_kept_as_it_came(db: Database) -> None:
    for pdu in ("DEADBEEF", "", "07", "xyz"):
        take(db, pdu, SOURCE, NOW)
        found = newest(db)
        assert (found.text, found.sender, found.error, found.raw) == (None, NOBODY, "undecodable", pdu)
    assert conversation(db, NOBODY)[1] == 4


def test_data_is_shown_in_hex(db: Database) -> None:
    message = Deliver(sender=ALICE, text=None, smsc_time=AT, encoding=Encoding.DATA, data=b"\x00\xff")
    take(db, encode_deliver(message).hex, SOURCE, NOW)
    assert (newest(db).text, newest(db).error) == ("00 ff", "data")


def test_a_name_cannot_be_answered(db: Database) -> None:
    take(db, deliver("Your parcel", sender="Parcels", alphanumeric=True), SOURCE, NOW)
    assert (newest(db).sender, newest(db).alphanumeric) == ("Parcels", True)
    assert inbox.conversations(db, None, 9, None)[0][5] == 1


def test_a_report_finds_its_message(db: Database) -> None:
    id = queued(db)
    send(db, id, tp_mr=5, sim="sim-1")
    take(db, encode_status_report(StatusReport(5, ALICE, AT, AT, 0)).hex, SOURCE, NOW + 1)
    assert state(db, id) is M.DELIVERED
    assert inbox.page(db, None, 9) == []


def test_read_and_unread(db: Database) -> None:
    take(db, deliver("one", second=1), SOURCE, NOW)
    take(db, deliver("two", second=2), SOURCE, NOW + 1)
    take(db, deliver("three", sender=BOB), SOURCE, NOW + 2)
    assert inbox.unread(db) == 3
    inbox.mark_read(db, ALICE)
    assert (inbox.unread(db), conversation(db)) == (1, ("two", 0))
    assert [found.is_read for found in inbox.of_sender(db, ALICE, 9)] == [True, True]
    inbox.mark_read(db, "+447700900999")


def test_a_late_part_makes_a_read_message_unread(db: Database) -> None:
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    inbox.mark_read(db, ALICE)
    take(db, deliver("a2", concat=Concat(9, 2, 2)), SOURCE, NOW)
    assert (conversation(db), newest(db).is_read) == (("a1a2", 1), False)


def test_conversations_page_and_search(db: Database) -> None:
    for n in range(5):
        take(db, deliver(f"100% _{n}_", sender=f"+44770090010{n}"), SOURCE, NOW + n // 2)
    first = inbox.conversations(db, None, 3, None)
    rest = inbox.conversations(db, (first[-1][1], first[-1][0]), 3, None)
    assert [row[0][-1] for row in first + rest] == ["4", "3", "2", "1", "0"]
    assert [row[0][-1] for row in inbox.conversations(db, None, 9, "_3_")] == ["3"]
    assert len(inbox.conversations(db, None, 9, "100%")) == 5
    assert inbox.conversations(db, None, 9, "1%0") == []
    assert inbox.conversations(db, None, 9, "\\") == []


def test_pages_of_the_inbox(db: Database) -> None:
    for n in range(5):
        take(db, deliver(f"{n}"), SOURCE, NOW)
    first = inbox.page(db, None, 3)
    assert [found.text for found in first + inbox.page(db, first[-1].id, 3)] == ["4", "3", "2", "1", "0"]
