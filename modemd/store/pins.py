"""P8: which PIN was tried on which SIM. One try each, whatever restarts in between."""

import hashlib

from sqlite_utils import Database


def _digest(sim: str, pin: str) -> str:
    return hashlib.sha256(f"{sim}\0{pin}".encode()).hexdigest()


def may_try(db: Database, sim: str, pin: str, at: float) -> bool:
    """Take the one try of this PIN on this SIM; False when it was taken before and did not succeed.

    Written down before it is made: a power cut may waste a try, never repeat one.
    """
    row = db.execute(
        "select outcome from pin_try where sim = ? and pin_digest = ?", (sim, _digest(sim, pin))
    ).fetchone()
    if row is not None and row[0] != "right":
        return False
    db.execute(
        "insert or replace into pin_try (sim, pin_digest, at, outcome) values (?, ?, ?, 'unknown')",
        (sim, _digest(sim, pin), at),
    )
    return True


def was_right(db: Database, sim: str, pin: str) -> None:
    db.execute("update pin_try set outcome = 'right' where sim = ? and pin_digest = ?", (sim, _digest(sim, pin)))
