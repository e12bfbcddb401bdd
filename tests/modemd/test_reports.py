"""Status reports find their part, or are kept."""

import pytest
from sqlite_utils import Database

from modemd.model import tp_st
from modemd.model.recipient import same_number
from modemd.store import events, inbox, outbox, reports, transmit
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import (
    ALICE,
    BOB,
    NOW,
    SIM,
    M,
    P,
    find,
    lose,
    mark,
    parts,
    put,
    queued,
    report,
    send,
    state,
)


def orphans(db: Database) -> int:
    return int(db.execute("select count(*) from report where message_id is null").fetchone()[0])


def test_a_report_delivers_its_part(db: Database) -> None:
    id = queued(db)
    send(db, id, tp_mr=17)
    assert report(db, 17, at=NOW + 5) == id
    part = find(db, id).parts[0]
    assert (state(db, id), part.state, part.tp_st, part.ended_at) == (M.DELIVERED, P.DELIVERED, 0, NOW + 5)


@pytest.mark.parametrize("wrong", [{"sim": "other"}, {"to": BOB}, {"tp_mr": 18}, {"at": NOW + 3600 + 2 * 86400}])
def test_a_report_of_something_else_is_kept_and_changes_nothing(db: Database, wrong: dict[str, object]) -> None:
    id = queued(db)
    send(db, id, tp_mr=17)
    given = {"tp_mr": 17, **wrong}
    assert report(db, **given) is None  # type: ignore[arg-type]
    assert (state(db, id), orphans(db)) == (M.SUBMITTED, 1)


def test_a_report_finds_its_part_when_the_clock_was_set_back_in_between(db: Database) -> None:
    """Seen red: with the rule for reports that have waited, which are not of what left after them."""
    id, lost = queued(db), queued(db)
    send(db, id, tp_mr=17)
    lose(db, lost, expected=18)
    report(db, 17, at=NOW - 7200)
    report(db, 18, at=NOW - 7200)
    assert (state(db, id), state(db, lost)) == (M.DELIVERED, M.DELIVERED)


def test_a_report_that_waited_is_not_of_what_left_after_it(db: Database) -> None:
    assert report(db, 9, at=NOW - 30) is None
    id = queued(db)
    send(db, id, tp_mr=9)
    assert (state(db, id), orphans(db)) == (M.SUBMITTED, 1)


@pytest.mark.parametrize("spelling", ["447700900001", "07700900001", "7700900001", ALICE])
def test_networks_spell_numbers_their_own_way(db: Database, spelling: str) -> None:
    id = queued(db)
    send(db, id)
    assert report(db, 1, to=spelling) == id


def test_numbers_that_are_not_the_same() -> None:
    assert not same_number(ALICE, BOB)
    assert not same_number("12", "12")
    assert not same_number("INFO", "INFO")
    assert same_number("+44 7700 900001", "07700900001")


def test_a_reference_that_came_round_means_the_newest(db: Database) -> None:
    old, newer = queued(db), queued(db)
    send(db, old, tp_mr=5, at=NOW)
    send(db, newer, tp_mr=5, at=NOW + 1000)
    assert report(db, 5, at=NOW + 1010) == newer
    assert (state(db, old), state(db, newer)) == (M.SUBMITTED, M.DELIVERED)


@pytest.mark.parametrize("seconds", [0, 59, 170])
def test_a_report_may_be_faster_than_its_cmgs(db: Database, seconds: float) -> None:
    id = queued(db)
    assert mark(db, id, expected=None) is Mark.GO
    assert report(db, 9, at=NOW + 1) is None
    transmit.submitted(db, id, 1, 9, NOW + 1 + seconds)
    assert (state(db, id), orphans(db)) == (M.DELIVERED, 0)


def test_a_report_that_came_while_the_cmgs_was_lost_settles_it(db: Database) -> None:
    id = queued(db, parts=2)
    assert mark(db, id, expected=9) is Mark.GO
    assert report(db, 9, at=NOW + 4) is None
    transmit.uncertain(db, id, 1, NOW + 180, "no_answer")
    assert (state(db, id), parts(db, id)) == (M.QUEUED, [P.DELIVERED, P.QUEUED])


def test_a_report_settles_what_was_uncertain(db: Database) -> None:
    delivered, trying, gone = queued(db), queued(db), queued(db)
    for id, expected in ((delivered, 1), (trying, 2), (gone, 3)):
        lose(db, id, expected=expected)
    report(db, 1, 0x00)
    report(db, 2, 0x20)
    report(db, 3, 0x46)
    assert [state(db, id) for id in (delivered, trying, gone)] == [M.DELIVERED, M.SUBMITTED, M.UNDELIVERED]


def test_a_report_that_may_be_about_a_part_in_the_air_waits_for_its_answer(db: Database) -> None:
    """The lost one has used no reference up: the next one got it. Seen red: the lost one was called delivered."""
    lost, next_one = queued(db), queued(db)
    lose(db, lost, expected=5)
    assert mark(db, next_one, expected=6) is Mark.GO
    assert report(db, 5) is None
    transmit.submitted(db, next_one, 1, 5, NOW + 1)
    assert (state(db, lost), state(db, next_one), orphans(db)) == (M.UNCERTAIN, M.DELIVERED, 0)


@pytest.mark.parametrize("ends", ["submitted", "uncertain", "refused"])
def test_and_is_about_the_lost_one_when_the_part_in_the_air_was_another(db: Database, ends: str) -> None:
    lost, next_one = queued(db), queued(db)
    lose(db, lost, expected=5)
    assert mark(db, next_one, expected=6) is Mark.GO
    assert report(db, 5) is None
    match ends:
        case "submitted":
            transmit.submitted(db, next_one, 1, 6, NOW + 1)
        case "uncertain":
            transmit.uncertain(db, next_one, 1, NOW + 1, "no_answer")
        case "refused":
            transmit.refused(db, next_one, 1, NOW + 1, "cms_42", retry_at=NOW + 60)
    assert (state(db, lost), orphans(db)) == (M.DELIVERED, 0)


def test_an_uncertain_part_without_an_expectation_waits_for_a_person(db: Database) -> None:
    id = queued(db)
    lose(db, id)
    assert report(db, 1) is None
    assert state(db, id) is M.UNCERTAIN


def test_trying_then_delivered_and_the_last_word_stands(db: Database) -> None:
    id = queued(db)
    send(db, id)
    report(db, 1, 0x21)
    assert (state(db, id), find(db, id).parts[0].tp_st) == (M.SUBMITTED, 0x21)
    report(db, 1, 0x00)
    report(db, 1, 0x21)
    report(db, 1, 0x46)
    assert (state(db, id), find(db, id).parts[0].tp_st) == (M.DELIVERED, 0x00)
    assert [e.code for e in events.of_message(db, id) if e.kind == "report"] == [
        "tp_st_33",
        "tp_st_0",
        "tp_st_33",
        "tp_st_70",
    ]


def test_a_network_that_cannot_say_has_not_delivered(db: Database) -> None:
    id = queued(db)
    send(db, id)
    report(db, 1, 0x01)
    assert state(db, id) is M.SUBMITTED


def test_every_part_must_be_delivered(db: Database) -> None:
    id = queued(db, parts=2)
    send(db, id, 1, tp_mr=1)
    report(db, 1)
    assert state(db, id) is M.SUBMITTING
    send(db, id, 2, tp_mr=2)
    assert (state(db, id), parts(db, id)) == (M.SUBMITTED, [P.DELIVERED, P.SUBMITTED])
    report(db, 2)
    assert state(db, id) is M.DELIVERED


def test_half_delivered_is_undelivered_part_by_part(db: Database) -> None:
    id = queued(db, parts=2)
    send(db, id, 1, tp_mr=1)
    send(db, id, 2, tp_mr=2)
    report(db, 1, 0x00)
    report(db, 2, 0x43)
    assert (state(db, id), parts(db, id)) == (M.UNDELIVERED, [P.DELIVERED, P.UNDELIVERED])


def test_the_same_report_twice_is_one(db: Database) -> None:
    id = queued(db)
    send(db, id)
    given = {"sim": SIM, "tp_mr": 1, "recipient": ALICE, "status": 0, "pdu": "AB", "at": NOW}
    assert reports.add(db, **given) == id  # type: ignore[arg-type]
    assert reports.add(db, **given) is None  # type: ignore[arg-type]


def test_a_part_reported_undelivered_still_lets_the_rest_be_cancelled(db: Database) -> None:
    id = queued(db, parts=2)
    send(db, id, 1, tp_mr=1)
    assert mark(db, id, 2) is Mark.GO
    transmit.refused(db, id, 2, NOW, "cms_42", retry_at=NOW + 60)
    report(db, 1, 0x43)
    assert state(db, id) is M.QUEUED
    assert outbox.cancel(db, id, NOW + 1, "ann").outcome == "partly"
    assert state(db, id) is M.UNDELIVERED


def test_a_report_does_not_disturb_a_held_message(db: Database) -> None:
    id = put(db, M.HELD, [P.SUBMITTED, P.QUEUED])
    db.execute("update part set sim = ?, tp_mr = 3, left_at = ? where sequence = 1", (SIM, NOW))
    assert report(db, 3) == id
    assert (state(db, id), parts(db, id)) == (M.HELD, [P.DELIVERED, P.QUEUED])


def test_a_late_cmgs_settles_what_waited_for_it(db: Database) -> None:
    id = queued(db, parts=2)
    lose(db, id, expected=44)
    assert reports.late_result(db, SIM, 44, NOW + 200) == id
    part = find(db, id).parts[0]
    assert (part.state, part.tp_mr, part.tp_mr_known, state(db, id)) == (P.SUBMITTED, 44, 1, M.QUEUED)


def test_a_late_cmgs_settles_the_part_that_expects_it_and_no_other(db: Database) -> None:
    first, second = queued(db), queued(db)
    lose(db, first, expected=7, at=NOW)
    lose(db, second, expected=8, at=NOW + 100)
    assert reports.late_result(db, SIM, 99, NOW + 109) is None
    assert reports.late_result(db, SIM, 7, NOW + 110) == first
    assert reports.late_result(db, SIM, 7, NOW + 111) is None
    assert (state(db, first), state(db, second)) == (M.SUBMITTED, M.UNCERTAIN)


def test_a_late_cmgs_that_two_might_have_waited_for_is_left_to_a_person(db: Database) -> None:
    first, second = queued(db), queued(db)
    lose(db, first, expected=7)
    lose(db, second, expected=7, at=NOW + 100)
    assert reports.late_result(db, SIM, 7, NOW + 110) is None
    assert (state(db, first), state(db, second)) == (M.UNCERTAIN, M.UNCERTAIN)


def test_a_late_cmgs_of_another_sim_or_another_day_settles_nothing(db: Database) -> None:
    id = queued(db)
    lose(db, id, expected=1)
    assert reports.late_result(db, "other", 1, NOW + 1) is None
    assert reports.late_result(db, SIM, 1, NOW + 601) is None
    assert state(db, id) is M.UNCERTAIN


def test_what_was_answered_is_in_the_conversation(db: Database) -> None:
    inbox.add(db, inbox.Received("AA", SIM, "north", ALICE, False, "Are you there?", NOW), NOW)
    send(db, queued(db, text="Yes"), at=NOW + 1)
    ((number, at, text, is_inbound, unread, *_),) = inbox.conversations(db, None, 9, None)
    assert (number, at, text, is_inbound, unread) == (ALICE, NOW + 1, "Yes", 0, 1)


def test_every_tp_st_has_words_and_a_meaning() -> None:
    for status in range(256):
        assert tp_st.words(status)
        expected = P.DELIVERED if status in (0, 2) else None if status <= 0x3F else P.UNDELIVERED
        assert tp_st.settles(status) is expected


def test_a_policy_sends_a_second_copy_once_and_only_of_its_categories(db: Database) -> None:
    """P2: off unless a person wrote it. Seen red: without the limit to one copy, and without the categories."""
    alarm, ordinary, late = (queued(db, category=each) for each in ("emergency", "service", "emergency"))
    lose(db, alarm, at=NOW)
    lose(db, ordinary, at=NOW)
    lose(db, late, at=NOW + 60)
    assert reports.next_resend(db, ["emergency"]) == NOW + reports.DRAIN
    assert reports.resend_by_policy(db, ["emergency"], NOW + reports.DRAIN - 1) == 0
    assert reports.resend_by_policy(db, ["emergency"], NOW + reports.DRAIN) == 1
    assert [state(db, id) for id in (alarm, ordinary, late)] == [M.QUEUED, M.UNCERTAIN, M.UNCERTAIN]
    assert [each.who for each in events.of_message(db, alarm) if each.code == "settled_resend"] == ["policy"]
    lose(db, alarm, at=NOW + 200)
    assert reports.resend_by_policy(db, ["emergency"], NOW + 9999) == 1  # the other one
    assert state(db, alarm) == M.UNCERTAIN
    assert reports.next_resend(db, ["emergency"]) is None


def test_a_part_that_may_still_be_answered_for_keeps_a_message_from_its_second_copy(db: Database) -> None:
    id = queued(db, parts=2, category="emergency")
    lose(db, id, 1, at=NOW)
    db.execute("update part set state = 'uncertain', left_at = ? where sequence = 2", (NOW + 100,))
    assert reports.resend_by_policy(db, ["emergency"], NOW + reports.DRAIN) == 0
    assert reports.resend_by_policy(db, ["emergency"], NOW + 100 + reports.DRAIN) == 1
