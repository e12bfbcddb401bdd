"""Quiet hours: by category, by the recipient's country, its clock and its holidays. Nothing bypasses them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from modemd.checks.hours import next_allowed, zone_of
from modemd.checks.table import examine
from modemd.model.candidate import HOURS, Candidate, Category, Hours, Site

TOKYO, LONDON = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+09:00")


def quiet(
    to: str, now: datetime, category: Category | None, why: str = "", **site: object
) -> tuple[str, str | None] | None:
    settings = {"region": "JP", "zone": TOKYO} | site
    found = examine(Candidate(to, "Hello", now, category=category, reason=why, site=Site(**settings)))  # type: ignore[arg-type]
    return next(((each.code, each.fix) for each in found if each.subject == "time"), None)


@pytest.mark.parametrize(
    ("category", "now", "opens"),
    [
        ("promotional", "2026-11-24T09:00", None),
        ("promotional", "2026-11-24T19:59", None),
        ("promotional", "2026-11-24T20:00", "2026-11-25T09:00"),
        ("promotional", "2026-11-24T08:59", "2026-11-24T09:00"),
        ("promotional", "2026-11-20T20:00", "2026-11-24T09:00"),  # Friday; Monday is Labour Thanksgiving Day
        ("promotional", "2027-05-01T12:00", "2027-05-06T09:00"),  # the Golden Week
        ("promotional", "2026-12-31T21:00", "2027-01-04T09:00"),
        ("service", "2026-11-23T12:00", None),
        ("service", "2026-11-24T20:59", None),
        ("service", "2026-11-24T21:00", "2026-11-25T08:00"),
        ("service", "2026-11-24T00:00", "2026-11-24T08:00"),
        (None, "2026-11-24T03:00", None),
    ],
)
def test_the_hours_of_japan(category: Category | None, now: str, opens: str | None) -> None:
    """Seen red: with the end of the hours still inside, and with no holidays."""
    found = quiet("090-1234-5678", tokyo(now), category)
    assert found == (("time_quiet", f"{opens}:00+09:00") if opens else None)


def test_an_emergency_has_no_hours_but_needs_two_by_night() -> None:
    assert quiet("090-1234-5678", tokyo("2026-11-24T12:00"), "emergency") is None
    assert quiet("090-1234-5678", tokyo("2026-11-24T03:00"), "emergency") == ("time_no_reason", None)
    assert quiet("090-1234-5678", tokyo("2026-11-24T03:00"), "emergency", why="gas") == ("time_emergency", None)


def test_the_recipients_clock_counts_not_the_sites() -> None:
    """Noon in Tokyo is three in the morning in London; the fix is said in the site's time."""
    noon = tokyo("2026-11-24T12:00")
    assert quiet("+44 7911 123456", noon, "service") == ("time_quiet", "2026-11-24T17:00:00+09:00")
    assert quiet("+44 7911 123456", noon + timedelta(hours=5), "service") is None


def test_the_recipients_holidays_count_not_the_sites() -> None:
    """Labour Thanksgiving Day is a Monday like others in London, Boxing Day is none."""
    assert quiet("+44 7911 123456", tokyo("2026-11-23T19:00"), "promotional") is None
    boxing = quiet("+44 7911 123456", tokyo("2026-12-28T19:00"), "promotional")
    assert boxing == ("time_quiet", "2026-12-29T18:00:00+09:00")


def test_a_country_of_several_zones_is_asked_in_all_of_them() -> None:
    """A mobile of no known place in Australia: inside the hours of Perth and of Sydney."""
    early = quiet("+61 491 574 118", datetime.fromisoformat("2026-11-24T22:00:00+00:00"), "service")
    assert early is not None
    opens = datetime.fromisoformat(early[1] or "")
    for zone in ("Australia/Perth", "Australia/Sydney"):
        assert 8 <= opens.astimezone(ZoneInfo(zone)).hour < 21


def test_a_site_sets_its_own_hours() -> None:
    hours = {"service": Hours(10, 12)}
    assert quiet("090-1234-5678", tokyo("2026-11-24T12:00"), "service", hours=hours) == (
        "time_quiet",
        "2026-11-25T10:00:00+09:00",
    )
    assert quiet("090-1234-5678", tokyo("2026-11-22T03:00"), "promotional", hours=hours) is None


def test_summer_time_moves_the_opening() -> None:
    """The night of 28 March 2027 is an hour shorter in London."""
    before = datetime(2027, 3, 27, 22, 0, tzinfo=LONDON)
    opens = next_allowed(before, HOURS["service"], "GB", [LONDON])
    assert opens is not None
    assert (opens.isoformat(), opens.timestamp() - before.timestamp()) == ("2027-03-28T08:00:00+01:00", 9 * 3600)


def test_hours_that_no_moment_meets_are_said_and_not_searched_for_ever() -> None:
    zones = [ZoneInfo("Pacific/Auckland"), LONDON]
    assert next_allowed(tokyo("2026-11-24T12:00"), Hours(9, 12), None, list(zones)) is None


def test_a_country_without_a_calendar_has_weekends_alone() -> None:
    saturday = tokyo("2026-11-28T12:00")
    opens = next_allowed(saturday, HOURS["promotional"], "XX", [TOKYO])
    assert opens == tokyo("2026-11-30T09:00")


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("JP", TOKYO),
        ("GB", LONDON),
        ("DE", ZoneInfo("Europe/Berlin")),
        ("US", None),
        ("AU", None),
        ("BR", None),
        (None, None),
    ],
)
def test_the_time_of_a_country(region: str | None, zone: ZoneInfo | None) -> None:
    """A machine in UTC must not take a Japanese morning for yesterday."""
    found = zone_of(region)
    assert (found is None) is (zone is None)
    for month in (1, 7):
        at = datetime.combine(date(2026, month, 1), time(12))
        assert zone is None or (found is not None and found.utcoffset(at) == zone.utcoffset(at))
