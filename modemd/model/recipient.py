"""A phone number as people write it → E.164."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

import phonenumbers

from drivers.words import N_, Sentence

# Every dash and bracket that is met in numbers, after NFKC; and the invisible marks that come with a number
# copied from an address book.
_DRESS = re.compile(r"[\s\-‐‑‒–—―−ー().・/\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SHAPE = re.compile(r"\+?[0-9]+")


def bare_number(text: str) -> str:
    """Without spaces, dashes and brackets, its digits of the usual width."""
    return _DRESS.sub("", unicodedata.normalize("NFKC", text))


def read_recipient(text: str, region: str | None, short_numbers: Collection[str] = ()) -> str | Sentence:
    """The number in E.164, or the sentence that says why it is none.

    A number without a country code is read by `region` ("JP"); without one it is refused, never guessed.
    Short codes are dialled as they are, those that are named alone.
    """
    bare = bare_number(text)
    if bare in short_numbers:
        return bare
    if not bare:
        return Sentence(N_("There is no recipient: enter a phone number."))
    if not _SHAPE.fullmatch(bare):
        return Sentence(
            N_('"{number}" is no phone number: use digits, with + before the country code.'), {"number": text[:40]}
        )
    if not bare.startswith("+") and region is None:
        return Sentence(N_('"{number}" has no country code: write it as +81 90 ….'), {"number": text[:40]})
    number, problem = _read(bare, region)
    return Sentence(problem, {"number": text[:40]}) if problem else number


@lru_cache(maxsize=1024)
def parsed(number: str, region: str | None = None) -> phonenumbers.PhoneNumber:
    """Asked again and again of one number, by one after the other. Not to be changed. Raises NumberParseException."""
    return phonenumbers.parse(number, region)


@lru_cache(maxsize=1024)
def _read(bare: str, region: str | None) -> tuple[str, str]:
    """In E.164, and what is wrong."""
    try:
        number = parsed(bare, None if bare.startswith("+") else region)
    except phonenumbers.NumberParseException as error:
        return "", _UNREAD.get(error.error_type, _ODD)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return "", _WRONG.get(reason, _ODD)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""


_ODD = N_('"{number}" cannot be a phone number: count its digits.')
_SHORT = N_('"{number}" has too few digits.')
_LONG = N_('"{number}" has too many digits.')
_UNREAD = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: N_('"{number}" begins with no country code that exists.'),
    phonenumbers.NumberParseException.NOT_A_NUMBER: _SHORT,
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: _SHORT,
    phonenumbers.NumberParseException.TOO_SHORT_NSN: _SHORT,
    phonenumbers.NumberParseException.TOO_LONG: _LONG,
}
_WRONG = {
    phonenumbers.ValidationResult.TOO_SHORT: _SHORT,
    phonenumbers.ValidationResult.TOO_LONG: _LONG,
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: N_(
        '"{number}" has too few digits: is its area code missing?'
    ),
}


def same_number(one: str, other: str) -> bool:
    """Whether two spellings may be one number: networks report recipients with or without prefixes."""
    a, b = (re.sub(r"\D", "", each) for each in (one, other))
    tail = min(len(a), len(b), 9)
    return tail >= 3 and a[-tail:] == b[-tail:]
