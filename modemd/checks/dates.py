"""The dates that a text names, as they are written in Japanese and English."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from modemd.checks.prose import without_links

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
KANJI = "月火水木金土日"

# A date without a year is one of the months around the release; what lies further back was meant for next year.
_BACK, _AHEAD = timedelta(days=200), timedelta(days=330)
_DAY_BACK, _DAY_AHEAD = timedelta(days=27), timedelta(days=45)  # a day without its month

_REIWA = 2018  # 令和1年 is 2019
_MONTH_FIRST = {"US", "JP", "CN", "KR", "TW", "CA", "PH"}

_EN_DAY = r"(?:Mon(?:day)?|Tue(?:s|sday)?|Wed(?:s|nesday)?|Thu(?:r|rs|rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)"
_COUNTERS = "名人件個点本枚回台組席票勝%"  # 11/15名 are eleven of fifteen
_BEFORE = rf"(?:(?<!-)(?<!& )(?<!to )\b(?P<before>{_EN_DAY})\.?,?\s+(?:the\s+)?)?"
_AFTER = (
    r"(?:\s?\((?P<kanji>[月火水木金土日])(?:曜日?)?(?=[)・,、/ 祝休])"
    r"|\s?(?P<spelled>[月火水木金土日])(?=曜)"
    rf"|,?\s?\((?P<after>{_EN_DAY})\.?\))?"
)
_MONTH = r"(?P<name>Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:uary|ruary|ch|il|ust|tember|ober|ember)?"
_PATTERNS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:(?P<year>\d{{4}}|令和\s?\d{{1,2}})年\s?)?(?<!\d)(?P<month>\d{{1,2}})月\s?(?P<day>\d{{1,2}})日{_AFTER}",
        rf"(?<![\d/.-])(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?![\d/-]){_AFTER}",
        rf"{_BEFORE}(?<![\d/.,-])(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})(?:/(?P<year>\d{{4}}))?(?![\d/]|\s?[{_COUNTERS}]){_AFTER}",
        rf"{_BEFORE}(?<![\d:.])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]{_MONTH}\b\.?(?:,?\s+(?P<year>\d{{4}})\b)?{_AFTER}",
        rf"{_BEFORE}\b{_MONTH}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?\s+(?P<year>\d{{4}})\b)?{_AFTER}",
        r"(?<![\d/.:-])(?P<day>\d{1,2})日?\s?\((?P<kanji>[月火水木金土日])(?:曜日?)?(?=[)・,、/ 祝休])",
    )
)  # fmt: skip
# What a text has in it somewhere where it can hold such a date: most have not, and are not looked through for it.
_FIGURES, _NAMES = re.compile(r"\d[/.-]\d", re.ASCII), re.compile("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")
_NEEDED = (re.compile("月"), _FIGURES, _FIGURES, _NAMES, _NAMES, re.compile(r"\([月火水木金土日]"))


@dataclass(frozen=True)
class Mention:
    """`certain`: it can be nothing but a date; 11/31 alone may be a fraction, or a number of a house."""

    span: tuple[int, int]
    year: int | None
    month: int | None
    day: int
    weekday: int | None
    weekday_span: tuple[int, int] | None
    certain: bool

    def said(self, text: str) -> str:
        """As it is written, without its day of the week."""
        start, end = self.span
        if self.weekday_span is None:
            return text[start:end]
        before, behind = self.weekday_span
        return text[behind:end].lstrip(" ,.") if before == start else text[start:before].rstrip(" (（,")

    @property
    def exists(self) -> bool:
        """Whether any calendar has it."""
        return self.month is None or _day(self.year or 2028, self.month, self.day) is not None


@lru_cache(maxsize=8)
def mentions(text: str, region: str | None) -> tuple[Mention, ...]:
    """In the order in which they are written."""
    plain = without_links(text)
    found: list[Mention] = []
    for needed, pattern in zip(_NEEDED, _PATTERNS, strict=True):
        for match in pattern.finditer(plain) if needed.search(plain) else ():
            start, end = match.span()
            if not any(start < each.span[1] and each.span[0] < end for each in found):
                found.append(_mention(match, month_first=region in _MONTH_FIRST))
    return tuple(sorted(found, key=lambda each: each.span))


def _mention(match: "re.Match[str]", *, month_first: bool) -> Mention:
    group = match.groupdict()
    if name := group.get("name"):
        month: int | None = MONTHS.index(name[:3]) + 1
    elif one := group.get("one"):
        # Who writes the day of the week in kanji writes the month first.
        japanese = month_first or group["kanji"] or group["spelled"]
        two = group["two"] or ""
        # 24/11/2026 can be read in one order alone.
        month_is_first = bool(japanese) and not (int(one) > 12 >= int(two))
        group["month"], group["day"] = (one, two) if month_is_first else (two, one)
        month = int(group["month"])
    else:
        month = int(group["month"]) if group.get("month") else None
    weekday = next((each for each in ("before", "kanji", "spelled", "after") if group.get(each)), None)
    year = group.get("year")
    return Mention(
        match.span(),
        None if not year else int(year) if year.isdecimal() else _REIWA + int(year.removeprefix("令和")),
        month,
        int(group["day"]),
        _weekday(group[weekday] or "") if weekday else None,
        match.span(weekday) if weekday else None,
        certain="one" not in group or weekday is not None or bool(year),
    )


def _weekday(word: str) -> int:
    return KANJI.index(word) if word in KANJI else [name[:3] for name in WEEKDAYS].index(word[:3])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def meant(mention: Mention, on: date) -> list[date]:
    """The days that it may mean, read on that day: the nearest first."""
    if mention.year is not None and mention.month is not None:
        day = _day(mention.year, mention.month, mention.day)
        return [day] if day is not None else []
    if mention.month is not None:
        days = [_day(on.year + step, mention.month, mention.day) for step in (-1, 0, 1)]
        back, ahead = _BACK, _AHEAD
    else:
        months = [on.year * 12 + on.month - 1 + step for step in (-1, 0, 1, 2)]
        days = [_day(month // 12, month % 12 + 1, mention.day) for month in months]
        back, ahead = _DAY_BACK, _DAY_AHEAD
    found = [day for day in days if day is not None and -back <= day - on <= ahead]
    return sorted(found, key=lambda day: abs(day - on))
