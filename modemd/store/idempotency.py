"""Idempotency-Key: the same request again gets the same answer."""

from sqlite_utils import Database

from modemd.model.errors import KeyReused

KEEP = 7 * 86400.0  # seconds


def find(db: Database, key: str, author: str, request: str) -> str | None:
    """The answer that was given, None for a new key. Raises KeyReused for a different request."""
    row = db.execute("select request, answer from idempotency where key = ? and author = ?", (key, author)).fetchone()
    if row is None:
        return None
    if row[0] != request:
        raise KeyReused()
    return str(row[1])


def keep(db: Database, key: str, author: str, request: str, answer: str, at: float) -> None:
    db.execute("delete from idempotency where at < ?", (at - KEEP,))
    db.execute(
        "insert into idempotency (key, author, request, answer, at) values (?, ?, ?, ?, ?)",
        (key, author, request, answer, at),
    )
