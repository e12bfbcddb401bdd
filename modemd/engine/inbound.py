"""Received PDUs on their way into the store: read what can be read, lose nothing."""

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from drivers.errors import PduError
from drivers.parts import join
from drivers.pdu import Deliver, Direction, Encoding, StatusReport, decode
from modemd.store import inbox, replies, reports
from modemd.store.database import Store
from modemd.store.inbox import NOBODY

logger = logging.getLogger(__name__)

GAP = "[…]"  # stands in a text for the parts that have not come
_LOOK_EVERY = 60.0  # seconds
# UDH element 0x05 (TS 23.040 §9.2.3.24.4) to port 2948, which is IANA's wap-push.
_TO_WAP_PUSH = bytes.fromhex("05040B84")


@dataclass(frozen=True)
class Source:
    """Where a PDU came from. Without a storage it was handed over, and lies nowhere else."""

    modem: str
    sim: str
    storage: str | None = None
    slot: int | None = None


def take(db: Database, pdu: str, source: Source, at: float) -> None:
    """Make a PDU durable, whatever it is (P5). Runs in the store's thread."""
    try:
        tpdu = decode(pdu, Direction.FROM_NETWORK)
    except PduError as error:
        take_raw(db, pdu, source, at, str(error))
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
            take_raw(db, pdu, source, at, "a SUBMIT where a DELIVER was expected")


def take_raw(db: Database, pdu: str, source: Source, at: float, why: str = "a fault of ours") -> None:
    """Keep a PDU as it came, unread."""
    logger.warning("undecodable PDU kept modem=%s: %s", source.modem, why)
    unread = inbox.Received(
        pdu=pdu,
        sim=source.sim,
        modem=source.modem,
        sender=NOBODY,
        alphanumeric=True,
        text=None,
        smsc_time=None,
        error="undecodable",
        storage=source.storage,
        slot=source.slot,
    )
    inbox.add(db, unread, at)


def _readable(pdu: str, deliver: Deliver, source: Source) -> inbox.Received:
    concat, text = deliver.concat, _text([deliver])
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
        content=text if concat else None,
        error=None if deliver.text is not None else "wap_push" if _TO_WAP_PUSH in deliver.udh else "data",
        storage=source.storage,
        slot=source.slot,
    )


def _text(parts: list[Deliver]) -> str:
    """What neighbours say; surrogates that were cut apart are joined, data is shown in hex."""
    if all(part.encoding is Encoding.DATA for part in parts):
        return b"".join(part.data or b"" for part in parts).hex(" ")
    return join(parts)


def _joined(pdus: Iterable[str]) -> str:
    """The text of the parts that are here, in order."""
    runs: list[list[Deliver]] = []
    last, total = 0, 0
    for pdu in pdus:
        part = decode(pdu, Direction.FROM_NETWORK)
        assert isinstance(part, Deliver)
        assert part.concat is not None
        if not runs or part.concat.sequence != last + 1:
            runs.append([])
        runs[-1].append(part)
        last, total = part.concat.sequence, part.concat.total
    first = runs[0][0].concat
    pieces = [_text(run) for run in runs]
    return GAP.join([*([""] if first and first.sequence > 1 else []), *pieces, *([""] if last < total else [])])


async def give_up_waiting(store: Store) -> None:
    """Until cancelled: messages whose parts have not come within a day are said to be incomplete."""
    while True:
        try:
            await store.run(inbox.give_up_waiting, store.clock.now())
        except sqlite3.Error as error:
            logger.error("the database failed, trying again: %s", error)
        await asyncio.sleep(_LOOK_EVERY)
