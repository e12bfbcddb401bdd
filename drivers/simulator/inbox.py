"""Where an arriving PDU goes, by +CNMI: straight out, or into a storage with a word about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.simulator.network import Inbound
from drivers.simulator.storage import Stat, Stored
from drivers.simulator.textmode import message_lines

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem


def receive(modem: Modem, inbound: Inbound) -> bool:
    """False: the network has to keep it."""
    mode, mt, _, ds, _ = modem.settings.cnmi
    if inbound.is_report:
        if ds == 0:
            stored(modem, inbound, "SR", None)  # or lost, where there is no room
            return True
        return direct(modem, inbound, "+CDS") if ds == 1 and mode else stored(modem, inbound, "SR", "+CDSI")
    if mt in (2, 3) and mode:
        return direct(modem, inbound, "+CMT")
    return stored(modem, inbound, modem.memories[2], "+CMTI" if mt else None)


def direct(modem: Modem, inbound: Inbound, urc: str) -> bool:
    if modem.unacknowledged is not None:
        return False
    if modem.settings.csms == 1:
        modem.unacknowledged = inbound
        modem.later(modem.ack_seconds, lambda: give_up(modem, inbound))
    if modem.settings.cmgf:
        message = Stored(Stat.UNREAD, inbound.pdu, inbound.tpdu_length)
        head, text = message_lines(message, modem.settings)
        modem.urc(f"{urc}: {head.partition(',')[2]}\r\n{text}")
    else:
        head = f"{inbound.tpdu_length}" if inbound.is_report else f",{inbound.tpdu_length}"
        modem.urc(f"{urc}: {head}\r\n{inbound.pdu}")
    return True


def give_up(modem: Modem, inbound: Inbound) -> None:
    """No +CNMA came: routing stops (TS 27.005 §3.4.4), and the network tries again later."""
    if modem.unacknowledged is inbound:
        modem.unacknowledged = None
        mode, _, bm, _, bfr = modem.settings.cnmi
        modem.settings.cnmi = (mode, 0, bm, 0, bfr)
        modem.network.waiting[modem.sim.imsi].appendleft(inbound)


def stored(modem: Modem, inbound: Inbound, storage: str, urc: str | None) -> bool:
    index = modem.storage(storage).add(Stored(Stat.UNREAD, inbound.pdu, inbound.tpdu_length))
    if index is None:
        if modem.quirks.announces_full:
            modem.urc(f'^SMMEMFULL: "{storage}"')
        return False
    if urc:
        line = modem.quirks.announcements.get(urc, f'{urc}: "{storage}",{index}')
        if modem.settings.cnmi[0] == 0:
            modem.held_urcs.append(line)
        else:
            modem.urc(line)
    return True
