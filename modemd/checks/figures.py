"""Amounts, times of day and telephone numbers in a text: can they be what was meant?"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from modemd.checks.prose import WORDS, found, without_links
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate
from modemd.model.spelling import distance

_AMOUNT = re.compile(
    r"(?:(?P<before>[¥$£€]|\b(?:USD|JPY|GBP|EUR))\s?)?(?<![\d.,])(?P<number>\d(?:[\d,.]*\d)?)"
    r"(?:\s?(?P<after>円|yen\b|ドル|ユーロ|USD\b|JPY\b|EUR\b|GBP\b|€))?",
    re.ASCII,
)
_GOOD = re.compile(r"(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d{1,2})?")
_GOOD_EURO = re.compile(r"(?:0|[1-9]\d*|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d{1,2})?")
_YEN = {"¥", "円", "yen", "JPY"}
_UNIT_PRICE = re.compile(r"\d{1,2}\.\d{3}")  # $3.459 a gallon
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


_UNIT = re.compile("[¥$£€円]|USD|JPY|GBP|EUR|yen|ドル|ユーロ")


def amount(candidate: Candidate) -> Iterator[Hit]:
    """1,2800円: somebody typed a digit too many, or a comma in the wrong place."""
    if not _UNIT.search(without_links(candidate.text)):
        return
    for match in found(_AMOUNT, candidate.text):
        unit, number = match["before"] or match["after"], match["number"]
        if not unit or (match["before"] and match["after"]):
            continue
        good = _GOOD.fullmatch(number) or (unit in ("€", "EUR", "ユーロ") and _GOOD_EURO.fullmatch(number))
        if unit in _YEN and _DOTTED.fullmatch(number):
            good = None
        if not good and not (unit == "$" and _UNIT_PRICE.fullmatch(number)):
            yield Hit(match.span("number"), _regrouped(number), {"amount": match[0].strip()})


def _regrouped(number: str) -> str | None:
    """The same digits in threes, where that is all that is wrong."""
    whole, _, cents = number.rpartition(".") if re.search(r",.*\.\d\d\Z", number) else (number, "", "")
    if number.startswith("0") or len(re.split("[,.]", whole)[-1]) < 3:
        return None
    digits = f"{int(re.sub('[,.]', '', whole)):,}"
    return f"{digits}.{cents}" if cents else digits


_UNITLESS = re.compile(
    r"(?:合計|総額|ご?請求金?額|お?支払い?金?額|代金|料金|金額|会費|家賃|費用"
    r"|\b(?:total|amount(?: due)?|balance|price|fee|cost))"
    r"(?:[:=\s]|は|が|\bis\b|\bof\b){0,4}(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d{3,7}(?:\.\d\d)?|\d{1,2}\.\d\d)"
    r"(?=\s*(?:\Z|[\n。、!(]|[.,](?!\d)|です|でござい|になり|となり|でし))",
    WORDS,
)
_CURRENCIES = {"JP": "{}円", "GB": "£{}", "US": "${}", "DE": "{} €", "FR": "{} €", "IE": "€{}"}


_LONG_FIGURE = re.compile(r"\d(?:\d\d|,\d\d\d|\.\d\d)", re.ASCII)


def without_unit(candidate: Candidate) -> Iterator[Hit]:
    if not _LONG_FIGURE.search(without_links(candidate.text)):
        return
    currency = _CURRENCIES.get(candidate.site.region or "")
    for match in found(_UNITLESS, candidate.text):
        if not match["number"].strip("0,."):
            continue
        fix = currency.format(match["number"]) if currency else None
        yield Hit(match.span("number"), fix, {"amount": match["number"]})


# -- times of day -------------------------------------------------------------------------------------------

_TIME = re.compile(
    r"(?P<half>午前|午後)?\s?(?<![\d:.,/])(?P<hour>\d{1,2})(?:(?P<colon>:)(?P<minute>\d{2})(?![\d:])"
    r"|時(?!間)(?:(?P<spoken>\d{1,2})分)?)(?:\s?(?P<am>am|pm|a\.m\.|p\.m\.)(?![a-z]))?",
    WORDS,
)
# What says that figures are a time, not a result or a duration; and a range, where 18:00〜25:00 is one o'clock.
_AT = re.compile(r"(?:\b(?:at|from|by|until|till|open|opens)\s|今日|本日|明日|[日)曜]\s?)\Z", WORDS)
_FROM = re.compile(r"\s?(?:に|から|まで|より|集合|開始|開演|頃|発|[ap]\.?m)", WORDS)
_BROADCAST = re.compile("深夜|放送|オンエア")
_RANGE = re.compile(r"\d\s?[~\-]\s?\Z")
_LATE = range(25, 30)
_OF_A_TIME = re.compile(r"\d(?::\d|時)", re.ASCII)


def clock(candidate: Candidate) -> Iterator[Hit]:
    text = without_links(candidate.text)
    if not _OF_A_TIME.search(text):
        return
    for match in found(_TIME, candidate.text):
        hour, minute = int(match["hour"]), int(match["minute"] or match["spoken"] or 0)
        start = match.start("hour")
        if not _is_wrong(match, hour, minute) or _RANGE.search(text, 0, start):
            continue
        if match["colon"] and not match["am"] and not match["half"]:
            said = _AT.search(text, 0, start) or _FROM.match(text, match.end())
            if (hour > 24 or (minute >= 60 and hour + minute == 100)) and not said:
                continue
        fix = None
        if hour in _LATE and minute < 60 and not match["half"] and not match["am"]:
            if _BROADCAST.search(text):
                continue
            next_day = f"翌{hour - 24}"
            fix = next_day + (f":{minute:02}" if match["colon"] else "時" + (f"{minute}分" if match["spoken"] else ""))
        yield Hit((start, match.end()), fix, {"time": match[0].strip()})


def _is_wrong(match: "re.Match[str]", hour: int, minute: int) -> bool:
    morning = match["half"] == "午前" or (match["am"] or "").lower().startswith("a")
    return hour > 24 or minute >= 60 or (morning and hour > 12)


# -- telephone numbers --------------------------------------------------------------------------------------

_PHONE = re.compile(r"(?<![A-Za-z0-9.])\+?\(?\d[\d\-() ]{6,20}\d(?![A-Za-z0-9])")
_FAX = re.compile(r"(?:FAX|ファックス|ファクス)(?:番号)?[:は\s]*\Z", WORDS)


@lru_cache(maxsize=64)
def _spelled(number: str) -> tuple[str, str, str]:
    """An own number as it is written at home, and the digits of both its forms."""
    parsed = phonenumbers.parse(number)
    home = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return home, re.sub(r"\D", "", home), number.removeprefix("+")


def own_number(candidate: Candidate) -> Iterator[Hit]:
    """One digit, or one swap, off a number of the site's own."""
    own = [_spelled(number) for number in candidate.site.numbers]
    if not own:
        return
    text = without_links(candidate.text)
    for match in found(_PHONE, candidate.text):
        groups = re.findall(r"\d+", match[0])
        readings = ["".join(groups[:count]) for count in range(1, len(groups) + 1)]
        if any(digits in readings for _, *forms in own for digits in forms) or _FAX.search(text, 0, match.start()):
            continue
        for home, *forms in own:
            near = next((form for form in forms if distance(readings[-1], form, 1) == 1), None)
            if near:
                yield Hit(match.span(), _dressed(match[0], near, home), {"number": match[0].strip(), "own": home})
                break


def _dressed(written: str, digits: str, home: str) -> str:
    """The digits between the same dashes and brackets, where there are as many."""
    if sum(map(str.isdigit, written)) != len(digits):
        return home
    rest = iter(digits)
    return "".join(next(rest) if character.isdigit() else character for character in written)
