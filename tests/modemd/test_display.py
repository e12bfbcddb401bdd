"""What anybody may have written is harmless to draw."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from modemd.model.display import one_line, safe


def test_escapes_are_shown_and_not_obeyed() -> None:
    assert safe("[/foo]\x1b]0;pwned\x07") == "[/foo]␛]0;pwned␇"
    assert safe("a\x00b\x08c\x7fd\re") == "a␀b␈c␡d␍e"
    assert "\x9b" not in safe("\x9b31mred")
    assert safe("\x85\x9d") == "��"


def test_nothing_turns_joins_or_hides_its_neighbours() -> None:
    hidden = (
        "\u202e\u202d\u2066\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\ufe0f\ufe0e\u00ad\u180e\u2028\u2029"
    )
    assert safe(f"1{hidden}2\U0001f3ff3\U000e0041") == "123"


def test_half_a_pair_can_be_printed() -> None:
    assert safe("a\ud83db").encode() == "a�b".encode()


def test_texts_stay_as_they_are() -> None:
    for text in ("Hello, world", "会議は３時です", "naïve – “quoted” €", "😀 絵文字", "two\nlines\tand a tab"):
        assert safe(text) == text
    assert safe("か\u3099") == "が"


def test_one_line() -> None:
    assert one_line("a\r\nb\nc\td\re") == "a↵b↵c d␍e"


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = one_line(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [each for each in shown if unicodedata.bidirectional(each) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI")]
    shown.encode()
