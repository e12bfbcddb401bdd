"""The one file and its thread: what is answered is on disk, and every trouble is one sentence."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlite_utils import Database

from modemd.model.errors import NotFound, StoreError
from modemd.model.states import MessageState
from modemd.store import database, messages, outbox
from modemd.store.database import APPLICATION_ID, Store, lock_state_dir, open_database
from tests.modemd.outbox_at_hand import NOW, add, find, new

# -- opening ----------------------------------------------------------------------------------------------


def test_a_new_database_is_ours_and_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "modemd.db"
    with contextlib.closing(open_database(path)) as db:
        found = [db.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert found == ["wal", 2, 1]
        assert db.execute("pragma application_id").fetchone()[0] == APPLICATION_ID
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    open_database(path).close()


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "modemd.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("create table album (title text)")
        other.commit()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a modemd database: choose another state_dir"):
        open_database(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_start_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "modemd.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as half:
        half.execute(f"pragma application_id = {APPLICATION_ID}")
    open_database(path).close()


def test_a_database_of_a_newer_modemd(tmp_path: Path) -> None:
    path = tmp_path / "modemd.db"
    with contextlib.closing(open_database(path)) as db:
        db["_sqlite_migrations"].insert(  # type: ignore[union-attr]
            {"migration_set": "modemd", "name": "m999_future", "applied_at": "2030-01-01"}
        )
    with pytest.raises(StoreError, match=r"newer modemd \(it knows the step m999_future\): upgrade modemd"):
        open_database(path)


@pytest.mark.parametrize("content", [b"not a database at all" * 99, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_broken_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "modemd.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be used .* restore a backup"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match=r"state folder .* cannot be used: "):
            lock_state_dir(folder)
    with pytest.raises(StoreError, match="cannot be used"):
        open_database(tmp_path / "file" / "modemd.db")


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
def test_a_folder_that_may_not_be_written() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from modemd.store.database import lock_state_dir\n"
        "from modemd.model.errors import StoreError\n"
        "try: lock_state_dir(Path(sys.argv[1]))\n"
        "except StoreError as error: print(error)\n"
    )
    user = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        done = subprocess.run([*user, sys.executable, "-c", code, folder], capture_output=True, text=True, timeout=60)
    sentence = f"The state folder {folder} cannot be used: Permission denied. It must be writable for the user that"
    assert done.stdout.strip() == f"{sentence} modemd runs as.", done.stderr


def test_a_second_daemon_is_kept_away_and_told_by_whom(tmp_path: Path) -> None:
    held = lock_state_dir(tmp_path / "state")
    with pytest.raises(StoreError, match=rf"Another modemd \(pid {os.getpid()}\) already uses .*state"):
        lock_state_dir(tmp_path / "state")
    os.close(held)
    os.close(lock_state_dir(tmp_path / "state"))


# -- the store's thread -----------------------------------------------------------------------------------


def other_eyes(store_path: Path, sql: str) -> object:
    """What a process sees that comes after a kill -9."""
    with contextlib.closing(sqlite3.connect(store_path)) as other:
        return other.execute(sql).fetchone()[0]


async def test_p3_an_answer_is_on_disk(store: Store, tmp_path: Path) -> None:
    (id,) = await store.run(outbox.add, [new()], NOW)
    assert other_eyes(tmp_path / "modemd.db", f"select state from message where id = {id}") == "staged"


async def test_p3_no_answer_before_the_commit(store: Store, tmp_path: Path) -> None:
    """Many at once share a commit; at every answer another connection sees what it speaks of."""
    seen = 0

    async def one() -> None:
        nonlocal seen
        (id,) = await store.run(outbox.add, [new()], NOW)
        assert other_eyes(tmp_path / "modemd.db", f"select count(*) from message where id = {id}") == 1
        seen += 1

    await asyncio.gather(*(one() for _ in range(50)))
    assert seen == 50


async def test_a_job_that_raises_undoes_itself_alone(store: Store) -> None:
    def half(db: Database) -> None:
        add(db)
        raise ValueError("in the middle")

    done = await asyncio.gather(
        store.run(outbox.add, [new()], NOW),
        store.run(half),
        store.run(outbox.add, [new()], NOW),
        store.run(lambda db: next(iter(()))),
        store.run(lambda db: db.execute("insert into nowhere values (1)")),
        store.run(outbox.add, [new()], NOW),
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [list, ValueError, list, RuntimeError, sqlite3.OperationalError, list]
    assert (await store.run(messages.counts, 0.0))["burning"] == 3


async def test_a_job_that_cannot_be_committed_falls_alone(store: Store) -> None:
    def break_the_commit(db: Database) -> None:
        db.execute("pragma defer_foreign_keys = on")
        db.execute("insert into part (message_id, sequence, state) values (99, 1, 'queued')")

    done = await asyncio.gather(
        store.run(outbox.add, [new()], NOW), store.run(break_the_commit), return_exceptions=True
    )
    assert [type(each) for each in done] == [list, sqlite3.IntegrityError]
    assert (await store.run(messages.counts, 0.0))["burning"] == 1
    with pytest.raises(sqlite3.IntegrityError):
        await store.run(break_the_commit)
    assert await store.run(outbox.add, [new()], NOW)


async def test_the_bell_rings_for_what_was_written_alone(store: Store) -> None:
    rung: list[int] = []
    store.committed = lambda: rung.append(1)
    await store.run(messages.counts, 0.0)
    await asyncio.sleep(0)
    assert rung == []
    await store.run(outbox.add, [new()], NOW)
    await asyncio.sleep(0)
    assert rung == [1]


async def test_what_nobody_waits_for_shares_the_next_ones_sync(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P3 as well: neither is answered before the commit of both. Seen red: where it was committed at once."""
    commits: list[int] = []
    store.committed = lambda: commits.append(1)
    monkeypatch.setattr(database, "_COMPANY", 60.0)

    async def one(patient: bool) -> None:
        (id,) = await (store.run_in_company if patient else store.run)(outbox.add, [new()], NOW)
        assert other_eyes(tmp_path / "modemd.db", f"select count(*) from message where id = {id}") == 1

    first = asyncio.create_task(one(patient=True))
    await asyncio.sleep(0)
    await asyncio.sleep(0.05)  # nothing depends on it but that a first one that does not wait is found out
    await asyncio.gather(one(patient=False), first)
    assert len(commits) == 1
    monkeypatch.undo()
    await one(patient=True)  # nobody comes: it does not wait for long
    assert len(commits) == 2


async def test_what_only_reads_waits_for_no_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may see what is not on disk yet. Seen red: where it was answered with what was written before it."""
    order: list[str] = []

    async def write() -> None:
        await store.run_in_company(outbox.add, [new()], NOW)
        order.append("written")

    async def read() -> None:
        order.append(f"{(await store.read(messages.counts, 0.0))['burning']} burn")

    monkeypatch.setattr(database, "_COMPANY", 0.2)
    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    await asyncio.gather(read(), writing)
    assert order[1:] == ["written"]
    with pytest.raises(NotFound):
        await store.read(messages.find, 99)


async def test_whoever_stops_waiting_stops_nobody(store: Store) -> None:
    task = asyncio.create_task(store.run(outbox.add, [new()], NOW))
    await asyncio.sleep(0)
    task.cancel()
    await store.run(outbox.add, [new()], NOW)
    assert (await store.run(messages.counts, 0.0))["burning"] == 2


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    store = Store(tmp_path / "modemd.db")
    waiting = [asyncio.create_task(store.run(outbox.add, [new()], NOW)) for _ in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert len(await asyncio.gather(*waiting)) == 5
    with pytest.raises(StoreError, match="is stopping"):
        await store.run(messages.counts, 0.0)
    assert other_eyes(tmp_path / "modemd.db", "select count(*) from message") == 5


def test_p3_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, signal, sys; from pathlib import Path\n"
        "from modemd.store import outbox\n"
        "from modemd.store.database import Store\n"
        "from tests.modemd.outbox_at_hand import NOW, new\n"
        "async def main():\n"
        "    store = Store(Path(sys.argv[1]))\n"
        "    for _ in range(20):\n"
        "        print(*await store.run(outbox.add, [new()], NOW), flush=True)\n"
        "    asyncio.ensure_future(store.run(outbox.add, [new()], NOW))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    path = tmp_path / "modemd.db"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    answered = [int(line) for line in done.stdout.split()]
    assert len(answered) == 20, done.stderr
    with contextlib.closing(open_database(path)) as db:
        assert [find(db, id).state for id in answered] == [MessageState.STAGED] * 20
