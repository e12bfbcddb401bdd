"""Contacts: one spelling each, who and when of every edit, groups, and batches that can be undone."""

from dataclasses import replace

import pytest
from sqlite_utils import Database

from modemd.model.contact import Card, Consent, Contact, Doubt, doubtful, split, tidy
from modemd.model.errors import Conflict, Invalid, NotFound
from modemd.store import batches, contacts, events, groups
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW

HANAKO = Card("山田 花子", "やまだ はなこ", ("+819012345678",), "ja", tags=("常連",), groups=("顧客",))


def put(db: Database, name: str = "Ann", *numbers: str, at: float = NOW, who: str = "ann", **rest: object) -> int:
    return contacts.add(db, tidy(Card(name, numbers=numbers, **rest), "JP"), at, who)  # type: ignore[arg-type]


def names(found: list[Contact]) -> list[str]:
    return [contact.card.name for contact in found]


# -- one spelling -----------------------------------------------------------------------------------------


def test_a_card_is_tidied() -> None:
    card = Card(
        " 山田\u200b　花子\n",
        numbers=("090-1234-5678", "+81 90 1234 5678", " "),
        language="JA",
        notes="one\r\ntwo \n",
        tags=("a; b", "b"),
        groups=("z", "y,z"),
        consents=(Consent(" promotional ", "2026-01-02", "web; form"),),
        fields={"no.": " 47\t11 ", "empty": ""},
    )
    assert tidy(card, "JP") == Card(
        "山田 花子",
        numbers=("+819012345678",),
        language="ja",
        notes="one\ntwo",
        tags=("a", "b"),
        groups=("y", "z"),
        consents=(Consent("promotional", "2026-01-02", "web form"),),
        fields={"no.": "47 11"},
    )
    assert tidy(tidy(card, "JP"), "JP") == tidy(card, "JP")


@pytest.mark.parametrize(
    ("card", "why"),
    [
        (Card(), "has a name or a number"),
        (Card("Ann", numbers=("abc",)), "is no phone number"),
        (Card("Ann", numbers=("9012345678",)), r"begins with neither 0 nor \+. If \+819012345678 is meant"),
        (Card("Ann", numbers=("819012345678",)), "begins with neither"),
        (Card("Ann", language="Japanese!"), "is no language"),
        (Card("Ann", consents=(Consent("promotional", "1.2.2026"),)), "is no date"),
        (Card("Ann", consents=(Consent("", "2026-01-02"),)), "to what it was given"),
        (Card("A" * 201), "too long"),
        (Card("Ann", notes="n" * 4001), "too long"),
        (Card("Ann", tags=tuple(map(str, range(51)))), "too much"),
    ],
)
def test_a_card_that_cannot_be_kept(card: Card, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        tidy(card, "JP")


def test_a_lost_zero_is_asked_about_where_numbers_begin_with_one() -> None:
    assert [doubtful(n, "JP") for n in ("9012345678", "９０１２３４５６７８", "090-1234-5678", "+81 90 1234 5678")] == [
        True,
        True,
        False,
        False,
    ]
    assert not doubtful("5551234567", "US")
    assert not doubtful("9012345678", None)


def test_several_in_one_cell() -> None:
    assert split("a; b、c\nd|a") == ("a", "b", "c", "d")


# -- kept -------------------------------------------------------------------------------------------------


def test_a_contact_is_kept_with_who_and_when(db: Database) -> None:
    id = contacts.add(db, tidy(HANAKO, "JP"), NOW, "ann")
    contacts.change(db, id, tidy(replace(HANAKO, notes="朝に電話"), "JP"), NOW + 5, "bob", revision=1)
    found = contacts.find(db, id)
    assert found.card == replace(HANAKO, notes="朝に電話")
    assert (found.created_at, found.created_by, found.changed_at, found.changed_by) == (NOW, "ann", NOW + 5, "bob")
    assert [(e.kind, e.who, e.at) for e in contacts.history(db, id)] == [
        ("added", "ann", NOW),
        ("changed", "bob", NOW + 5),
    ]
    assert [(e.kind, e.code, e.who) for e in events.since(db, 0, 9)] == [
        ("contact", "added", "ann"),
        ("contact", "changed", "bob"),
    ]


def test_two_who_edit_at_once_do_not_overwrite_each_other(db: Database) -> None:
    id = put(db)
    contacts.change(db, id, Card("Anna"), NOW, "ann", revision=1)
    with pytest.raises(Conflict, match="ann has edited this contact meanwhile"):
        contacts.change(db, id, Card("Anne"), NOW, "bob", revision=1)
    assert contacts.find(db, id).card.name == "Anna"


def test_an_edit_that_changes_nothing_is_none(db: Database) -> None:
    id = put(db)
    contacts.change(db, id, contacts.find(db, id).card, NOW, "bob")
    assert len(contacts.history(db, id)) == 1


def test_one_number_under_two_names_is_allowed_and_seen(db: Database) -> None:
    one, two = put(db, "田中", ALICE), put(db, "田村", ALICE, BOB)
    assert [contact.id for contact in contacts.of_number(db, ALICE)] == [one, two]
    assert names(contacts.of_number(db, BOB)) == ["田村"]
    assert contacts.of_number(db, "+1") == []


def test_names_however_they_are_written(db: Database) -> None:
    put(db, "髙橋　誠"), put(db, "高橋 誠"), put(db, "高橋 真"), put(db, "", ALICE)
    assert len(contacts.of_name(db, "高橋誠")) == 2
    assert contacts.of_name(db, "") == []


def test_what_is_deleted_by_hand_is_gone(db: Database) -> None:
    """Seen red: the history kept the name."""
    id = put(db, "Ann Onym", ALICE, notes="secret")
    contacts.change(db, id, Card("Ann Other", numbers=(ALICE,), notes="secret"), NOW, "bob")
    contacts.delete(db, id, NOW, "bob")
    with pytest.raises(NotFound, match="There is no contact"):
        contacts.find(db, id)
    assert [e.kind for e in contacts.history(db, id)] == ["added", "changed", "deleted"]
    assert contacts.page(db, None, 9, q="secret") == contacts.of_number(db, ALICE) == []
    dump = "\n".join(line for line in db.conn.iterdump() if "secret" in line or "Onym" in line)
    assert dump == ""


def test_the_list_goes_by_reading(db: Database) -> None:
    for name, reading in (("渡辺", "わたなべ"), ("安藤", "ｱﾝﾄﾞｳ"), ("田中", "タナカ"), ("Zoe", "")):
        put(db, name, reading=reading)
    first = contacts.page(db, None, 2)
    assert names(first) == ["Zoe", "安藤"]
    after = ("アンドウ", first[-1].id)
    assert names(contacts.page(db, after, 9)) == ["田中", "渡辺"]


@pytest.mark.parametrize("q", ["花子", "ﾔﾏﾀﾞ", "はな", "常連", "顧客", "0901234", "5678", "山"])
def test_everything_that_is_known_is_found(db: Database, q: str) -> None:
    contacts.add(db, tidy(HANAKO, "JP"), NOW, "ann")
    put(db, "田中")
    assert names(contacts.page(db, None, 9, q=q)) == ["山田 花子"]
    assert contacts.page(db, None, 9, q="!") == []


def test_doubts_stay_with_their_contact(db: Database) -> None:
    doubt = Doubt("9012345678", "+819012345678")
    id = contacts.add(db, Card("Ann"), NOW, "ann", doubts=[doubt])
    assert contacts.find(db, id).doubts == (doubt,)
    contacts.change(db, id, Card("Ann", numbers=(doubt.proposed,)), NOW, "bob", doubts=())
    assert contacts.find(db, id).doubts == ()
    assert contacts.find(db, id).card.numbers == ("+819012345678",)


# -- groups -----------------------------------------------------------------------------------------------


def test_groups(db: Database) -> None:
    one, two = put(db, "One", groups=("a",)), put(db, "Two")
    groups.add(db, "empty", NOW, "ann")
    groups.add(db, "empty", NOW, "ann")
    groups.regroup(db, "b", [one, two], NOW, "ann", into=True)
    assert [(g.name, g.contacts) for g in groups.listed(db)] == [("a", 1), ("b", 2), ("empty", 0)]
    assert names(contacts.page(db, None, 9, group="b")) == ["One", "Two"]
    groups.regroup(db, "b", [one], NOW, "ann", into=False)
    assert (groups.members(db, "b"), contacts.find(db, one).card.groups) == ([two], ("a",))
    batch = groups.drop(db, "b", NOW, "ann")
    assert [g.name for g in groups.listed(db)] == ["a", "empty"]
    batches.undo(db, batch, NOW, "ann")
    assert groups.members(db, "b") == [two]
    with pytest.raises(NotFound, match='no group "c"'):
        groups.members(db, "c")


# -- undone at once ---------------------------------------------------------------------------------------


def batch_of_three(db: Database) -> tuple[int, int, int, int]:
    old, doomed = put(db, "Old", ALICE), put(db, "Doomed", BOB, groups=("a",))
    batch = batches.open_batch(db, "import", NOW, "ann", "customers.csv")
    added = contacts.add(db, Card("New"), NOW, "ann", batch=batch, doubts=[Doubt("90", "+8190")])
    contacts.change(db, old, Card("Older", numbers=(ALICE,)), NOW, "ann", batch=batch)
    contacts.change(db, old, Card("Oldest"), NOW, "ann", batch=batch)
    contacts.delete(db, doomed, NOW, "ann", batch=batch)
    return batch, old, doomed, added


def test_a_batch_is_undone_as_one(db: Database) -> None:
    put(db, "Bystander")
    before = [(c.id, c.card, c.doubts) for c in contacts.page(db, None, 9)]
    batch, old, doomed, _ = batch_of_three(db)
    assert [(b.source, b.contacts, b.undone_by) for b in batches.page(db, None, 9)] == [("customers.csv", 3, None)]
    assert batches.undo(db, batch, NOW + 9, "bob") == 3
    restored = [
        (old, Card("Old", numbers=(ALICE,)), ()),
        (doomed, Card("Doomed", numbers=(BOB,), groups=("a",)), ()),
    ]
    after = {id: (card, doubts) for id, card, doubts in [*before, *restored]}
    assert {c.id: (c.card, c.doubts) for c in contacts.page(db, None, 9)} == after
    assert names(contacts.page(db, None, 9, q="doomed")) == ["Doomed"]
    assert batches.page(db, None, 9)[0].undone_by == "bob"
    with pytest.raises(Conflict, match="bob has undone that already"):
        batches.undo(db, batch, NOW, "ann")
    with pytest.raises(NotFound):
        batches.undo(db, 99, NOW, "ann")


@pytest.mark.parametrize("later", ["changed", "deleted", "grouped", "imported"])
def test_nothing_that_was_done_afterwards_is_lost(db: Database, later: str) -> None:
    """Seen red: an undo that asks only whether the contact is still there."""
    batch, old, _, added = batch_of_three(db)
    match later:
        case "changed":
            contacts.change(db, added, Card("Newer"), NOW, "bob")
        case "deleted":
            contacts.delete(db, added, NOW, "bob")
        case "grouped":
            groups.regroup(db, "b", [added], NOW, "bob", into=True)
        case "imported":
            second = batches.open_batch(db, "import", NOW, "bob", "more.csv")
            contacts.change(db, old, Card("Ancient"), NOW, "bob", batch=second)
    before = list(db.conn.iterdump())
    with pytest.raises(Conflict, match="1 of these contacts were edited or deleted afterwards"):
        batches.undo(db, batch, NOW, "ann")
    assert list(db.conn.iterdump()) == before
    if later == "imported":
        batches.undo(db, second, NOW, "bob")
        batches.undo(db, batch, NOW, "ann")  # one after the other, the newest first
        assert contacts.find(db, old).card.name == "Old"
