"""POST /v1/backup: whole or not at all, one at a time, and nothing stays behind in the daemon."""

import contextlib
import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from modemd.api.backup import remove_remains
from modemd.api.client import Refused
from modemd.api.schema import BackupView
from modemd.store import backup
from tests.modemd.site import CONFIG, Site, problem


@pytest.fixture
def here(site: Site, tmp_path: Path) -> Site:
    site.gateway.config = replace(CONFIG, state_dir=tmp_path)
    return site


def remains(folder: Path) -> list[Path]:
    """What a backup has left in the state folder."""
    return list(folder.glob("backup.*"))


async def test_the_answer_is_a_checked_copy_with_its_digest(here: Site, tmp_path: Path) -> None:
    staged = await here.stage(text="a text")
    got = bytearray()
    digest = await here.client.backup(got.extend)
    assert digest == hashlib.sha256(got).hexdigest()
    (tmp_path / "copy").write_bytes(got)
    found = backup.check(tmp_path / "copy", lambda phase, done, total: None)
    assert (found.messages, found.waiting) == (1, 1)
    with contextlib.closing(sqlite3.connect(tmp_path / "copy")) as copied:
        assert copied.execute("select id, text from message").fetchall() == [(staged["id"], "a text")]
    assert not remains(tmp_path), "the daemon keeps nothing"
    assert await here.client.backup_progress() == BackupView("none")


async def test_p9_who_made_it_is_in_the_log(here: Site) -> None:
    await here.client.backup(lambda piece: None)
    (event,) = [each for each in (await here.client.log()).events if each.kind == "backup"]
    assert (event.who, event.detail) == ("root", "a backup was made")


async def test_one_at_a_time(here: Site) -> None:
    here.gateway.backup = BackupView("copy", 5, 10)
    with pytest.raises(Refused, match="A backup is being made already"):
        await here.client.backup(lambda piece: None)
    assert await here.client.backup_progress() == BackupView("copy", 5, 10)


async def test_where_there_is_no_room_it_says_so_and_the_next_is_free_to_try(here: Site, tmp_path: Path) -> None:
    with (tmp_path / "modemd.db-wal").open("ab") as journal:
        size = journal.tell()
        journal.truncate(1 << 43)
    try:
        problem(await here.http.post("/v1/backup"), 503, "store")
    finally:
        with (tmp_path / "modemd.db-wal").open("ab") as journal:
            journal.truncate(size)
    assert here.gateway.backup == BackupView("none")
    assert not remains(tmp_path)
    await here.client.backup(lambda piece: None)


async def test_who_takes_no_more_ends_it(here: Site, tmp_path: Path) -> None:
    def full(piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await here.client.backup(full)
    assert not remains(tmp_path)


async def test_p10_nobody_without_a_token_gets_one(here: Site) -> None:
    problem(await here.door(("192.0.2.7", 4711)).post("/v1/backup"), 401, "unauthorized")


def test_what_a_killed_one_left_is_removed_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "backup.abc").mkdir()
    (tmp_path / "backup.abc" / "copy.db").write_bytes(b"half")
    (tmp_path / "modemd.db").write_bytes(b"whole")
    remove_remains(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["modemd.db"]
