"""Pure: what a person writes in the send-at field, as a time; or a sentence that says what is wrong."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, tzinfo

from tui import times
from tui.words import _


class WhenError(ValueError):
    """str() is the sentence to show."""


_DAYS = {"today": 0, "今日": 0, "本日": 0, "きょう": 0, "tomorrow": 1, "明日": 1, "あした": 1, "あす": 1}
_DAYS |= {"明後日": 2, "あさって": 2}
_WEEKDAYS = {name: n for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_WEEKDAYS |= {name: n for n, name in enumerate("月火水木金土日")}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_IN = re.compile(r"(?:in\s*|\+)?(\d+)\s*(s|sec|min|m|h|hours?|d|days?|minutes?|秒|分|時間|日)(後)?\Z")
_UNITS = {"s": 1, "秒": 1, "m": 60, "分": 60, "h": 3600, "時": 3600, "d": 86_400, "日": 86_400}
_ISO_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[t\s]*")
_JA_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日\s*(?:\(?([月火水木金土日])(?:曜日?)?\)?)?\s*")
_SLASH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?!\d)\s*(?:\(([月火水木金土日])\))?\s*")
_EN_DAY = re.compile(rf"(\d{{1,2}})\s*({'|'.join(_MONTHS)})[a-z]*\s*")
_WEEKDAY = re.compile(r"(?:next\s+)?(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*|\(?([月火水木金土日])(?:曜日?|\))\s*")
_CLOCK = re.compile(r"(午前|午後)?\s*(\d{1,2})(?::(\d{2})(?::(\d{2}))?|時(?:(\d{1,2})分|(半))?)?\s*(am|pm)?\Z")

# A day that has passed by more than this was meant for next year.
_LONG_PAST = timedelta(days=180)


def when(written: str, now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """The time meant, aware; None for an empty field. `now` is aware, in the person's zone."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    if not text:
        return None
    if (after := _IN.match(text)) and not text.isdigit() and _is_delay(text, after):
        at = now + timedelta(seconds=int(after[1]) * _UNITS[after[2][0]])
    else:
        at = _iso(text, zone) or _spoken(text, now, zone)
    if at <= now:
        raise WhenError(_passed(at, now))
    return at


def _is_delay(text: str, match: re.Match[str]) -> bool:
    """「10分後」 and "in 10 min" are delays; 「10日」 alone is no time at all."""
    return bool(match[3]) or text[0] in "i+" or match[2].isascii()


def _passed(at: datetime, now: datetime) -> str:
    if at.date() == now.date():
        return _("{time} has passed today. For tomorrow write: tomorrow {time}").format(time=times.hm(at))
    return _("{moment} is in the past.").format(moment=times.moment_exactly(at, now))


def _iso(text: str, zone: tzinfo | None) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}", text):
        return None
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        raise WhenError(_not_a_time(text)) from None
    return times.local(at, zone) if at.tzinfo else _localize(at, zone)


def _spoken(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    day, rest = _day(text, now)
    clock = _clock(rest.removeprefix("at ").strip())
    if clock is None:
        if day is not None and not rest:
            raise WhenError(_("A time is missing: write for example {example}").format(example=f"{text} 9:00"))
        raise WhenError(_not_a_time(text))
    return _localize(datetime.combine(day or now.date(), clock), zone)


def _localize(naive: datetime, zone: tzinfo | None) -> datetime:
    # astimezone() of a naive time takes it for the machine's own zone, with the offset of that day.
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _day(text: str, now: datetime) -> tuple[date | None, str]:
    for word, days in _DAYS.items():
        if text.startswith(word):
            rest = text[len(word) :].lstrip()
            rest = re.sub(r"\A\([月火水木金土日]\)\s*", "", rest)
            return now.date() + timedelta(days=days), rest.lstrip("のに ")
    if match := _ISO_DAY.match(text):
        return _date(int(match[1]), int(match[2]), int(match[3]), text), text[match.end() :]
    if match := _JA_DAY.match(text):
        day = _near(match[1], int(match[2]), int(match[3]), now, text)
        _agree(day, match[4], now)
        return day, text[match.end() :].lstrip("のに ")
    if match := _SLASH_DAY.match(text):
        day = _near(None, int(match[1]), int(match[2]), now, text)
        _agree(day, match[3], now)
        return day, text[match.end() :]
    if match := _EN_DAY.match(text):
        return _near(None, _MONTHS.index(match[2]) + 1, int(match[1]), now, text), text[match.end() :]
    if match := _WEEKDAY.match(text):
        ahead = (_WEEKDAYS[match[1] or match[2]] - now.weekday()) % 7 or 7
        return now.date() + timedelta(days=ahead), text[match.end() :].lstrip("のに ")
    return None, text


def _near(year: str | None, month: int, day: int, now: datetime, text: str) -> date:
    found = _date(int(year) if year else now.year, month, day, text)
    if not year and now.date() - found > _LONG_PAST:
        return _date(now.year + 1, month, day, text)
    return found


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise WhenError(_("There is no such day: {text}").format(text=text)) from None


def _agree(day: date, weekday: str | None, now: datetime) -> None:
    """A written day of the week that does not fit its date is a mistake in one of the two."""
    if weekday and _WEEKDAYS[weekday] != day.weekday():
        real = datetime.combine(day, time(), now.tzinfo)
        raise WhenError(_("The day of the week does not fit: it is {date}.").format(date=times.date(real, now)))


def _clock(text: str) -> time | None:
    if text in ("noon", "正午"):
        return time(12)
    match = _CLOCK.match(text)
    if not match or not (match[3] or match[7] or "時" in text):
        return None
    hour = int(match[2])
    minute = 30 if match[6] else int(match[3] or match[5] or 0)
    if match[1] == "午後" or match[7] == "pm":
        hour = hour + 12 if hour < 12 else hour
    elif hour == 12 and (match[1] == "午前" or match[7] == "am"):
        hour = 0
    try:
        return time(hour, minute, int(match[4] or 0))
    except ValueError:
        return None


def _not_a_time(text: str) -> str:
    return _("{text} is not a time. Write 18:00, tomorrow 9:00, 11/24 9:00 or in 30 min").format(text=text)


def fuse(written: str) -> str | None:
    """What the fuse field says, as the API takes it; None for an empty field."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    if not text:
        return None
    match = re.fullmatch(r"(\d+)\s*(ms|s|sec|m|min|h|秒|分|時間)?", text)
    if not match:
        raise WhenError(_("{text} is no fuse. Write 30s, 2m or 1h").format(text=text))
    unit = {"sec": "s", "秒": "s", "min": "m", "分": "m", "時間": "h", None: "s"}.get(match[2], match[2])
    return f"{match[1]}{unit}"
