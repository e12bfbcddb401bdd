"""Choosing an encoding and cutting."""

import pytest

from drivers.errors import PduError
from drivers.parts import cut, join
from drivers.pdu import Deliver, Encoding

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
FAMILY = "👩\u200d👩\u200d👧"  # three pictures drawn as one: 8 units


@pytest.mark.parametrize(
    ("text", "encoding", "lengths", "units", "room"),
    [
        ("", GSM7, [0], 0, 160),
        ("x" * 160, GSM7, [160], 160, 0),
        ("x" * 161, GSM7, [153, 8], 161, 145),
        ("x" * 306, GSM7, [153, 153], 306, 0),
        ("€" * 80, GSM7, [80], 160, 0),
        ("€" * 81, GSM7, [76, 5], 162, 143),
        ("x" * 152 + "€" + "x" * 7, GSM7, [152, 8], 161, 144),  # no escape pair is cut
        ("か" * 70, UCS2, [70], 70, 0),
        ("か" * 71, UCS2, [67, 4], 71, 63),
        ("😀" * 35, UCS2, [35], 70, 0),
        ("😀" * 36, UCS2, [33, 3], 72, 61),  # no surrogate pair is cut
        ("か" * 660, UCS2, [67] * 9 + [57], 660, 10),
    ],
)
def test_how_a_text_is_cut(text: str, encoding: Encoding, lengths: list[int], units: int, room: int) -> None:
    whole = cut(text)
    assert "".join(whole.parts) == text
    assert (whole.encoding, [len(part) for part in whole.parts]) == (encoding, lengths)
    assert (whole.units, whole.room) == (units, room)


@pytest.mark.parametrize(
    ("before", "glued", "rest"),
    [
        (66, "e\u0301", 5),
        (66, "か\u3099", 5),
        (66, "ｶﾞ", 5),
        (64, FAMILY, 5),
        (65, "👍🏽", 5),
        (66, "☎\ufe0f", 5),
    ],
)
def test_what_is_drawn_as_one_stays_in_one_part(before: int, glued: str, rest: int) -> None:
    text = "か" * before + glued + "か" * rest
    assert cut(text).parts == ("か" * before, glued + "か" * rest)


def test_it_is_cut_when_keeping_it_would_cost_a_part() -> None:
    text = "か" * 66 + "e\u0301" + "か" * 66
    assert [len(part) for part in cut(text).parts] == [67, 67]


def test_a_pile_of_marks_longer_than_a_part_is_cut_all_the_same() -> None:
    assert [len(part) for part in cut("e" + "\u0301" * 100).parts] == [67, 34]


def test_characters_that_force_ucs2_are_named_where_they_first_stand() -> None:
    assert cut("aíbカíカ").forcing == ((1, "í"), (3, "カ"))
    assert cut("a§@€").forcing == ()


def test_an_encoding_can_be_asked_for() -> None:
    assert cut("plain", UCS2).encoding is UCS2
    with pytest.raises(PduError, match=r"U\+30AB"):
        cut("カ", GSM7)
    with pytest.raises(PduError, match="8-bit"):
        cut("plain", Encoding.DATA)


def test_half_a_pair_is_refused() -> None:
    with pytest.raises(PduError, match="index 2"):
        cut("ab\ud83d")


@pytest.mark.parametrize("text", ["x" * 39016, "€" * 19381, "か" * 17086, "😀" * 8416, "か" + "😀" * 8416])
def test_a_text_of_more_than_255_parts_is_refused(text: str) -> None:
    with pytest.raises(PduError, match="255"):
        cut(text)


def ucs2(octets: str) -> Deliver:
    return Deliver("+447700900123", "", None, UCS2, bytes.fromhex(octets))


def test_parts_are_joined_before_they_are_decoded() -> None:
    assert join([ucs2("0041D83D"), ucs2("DE000042")]) == "A😀B"
    assert join([ucs2("D83D"), Deliver("12345", "x", None), ucs2("DE00")]) == "\ufffdx\ufffd"
    assert join([ucs2("004100"), ucs2("0042")]) == "AB"


def test_8_bit_parts_have_no_text() -> None:
    assert join([Deliver("12345", None, None, Encoding.DATA, b"\x01"), Deliver("12345", "x", None)]) == "x"
