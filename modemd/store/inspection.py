"""Is the database well? Looked at without changing it."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from drivers.words import N_, Sentence
from modemd.model.errors import StoreError
from modemd.store.database import Store, check_ours


@dataclass(frozen=True)
class Inspection:
    """`octets` None: there is no file yet. `trouble` is set where it cannot be used, or lately could not.

    `hidden`: this user may not look.
    """

    octets: int | None
    trouble: Sentence | None = None
    hidden: bool = False
    recovered: bool = False  # it could not, and now it can


def inspect(path: Path) -> Inspection:
    """The file of a daemon that does not run."""
    try:
        octets = path.stat().st_size
    except FileNotFoundError:
        return Inspection(None)
    except OSError:
        return Inspection(None, hidden=True)
    if not os.access(path, os.R_OK):
        return Inspection(octets, hidden=True)
    try:
        _read(path)
    except StoreError as error:
        return Inspection(octets, error.sentence)
    except sqlite3.Error as error:
        return Inspection(octets, _unusable(path, error))
    return Inspection(octets)


def _read(path: Path) -> None:
    # Without a log beside it nobody has it open, and nothing needs to be made beside it to read it.
    how = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
    try:
        check_ours(Database(connection, recursive_triggers=False), path)
        (said,) = connection.execute("pragma quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
    finally:
        connection.close()


def _unusable(path: Path, why: object) -> Sentence:
    return Sentence(N_("The database {path} cannot be read: {why}."), {"path": path, "why": why})


async def inspect_running(store: Store) -> Inspection:
    """The database of this daemon, by a job like any other, and what went wrong with it last."""
    try:
        octets = store.path.stat().st_size
        await store.run(_look)
    except (sqlite3.Error, OSError) as error:
        return Inspection(None, _unusable(store.path, error))
    if store.last_failure is None:
        return Inspection(octets)
    _, why = store.last_failure
    return Inspection(octets, _unusable(store.path, why), recovered=True)


def _look(db: Database) -> None:
    db.execute("select count(*) from sqlite_master").fetchone()
