"""Pure: dates, times and durations as people say them, in both languages."""

from datetime import UTC, datetime, tzinfo
from math import ceil

from tui.words import _, language, ngettext

_DAYS_JA = "月火水木金土日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse(stamp: str) -> datetime:
    """RFC 3339 as the API says it."""
    return datetime.fromisoformat(stamp)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local(moment: datetime, zone: tzinfo | None) -> datetime:
    """On the clock of the person who looks; None is the machine's own zone."""
    return moment.astimezone(zone)


def hm(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def hms(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def hms_tenths(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"


def date(moment: datetime, now: datetime) -> str:
    """11月24日(火) or Tue 24 Nov; the year where it is another one."""
    if language() == "ja":
        year = "" if moment.year == now.year else f"{moment.year}年"
        return f"{year}{moment.month}月{moment.day}日({_DAYS_JA[moment.weekday()]})"
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{_DAYS_EN[moment.weekday()]} {moment.day} {_MONTHS_EN[moment.month - 1]}{year}"


def day(moment: datetime, now: datetime) -> str:
    """As said: tomorrow, or the date."""
    said = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get((moment.date() - now.date()).days)
    if said is None:
        return date(moment, now)
    return f"{said}({_DAYS_JA[moment.weekday()]})" if language() == "ja" else said


def moment(at: datetime, now: datetime) -> str:
    """The time alone today, else with its day."""
    if at.date() == now.date():
        return hm(at)
    return f"{day(at, now)} {hm(at)}"


def moment_exactly(at: datetime, now: datetime) -> str:
    """With the date, whatever day it is: what a person is asked to check."""
    said, exact = day(at, now), date(at, now)
    if said == exact:
        return f"{exact} {hm(at)}"
    if language() == "ja":
        return f"{said.partition('(')[0]} {exact} {hm(at)}"
    return f"{said}, {exact} {hm(at)}"


def short_stamp(at: datetime, now: datetime) -> str:
    """Eleven cells at most: the time alone today, with month and day otherwise."""
    if at.date() == now.date():
        return hms(at)
    return f"{at.month}/{at.day:02} {hm(at)}"


def countdown(seconds: float) -> str:
    """7 cells at most: 4 s, 1:38, 2:05:00, 3 d."""
    left = max(0, ceil(seconds))
    if left < 60:
        return _("{n} s").format(n=left)
    if left < 3600:
        return f"{left // 60}:{left % 60:02}"
    if left < 86_400:
        return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"
    return _("{n} d").format(n=left // 86_400)


def duration(seconds: float) -> str:
    """In words: 10 seconds, 2 minutes, 3 hours."""
    whole = round(seconds)
    if whole == 0 or (whole % 60 and whole < 600):
        return ngettext("{n} second", "{n} seconds", whole).format(n=whole)
    if whole < 7200:
        return ngettext("{n} minute", "{n} minutes", whole // 60).format(n=whole // 60)
    return ngettext("{n} hour", "{n} hours", whole // 3600).format(n=whole // 3600)
