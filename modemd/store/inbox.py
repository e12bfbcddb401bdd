"""What was received: raw PDUs first, then the messages that they make; and calls.

The same PDU again is the same message
- while it lies in the storage and slot where it was found before: it was kept, and not yet deleted there;
- wherever it comes from, if the SMSC has put a time on it: the network repeats what it has no acknowledgement
  for. Two messages with the same text that one sender has written within the same second are alike to the
  last octet: they are shown as one, and the event log says that it came again.
Otherwise it is a new one: a text sent again has another time, and of a PDU without a time nobody can say.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlite_utils import Database

from modemd.model.display import masked
from modemd.model.folding import query
from modemd.model.message import Inbound
from modemd.store import events, search
from modemd.store.messages import pattern

_COLUMNS = ", ".join(field.name for field in fields(Inbound) if field.name != "raw")
NOBODY = "?"  # the sender of what cannot be read, and of a call without a number
OVERDUE = 86400.0  # seconds after which missing parts are no longer waited for; a late one still joins
_ONE_MESSAGE = 3600.0  # the SMSC's times of a message's parts lie within this
_UNKNOWN_PLACE = (None, None)  # 0.1 did not write down where a PDU lay
_AT_ONCE = 600.0  # a part that its sender has sent again, for want of an acknowledgement, follows within this


@dataclass(frozen=True)
class Received:
    """A PDU as it came, and what could be read of it."""

    pdu: str
    sim: str
    modem: str
    sender: str
    alphanumeric: bool
    text: str | None
    smsc_time: float | None
    concat: str | None = None  # names the message that a part belongs to
    sequence: int = 1
    total: int = 1
    content: str | None = None  # what a part says, whenever it was sent
    error: str | None = None
    storage: str | None = None  # None: handed over, it lies in no storage
    slot: int | None = None


def add(db: Database, received: Received, at: float) -> int | None:
    """Keep a PDU and put it into its message; returns that, or None when it has been here before (P5)."""
    if _is_known(db, received, at):
        return None
    inbound_id = _open_message(db, received, at)
    if inbound_id is None and _is_sent_again(db, received):
        _keep(db, received, None, at)
        _say_repeated(db, received, at)
        return None
    news = inbound_id is None or _make_unread(db, inbound_id)
    if inbound_id is None:
        inbound_id = _new_message(db, received, at)
    _keep(db, received, inbound_id, at)
    _converse(db, received.sender, received.text, at, news=news, alphanumeric=received.alphanumeric)
    events.record(db, at, "inbox", subject=received.sender, code=received.error, data=str(inbound_id))
    return inbound_id


def _is_known(db: Database, received: Received, at: float) -> bool:
    """Whether it is a copy of one that is kept: see above."""
    # By the modem too: its SIM may have a number today that it did not tell when it was busy.
    copies = db.execute(
        "select id, sim, storage, slot, freed from inbound_pdu where pdu = ? and (sim = ? or modem = ?)"
        " order by id desc",
        (received.pdu, received.sim, received.modem),
    ).fetchall()
    place = (received.storage, received.slot)
    for copy, _, *lay, is_freed in copies:
        if received.storage is not None and not is_freed and tuple(lay) in (place, _UNKNOWN_PLACE):
            _move(db, copy, received)
            return True
    of_this_sim = [copy for copy, sim, *_ in copies if sim == received.sim]
    if not of_this_sim or received.smsc_time is None:
        return False
    _move(db, of_this_sim[0], received)
    _say_repeated(db, received, at)
    return True


def _move(db: Database, copy: int, received: Received) -> None:
    """Write down where the latest copy of a PDU lies."""
    place = (received.storage, received.slot, received.storage is None)
    db.execute("update inbound_pdu set storage = ?, slot = ?, freed = ? where id = ?", (*place, copy))


def _say_repeated(db: Database, received: Received, at: float) -> None:
    events.record(db, at, "inbox", subject=received.sender, code="repeat")


def _keep(db: Database, received: Received, inbound_id: int | None, at: float) -> None:
    db.execute(
        "insert into inbound_pdu (inbound_id, sim, modem, received_at, pdu, sequence, content, storage, slot, freed)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            inbound_id,
            received.sim,
            received.modem,
            at,
            received.pdu,
            received.sequence,
            received.content,
            received.storage,
            received.slot,
            received.storage is None,
        ),
    )


def lie_there(db: Database, sim: str, storage: str, lying: Iterable[tuple[int, str]]) -> None:
    """(slot, PDU) of all that lies in a storage: the rest is gone, and its like would be another one."""
    there = set(lying)
    rows = db.execute(
        "select id, slot, pdu from inbound_pdu where sim = ? and storage = ? and freed = 0", (sim, storage)
    ).fetchall()
    for copy, slot, pdu in rows:
        if (slot, pdu) not in there:
            db.execute("update inbound_pdu set freed = 1 where id = ?", (copy,))


def _concat(received: Received) -> str | None:
    """What the parts of a message have in common; all of them come to one SIM."""
    return None if received.concat is None else f"{received.sim}/{received.concat}"


def _open_message(db: Database, received: Received, at: float) -> int | None:
    """The message that waits for this very part; of several the one that was written at the nearest time.

    A number is used again, by some senders soon: only the SMSC's times tell its messages apart.
    """
    rows = db.execute(
        "select id, missing, smsc_time, received_at from inbound where concat = ? and missing != ''",
        (_concat(received),),
    ).fetchall()
    waiting = []
    for inbound_id, missing, smsc_time, received_at in rows:
        if str(received.sequence) not in missing.split(","):
            continue
        if received.smsc_time is None or smsc_time is None:
            apart, most = at - received_at, OVERDUE
        else:
            apart, most = abs(received.smsc_time - smsc_time), _ONE_MESSAGE
        if apart <= most:
            waiting.append((apart, -inbound_id, missing))
    if not waiting:
        return None
    _, minus_id, missing = min(waiting)
    left = [each for each in missing.split(",") if each != str(received.sequence)]
    db.execute("update inbound set missing = ? where id = ?", (",".join(left), -minus_id))
    return -int(minus_id)


def _is_sent_again(db: Database, received: Received) -> bool:
    """Whether an open message has this part already, from moments ago."""
    if received.concat is None or received.smsc_time is None:
        return False
    found = db.execute(
        "select 1 from inbound join inbound_pdu on inbound_id = inbound.id where concat = ? and missing != ''"
        " and sequence = ? and content = ? and abs(smsc_time - ?) <= ? limit 1",
        (_concat(received), received.sequence, received.content, received.smsc_time, _AT_ONCE),
    ).fetchone()
    return found is not None


def _make_unread(db: Database, inbound_id: int) -> bool:
    """There is more of it than was read; False when nobody has read it yet."""
    return db.execute("update inbound set is_read = 0 where id = ? and is_read = 1", (inbound_id,)).rowcount == 1


def _new_message(db: Database, received: Received, at: float) -> int:
    missing = [n for n in range(1, received.total + 1) if n != received.sequence]
    inserted = db.execute(
        "insert into inbound (sender, alphanumeric, text, smsc_time, received_at, modem, parts, missing, concat,"
        " error) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            received.sender,
            int(received.alphanumeric),
            received.text,
            received.smsc_time,
            at,
            received.modem,
            received.total,
            ",".join(map(str, missing)),
            _concat(received),
            received.error,
        ),
    )
    inbound_id = int(inserted.lastrowid or 0)
    search.index_inbound(db, inbound_id, received.sender, received.text or "")
    return inbound_id


def add_call(db: Database, caller: str | None, at: float, *, modem: str, hung_up: bool) -> None:
    """Somebody called, and nobody took it; None: without a number."""
    code = "call_refused" if hung_up else "call_missed"
    number, unknown = caller or NOBODY, caller is None
    inserted = db.execute(
        "insert into inbound (kind, sender, alphanumeric, received_at, modem, parts, missing, error)"
        " values ('call', ?, ?, ?, ?, 1, '', ?)",
        (number, int(unknown), at, modem, code),
    )
    _converse(db, number, None, at, news=True, alphanumeric=unknown, kind="call")
    events.record(db, at, "inbox", subject=masked(number), code="call", data=str(inserted.lastrowid))


def give_up_waiting(db: Database, at: float) -> None:
    """Say of each message once that its missing parts have not come."""
    rows = db.execute(
        "select id, sender, missing, parts from inbound where missing != '' and overdue_at is null"
        " and received_at <= ?",
        (at - OVERDUE,),
    ).fetchall()
    for inbound_id, sender, missing, total in rows:
        db.execute("update inbound set overdue_at = ? where id = ?", (at, inbound_id))
        data = json.dumps({"inbound": inbound_id, "missing": missing.split(","), "total": total})
        events.record(db, at, "inbox", subject=sender, code="incomplete", data=data)


def _converse(
    db: Database, number: str, text: str | None, at: float, *, news: bool, alphanumeric: bool, kind: str = "message"
) -> None:
    db.execute(
        "insert into conversation (number, last_at, last_text, last_is_inbound, last_kind, unread, alphanumeric)"
        " values (:number, :at, :text, 1, :kind, :news, :alphanumeric) on conflict (number) do update set"
        " last_at = :at, last_text = :text, last_is_inbound = 1, last_kind = :kind, unread = unread + :news",
        {
            "number": number,
            "at": at,
            "text": text or "",
            "kind": kind,
            "alphanumeric": int(alphanumeric),
            "news": int(news),
        },
    )


def pdus_of(db: Database, inbound_id: int) -> list[str]:
    """The PDUs of a message, in its order."""
    rows = db.execute("select pdu from inbound_pdu where inbound_id = ? order by sequence", (inbound_id,))
    return [row[0] for row in rows.fetchall()]


def text_of(db: Database, inbound_id: int) -> str | None:
    row = db.execute("select text from inbound where id = ?", (inbound_id,)).fetchone()
    return row[0] if row else None


def set_text(db: Database, inbound_id: int, text: str) -> None:
    """What the parts that are here say together."""
    db.execute("update inbound set text = ? where id = ?", (text, inbound_id))
    (sender,) = db.execute("select sender from inbound where id = ?", (inbound_id,)).fetchone()
    search.index_inbound(db, inbound_id, sender, text)
    db.execute(
        "update conversation set last_text = ? where number = (select sender from inbound where id = ?)"
        " and last_is_inbound = 1",
        (text, inbound_id),
    )


def answered(db: Database, number: str, text: str, at: float) -> None:
    """Something was submitted to a number that has written to us."""
    db.execute(
        "update conversation set last_at = ?, last_text = ?, last_is_inbound = 0, last_kind = 'message'"
        " where number = ?",
        (at, text, number),
    )


def mark_read(db: Database, number: str) -> None:
    db.execute("update inbound set is_read = 1 where sender = ? and is_read = 0", (number,))
    db.execute("update conversation set unread = 0 where number = ?", (number,))


def unread(db: Database) -> int:
    return int(db.execute("select coalesce(sum(unread), 0) from conversation where unread > 0").fetchone()[0])


def _inbound(db: Database, row: tuple[Any, ...]) -> Inbound:
    values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["alphanumeric"] = bool(values["alphanumeric"])
    values["is_read"] = bool(values["is_read"])
    values["missing"] = tuple(int(each) for each in values["missing"].split(",") if each)
    if values["text"] is None and values["kind"] == "message":
        values["raw"] = " ".join(pdus_of(db, values["id"]))
    return Inbound(**values)


def page(db: Database, before: int | None, limit: int, q: str | None = None) -> list[Inbound]:
    """Newest first. `q`: words of the text, or a number."""
    before = before if before is not None else 1 << 62
    found = query(q) if q and search.is_complete(db) else None
    if found:
        rows = db.execute(
            f"select {_COLUMNS} from inbound_words join inbound on id = inbound_words.rowid"  # noqa: S608
            " where inbound_words match ? and inbound_words.rowid < ? order by inbound_words.rowid desc limit ?",
            (found, before, limit),
        ).fetchall()
    else:
        where = "and (text like :q escape '\\' or sender like :q escape '\\')" if q else ""
        rows = db.execute(
            f"select {_COLUMNS} from inbound where id < :before {where} order by id desc limit :limit",  # noqa: S608
            {"before": before, "limit": limit, "q": pattern(q or "")},
        ).fetchall()
    return [_inbound(db, row) for row in rows]


def of_sender(db: Database, sender: str, limit: int) -> list[Inbound]:
    """The newest `limit` of one sender, newest first."""
    rows = db.execute(
        f"select {_COLUMNS} from inbound where sender = ? order by id desc limit ?",  # noqa: S608
        (sender, limit),
    ).fetchall()
    return [_inbound(db, row) for row in rows]


_NEWEST_FOUND = (
    "select sender from inbound where id in"
    " (select rowid from inbound_words where inbound_words match :words order by rowid desc limit 1000)"
)


def conversations(db: Database, after: tuple[float, str] | None, limit: int, q: str | None) -> list[tuple[Any, ...]]:
    """(number, last_at, last_text, last_is_inbound, unread, alphanumeric, last_kind), newest first."""
    where: list[str] = []
    values: dict[str, str | float] = {"limit": limit}
    if after:
        where.append("(last_at, number) < (:at, :number)")
        values |= {"at": after[0], "number": after[1]}
    if q:
        said = ""
        if (found := query(q)) and search.is_complete(db):
            said = f"or number in ({_NEWEST_FOUND})"
            values["words"] = found
        where.append(f"(number like :q escape '\\' or last_text like :q escape '\\' {said})")
        values["q"] = pattern(q)
    clause = f"where {' and '.join(where)}" if where else ""
    return db.execute(
        "select number, last_at, last_text, last_is_inbound, unread, alphanumeric, last_kind"  # noqa: S608
        f" from conversation {clause} order by last_at desc, number desc limit :limit",
        values,
    ).fetchall()
