"""TPDUs of TS 23.040 as hex with the SMSC in front (as AT+CMGS takes them): both ways."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from drivers import address, dcs, gsm7, times, udh
from drivers.errors import PduError
from drivers.tpdu import Concat, Deliver, Direction, Encoding, Pdu, StatusReport, Submit, Tpdu
from drivers.words import N_

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # gsmmodem's sources have invalid escapes, which Python says at compiling
    import gsmmodem.pdu

__all__ = [
    "Concat",
    "Deliver",
    "Direction",
    "Encoding",
    "Pdu",
    "StatusReport",
    "Submit",
    "Tpdu",
    "decode",
    "encode_deliver",
    "encode_status_report",
    "encode_submit",
]

# What gsmmodem does right: it is not typed.
_pack_septets: Callable[[bytearray], bytearray] = gsmmodem.pdu.packSeptets
_unpack_septets: Callable[[bytearray, int], bytearray] = gsmmodem.pdu.unpackSeptets
_encode_semi_octets: Callable[[str], bytearray] = gsmmodem.pdu.encodeSemiOctets
_decode_semi_octets: Callable[[bytearray], str] = gsmmodem.pdu.decodeSemiOctets

MAX_OCTETS = 140  # TP-UD, header and all (§9.2.3.24)
MAX_SEPTETS = 160

# First octets (§9.2.3.1 to §9.2.3.23).
_DELIVER, _SUBMIT, _STATUS_REPORT = 0x00, 0x01, 0x02
_NO_MORE_MESSAGES = 0x04
_REJECT_DUPLICATES = 0x04
_RELATIVE_VALIDITY = 0x10
_STATUS_REPORT_REQUEST = 0x20
_HEADER_INDICATOR = 0x40
_VALIDITY_OCTETS = (0, 7, 1, 7)  # by TP-VPF: none, enhanced, relative, absolute

HALF_A_PAIR = N_("Half a surrogate pair stands at index {index} of the text.")

_TOO_MANY_SEPTETS = N_("A part holds {most} septets with its header, and this one needs {needed}.")
_TOO_MANY_OCTETS = N_("A part holds {most} octets with its header, and this one needs {needed}.")

_NOT_READ = {
    Direction.FROM_NETWORK: N_("A TPDU of type {kind} from the network is not read here."),
    Direction.TO_NETWORK: N_("A TPDU of type {kind} to the network is not read here."),
}

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")


class _Reader:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._position = 0

    def take(self, count: int, field: str) -> bytes:
        taken = self._octets[self._position : self._position + count]
        if len(taken) < count:
            raise PduError(
                N_("The PDU ends inside its {field}: {count} octets needed, {there} left."),
                field=field,
                count=count,
                there=len(taken),
            )
        self._position += count
        return taken

    def octet(self, field: str) -> int:
        return self.take(1, field)[0]

    @property
    def left(self) -> int:
        return len(self._octets) - self._position


def _octet(value: int, field: str) -> int:
    if not 0 <= value <= 255:
        raise PduError(N_("{field} is one octet: {value} does not fit."), field=field, value=value)
    return value


def _unpack(octets: bytes, count: int) -> bytes:
    # gsmmodem drops an eighth septet of zero, an '@', and takes fill bits that are not zero for a septet.
    return bytes(_unpack_septets(bytearray(octets), count))[:count].ljust(count, b"\0")


# Addresses


def _read_value(toa: int, value: bytes, semi_octets: int) -> str:
    if address.type_of_number(toa) == address.ALPHANUMERIC:
        return gsm7.decode(_unpack(value, semi_octets * 4 // 7))
    return address.number(toa, _decode_semi_octets(bytearray(value))[:semi_octets])


def _read_smsc(reader: _Reader) -> str | None:
    length = reader.octet("SMSC")  # in octets, with the type (TS 24.011 §8.2.5.2)
    if length > 1 + address.MAX_DIGITS // 2:
        raise PduError(N_("No SMSC address is {length} octets long."), length=length)
    if not length:
        return None
    toa, *value = reader.take(length, "SMSC")
    return _read_value(toa, bytes(value), 2 * len(value)) or None


def _read_address(reader: _Reader, field: str) -> tuple[int, str]:
    length = reader.octet(field)  # in semi-octets, without the type (§9.1.2.5)
    if length > address.MAX_DIGITS:
        raise PduError(N_("No {field} is {length} digits long."), field=field, length=length)
    toa = reader.octet(field)
    return toa, _read_value(toa, reader.take((length + 1) // 2, field), length)


def _smsc(smsc: str | None) -> bytes:
    if not smsc:
        return b"\0"
    toa, digits = address.toa_and_digits(smsc)
    value = _encode_semi_octets(digits)
    return bytes((1 + len(value), toa, *value))


def _number(number: str, *, from_network: bool = False) -> bytes:
    toa, digits = address.toa_and_digits(number, from_network=from_network)
    return bytes((len(digits), toa, *_encode_semi_octets(digits)))


def _name(name: str) -> bytes:
    septets = gsm7.encode(name)
    if not 1 <= len(septets) <= address.MAX_NAME:
        raise PduError(
            N_("A sender's name has 1 to {most} septets, not {count}."),
            most=address.MAX_NAME,
            count=len(septets),
        )
    useful = (len(septets) * 7 + 3) // 4
    return bytes((useful, address.TOA_NAME, *_pack_septets(bytearray(septets))))


# User data


@dataclass(frozen=True)
class _UserData:
    coding: dcs.Coding
    text: str | None
    data: bytes | None
    concat: Concat | None
    udh: bytes
    udl: int


def _read_user_data(reader: _Reader, scheme: int, has_header: bool) -> _UserData:
    coding = dcs.read(scheme)
    septets = coding.encoding is Encoding.GSM7
    udl = reader.octet("TP-UDL")
    octets = reader.take((udl * 7 + 7) // 8 if septets else udl, "TP-UD")
    start = 1 + octets[0] if has_header and octets else 0
    if start > len(octets):
        raise PduError(N_("The user data header is longer than the user data."))
    header = octets[1:start]
    meaning = udh.read(header)
    text: str | None = None
    data: bytes | None = None
    if septets:
        # §9.2.3.24: fill bits bring the text to a septet's edge, so the header covers whole septets.
        covered = (start * 8 + 6) // 7
        text = gsm7.decode(_unpack(octets, udl)[covered:], meaning.locking, meaning.single)
    else:
        data = octets[start:]
        if coding.encoding is Encoding.UCS2:
            text = decode_ucs2(data)
    return _UserData(coding, text, data, meaning.concat, header, udl)


def decode_ucs2(octets: bytes) -> str:
    """UTF-16, in truth; half a pair becomes U+FFFD, and an odd last octet nothing."""
    return octets[: len(octets) & ~1].decode("utf-16-be", "replace")


def _text_octets(text: str | None) -> bytes:
    try:
        return (text or "").encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise PduError(HALF_A_PAIR, index=error.start) from error


def _user_data(message: Submit | Deliver) -> bytes:
    """TP-UDL and TP-UD."""
    header = udh.write(message.concat)
    if message.encoding is Encoding.GSM7:
        septets = bytes((len(header) * 8 + 6) // 7) + gsm7.encode(message.text or "")
        udl, most, too_long = len(septets), MAX_SEPTETS, _TOO_MANY_SEPTETS
        body = header + bytes(_pack_septets(bytearray(septets)))[len(header) :]
    else:
        ucs2 = message.encoding is Encoding.UCS2
        body = header + (_text_octets(message.text) if ucs2 else message.data or b"")
        udl, most, too_long = len(body), MAX_OCTETS, _TOO_MANY_OCTETS
    if udl > most:
        raise PduError(too_long, most=most, needed=udl)
    return bytes((udl, *body))


# PDUs


def _deliver(reader: _Reader, first: int, smsc: str | None, tpdu_length: int) -> Deliver:
    toa, sender = _read_address(reader, "TP-OA")
    pid, scheme = reader.take(2, "TP-PID, TP-DCS")
    smsc_time = times.read_time(reader.take(7, "TP-SCTS"))
    content = _read_user_data(reader, scheme, bool(first & _HEADER_INDICATOR))
    return Deliver(
        sender=sender,
        text=content.text,
        smsc_time=smsc_time,
        encoding=content.coding.encoding,
        data=content.data,
        concat=content.concat,
        message_class=content.coding.message_class,
        alphanumeric=address.type_of_number(toa) == address.ALPHANUMERIC,
        pid=pid,
        dcs=scheme,
        smsc=smsc,
        udh=content.udh,
        udl=content.udl,
        tpdu_length=tpdu_length,
    )


def _submit(reader: _Reader, first: int, smsc: str | None, tpdu_length: int) -> Submit:
    tp_mr = reader.octet("TP-MR")
    _, recipient = _read_address(reader, "TP-DA")
    pid, scheme = reader.take(2, "TP-PID, TP-DCS")
    validity = reader.take(_VALIDITY_OCTETS[first >> 3 & 3], "TP-VP")
    content = _read_user_data(reader, scheme, bool(first & _HEADER_INDICATOR))
    return Submit(
        recipient=recipient,
        text=content.text,
        encoding=content.coding.encoding,
        data=content.data,
        concat=content.concat,
        validity=times.read_validity(validity[0]) if len(validity) == 1 else None,
        message_class=content.coding.message_class,
        status_report=bool(first & _STATUS_REPORT_REQUEST),
        reject_duplicates=bool(first & _REJECT_DUPLICATES),
        tp_mr=tp_mr,
        pid=pid,
        dcs=scheme,
        smsc=smsc,
        udh=content.udh,
        udl=content.udl,
        tpdu_length=tpdu_length,
    )


def _status_report(reader: _Reader, _first: int, smsc: str | None, tpdu_length: int) -> StatusReport:
    tp_mr = reader.octet("TP-MR")
    _, recipient = _read_address(reader, "TP-RA")
    smsc_time = times.read_time(reader.take(7, "TP-SCTS"))
    discharge_time = times.read_time(reader.take(7, "TP-DT"))
    tp_st = reader.octet("TP-ST")
    return StatusReport(tp_mr, recipient, smsc_time, discharge_time, tp_st, smsc, tpdu_length)


# By direction and TP-MTI. §9.2.3.1: from the network the reserved 3 is processed as a DELIVER.
_READERS: dict[tuple[Direction, int], Callable[[_Reader, int, str | None, int], Tpdu]] = {
    (Direction.FROM_NETWORK, 0): _deliver,
    (Direction.FROM_NETWORK, 2): _status_report,
    (Direction.FROM_NETWORK, 3): _deliver,
    (Direction.TO_NETWORK, 1): _submit,
}


def decode(pdu: str, direction: Direction = Direction.FROM_NETWORK) -> Tpdu:
    """Read one PDU in hex. Raises PduError with one sentence, and nothing else, on any input.

    What follows the last field (a SIM pads its records with FF) is left alone.
    """
    if not _HEX.fullmatch(pdu := pdu.strip()):
        raise PduError(N_("A PDU is an even number of hex digits and nothing else."))
    reader = _Reader(bytes.fromhex(pdu))
    smsc = _read_smsc(reader)
    tpdu_length = reader.left
    first = reader.octet("first octet")
    read = _READERS.get((direction, first & 3))
    if read is None:
        raise PduError(_NOT_READ[direction], kind=first & 3)
    return read(reader, first, smsc, tpdu_length)


def _pdu(smsc: str | None, *tpdu: bytes) -> Pdu:
    octets = b"".join(tpdu)
    return Pdu((_smsc(smsc) + octets).hex().upper(), len(octets))


def encode_submit(submit: Submit) -> Pdu:
    """One SMS-SUBMIT. Raises PduError when the recipient or the text cannot be encoded."""
    first = (
        _SUBMIT
        | (_REJECT_DUPLICATES if submit.reject_duplicates else 0)
        | (_RELATIVE_VALIDITY if submit.validity is not None else 0)
        | (_STATUS_REPORT_REQUEST if submit.status_report else 0)
        | (_HEADER_INDICATOR if submit.concat else 0)
    )
    scheme = dcs.write(submit.encoding, submit.message_class)
    validity = b"" if submit.validity is None else bytes((times.write_validity(submit.validity),))
    return _pdu(
        submit.smsc,
        bytes((first, _octet(submit.tp_mr, "TP-MR"))),
        _number(submit.recipient),
        bytes((_octet(submit.pid, "TP-PID"), scheme)),
        validity,
        _user_data(submit),
    )


def encode_deliver(deliver: Deliver) -> Pdu:
    """One SMS-DELIVER, as a network would hand it over (the simulator's need)."""
    first = _DELIVER | _NO_MORE_MESSAGES | (_HEADER_INDICATOR if deliver.concat else 0)
    scheme = dcs.write(deliver.encoding, deliver.message_class)
    name = deliver.alphanumeric
    return _pdu(
        deliver.smsc,
        bytes((first,)),
        _name(deliver.sender) if name else _number(deliver.sender, from_network=True),
        bytes((_octet(deliver.pid, "TP-PID"), scheme)),
        times.write_time(deliver.smsc_time),
        _user_data(deliver),
    )


def encode_status_report(report: StatusReport) -> Pdu:
    """One SMS-STATUS-REPORT (the simulator's need)."""
    return _pdu(
        report.smsc,
        bytes((_STATUS_REPORT | _NO_MORE_MESSAGES, _octet(report.tp_mr, "TP-MR"))),
        _number(report.recipient, from_network=True),
        times.write_time(report.smsc_time),
        times.write_time(report.discharge_time),
        bytes((_octet(report.tp_st, "TP-ST"),)),
    )
