"""Do the days that a text names exist, agree with one another, and with the day on which it leaves?"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from drivers.words import N_, Sentence
from modemd.checks.dates import KANJI, MONTHS, WEEKDAYS, Mention, meant, mentions
from modemd.checks.prose import WORDS, found, sentence_of, without_links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

_WEEKDAY_WORDS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip

_RECENT = timedelta(days=60)
# What is written right before or behind a date that is still to come.
_BEFORE = re.compile(
    r"(?:予約日?|点検日?|工事|日時|日程|開催日?|期限|期日|締め?切り?|納期|お届け予?定?日?)(?:は|:)\s?\Z"
    r"|\b(?:appointment|visit|booking|reservation|viewing|delivery|interview)"
    r"(?: is)?(?: now)?(?: booked)?(?: for| on)?:?\s\Z"
    r"|\b(?:see you|due|deadline is|open until|expires)(?: on| by)?\s\Z"
    r"|\b(?:please|pay|reply|return|respond|book)\b[^.!?]{0,20}\bby\s\Z",
    WORDS,
)
_BEHIND = re.compile(
    r"[^。!?\n]{0,8}?(?:までに|に集合|開催(?!さ|し)|開始(?!さ|し)"
    r"|(?:に|は|より|から)[^。!?\n]{0,8}(?:伺い|参り|お待ちし|お越し|行い|開催し|実施し|お届けし)(?:ます|て|く))",
    WORDS,
)
_OVER = re.compile(r"ました|でした|済み|完了|過ぎ|いただき|\b(?:was|were|placed|missed|not)\b", WORDS)

_OFFSETS = {"昨日": -1, "本日": 0, "今日": 0, "明日": 1, "あした": 1, "明後日": 2, "あさって": 2}
_OFFSETS |= {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "the day after tomorrow": 2}
_RELATIVE = re.compile(
    r"明後日|あさって|昨日|本日|今日(?!は[、。!！])|明日(?!香|美|葉)|あした"
    r"|\b(?:the day after tomorrow|yesterday|today|tonight|tomorrow)\b",
    WORDS,
)
_JOINS = re.compile(r"[\s,、:の]{0,3}\(?\s?\Z")
_ON = re.compile(r"\b(?:on|by|until|till|for|from|of)\s\Z", WORDS)
_NEAREST = {0: ("本日", "today"), 1: ("明日", "tomorrow"), 2: ("明後日", "the day after tomorrow")}


def _named(candidate: Candidate) -> tuple[Mention, ...]:
    return mentions(candidate.text, candidate.site.region)


def weekday(candidate: Candidate) -> Iterator[Hit]:
    on = candidate.release_day
    for mention in _named(candidate):
        days = meant(mention, on)
        if mention.weekday is None or not days or any(day.weekday() == mention.weekday for day in days):
            continue
        right = days[0].weekday()
        start, end = mention.weekday_span or mention.span
        yield Hit(
            (start, end),
            _in_style(candidate.text[start:end], right),
            {
                "date": mention.said(candidate.text),
                "weekday": Sentence(_WEEKDAY_WORDS[right]),
            },
        )


def _in_style(written: str, weekday: int) -> str:
    if written in KANJI:
        return KANJI[weekday]
    return WEEKDAYS[weekday] if len(written) > 5 else WEEKDAYS[weekday][:3]


def no_such_date(candidate: Candidate) -> Iterator[Hit]:
    for mention in _named(candidate):
        if mention.certain and not mention.exists:
            yield Hit(mention.span, values={"date": mention.said(candidate.text)})


def past(candidate: Candidate) -> Iterator[Hit]:
    """A date that has passed where one to come is spoken of."""
    on, text = candidate.release_day, without_links(candidate.text)
    for (start, end), named in groupby(_named(candidate), key=lambda mention: sentence_of(text, mention.span[0])):
        dated = [(mention, days[0]) for mention in named if (days := meant(mention, on))]
        gone = [mention for mention, day in dated if day < on and (mention.year is not None or on - day <= _RECENT)]
        # Where another day of the same sentence lies ahead, it is a period, or tells what has changed.
        if gone and len(gone) == len(dated) and not _OVER.search(text, start, end):
            begins, ends = gone[0].span
            if _BEFORE.search(text, start, begins) or _BEHIND.match(text, ends):
                yield Hit((begins, ends), values={"date": gone[0].said(candidate.text)})


def _relative(candidate: Candidate) -> Iterator[tuple["re.Match[str]", int, Mention | None]]:
    """Each today and tomorrow, with the date that is written beside it."""
    text = without_links(candidate.text)
    for word in found(_RELATIVE, candidate.text):
        beside = None
        for mention in _named(candidate):
            start, end = mention.span
            if (word.end() <= start and _JOINS.fullmatch(text, word.end(), start)) or (
                end <= word.start() and _JOINS.fullmatch(text, end, word.start())
            ):
                beside = mention
                break
        yield word, _OFFSETS[word[0].lower()], beside


def beside_a_date(candidate: Candidate) -> Iterator[Hit]:
    """明日11/26, and tomorrow is the 25th."""
    on = candidate.release_day
    for word, offset, mention in _relative(candidate):
        if mention is None or not (days := meant(mention, on)) or on + timedelta(days=offset) in days:
            continue
        right = _NEAREST.get((days[0] - on).days)
        yield Hit(
            word.span(),
            _like(word[0], right[word[0].isascii()]) if right else None,
            {"word": word[0], "date": mention.said(candidate.text)},
        )


def _like(written: str, word: str) -> str:
    return word[:1].upper() + word[1:] if written[:1].isupper() else word


def relative(candidate: Candidate) -> Iterator[Hit]:
    """A person let it leave on another day: is today that day, or this one?"""
    if candidate.send_at is not None and candidate.day_of(candidate.now) != candidate.release_day:
        yield from _counted_from(candidate, candidate.release_day)


def moved(candidate: Candidate) -> Iterator[Hit]:
    """It was held over a midnight that its writer did not think of."""
    if candidate.meant_for is not None:
        day = candidate.day_of(candidate.meant_for)
        if day != candidate.release_day:
            yield from _counted_from(candidate, day)


def _counted_from(candidate: Candidate, day: date) -> Iterator[Hit]:
    text = without_links(candidate.text)
    for word, offset, mention in _relative(candidate):
        if mention is not None:
            continue
        date_meant = day + timedelta(days=offset)
        if word[0].isascii():
            said = f"{WEEKDAYS[date_meant.weekday()][:3]} {date_meant.day} {MONTHS[date_meant.month - 1]}"
            said = said if _ON.search(text, 0, word.start()) else _like(word[0], "on ") + said
        else:
            said = f"{date_meant.month}/{date_meant.day}({KANJI[date_meant.weekday()]})"
        yield Hit(word.span(), None if word[0].lower() == "tonight" else said, {"word": word[0]})
        return
