"""The user data header: TS 23.040 §9.2.3.24."""

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.errors import PduError
from drivers.tpdu import Concat
from drivers.words import N_

CONCAT_8, CONCAT_16 = 0x00, 0x08
SINGLE_SHIFT, LOCKING_SHIFT = 0x24, 0x25


@dataclass(frozen=True)
class Header:
    concat: Concat | None = None
    locking: int = 0
    single: int = 0


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(header):
        identifier, length = header[position], header[position + 1] if position + 1 < len(header) else 255
        content = header[position + 2 : position + 2 + length]
        if len(content) < length:
            raise PduError(N_("An element of the user data header runs over its end."))
        yield identifier, content
        position += 2 + length


def _concat(identifier: int, content: bytes) -> Concat | None:
    wide = identifier == CONCAT_16
    if len(content) != 3 + wide:
        return None
    total, sequence = content[-2], content[-1]
    # §9.2.3.24.1: an element of no parts, of part 0, or of a part beyond the last is ignored.
    if not 1 <= sequence <= total:
        return None
    return Concat(int.from_bytes(content[:-2], "big"), total, sequence, wide)


def read(header: bytes) -> Header:
    """What concerns us; other elements are skipped. Of an element that comes twice the last counts."""
    try:
        elements = list(_elements(header))
    except PduError:
        return Header()  # §9.2.3.24: a header that does not add up is ignored whole; the text is not
    concat: Concat | None = None
    shifts = {LOCKING_SHIFT: 0, SINGLE_SHIFT: 0}
    for identifier, content in elements:
        if identifier in (CONCAT_8, CONCAT_16):
            concat = _concat(identifier, content) or concat
        elif identifier in shifts and len(content) == 1:
            shifts[identifier] = content[0]
    return Header(concat, shifts[LOCKING_SHIFT], shifts[SINGLE_SHIFT])


def write(concat: Concat | None) -> bytes:
    """The header with its length octet in front; nothing for a message of one part."""
    if concat is None:
        return b""
    width = 2 if concat.wide else 1
    if not (1 <= concat.sequence <= concat.total <= 255 and 0 <= concat.concat_ref < 256**width):
        raise PduError(
            N_("No header can say part {sequence} of {total} with the number {concat_ref}."),
            sequence=concat.sequence,
            total=concat.total,
            concat_ref=concat.concat_ref,
        )
    content = concat.concat_ref.to_bytes(width, "big") + bytes((concat.total, concat.sequence))
    identifier = CONCAT_16 if concat.wide else CONCAT_8
    return bytes((2 + len(content), identifier, len(content))) + content
