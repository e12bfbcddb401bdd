"""Files of contacts: read as they are or not at all, compared before anything is done, and read back as written."""

import codecs
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlite_utils import Database

from modemd.contacts import exporting, mapping
from modemd.contacts.decoding import decode
from modemd.contacts.formulas import covered, uncovered
from modemd.contacts.reading import Wanted, group_named, read
from modemd.model.contact import Card, Consent, Doubt, tidy
from modemd.model.errors import Invalid
from modemd.model.importing import BAD, CHANGED, NEW, SAME, Item, Sheet, fingerprint
from modemd.store import batches, contacts, imports
from modemd.store.imports import Do
from tests.modemd.outbox_at_hand import NOW

JAPANESE = "氏名,フリガナ,携帯電話,備考\n髙橋 ①郎,ﾀｶﾊｼ,090-1234-5678,～朝\n"


def sheet(text: str, encoding: str = "utf-8", region: str | None = "JP", **wanted: Any) -> Sheet:
    return read(text.encode(encoding), Wanted(**wanted), region)


def cards(found: Sheet) -> list[Card | None]:
    return [row.card for row in found.rows]


def compared(db: Database, found: Sheet) -> list[Item]:
    return imports.compare(db, found.rows, imports.Seen())


def kinds(items: list[Item]) -> list[str]:
    return [item.code or item.kind for item in items]


def apply(db: Database, found: Sheet, **decisions: str) -> int:
    """`row6="add"`: what a person says of row 6."""
    items = compared(db, found)
    batch = batches.open_batch(db, "import", NOW, "ann", "a.csv")
    said = {row.removeprefix("row"): Do(decision) for row, decision in decisions.items()}
    imports.apply(db, items, said, NOW, "ann", batch)
    return batch


# -- encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (JAPANESE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + JAPANESE.encode(), "utf-8"),
        (JAPANESE.encode("cp932"), "cp932"),
        (
            JAPANESE.replace("髙", "高")
            .replace("①", "一")
            .replace("～", "")
            .replace("ﾀｶﾊｼ", "タカハシ")
            .encode("iso2022_jp"),
            "iso2022_jp",
        ),
        (JAPANESE.encode("utf-16"), "utf-16"),
        (b"name,phone\n", "utf-8"),
    ],
)
def test_the_strict_chain(data: bytes, encoding: str) -> None:
    """Seen red: charset-normalizer calls the second shift_jis_2004, and 髙 is another character."""
    text, possible = decode(data)
    assert possible[0] == encoding
    assert text.splitlines()[0] in (JAPANESE.splitlines()[0], "name,phone")
    if encoding in ("utf-8", "cp932", "utf-16") and "名" in text:
        assert text == JAPANESE


def test_a_person_switches_the_encoding() -> None:
    data = "氏名,電話\n田中,090-1234-5678\n".encode("euc_jp")
    assert "euc_jp" in decode(data)[1]  # shown beside the one that was taken
    text, possible = decode(data, "euc_jp")
    assert (text.splitlines()[1], possible[0]) == ("田中,090-1234-5678", "euc_jp")
    with pytest.raises(Invalid, match="is not utf-8"):
        decode(data, "utf-8")
    with pytest.raises(Invalid, match='no encoding "latin-1" here'):
        decode(data, "latin-1")
    with pytest.raises(Invalid, match="in no encoding that is known"):
        decode(b"\xff\xff\xff\x80\x00\xa0,\x80")


# -- columns ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *((each, "name") for each in ("氏名", "お名前", "Name", "FULL NAME", "顧客名")),
        *((each, "reading") for each in ("フリガナ", "ふりがな", "よみ", "ﾌﾘｶﾞﾅ", "Kana")),
        *(
            (each, "number")
            for each in ("電話番号", "携帯電話（SMS）", "TEL", "tel 2", "電話番号２", "Phone 1 - Value")
        ),
        *(
            ("姓", "family"),
            ("First Name", "given"),
            ("備考", "notes"),
            ("グループ", "groups"),
            ("同意日", "consent_on"),
        ),
        *(("お客様番号", "x:お客様番号"), ("x:name", "x:name"), ("", "-"), ("number of cats", "x:number of cats")),
    ],
)
def test_headings(heading: str, field: str) -> None:
    assert mapping.guess(heading) == field


def test_columns_are_shown_and_can_be_mapped_by_hand() -> None:
    text = "誰,どこ\n田中,090-1234-5678\n"
    found = sheet(text)
    assert not found.headed
    assert [(c.heading, c.means, c.examples) for c in found.columns] == [
        ("1", "-", ("誰", "田中")),
        ("2", "-", ("どこ", "090-1234-5678")),
    ]
    found = sheet(text, headed=True, columns=("name", "number"))
    assert cards(found) == [Card("田中", numbers=("+819012345678",))]
    assert found.rows[0].place == 2
    with pytest.raises(Invalid, match='A column cannot be "colour"'):
        sheet(text, columns=("colour",))


def test_names_in_two_columns_and_several_numbers_in_one() -> None:
    found = sheet(
        "姓,名,セイ,メイ,電話,携帯,同意,同意日\n山田,花子,ヤマダ,ハナコ,03-1234-5678,090-1234-5678、080-1234-5678,案内,2026/01/02\n"
    )
    assert cards(found) == [
        Card(
            "山田 花子",
            "ヤマダ ハナコ",
            ("+81312345678", "+819012345678", "+818012345678"),
            consents=(Consent("案内", "2026-01-02"),),
        )
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters(delimiter: str) -> None:
    text = f'name{delimiter}phone{delimiter}notes\nAnn{delimiter}+447700900001{delimiter}"a{delimiter}b\nc"\n\n'
    for head in ("", f"sep={delimiter}\n"):
        assert cards(sheet(head + text)) == [
            Card("Ann", numbers=("+447700900001",), notes=f"a{delimiter}b\nc".replace("\t", " "))
        ]


def test_a_row_that_cannot_be_read_says_why_and_holds_up_no_other() -> None:
    found = sheet("name,phone\nAnn,110\nBob,+447700900001\nCid,hello\n")
    assert [card and card.name for card in cards(found)] == [None, "Bob", None]
    assert [str(row.problem) for row in found.rows if row.problem] == [
        '"110" has too few digits.',
        '"hello" is no phone number: use digits, with + before the country code.',
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing in this file"),
        ("name,phone\n田中,9.01E+10\n".encode(), r"Row 2: 9.01E\+10 is what a spreadsheet makes"),
        (bytes.fromhex("D0CF11E0A1B11AE1"), "old .xls format"),
        (b"PK\x03\x04 not a zip", "spreadsheet cannot be read"),
        (b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\n", "vCard file cannot be read"),
        (b"name\n" + b"a\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(data, Wanted(), "JP")


# -- zeros ------------------------------------------------------------------------------------------------


def test_a_lost_zero_is_asked_never_assumed() -> None:
    """Seen red: read as any number, 9012345678 is a mobile."""
    text = "name,phone\n田中,9012345678\n,9087654321\n"
    found = sheet(text)
    assert [(row.card and row.card.numbers, row.doubts) for row in found.rows] == [
        ((), (Doubt("9012345678", "+819012345678"),)),
        (None, ()),  # without a name there is nobody to ask about
    ]
    accepted = sheet(text, zeros=True)
    assert [row.card and row.card.numbers for row in accepted.rows] == [("+819012345678",), ("+819087654321",)]


def workbook(*rows: list[Any]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.active.title = "empty"
    page = book.create_sheet("list")
    for row in rows:
        page.append(row)
    book.save(file)
    return file.getvalue()


def test_a_spreadsheet() -> None:
    rows: list[list[Any]] = [
        ["氏名", "携帯電話", "会員番号"],
        ["田中", 9012345678, 12.0],
        [None],
        ["鈴木", "090-1234-5678", 1.5],
    ]
    found = read(workbook(*rows), Wanted(), "JP")
    assert (found.kind, found.encodings) == ("xlsx", ())
    shown = [(row.place, row.card and row.card.name, [doubt.written for doubt in row.doubts]) for row in found.rows]
    assert shown == [(2, "田中", ["9012345678"]), (4, "鈴木", [])]
    assert [row.card and row.card.fields for row in found.rows] == [{"会員番号": "12"}, {"会員番号": "1.5"}]


# -- vCard ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "VERSION:3.0\nN:山田;花子;;;\nFN:山田 花子\nX-PHONETIC-LAST-NAME:ヤマダ\nX-PHONETIC-FIRST-NAME:ハナコ\n"
        "TEL;TYPE=CELL:090-1234-5678\n",
        'VERSION:4.0\nFN:山田 花子\nN;SORT-AS="ヤマダ,ハナコ":山田;花子;;;\nTEL;VALUE=uri:tel:+81-90-1234-5678;ext=1\n',
        "VERSION:2.1\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63;=89=D4=8E=71;;;\n"
        "SOUND;X-IRMC-N;CHARSET=SHIFT_JIS:ヤマダ;ハナコ;;;\nTEL;CELL:09012345678\n",
    ],
)
def test_vcards_of_all_ages(text: str) -> None:
    found = read(f"BEGIN:VCARD\n{text}END:VCARD\n".encode(), Wanted(), "JP")
    assert found.kind == "vcard"
    assert cards(found) == [Card("山田 花子", "ヤマダ ハナコ", ("+819012345678",))]


# -- what it would do -------------------------------------------------------------------------------------


def put(db: Database, name: str, *numbers: str, **rest: Any) -> int:
    return contacts.add(db, tidy(Card(name, numbers=numbers, **rest), "JP"), NOW, "ann")


def test_the_diff_says_what_each_row_would_do(db: Database) -> None:
    tanaka = put(db, "田中", "090-1111-1111")
    put(db, "鈴木", "090-2222-2222", notes="朝"), put(db, "佐藤", "090-3333-3333"), put(db, "無番")
    put(db, "二重", "090-4444-4444"), put(db, "二重", "090-5555-5555")
    found = sheet(
        "氏名,電話,備考\n"
        "田中,090-1111-1111,\n"  # the same
        "鈴木,090-2222-2222,夜\n"  # changed
        "高橋,090-6666-6666,\n"  # new
        "田村,090-1111-1111,\n"  # its number is known under another name
        "佐藤,090-7777-7777,\n"  # its name is known with another number
        "無番,090-8888-8888,\n"  # the number that was lacking
        "二重,,新\n"  # which of the two?
        "高橋,090-6666-6666,\n"  # a second time in this file
        "別人,090-6666-6666,\n"
        "悪い,123,\n"
    )
    items = compared(db, found)
    assert kinds(items) == [
        *(SAME, CHANGED, NEW, "other_name", "same_name", CHANGED, "several", SAME, "twice", BAD),
    ]  # fmt: skip
    assert items[3].contact is not None
    assert items[3].contact.id == tanaka
    assert items[1].card is not None
    assert items[1].card.notes == "夜"
    before = len(contacts.page(db, None, 99))
    batch = apply(db, found, row6="add", row5="merge", row10="add", row8="merge")
    after = {contact.card.name: contact.card for contact in contacts.page(db, None, 99)}
    assert len(contacts.page(db, None, 99)) == before + 3
    assert after["田村"].numbers == ("+819011111111",)
    assert "田中" not in after  # a person has said that it is a new name
    assert after["無番"].numbers == ("+819088888888",)
    assert batches.undo(db, batch, NOW, "ann") == 7
    assert len(contacts.page(db, None, 99)) == before
    assert kinds(compared(db, found)) == kinds(items)


def test_what_somebody_edits_meanwhile_is_left_alone(db: Database) -> None:
    id = put(db, "鈴木", "090-2222-2222")
    found = sheet("氏名,電話,備考\n鈴木,090-2222-2222,夜\n")
    items = compared(db, found)
    seen = fingerprint(items)
    contacts.change(db, id, tidy(Card("鈴木", numbers=("090-2222-2222",), notes="朝"), "JP"), NOW, "bob")
    assert fingerprint(compared(db, found)) != seen
    batch = batches.open_batch(db, "import", NOW, "ann", "a.csv")
    assert imports.apply(db, items, {}, NOW, "ann", batch) == {"added": 0, "merged": 0, "skipped": 1}
    assert contacts.find(db, id).card.notes == "朝"


def test_two_rows_of_one_contact_add_up(db: Database) -> None:
    id = put(db, "鈴木", "090-2222-2222", "090-3333-3333")
    found = sheet("氏名,電話,備考,タグ\n鈴木,090-2222-2222,夜,\n鈴木,090-3333-3333,,常連\n")
    apply(db, found)
    assert (contacts.find(db, id).card.notes, contacts.find(db, id).card.tags) == ("夜", ("常連",))


def test_a_doubt_comes_in_once_and_is_settled_once(db: Database) -> None:
    found = sheet("氏名,電話\n田中,9012345678\n")
    apply(db, found)
    (known,) = contacts.page(db, None, 9)
    assert known.doubts == (Doubt("9012345678", "+819012345678"),)
    assert kinds(compared(db, found)) == [SAME]
    contacts.change(db, known.id, tidy(Card("田中", numbers=("+819012345678",)), "JP"), NOW, "ann", doubts=())
    assert kinds(compared(db, found)) == [SAME]


def test_everybody_of_a_file_in_one_group(db: Database) -> None:
    found = sheet("name\nAnn\nBob\n", group="八月")
    assert [card and card.groups for card in cards(found)] == [("八月",), ("八月",)]
    assert group_named(Wanted(group=" 八月 ")).group == "八月"
    with pytest.raises(Invalid):
        group_named(Wanted(group="a,b"))


# -- out and in again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+81 90", "-1", "@SUM(A1)", "\t=1", "＝cmd", "'=1", "''=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert covered(cell).startswith("'")
    assert uncovered(covered(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Ann", "'twas", "1-2", "a=b"])
def test_other_cells_are_left_as_they_are(cell: str) -> None:
    assert covered(cell) == uncovered(cell) == cell


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.sampled_from(["+447700900001", "+819012345678", "+81312345678", "+818012345678", "+15555550100"])
CARDS = st.builds(
    Card,
    name=WORDS | st.sampled_from(["田中", "髙橋", "=HYPERLINK(1)", "number", "'="]),
    reading=WORDS,
    numbers=st.lists(NUMBERS, max_size=3).map(tuple),
    language=st.sampled_from(["", "ja", "en-gb"]),
    notes=WORDS | st.just("one\ntwo\r\nthree;four,five\\n"),
    tags=st.lists(WORDS, max_size=2).map(tuple),
    groups=st.lists(WORDS, max_size=2).map(tuple),
    consents=st.lists(st.builds(Consent, WORDS.map("a{}".format), st.just("2026-01-02"), WORDS), max_size=2).map(tuple),
    fields=st.dictionaries(WORDS | st.sampled_from(["name", "x:", "Tel 2", "consents"]), WORDS, max_size=2),
)


def tidied(card: Card) -> Card | None:
    try:
        return tidy(card, "JP")
    except Invalid:
        return None


@pytest.mark.parametrize("kind", ["csv", "vcard"])
@given(given_cards=st.lists(CARDS.map(tidied), min_size=1, max_size=5))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_what_is_exported_and_imported_again_is_the_same(
    kind: str, db: Database, given_cards: list[Card | None]
) -> None:
    """Seen red: without the escape of a field that is called as a column, and of cells that begin as formulas do."""
    kept = [card for card in given_cards if card is not None]
    db.execute("savepoint example")
    try:
        for card in kept:
            contacts.add(db, card, NOW, "ann")
        out = exporting.write([contact.card for contact in contacts.page(db, None, 99)], kind)
        if kept:
            items = compared(db, read(out, Wanted(), "JP"))
            assert [item for item in items if item.kind != SAME] == []
            assert len(items) == len(kept)
    finally:
        db.execute("rollback to example")
