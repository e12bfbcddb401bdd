"""A copy is whole, of one moment, and dangerous to nobody; and nothing is ever written over."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from modemd.model.errors import StoreError
from modemd.model.states import MessageState, PartState
from modemd.store import backup, events, line, messages, outbox, restored, transmit
from modemd.store.backup import Cancelled, Content
from modemd.store.database import DATABASE, Store, open_database
from tests.modemd.outbox_at_hand import ALICE, NOW, M, P, add, find, lose, mark, new, parts, put, queued, send


def untold(phase: str, done: int, total: int) -> None:
    """Nobody looks."""


def restore(file: Path, database: Path) -> Content:
    """As the command does."""
    backup.refuse_existing(database)
    with backup.unfinished(database) as part:
        found = backup.bring_back(file, part, untold)
        backup.keep(part, database)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "state" / DATABASE
    path.parent.mkdir()
    with contextlib.closing(open_database(path)) as db:
        send(db, queued(db))
        queued(db)
        add(db)
    return path


# -- copying ------------------------------------------------------------------------------------------


def test_a_copy_holds_what_the_database_holds_and_is_one_file(source: Path, tmp_path: Path) -> None:
    found = backup.copy(source, tmp_path / "copy", untold)
    assert (found.messages, found.waiting, found.inbound, found.events) == (3, 2, 0, 9)
    assert found.made_at is not None
    assert backup.check(tmp_path / "copy", untold) == found == backup.content(tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copied,
        contextlib.closing(sqlite3.connect(source)) as live,
    ):
        assert list(copied.iterdump()) == list(live.iterdump())


async def test_a_copy_made_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    """Every message of it has its part and its event; the outbox goes on meanwhile."""
    store = Store(tmp_path / DATABASE)
    await store.run(lambda db: outbox.add(db, [new(text="x" * 1000) for _ in range(3000)], NOW))
    phases: list[str] = []
    began, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def told(phase: str, done: int, total: int) -> None:
        phases.append(phase)
        if len(phases) == 1:
            loop.call_soon_threadsafe(began.set)
            assert go_on.wait(20)

    making = asyncio.create_task(backup.in_thread(lambda told: backup.copy(store.path, tmp_path / "copy", told), told))
    await began.wait()
    for _ in range(20):
        await store.run(outbox.add, [new()], NOW)
    go_on.set()
    found = await making
    await store.close()
    assert found.messages == 3000
    assert {"copy", "check"} == set(phases)
    with contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copied:
        assert copied.execute("select count(*) from part").fetchone()[0] == 3000
        assert copied.execute("select count(*) from event").fetchone()[0] == found.events


@pytest.mark.parametrize("phase", ["copy", "check"])
async def test_a_copy_that_nobody_wants_any_more_ends(source: Path, tmp_path: Path, phase: str) -> None:
    ended = threading.Event()
    reached = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work(told: backup.Progress) -> Content:
        try:
            return backup.copy(source, tmp_path / "copy", told)
        except Cancelled:
            ended.set()
            raise

    hold = threading.Event()

    def told(now: str, done: int, total: int) -> None:
        if now == phase:
            loop.call_soon_threadsafe(reached.set)
            assert hold.wait(20)

    making = asyncio.create_task(backup.in_thread(work, told))
    await reached.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    hold.set()
    assert await asyncio.to_thread(ended.wait, 20)


def test_a_damaged_database_makes_no_backup(source: Path, tmp_path: Path) -> None:
    with source.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match="damaged"):
        backup.copy(source, tmp_path / "copy", untold)


def test_a_folder_that_takes_no_copy_is_named(source: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=rf"No copy can be made in {tmp_path}/nowhere \("):
        backup.copy(source, tmp_path / "nowhere" / "copy", untold)


def test_a_copy_never_fills_the_outbox_s_disk(source: Path) -> None:
    backup.room_for_copy(source)
    with source.open("r+b") as file:
        file.truncate(1 << 43)  # a file of holes
    with pytest.raises(StoreError, match=r"There is no room for a copy in .* MiB are free"):
        backup.room_for_copy(source)


# -- checking -----------------------------------------------------------------------------------------


@pytest.fixture
def copied(source: Path, tmp_path: Path) -> Path:
    file = tmp_path / "copy"
    backup.copy(source, file, untold)
    return file


def spoil(file: Path, how: str) -> None:
    data = file.read_bytes()
    match how:
        case "page":
            file.write_bytes(data[: 5 * 4096] + os.urandom(4096) + data[6 * 4096 :])
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "empty":
            file.write_bytes(b"")
        case "text":
            file.write_text("no database at all " * 99)
        case "foreign":
            file.unlink()
            with contextlib.closing(sqlite3.connect(file)) as other:
                other.execute("create table album (title text)")
                other.commit()
        case "newer":
            with contextlib.closing(sqlite3.connect(file)) as connection:
                connection.execute("insert into _sqlite_migrations values (99, 'modemd', 'm999_future', '')")
                connection.commit()
        case "journal":
            Path(f"{file}-wal").write_bytes(b"x")
        case "missing":
            file.unlink()


REFUSALS = [
    ("page", "is damaged or no backup"),
    ("cut", "is damaged or no backup"),
    ("empty", "is no backup of modemd's"),
    ("text", "is damaged or no backup"),
    ("foreign", "is no backup of modemd's"),
    ("newer", r"newer modemd \(it knows the step m999_future\): upgrade"),
    ("journal", r"is a database in use \(copy-wal belongs to it\): make a copy with modemd backup"),
    ("missing", "There is no file"),
]


@pytest.mark.parametrize(("how", "sentence"), REFUSALS)
def test_what_is_no_good_backup_is_refused_before_anything_is_touched(
    copied: Path, tmp_path: Path, how: str, sentence: str
) -> None:
    spoil(copied, how)
    before = copied.read_bytes() if copied.exists() else None
    target = tmp_path / "new" / DATABASE
    target.parent.mkdir()
    with pytest.raises(StoreError, match=sentence):
        restore(copied, target)
    assert list(target.parent.iterdir()) == []
    assert (copied.read_bytes() if copied.exists() else None) == before


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_nothing_is_written_over_and_no_old_journal_comes_beside_a_backup(
    copied: Path, tmp_path: Path, suffix: str
) -> None:
    there = tmp_path / "new" / f"{DATABASE}{suffix}"
    there.parent.mkdir()
    there.write_bytes(b"something")
    with pytest.raises(StoreError, match=rf"{suffix} is there already: nothing was restored. Move "):
        restore(copied, tmp_path / "new" / DATABASE)
    assert [path.name for path in there.parent.iterdir()] == [there.name]
    assert there.read_bytes() == b"something"


def test_a_file_gets_its_name_when_it_is_whole_and_takes_nobody_s(tmp_path: Path) -> None:
    part, file = tmp_path / "part", tmp_path / "file"
    part.write_bytes(b"new")
    with pytest.raises(StoreError, match="does not read back"):
        backup.keep(part, file, expected="00")
    assert not file.exists()
    backup.keep(part, file, expected=backup.digest(part))
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o600)
    part.write_bytes(b"newer")
    with pytest.raises(FileExistsError):
        backup.keep(part, file)
    assert file.read_bytes() == b"new"


# -- bringing back ------------------------------------------------------------------------------------


def test_a_restored_database_is_the_copy_and_for_its_owner_alone(copied: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / DATABASE
    target.parent.mkdir()
    found = restore(copied, target)
    assert target.read_bytes() == copied.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == [DATABASE]
    assert found.messages == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others")
def test_what_root_restores_belongs_to_the_folder_s_owner(copied: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / DATABASE
    target.parent.mkdir()
    os.chown(target.parent, 65534, 65534)
    restore(copied, target)
    assert (target.stat().st_uid, target.stat().st_gid) == (65534, 65534)


def brought_back(copy: Path, folder: Path, at: float = NOW) -> Database:
    """Restored, and opened for work as the daemon does."""
    target = folder / DATABASE
    folder.mkdir(exist_ok=True)
    if not target.exists():
        restore(copy, target)
    db = open_database(target)
    restored.take_up(db, at)
    return db


@pytest.fixture
def at_backup(tmp_path: Path) -> Iterator[Database]:
    """A database to be filled, and copied by `copied_as`."""
    with contextlib.closing(open_database(tmp_path / DATABASE)) as db:
        yield db


def moved(db: Database, folder: Path, at: float = NOW) -> Database:
    backup.copy(folder / DATABASE, folder / "copy", untold)
    return brought_back(folder / "copy", folder / "new", at)


def test_p2_what_may_have_left_since_is_uncertain_and_leaves_no_more(at_backup: Database, tmp_path: Path) -> None:
    """Seen red: with a copy that is taken up as any database."""
    waits = queued(at_backup)
    burnt_down = add(at_backup, at=NOW - 60)
    between = queued(at_backup, parts=3)
    send(at_backup, between, 1)
    in_the_air = queued(at_backup)
    mark(at_backup, in_the_air)
    asked = queued(at_backup, parts=2)
    lose(at_backup, asked)
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        transmit.recover(db, NOW, "stopped")
        for id in (waits, burnt_down, between, in_the_air, asked):
            assert find(db, id).state is M.UNCERTAIN
            assert P.QUEUED not in parts(db, id)
        assert parts(db, between) == [P.SUBMITTED, P.UNCERTAIN, P.UNCERTAIN]
        assert (find(db, waits).error, find(db, in_the_air).error) == ("restored", "stopped")
        line.switch(db, False, "ann", NOW)
        later = NOW + 10 * 86400
        assert outbox.due(db, later) == []
        assert transmit.claimable(db, ["north"], set(), later) == []


def test_p1_what_waits_for_a_time_may_have_been_called_off_and_is_held(at_backup: Database, tmp_path: Path) -> None:
    """Seen red: with schedules that burn on."""
    scheduled = add(at_backup, send_at=NOW + 86400)
    burning = add(at_backup, at=NOW, fuse=600.0)
    held = put(at_backup, M.HELD, [P.QUEUED])
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        line.switch(db, False, "ann", NOW)
        for id in (scheduled, burning, held):
            assert (find(db, id).state, [hold.code for hold in find(db, id).holds]) == (M.HELD, ["restored"])
        assert outbox.due(db, NOW + 10 * 86400) == []
        outbox.edit(db, scheduled, new(send_at=NOW + 86400), NOW, "ann")
        assert find(db, scheduled).state is M.STAGED, "a person says so"
        assert outbox.cancel(db, burning, NOW, "ann").outcome == "cancelled"


def test_what_was_over_stays_as_it_was(at_backup: Database, tmp_path: Path) -> None:
    ids = {
        put(at_backup, state, [part]): (state, part)
        for state, part in [
            (M.SUBMITTED, P.SUBMITTED),
            (M.DELIVERED, P.DELIVERED),
            (M.UNDELIVERED, P.UNDELIVERED),
            (M.CANCELLED, P.CANCELLED),
            (M.EXPIRED, P.EXPIRED),
            (M.FAILED, P.FAILED),
        ]
    }
    draft = add(at_backup, fuse=None)
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        for id, (state, part) in ids.items():
            assert (find(db, id).state, parts(db, id)) == (state, [part])
        assert find(db, draft).state is M.DRAFT
        assert events.of_message(db, draft)[-1].kind == "restore"


@pytest.mark.parametrize("state", [each for each in MessageState if each is not M.DRAFT])
@pytest.mark.parametrize("part", [P.QUEUED, P.SUBMITTED, P.UNCERTAIN])
def test_p2_whatever_it_was_nothing_of_it_can_be_claimed(
    at_backup: Database, tmp_path: Path, state: MessageState, part: PartState
) -> None:
    put(at_backup, state, [part, P.QUEUED])
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        transmit.recover(db, NOW, "stopped")
        line.switch(db, False, "ann", NOW)
        assert outbox.due(db, NOW + 10 * 86400) == []
        assert transmit.claimable(db, ["north"], set(), NOW) == []


def test_the_line_is_stopped_and_people_are_told(at_backup: Database, tmp_path: Path) -> None:
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        assert (line.read(db).stopped, line.read(db).who) == (True, "restore")
        told = next(event for event in events.before(db, None, 9) if event.kind == "restore")
        made = backup.content(tmp_path / "copy").made_at
        assert told.data == f"{made:.0f}"


def test_p1_a_number_that_was_given_since_is_never_given_again(at_backup: Database, tmp_path: Path) -> None:
    """Or a cancel by it would hit another's message. Seen red: with the numbers going on as in the copy."""
    last = queued(at_backup)
    with contextlib.closing(moved(at_backup, tmp_path)) as db:
        assert add(db) > last + 100_000
        assert events.last_id(db) > 100_000
        (batch,) = {messages.find(db, id).batch_id for id in outbox.add(db, [new(), new()], NOW, batch=True)}
        assert batch is not None
        assert batch > 100_000


def test_a_copy_is_taken_up_once_and_as_a_whole(at_backup: Database, tmp_path: Path) -> None:
    """A power cut in the middle: it is as if it had not begun."""
    ids = [queued(at_backup) for _ in range(3)]
    backup.copy(tmp_path / DATABASE, tmp_path / "copy", untold)
    (tmp_path / "new").mkdir()
    restore(tmp_path / "copy", tmp_path / "new" / DATABASE)
    with contextlib.closing(open_database(tmp_path / "new" / DATABASE)) as db:
        db.execute(
            "create temp trigger cut before update on part when new.message_id = 3 begin select raise(abort, 'x'); end"
        )
        with pytest.raises(sqlite3.IntegrityError):
            restored.take_up(db, NOW)
        db.execute("drop trigger cut")
        assert {find(db, id).state for id in ids} == {M.QUEUED}
        assert restored.made_at(db.conn) is not None
        assert restored.take_up(db, NOW)
        assert {find(db, id).state for id in ids} == {M.UNCERTAIN}
        assert not restored.take_up(db, NOW)
    with contextlib.closing(open_database(tmp_path / DATABASE)) as db:
        assert not restored.take_up(db, NOW), "the original is no copy"


async def test_p2_a_copy_brought_back_by_hand_is_taken_up_all_the_same(at_backup: Database, tmp_path: Path) -> None:
    """cp instead of restore. Seen red: with a mark that restore sets."""
    id = queued(at_backup)
    backup.copy(tmp_path / DATABASE, tmp_path / "copy", untold)
    store = Store(tmp_path / "copy")
    try:
        assert (await store.run(messages.find, id)).state is M.UNCERTAIN
        assert await store.run(line.is_stopped)
    finally:
        await store.close()


def test_somebody_s_own_copy_of_the_file_is_marked_when_it_is_restored(at_backup: Database, tmp_path: Path) -> None:
    id = queued(at_backup, ALICE)
    at_backup.execute("pragma wal_checkpoint(truncate)")
    (tmp_path / "mine").write_bytes((tmp_path / DATABASE).read_bytes())
    with contextlib.closing(brought_back(tmp_path / "mine", tmp_path / "new")) as db:
        assert find(db, id).state is M.UNCERTAIN
