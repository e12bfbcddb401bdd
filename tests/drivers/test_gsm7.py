"""The GSM 7 bit alphabet and the national tables."""

import pytest

from drivers import gsm7, shift_tables
from drivers.errors import PduError

ESC = b"\x1b"


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("@", "00"),
        ("§", "5f"),
        ("Ω", "15"),
        ("à", "7f"),
        ("€", "1b65"),
        ("[~]", "1b3c1b3d1b3e"),
        ("a\r\n\f", "610d0a1b0a"),
        ("", ""),
    ],
)
def test_text_and_septets(text: str, septets: str) -> None:
    assert gsm7.encode(text).hex() == septets
    assert gsm7.decode(bytes.fromhex(septets)) == text


@pytest.mark.parametrize("text", ["`", "ÿ", "í", "ç", "\x1b", "カ", "–", "😀", "\ud83d"])
def test_what_the_alphabet_has_not_is_refused(text: str) -> None:
    assert not gsm7.fits(text)
    with pytest.raises(PduError, match=f"U\\+{ord(text):04X}"):
        gsm7.encode(f"plain {text}")


def test_every_character_of_the_alphabet_comes_back() -> None:
    text = "".join(sorted(gsm7.CHARACTERS))
    assert len(text) == 127 + 10
    assert gsm7.decode(gsm7.encode(text)) == text


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"ab" + ESC, "ab "),  # nothing follows
        (b"a" + ESC + ESC + b"b", "a b"),  # a further extension table, which nobody has defined
        (ESC + b"\x7f", "à"),  # an empty cell: the main table's character
        (ESC + b"a", "a"),
    ],
)
def test_an_escape_to_nowhere(septets: bytes, text: str) -> None:
    assert gsm7.decode(septets) == text


@pytest.mark.parametrize(
    ("language", "septets", "text"),
    [
        (1, b"\x04\x07\x0b\x0c\x1c\x1d\x40\x60", "€ıĞğŞşİç"),
        (3, b"\x12\x13\x15\x16\x18\x5c\x7d", "ªÇ∞^€Õ`"),
        (4, b"\x03\x15\x60\x7f", "\u0985\u0995\u09ce\u09f1"),
        (5, b"\x0c\x57\x7f", "\u0a8d\u0ac5\u0af1"),
        (6, b"\x00\x03\x22\x3c\x4e\x5f\x7b", "\u0901\u0905\u091f\u0929\u093c\u094d\u0972"),
        (7, b"\x01\x24\x60\x7b", "\u0c82\u0ca1\u0cd5\u0cd6"),
        (8, b"\x01\x48\x7f", "\u0d02\u0d34\u0d79"),
        (9, b"\x00\x49\x60", "\u0b01\u0b35\u0b56"),
        (10, b"\x00\x49\x4a\x60\x7f", "\u0a01\u0a35\u0a36\u0a51\u0a74"),
        (11, b"\x01\x3c\x60\x7f", "\u0b82\u0ba9\u0bd0\u0bf9"),
        (12, b"\x00\x45\x60", "\u0c01\u0c31\u0c55"),
        (13, b"\x00\x1c\x5b\x60\x7f", "\u0627\u068c\u06d2\u0654\u0670"),
    ],
)
def test_locking_tables(language: int, septets: bytes, text: str) -> None:
    assert gsm7.decode(septets, locking=language) == text
    assert gsm7.decode(b"09az", locking=language) == "09az"


@pytest.mark.parametrize(
    ("language", "septets", "text"),
    [
        (1, b"GISgis", "ĞİŞğış"),
        (2, b"\x09AIOUaiou", "çÁÍÓÚáíóú"),
        (3, b"\x05\x0b\x0f\x15\x1f[\x7f", "êÔáΩÊÃâ"),
        (4, b"\x19\x1a\x1c\x27\x2a\x34", "\u09e6\u09e7\u09e8\u09e2\u09e3\u09fa"),
        (5, b"\x19\x1c\x25", "\u0964\u0ae6\u0aef"),
        (6, b"\x1c\x26\x2a\x30\x3a", "\u0966\u0951\u0953\u095b\u0971"),
        (7, b"\x26\x27\x2a", "\u0cde\u0cf1\u0cf2"),
        (8, b"\x27\x2e\x34", "\u0d71\u0d7a\u0d7f"),
        (9, b"\x26\x27\x2a\x2c", "\u0b5c\u0b5d\u0b5f\u0b71"),
        (10, b"\x26\x2c\x2d", "\u0a59\u0a5e\u0a75"),
        (11, b"\x26\x2d\x2e", "\u0bf3\u0bf8\u0bfa"),
        (12, b"\x1c\x26\x2a\x32", "\u0c66\u0c58\u0c78\u0c7f"),
        (13, b"\x19\x1a\x1c\x26\x3b\x3f", "\u0600\u0601\u06f0\u060c\u06cd\u06d4"),
    ],
)
def test_single_shift_tables(language: int, septets: bytes, text: str) -> None:
    escaped = b"".join(ESC + bytes([septet]) for septet in septets)
    assert gsm7.decode(escaped, single=language) == text
    assert gsm7.decode(ESC + b"\x65" + ESC + b"(", single=language) == "€{"


def test_an_empty_cell_of_a_single_shift_table_reads_as_in_the_locking_table() -> None:
    assert gsm7.decode(ESC + b"\x40" + ESC + b"\x1c", locking=1, single=1) == "|Ş"


@pytest.mark.parametrize("language", [0, 2, 14, 255])
def test_a_language_without_a_locking_table_is_the_default(language: int) -> None:
    assert gsm7.decode(b"\x00\x04", locking=language) == "@è"


def test_each_table_covers_every_septet() -> None:
    assert {len(table) for table in shift_tables.LOCKING.values()} == {128}
    assert all(0 <= septet < 128 for table in shift_tables.SINGLE.values() for septet in table)
    assert all(len(char) == 1 for table in shift_tables.SINGLE.values() for char in table.values())
