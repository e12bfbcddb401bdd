"""The hours in which a category may leave, in the recipient's country."""

from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import phonenumbers

from modemd.checks.recipient import region_of
from modemd.model.candidate import Candidate, Hours
from modemd.model.recipient import parsed

if TYPE_CHECKING:
    from holidays import HolidayBase

_LONGEST_SEARCH = 60  # openings; no country has that many holidays on end


@lru_cache(maxsize=8)
def _holidays(country: str) -> "HolidayBase | None":
    import holidays  # takes 80 ms: for those alone who advertise

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None


def is_business_day(day: date, country: str | None) -> bool:
    if day.weekday() >= 5:
        return False
    known = _holidays(country) if country else None
    return known is None or day not in known


@lru_cache(maxsize=8)
def zone_of(region: str | None) -> tzinfo | None:
    """The time of day of a whole country; None where it has several, or nobody knows."""
    # Toll-free numbers have no place: of them the library knows every zone of their country.
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.TOLL_FREE) if region else None
    zones = [ZoneInfo(name) for name in _zones(example)] if example is not None else []
    seasons = [datetime.combine(date(2026, month, 1), time(12)) for month in (1, 7)]
    if not zones or any(zone.utcoffset(at) != zones[0].utcoffset(at) for zone in zones for at in seasons):
        return None
    return zones[0]


def place_of(candidate: Candidate) -> tuple[str | None, list[tzinfo | None]]:
    """The recipient's country, and the time zones where it may be. The site's own where it is at home."""
    site = candidate.site
    if candidate.number is None:
        return site.region, [site.zone]
    country = region_of(candidate.number)
    if country is None or country == site.region:
        return country, [site.zone]
    return country, list(_zones_of(candidate.number)) or [site.zone]


@lru_cache(maxsize=1024)
def _zones_of(number: str) -> tuple[tzinfo, ...]:
    return tuple(ZoneInfo(name) for name in _zones(parsed(number)))


def _zones(number: phonenumbers.PhoneNumber) -> list[str]:
    from phonenumbers import timezone  # its table is for those alone who write abroad, or advertise

    return [name for name in timezone.time_zones_for_number(number) if name != timezone.UNKNOWN_TIMEZONE]


def _opens(moment: datetime, hours: Hours, zone: tzinfo | None, country: str | None) -> datetime:
    """The moment itself where it lies inside, else the next opening of that zone."""
    local = moment.astimezone(zone)
    day = local.date()
    if not hours.business_days or is_business_day(day, country):
        if hours.start <= local.hour < hours.end:
            return moment
        if local.hour < hours.start:
            return _at(day, hours.start, zone)
    day += timedelta(days=1)
    while hours.business_days and not is_business_day(day, country):
        day += timedelta(days=1)
    return _at(day, hours.start, zone)


def _at(day: date, hour: int, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, time()) + timedelta(hours=hour)  # 24 is the next day's beginning
    # astimezone() of a naive time takes it for the machine's own zone, with the offset of that day.
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def closes(moment: datetime, hours: Hours, zones: list[tzinfo | None]) -> datetime:
    """Of a moment inside the hours: when the first of the zones leaves them."""
    return min(_at(moment.astimezone(zone).date(), hours.end, zone) for zone in zones)


def next_allowed(moment: datetime, hours: Hours, country: str | None, zones: list[tzinfo | None]) -> datetime | None:
    """The first moment, from this one on, that lies inside the hours of every zone. None: there is none."""
    for _ in range(_LONGEST_SEARCH):
        opening = max(_opens(moment, hours, zone, country) for zone in zones)
        if opening == moment:
            return moment
        moment = opening
    return None
