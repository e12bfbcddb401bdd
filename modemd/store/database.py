"""The one SQLite file, and the one thread that owns its connection."""

import asyncio
import contextlib
import fcntl
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from sqlite_utils import Database

from drivers.words import N_
from modemd.model.errors import StoreError
from modemd.store import damage, restored
from modemd.store.clock import Clock
from modemd.store.migrations import migrations, unknown_steps

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DATABASE = "modemd.db"  # in the state folder
APPLICATION_ID = 0x6D6F6465  # "mode", so that `file` and we know our own
_SYNCS = 40  # as long as so many syncs a transaction may work,
_SYNCS_AT_PROMPT = 4  # and where a modem waits for it at its prompt
_NO_SYNC = 0.00005  # seconds: a commit that took less had nothing to write
_COMPANY = 0.003  # seconds for which a job that nobody waits for looks out for others to share one with

_PRAGMAS = (
    "pragma journal_mode = wal",
    "pragma synchronous = full",  # P3: what was accepted survives a power cut
    "pragma foreign_keys = on",
    "pragma busy_timeout = 5000",
    "pragma temp_store = memory",  # else every transaction with a savepoint makes a file in /var/tmp, with texts in it
)


def open_database(path: Path) -> Database:
    """Open and migrate. Raises StoreError with what to do."""
    with contextlib.ExitStack() as undo:
        try:
            _look(path)  # before anything of it is changed
            connection = _connect(path)
            undo.callback(connection.close)
            os.chmod(path, 0o600)
            if application_of(connection) != APPLICATION_ID:
                # A new one. Before it has a journal for writing ahead: a power cut would leave that beside an empty
                # file, which looks like one that was cut off.
                connection.execute(f"pragma application_id = {APPLICATION_ID}")
            database = _ready(connection)
            if migrations.pending(database):
                with contextlib.closing(_connect(path)) as apart:  # its statements would stay in memory for nothing
                    migrations.apply(_ready(apart))
        except (sqlite3.Error, OSError) as error:
            raise damage.refusal(path, error) from error
        undo.pop_all()
    return database


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)


def _ready(connection: sqlite3.Connection) -> Database:
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return Database(connection, recursive_triggers=False)


def _open_for_work(path: Path, at: float) -> Database:
    """As `open_database`; a copy that was brought back is taken up first. Raises StoreError."""
    database = open_database(path)
    try:
        if restored.take_up(database, at):
            logger.warning("%s comes from a backup: the line is stopped until a person lets it run", path)
    except sqlite3.Error as error:
        database.close()
        raise damage.refusal(path, error) from error
    return database


def _look(path: Path) -> None:
    """By a connection that cannot write: closing another would carry the journal over into a damaged file."""
    damage.refuse_remains(path)
    if not path.exists() or not path.stat().st_size:
        return
    with read_only(path) as connection:
        database = Database(connection, recursive_triggers=False)
        if connection.execute("select count(*) from sqlite_master").fetchone()[0] or application_of(connection):
            check_ours(database, path)
            damage.look_inside(database, path)


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Without a journal nobody has it open, and none is made for looking. Raises sqlite3.Error."""
    immutable = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro{immutable}", uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def application_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma application_id").fetchone()[0])


def check_ours(database: Database, path: Path) -> None:
    """Raises StoreError: another program's, or a newer modemd's."""
    if application_of(database.conn) != APPLICATION_ID:
        raise StoreError(N_("{path} is not a modemd database: choose another state_dir."), path=path)
    if newer := unknown_steps(database):
        raise StoreError(
            N_("{path} was written by a newer modemd (it knows the step {step}): upgrade modemd."),
            path=path,
            step=newer[0],
        )


def lock_state_dir(folder: Path) -> int:
    """Keep a second daemon away; returns the descriptor that holds the lock. Raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_to_owner(descriptor, folder)
    except OSError as error:
        raise StoreError(
            N_(
                "The state folder {folder} cannot be used: {why}. It must be writable for the user that modemd runs as."
            ),
            folder=folder,
            why=error.strerror,
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        pid = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
        os.close(descriptor)
        raise StoreError(
            N_("Another modemd (pid {pid}) already uses {folder}: stop it, or choose another state_dir."),
            folder=folder,
            pid=pid,
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def give_to_owner(descriptor: int, folder: Path) -> None:
    """What root makes in the folder is its owner's: the daemon runs as that."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


class Pace(Enum):
    AT_ONCE = "writes, and somebody waits for it"
    AT_PROMPT = "writes, and a modem waits for it"
    IN_COMPANY = "writes, and may wait for another that does"
    AHEAD = "reads alone, and waits for no commit"


@dataclass
class _Job:
    call: Callable[[Database], Any]
    future: "asyncio.Future[Any]"
    pace: Pace
    result: Any = None
    error: BaseException | None = None


def _bearable(error: BaseException) -> BaseException:
    """A future refuses StopIteration, and whoever waits for it would wait for ever."""
    return RuntimeError(repr(error)) if isinstance(error, StopIteration) else error


class Store:
    """Carries functions of a Database to its thread.

    Jobs that wait together share one transaction, and so one disk sync; each of several has a savepoint of its
    own, so that one that raises undoes itself alone. A result is handed back after the commit: whoever has
    an answer has it on disk.
    """

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.path = path
        self._database = _open_for_work(path, self.clock.now())
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._looks: queue.SimpleQueue[_Job] = queue.SimpleQueue()  # what only reads: each is among the jobs as well
        self._closed = False
        self.last_failure: tuple[float, str] | None = None  # when, and SQLite's words
        self.committed: Callable[[], None] = lambda: None  # called in the loop after a commit that wrote
        self._sync_takes = 0.001  # seconds, of late
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def run(self, function: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function(database, ...)` in the store's thread; returns when its effects are on disk."""
        return await self._hand_over(Pace.AT_ONCE, lambda database: function(database, *args, **kwargs))

    async def run_at_prompt(
        self, function: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, on disk the sooner: of many modems the first is not to wait for the last."""
        return await self._hand_over(Pace.AT_PROMPT, lambda database: function(database, *args, **kwargs))

    async def run_in_company(
        self, function: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, a moment later where that saves a disk sync: for what nobody waits for."""
        return await self._hand_over(Pace.IN_COMPANY, lambda database: function(database, *args, **kwargs))

    async def read(self, function: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, ahead of every commit: for a function that writes nothing, and may see what is not on disk yet."""
        return await self._hand_over(Pace.AHEAD, lambda database: function(database, *args, **kwargs))

    async def _hand_over(self, pace: Pace, call: Callable[[Database], T]) -> T:
        if self._closed:
            raise StoreError(N_("modemd is stopping."))
        future: asyncio.Future[T] = self._loop.create_future()
        job = _Job(call, future, pace)
        if pace is Pace.AHEAD:
            self._looks.put(job)
        self._jobs.put(job)
        return await future

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    # -- in the thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            job = self._jobs.get()
            if job is None:
                break
            self._look()
            if job.pace is Pace.AHEAD:
                continue
            before = self._database.conn.total_changes
            batch, goes_on = self._transact(job)
            wrote = self._database.conn.total_changes != before
            self._loop.call_soon_threadsafe(self._hand_back, batch, wrote)
        self._database.close()

    def _transact(self, first: _Job) -> tuple[list[_Job], bool]:
        """Jobs as they come; where that fails each alone, so that nobody falls with one who cannot be written.

        Committed when none is left and one of them is in a hurry; or when it has worked for some times as long as
        its sync will take, the sooner where a modem waits.
        """
        batch: list[_Job] = []
        goes_on = True
        try:
            self._database.conn.execute("begin immediate")
            goes_on = self._run_all(first, batch)
            self._commit()
        except sqlite3.Error as error:
            self._give_up(batch or [first], error)
            if len(batch) > 1:
                for job in batch:
                    self._alone(job)
            return batch or [first], goes_on
        return batch, goes_on

    def _run_all(self, first: _Job, batch: list[_Job]) -> bool:
        """Adds to `batch` what was run; False when there is no more to come, ever."""
        now = time.monotonic()
        began, company = now, now + _COMPANY
        job: _Job | None = first
        while job is not None:
            self._look()
            if job.pace is not Pace.AHEAD:
                batch.append(job)
                self._run(job)
                company = company if job.pace is Pace.IN_COMPANY else 0.0
            now = time.monotonic()
            syncs = _SYNCS_AT_PROMPT if job.pace is Pace.AT_PROMPT else _SYNCS
            if now - began > syncs * self._sync_takes and company < now:
                return True
            try:
                job = self._jobs.get(timeout=max(0.0, company - now))
            except queue.Empty:
                return True
        return False

    def _alone(self, job: _Job) -> None:
        job.error = None
        try:
            self._database.conn.execute("begin immediate")
            self._run(job)
            self._commit()
        except sqlite3.Error as error:
            self._give_up([job], error)

    def _commit(self) -> None:
        began = time.monotonic()
        self._database.conn.execute("commit")
        if (took := time.monotonic() - began) > _NO_SYNC:
            self._sync_takes = (self._sync_takes + took) / 2

    def _give_up(self, batch: list[_Job], error: sqlite3.Error) -> None:
        if self._database.conn.in_transaction:
            self._database.conn.execute("rollback")
        for job in batch:
            job.error = job.error or error
        self.last_failure = (self.clock.now(), str(error))

    def _run(self, job: _Job) -> None:
        connection = self._database.conn
        connection.execute("savepoint job")
        try:
            job.result = job.call(self._database)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
            job.error = error
            connection.execute("rollback to job")
        connection.execute("release job")

    def _look(self) -> None:
        """What only reads, wherever it stands among the jobs."""
        while not self._looks.empty():
            job = self._looks.get()
            try:
                job.result = job.call(self._database)
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
                job.error = error
            self._loop.call_soon_threadsafe(self._hand_back, [job], False)

    # -- back in the loop ----------------------------------------------------------------------------

    def _hand_back(self, batch: list[_Job], wrote: bool) -> None:
        for job in batch:
            if job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(_bearable(job.error))
            else:
                job.future.set_result(job.result)
        if wrote:
            self.committed()
