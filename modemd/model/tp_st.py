"""TP-ST, the status octet of a status report (TS 23.040 §9.2.3.15)."""

from drivers.words import N_
from modemd.model.states import PartState

_WORDS: dict[int, str] = {
    0x00: N_("received by the phone"),
    0x01: N_("forwarded; the network cannot say whether it arrived"),
    0x02: N_("replaced by a later message"),
    0x20: N_("congestion; the network keeps trying"),
    0x21: N_("the phone is busy; the network keeps trying"),
    0x22: N_("the phone does not answer; the network keeps trying"),
    0x23: N_("service rejected; the network keeps trying"),
    0x24: N_("quality of service not available; the network keeps trying"),
    0x25: N_("a fault in the phone; the network keeps trying"),
    0x40: N_("remote procedure error"),
    0x41: N_("incompatible destination"),
    0x42: N_("rejected by the phone"),
    0x43: N_("not obtainable: the number may be dead"),
    0x44: N_("quality of service not available"),
    0x45: N_("no interworking with the recipient's network"),
    0x46: N_("its validity ended before the phone was reached"),
    0x47: N_("deleted by its sender"),
    0x48: N_("deleted by the SMSC"),
    0x49: N_("the message does not exist at the SMSC"),
    0x60: N_("congestion; the network has given up"),
    0x61: N_("the phone was busy; the network has given up"),
    0x62: N_("the phone did not answer; the network has given up"),
    0x63: N_("service rejected; the network has given up"),
    0x64: N_("quality of service not available; the network has given up"),
    0x65: N_("a fault in the phone; the network has given up"),
}


def words(tp_st: int) -> str:
    """A template for the translators."""
    if tp_st in _WORDS:
        return _WORDS[tp_st]
    if 0x30 <= tp_st <= 0x3F:
        return N_("the network keeps trying")
    if 0x50 <= tp_st <= 0x5F or 0x70 <= tp_st <= 0x7F:
        return N_("the network has given up")
    return N_("a status that no standard defines")


def settles(tp_st: int) -> PartState | None:
    """What a report makes of its part; None while the network tries, or where it cannot say.

    0x00 and 0x02 completed; 0x01 completed as far as the SMSC knows, which is no delivery; 0x20 to 0x3F
    still trying; 0x40 to 0x7F given up. Reserved values are treated as service rejected (0x63).
    """
    if tp_st in (0x00, 0x02):
        return PartState.DELIVERED
    if tp_st == 0x01 or 0x03 <= tp_st <= 0x3F:
        return None
    return PartState.UNDELIVERED
