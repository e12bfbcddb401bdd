"""One-time codes by which a person approves from the registered number: each good for one message or batch, once."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlite_utils import Database

MOST_WRONG = 3  # codes from a number, within _LOCKED
_LOCKED = 86400.0  # seconds


@dataclass(frozen=True)
class Code:
    """`message_id` or `batch_id` is set."""

    id: int
    message_id: int | None
    batch_id: int | None
    digest: str
    who: str
    expires_at: float


@dataclass(frozen=True)
class Request:
    """What somebody is asked to approve."""

    message_id: int | None
    batch_id: int | None
    digest: str


def new_holds(db: Database) -> list[tuple[int, int, int | None]]:
    """Open approvals that nobody was asked about yet: (hold, message, batch)."""
    rows = db.execute(
        "select hold.id, message_id, batch_id from hold join message on message.id = message_id"
        " where needs = 'approval' and cleared_at is null and void_at is null and state = 'held'"
        " and hold.id > (select position from reader where name = 'approvals') order by hold.id"
    ).fetchall()
    return [(hold, message, batch) for hold, message, batch in rows]


def replies(db: Database) -> list[tuple[int, str, str]]:
    """What has come since the last look: (id, sender, text)."""
    rows = db.execute(
        "select id, sender, text from inbound where id > (select position from reader where name = 'replies')"
        " and text is not null order by id"
    ).fetchall()
    return [(id, sender, text) for id, sender, text in rows]


def read_to(db: Database, name: str, position: int) -> None:
    db.execute("update reader set position = ? where name = ? and position < ?", (position, name, position))


def make(db: Database, asked: Request, who: str, number: str, at: float, expires: float) -> str:
    """A new code for this person; an older one for the same message is good no longer."""
    code, salt = f"{secrets.randbelow(10**6):06}", secrets.token_hex(16)
    db.execute(
        "update approval_code set used_at = ? where number = ? and used_at is null"
        " and message_id is ? and batch_id is ?",
        (at, number, asked.message_id, asked.batch_id),
    )
    db.execute(
        "insert into approval_code (message_id, batch_id, digest, who, number, salt, code, at, expires_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*(asked.message_id, asked.batch_id, asked.digest, who, number, salt), _hashed(salt, code), at, at + expires),
    )
    return code


def _hashed(salt: str, code: str) -> str:
    return hashlib.sha256(f"{salt}{code}".encode()).hexdigest()


def is_locked(db: Database, number: str, at: float) -> bool:
    (wrong,) = db.execute(
        "select count(*) from wrong_code where number = ? and at > ?", (number, at - _LOCKED)
    ).fetchone()
    return bool(wrong >= MOST_WRONG)


def is_asked(db: Database, number: str, at: float) -> bool:
    """Whether a code that was sent to this number is still good."""
    row = db.execute(
        "select 1 from approval_code where number = ? and used_at is null and expires_at >= ? limit 1", (number, at)
    ).fetchone()
    return row is not None


def take(db: Database, number: str, given: str, at: float) -> Code | None:
    """The code, used up; None for a wrong one, which counts against the number."""
    rows = db.execute(
        "select salt, code, id, message_id, batch_id, digest, who, expires_at from approval_code"
        " where number = ? and used_at is null and expires_at >= ?",
        (number, at),
    ).fetchall()
    for salt, code, *rest in rows:
        if hmac.compare_digest(_hashed(salt, given), code):
            db.execute("update approval_code set used_at = ? where id = ?", (at, rest[0]))
            db.execute("delete from wrong_code where number = ?", (number,))
            return Code(*rest)
    db.execute("insert into wrong_code (number, at) values (?, ?)", (number, at))
    return None
