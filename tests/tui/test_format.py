"""What states, numbers, fuses and hostile texts look like."""

import pytest
from rich.cells import cell_len

from modemd.api.schema import ErrorView, MessageView
from tests.tui.fake_gateway import START, FakeGateway, stamp
from tui import format, glyphs, sheets
from tui.clock import DaemonClock


@pytest.fixture(autouse=True)
def _unicode_signs():
    yield
    glyphs.use_ascii(False)


HOSTILE = "[/foo]\x1b]0;pwned\x07\u202e\u2066\u200bx\x9b31m\r\x00"


def test_nothing_that_a_terminal_obeys_passes_the_filter() -> None:
    shown = format.safe(HOSTILE)
    assert not {"\x1b", "\x07", "\x9b", "\r", "\x00", "\u202e", "\u2066", "\u200b"} & set(shown)
    assert "[/foo]" in shown
    assert "pwned" in shown


@pytest.mark.parametrize(
    "code", [*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xD800]
)
def test_each_control_is_replaced_in_texts_lists_and_fields(code: int) -> None:
    character = chr(code)
    assert character not in format.one_line(f"a{character}b")
    assert character not in format.safe_in_place(f"a{character}b")
    assert character == "\n" or character not in format.safe(f"a{character}b")


def test_a_field_keeps_one_character_for_each() -> None:
    assert len(format.safe_in_place(HOSTILE)) == len(HOSTILE)


def test_what_is_filtered_can_be_written_to_a_terminal() -> None:
    assert format.safe("\ud83d").encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("⚠️", "⚠"),
        ("👍🏽", "👍"),
        ("👩‍🔧", "👩🔧"),
        ("が", "が"),
        ("a\tb", "a⇥b"),
        ("one\r\ntwo", "one⏎two"),
        ("one\ntwo", "one⏎two"),
    ],
)  # fmt: skip
def test_a_list_shows_a_text_on_one_line_of_a_known_width(text: str, shown: str) -> None:
    assert format.one_line(text) == shown


@pytest.mark.parametrize("cells", range(12))
@pytest.mark.parametrize("text", ["明日10時に伺います", "hello, world", "ﾊﾝｶｸ", "a明b日c", ""])
def test_a_fitted_text_has_exactly_the_cells_asked_for(text: str, cells: int) -> None:
    assert cell_len(format.fit(text, cells)) == cells
    assert cell_len(format.fit_right(text, cells)) == cells


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [(1.0, "██████████"), (0.5, "█████░░░░░"), (0.8125, "████████▏░"), (0.0, "░░░░░░░░░░"), (0.001, "▏░░░░░░░░░"),
     (-1.0, "░░░░░░░░░░"), (7.0, "██████████")],
)  # fmt: skip
def test_a_fuse_shrinks_in_eighths_and_is_seen_to_the_last(fraction: float, drawn: str) -> None:
    assert format.bar(fraction, 10) == drawn


@pytest.mark.parametrize("eighth", range(81))
def test_a_bar_keeps_its_width(eighth: int) -> None:
    assert cell_len(format.bar(eighth / 80, 10)) == 10
    glyphs.use_ascii(True)
    drawn = format.bar(eighth / 80, 10)
    assert drawn.isascii()
    assert len(drawn) == 10


def test_every_state_has_a_symbol_of_one_cell_an_ascii_one_and_a_word() -> None:
    for look in [*format.LOOKS.values(), *format.SEVERITIES.values(), format.PARTLY]:
        assert cell_len(look.symbol) == 1
        assert look.ascii.isascii()
        assert look.word


def test_states_are_told_apart_without_colour() -> None:
    looks = format.LOOKS.values()
    assert len({look.word for look in looks}) == len(looks)


def test_a_schedule_and_a_fuse_look_different_though_both_burn() -> None:
    gateway = FakeGateway()
    later = stamp(gateway.clock.now())
    assert format.look(gateway.add("+447700900101", "x")).word == "burning"
    assert format.look(gateway.add("+447700900101", "x", send_at=later)).word == "scheduled"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("+447700900123", "+44 7700 900123"), ("+15550100", "+15550100"), ("EXAMPLE", "EXAMPLE"), ("7726", "7726")],
)
def test_numbers_are_grouped_where_their_grouping_is_known(raw: str, shown: str) -> None:
    assert format.number(raw) == shown


def test_a_number_may_be_hostile_too() -> None:
    assert "\x1b" not in format.number("\x1b]0;pwned\x07")


def test_a_missing_reading_is_no_weak_signal() -> None:
    assert format.signal_bars(None).strip() == "?"
    assert format.signal_bars(-120).strip() == ""
    assert format.signal_bars(-60) == "▁▃▅▇"


def test_a_sparkline_has_a_gap_where_nothing_was_read() -> None:
    assert format.sparkline([-113, None, -51], 10) == "▁ █"
    assert len(format.sparkline([-80] * 50, 24)) == 24


@pytest.mark.parametrize("parts", range(1, 12))
def test_the_ruler_of_any_text_fits_its_place(parts: int) -> None:
    assert cell_len(format.ruler(parts, 10, 67, 70)) <= 70


def test_invisible_characters_are_named_by_their_code() -> None:
    assert format.listed(["見", "\u200b"]) == "見 U+200B"


def test_a_restored_message_is_not_said_to_have_been_at_a_modem() -> None:
    """It is uncertain for another reason, which its error says; no report can settle it."""

    def sheet(code: str) -> str:
        message = MessageView(
            *(1, "uncertain", "+447700900001", "Hello", "gsm7", [], stamp(START), "ann"),
            error=ErrorView(code, "It comes from a backup."),
        )
        return sheets.message_sheet(message, DaemonClock()).plain

    assert "It comes from a backup." in sheet("restored")
    assert "The modem was given it" not in sheet("restored")
    assert "The modem was given it" in sheet("no_answer")
