"""The line: one switch that stops everything between two parts."""

from dataclasses import dataclass

from sqlite_utils import Database

from modemd.store import events


@dataclass(frozen=True)
class Line:
    stopped: bool
    who: str | None
    at: float | None


def read(db: Database) -> Line:
    stopped, who, at = db.execute("select stopped, who, at from line").fetchone()
    return Line(bool(stopped), who, at)


def is_stopped(db: Database) -> bool:
    return bool(db.execute("select stopped from line").fetchone()[0])


def switch(db: Database, stopped: bool, who: str, at: float) -> Line:
    """Stop or resume; doing it twice changes nothing."""
    if is_stopped(db) != stopped:
        db.execute("update line set stopped = ?, who = ?, at = ?", (int(stopped), who, at))
        events.record(db, at, "line", new="stopped" if stopped else "running", who=who)
    return read(db)
