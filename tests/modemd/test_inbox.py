"""Received: kept first, read as far as it can be read, joined in any order (P5)."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from drivers.pdu import Concat, Deliver, Encoding, StatusReport, encode_deliver, encode_status_report
from modemd.engine.inbound import GAP, Source, take
from modemd.model.message import Inbound
from modemd.store import events, inbox, outbox
from modemd.store.inbox import NOBODY, OVERDUE
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, M, queued, send, state

SOURCE = Source("north", "sim-1")
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def deliver(text: str = "Hello", sender: str = ALICE, second: float = 0, **rest: object) -> str:
    encoding = Encoding.GSM7 if text.isascii() else Encoding.UCS2
    at = AT + timedelta(seconds=second)
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


def slot(storage: str, number: int) -> Source:
    return replace(SOURCE, storage=storage, slot=number)


def codes(db: Database) -> list[str | None]:
    """Of what the inbox was told."""
    return [event.code for event in events.since(db, 0, 99) if event.kind == "inbox"]


def count(db: Database) -> int:
    return len(inbox.page(db, None, 99))


# -- the same PDU again ----------------------------------------------------------------------------------


def test_p5_what_was_not_deleted_is_read_again_and_is_one(db: Database) -> None:
    """Seen red: with every PDU taken for a new one."""
    for _ in range(3):
        take(db, deliver(), slot("ME", 0), NOW)
    take(db, deliver(), replace(slot("ME", 0), sim="imsi-1"), NOW)  # the SIM was too busy to tell its ICCID
    assert (count(db), codes(db)) == (1, [None])
    take(db, deliver(), replace(slot("ME", 0), sim="sim-2", modem="south"), NOW)  # two SIMs: two messages
    assert (count(db), conversation(db), codes(db)) == (2, ("Hello", 2), [None, None])


def test_p5_what_the_network_repeats_is_one_and_said(db: Database) -> None:
    """Its acknowledgement was lost on the air: the same octets, the SMSC's time among them."""
    take(db, deliver(), slot("ME", 1), NOW)
    inbox.lie_there(db, "sim-1", "ME", [])
    take(db, deliver(), slot("SM", 2), NOW + 600)
    take(db, deliver(), slot("SM", 2), NOW + 900)  # not deleted yet
    take(db, deliver(), SOURCE, NOW + 1200)
    assert (count(db), conversation(db)) == (1, ("Hello", 1))
    assert codes(db) == [None, "repeat", "repeat"]


def test_the_same_text_again_is_a_new_message(db: Database) -> None:
    """An alarm that is sent each second; only within one second nobody can tell two from one that came twice."""
    for second in range(3):
        take(db, deliver("ALARM", second=second), slot("ME", 1), NOW + second)
        inbox.lie_there(db, "sim-1", "ME", [])
    assert [found.text for found in inbox.page(db, None, 9)] == ["ALARM"] * 3


def timeless(text: str, **rest: object) -> str:
    return deliver(text, **rest).replace("62114290000000", "0" * 14)  # type: ignore[arg-type]


@pytest.mark.parametrize("pdu", ["DEADBEEF", timeless("Voicemail")])
def test_a_pdu_without_a_time_is_known_by_its_place_alone(db: Database, pdu: str) -> None:
    """Seen red: with every PDU kept once for ever, as in 0.1."""
    take(db, pdu, slot("SM", 1), NOW)
    take(db, pdu, slot("SM", 1), NOW + 1)
    take(db, pdu, slot("SM", 2), NOW + 2)
    assert count(db) == 2
    inbox.lie_there(db, "sim-1", "SM", [(2, pdu)])
    take(db, pdu, slot("SM", 2), NOW + 3)
    assert count(db) == 2
    take(db, pdu, slot("SM", 1), NOW + 4)
    assert count(db) == 3


def test_one_of_0_1_is_known_wherever_it_lies(db: Database) -> None:
    """It was not written down where, and its deletion may not have come about."""
    take(db, "DEADBEEF", slot("SM", 1), NOW)
    db.execute("update inbound_pdu set storage = null, slot = null")
    take(db, "DEADBEEF", slot("SM", 3), NOW)
    assert count(db) == 1
    inbox.lie_there(db, "sim-1", "SM", [(3, "DEADBEEF")])
    take(db, "DEADBEEF", slot("SM", 3), NOW)
    assert count(db) == 1
    inbox.lie_there(db, "sim-1", "SM", [(1, "DEADBEEF"), (3, "FF")])
    take(db, "DEADBEEF", slot("SM", 3), NOW)
    assert count(db) == 2


# -- parts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [*itertools.permutations([1, 2, 3])])
def test_parts_in_any_order(db: Database, order: tuple[int, ...]) -> None:
    texts = {1: "one ", 2: "two ", 3: "three"}
    for step, n in enumerate(order, 1):
        take(db, deliver(texts[n], concat=Concat(9, 3, n)), SOURCE, NOW + step)
        found = newest(db)
        assert set(found.missing) == {1, 2, 3} - set(order[:step])
        here = "".join(texts[each] if each in order[:step] else "#" for each in texts)
        assert found.text == re.sub("#+", GAP, here)
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
    assert sorted(found.text or "" for found in inbox.page(db, None, 9)) == [f"{GAP}w2", f"{GAP}x2", f"{GAP}y2", "a1a2"]


def test_a_number_that_is_used_again(db: Database) -> None:
    """By the SMSC's time: arrivals say nothing, a modem may have been off for days."""
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, deliver("b2", concat=Concat(9, 2, 2), second=2 * 3600), SOURCE, NOW + 1)
    assert [found.missing for found in inbox.page(db, None, 9)] == [(1,), (2,)]
    take(db, deliver("b1", concat=Concat(9, 2, 1), second=2 * 3600 - 9), SOURCE, NOW + 2)
    take(db, deliver("a2", concat=Concat(9, 2, 2), second=9), SOURCE, NOW + 8 * 86400)
    assert {found.text for found in inbox.page(db, None, 9)} == {"a1a2", "b1b2"}


def test_a_number_used_again_without_times(db: Database) -> None:
    take(db, timeless("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, timeless("b2", concat=Concat(9, 2, 2)), SOURCE, NOW + OVERDUE + 1)
    take(db, timeless("b1", concat=Concat(9, 2, 1)), SOURCE, NOW + OVERDUE + 2)
    assert {found.text for found in inbox.page(db, None, 9)} == {"a1" + GAP, "b1b2"}


def test_a_part_that_its_sender_has_sent_again(db: Database) -> None:
    """For want of an acknowledgement: another time, the same words. Of a whole message it begins the next."""
    take(db, deliver("a1", concat=Concat(9, 2, 1)), slot("ME", 1), NOW)
    take(db, deliver("a1", concat=Concat(9, 2, 1), second=31), slot("ME", 2), NOW + 31)
    take(db, deliver("a1", concat=Concat(9, 2, 1), second=31), slot("ME", 2), NOW + 32)
    take(db, deliver("a2", concat=Concat(9, 2, 2), second=40), slot("ME", 3), NOW + 40)
    assert (count(db), newest(db).text, codes(db)) == (1, "a1a2", [None, "repeat", None])
    for n in (1, 2):
        take(db, deliver(f"a{n}", concat=Concat(9, 2, n), second=60), slot("ME", 4), NOW + 60)
    assert [found.text for found in inbox.page(db, None, 9)] == ["a1a2", "a1a2"]


def test_other_words_under_the_same_number_are_no_repeat(db: Database) -> None:
    take(db, deliver("a1", concat=Concat(9, 2, 1)), SOURCE, NOW)
    take(db, deliver("b1", concat=Concat(9, 2, 1), second=1), SOURCE, NOW)
    assert count(db) == 2


def test_what_has_not_come_within_a_day_is_said_once(db: Database) -> None:
    for n in (1, 3, 4, 6):
        take(db, deliver(f"{n} ", concat=Concat(9, 6, n)), SOURCE, NOW + n)
    inbox.give_up_waiting(db, NOW + OVERDUE - 1)
    assert newest(db).overdue_at is None
    for later in (2, 3):
        inbox.give_up_waiting(db, NOW + OVERDUE + later)
    found = newest(db)
    assert (found.missing, found.text, found.overdue_at) == ((2, 5), f"1 {GAP}3 4 {GAP}6 ", NOW + OVERDUE + 2)
    assert codes(db).count("incomplete") == 1
    for n in (2, 5):
        take(db, deliver(f"{n} ", concat=Concat(9, 6, n)), SOURCE, NOW + 2 * OVERDUE)
    assert (newest(db).text, newest(db).missing, count(db)) == ("1 2 3 4 5 6 ", (), 1)


def test_a_wait_for_parts_outlasts_a_step_of_the_clock(db: Database) -> None:
    """A Pi without a battery wakes in the past, and gets its time when the first part is there."""
    take(db, deliver("1", concat=Concat(9, 2, 1)), SOURCE, 1000.0)
    outbox.shift(db, NOW, NOW + 1005.0)
    inbox.give_up_waiting(db, NOW + 1010.0)
    assert newest(db).overdue_at is None


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
    for pdu in ("DEADBEEF", "", "07", "xyz", "FF" * 176):
        take(db, pdu, SOURCE, NOW)
        found = newest(db)
        assert (found.text, found.sender, found.error, found.raw) == (None, NOBODY, "undecodable", pdu)
    assert conversation(db, NOBODY)[1] == 5


def test_data_is_shown_in_hex(db: Database) -> None:
    message = Deliver(sender=ALICE, text=None, smsc_time=AT, encoding=Encoding.DATA, data=b"\x00\xff")
    take(db, encode_deliver(message).hex, SOURCE, NOW)
    assert (newest(db).text, newest(db).error) == ("00 ff", "data")


def test_data_in_parts_is_put_together(db: Database) -> None:
    """MMS notifications come so. Seen red: with the texts joined, which data has none of."""
    for n in (2, 1):
        whole = Deliver(ALICE, None, AT, Encoding.DATA, bytes((n, 255)), Concat(9, 2, n))
        take(db, encode_deliver(whole).hex, SOURCE, NOW)
    assert (newest(db).text, newest(db).error, newest(db).missing) == ("01 ff 02 ff", "data", ())


def test_a_call_can_be_returned(db: Database) -> None:
    inbox.add_call(db, ALICE, NOW, modem="north", hung_up=True)
    found = newest(db)
    assert (found.kind, found.sender, found.text, found.raw, found.error) == ("call", ALICE, None, None, "call_refused")
    assert inbox.conversations(db, None, 9, None) == [(ALICE, NOW, "", 1, 1, 0, "call")]
    assert [(event.subject, event.code) for event in events.since(db, 0, 9)] == [("…001", "call")]
    take(db, deliver(), SOURCE, NOW + 1)
    assert inbox.conversations(db, None, 9, None) == [(ALICE, NOW + 1, "Hello", 1, 2, 0, "message")]


def test_a_call_without_a_number(db: Database) -> None:
    inbox.add_call(db, None, NOW, modem="north", hung_up=False)
    found = newest(db)
    assert (found.sender, found.alphanumeric, found.error) == (NOBODY, True, "call_missed")


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
