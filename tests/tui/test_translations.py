"""Japanese fits its columns, and its dates are right."""

import pytest
from rich.cells import cell_len

from tests.tui.desk_under_test import speak
from tui import times, words
from tui.format import LOOKS
from tui.widgets.outbox_list import STATE


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_state_with_its_time_fits_its_column(language: str) -> None:
    speak(language)
    try:
        for look in LOOKS.values():
            assert cell_len(f"08:14 {words._(look.word)}") <= STATE + (look.word == "waits for a modem") * 6
    finally:
        speak("en")


def test_a_japanese_date_has_its_day_of_the_week() -> None:
    speak("ja")
    try:
        now = times.parse("2026-11-23T08:14:00Z")
        assert times.date(times.parse("2026-11-24T09:00:00Z"), now) == "11月24日(火)"
        assert times.moment(times.parse("2026-11-24T09:00:00Z"), now) == "明日(火) 09:00"
        assert times.date(times.parse("2027-01-04T09:00:00Z"), now) == "2027年1月4日(月)"
        assert cell_len(times.moment(times.parse("2026-12-24T09:00:00Z"), now)) <= STATE
    finally:
        speak("en")


def test_english_dates_name_day_and_month() -> None:
    now = times.parse("2026-11-23T08:14:00Z")
    assert times.moment_exactly(times.parse("2026-11-24T09:00:00Z"), now) == "tomorrow, Tue 24 Nov 09:00"
    assert times.moment(times.parse("2026-11-23T09:00:00Z"), now) == "09:00"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.2, "1 s"), (59.5, "1:00"), (4, "4 s"), (98, "1:38"), (7500, "2:05:00"), (3 * 86_400 + 5, "3 d")],
)
def test_a_countdown_reaches_nothing_only_at_its_end(seconds: float, said: str) -> None:
    assert times.countdown(seconds) == said
