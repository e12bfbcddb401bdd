"""What a message said when others were asked about it, and what each of them has seen of it."""

from dataclasses import dataclass

from sqlite_utils import Database

from modemd.model import digest
from modemd.model.message import Message


@dataclass(frozen=True)
class Version:
    at: float
    recipient: str
    text: str
    send_at: float | None


def keep(db: Database, message: Message, at: float) -> None:
    db.execute(
        "insert or ignore into version (message_id, digest, at, recipient, text, send_at) values (?, ?, ?, ?, ?, ?)",
        (message.id, digest.whole(message), at, message.recipient, message.text, message.send_at),
    )


def seen(db: Database, message: Message, who: str, at: float) -> None:
    """This person has it before the eyes. The first look counts: a second one makes nothing newer."""
    db.execute(
        "insert or ignore into seen (message_id, who, digest, at) values (?, ?, ?, ?)",
        (message.id, who, digest.whole(message), at),
    )


def before(db: Database, message: Message, who: str) -> Version | None:
    """What this person saw of it last before it became what it is now; else what anybody has approved of it."""
    now = digest.whole(message)
    row = db.execute(
        "select version.at, recipient, text, send_at from version join ("
        " select digest, at as looked_at, 1 as own from seen where message_id = :id and who = :who"
        " union all select digest, at, 0 from vote where message_id = :id and verdict = 'approved'"
        ") using (digest) where message_id = :id and digest <> :now order by own desc, looked_at desc limit 1",
        {"id": message.id, "who": who, "now": now},
    ).fetchone()
    return Version(*row) if row else None
