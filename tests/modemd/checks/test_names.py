"""Names as people write them, and who is taken for whom."""

import pytest

from modemd.checks.table import examine
from modemd.model import names
from modemd.model.candidate import Candidate, Knowledge
from modemd.model.directory import Directory, Person
from tests.modemd.test_checks import NOW


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋 誠", "高橋誠"),
        ("渡邊　直美", "渡辺 直美"),
        ("斉藤", "齋藤"),
        ("ﾀﾅｶ ﾀﾛｳ", "たなか たろう"),
        ("ＪＯＨＮ Smith", "john smith"),
        ("José", "Jose"),
        ("O’Brien", "O'Brien"),
    ],
)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert names.fold(one) == names.fold(other)


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("サトウ", "Sato"),
        ("サトウ", "Satou"),
        ("さとう", "Satoh"),
        ("シンボ", "Shimbo"),
        ("シンボ", "Sinbo"),
        ("オオノ", "Ohno"),
        ("ジュンイチ", "Junichi"),
        ("チヒロ", "Tihiro"),
        ("フクシマ", "Hukushima"),
        ("ハットリ", "Hattori"),
        ("リョウ", "Ryo"),
    ],
)
def test_kana_and_latin_letters(kana: str, latin: str) -> None:
    assert names.romaji(kana) == names.romaji(latin)


@pytest.mark.parametrize(("kana", "latin"), [("タナカ", "Nakata"), ("サイトウ", "Sato"), ("オカダ", "Okada Ken")])
def test_kana_and_other_latin_letters(kana: str, latin: str) -> None:
    assert names.romaji(kana) != names.romaji(latin)


def person(id: int, name: str, reading: str = "", **rest: object) -> Person:
    return Person(id, name, reading, (f"+8190123400{id:02}",), **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picked", "other", "taken"),
    [
        (("佐藤 健", "サトウ ケン"), ("佐藤 賢", "サトウ ケン"), True),
        (("佐藤 健", ""), ("佐藤 健一", ""), True),
        (("太田 雅彦", ""), ("大田 雅彦", ""), True),
        (("高橋 誠", ""), ("髙橋 誠", ""), True),
        (("John Smith", ""), ("Jonh Smith", ""), True),
        (("サトウ ケン", ""), ("佐藤 賢", "さとう けん"), True),
        (("佐藤 健", "サトウ タケシ"), ("佐藤 恵", "サトウ メグミ"), False),
        (("佐藤 健一", ""), ("佐藤 健二", ""), False),
        (("佐藤 健", ""), ("鈴木 健", ""), False),
        (("Ann", ""), ("Ian", ""), False),
        (("林", ""), ("森", ""), False),
        (("", ""), ("", ""), False),
    ],
)
def test_who_is_taken_for_whom(picked: tuple[str, str], other: tuple[str, str], taken: bool) -> None:
    one, two = person(1, *picked), person(2, *other)
    assert Directory.of([one, two]).twins(one) == ([two] if taken else [])
    assert Directory.of([one, two]).twins(two) == ([one] if taken else [])


def test_a_person_is_not_its_own_twin_even_as_two_contacts_with_one_number() -> None:
    one = person(1, "佐藤 健")
    again = Person(2, "佐藤 健", "", one.numbers)
    assert Directory.of([one, again]).twins(one) == []


def test_a_number_one_slip_away_counts_where_it_is_written_to_often() -> None:
    often, seldom = person(34, "森 茂", written=5), person(56, "原 純", written=4)
    directory = Directory.of([often, seldom])
    assert list(directory.near_numbers("+819012340043")) == [often]  # swapped
    assert list(directory.near_numbers("+819012340035")) == [often]
    assert list(directory.near_numbers("+819012340055")) == []
    assert list(directory.near_numbers("+819012340034")) == []


def test_nobody_is_warned_of_a_slip_to_an_own_second_number() -> None:
    one = Person(1, "森 茂", "", ("+819012345678", "+819012345679"), written=9)
    known = Knowledge(one, Directory.of([one]), written_before=False)
    codes = [finding.code for finding in examine(Candidate("+819012345670", "Hello", NOW, known=known))]
    assert codes == ["recipient_new"]


@pytest.mark.parametrize(
    ("contact", "reading", "text", "named"),
    [
        ("田中 太郎", "", "田中様、", False),
        ("田中太郎", "", "田中 太郎 様\n", False),
        ("田中さん(1F)", "", "田中様 ", False),
        ("Taro Tanaka", "", "田中様、", False),  # letters that cannot be compared
        ("田中 太郎", "", "Dear Mr Yamada,", False),
        ("田中 太郎", "タナカ タロウ", "Dear Mr Yamada,", True),
        ("田中 太郎", "タナカ タロウ", "タカナ様、", True),
        ("田中 太郎", "タナカ タロウ", "ヤマダ様、", False),  # a name or not: it is noted
        ("田中 太郎", "", "中田様、", True),
        ("田中 太郎", "", "【見本】田村様、", True),
        ("田中 太郎", "", "ご担当者様、", False),
        ("田中 太郎", "", "先日は田村様にお世話になりました。", False),
        ("Elizabeth Carter", "", "Hi Liz,", False),
        ("Elizabeth Carter", "", "Hi Lisa,", False),
        ("Elizabeth Carter", "", "Dear Ms Garter,", True),
        ("Elizabeth Carter", "", "Hi there,", False),
        ("Elizabeth Carter", "", "Dear Ms Carter,", False),
        ("Robert Hill", "", "Hey Bob!", False),
        ("", "", "田中様、", False),
    ],
)
def test_whose_name_is_in_the_text(contact: str, reading: str, text: str, named: bool) -> None:
    known = Knowledge(person(1, contact, reading), written_before=True)
    codes = [finding.code for finding in examine(Candidate("+447700900001", text + "Hello.", NOW, known=known))]
    assert ("text_name" in codes) is named
