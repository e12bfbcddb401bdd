"""Staged, edited, taken back, extended, released, expired, cancelled: the outbox until a modem takes over."""

import pytest
from sqlite_utils import Database

from modemd.model.errors import Conflict, NotFound, TooLate
from modemd.model.hold import NewHold
from modemd.store import events, messages, outbox, reports, transmit
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import (
    ALICE,
    BOB,
    NOW,
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


def test_a_staged_message_burns_and_says_who_staged_it(db: Database) -> None:
    id = add(db, parts=2)
    message = find(db, id)
    assert (message.state, message.release_at, message.valid_until) == (M.STAGED, NOW + 10, NOW + 10 + 3600)
    assert parts(db, id) == [P.QUEUED, P.QUEUED]
    (event,) = events.of_message(db, id)
    assert (event.kind, event.new, event.who, event.at) == ("state", "staged", "ann", NOW)


def test_a_fuse_of_nothing_is_released_at_once(db: Database) -> None:
    assert state(db, queued(db)) is M.QUEUED


def test_a_draft_has_no_parts_and_no_history(db: Database) -> None:
    id = add(db, fuse=None)
    assert (state(db, id), parts(db, id), events.of_message(db, id)) == (M.DRAFT, [], [])
    outbox.edit(db, id, new(fuse=None, text="Hello again"), NOW, "ann")
    assert (find(db, id).text, events.of_message(db, id)) == ("Hello again", [])


def test_an_edit_relights_the_fuse_and_cuts_anew(db: Database) -> None:
    id = add(db)
    outbox.edit(db, id, new(BOB, at=NOW + 9, parts=3, text="Longer"), NOW + 9, "bob")
    message = find(db, id)
    assert (message.recipient, message.text, message.release_at) == (BOB, "Longer", NOW + 19)
    assert (message.state, parts(db, id), message.author) == (M.STAGED, [P.QUEUED] * 3, "ann")
    assert [(e.kind, e.who) for e in events.of_message(db, id)] == [("state", "ann"), ("edit", "bob")]
    assert not outbox.release(db, id, NOW + 10)
    assert outbox.release(db, id, NOW + 19)


def test_a_staged_message_is_taken_back_and_staged_again(db: Database) -> None:
    id = add(db)
    outbox.edit(db, id, new(fuse=None), NOW, "ann")
    assert (state(db, id), parts(db, id), find(db, id).staged_at) == (M.DRAFT, [], None)
    assert not outbox.release(db, id, NOW + 99)
    outbox.edit(db, id, new(at=NOW + 50), NOW + 50, "ann")
    assert (state(db, id), find(db, id).release_at) == (M.STAGED, NOW + 60)
    outbox.edit(db, id, new(at=NOW + 51, fuse=0.0), NOW + 51, "ann")
    assert state(db, id) is M.QUEUED


def test_a_held_message_forgets_why_when_it_is_mended(db: Database) -> None:
    id = add(db)
    assert outbox.let_go(db, id, NOW + 10, [NewHold("text_empty")])
    assert (state(db, id), find(db, id).error) == (M.HELD, "text_empty")
    outbox.edit(db, id, new(at=NOW + 20), NOW + 20, "ann")
    assert (state(db, id), find(db, id).error) == (M.STAGED, None)


def test_a_hold_comes_too_late_for_what_was_edited_or_cancelled(db: Database) -> None:
    edited, gone = add(db), add(db)
    outbox.edit(db, edited, new(at=NOW + 9), NOW + 9, "ann")
    outbox.cancel(db, gone, NOW + 9, "ann")
    assert not outbox.let_go(db, edited, NOW + 10, [NewHold("text_empty")])
    assert not outbox.let_go(db, gone, NOW + 10, [NewHold("text_empty")])
    assert (state(db, edited), state(db, gone)) == (M.STAGED, M.CANCELLED)


@pytest.mark.parametrize("when", [M.QUEUED, M.SUBMITTING, M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.UNCERTAIN])
def test_what_is_past_its_fuse_cannot_be_edited(db: Database, when: M) -> None:
    id = put(db, when, [P(when)])
    with pytest.raises(TooLate):
        outbox.edit(db, id, new(), NOW, "ann")
    with pytest.raises(TooLate):
        outbox.extend(db, id, 60, NOW, "ann")


@pytest.mark.parametrize("when", [M.CANCELLED, M.EXPIRED, M.FAILED])
def test_what_is_over_cannot_be_edited(db: Database, when: M) -> None:
    id = put(db, when, [P(when)])
    with pytest.raises(Conflict, match="is over"):
        outbox.edit(db, id, new(), NOW, "ann")


def test_a_held_message_of_which_a_part_has_left_cannot_be_edited(db: Database) -> None:
    id = put(db, M.HELD, [P.SUBMITTED, P.QUEUED])
    with pytest.raises(TooLate):
        outbox.edit(db, id, new(), NOW, "ann")


def test_a_longer_fuse(db: Database) -> None:
    id = add(db)
    outbox.extend(db, id, 60, NOW + 5, "bob")
    message = find(db, id)
    assert (message.release_at, message.fuse, message.valid_until) == (NOW + 70, 70, NOW + 70 + 3600)
    assert not outbox.release(db, id, NOW + 69)
    assert (events.of_message(db, id)[-1].code, events.of_message(db, id)[-1].data) == ("extended", "60")


def test_a_longer_schedule_moves_the_time_to_send_at(db: Database) -> None:
    id = add(db, send_at=NOW + 1000)
    outbox.extend(db, id, 60, NOW, "ann")
    assert (find(db, id).send_at, find(db, id).release_at, find(db, id).fuse) == (NOW + 1060, NOW + 1060, None)


def test_only_a_burning_fuse_is_lengthened(db: Database) -> None:
    with pytest.raises(Conflict, match="no burning fuse"):
        outbox.extend(db, add(db, fuse=None), 60, NOW, "ann")
    with pytest.raises(NotFound):
        outbox.extend(db, 77, 60, NOW, "ann")


def test_fuses_end_in_their_order(db: Database) -> None:
    late, early, scheduled = add(db, fuse=20), add(db, fuse=5), add(db, send_at=NOW + 10)
    assert outbox.due(db, NOW + 4) == []
    assert [message.id for message in outbox.due(db, NOW + 5)] == [early]
    assert {message.id for message in outbox.due(db, NOW + 20)} == {late, early, scheduled}
    assert outbox.next_moment(db) == NOW + 5


def test_a_message_is_released_once_and_not_before_its_time(db: Database) -> None:
    id = add(db)
    assert not outbox.release(db, id, NOW + 9.999)
    assert outbox.release(db, id, NOW + 10)
    assert not outbox.release(db, id, NOW + 11)
    assert not outbox.release(db, 99, NOW)


def test_after_a_long_night_what_is_no_longer_valid_expires(db: Database) -> None:
    id = add(db)
    assert outbox.release(db, id, NOW + 10 + 3600)
    assert (state(db, id), parts(db, id)) == (M.EXPIRED, [P.EXPIRED])


def test_what_waits_for_a_modem_too_long_expires(db: Database) -> None:
    id = queued(db, parts=2)
    assert outbox.overdue(db, NOW + 3599) == []
    assert outbox.overdue(db, NOW + 3600) == [id]
    assert outbox.next_moment(db) == NOW + 3600
    outbox.expire(db, id, M.QUEUED, NOW + 3600)
    assert (state(db, id), parts(db, id)) == (M.EXPIRED, [P.EXPIRED, P.EXPIRED])


def test_parts_that_wait_expire_when_others_were_reported_undelivered(db: Database) -> None:
    id = put(db, M.QUEUED, [P.UNDELIVERED, P.QUEUED])
    outbox.expire(db, id, M.QUEUED, NOW)
    assert (state(db, id), parts(db, id)) == (M.UNDELIVERED, [P.UNDELIVERED, P.EXPIRED])


# -- P1: three answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [M.HELD, M.STAGED, M.QUEUED])
def test_p1_a_cancel_before_anything_left(db: Database, when: M) -> None:
    id = put(db, when, [P.QUEUED, P.QUEUED])
    answer = outbox.cancel(db, id, NOW, "bob")
    assert (answer.outcome, answer.left, answer.total, answer.left_at) == ("cancelled", 0, 2, None)
    assert (answer.message.state, parts(db, id)) == (M.CANCELLED, [P.CANCELLED, P.CANCELLED])
    assert events.of_message(db, id)[-1].who == "bob"
    assert mark(db, id) is Mark.CANCELLED
    assert outbox.cancel(db, id, NOW, "bob").outcome == "cancelled"


def test_a_draft_is_thrown_away(db: Database) -> None:
    answer = outbox.cancel(db, add(db, fuse=None), NOW, "ann")
    assert (answer.outcome, answer.total, answer.message.state) == ("cancelled", 0, M.CANCELLED)


@pytest.mark.parametrize("when", [M.SUBMITTING, M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.UNCERTAIN])
def test_p1_a_cancel_after_it_left(db: Database, when: M) -> None:
    id = put(db, when, [P(when)])
    db.execute("update part set left_at = ?", (NOW - 3,))
    answer = outbox.cancel(db, id, NOW, "bob")
    assert (answer.outcome, answer.left, answer.total, answer.left_at) == ("too_late", 1, 1, NOW - 3)
    assert (state(db, id), parts(db, id)) == (when, [P(when)])
    event = events.of_message(db, id)[-1]
    assert (event.kind, event.code, event.who) == ("cancel", "too_late", "bob")  # P9


@pytest.mark.parametrize(
    ("when", "first", "after"),
    [
        (M.SUBMITTING, P.SUBMITTING, M.SUBMITTING),
        (M.UNCERTAIN, P.UNCERTAIN, M.UNCERTAIN),
        *((when, P.SUBMITTED, M.CANCELLED) for when in (M.QUEUED, M.SUBMITTING, M.HELD)),
        *((when, P.DELIVERED, M.CANCELLED) for when in (M.QUEUED, M.SUBMITTING, M.HELD)),
        *((when, P.UNDELIVERED, M.UNDELIVERED) for when in (M.QUEUED, M.SUBMITTING, M.HELD)),
    ],
)
def test_p1_a_cancel_between_two_parts(db: Database, when: M, first: P, after: M) -> None:
    id = put(db, when, [first, P.QUEUED, P.QUEUED])
    db.execute("update part set left_at = ? where message_id = ? and sequence = 1", (NOW - 3, id))
    answer = outbox.cancel(db, id, NOW, "bob")
    assert (answer.outcome, answer.left, answer.total, answer.left_at) == ("partly", 1, 3, NOW - 3)
    assert (state(db, id), parts(db, id)) == (after, [first, P.CANCELLED, P.CANCELLED])
    assert mark(db, id, 2) is Mark.CANCELLED


@pytest.mark.parametrize("when", [M.EXPIRED, M.FAILED])
def test_p1_a_cancel_of_what_never_left(db: Database, when: M) -> None:
    assert outbox.cancel(db, put(db, when, [P(when)]), NOW, "ann").outcome == "cancelled"


def test_a_cancel_of_nothing(db: Database) -> None:
    with pytest.raises(NotFound):
        outbox.cancel(db, 12, NOW, "ann")


def test_p1_what_came_too_late_is_heard_when_the_network_refuses(db: Database) -> None:
    id = queued(db, parts=2)
    assert mark(db, id) is Mark.GO
    assert outbox.cancel(db, id, NOW + 1, "ann").outcome == "partly"
    transmit.refused(db, id, 1, NOW + 2, "cms_42", retry_at=NOW + 60)
    assert (state(db, id), parts(db, id)) == (M.FAILED, [P.FAILED, P.CANCELLED])

    single = queued(db)
    assert mark(db, single) is Mark.GO
    assert outbox.cancel(db, single, NOW + 1, "ann").outcome == "too_late"
    transmit.refused(db, single, 1, NOW + 2, "cms_42", retry_at=NOW + 60)
    assert state(db, single) is M.FAILED


def test_a_part_that_is_on_its_way_decides_after_the_cancel(db: Database) -> None:
    taken, lost = queued(db, parts=2), queued(db, parts=2)
    for id in (taken, lost):
        assert mark(db, id) is Mark.GO
        assert outbox.cancel(db, id, NOW, "ann").outcome == "partly"
        assert state(db, id) is M.SUBMITTING
    transmit.submitted(db, taken, 1, 5, NOW)
    transmit.uncertain(db, lost, 1, NOW, "no_answer")
    assert (state(db, taken), state(db, lost)) == (M.CANCELLED, M.UNCERTAIN)
    assert report(db, 5, 0x46) == taken
    assert state(db, taken) is M.UNDELIVERED


# -- undo -------------------------------------------------------------------------------------------------


def newest(db: Database, who: str = "ann", left_after: float = NOW - 60) -> int | None:
    return messages.newest_of(db, who, left_after)


def test_undo_means_the_newest_of_whoever_asks(db: Database) -> None:
    mine, newer, theirs = add(db), add(db, at=NOW + 1), add(db, at=NOW + 2, author="bob")
    assert (newest(db), newest(db, "bob"), newest(db, "eve")) == (newer, theirs, None)
    outbox.cancel(db, newer, NOW + 3, "ann")
    assert newest(db) == mine
    outbox.cancel(db, mine, NOW + 3, "ann")
    assert newest(db) is None


def test_undo_does_not_reach_past_one_that_has_just_left(db: Database) -> None:
    scheduled = add(db, send_at=NOW + 9999)
    gone = queued(db, at=NOW + 1)
    send(db, gone, at=NOW + 2)
    report(db, 1, at=NOW + 3)
    assert (newest(db, left_after=NOW), newest(db, left_after=NOW + 30)) == (gone, scheduled)
    lost = queued(db, at=NOW + 40)
    lose(db, lost, at=NOW + 41)
    assert newest(db, left_after=NOW) == lost


def test_undo_passes_over_drafts_and_what_failed(db: Database) -> None:
    burning = add(db)
    add(db, at=NOW + 1, fuse=None)
    failed = queued(db, at=NOW + 2)
    assert mark(db, failed, at=NOW + 2) is Mark.GO
    transmit.refused(db, failed, 1, NOW + 3, "cms_1", retry_at=None)
    assert newest(db) == burning


def test_an_edited_message_is_the_newest(db: Database) -> None:
    first = add(db)
    add(db, at=NOW + 1)
    outbox.edit(db, first, new(at=NOW + 2), NOW + 2, "ann")
    assert newest(db) == first


# -- what the groups say ----------------------------------------------------------------------------------


def test_counts_by_group(db: Database) -> None:
    for when in M:
        put(db, when, [P.QUEUED])
    db.execute("update message set ended_at = ? where state = 'delivered'", (NOW,))
    add(db, send_at=NOW + 99)
    found = messages.counts(db, NOW - 1)
    assert (found["needs_you"], found["on_air"], found["burning"], found["scheduled"]) == (2, 2, 1, 1)
    assert (found["done_today"], found["drafts"], messages.counts(db, NOW + 1)["done_today"]) == (1, 1, 0)


def test_a_batch_is_one_transaction_with_one_number(db: Database) -> None:
    first, second = outbox.add(db, [new(ALICE), new(BOB)], NOW, batch=True)
    batch = find(db, first).batch_id
    assert batch is not None
    assert find(db, second).batch_id == batch
    assert outbox.batch_of(db, batch) == [first, second]
    with pytest.raises(NotFound):
        outbox.batch_of(db, batch + 1)


def test_a_resent_message_may_be_refused_again_and_tried_again(db: Database) -> None:
    id = queued(db)
    lose(db, id)
    outbox.cancel(db, id, NOW + 1, "ann")
    reports.settle_by_hand(db, id, "resend", NOW + 2, "ann")
    assert mark(db, id, at=NOW + 3) is Mark.GO
    transmit.refused(db, id, 1, NOW + 4, "cms_42", retry_at=NOW + 60)
    assert state(db, id) is M.QUEUED
