"""What each SIM has sent, and when it may send again."""

from dataclasses import dataclass

from sqlite_utils import Database

from modemd.model.quota import HOUR, PACE, UNLIMITED, Quota


@dataclass(frozen=True)
class Room:
    """No room before `until`, because of the limit `code`."""

    until: float
    code: str


def spend(db: Database, sim: str, at: float) -> None:
    """One part goes to the modem: it counts, whatever becomes of it."""
    db.execute("insert into spent (sim, at) values (?, ?)", (sim, at))


def wait(db: Database, sim: str, quota: Quota, at: float, parts: int = 1) -> Room | None:
    """When there is room for `parts`; None: now. The pace is asked for one part alone."""
    if quota == UNLIMITED:
        return None
    found = _sliding(db, sim, quota, at, parts) + _calendar(db, sim, quota, at, parts)
    return max(found, key=lambda room: room.until, default=None)


def _sliding(db: Database, sim: str, quota: Quota, at: float, parts: int) -> list[Room]:
    found = []
    for code, most, span in quota.sliding:
        wanted = 1 if code in PACE else min(parts, most)
        row = db.execute(
            "select at from spent where sim = ? and at > ? order by at desc limit 1 offset ?",
            (sim, at - span, most - wanted),
        ).fetchone()
        if row is not None:
            found.append(Room(row[0] + span, code))
    return found


def _calendar(db: Database, sim: str, quota: Quota, at: float, parts: int) -> list[Room]:
    return [
        Room(end, code)
        for code, most, start, end in quota.calendar(at)
        if _since(db, sim, start) + min(parts, most) > most
    ]


def _since(db: Database, sim: str, start: float) -> int:
    return int(db.execute("select count(*) from spent where sim = ? and at >= ?", (sim, start)).fetchone()[0])


def used(db: Database, sim: str, quota: Quota, at: float) -> list[tuple[str, int, int]]:
    """(code, parts sent, limit) of every limit that counts parts."""
    rows = [(code, most, at - span) for code, most, span in quota.sliding if code != "quota_gap"]
    rows += [(code, most, start) for code, most, start, _ in quota.calendar(at)]
    return [(code, _since(db, sim, start), most) for code, most, start in rows]


def shift(db: Database, step: float, at: float) -> None:
    """The clock was set: what was sent within the hour goes on being as long ago. `at`: the new time."""
    db.execute("update spent set at = at + ? where at > ?", (step, at - step - HOUR))
