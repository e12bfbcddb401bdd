"""Every arrow, every missing one, and what parts make of their message."""

import itertools
import re
import sqlite3

import pytest
from sqlite_utils import Database

from modemd.model.errors import StaleState, StateBroken
from modemd.model.states import (
    FINAL,
    LEFT,
    MESSAGE_TRANSITIONS,
    NEVER,
    PART_TRANSITIONS,
    MessageState,
    PartState,
    message_state,
)
from modemd.store import events
from modemd.store.moves import move_message, move_part
from tests.modemd.outbox_at_hand import NOW, M, P, find, put


@pytest.mark.parametrize(("old", "new"), [*itertools.product(MessageState, MessageState)])
def test_a_message_moves_along_the_arrows_alone(db: Database, old: MessageState, new: MessageState) -> None:
    id = put(db, old, [P.QUEUED])
    before = events.last_id(db)
    if new in MESSAGE_TRANSITIONS[old]:
        move_message(db, id, old, new, NOW, who="ann")
        assert find(db, id).state is new
        (event,) = events.since(db, before, 9)
        assert (event.kind, event.old, event.new, event.who) == ("state", old, new, "ann")
    else:
        with pytest.raises(StateBroken):
            move_message(db, id, old, new, NOW)
        assert find(db, id).state is old
        assert events.last_id(db) == before


@pytest.mark.parametrize(("old", "new"), [*itertools.product(PartState, PartState)])
def test_a_part_moves_along_the_arrows_alone(db: Database, old: PartState, new: PartState) -> None:
    id = put(db, M.QUEUED, [old])
    before = events.last_id(db)
    if new in PART_TRANSITIONS[old]:
        move_part(db, id, 1, old, new, NOW)
        assert find(db, id).parts[0].state is new
        (event,) = events.since(db, before, 9)
        assert (event.kind, event.old, event.new, event.subject) == ("part", old, new, "1")
    else:
        with pytest.raises(StateBroken):
            move_part(db, id, 1, old, new, NOW)
        assert find(db, id).parts[0].state is old


@pytest.mark.parametrize(("old", "after"), [*MESSAGE_TRANSITIONS.items()])
def test_a_message_that_somebody_else_moved_first_stays(
    db: Database, old: MessageState, after: frozenset[MessageState]
) -> None:
    for new, actual in itertools.product(after, set(MessageState) - {old}):
        id = put(db, actual, [P.QUEUED])
        with pytest.raises(StaleState):
            move_message(db, id, old, new, NOW)
        assert find(db, id).state is actual


@pytest.mark.parametrize(("old", "after"), [*PART_TRANSITIONS.items()])
def test_a_part_that_somebody_else_moved_first_stays(db: Database, old: PartState, after: frozenset[PartState]) -> None:
    for new, actual in itertools.product(after, set(PartState) - {old}):
        id = put(db, M.QUEUED, [actual])
        with pytest.raises(StaleState):
            move_part(db, id, 1, old, new, NOW)
        assert find(db, id).parts[0].state is actual


def test_what_is_not_there_is_stale(db: Database) -> None:
    with pytest.raises(StaleState):
        move_message(db, 99, M.STAGED, M.QUEUED, NOW)
    with pytest.raises(StaleState):
        move_part(db, 99, 1, P.QUEUED, P.SUBMITTING, NOW)


@pytest.mark.parametrize(("table", "states"), [("message", MessageState), ("part", PartState)])
def test_the_schema_knows_the_states_of_the_enum(
    db: Database, table: str, states: type[MessageState] | type[PartState]
) -> None:
    (sql,) = db.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()
    check = re.search(r"check \(state in \((.*?)\)\)", sql, re.DOTALL)
    assert check is not None
    assert set(re.findall(r"'(\w+)'", check[1])) == set(states)
    id = put(db, M.QUEUED, [P.QUEUED])
    column = "id" if table == "message" else "message_id"
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(f"update {table} set state = 'gone' where {column} = ?", (id,))


def test_every_state_has_its_row_of_arrows() -> None:
    assert set(MESSAGE_TRANSITIONS) == set(MessageState)
    assert set(PART_TRANSITIONS) == set(PartState)
    assert {M.DELIVERED, M.UNDELIVERED, M.FAILED} == FINAL
    assert not LEFT & NEVER


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([P.QUEUED], M.QUEUED),
        ([P.SUBMITTING], M.SUBMITTING),
        ([P.SUBMITTED], M.SUBMITTED),
        ([P.DELIVERED], M.DELIVERED),
        ([P.UNDELIVERED], M.UNDELIVERED),
        ([P.CANCELLED], M.CANCELLED),
        ([P.EXPIRED], M.EXPIRED),
        ([P.FAILED], M.FAILED),
        ([P.UNCERTAIN], M.UNCERTAIN),
        ([P.SUBMITTED, P.SUBMITTING], M.SUBMITTING),
        ([P.SUBMITTED, P.QUEUED], M.QUEUED),
        ([P.UNDELIVERED, P.QUEUED], M.QUEUED),
        ([P.UNCERTAIN, P.QUEUED], M.UNCERTAIN),
        ([P.UNCERTAIN, P.CANCELLED], M.UNCERTAIN),
        ([P.SUBMITTED, P.DELIVERED], M.SUBMITTED),
        ([P.DELIVERED, P.DELIVERED], M.DELIVERED),
        ([P.DELIVERED, P.UNDELIVERED], M.UNDELIVERED),
        ([P.SUBMITTED, P.CANCELLED], M.CANCELLED),
        ([P.DELIVERED, P.EXPIRED], M.EXPIRED),
        ([P.UNDELIVERED, P.CANCELLED], M.UNDELIVERED),
        ([P.DELIVERED, P.FAILED, P.CANCELLED], M.FAILED),
    ],
)
def test_a_message_is_called_by_the_worst_of_its_parts(parts: list[PartState], expected: MessageState) -> None:
    assert message_state(parts) is expected
    assert message_state(reversed(parts)) is expected


def test_every_mix_of_parts_makes_a_state() -> None:
    for mix in itertools.combinations_with_replacement(PartState, 3):
        assert message_state(mix) in MessageState


def test_a_message_without_parts_has_no_state_of_its_own() -> None:
    with pytest.raises(ValueError, match="has parts"):
        message_state([])


def test_what_went_wrong_on_the_way_is_over_when_it_went_well(db: Database) -> None:
    id = put(db, M.SUBMITTING, [P.SUBMITTING])
    move_part(db, id, 1, P.SUBMITTING, P.QUEUED, NOW, code="cms_42")
    move_message(db, id, M.SUBMITTING, M.QUEUED, NOW, code="cms_42")
    assert (find(db, id).error, find(db, id).parts[0].error) == ("cms_42", "cms_42")
    move_part(db, id, 1, P.QUEUED, P.SUBMITTING, NOW)
    move_message(db, id, M.QUEUED, M.SUBMITTING, NOW)
    assert find(db, id).error == "cms_42"
    move_part(db, id, 1, P.SUBMITTING, P.SUBMITTED, NOW)
    move_message(db, id, M.SUBMITTING, M.SUBMITTED, NOW)
    assert (find(db, id).error, find(db, id).parts[0].error) == (None, None)
