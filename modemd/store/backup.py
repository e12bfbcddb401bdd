"""Copies of the database: made while it is in use, checked as a whole, brought back."""

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import StoreError
from modemd.store import damage, restored
from modemd.store.database import APPLICATION_ID, application_of, check_ours, give_to_owner, read_only

T = TypeVar("T")

ROOM = 64 * 2**20  # octets that a copy beside the database must leave: the outbox writes there
_PAGES = 1000  # of a copy between two looks at whether it is still wanted
_OPS = 200_000  # of a check, likewise
PIECE = 256 * 1024

Progress = Callable[[str, int, int], None]  # phase, done, of how many


class Cancelled(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True)
class Content:
    """What a copy holds. `made_at`: seconds since 1970, UTC; None for a database that is no copy."""

    messages: int
    waiting: int  # messages that had not left, and were to
    inbound: int
    events: int
    made_at: float | None


def copy(source: Path, target: Path, progress: Progress) -> Content:
    """A copy of one moment, checked and marked, while others write to `source`. For a thread of its own.

    What `progress` raises ends it. Raises StoreError; `target` is then for the caller to remove.
    """
    try:
        with read_only(source) as live, contextlib.closing(sqlite3.connect(target, isolation_level=None)) as made:
            live.execute("begin")
            before = _count(live)  # the first look: from here on it sees this moment alone
            live.backup(made, pages=_PAGES, progress=lambda _, left, total: progress("copy", total - left, total))
            made.execute("pragma journal_mode = delete")  # one file, that any tool may read
            restored.mark(made, time.time())
    except sqlite3.Error as error:
        if damage.is_damage(error):
            raise damage.refusal(source, error) from error
        raise StoreError(
            N_("No copy can be made in {folder} ({why}): make room there, or choose another place."),
            folder=target.parent,
            why=error,
        ) from error
    found = check(target, progress)
    if (found.messages, found.inbound, found.events) != (before.messages, before.inbound, before.events):
        raise StoreError(N_("The copy of {path} does not hold what that holds: nothing was kept."), path=source)
    return found


def check(file: Path, progress: Progress) -> Content:
    """Every page of a copy that nobody writes to. Raises StoreError: not ours, newer than we are, or damaged."""
    for suffix in ("-wal", "-journal"):
        if (beside := Path(f"{file}{suffix}")).exists() and beside.stat().st_size:
            raise StoreError(
                N_("{file} is a database in use ({beside} belongs to it): make a copy with modemd backup."),
                file=file,
                beside=beside.name,
            )
    try:
        with read_only(file) as copied:
            if application_of(copied) != APPLICATION_ID:
                raise StoreError(N_("{file} is no backup of modemd's: nothing was done."), file=file)
            check_ours(Database(copied, recursive_triggers=False), file)
            progress("check", 0, 1)
            copied.set_progress_handler(_unless(progress), _OPS)
            (found,) = copied.execute("pragma integrity_check(1)").fetchone()
            progress("check", 1, 1)
            if found != "ok":
                raise StoreError(_DAMAGED, file=file, why=damage.one_line(found))
            return _count(copied)
    except (sqlite3.Error, OSError) as error:
        progress("check", 0, 1)  # interrupted because nobody waits?
        raise StoreError(_DAMAGED, file=file, why=error) from error


_DAMAGED = N_("{file} cannot be used ({why}): it is damaged or no backup. Take another one.")


def _unless(progress: Progress) -> Callable[[], int]:
    def unwanted() -> int:
        try:
            progress("check", 0, 1)
        except Cancelled:
            return 1
        return 0

    return unwanted


def _count(connection: sqlite3.Connection) -> Content:
    def count(what: str) -> int:
        return int(connection.execute(f"select count(*) from {what}").fetchone()[0])  # noqa: S608

    return Content(
        messages=count("message"),
        waiting=sum(count(f"message where state = '{each}'") for each in ("staged", "queued", "submitting")),
        inbound=count("inbound"),
        events=count("event"),
        made_at=restored.made_at(connection),
    )


def room_for_copy(database: Path) -> None:
    """Raises StoreError: a copy that fills the disk would stop the outbox."""
    size = sum(path.stat().st_size for path in (database, Path(f"{database}-wal")) if path.exists())
    free = shutil.disk_usage(database.parent).free
    if free < size + ROOM:
        raise StoreError(
            N_(
                "There is no room for a copy in {folder}: {free} MiB are free, {wanted} MiB are wanted."
                " Make room, or stop modemd and make the backup then."
            ),
            folder=database.parent,
            free=free // 2**20,
            wanted=(size + ROOM) // 2**20,
        )


async def in_thread(function: Callable[[Progress], T], progress: Progress) -> T:
    """Run it in a thread that nobody waits for: cancelled, it ends by itself at its next `progress`."""
    loop, unwanted = asyncio.get_running_loop(), threading.Event()
    future: asyncio.Future[T] = loop.create_future()

    def told(phase: str, done: int, total: int) -> None:
        if unwanted.is_set():
            raise Cancelled
        progress(phase, done, total)

    def work() -> None:
        try:
            result = function(told)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            hand_over(partial(future.set_exception, error))
        else:
            hand_over(partial(future.set_result, result))

    def hand_over(settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if future.done() else settle())

    threading.Thread(target=work, name="backup", daemon=True).start()
    try:
        return await future
    finally:
        unwanted.set()


@contextlib.contextmanager
def unfinished(file: Path) -> Iterator[Path]:
    """Where to write what becomes `file`, by `keep`, when it is whole. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=".modemd-", dir=file.parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder) / file.name


def keep(part: Path, file: Path, expected: str | None = None) -> None:
    """Onto the medium, and under its name; never over another file.

    Raises OSError, and StoreError where it does not read back as `expected` (SHA-256 in hex).
    """
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if expected is not None and digest(part) != expected:
        raise StoreError(
            N_("{file} does not read back as it was written: nothing was kept. Try another disk."), file=file
        )
    try:
        os.link(part, file)
    except FileExistsError:
        raise
    except OSError:  # FAT knows no links
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file)) from None
        part.rename(file)
    else:
        part.unlink()
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def digest(file: Path) -> str:
    """SHA-256 in hex, read from the medium where the system lets us."""
    with file.open("rb") as source:
        os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(source, "sha256").hexdigest()


def refuse_existing(database: Path) -> None:
    """Raises StoreError: a database is never written over, nor is one put beside another's journal."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        if (there := Path(f"{database}{suffix}")).exists():
            raise StoreError(
                N_(
                    "{there} is there already: nothing was restored. Move {database}* into another folder, keep it,"
                    " and restore again."
                ),
                there=there,
                database=database,
            )


def bring_back(file: Path, part: Path, progress: Progress) -> Content:
    """Write a checked copy to `part`, where `keep` makes it the database. For a thread of its own.

    Raises StoreError, OSError.
    """
    if not file.exists():
        raise StoreError(N_("There is no file {file}: nothing was restored."), file=file)
    found = check(file, progress)
    if _transfer(file, part, progress) != digest(part):
        raise StoreError(N_("{file} did not come over whole: nothing was restored."), file=file)
    if found.made_at is None:  # somebody's own copy of the file
        found = replace(found, made_at=file.stat().st_mtime)
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
            restored.mark(connection, file.stat().st_mtime)
    return found


def _transfer(file: Path, part: Path, progress: Progress) -> str:
    """Returns the SHA-256 of what was read."""
    size, done, sums = file.stat().st_size, 0, hashlib.sha256()
    with file.open("rb") as source, part.open("wb") as out:
        give_to_owner(out.fileno(), part.parent.parent)
        while piece := source.read(PIECE):
            progress("send", done, size)
            out.write(piece)
            sums.update(piece)
            done += len(piece)
        out.flush()
        os.fsync(out.fileno())
    return sums.hexdigest()


def content(file: Path) -> Content:
    """What a copy holds that was checked before."""
    with read_only(file) as copied:
        return _count(copied)
