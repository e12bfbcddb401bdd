"""Messages as text mode shows them (TS 27.005 §3.4): a head line and the text."""

from drivers.errors import PduError
from drivers.pdu import Deliver, Direction, Encoding, StatusReport, decode
from drivers.simulator.settings import Settings
from drivers.simulator.storage import Stat, Stored

STATS = {Stat.UNREAD: "REC UNREAD", Stat.READ: "REC READ", Stat.UNSENT: "STO UNSENT", Stat.SENT: "STO SENT"}
OUTBOUND = {Stat.UNSENT, Stat.SENT}
TIME = "%y/%m/%d,%H:%M:%S+00"


def message_lines(message: Stored, settings: Settings) -> tuple[str, str]:
    """`"REC READ","+44…",,"time"` and the text; what cannot be decoded stays hex."""
    direction = Direction.TO_NETWORK if message.stat in OUTBOUND else Direction.FROM_NETWORK
    try:
        tpdu = decode(message.pdu, direction)
    except PduError:
        return f'"{STATS[message.stat]}","",,""', message.pdu
    if isinstance(tpdu, StatusReport):
        return f'"{STATS[message.stat]}",6,{tpdu.tp_mr},"{tpdu.recipient}",145,,,{tpdu.tp_st}', ""
    number = tpdu.sender if isinstance(tpdu, Deliver) else tpdu.recipient
    when = tpdu.smsc_time if isinstance(tpdu, Deliver) else None
    stamp = when.strftime(TIME) if when else ""
    text = tpdu.text if tpdu.text is not None else (tpdu.data or b"").hex().upper()
    if tpdu.encoding is Encoding.UCS2 and settings.cscs != "UCS2":
        text = text.encode("utf-16-be").hex().upper()
    else:
        text = settings.outward(text)
    return f'"{STATS[message.stat]}","{settings.outward(number)}",,"{stamp}"', text
