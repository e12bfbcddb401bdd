"""What a TPDU says, as values: no octets here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"
    DATA = "8bit"


class Direction(StrEnum):
    FROM_NETWORK = "from_network"  # DELIVER, STATUS-REPORT
    TO_NETWORK = "to_network"  # SUBMIT


@dataclass(frozen=True)
class Concat:
    """Where a part stands in its message (UDH elements 0x00 and 0x08, TS 23.040 §9.2.3.24)."""

    concat_ref: int
    total: int
    sequence: int
    wide: bool = False  # a 16-bit concat_ref


@dataclass(frozen=True)
class Pdu:
    """What AT+CMGS wants: the hex, and the octets without the SMSC in front."""

    hex: str
    tpdu_length: int


@dataclass(frozen=True)
class Submit:
    recipient: str
    text: str | None
    encoding: Encoding = Encoding.GSM7
    data: bytes | None = None  # without the UDH: 8-bit (text is None); decoded, a UCS-2 text's octets too
    concat: Concat | None = None
    validity: timedelta | None = None
    message_class: int | None = None
    status_report: bool = True
    reject_duplicates: bool = False
    tp_mr: int = 0
    pid: int = 0
    dcs: int | None = None  # decoded: the octet itself; encoding derives it
    smsc: str | None = None
    udh: bytes = b""  # decoded: the whole header without its length octet
    udl: int | None = None  # decoded
    tpdu_length: int | None = None  # decoded


@dataclass(frozen=True)
class Deliver:
    """`text` is always valid Unicode: half a surrogate pair reads as U+FFFD.

    Some senders cut a pair between two parts; `data` keeps a UCS-2 part's octets, and `parts.join`
    puts the octets together before it decodes them.
    """

    sender: str
    text: str | None
    smsc_time: datetime | None  # aware, with the PDU's own offset; None: no possible time
    encoding: Encoding = Encoding.GSM7
    data: bytes | None = None  # without the UDH: 8-bit (text is None); decoded, a UCS-2 text's octets too
    concat: Concat | None = None
    message_class: int | None = None
    alphanumeric: bool = False  # the sender is a name: it cannot be answered
    pid: int = 0
    dcs: int | None = None
    smsc: str | None = None
    udh: bytes = b""
    udl: int | None = None
    tpdu_length: int | None = None


@dataclass(frozen=True)
class StatusReport:
    tp_mr: int
    recipient: str
    smsc_time: datetime | None
    discharge_time: datetime | None
    tp_st: int
    smsc: str | None = None
    tpdu_length: int | None = None


Tpdu = Submit | Deliver | StatusReport
