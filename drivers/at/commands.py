"""Every AT string that can leave this house, built from checked arguments, and how its answers parse."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.at.urcs import PDU
from drivers.errors import CommandRefused

ESC = b"\x1b"  # leaves a prompt without sending (TS 27.005 §3.5.1)
CTRL_Z = b"\x1a"
_LABEL = re.compile(r"[+^*#$%!]([A-Z0-9]+) ?:")


@dataclass(frozen=True)
class Command:
    """A line to send and how to know its answer.

    `prefix`: what its information text begins with. `bare`: its information text has no prefix.
    `with_pdu`: a line with the prefix is followed by a line of hex.
    """

    line: str
    prefix: str | None = None
    bare: bool = False
    with_pdu: bool = False
    prompts: bool = False
    timeout: float = 10.0  # seconds

    def takes_bare(self, line: str) -> bool:
        """Whether `line`, which is no URC that we know, may be this command's information text."""
        label = _LABEL.match(line)
        return self.bare and "\\x" not in line and (label is None or label[1] in self.line)

    def answers(self, line: str, before: Sequence[str]) -> bool:
        """Whether `line` belongs to the answer of which `before` has come already."""
        if self.prefix is not None and line.startswith(self.prefix):
            return self._fields_fit(line)
        return self.awaits_pdu(before) and PDU.fullmatch(line) is not None

    def awaits_pdu(self, before: Sequence[str]) -> bool:
        """Whether the last that came is a head: what is no URC and follows it stands where its PDU should."""
        return self.with_pdu and bool(before) and before[-1].startswith(str(self.prefix))

    def _fields_fit(self, line: str) -> bool:
        # `+CREG: 2,1` answers `AT+CREG?`; `+CREG: 1` is a URC that came in between.
        if self.line.endswith("REG?"):
            return re.fullmatch(r"[^:]+: *0*[0-9] *, *0*[0-9]{1,2} *(,.*)?", line) is not None
        return True


def _fixed(line: str, prefix: str | None = None, *, bare: bool = False, timeout: float = 10.0) -> Command:
    return Command(line, prefix, bare=bare, timeout=timeout)


ATTENTION = _fixed("AT", timeout=3.0)
WAKE = _fixed("ATQ0V1E0")  # answers in words, whatever the program before us has set
ECHO_OFF = _fixed("ATE0")
VERBOSE = _fixed("ATV1")
NUMERIC_ERRORS = _fixed("AT+CMEE=1")
PDU_MODE = _fixed("AT+CMGF=0")
MANUFACTURER = _fixed("AT+CGMI", bare=True)
MODEL = _fixed("AT+CGMM", bare=True)
REVISION = _fixed("AT+CGMR", bare=True)
IMEI = _fixed("AT+CGSN", bare=True)
IMSI = _fixed("AT+CIMI", bare=True)
ICCIDS = (
    _fixed("AT+CCID", bare=True),
    _fixed("AT+ICCID", bare=True),
    _fixed("AT^ICCID?", bare=True),
    _fixed("AT+QCCID", bare=True),
)
OWN_NUMBER = _fixed("AT+CNUM", "+CNUM:")
PIN_STATE = _fixed("AT+CPIN?", "+CPIN:")
# How many tries of PIN and PUK are left: TS 27.007 §8.65, and what makers had before (profiles.json says whose).
PIN_COUNTER = _fixed("AT+CPINR", "+CPINR:")
PIN_COUNTERS = {
    command.line: command
    for command in (
        _fixed("AT^CPIN?", "^CPIN:"),
        _fixed("AT+QPINC?", "+QPINC:"),
        _fixed("AT+SPIC", "+SPIC:"),
        _fixed("AT^SPIC", "^SPIC:"),
        _fixed("AT+ZPINPUK=?", "+ZPINPUK:"),
        _fixed("AT+UPINCNT", "+UPINCNT:"),
        _fixed("AT#PCT", "#PCT:"),
    )
}
SIGNAL = _fixed("AT+CSQ", "+CSQ:")
SMSC = _fixed("AT+CSCA?", "+CSCA:")
OPERATOR_FORMAT = _fixed("AT+COPS=3,0")
OPERATOR = _fixed("AT+COPS?", "+COPS:", timeout=30.0)
REGISTRATION = {family: _fixed(f"AT+{family}?", f"+{family}:") for family in ("CEREG", "CREG", "CGREG")}
REGISTRATION_URCS = {family: _fixed(f"AT+{family}=1") for family in ("CEREG", "CREG", "CGREG")}
ROUTING_OFFER = _fixed("AT+CNMI=?", "+CNMI:")
STORAGE_OFFER = _fixed("AT+CPMS=?", "+CPMS:")
ROUTING = _fixed("AT+CNMI?", "+CNMI:")
STORAGES = _fixed("AT+CPMS?", "+CPMS:")
LIST_MESSAGES = Command("AT+CMGL=4", "+CMGL:", with_pdu=True, timeout=60.0)
KEEP_LINK = _fixed("AT+CMMS=2")
LET_LINK_GO = _fixed("AT+CMMS=0")
PHASE_2 = _fixed("AT+CSMS=0", "+CSMS:")  # so that +CDS wants no AT+CNMA
PHASE_2_PLUS = _fixed("AT+CSMS=1", "+CSMS:")  # so that +CMT and +CDS may be acknowledged
SERVICE = _fixed("AT+CSMS?", "+CSMS:")
ACKNOWLEDGE = _fixed("AT+CNMA")  # RP-ACK, in PDU mode too (TS 27.005 §4.7)
SHOW_CALLER = _fixed("AT+CLIP=1")
HANG_UPS = (_fixed("AT+CHUP"), _fixed("ATH"))  # under +CVHU=1 ATH says OK and does nothing
RADIO_OFF = _fixed("AT+CFUN=4")
RADIO_ON = _fixed("AT+CFUN=1")

# Init lines of profiles are data: they may set things, never send, dial, delete or touch the PIN.
# V.250 lets commands stand one behind the other, with or without a semicolon and with spaces anywhere.
_INIT_LINE = re.compile(r'AT(?:[+^$#*!&\\A-Z0-9=?,;._/ -]|"[A-Za-z0-9+*#,._/ -]*"){1,80}')
_FORBIDDEN = re.compile(r"[+^*#$!](Q?CMG[SWCD]|Q?MGDA|CMSS|CPIN|CPWD|CLCK|CUSD|CSIM|CRSM|CGLA|CHLD|CTFR)")
_NAMED = re.compile(r'[+^*#$!][^;"]*(?:"[^"]*"[^;"]*)*(?:;|$)')  # an extended command and its values
_LETTERED = re.compile(r"[&\\][A-Z]")  # AT&D2 is no dialling


def init_line(line: str) -> Command:
    """A profile's own set-up line. Raises CommandRefused for anything that sends, dials or deletes."""
    bare = line[2:].replace(" ", "")
    basic = _LETTERED.sub("", _NAMED.sub("", bare))
    if not _INIT_LINE.fullmatch(line) or _FORBIDDEN.search(bare) or re.search("[AD]", basic):
        raise CommandRefused(f"{line!r} is no set-up command")
    return Command(line, bare=True, timeout=15.0)


def _octets(value: int, low: int, high: int, what: str) -> int:
    if not low <= value <= high:
        raise CommandRefused(f"{what} must be {low} to {high}, not {value}")
    return int(value)


def submit(tpdu_length: int, *, prompt_timeout: float = 10.0) -> Command:
    """AT+CMGS in PDU mode. `tpdu_length` is in octets, without the SMSC (TS 23.040 §9.2.2.2: at most 164)."""
    length = _octets(tpdu_length, 8, 164, "the TPDU's length")
    return Command(f"AT+CMGS={length}", "+CMGS:", prompts=True, timeout=prompt_timeout)


def body(pdu_hex: str) -> str:
    """The hex that follows the prompt. Raises CommandRefused for anything but whole octets."""
    if not re.fullmatch(r"(?:[0-9A-F]{2}){9,176}", pdu_hex):
        raise CommandRefused("the PDU is not hex")
    return pdu_hex


def routing(mode: int, mt: int, bm: int, ds: int, bfr: int) -> Command:
    """AT+CNMI (TS 27.005 §3.4.1)."""
    for value, high in ((mode, 3), (mt, 3), (bm, 3), (ds, 2), (bfr, 1)):
        _octets(value, 0, high, "a +CNMI field")
    return Command(f"AT+CNMI={mode},{mt},{bm},{ds},{bfr}")


def choose_storages(*names: str) -> Command:
    """AT+CPMS with one to three names."""
    if not 1 <= len(names) <= 3 or not all(re.fullmatch(r"[A-Z]{2}", name) for name in names):
        raise CommandRefused(f"no storages: {names}")
    return Command("AT+CPMS=" + ",".join(f'"{name}"' for name in names), "+CPMS:", timeout=20.0)


def delete(index: int) -> Command:
    return Command(f"AT+CMGD={_octets(index, 0, 65535, 'an index')}", timeout=25.0)


def unlock(pin: str) -> Command:
    """AT+CPIN with a PIN of four to eight digits. Who calls this has made sure that it is the only try."""
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise CommandRefused("a PIN has four to eight digits")
    return Command(f'AT+CPIN="{pin}"', timeout=30.0)
