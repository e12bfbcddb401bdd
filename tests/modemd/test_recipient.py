"""Numbers as people write them."""

import pytest

from drivers.words import Sentence
from modemd.model.recipient import read_recipient


@pytest.mark.parametrize(
    "written",
    [
        "090-1234-5678",
        "09012345678",
        "０９０－１２３４－５６７８",
        "０９０ー１２３４ー５６７８",
        "090‐1234‐5678",
        "090‑1234‑5678",
        "090–1234—5678",
        "090―1234−5678",
        "（090）1234・5678",
        " 090 1234\u30005678 ",
        "\u202a090-1234-5678\u202c",
        "+81 90 1234 5678",
        "+81-(0)90-1234-5678",
        "＋８１ ９０ １２３４ ５６７８",
        "0081 90 1234 5678".replace("00", "010 ", 1),
    ],
)
def test_a_japanese_number_however_it_is_written(written: str) -> None:
    assert read_recipient(written, "JP") == "+819012345678"


@pytest.mark.parametrize(
    ("written", "region", "read"),
    [
        ("060-1234-5678", "JP", "+816012345678"),
        ("070-1234-5678", "JP", "+817012345678"),
        ("07700 900001", "GB", "+447700900001"),
        ("+44 (0)7700 900001", None, "+447700900001"),
        ("+1 555 0100 199".replace("0100 199", "555 0100"), None, "+15555550100"),
        ("+447700900001", "JP", "+447700900001"),
    ],
)
def test_numbers_of_other_kinds_and_places(written: str, region: str | None, read: str) -> None:
    assert read_recipient(written, region) == read


@pytest.mark.parametrize(
    ("written", "region", "why"),
    [
        ("", "JP", "no recipient"),
        (" - ", "JP", "no recipient"),
        ("090-1234-5678", None, "no country code"),
        ("07700900001", None, "no country code"),
        ("bob", "JP", "is no phone number"),
        ("0901234567O", "JP", "is no phone number"),
        ("090-1234-5678; 090-1234-5679", "JP", "is no phone number"),
        ("++81901234", "JP", "is no phone number"),
        ("8190+1234", "JP", "is no phone number"),
        ("٠٩٠١٢٣٤٥٦٧٨", "JP", "is no phone number"),
        ("+", "JP", "is no phone number"),
        ("+447700", None, "too few digits"),
        ("+4", None, "too few digits"),
        ("09", "JP", "too few digits"),
        ("+81", None, "too few digits"),
        ("+4477009000011234", None, "too many digits"),
        ("+" + "4477009000" * 4, None, "too many digits"),
        ("9" * 300, "JP", "too many digits"),
        ("+999123456789", None, "no country code that exists"),
    ],
)
def test_what_is_no_number_gets_a_sentence(written: str, region: str | None, why: str) -> None:
    said = read_recipient(written, region)
    assert isinstance(said, Sentence)
    assert why in str(said)
    assert len(str(said)) < 130
