"""Bytes of a text file → text. By a strict chain, shown and switched by a person: libraries that guess are wrong."""

import codecs
import re

from drivers.words import N_
from modemd.model.errors import Invalid

# ISO-2022-JP is plain ASCII to all others, and so asked before them.
CHAIN = ("utf-8", "cp932", "euc_jp")
ENCODINGS = ("utf-8", "cp932", "iso2022_jp", "euc_jp", "utf-16")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What cp932 makes of octets that mean nothing, and what no list holds.
_NO_TEXT = re.compile("[\\x00\\x80-\\x9f\\uf8f0-\\uf8ff]")
_ESCAPES = (b"\x1b$", b"\x1b(")


def decode(data: bytes, wanted: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text, and the encodings that it can be read in: the one that was taken first. Raises Invalid."""
    if wanted is not None:
        if wanted not in ENCODINGS:
            raise Invalid(
                N_('There is no encoding "{encoding}" here; there is: {known}.'),
                encoding=wanted[:40],
                known=", ".join(ENCODINGS),
            )
        text = _text(data, wanted)
        if text is None:
            raise Invalid(N_("This file is not {encoding}: choose another encoding."), encoding=wanted)
        return text, (wanted, *(each for each in _possible(data) if each != wanted))
    possible = _possible(data)
    if not possible:
        raise Invalid(N_("This file is in no encoding that is known here: save it as UTF-8 and try again."))
    return _text(data, possible[0]) or "", possible


def _possible(data: bytes) -> tuple[str, ...]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return (encoding,) if _text(data, encoding) is not None else ()
    first = ["iso2022_jp"] if any(escape in data for escape in _ESCAPES) else []
    found = tuple(each for each in (*first, *CHAIN) if _text(data, each) is not None)
    return found[:1] if data.isascii() and not first else found


def _text(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else text.removeprefix("\ufeff")
