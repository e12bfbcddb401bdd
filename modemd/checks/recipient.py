"""Is this the number that was meant, and does anybody read what is sent to it?"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache, partial

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from drivers.words import Sentence
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate
from modemd.model.recipient import bare_number, parsed, read_recipient

# 9.01E+10: what a spreadsheet makes of a number when it thinks that it is a quantity.
_POWER = re.compile(r"[+-]?\d([.,]\d+)?[eE]\+?\d{1,2}")
_LONGEST_SHORT = 6  # digits

# Japan, national significant number → kind (soumu.go.jp/joho_tsusin/top/tel_number; 060 since 2024-12).
_JAPAN = (
    ("mobile", re.compile(r"[6789]0[1-9]\d{7}")),
    ("service", re.compile(r"(?:800|600)\d{7}|(?:120|570|990)\d{6}")),
    ("pager", re.compile(r"204\d{7}")),
    ("machine", re.compile(r"20[1-35-9]\d{7}|200\d{10}")),
    ("ip_phone", re.compile(r"50[1-9]\d{7}")),
    ("fixed", re.compile(r"[1-9][1-9]\d{7}")),
)

# Numbers that no operator gives out, E.164 (Ofcom, ACMA, NANPA, ARCEP).
_TEST_RANGES = re.compile(r"\+447700900\d{3}|\+61491570(?:110|15[6-9])|\+1[2-9]\d{2}55501\d{2}|\+336399800\d\d")

_NO_TEXTS = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOIP,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}


@lru_cache(maxsize=1024)
def region_of(number: str) -> str:
    """The country of a number in E.164, also of one that its plan does not have."""
    known = parsed(number)
    return phonenumbers.region_code_for_number(known) or phonenumbers.region_code_for_country_code(
        known.country_code or 0
    )


def _is_power(candidate: Candidate) -> bool:
    return bool(_POWER.fullmatch(unicodedata.normalize("NFKC", candidate.to).strip()))


def _is_short(candidate: Candidate) -> bool:
    bare, region = bare_number(candidate.to), candidate.site.region
    if not bare.isascii() or not bare.isdecimal() or len(bare) > _LONGEST_SHORT or region is None:
        return False
    if bare in candidate.site.short_numbers:
        return False
    number = phonenumbers.PhoneNumber(national_number=int(bare), country_code=0)
    return (
        phonenumbers.is_emergency_number(bare, region)
        or (region == "JP" and len(bare) == 3 and bare[0] == "1")
        or shortnumberinfo.is_valid_short_number_for_region(number, region)
    )  # fmt: skip


def unreadable(candidate: Candidate) -> Iterator[Hit]:
    if isinstance(candidate.reading, Sentence) and not _is_power(candidate) and not _is_short(candidate):
        # 0081… and 81… where only the + is missing
        written = "+" + bare_number(candidate.to).lstrip("0")
        reading = read_recipient(written, None)
        sure = isinstance(reading, str) and phonenumbers.is_valid_number(parsed(reading))
        yield Hit(fix=written if sure else None, sentence=candidate.reading)


def from_spreadsheet(candidate: Candidate) -> Iterator[Hit]:
    if _is_power(candidate):
        yield Hit(values={"number": candidate.to.strip()})


def short(candidate: Candidate) -> Iterator[Hit]:
    if _is_short(candidate):
        yield Hit(values={"number": bare_number(candidate.to)})


def full_width(candidate: Candidate) -> Iterator[Hit]:
    number = candidate.number
    if number and any("\uff0b" <= character <= "\uff19" for character in candidate.to):
        plus = bare_number(candidate.to).startswith("+")
        yield Hit(fix=number if plus else _as_at_home(number), values={"number": number})


def _as_at_home(number: str) -> str:
    return phonenumbers.format_number(parsed(number), phonenumbers.PhoneNumberFormat.NATIONAL)


def trunk_zero(candidate: Candidate) -> Iterator[Hit]:
    """+81 (0)90 …: the 0 is dialled at home alone."""
    number, bare = candidate.number, bare_number(candidate.to)
    if number and bare.startswith("+") and bare != number and bare.startswith(f"+{parsed(number).country_code}0"):
        yield Hit(fix=number, values={"number": number})


def dialling_prefix(candidate: Candidate) -> Iterator[Hit]:
    """010 81 90 …: how it is called from here, or 0081 90 … from elsewhere."""
    number = _behind_prefix(candidate)
    if number is not None and number != candidate.to:
        yield Hit(fix=number, values={"number": number})


def _behind_prefix(candidate: Candidate) -> str | None:
    prefix = re.match("0(?:0|10|11)(?=[1-9])", bare := bare_number(candidate.to))
    number = read_recipient("+" + bare[prefix.end() :], None) if prefix else None
    return number if isinstance(number, str) and phonenumbers.is_valid_number(parsed(number)) else None


def _has_trunk_zero(region: str | None) -> bool:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region) if region else None
    return metadata is not None and metadata.national_prefix == "0"


def zero_lost(candidate: Candidate) -> Iterator[Hit]:
    """9012345678: a spreadsheet has taken the 0 in front away, or a digit is missing. Asked, never assumed."""
    number, bare = candidate.number, bare_number(candidate.to)
    if not number or not _has_trunk_zero(candidate.site.region) or bare != str(parsed(number).national_number):
        return
    at_home = _as_at_home(number)
    if bare_number(at_home) != bare:  # of some ranges nobody knows how they are written at home
        yield Hit(fix=at_home, values={"number": at_home})


def plus_lost(candidate: Candidate) -> Iterator[Hit]:
    number, bare = candidate.number, bare_number(candidate.to)
    if number and bare == number[1:] and _has_trunk_zero(candidate.site.region):
        yield Hit(fix=number, values={"number": number})


@lru_cache(maxsize=1024)
def _kind(number: str) -> str:
    """mobile, test, one of Japan's kinds, not_mobile or invalid."""
    if _TEST_RANGES.fullmatch(number):
        return "test"
    if not number.startswith("+"):
        return "mobile"  # a short code that the site allows
    if number.startswith("+81"):
        return next((kind for kind, shape in _JAPAN if shape.fullmatch(number[3:])), "invalid")
    if not phonenumbers.is_valid_number(parsed(number)):
        return "invalid"
    return "not_mobile" if phonenumbers.number_type(parsed(number)) in _NO_TEXTS else "mobile"


def _of_kind(kind: str, candidate: Candidate) -> Iterator[Hit]:
    if candidate.number and _kind(candidate.number) == kind:
        yield Hit(values={"number": candidate.number})


def invalid(candidate: Candidate) -> Iterator[Hit]:
    if _behind_prefix(candidate) is None:
        yield from _of_kind("invalid", candidate)


service = partial(_of_kind, "service")
fixed = partial(_of_kind, "fixed")
machine = partial(_of_kind, "machine")
pager = partial(_of_kind, "pager")
ip_phone = partial(_of_kind, "ip_phone")
not_mobile = partial(_of_kind, "not_mobile")


def test_range(candidate: Candidate) -> Iterator[Hit]:
    if candidate.site.live:
        yield from _of_kind("test", candidate)
