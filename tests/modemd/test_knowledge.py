"""What the checks are told of a recipient, and whom a few letters may mean."""

import pytest
from sqlite_utils import Database

from modemd.engine.inbound import take
from modemd.model.contact import Card, tidy
from modemd.model.directory import OFTEN
from modemd.model.errors import NotFound
from modemd.store import completion, contacts, opt_outs, outbox, transmit
from modemd.store.knowledge import Known, knowledge, spellings
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, add, queued, report, send
from tests.modemd.test_inbox import SOURCE, deliver

HANAKO, HANAE = "+819012345678", "+819012345679"


def put(db: Database, name: str, *numbers: str, **rest: object) -> int:
    return contacts.add(db, tidy(Card(name, numbers=numbers, **rest), "JP"), NOW, "ann")  # type: ignore[arg-type]


def known(db: Database, to: str = ALICE, text: str = "Hello", now: float = NOW, author: str = "ann") -> Known:
    return knowledge(db, to, text, now, author=author)


def test_of_a_stranger_nothing_is_known(db: Database) -> None:
    assert known(db) == Known()


def test_a_number_under_two_names_is_nobodys_for_sure(db: Database) -> None:
    put(db, "田中", ALICE, fields={"注文": "A-4711", "性別": "女"})
    put(db, "田村", ALICE)
    found = known(db)
    assert [(p.name, p.numbers, p.identifiers) for p in found.people] == [
        ("田中", (ALICE,), ("A-4711",)),
        ("田村", (ALICE,), ()),
    ]


def test_what_was_written_before(db: Database) -> None:
    outbox.cancel(db, add(db), NOW, "ann")
    add(db, fuse=None)
    assert not known(db).written_before
    send(db, queued(db))
    assert known(db).written_before
    for n in range(120):
        outbox.cancel(db, add(db, text=str(n)), NOW, "ann")
    assert known(db).written_before
    put(db, "Ann", ALICE)
    assert known(db).people[0].written == 1


@pytest.mark.parametrize("sender", spellings("+819012345678"))
def test_who_was_heard_of_in_whatever_spelling(db: Database, sender: str) -> None:
    take(db, deliver(sender=sender), SOURCE, NOW - 5)
    assert known(db, HANAKO).last_heard == NOW - 5


def test_failures_in_a_row(db: Database) -> None:
    for tp_mr, status in ((1, 0x43), (2, 0), (3, 0x43), (4, 0x62)):
        id = queued(db)
        send(db, id, tp_mr=tp_mr)
        report(db, tp_mr, status)
    add(db)
    assert known(db).last_failures == 2
    id = queued(db)
    send(db, id, tp_mr=5)
    assert known(db).last_failures == 0  # nothing bad is known of the newest


def test_the_same_text_within_a_day(db: Database) -> None:
    queued(db, text="Hello  there\n", at=NOW - 3600)
    queued(db, text="Other", at=NOW - 60)
    outbox.cancel(db, add(db, text="Never sent"), NOW, "ann")
    assert known(db, text="Hello there").last_same == NOW - 3600
    assert known(db, text="Hello there", now=NOW + 90_000).last_same is None
    assert known(db, text="Never sent").last_same is None
    assert known(db, BOB, text="Hello there").last_same is None


def test_numbers_a_slip_away_that_are_written_to_often(db: Database) -> None:
    put(db, "花子", HANAKO)
    for n in range(OFTEN):
        queued(db, HANAKO, text=str(n))
    assert [
        tuple((number, whose.name) for number, whose in known(db, to).near if whose)
        for to in (HANAE, "+819012345687", "+819021345678")
    ] == [((HANAKO, "花子"),)] * 3
    assert known(db, "+819012345999").near == ()
    send(db, queued(db, HANAE))
    assert known(db, HANAE).near == ()  # one that was written to is no slip


def test_names_that_are_like_it(db: Database) -> None:
    for name, reading, number in (
        ("佐藤 健一", "サトウ ケンイチ", ALICE),
        ("佐藤 賢一", "さとう けんいち", BOB),
        ("佐藤 健二", "サトウ ケンジ", "+447700900003"),
        ("髙橋 誠", "", "+447700900004"),
        ("鈴木 一", "サトウ ケンイチ", "+447700900005"),
    ):
        put(db, name, number, reading=reading)
    assert {p.name for p in known(db).alike} == {"佐藤 賢一", "佐藤 健二", "鈴木 一"}
    assert known(db, "+447700900004").alike == ()


def test_haste(db: Database) -> None:
    for ago in (70, 50, 30, 10):
        queued(db, author="ann", at=NOW - ago)
    queued(db, author="bob")
    outbox.cancel(db, add(db, author="ann", at=NOW - 20), NOW - 15, "ann")
    found = known(db)
    assert (found.sends_last_minute, found.last_undo) == (4, NOW - 15)
    assert known(db, author="bob").last_undo is None


def test_who_opted_out(db: Database) -> None:
    opt_outs.put(db, ALICE, opt_outs.OUT, NOW, who="ann")
    assert known(db).opted_out == "recipient_opted_out"
    assert knowledge(db, ALICE, "x", NOW, category="emergency").opted_out == ""


def test_whom_the_text_may_speak_of(db: Database) -> None:
    """Seen red: with the names of the index alone, 木 is lost among a hundred that begin like it."""
    for n in range(30):
        put(db, f"木村{n}", f"+4477009010{n:02}")
    put(db, "木村", BOB, fields={"注文": "A-4711"})

    def spoken_of(names: list[str], identifiers: list[str]) -> list[str]:
        found = knowledge(db, ALICE, "x", NOW, names=names, identifiers=identifiers).mentioned
        return [each.name for each in found if each.numbers == (BOB,)]

    assert spoken_of(["木村"], []) == spoken_of([], ["A-4711"]) == spoken_of(["木村"], ["a-4711"]) == ["木村"]
    assert spoken_of(["田村"], ["A-471"]) in ([], ["木村"])
    assert spoken_of([], []) == spoken_of(["!"], ["?"]) == []


def test_the_message_itself_is_no_news(db: Database) -> None:
    """Seen red: at release a message was said to be sent a second time, because of itself."""
    first, second = queued(db, text="Hello"), queued(db, text="Hello")
    assert knowledge(db, ALICE, "Hello", NOW, message_id=first).last_same is None
    assert knowledge(db, ALICE, "Hello", NOW, message_id=second).last_same == NOW


# -- a few letters ----------------------------------------------------------------------------------------


def offered(db: Database, typed: str) -> tuple[list[str], bool]:
    found, tie = completion.complete(db, typed, 9)
    return [f"{each.contact.card.name} {each.number[-4:]}" for each in found], tie


@pytest.fixture
def people(db: Database) -> Database:
    put(db, "山田 花子", HANAKO, reading="やまだ はなこ")
    put(db, "山本 太郎", "+819055555555", reading="ヤマモト タロウ")
    put(db, "小山田 圭", "+819066666666", reading="おやまだ けい")
    put(db, "Ann Yamada", "+447700900001", "+447700900002")
    return db


@pytest.mark.parametrize(
    ("typed", "expected", "tie"),
    [
        ("山田花子", ["山田 花子 5678"], False),
        ("やまだ はなこ", ["山田 花子 5678"], False),
        ("ﾔﾏﾓ", ["山本 太郎 5555"], False),
        ("やま", ["山田 花子 5678", "山本 太郎 5555", "小山田 圭 6666"], True),
        ("山田", ["山田 花子 5678", "小山田 圭 6666"], False),
        ("花", ["山田 花子 5678"], False),
        ("yam", ["Ann Yamada 0001", "Ann Yamada 0002"], True),
        ("090", ["山田 花子 5678", "山本 太郎 5555", "小山田 圭 6666"], True),
        ("5678", ["山田 花子 5678"], False),
        ("+44 7700 900002", ["Ann Yamada 0002"], False),
        ("", [], False),
        ("!", [], False),
        ("佐藤", [], False),
    ],
)
def test_the_likeliest_first_and_a_tie_is_said(people: Database, typed: str, expected: list[str], tie: bool) -> None:
    """Seen red: with recency as a rank, no two ever tie, and Enter takes whom was written to last."""
    assert offered(people, typed) == (expected, tie)


def test_of_those_that_fit_alike_the_one_written_to_last_comes_first(people: Database) -> None:
    queued(people, "+819055555555", at=NOW - 99)
    assert offered(people, "やま")[0][0] == "山本 太郎 5555"
    queued(people, HANAKO)
    assert offered(people, "やま") == (["山田 花子 5678", "山本 太郎 5555", "小山田 圭 6666"], True)


def test_both_names_of_a_number_are_shown(db: Database) -> None:
    put(db, "田中", ALICE), put(db, "田村", ALICE)
    assert offered(db, "0001") == (["田中 0001", "田村 0001"], True)


def stage_for(db: Database, typed: str, contact: int, to: str = HANAKO) -> int:
    id = add(db, to)
    completion.chosen(db, id, typed, contact)
    return id


def test_a_pair_that_was_undone_is_demoted(people: Database) -> None:
    """Seen red: without the call in `outbox.cancel`."""
    outbox.cancel(people, stage_for(people, "山田", 1), NOW, "ann")
    assert offered(people, "山田") == (["小山田 圭 6666", "山田 花子 5678"], False)
    assert offered(people, "山")[0][-1] == "山田 花子 5678"  # what is shorter says even less
    assert offered(people, "山田 花") == (["山田 花子 5678"], False)  # what is longer says who is meant
    outbox.cancel(people, stage_for(people, "山田花子", 1), NOW, "ann")
    assert offered(people, "山田花子") == (["山田 花子 5678"], True)  # alone, and still not taken by Enter


def test_what_leaves_after_all_is_meant(people: Database) -> None:
    outbox.cancel(people, stage_for(people, "山田", 1), NOW, "ann")
    id = stage_for(people, "山田", 1)
    outbox.release(people, id, NOW + 10)
    send(people, id, at=NOW + 10)
    assert offered(people, "山田")[0][0] == "山田 花子 5678"


def test_a_cancel_after_the_fuse_demotes_nobody(people: Database) -> None:
    id = stage_for(people, "山田", 1)
    outbox.release(people, id, NOW + 10)
    outbox.cancel(people, id, NOW + 11, "ann")
    assert offered(people, "山田")[0][0] == "山田 花子 5678"


def test_nobody_chooses_whom_there_is_not(people: Database) -> None:
    with pytest.raises(NotFound, match="no contact 99"):
        stage_for(people, "x", 99)
    assert transmit.claimable(people, ["north"], set(), NOW) == []
