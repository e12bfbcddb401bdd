"""From the body of +CMGS or +CMGW to a TPDU, or to the error that a modem gives for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import PduError
from drivers.parts import cut
from drivers.pdu import Submit, encode_submit
from drivers.simulator.dialogue import Prompt, Refusal
from drivers.simulator.storage import Stat, Stored
from drivers.simulator.tpdu import Header, read_submit

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem

REPORT_WANTED = 0x20  # TP-SRR in the first octet


def read_body(modem: Modem, prompt: Prompt, body: str) -> Header | None:
    """What goes on the air, tp_mr filled in; None: it was stored. Raises Refusal."""
    if modem.settings.cmgf:
        prefix, tpdu = from_text(modem, prompt, body)
    else:
        prefix, tpdu = from_hex(prompt, body)
    if prompt.command == "+CMGW":
        pdu = (prefix + tpdu).hex().upper()
        index = modem.storage(modem.memories[1]).add(Stored(Stat(prompt.stat), pdu, len(tpdu)))
        if index is None:
            raise Refusal.cms(322)
        modem.last_written = index
        return None
    try:
        header = read_submit(tpdu)
    except ValueError as error:
        raise Refusal.cms(304) from error
    if prefix in (b"\0", b"") and not modem.sim.smsc:
        raise Refusal.cms(330)
    tp_mr = modem.sim.next_tp_mr()
    return read_submit(bytes([header.tpdu[0], tp_mr]) + header.tpdu[2:])


def from_hex(prompt: Prompt, body: str) -> tuple[bytes, bytes]:
    """The SMSC in front, and the TPDU, which must be as long as was announced."""
    try:
        octets = bytes.fromhex(body)
    except ValueError as error:
        raise Refusal.cms(304) from error
    if not octets or len(octets) - 1 - octets[0] != prompt.length:
        raise Refusal.cms(304)
    return octets[: 1 + octets[0]], octets[1 + octets[0] :]


def from_text(modem: Modem, prompt: Prompt, body: str) -> tuple[bytes, bytes]:
    text = modem.settings.inward(body.replace("\r", "\n").strip("\n"))
    first_octet = modem.settings.csmp[0]
    wanted = first_octet.isdecimal() and bool(int(first_octet) & REPORT_WANTED)
    try:
        whole = cut(text)
        submit = Submit(prompt.recipient, whole.parts[0], whole.encoding, status_report=wanted)
        octets = bytes.fromhex(encode_submit(submit).hex)
    except PduError as error:
        raise Refusal.cms(305) from error
    return octets[: 1 + octets[0]], octets[1 + octets[0] :]
