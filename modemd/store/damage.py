"""What can be wrong with the file, found before it is used, and said with the way out. Nothing is ever deleted."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from drivers.words import N_, Sentence
from modemd.model.errors import StoreError

# A database up to this size is read whole at the start: 5 ms a MiB on a PC, more on a memory card. A bigger
# one is checked where it is written next; every backup checks the whole of it.
WHOLE = 32 * 2**20

_DAMAGED = N_(
    "The database {path} cannot be used ({why}): it is damaged. Nothing of it was changed: move {path}* into another"
    " folder, then restore a backup: modemd restore FILE."
)
_CUT_OFF = N_("the file is empty, its journal is not")
_DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA)
_ACCESS_CODES = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)


def refuse_remains(path: Path) -> None:
    """A journal beside an empty file holds what is left of it, and SQLite would delete it. Raises StoreError."""
    if _size(path) == 0 and any(_size(Path(f"{path}{suffix}")) for suffix in ("-wal", "-journal")):
        raise StoreError(_DAMAGED, path=path, why=Sentence(_CUT_OFF))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def look_inside(database: Database, path: Path) -> None:
    """Raises sqlite3.Error or StoreError."""
    pages, size = (database.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if pages * size <= WHOLE:
        (found,) = database.execute("pragma quick_check(1)").fetchone()
        if found != "ok":
            raise StoreError(_DAMAGED, path=path, why=one_line(found))
    else:
        for table in database.tables:
            key = ", ".join(f'"{column}" desc' for column in table.pks)  # in the table's own order: nothing is sorted
            database.execute(f'select * from "{table.name}" order by {key} limit 1').fetchall()  # noqa: S608


def one_line(found: str) -> str:
    """What a check has found: its last line says where."""
    return found.strip().splitlines()[-1]


def is_damage(error: Exception) -> bool:
    return _code(error) in _DAMAGE_CODES


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def refusal(path: Path, error: Exception) -> StoreError:
    """Why a database cannot be used, and what to do."""
    if is_damage(error):
        return StoreError(_DAMAGED, path=path, why=error)
    if _code(error) in _ACCESS_CODES or isinstance(error, PermissionError):
        return StoreError(
            N_(
                "The database {path} cannot be used ({why}): it and its folder must be writable for the user that"
                " modemd runs as (chown -R USER {folder})."
            ),
            path=path,
            why=error,
            folder=path.parent,
        )
    return StoreError(
        N_("The database {path} cannot be used ({why}): make room on its disk, or restore a backup."),
        path=path,
        why=error,
    )
