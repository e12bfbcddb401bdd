"""The few octets of a TPDU that a network reads and writes: headers, addresses, times, reports."""

from dataclasses import dataclass
from datetime import datetime

from drivers.pdu import Concat

INTERNATIONAL = 0x91  # TS 23.040 §9.1.2.5: type international, plan E.164
UNKNOWN = 0x81
ALPHANUMERIC = 0x50  # the type bits
DIGITS = "0123456789*#abc"


@dataclass(frozen=True)
class Header:
    """An SMS-SUBMIT as the network sees it (TS 23.040 §9.2.2.2)."""

    recipient: str
    report_wanted: bool
    concat: Concat | None
    address: bytes  # TP-DA
    pid: int
    dcs: int
    has_udh: bool
    body: bytes  # TP-UDL and TP-UD
    tpdu: bytes


def swap(digits: str) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2)))


def address_of(number: str) -> bytes:
    digits = number.removeprefix("+")
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
    return bytes([len(digits), kind]) + swap(digits)


def number_of(address: bytes) -> str:
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in address[2:])[: address[0]]
    plus = "+" if address[1] & 0x70 == 0x10 else ""
    return plus + "".join(DIGITS[int(digit, 16)] if digit != "f" else "" for digit in digits)


def smsc_prefix(smsc: str) -> bytes:
    """The SMSC in front of a PDU: here the length counts octets (TS 27.005 §3.1)."""
    octets = address_of(smsc)[1:]
    return bytes([len(octets)]) + octets


def time_stamp(when: datetime) -> bytes:
    """TP-SCTS of an aware time: seven swapped semi-octets, the zone in quarters of an hour."""
    offset = when.utcoffset()
    quarters = int(offset.total_seconds() // 900) if offset else 0
    zone = swap(f"{abs(quarters):02d}")[0] | (0x08 if quarters < 0 else 0)
    return swap(when.strftime("%y%m%d%H%M%S")) + bytes([zone])


VP_OCTETS = (0, 7, 1, 7)  # by TP-VPF: none, enhanced, relative, absolute


def read_submit(tpdu: bytes) -> Header:
    """Raises ValueError for what is no SMS-SUBMIT."""
    if len(tpdu) < 7 or tpdu[0] & 0x03 != 0x01:
        raise ValueError("no SMS-SUBMIT")
    end = 4 + (tpdu[2] + 1) // 2
    address = tpdu[2:end]
    body_at = end + 2 + VP_OCTETS[tpdu[0] >> 3 & 3]
    if tpdu[2] > 20 or len(tpdu) <= body_at:
        raise ValueError("the SMS-SUBMIT ends too early")
    body = tpdu[body_at:]
    octets = (body[0] * 7 + 7) // 8 if is_septets(tpdu[end + 1]) else body[0]
    if len(body) - 1 != octets:
        raise ValueError("TP-UDL does not fit TP-UD")
    has_udh = bool(tpdu[0] & 0x40)
    return Header(
        recipient=number_of(address),
        report_wanted=bool(tpdu[0] & 0x20),
        concat=read_concat(body[2 : 2 + body[1]]) if has_udh and len(body) > 1 else None,
        address=address,
        pid=tpdu[end],
        dcs=tpdu[end + 1],
        has_udh=has_udh,
        body=body,
        tpdu=tpdu,
    )


def is_septets(dcs: int) -> bool:
    """TS 23.038 §4: whether TP-UDL counts septets."""
    return dcs < 0xE0 and dcs & 0x0C == 0 if dcs < 0xF0 else dcs & 0x04 == 0


def read_concat(udh: bytes) -> Concat | None:
    """The concatenation element of a user data header, 0x00 or 0x08 (TS 23.040 §9.2.3.24)."""
    at = 0
    while at + 1 < len(udh):
        element, data = udh[at], udh[at + 2 : at + 2 + udh[at + 1]]
        if element == 0x00 and len(data) == 3:
            return Concat(data[0], data[1], data[2])
        if element == 0x08 and len(data) == 4:
            return Concat(data[0] << 8 | data[1], data[2], data[3], wide=True)
        at += 2 + udh[at + 1]
    return None


def deliver(header: Header, sender: str, when: datetime) -> bytes:
    """The SMS-DELIVER that the recipient's modem gets of an SMS-SUBMIT."""
    first = 0x04 | (0x40 if header.has_udh else 0)
    return bytes([first]) + address_of(sender) + bytes([header.pid, header.dcs]) + time_stamp(when) + header.body


def status_report(header: Header, tp_mr: int, tp_st: int, sent: datetime, done: datetime) -> bytes:
    """An SMS-STATUS-REPORT about that SMS-SUBMIT (TS 23.040 §9.2.2.3)."""
    return bytes([0x06, tp_mr]) + header.address + time_stamp(sent) + time_stamp(done) + bytes([tp_st])
