"""An AT dialogue with everything personal taken out: what may be shown is listed, the rest is a count of octets.

Texts never pass, numbers keep their last four digits, a PDU its length and the octets before its address.
A line that nobody knows may be a text that a modem gives in text mode, so it is a count as well.
"""

import re

from drivers.at.dialogue import FINAL

_LABELLED = re.compile(r"([+^*#$%!][A-Z0-9]{1,15}) ?: ?(.*)")
_LABELS = re.compile(
    r"\+(?:CMG[SWLR]|CMTI?|CDSI?|CBM|CPINR?|CSQ|C(?:|G|E)REG|COPS|CPMS|CNMI|CSMS|CMGF|CSCA|CNUM|CSCS|Q?I?CCID|CGSN|CIMI"
    r"|CFUN|CLIP|CRING|CCLK|CTZ[VE]|CUSD|CIEV|QIND|CMEE|CMMS|CLCK|ZUSIMR|ZPASR|ZDONR|CGEV|QUSIM)"
    r"|\^(?:ICCID|RSSI|MODE|SRVST|BOOT|HCSQ|DSFLOWRPT|STIN|SIMST|NWTIME|SYSINFO|SMMEMFULL|ANLEVEL|CSNR)|\*PSUTTZ"
)
# Lines without a label that say nothing of anybody.
_PLAIN = re.compile(
    r"RDY|RING|BUSY|CONNECT|NO (?:CARRIER|ANSWER|DIALTONE)|(?:SMS|PB|CALL|Call|VOICE) (?:DONE|Ready|READY)|\+READY"
    r"|\^SYSSTART|NORMAL POWER DOWN|POWERED DOWN|(?:OVER|UNDER)-VOLTAGE (?:WARNING|POWER DOWN)|UNDER-VOLTAGE"
)
# Labels whose quoted values are numbers, names and texts of people.
_PRIVATE = frozenset({"+CMGL", "+CMGR", "+CMT", "+CBM", "+CDS", "+CLIP", "+CNUM", "+COPS"})
_PDU_FOLLOWS = frozenset({"+CMGL", "+CMGR", "+CMT", "+CDS"})
_WORDS = re.compile(
    r"READY|(?:(?:SIM|PH-NET|PH-SIM) )?(?:PIN2?|PUK2?)|(?:(?:REC|STO) )?(?:UN)?(?:READ|SENT)|SIM|ME|SM|MT|SR|BM|TA"
    r"|VOICE|GSM|WCDMA|UMTS|LTE|NR|NOSERVICE|csq|act|smsfull|ring|IRA|UCS2"
)
_SHORT = re.compile(r"[-+]?\d{1,4}(?:\.\d{1,2})?|[0-9A-F]{1,4}")
_INDEX = re.compile(r"\d{1,3}")
_RANGE = re.compile(r"\(*(?:\d{1,3}(?:-\d{1,3})?)?\)*")
_MOMENT = re.compile(r"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d(?:[-+]\d\d)?")
_NUMBER = re.compile(r"[+*#]?\d[\d ().#*-]*|[0-9A-F]+")
_VALUE = re.compile(r'"[^"]*"?|[^",]+')
_LONG_RUN = re.compile(r"\+?[0-9A-Fa-f]*\d(?:[ -]?[0-9A-Fa-f]){4,}")
_OWN_WORD = re.compile(r"[A-Za-z0-9/_.+-]{0,24}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")
_LENGTH_SENT = re.compile(r"AT\+CMG[SW]= *(\d{1,3})")
_LENGTH_TOLD = re.compile(r"(?:.*\D)?(\d{1,3})")

_LEAST = 8  # digits of which four may be shown


class Masker:
    """Takes a dialogue in its order: what a line means depends on the command before it."""

    def __init__(self) -> None:
        self._command = ""
        self._announced: int | None = None  # octets of the TPDU that is to come

    def sent(self, data: bytes) -> str:
        """One write, whole."""
        if data == b"\x1b":
            return "ESC"
        text = data.decode("latin-1")
        if text.endswith("\x1a"):
            return f"{self._body(text[:-1])} Ctrl-Z"
        self._command = text.rstrip("\r")
        told = _LENGTH_SENT.fullmatch(self._command)
        self._announced = int(told[1]) if told else None
        private = "CUSD" in self._command
        return _runs(re.sub(r'"([^"]*)"?', lambda m: f'"{_own(m[1], private)}"', self._command))

    def received(self, line: bytes) -> str:
        """One line, without its end; a prompt is one."""
        text = line.decode("latin-1").strip(" \0")
        if text.startswith(">"):
            rest = text[1:].strip()
            return f"> {self._line(rest)}" if rest else ">"
        return self._line(text)

    def _line(self, text: str) -> str:
        bare = text.strip("\x1a\x1b ")
        if FINAL.fullmatch(bare):
            return _final(bare)
        if bare == self._command:
            return "(echo)"
        if _HEX.fullmatch(bare):
            return self._body(bare)
        found = _LABELLED.fullmatch(bare)
        if found and self._is_known(found[1]):
            if found[1] in _PDU_FOLLOWS:
                told = _LENGTH_TOLD.fullmatch(found[2])
                self._announced = int(told[1]) if told else None
            return f"{found[1]}: {_values(found[1], found[2])}".rstrip()
        return bare if _PLAIN.fullmatch(bare) else _count(text)

    def _is_known(self, label: str) -> bool:
        return _LABELS.fullmatch(label) is not None or label in self._command

    def _body(self, text: str) -> str:
        """A PDU by its length. The octets before the address are shown where the length is as announced."""
        if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text):
            return _count(text)
        octets = bytes.fromhex(text)
        announced, self._announced = self._announced, None
        smsc = octets[0]
        tpdu = octets[1 + smsc :]
        if smsc > 11 or announced != len(tpdu) or len(tpdu) < 8:
            return f"<PDU, {len(octets)} octets>"
        # TS 23.040 §9.2.2: SUBMIT and STATUS-REPORT have TP-MR between their first octet and the address.
        head = tpdu[:3] if tpdu[0] & 0x03 == 0 else tpdu[:4]
        return f"<PDU, {len(octets)} octets: {smsc:02X} .. {head.hex(' ').upper()} ..>"


def words(text: str) -> str:
    """A sentence of our own about the dialogue, its numbers masked."""
    return _runs(text)


def _count(text: str) -> str:
    return f"<{len(text)} octets>"


def _final(text: str) -> str:
    label, colon, said = text.partition(":")
    known = not colon or re.fullmatch(r" ?(?:\d{1,4}|[A-Za-z][A-Za-z ,.'-]{1,60})", said)
    return text if known else f"{label}: {_count(said)}"


def _values(label: str, rest: str) -> str:
    if label == "+CUSD":  # its text may hold anything, commas and quotes as well
        first, comma, text = rest.partition(",")
        return _value(first, private=False) + (f",{_count(text)}" if comma else "")
    return _VALUE.sub(lambda m: _token(m[0], label in _PRIVATE), rest)


def _token(token: str, private: bool) -> str:
    if token.startswith('"'):
        return f'"{_value(token.strip(chr(34)), private=private)}"'
    value = token.strip()
    return value if _INDEX.fullmatch(value) else _value(value, private=private)


def _value(value: str, *, private: bool) -> str:
    if not value or _WORDS.fullmatch(value) or _MOMENT.fullmatch(value):
        return value
    if not private and (_SHORT.fullmatch(value) or _RANGE.fullmatch(value)):
        return value
    return _tail(value) if _NUMBER.fullmatch(value) else f"<{len(value)}>"


def _tail(number: str) -> str:
    digits = re.sub(r"[^0-9A-Fa-f]", "", number)
    return f"..{digits[-4:]}" if len(digits) >= _LEAST else f"<{len(number)}>"


def _own(value: str, private: bool) -> str:
    """A quoted value of a command of ours."""
    return value if not private and _OWN_WORD.fullmatch(value) else _value(value, private=True)


def _runs(text: str) -> str:
    """Anything that may be a number, wherever it stands."""
    return _LONG_RUN.sub(lambda m: _tail(m[0]), text)
