"""The hygiene inbox: what has gone stale or double, and an action for each that can be undone."""

from dataclasses import replace

import pytest
from sqlite_utils import Database

from modemd.engine.inbound import take
from modemd.model.contact import Card, Doubt, tidy
from modemd.model.errors import Conflict, Invalid, NotFound
from modemd.store import batches, contacts, hygiene
from modemd.store.hygiene import YEAR, Case
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, queued, report, send
from tests.modemd.test_inbox import SOURCE, deliver


def put(db: Database, name: str, *numbers: str, at: float = NOW, doubts: tuple[Doubt, ...] = (), **rest: object) -> int:
    card = tidy(Card(name, numbers=numbers, **rest), "JP")  # type: ignore[arg-type]
    return contacts.add(db, card, at, "ann", doubts=doubts)


def cases(db: Database, now: float = NOW) -> list[Case]:
    """All of them, two contacts at a time."""
    found: list[Case] = []
    after: int | None = 0
    while after is not None:
        some, after = hygiene.cases(db, after, 2, now)
        found += some
    return found


def kinds(db: Database, now: float = NOW) -> list[tuple[str, list[int]]]:
    return [(case.kind, [contact.id for contact in case.contacts]) for case in cases(db, now)]


def do(db: Database, action: str, **rest: int) -> int | None:
    (case,) = cases(db)
    return hygiene.act(db, case.kind, case.key, action, NOW, "bob", **rest)


def everything(db: Database) -> list[tuple[int, Card, tuple[Doubt, ...]]]:
    return [(each.id, each.card, each.doubts) for each in contacts.page(db, None, 99)]


def test_a_clean_list_is_empty(db: Database) -> None:
    put(db, "田中", ALICE), put(db, "田村", BOB), put(db, "無番"), put(db, "", "+447700900009")
    assert kinds(db) == []


def test_a_number_under_two_names(db: Database) -> None:
    ids = [put(db, "田中", ALICE), put(db, "田村", ALICE, BOB)]
    before = everything(db)
    assert kinds(db) == [("two_names", ids)]
    with pytest.raises(Invalid, match="Say which of the contacts"):
        do(db, "keep")
    batch = do(db, "keep", keep=ids[0])
    assert [contacts.find(db, id).card.numbers for id in ids] == [(ALICE,), (BOB,)]
    assert kinds(db) == []
    assert batch is not None
    batches.undo(db, batch, NOW, "bob")
    assert everything(db) == before


def test_duplicates_are_merged_and_nothing_is_lost(db: Database) -> None:
    one = put(db, "髙橋 誠", ALICE, notes="朝", tags=("a",), fields={"no": "1"})
    two = put(
        db, "高橋誠", ALICE, BOB, notes="夜", reading="たかはし まこと", fields={"no": "2", "x": "y"}, groups=("g",)
    )
    before = everything(db)
    assert kinds(db) == [("duplicate", [one, two])]
    batch = do(db, "merge", keep=one)
    assert [c.card for c in contacts.page(db, None, 9)] == [
        Card(
            "髙橋 誠",
            "たかはし まこと",
            (ALICE, BOB),
            notes="朝\n夜",
            tags=("a",),
            groups=("g",),
            fields={"no": "1", "x": "y"},
        )
    ]
    assert batch is not None
    batches.undo(db, batch, NOW, "bob")
    assert everything(db) == before


def test_namesakes_are_told_once_and_dismissed_for_good(db: Database) -> None:
    ids = [put(db, "佐藤 健", ALICE), put(db, "佐藤健", BOB)]
    put(db, "佐藤 健", "+447700900003", reading="さとう たけし")
    put(db, "佐藤 健", "+447700900004", reading="さとう けん")
    found = cases(db)
    assert [(case.kind, len(case.contacts)) for case in found] == [("duplicate", 4)]
    assert do(db, "dismiss") is None
    assert kinds(db) == []
    put(db, "佐藤 健", "+447700900005")  # one more: another case
    assert len(kinds(db)) == 1
    assert ids[0] in kinds(db)[0][1]


def test_a_lost_zero_is_settled_by_a_person(db: Database) -> None:
    doubt = Doubt("9012345678", "+819012345678")
    for action, numbers in (("accept", (doubt.proposed,)), ("discard", ())):
        id = put(db, "田中", doubts=(doubt,))
        assert kinds(db) == [("lost_zero", [id])]
        batch = do(db, action)
        assert (contacts.find(db, id).card.numbers, contacts.find(db, id).doubts) == (numbers, ())
        assert batch is not None
        batches.undo(db, batch, NOW, "bob")
        assert contacts.find(db, id).doubts == (doubt,)
        contacts.delete(db, id, NOW, "ann")


def outcome(db: Database, tp_mr: int, status: int | None) -> None:
    send(db, queued(db), tp_mr=tp_mr)
    if status is not None:
        report(db, tp_mr, status)


@pytest.mark.parametrize(
    ("statuses", "dead"),
    [
        ([0x43, 0x43, 0x43], True),
        ([0, 0x43, 0x41, 0x49], True),
        ([0x43, 0x43], False),
        ([0x43, 0x43, 0x62], False),  # the last only for the moment
        ([0x43, 0x43, 0x43, 0], False),
        ([0x43, 0x43, 0x43, None], False),
    ],
)
def test_a_dead_number(db: Database, statuses: list[int | None], dead: bool) -> None:
    id = put(db, "田中", ALICE, BOB)
    for tp_mr, status in enumerate(statuses, 1):
        outcome(db, tp_mr, status)
    assert kinds(db) == ([("dead_number", [id])] if dead else [])
    if dead:
        do(db, "remove")
        assert contacts.find(db, id).card.numbers == (BOB,)


def test_a_number_without_a_name_is_not_emptied(db: Database) -> None:
    put(db, "", ALICE)
    for tp_mr in (1, 2, 3):
        outcome(db, tp_mr, 0x43)
    with pytest.raises(Conflict, match="nothing is left of this contact"):
        do(db, "remove")


def test_who_was_neither_heard_nor_written_to_for_a_year(db: Database) -> None:
    id = put(db, "田中", ALICE)
    put(db, "無番")
    assert kinds(db, NOW + YEAR - 9) == []
    assert kinds(db, NOW + YEAR + 9) == [("stale", [id])]
    take(db, deliver(sender=ALICE), SOURCE, NOW + 50)
    assert kinds(db, NOW + YEAR + 9) == []
    queued(db, at=NOW + 99)
    assert kinds(db, NOW + YEAR + 60) == []
    (case,) = cases(db, NOW + YEAR + 100)
    assert case.since == NOW + 99
    batch = hygiene.act(db, case.kind, case.key, "delete", NOW, "bob")
    assert [c.card.name for c in contacts.page(db, None, 9)] == ["無番"]
    assert batch is not None
    batches.undo(db, batch, NOW, "bob")
    assert contacts.find(db, id).card == replace(Card("田中"), numbers=(ALICE,))


def test_what_is_seen_to_already(db: Database) -> None:
    ids = [put(db, "田中", ALICE), put(db, "田村", ALICE)]
    (case,) = cases(db)
    contacts.delete(db, ids[1], NOW, "ann")
    with pytest.raises(NotFound, match="seen to already"):
        hygiene.act(db, case.kind, case.key, "keep", NOW, "bob", keep=ids[0])
    for kind, key, action in (("two_names", case.key, "delete"), ("colour", "1/", "merge"), ("stale", "x/1", "delete")):
        with pytest.raises(Invalid):
            hygiene.act(db, kind, key, action, NOW, "bob")
