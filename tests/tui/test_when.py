"""What people write for a time, in both languages; what is refused, with its sentence."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tui.when import WhenError, fuse, when

NOW = datetime(2026, 11, 24, 8, 14, 2, tzinfo=UTC)  # a Tuesday


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("18:00", at(11, 24, 18)),
        ("１８：００", at(11, 24, 18)),
        ("18時", at(11, 24, 18)),
        ("18時半", at(11, 24, 18, 30)),
        ("午後6時30分", at(11, 24, 18, 30)),
        ("6pm", at(11, 24, 18)),
        ("6:30 pm", at(11, 24, 18, 30)),
        ("noon", at(11, 24, 12)),
        ("today 18:00", at(11, 24, 18)),
        ("本日18時", at(11, 24, 18)),
        ("tomorrow 9:00", at(11, 25, 9)),
        ("Tomorrow at 9am", at(11, 25, 9)),
        ("明日 9:00", at(11, 25, 9)),
        ("明日の9時", at(11, 25, 9)),
        ("明日(水) 9時", at(11, 25, 9)),
        ("明後日 午前9時30分", at(11, 26, 9, 30)),
        ("11/24 09:00", at(11, 24, 9)),
        ("11/25(水) 09:00", at(11, 25, 9)),
        ("11月25日 9時", at(11, 25, 9)),
        ("11月25日(水)9時", at(11, 25, 9)),
        ("2026/11/25 9:00", at(11, 25, 9)),
        ("2026-11-25 09:00", at(11, 25, 9)),
        ("2026-11-25T09:00:00Z", at(11, 25, 9)),
        ("2026-11-25T09:00+09:00", at(11, 25, 0)),
        ("25 Nov 9:00", at(11, 25, 9)),
        ("fri 9:00", at(11, 27, 9)),
        ("金曜 9時", at(11, 27, 9)),
        ("tue 9:00", at(12, 1, 9)),
        ("1/5 9:00", at(1, 5, 9, year=2027)),
    ],
)
def test_a_time_is_what_was_meant(written: str, meant: datetime) -> None:
    assert when(written, NOW, UTC) == meant


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("in 30 min", 30), ("in 2 h", 120), ("+10m", 10), ("10分後", 10), ("2時間後", 120), ("3日後", 4320)],
)
def test_a_delay_counts_from_now(written: str, minutes: int) -> None:
    found = when(written, NOW, UTC)
    assert found is not None
    assert (found - NOW).total_seconds() == minutes * 60


@pytest.mark.parametrize("written", ["", "   ", "　"])
def test_an_empty_field_means_the_fuse(written: str) -> None:
    assert when(written, NOW, UTC) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("7:00", "07:00 has passed today. For tomorrow write: tomorrow 07:00"),
        ("11/23 9:00", "yesterday, Mon 23 Nov 09:00 is in the past."),
        ("2020-01-01 09:00", "Wed 1 Jan 2020 09:00 is in the past."),
        ("tomorrow", "A time is missing: write for example tomorrow 9:00"),
        ("11/25", "A time is missing: write for example 11/25 9:00"),
        ("11月25日(月) 9時", "The day of the week does not fit: it is Wed 25 Nov."),
        ("2/30 9:00", "There is no such day: 2/30 9:00"),
        ("ten", "ten is not a time."),
        ("25:00", "25:00 is not a time."),
        ("9", "9 is not a time."),
        ("10日", "10日 is not a time."),
        ("\x1b[31m", "is not a time."),
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(written: str, said: str) -> None:
    with pytest.raises(WhenError) as refused:
        when(written, NOW, UTC)
    assert said in str(refused.value)


def test_a_wall_clock_time_is_that_of_the_person_who_writes() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    here = NOW.astimezone(tokyo)
    assert when("18:00", here, tokyo) == at(11, 24, 9)


def test_over_a_change_of_the_clocks_the_wall_stays_right() -> None:
    london = ZoneInfo("Europe/London")
    saturday = datetime(2026, 3, 28, 12, tzinfo=london)
    found = when("tomorrow 9:00", saturday, london)
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 3, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("", None),
        ("30", "30s"),
        ("３０秒", "30s"),
        ("2m", "2m"),
        ("2分", "2m"),
        ("1h", "1h"),
        ("300ms", "300ms"),
        ("0s", "0s"),
    ],
)
def test_a_fuse_is_written_as_the_api_takes_it(written: str, sent: str | None) -> None:
    assert fuse(written) == sent


@pytest.mark.parametrize("written", ["ten", "-3s", "1.5h", "10 s s"])
def test_what_is_no_fuse_is_refused(written: str) -> None:
    with pytest.raises(WhenError, match="is no fuse"):
        fuse(written)
