"""Choose GSM-7 or UCS-2 for a text and cut it into parts; join received parts."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from drivers import gsm7
from drivers.errors import PduError
from drivers.pdu import HALF_A_PAIR, Deliver, Encoding, Submit, decode_ucs2
from drivers.words import N_

MAX_PARTS = 255  # one octet in the UDH

# Septets or 16-bit units in a message of one part, and in each of several: a UDH with an 8-bit
# concat_ref takes 6 of the 140 octets (TS 23.040 §9.2.3.24.1).
LIMITS = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}

_TOO_LONG = N_("The text is too long: a message has {most} parts at most.")

_ZWJ = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_HALF_WIDTH_VOICING = "\uff9e\uff9f"  # ｶﾞ is two characters


@dataclass(frozen=True)
class Cut:
    """A text as the radio will carry it.

    `units` are septets (GSM-7) or 16-bit units (UCS-2) of the whole text, `room` how many more fit
    into the last part, `forcing` each distinct character GSM-7 does not have, with its first index.
    """

    encoding: Encoding
    parts: tuple[str, ...]
    units: int
    room: int
    forcing: tuple[tuple[int, str], ...]


def _forcing(text: str) -> tuple[tuple[int, str], ...]:
    first: dict[str, int] = {}
    for index, char in enumerate(text):
        if char not in gsm7.CHARACTERS:
            first.setdefault(char, index)
    return tuple((index, char) for char, index in first.items())


def _is_double(char: str, encoding: Encoding) -> bool:
    return char in gsm7.DOUBLE if encoding is Encoding.GSM7 else char > "\uffff"


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return len(text) + (0 if gsm7.DOUBLE.isdisjoint(text) else sum(map(text.count, gsm7.DOUBLE)))
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _reach(text: str, start: int, limit: int, encoding: Encoding) -> int:
    """The end of the longest part from `start`; a character of two units is never cut."""
    end = min(start + limit, len(text))
    over = _units(text[start:end], encoding) - limit
    while over > 0:
        end -= 1
        over -= 2 if _is_double(text[end], encoding) else 1
    return end


def _belongs(char: str, before: str) -> bool:
    """`char` is drawn onto, or into one picture with, the character before it."""
    return (
        before == _ZWJ
        or char == _ZWJ
        or char in _HALF_WIDTH_VOICING
        or ord(char) in _SKIN_TONES
        or unicodedata.category(char).startswith("M")
    )


def _step_back(text: str, start: int, end: int) -> int:
    """An end that leaves what is drawn as one in one part, or `end` where there is none."""
    better = end
    while better > start and better < len(text) and _belongs(text[better], text[better - 1]):
        better -= 1
    return better if better > start else end


def _cut(text: str, limit: int, encoding: Encoding, *, kindly: bool) -> list[str]:
    parts = []
    start = 0
    while start < len(text):
        end = _reach(text, start, limit, encoding)
        if kindly:
            end = _step_back(text, start, end)
        parts.append(text[start:end])
        start = end
    return parts


def _parts(text: str, encoding: Encoding, units: int) -> list[str]:
    whole, each = LIMITS[encoding]
    if units <= whole:
        return [text]
    if units > MAX_PARTS * each:
        raise PduError(_TOO_LONG, most=MAX_PARTS)
    parts = _cut(text, each, encoding, kindly=False)
    if encoding is Encoding.UCS2:
        kinder = _cut(text, each, encoding, kindly=True)
        parts = kinder if len(kinder) == len(parts) else parts
    if len(parts) > MAX_PARTS:
        raise PduError(_TOO_LONG, most=MAX_PARTS)
    return parts


def cut(text: str, encoding: Encoding | None = None) -> Cut:
    """Cut `text`; never inside an escape pair or a surrogate pair. Raises PduError over 255 parts."""
    forcing = () if gsm7.fits(text) else _forcing(text)
    if encoding is None:
        encoding = Encoding.UCS2 if forcing else Encoding.GSM7
    if encoding is Encoding.DATA:
        raise PduError(N_("A text is carried in GSM-7 or UCS-2, not as 8-bit data."))
    if encoding is Encoding.GSM7:
        gsm7.encode(text)  # says which character it has not
    for index, char in forcing:
        if "\ud800" <= char <= "\udfff":
            raise PduError(HALF_A_PAIR, index=index)
    units = _units(text, encoding)
    parts = _parts(text, encoding, units)
    limit = LIMITS[encoding][len(parts) > 1]
    return Cut(encoding, tuple(parts), units, limit - _units(parts[-1], encoding), forcing)


def join(parts: Iterable[Deliver | Submit]) -> str:
    """The text of received parts, in the order given.

    Octets of neighbours in UCS-2 are put together before they are decoded: some senders cut a
    surrogate pair between two parts. 8-bit parts have no text.
    """
    texts = []
    for encoding, run in groupby(parts, key=lambda part: part.encoding):
        if encoding is Encoding.UCS2:
            texts.append(decode_ucs2(b"".join(_even(part) for part in run)))
        else:
            texts.extend(part.text or "" for part in run)
    return "".join(texts)


def _even(part: Deliver | Submit) -> bytes:
    octets = part.data if part.data is not None else (part.text or "").encode("utf-16-be", "replace")
    return octets[: len(octets) & ~1]
