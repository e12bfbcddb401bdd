"""The outbox at the modem: claims, the mark, and what became of each part."""

from typing import Any

import pytest
from sqlite_utils import Database

from modemd.model.errors import Conflict, NotFound
from modemd.model.hold import NewHold
from modemd.store import events, holding, line, messages, outbox, reports, transmit
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import (
    NOW,
    SIM,
    M,
    P,
    add,
    find,
    lose,
    mark,
    new,
    parts,
    put,
    queued,
    report,
    send,
    state,
)


def claimable(db: Database, free: list[str], claimed: set[int] = set(), at: float = NOW) -> list[int]:  # noqa: B006
    return [message.id for message in transmit.claimable(db, free, claimed, at)]


def test_the_oldest_goes_first_and_each_modem_gets_one(db: Database) -> None:
    first, second, third = queued(db), queued(db), queued(db)
    add(db)
    assert claimable(db, ["north"]) == [first]
    assert claimable(db, ["north", "south"]) == [first, second]
    assert claimable(db, ["north"], {first, second}) == [third]
    assert claimable(db, []) == []
    assert claimable(db, ["north"], {first, second, third}) == []


def test_p4_messages_for_one_modem_hold_up_no_other(db: Database) -> None:
    north = [queued(db, modem="north") for _ in range(3)]
    anyone = queued(db)
    assert claimable(db, ["south", "north"]) == [north[0], anyone]
    assert claimable(db, ["south"]) == [anyone]
    assert claimable(db, ["west"], {anyone}) == []


def test_what_backs_off_waits_and_holds_up_nobody(db: Database) -> None:
    waits, other = queued(db), queued(db)
    assert mark(db, waits) is Mark.GO
    transmit.refused(db, waits, 1, NOW, "cms_42", retry_at=NOW + 60)
    assert claimable(db, ["north"]) == [other]
    assert transmit.next_retry(db, NOW) == NOW + 60
    assert claimable(db, ["north"], at=NOW + 60) == [waits]
    assert transmit.next_retry(db, NOW + 60) is None


def test_a_stopped_line_gives_nothing_away(db: Database) -> None:
    id = queued(db)
    line.switch(db, True, "ann", NOW)
    assert claimable(db, ["north"]) == []
    assert mark(db, id) is Mark.STOPPED
    assert (state(db, id), parts(db, id)) == (M.QUEUED, [P.QUEUED])
    line.switch(db, False, "bob", NOW + 1)
    line.switch(db, False, "bob", NOW + 2)
    assert mark(db, id) is Mark.GO
    assert [(e.new, e.who) for e in events.since(db, 0, 99) if e.kind == "line"] == [
        ("stopped", "ann"),
        ("running", "bob"),
    ]
    assert line.read(db).at == NOW + 1


def test_the_mark_is_given_once(db: Database) -> None:
    id = queued(db)
    assert mark(db, id, expected=7) is Mark.GO
    part = find(db, id).parts[0]
    assert (part.state, part.tp_mr, part.tp_mr_known, part.left_at) == (P.SUBMITTING, 7, 0, NOW)
    assert (part.modem, part.sim, part.attempts, state(db, id)) == ("north", SIM, 1, M.SUBMITTING)
    assert mark(db, id) is Mark.CANCELLED


@pytest.mark.parametrize("when", [each for each in M if each not in (M.QUEUED, M.SUBMITTING)])
def test_the_mark_is_refused_where_nothing_should_leave(db: Database, when: M) -> None:
    id = put(db, when, [P.QUEUED])
    assert mark(db, id) is Mark.CANCELLED
    assert (state(db, id), parts(db, id)) == (when, [P.QUEUED])


def test_the_mark_is_refused_when_the_validity_is_over(db: Database) -> None:
    id = queued(db)
    assert mark(db, id, at=NOW + 3600) is Mark.EXPIRED
    assert claimable(db, ["north"], at=NOW + 3600) == []


def test_what_was_edited_after_it_was_claimed_is_not_what_stands_at_the_prompt(db: Database) -> None:
    """The wrong text, or the wrong person, must not leave because an older copy of the message was in a hand.

    Seen red: without the comparison the mark was given to the old text.
    """
    id = queued(db)
    (claimed,) = transmit.claimable(db, ["north"], set(), NOW)
    given: dict[str, Any] = {"modem": "north", "sim": SIM, "expected": None}
    holding.place(db, id, [NewHold("internal", "edit")], NOW)
    outbox.edit(db, id, new(text="Another text", fuse=0.0), NOW, "ann")
    assert state(db, id) is M.QUEUED
    assert transmit.last_word(db, claimed, 1, NOW, **given).mark is Mark.CHANGED
    assert parts(db, id) == [P.QUEUED]
    (again,) = transmit.claimable(db, ["north"], set(), NOW)
    assert transmit.last_word(db, again, 1, NOW, **given).mark is Mark.GO


def test_part_after_part(db: Database) -> None:
    id = queued(db, parts=2)
    send(db, id, 1, tp_mr=8)
    assert (state(db, id), parts(db, id)) == (M.SUBMITTING, [P.SUBMITTED, P.QUEUED])
    send(db, id, 2, tp_mr=9)
    message = find(db, id)
    assert (message.state, [part.tp_mr for part in message.parts]) == (M.SUBMITTED, [8, 9])
    assert message.ended_at == NOW


def test_p2_a_transient_refusal_goes_back_and_a_permanent_one_does_not(db: Database) -> None:
    id = queued(db, parts=2)
    assert mark(db, id, expected=3) is Mark.GO
    transmit.refused(db, id, 1, NOW, "cms_42", retry_at=NOW + 60)
    part = find(db, id).parts[0]
    assert (part.state, part.left_at, part.tp_mr, part.error, part.attempts) == (P.QUEUED, None, None, "cms_42", 1)
    assert (state(db, id), find(db, id).error) == (M.QUEUED, "cms_42")
    assert mark(db, id, at=NOW + 60) is Mark.GO
    transmit.refused(db, id, 1, NOW + 61, "cms_1", retry_at=None)
    assert (state(db, id), parts(db, id)) == (M.FAILED, [P.FAILED, P.CANCELLED])


def test_what_never_reached_the_modem_stays_queued(db: Database) -> None:
    id = queued(db)
    transmit.not_sent(db, id, 1, NOW, "no_prompt", retry_at=NOW)
    part = find(db, id).parts[0]
    assert (state(db, id), part.state, part.attempts, part.left_at) == (M.QUEUED, P.QUEUED, 1, None)
    transmit.not_sent(db, id, 1, NOW, "refused", retry_at=None)
    assert (state(db, id), find(db, id).error) == (M.FAILED, "refused")


def test_what_was_cancelled_at_the_prompt_stays_cancelled(db: Database) -> None:
    id = queued(db)
    outbox.cancel(db, id, NOW, "ann")
    transmit.not_sent(db, id, 1, NOW, "no_prompt", retry_at=NOW)
    transmit.let_go(db, id, NOW)
    assert (state(db, id), parts(db, id)) == (M.CANCELLED, [P.CANCELLED])


def test_an_uncertain_part_stops_the_rest(db: Database) -> None:
    id = queued(db, parts=2)
    lose(db, id)
    assert (state(db, id), parts(db, id)) == (M.UNCERTAIN, [P.UNCERTAIN, P.QUEUED])
    assert find(db, id).error == "no_answer"
    assert claimable(db, ["north"]) == []
    assert mark(db, id, 2) is Mark.CANCELLED


@pytest.mark.parametrize(
    ("said", "after", "each"),
    [
        ("sent", M.QUEUED, [P.SUBMITTED, P.QUEUED]),
        ("not_sent", M.FAILED, [P.FAILED, P.CANCELLED]),
        ("resend", M.QUEUED, [P.QUEUED, P.QUEUED]),
    ],
)
def test_a_person_settles_what_is_uncertain(db: Database, said: str, after: M, each: list[P]) -> None:
    id = queued(db, parts=2)
    lose(db, id, expected=4)
    reports.settle_by_hand(db, id, said, NOW + 5000, "bob")
    assert (state(db, id), parts(db, id)) == (after, each)
    assert any(e.who == "bob" and e.code == f"settled_{said}" for e in events.of_message(db, id))
    with pytest.raises(Conflict, match="nothing to settle"):
        reports.settle_by_hand(db, id, said, NOW, "bob")
    if said == "resend":  # it is a message of today
        part = find(db, id).parts[0]
        assert (part.left_at, part.tp_mr) == (None, None)
        assert claimable(db, ["north"], at=NOW + 5000) == [id]
        assert mark(db, id, at=NOW + 5000) is Mark.GO


def test_only_what_is_uncertain_is_settled(db: Database) -> None:
    with pytest.raises(NotFound):
        reports.settle_by_hand(db, 5, "sent", NOW, "ann")
    with pytest.raises(Conflict):
        reports.settle_by_hand(db, add(db), "resend", NOW, "ann")


def test_p2_after_a_crash_what_was_past_the_mark_is_uncertain(db: Database) -> None:
    in_air, before, between, done = queued(db, parts=2), queued(db), queued(db, parts=2), queued(db)
    assert mark(db, in_air) is Mark.GO
    send(db, between, 1, tp_mr=2)
    send(db, done, tp_mr=3)
    assert transmit.recover(db, NOW + 9, "stopped") == 1
    assert [state(db, id) for id in (in_air, before, between, done)] == [
        M.UNCERTAIN,
        M.QUEUED,
        M.QUEUED,
        M.SUBMITTED,
    ]
    assert parts(db, between) == [P.SUBMITTED, P.QUEUED]
    assert transmit.recover(db, NOW + 10, "stopped") == 0


def test_p4_a_lost_modem_leaves_nothing_between_two_parts(db: Database) -> None:
    mine, theirs = queued(db, parts=2), queued(db, parts=2)
    send(db, mine, 1)
    assert mark(db, theirs, modem="south", sim="2") is Mark.GO
    assert transmit.recover(db, NOW, "port_lost", "north") == 0
    assert (state(db, mine), state(db, theirs)) == (M.QUEUED, M.SUBMITTING)
    assert find(db, mine).error is None
    assert transmit.recover(db, NOW, "port_lost", "south") == 1
    assert state(db, theirs) is M.UNCERTAIN


def test_a_fault_of_ours_holds_the_message(db: Database) -> None:
    waits, in_air = queued(db), queued(db)
    transmit.hold(db, waits, "north", NOW)
    assert (state(db, waits), find(db, waits).error) == (M.HELD, "internal")
    assert mark(db, in_air) is Mark.GO
    transmit.hold(db, in_air, "north", NOW)
    assert state(db, in_air) is M.UNCERTAIN


def test_the_reference_that_comes_next(db: Database) -> None:
    assert transmit.last_tp_mr(db, SIM) is None
    send(db, queued(db), tp_mr=41, at=NOW)
    send(db, queued(db), tp_mr=42, at=NOW + 1)
    send(db, queued(db), tp_mr=200, at=NOW + 2, sim="other")
    assert transmit.last_tp_mr(db, SIM) == 42


def test_whose_answer_may_still_come(db: Database) -> None:
    assert transmit.owed(db, SIM, NOW) == frozenset()
    send(db, queued(db), tp_mr=41)
    lose(db, queued(db), expected=42)
    lose(db, queued(db), expected=43)
    lose(db, queued(db), expected=44, sim="other")
    report(db, 43)  # faster than its +CMGS, which may come all the same
    refused = queued(db)
    assert mark(db, refused, expected=45) is Mark.GO
    transmit.refused(db, refused, 1, NOW, "cms_1", retry_at=None)
    assert transmit.owed(db, SIM, NOW + 60) == {42, 43}
    assert transmit.owed(db, SIM, NOW + 601) == frozenset()
    lose(db, queued(db), expected=None)
    assert transmit.owed(db, SIM, NOW) == {42, 43, None}


def test_what_a_modem_has_to_do_and_has_done(db: Database) -> None:
    send(db, queued(db))
    queued(db, modem="south")
    queued(db)
    assert (messages.queue_length(db, "north"), messages.queue_length(db, "south")) == (1, 2)
    assert (messages.sent_since(db, SIM, NOW), messages.sent_since(db, SIM, NOW + 1)) == (1, 0)


def test_a_reference_behind_one_that_was_given_since_is_nobodys_anew(db: Database) -> None:
    """P3. Seen red in the campaign: a late answer of an older part passed for the next one's, which was lost."""
    older, between, after = queued(db), queued(db), queued(db)
    lose(db, older, at=NOW, expected=5)
    assert transmit.owed(db, SIM, NOW) == {5}
    assert transmit.passed(db, SIM, NOW) == frozenset()
    send(db, between, tp_mr=6, at=NOW + 1)
    lose(db, after, at=NOW + 2, expected=7)
    assert transmit.owed(db, SIM, NOW + 3) == {5, 7}
    assert transmit.passed(db, SIM, NOW + 3) == {5}
    assert transmit.passed(db, SIM, NOW + 3 + reports.LATE) == frozenset()


def test_what_left_before_is_told_by_the_order_not_by_the_clock(db: Database) -> None:
    """P3. Seen red in the campaign: set back by hours, the clock made an answer an older part's that had no answer."""
    first, lost = queued(db), queued(db)
    send(db, first, tp_mr=5, at=NOW + 30)
    lose(db, lost, at=NOW, expected=6)  # the clock was set back in between
    assert transmit.passed(db, SIM, NOW + 1) == frozenset()
    assert transmit.last_tp_mr(db, SIM) == 6
    send(db, queued(db), tp_mr=7, at=NOW - 20)
    assert transmit.passed(db, SIM, NOW + 1) == {6}
    assert transmit.last_tp_mr(db, SIM) == 7


def test_a_reference_that_a_report_has_named_is_nobodys_anew(db: Database) -> None:
    """P3. Seen red in the campaign: the late +CMGS of a part that was delivered passed for the next one's."""
    older = queued(db)
    lose(db, older, at=NOW, expected=5)
    report(db, 5)
    assert transmit.owed(db, SIM, NOW + 1) == {5}
    assert transmit.passed(db, SIM, NOW + 1) == {5}
