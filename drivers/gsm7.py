"""The GSM 7 bit alphabet of TS 23.038 §6.2: text ↔ septets, one octet each, unpacked."""

from drivers.errors import PduError
from drivers.shift_tables import BASIC, ESC, EXTENSION, LOCKING, SINGLE
from drivers.words import N_

_TO_SEPTETS = {ord(char): chr(septet) for septet, char in enumerate(BASIC) if septet != ESC}
_TO_SEPTETS |= {ord(char): chr(ESC) + chr(septet) for septet, char in EXTENSION.items()}

CHARACTERS = frozenset(map(chr, _TO_SEPTETS))
DOUBLE = frozenset(EXTENSION.values())  # these cost two septets


def fits(text: str) -> bool:
    return CHARACTERS.issuperset(text)


def encode(text: str) -> bytes:
    if not fits(text):
        foreign = next(char for char in text if char not in CHARACTERS)
        raise PduError(N_("GSM-7 has no character {code}."), code=f"U+{ord(foreign):04X}")
    return text.translate(_TO_SEPTETS).encode("ascii")


def decode(septets: bytes, locking: int = 0, single: int = 0) -> str:
    """`locking` and `single` are national language identifiers; one without a table is the default's."""
    table = LOCKING.get(locking, BASIC)
    if ESC not in septets:
        return "".join(map(table.__getitem__, septets))
    extension = SINGLE.get(single, EXTENSION)
    characters = []
    rest = iter(septets)
    for septet in rest:
        if septet != ESC:
            characters.append(table[septet])
            continue
        # §6.2.1.1: an escape to nowhere is a space, an empty cell the locking table's character.
        code = next(rest, ESC)
        characters.append(" " if code == ESC else extension.get(code, table[code]))
    return "".join(characters)
