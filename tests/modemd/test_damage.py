"""A file that cannot be used is refused in a sentence with the way out, and stays as it is to the last octet."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from modemd.model.errors import StoreError
from modemd.store import damage
from modemd.store.database import DATABASE, Store, lock_state_dir, open_database
from tests.modemd.outbox_at_hand import find, queued
from tests.modemd.site import Site, problem

PAGE = 4096


def filled(folder: Path, *, messages: int = 40) -> Path:
    """A database that was closed."""
    path = folder / DATABASE
    with contextlib.closing(open_database(path)) as db:
        for _ in range(messages):
            queued(db, text="x" * 150)
        db.execute("vacuum")  # a page that holds nothing is harmed by nothing
    return path


def killed(folder: Path, *, checkpointed: bool = True) -> Path:
    """What kill -9 leaves: a file and its journal."""
    path = folder / "living" / DATABASE
    path.parent.mkdir()
    with contextlib.closing(open_database(path)) as db:
        queued(db)
        if checkpointed:
            db.execute("pragma wal_checkpoint(full)")
        queued(db)
        for name in (DATABASE, f"{DATABASE}-wal"):
            shutil.copy(path.parent / name, folder / name)
    return folder / DATABASE


def octets(folder: Path) -> dict[str, bytes]:
    """Everything but the -shm, which is an index that SQLite makes anew."""
    return {path.name: path.read_bytes() for path in folder.glob(f"{DATABASE}*") if not path.name.endswith("-shm")}


def refused(path: Path, sentence: str = r"it is damaged") -> None:
    before = octets(path.parent)
    with pytest.raises(StoreError) as error:
        open_database(path)
    said = str(error.value)
    assert sentence in said, said
    assert said.startswith(f"The database {path} cannot be used (")
    assert len(said.splitlines()) == 1
    assert "modemd restore FILE" in said
    assert f"move {path}*" in said
    assert octets(path.parent) == before


def test_any_damaged_page_is_found_and_left_as_it_is(tmp_path: Path) -> None:
    whole = filled(tmp_path).read_bytes()
    assert len(whole) > 20 * PAGE
    for page in range(len(whole) // PAGE):
        (tmp_path / DATABASE).write_bytes(whole[: page * PAGE] + b"\x5a" * PAGE + whole[(page + 1) * PAGE :])
        refused(tmp_path / DATABASE)


@pytest.mark.parametrize("left", [100, PAGE, 7 * PAGE, 7 * PAGE + 1])
def test_a_file_that_was_cut_off(tmp_path: Path, left: int) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:left])
    refused(path)


def test_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    path.write_bytes(b"no database at all, but long enough to look like one" * 99)
    refused(path)


@pytest.mark.parametrize("checkpointed", [True, False])
@pytest.mark.parametrize("empty", [True, False])
def test_an_empty_file_with_a_journal_is_not_begun_anew(tmp_path: Path, checkpointed: bool, empty: bool) -> None:
    """SQLite would delete the journal, and everything with it. Seen red: without `refuse_remains`."""
    path = killed(tmp_path, checkpointed=checkpointed)
    path.write_bytes(b"") if empty else path.unlink()
    refused(path, "file is empty, its journal is not")


def test_the_journal_of_a_damaged_file_is_not_carried_over(tmp_path: Path) -> None:
    """It may be all that is left. Seen red: with a look by a connection that may write."""
    path = killed(tmp_path)
    data = bytearray(path.read_bytes())
    data[2 * PAGE : 20 * PAGE] = b"\x5a" * 18 * PAGE
    path.write_bytes(data)
    refused(path)
    assert (tmp_path / f"{DATABASE}-wal").stat().st_size > PAGE


def test_a_journal_that_a_kill_has_left_is_read(tmp_path: Path) -> None:
    with contextlib.closing(open_database(killed(tmp_path))) as db:
        assert len([find(db, id) for id in (1, 2)]) == 2


def test_an_empty_file_without_a_journal_is_a_start_that_was_cut_short(tmp_path: Path) -> None:
    for journal in (None, b""):
        path = tmp_path / DATABASE
        path.write_bytes(b"")
        if journal is not None:
            Path(f"{path}-wal").write_bytes(journal)
        open_database(path).close()
        path.unlink()


def test_a_big_one_is_looked_at_where_it_is_written_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damage, "WHOLE", PAGE)
    path = filled(tmp_path)
    open_database(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("select rootpage from sqlite_master where name = 'message'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(b"\x5a" * PAGE)
    refused(path)


async def test_a_store_that_would_not_open_leaves_nothing_open(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:PAGE])
    with pytest.raises(StoreError):
        Store(path)


async def test_damage_that_comes_while_it_runs_is_said_to_whoever_asks(tmp_path: Path) -> None:
    path = filled(tmp_path, messages=400)
    store = Store(path)
    site = Site(store)
    with path.open("r+b") as file:
        file.seek(2 * PAGE)
        file.write(b"\x5a" * (path.stat().st_size - 2 * PAGE))
    answer = problem(await site.http.get("/v1/messages"), 503, "store")
    assert "Stop modemd, move its database away, and restore a backup: modemd restore FILE." in answer["detail"]
    await site.close()
    await store.close()


# -- folders ------------------------------------------------------------------------------------------


def as_nobody(code: str, *arguments: object) -> str:
    """Run by a user who may not write everywhere; what it prints."""
    user = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*user, sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or done.stderr


OPEN = """
import sys; from pathlib import Path
from modemd.store.database import lock_state_dir, open_database
from modemd.model.errors import StoreError
try:
    lock_state_dir(Path(sys.argv[1]))
    open_database(Path(sys.argv[1]) / "modemd.db").close()
    print("open")
except StoreError as error:
    print(error)
"""
unprivileged = pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")


@unprivileged
@pytest.mark.parametrize("locked", [True, False])
def test_a_folder_that_may_not_be_written(locked: bool) -> None:
    """With the file of the lock there or not: the file of the database may be written, its folder not."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        filled(folder)
        if locked:
            (folder / "lock").touch()
            (folder / "lock").chmod(0o666)
        (folder / DATABASE).chmod(0o666)
        folder.chmod(0o555)
        before = octets(folder)
        said = as_nobody(OPEN, folder)
        assert "must be writable for the user that modemd runs as" in said
        assert str(folder) in said
        assert octets(folder) == before


@unprivileged
def test_a_file_that_is_another_s() -> None:
    """root has restored it by hand, say."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        filled(folder)
        (folder / DATABASE).chmod(0o400)
        folder.chmod(0o777)
        if os.geteuid() == 0:
            assert "must be writable for the user that modemd runs as (chown -R USER " in as_nobody(OPEN, folder)


def test_a_folder_that_is_not_there_is_made_with_its_parents(tmp_path: Path) -> None:
    os.close(lock_state_dir(tmp_path / "a" / "b" / "state"))
    open_database(tmp_path / "a" / "b" / "state" / DATABASE).close()


@unprivileged
def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o555)
        said = as_nobody(OPEN, Path(made) / "a" / "state")
    assert said.startswith(f"The state folder {made}/a/state cannot be used: Permission denied. It must be writable")


def test_a_full_disk_says_so_and_not_that_it_is_damaged(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert "make room on its disk" in str(damage.refusal(tmp_path, error))
