"""Reasons to hold a message: placed from anywhere, cleared one by one, and the mark asks for them last."""

import contextlib
import dataclasses
import sqlite3

import pytest
from sqlite_utils import Database

from drivers.words import Sentence
from modemd.model.errors import Conflict
from modemd.model.finding import Finding
from modemd.model.hold import NewHold
from modemd.staging import holdback
from modemd.store import events, holding, holds, outbox, transmit
from modemd.store.migrations import migrations
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, M, P, add, find, lose, mark, new, parts, queued, send, state

OPT_OUT = NewHold("opted_out")
ASKS = NewHold("number_new", "confirm", Sentence("Never written to before."))


def held(db: Database, *news: NewHold, **rest: object) -> int:
    id = add(db, **rest)  # type: ignore[arg-type]
    holding.place(db, id, news, NOW, "ann")
    return id


def codes(db: Database, id: int) -> list[str]:
    return [hold.code for hold in find(db, id).holds]


def lift(db: Database, id: int, code: str, at: float = NOW, at_least: float = 10.0) -> None:
    holding.lift(db, id, [hold for hold in find(db, id).holds if hold.code == code], at, "bob", at_least)


# -- placed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["staged", "queued"])
def test_what_has_not_left_is_held_wherever_it_is(db: Database, where: str) -> None:
    id = add(db) if where == "staged" else queued(db)
    holding.place(db, id, [OPT_OUT, ASKS], NOW, "ann")
    assert (state(db, id), find(db, id).error, codes(db, id)) == (M.HELD, "opted_out", ["opted_out", "number_new"])
    assert mark(db, id) is Mark.CANCELLED


def test_what_is_over_or_a_draft_is_left_alone(db: Database) -> None:
    sent, draft = queued(db), add(db, fuse=None)
    send(db, sent)
    for id in (sent, draft):
        holding.place(db, id, [OPT_OUT], NOW)
        assert not holds.is_open(db, id)


def test_the_same_reason_twice_is_one(db: Database) -> None:
    id = held(db, OPT_OUT, OPT_OUT)
    holding.place(db, id, [OPT_OUT], NOW)
    assert codes(db, id) == ["opted_out"]


def test_a_message_between_two_parts_is_held_with_the_rest(db: Database) -> None:
    id = queued(db, parts=2)
    send(db, id)
    holding.place(db, id, [OPT_OUT], NOW)
    assert (state(db, id), parts(db, id)) == (M.HELD, [P.SUBMITTED, P.QUEUED])
    assert outbox.cancel(db, id, NOW, "ann").outcome == "partly"


def test_a_part_in_the_air_settles_and_the_rest_is_held(db: Database) -> None:
    id = queued(db, parts=2)
    assert mark(db, id) is Mark.GO
    holding.place(db, id, [OPT_OUT], NOW)
    assert state(db, id) is M.SUBMITTING
    assert mark(db, id, 2) is Mark.HELD
    transmit.submitted(db, id, 1, 7, NOW)
    transmit.let_go(db, id, NOW)
    assert (state(db, id), parts(db, id)) == (M.HELD, [P.SUBMITTED, P.QUEUED])
    lift(db, id, "opted_out")
    assert outbox.let_go(db, id, NOW + 10, [])
    assert mark(db, id, 2, NOW + 10) is Mark.GO


def test_a_report_does_not_let_a_relit_message_pass_its_fuse(db: Database) -> None:
    """Seen red: when reports settled a staged message by its parts."""
    from tests.modemd.outbox_at_hand import report

    id = queued(db, parts=2)
    send(db, id, tp_mr=9)
    holding.place(db, id, [OPT_OUT], NOW)
    lift(db, id, "opted_out")
    report(db, 9, at=NOW + 1)
    assert (state(db, id), parts(db, id)) == (M.STAGED, [P.DELIVERED, P.QUEUED])


def test_what_a_person_has_sent_again_is_held_for_what_came_meanwhile(db: Database) -> None:
    from modemd.store import reports

    id = queued(db)
    lose(db, id)
    holding.place(db, id, [OPT_OUT], NOW)
    assert state(db, id) is M.UNCERTAIN
    reports.settle_by_hand(db, id, "resend", NOW, "ann")
    assert (state(db, id), codes(db, id)) == (M.HELD, ["opted_out"])


# -- the gate ----------------------------------------------------------------------------------------------


def test_p6_a_row_moved_past_its_hold_by_any_path_does_not_pass_the_mark(db: Database) -> None:
    """Seen red: without the question to `holding.stops` in `mark`."""
    id = held(db, OPT_OUT)
    db.execute("update message set state = 'queued' where id = ?", (id,))
    assert mark(db, id) is Mark.HELD
    transmit.let_go(db, id, NOW)
    assert state(db, id) is M.HELD


def test_p6_what_was_confirmed_for_another_text_does_not_pass_the_mark(db: Database) -> None:
    """Seen red: when a cleared reason was not compared with the message."""
    for column, value in (("text", "'Another'"), ("recipient", f"'{BOB}'")):
        id = outbox.add(db, [new(holds=(dataclasses.replace(ASKS, cleared=True),), fuse=0.0)], NOW)[0]
        db.execute(f"update message set {column} = {value} where id = ?", (id,))
        assert mark(db, id) is Mark.HELD
        assert (state(db, id), codes(db, id)) == (M.HELD, ["number_new"])


def test_what_was_confirmed_in_the_same_breath_passes(db: Database) -> None:
    id = outbox.add(db, [new(holds=(dataclasses.replace(ASKS, cleared=True),), fuse=0.0)], NOW)[0]
    assert state(db, id) is M.QUEUED
    assert mark(db, id) is Mark.GO


# -- at release --------------------------------------------------------------------------------------------


def test_at_release_only_what_nobody_has_cleared_holds(db: Database) -> None:
    id = outbox.add(db, [new(holds=(dataclasses.replace(ASKS, cleared=True),))], NOW)[0]
    assert outbox.let_go(db, id, NOW + 10, [ASKS, NewHold("date_past", "confirm")])
    assert codes(db, id) == ["date_past"]
    holding.confirm(db, id, ["date_past"], NOW + 20, "bob", 10.0)
    assert outbox.let_go(db, id, NOW + 30, [ASKS, NewHold("date_past", "confirm")])
    assert state(db, id) is M.QUEUED


def test_what_is_in_the_way_at_release_is_not_cleared_by_having_been_there(db: Database) -> None:
    id = held(db, NewHold("text_empty"))
    lift(db, id, "text_empty")
    assert outbox.let_go(db, id, NOW + 10, [NewHold("text_empty")])
    assert state(db, id) is M.HELD


# -- cleared -----------------------------------------------------------------------------------------------


def test_p6_the_last_reason_relights_the_fuse(db: Database) -> None:
    """Seen red: when the fuse was lit for what was left of it."""
    id = held(db, OPT_OUT, ASKS, fuse=0.5)
    lift(db, id, "opted_out", NOW + 100)
    assert (state(db, id), find(db, id).error) == (M.HELD, "number_new")
    lift(db, id, "number_new", NOW + 100)
    found = find(db, id)
    assert (found.state, found.error, found.release_at) == (M.STAGED, None, NOW + 110)
    assert found.valid_until == NOW + 110 + found.validity
    assert not outbox.let_go(db, id, NOW + 109, [])


def test_a_longer_fuse_and_a_later_time_are_kept(db: Database) -> None:
    long, scheduled, past = held(db, OPT_OUT, fuse=60.0), held(db, OPT_OUT, send_at=NOW + 900), None
    for id in (long, scheduled):
        lift(db, id, "opted_out", NOW + 5)
    assert [find(db, id).release_at for id in (long, scheduled)] == [NOW + 65, NOW + 900]
    past = held(db, OPT_OUT, send_at=NOW + 20)
    lift(db, past, "opted_out", NOW + 50)
    assert find(db, past).release_at == NOW + 60


def test_a_shorter_validity_is_not_lengthened_by_a_night(db: Database) -> None:
    """Seen red: when every end of quiet hours began the validity anew."""
    morning, usual = NOW + 36_000, 3600.0
    until = NewHold("time_quiet", "time", until=morning)
    ids = [held(db, until, validity=validity) for validity in (600.0, usual)]
    assert holding.let_time_clear(db, morning, 10.0, usual) == 2
    assert [(state(db, id), find(db, id).release_at) for id in ids] == [(M.STAGED, morning + 10)] * 2
    for id in ids:
        assert outbox.let_go(db, id, morning + 10, [])
    assert [state(db, id) for id in ids] == [M.EXPIRED, M.QUEUED]


def test_confirming_clears_what_is_to_be_confirmed_and_nothing_else(db: Database) -> None:
    id = held(db, ASKS, OPT_OUT)
    with pytest.raises(Conflict):
        holding.confirm(db, id, ["opted_out"], NOW, "bob", 10.0)
    assert holding.confirm(db, id, ["number_new", "opted_out", "other"], NOW, "bob", 10.0) == ["number_new"]
    assert codes(db, id) == ["opted_out"]
    with pytest.raises(Conflict):
        holding.confirm(db, add(db), ["number_new"], NOW, "bob", 10.0)
    cleared = [hold for hold in holds.standing(db, [id])[id] if not hold.is_open]
    assert [(hold.code, hold.cleared_by) for hold in cleared] == [("number_new", "bob")]
    assert [event.code for event in events.of_message(db, id) if event.kind == "hold"] == ["number_new"]


def test_an_edit_asks_everything_anew(db: Database) -> None:
    id = held(db, ASKS, OPT_OUT)
    outbox.edit(db, id, new(text="Other", holds=(ASKS,)), NOW, "bob")
    assert codes(db, id) == ["number_new"]
    outbox.edit(db, id, new(fuse=None), NOW, "bob")
    assert (state(db, id), holds.standing(db, [id])[id]) == (M.DRAFT, ())


def test_a_longer_fuse_voids_no_confirmation(db: Database) -> None:
    id = outbox.add(db, [new(send_at=NOW + 60, holds=(dataclasses.replace(ASKS, cleared=True),))], NOW)[0]
    outbox.extend(db, id, 60, NOW, "ann")
    assert state(db, id) is M.STAGED


# -- what holds --------------------------------------------------------------------------------------------


def finding(code: str, severity: str) -> Finding:
    return Finding(code, severity, "text", Sentence(code))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("open", [("block", "edit", False)]),
        ("standard", [("block", "edit", False), ("asks", "confirm", False), ("asked", "confirm", True)]),
        ("strict", [("block", "edit", False), ("asks", "confirm", False), ("asked", "confirm", True)]),
    ],
)
def test_what_is_to_be_confirmed_holds_unless_the_site_is_open(profile: str, expected: list[object]) -> None:
    """Seen red: when profile "open" held as well."""
    found = [finding("note", "note"), finding("block", "block"), *[finding("asks", "confirm")] * 2]
    made = holdback.of_findings([*found, finding("asked", "confirm")], profile, ["asked", "never_asked"])
    assert [(hold.code, hold.needs, hold.cleared) for hold in made] == expected


# -- from the version before -------------------------------------------------------------------------------


def test_what_was_held_before_keeps_its_reason() -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection, recursive_triggers=False)
        migrations.apply(db, stop_before="m006_holds")
        for state, error, batch in (("held", "text_empty", 5), ("held", None, 5), ("staged", None, None)):
            db.execute(
                "insert into message (batch_id, state, recipient, text, encoding, author, created_at, validity, error)"
                " values (?, ?, ?, 'x', 'gsm7', 'ann', ?, 60, ?)",
                (batch, state, ALICE, NOW, error),
            )
        migrations.apply(db)
        assert [codes(db, id) for id in (1, 2, 3)] == [["text_empty"], ["internal"], []]
        assert find(db, 1).holds[0].needs == "edit"
        assert [find(db, id).recipients for id in (1, 3)] == [2, 1]
        assert len(find(db, 1).salt or "") == 32
