"""What is over is forgotten after the site's period: texts and numbers go, the rows, their states and counts stay.

The audit holds neither: its digests are salted, and the salt goes with the text.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from modemd.store import search

_MERGED = 500  # pages of the index of words

STEP = 200  # rows: nobody's cancel waits for more


@dataclass(frozen=True)
class _Worded:
    """Rows that can be searched: `rows` gives the id, and the number and text that stay; `change` forgets the rest."""

    kind: str
    rows: str
    change: str


Step = str | _Worded

# A number that was forgotten keeps its last four digits; a PDU becomes the number of its row, and stays unique.
_PDUS = (
    "update inbound_pdu set pdu = 'r' || id where id in (select id from inbound_pdu where received_at < :before"
    " and substr(pdu, 1, 1) <> 'r' limit :most)"
)
_BOTH = (
    _PDUS,
    "update hold set data = json_remove(data, '$.sentence') where id in (select id from hold where placed_at < :before"
    " and instr(data, '\"sentence\"') > 0 and (select ended_at from message where id = message_id) < :before"
    " limit :most)",
    "delete from version where (message_id, digest) in (select message_id, digest from version"
    " join message on message.id = message_id where ended_at < :before limit :most)",
    "delete from cooling where message_id in (select message_id from cooling join message on message.id = message_id"
    " where ended_at < :before limit :most)",
    "delete from idempotency where (key, author) in (select key, author from idempotency where at < :before"
    " limit :most)",
)
TEXTS: tuple[Step, ...] = (
    _Worded(
        "message",
        "select id, recipient, '' from message where ended_at < :before and text <> '' limit :most",
        "update message set text = '', reason = '', salt = null where id = :id",
    ),
    _Worded(
        "inbound",
        "select id, sender, '' from inbound where received_at < :before and text <> '' limit :most",
        "update inbound set text = '' where id = :id",
    ),
    "update conversation set last_text = '' where number in (select number from conversation"
    " where last_at < :before and last_text <> '' limit :most)",
    "update vote set reason = null where id in (select id from vote where at < :before and reason is not null"
    " limit :most)",
    "update event set data = null where id in (select id from event where kind = 'reject' and at < :before"
    " and data is not null limit :most)",
    *_BOTH,
)
NUMBERS: tuple[Step, ...] = (
    _Worded(
        "message",
        "select id, '', text from message where ended_at < :before and substr(recipient, 1, 1) <> '*' limit :most",
        "update message set recipient = '****' || substr(recipient, -4), salt = null where id = :id",
    ),
    _Worded(
        "inbound",
        "select id, '', coalesce(text, '') from inbound where received_at < :before and alphanumeric = 0"
        " and substr(sender, 1, 1) <> '*' limit :most",
        "update inbound set sender = '****' || substr(sender, -4) where id = :id",
    ),
    "delete from conversation where number in (select number from conversation where last_at < :before limit :most)",
    "update report set recipient = '****' || substr(recipient, -4), pdu = 'r' || id where id in"
    " (select id from report where received_at < :before and substr(pdu, 1, 1) <> 'r' limit :most)",
    "update event set subject = '****' || substr(subject, -4) where id in (select id from event where kind = 'inbox'"
    " and at < :before and substr(subject, 1, 1) <> '*' limit :most)",
    "delete from approval_code where id in (select id from approval_code where at < :before limit :most)",
    "delete from wrong_code where rowid in (select rowid from wrong_code where at < :before limit :most)",
    *_BOTH,
)


def step(db: Database, what: Step, before: float) -> int:
    """A few rows of one of the steps above; how many. Less than STEP: that was all."""
    db.execute("pragma secure_delete = on")  # what is forgotten is not left in the file
    if isinstance(what, str):
        return db.execute(what, {"before": before, "most": STEP}).rowcount
    rows = db.execute(what.rows, {"before": before, "most": STEP}).fetchall()
    for id, number, text in rows:
        db.execute(what.change, {"id": id})
        search.put(db, what.kind, id, number, text)
    return len(rows)


def tidy(db: Database, first: bool) -> bool:
    """Words that are looked for no more leave the file as well, a piece at a time; False when all is done."""
    before = db.conn.total_changes
    for kind in ("message", "inbound"):
        db.execute(
            f"insert into {kind}_words ({kind}_words, rank) values ('merge', ?)",  # noqa: S608
            (-_MERGED if first else _MERGED,),
        )
    return db.conn.total_changes - before > 2


def last_seen(db: Database) -> float | None:
    """When anything was written down last: a clock that is far from it is not believed at once."""
    (at,) = db.execute("select at from event order by id desc limit 1").fetchone() or (None,)
    return None if at is None else float(at)
