"""TP-SCTS and TP-DT (TS 23.040 §9.2.3.11), and the relative TP-VP (§9.2.3.12.1)."""

from datetime import UTC, datetime, timedelta, timezone

from drivers.errors import PduError
from drivers.words import N_

_QUARTER = timedelta(minutes=15)
_CENTURY = 70  # two digits from 70 on are the 1900s; the first SMS was sent in 1992

# (last octet, where its steps start, the step, octet before the first step): §9.2.3.12.1
_STEPS = (
    (143, timedelta(0), timedelta(minutes=5), -1),
    (167, timedelta(hours=12), timedelta(minutes=30), 143),
    (196, timedelta(0), timedelta(days=1), 166),
    (255, timedelta(0), timedelta(weeks=1), 192),
)


def read_time(octets: bytes) -> datetime | None:
    """Seven octets of swapped digits; None for what is no time (all zeros, a 13th month)."""
    *fields, zone = ((octet & 0xF, octet >> 4) for octet in octets)
    if any(digit > 9 for pair in fields for digit in pair):
        return None
    year, month, day, hour, minute, second = (10 * tens + ones for tens, ones in fields)
    # Bit 3 of the first digit is the sign. Some centres write a second digit over 9: it still counts ones.
    quarters = 10 * (zone[0] & 0x7) + zone[1]
    offset = _QUARTER * (-quarters if zone[0] & 0x8 else quarters)
    year += 1900 if year >= _CENTURY else 2000
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None


def _swapped(number: int) -> int:
    return number % 10 << 4 | number // 10


def write_time(time: datetime | None) -> bytes:
    """None is written as seven zeros, which is no time either."""
    if time is None:
        return bytes(7)
    offset = time.utcoffset()
    if offset is None:
        raise PduError(N_("A time without an offset cannot be written into a PDU."))
    if offset % _QUARTER or abs(offset) > 79 * _QUARTER:
        time, offset = time.astimezone(UTC), timedelta(0)
    if not 1900 + _CENTURY <= time.year < 2000 + _CENTURY:
        raise PduError(N_("A PDU has no room for the year {year}."), year=time.year)
    zone = _swapped(abs(offset) // _QUARTER) | (0x08 if offset < timedelta(0) else 0)
    fields = (time.year % 100, time.month, time.day, time.hour, time.minute, time.second)
    return bytes((*map(_swapped, fields), zone))


def read_validity(octet: int) -> timedelta:
    _, start, step, before = next(row for row in _STEPS if octet <= row[0])
    return start + (octet - before) * step


def write_validity(validity: timedelta) -> int:
    """The next step up, so that a message never dies before its time; 63 weeks at most."""
    if validity <= timedelta(0):
        raise PduError(N_("A validity period must be longer than nothing."))
    for last, start, step, before in _STEPS:
        octet = before - (start - validity) // step
        if octet <= last:
            return octet
    return 255
