"""TP-DCS, the data coding scheme: TS 23.038 §4."""

from dataclasses import dataclass

from drivers.errors import PduError
from drivers.tpdu import Encoding
from drivers.words import N_

_ALPHABETS = (Encoding.GSM7, Encoding.DATA, Encoding.UCS2, Encoding.GSM7)  # the last is reserved
_BITS = {Encoding.GSM7: 0x00, Encoding.DATA: 0x04, Encoding.UCS2: 0x08}


@dataclass(frozen=True)
class Coding:
    encoding: Encoding
    message_class: int | None = None


def _general(dcs: int) -> Coding:
    """Groups 00xx, and 01xx which differ only in that the message deletes itself."""
    # A compressed text (TS 23.042) stays what it is: octets, and TP-UDL counts octets.
    encoding = Encoding.DATA if dcs & 0x20 else _ALPHABETS[dcs >> 2 & 3]
    return Coding(encoding, dcs & 3 if dcs & 0x10 else None)


def _data_and_class(dcs: int) -> Coding:
    return Coding(Encoding.DATA if dcs & 0x04 else Encoding.GSM7, dcs & 3)


def read(dcs: int) -> Coding:
    group = dcs >> 4
    if group < 0x8:
        return _general(dcs)
    if group == 0xF:
        return _data_and_class(dcs)
    # 1110 is message waiting in UCS-2; 1100 and 1101 are the same in GSM-7, and so is all that is reserved.
    return Coding(Encoding.UCS2 if group == 0xE else Encoding.GSM7)


def write(encoding: Encoding, message_class: int | None) -> int:
    if message_class is None:
        return _BITS[encoding]
    if message_class not in range(4):
        raise PduError(N_("A message class is 0 to 3, not {given}."), given=message_class)
    return _BITS[encoding] | 0x10 | message_class
