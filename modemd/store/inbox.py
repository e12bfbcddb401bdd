"""What was received: raw PDUs first, then the messages that they make."""

from dataclasses import dataclass, fields
from typing import Any

from sqlite_utils import Database

from modemd.model.folding import query
from modemd.model.message import Inbound
from modemd.store import events, search
from modemd.store.messages import pattern

_COLUMNS = ", ".join(field.name for field in fields(Inbound) if field.name != "raw")
_OPEN_FOR = 86400.0 * 7  # a part may join its message this long


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
    error: str | None = None


def add(db: Database, received: Received, at: float) -> int | None:
    """Keep a PDU and put it into its message; returns that, or None when it has been here before (P5)."""
    added = db.execute(
        "insert or ignore into inbound_pdu (sim, modem, received_at, pdu, sequence) values (?, ?, ?, ?, ?)",
        (received.sim, received.modem, at, received.pdu, received.sequence),
    )
    if added.rowcount != 1:
        return None
    inbound_id = _open_message(db, received, at)
    news = inbound_id is None or _make_unread(db, inbound_id)
    if inbound_id is None:
        inbound_id = _new_message(db, received, at)
    db.execute("update inbound_pdu set inbound_id = ? where id = ?", (inbound_id, added.lastrowid))
    _converse(db, received, at, news=news)
    events.record(db, at, "inbox", subject=received.sender, code=received.error, data=str(inbound_id))
    return inbound_id


def _concat(received: Received) -> str | None:
    """What the parts of a message have in common; all of them come to one SIM."""
    return None if received.concat is None else f"{received.sim}/{received.concat}"


def _open_message(db: Database, received: Received, at: float) -> int | None:
    """The message that waits for this very part."""
    if received.concat is None:
        return None
    rows = db.execute(
        "select id, missing from inbound where concat = ? and received_at >= ? order by id desc",
        (_concat(received), at - _OPEN_FOR),
    ).fetchall()
    for inbound_id, missing in rows:
        waited = [int(each) for each in missing.split(",") if each]
        if received.sequence in waited:
            waited.remove(received.sequence)
            db.execute("update inbound set missing = ? where id = ?", (",".join(map(str, waited)), inbound_id))
            return int(inbound_id)
    return None


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


def _converse(db: Database, received: Received, at: float, *, news: bool) -> None:
    db.execute(
        "insert into conversation (number, last_at, last_text, last_is_inbound, unread, alphanumeric)"
        " values (:number, :at, :text, 1, :news, :alphanumeric) on conflict (number) do update set"
        " last_at = :at, last_text = :text, last_is_inbound = 1, unread = unread + :news",
        {
            "number": received.sender,
            "at": at,
            "text": received.text or "",
            "alphanumeric": int(received.alphanumeric),
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
        "update conversation set last_at = ?, last_text = ?, last_is_inbound = 0 where number = ?",
        (at, text, number),
    )


def mark_read(db: Database, number: str) -> None:
    db.execute("update inbound set is_read = 1 where sender = ? and is_read = 0", (number,))
    db.execute("update conversation set unread = 0 where number = ?", (number,))


def unread(db: Database) -> int:
    return int(db.execute("select coalesce(sum(unread), 0) from conversation").fetchone()[0])


def _inbound(db: Database, row: tuple[Any, ...]) -> Inbound:
    values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["alphanumeric"] = bool(values["alphanumeric"])
    values["is_read"] = bool(values["is_read"])
    values["missing"] = tuple(int(each) for each in values["missing"].split(",") if each)
    if values["text"] is None:
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
    """(number, last_at, last_text, last_is_inbound, unread, alphanumeric), newest first."""
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
        "select number, last_at, last_text, last_is_inbound, unread, alphanumeric"  # noqa: S608
        f" from conversation {clause} order by last_at desc, number desc limit :limit",
        values,
    ).fetchall()
