"""Received PDUs on their way into the store: read what can be read, lose nothing."""

import logging
from dataclasses import dataclass

from sqlite_utils import Database

from drivers.errors import PduError
from drivers.parts import join
from drivers.pdu import Deliver, Direction, StatusReport, decode
from modemd.store import inbox, replies, reports

logger = logging.getLogger(__name__)

NOBODY = "?"  # the sender of what cannot be read


@dataclass(frozen=True)
class Source:
    """Where a PDU came from."""

    modem: str
    sim: str


def take(db: Database, pdu: str, source: Source, at: float) -> None:
    """Make a PDU durable, whatever it is (P5). Runs in the store's thread."""
    try:
        tpdu = decode(pdu, Direction.FROM_NETWORK)
    except PduError as error:
        inbox.add(db, _unreadable(pdu, source, str(error)), at)
        return
    match tpdu:
        case StatusReport():
            reports.add(
                db,
                sim=source.sim,
                tp_mr=tpdu.tp_mr,
                recipient=tpdu.recipient,
                status=tpdu.tp_st,
                pdu=pdu,
                at=at,
            )
        case Deliver():
            inbound_id = inbox.add(db, _readable(pdu, tpdu, source), at)
            if inbound_id is not None and tpdu.concat is not None:
                inbox.set_text(db, inbound_id, _joined(inbox.pdus_of(db, inbound_id)))
            if inbound_id is not None:
                replies.heard(db, inbound_id, at)
        case _:
            inbox.add(db, _unreadable(pdu, source, "a SUBMIT where a DELIVER was expected"), at)


def _readable(pdu: str, deliver: Deliver, source: Source) -> inbox.Received:
    concat = deliver.concat
    text = deliver.text if deliver.text is not None else (deliver.data or b"").hex(" ")
    return inbox.Received(
        pdu=pdu,
        sim=source.sim,
        modem=source.modem,
        sender=deliver.sender or NOBODY,
        alphanumeric=deliver.alphanumeric,
        text=text,
        smsc_time=deliver.smsc_time.timestamp() if deliver.smsc_time else None,
        concat=f"{deliver.sender}/{concat.concat_ref}/{concat.total}/{concat.wide:d}" if concat else None,
        sequence=concat.sequence if concat else 1,
        total=concat.total if concat else 1,
        error=None if deliver.text is not None else "data",
    )


def _unreadable(pdu: str, source: Source, why: str) -> inbox.Received:
    logger.warning("undecodable PDU kept modem=%s: %s", source.modem, why)
    return inbox.Received(
        pdu=pdu,
        sim=source.sim,
        modem=source.modem,
        sender=NOBODY,
        alphanumeric=True,
        text=None,
        smsc_time=None,
        error="undecodable",
    )


def _joined(pdus: list[str]) -> str:
    """The text of the parts that are here, in order; surrogates that were cut apart are joined."""
    parts = [decode(pdu, Direction.FROM_NETWORK) for pdu in pdus]
    return join([part for part in parts if isinstance(part, Deliver)])
