"""Unsolicited result codes: a row for each, and what it means for us."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class MessageStored:
    """+CMTI: an SMS-DELIVER lies in a storage. An index of None: the modem did not say a usable one."""

    storage: str
    index: int | None


@dataclass(frozen=True)
class ReportStored:
    """+CDSI: a status report lies in a storage."""

    storage: str
    index: int | None


@dataclass(frozen=True)
class MessageRouted:
    """+CMT and its PDU."""

    pdu: str


@dataclass(frozen=True)
class ReportRouted:
    """+CDS and its PDU."""

    pdu: str


@dataclass(frozen=True)
class StorageFull:
    """The modem cannot take more messages until some are deleted."""


@dataclass(frozen=True)
class RegistrationChanged:
    family: str  # CREG, CGREG, CEREG
    stat: int


@dataclass(frozen=True)
class Booted:
    """The modem has restarted: echo, formats and routing are as from the factory."""


@dataclass(frozen=True)
class Call:
    """Somebody rings. `number` comes with +CLIP alone."""

    number: str | None


@dataclass(frozen=True)
class UnderVoltage:
    """The modem says that its supply is too weak."""


@dataclass(frozen=True)
class Noise:
    """A URC that tells us nothing."""

    line: str


Urc = (
    MessageStored
    | ReportStored
    | MessageRouted
    | ReportRouted
    | StorageFull
    | RegistrationChanged
    | Booted
    | Call
    | UnderVoltage
    | Noise
)


def _index(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _caller(number: str, kind: str | None) -> str | None:
    """<type> 145 is international, with or without its plus (TS 24.008 §10.5.4.7)."""
    return f"+{number}" if kind == "145" and number[:1].isdecimal() else number or None


# `+CREG: 1` and `+CREG: 1,"00A1",...` are URCs; `+CREG: 2,1` answers AT+CREG?. The dialogue asks here
# only for lines that do not belong to the command in flight.
URCS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Urc]], ...] = (
    (re.compile(r'\+CMTI: *"?(\w*)"? *, *(-?\d+)(?:,.*)?'), lambda m: MessageStored(m[1], _index(m[2]))),
    (re.compile(r'\+CDSI: *"?(\w*)"? *, *(-?\d+)(?:,.*)?'), lambda m: ReportStored(m[1], _index(m[2]))),
    (re.compile(r"\+(CREG|CGREG|CEREG): *(\d{1,4})(?: *,.*)?"), lambda m: RegistrationChanged(m[1], int(m[2]))),
    (re.compile(r'\^SMMEMFULL.*|\+SMS FULL.*|\+QIND: *"smsfull".*'), lambda m: StorageFull()),
    (re.compile(r"RDY|\^SYSSTART.*|\+READY|\^BOOT(?:_.*)?"), lambda m: Booted()),
    (re.compile(r"UNDER-VOLTAGE.*|\+UNDER-VOLTAGE.*"), lambda m: UnderVoltage()),
    (re.compile(r'\+CLIP: *"([^"]*)"(?: *, *(\d+))?.*'), lambda m: Call(_caller(m[1], m[2]))),
    (re.compile(r"RING|\+CRING: .*"), lambda m: Call(None)),
    (
        re.compile(r"\^(?:RSSI|MODE|SRVST|BOOT|HCSQ|DSFLOWRPT|STIN|SIMST|NWTIME|ANLEVEL|LWURC|CSNR)\b.*"),
        lambda m: Noise(m[0]),
    ),
    (
        re.compile(
            r"\+(?:CUSD|CIEV|CTZV|CTZE|CTZR|CPIN|CFUN|CSSI|CSSU|QIND|QUSIM|ZUSIMR|ZPASR|ZDONR|ZEND|CCWA|CGEV)"
            r": ?.*"
        ),
        lambda m: Noise(m[0]),
    ),
    (
        re.compile(
            r"\*PSUTTZ.*|\*PSNWID.*|DST: .*|NITZ.*|(?:SMS|PB|CALL|Call|VOICE) (?:DONE|Ready|READY).*"
            r"|NO CARRIER|NORMAL POWER DOWN|POWERED DOWN|MISSED_CALL.*"
        ),
        lambda m: Noise(m[0]),
    ),
)

# The first of two lines; the second is the PDU.
TWO_LINES: tuple[tuple[re.Pattern[str], Callable[[str], Urc]], ...] = (
    (re.compile(r"\+CDS: *,? *\d+"), ReportRouted),
    (re.compile(r'\+CMT: *(?:(?:"[^"]*"|[^,"]*) *, *)?\d+'), MessageRouted),
    (re.compile(r"\+CBM: *\d+"), Noise),
)
# However short or odd: what cannot be decoded is kept all the same.
PDU = re.compile(r"[0-9A-Fa-f]{2,}")


def parse_urc(line: str) -> Urc | None:
    """What a line says unasked, or None when it is none that we know."""
    for pattern, make in URCS:
        if match := pattern.fullmatch(line):
            return make(match)
    return None


def opens_two_lines(line: str) -> Callable[[str], Urc] | None:
    """What becomes of the next line, if this one is the head of a +CMT or +CDS."""
    return next((make for pattern, make in TWO_LINES if pattern.fullmatch(line)), None)
