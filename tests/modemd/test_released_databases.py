"""What each released version left behind becomes a database of today, its rows unchanged, and works."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.store import backup, events, idempotency, inbox, line, messages, outbox, pins, reports, transmit
from modemd.store.database import open_database
from modemd.store.migrations import migrations
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, SIM, M, P, add, find, mark, new, parts, report, send, state
from tests.modemd.test_backup import restore

DUMPS = sorted((Path(__file__).parents[1] / "databases").glob("*.sql"))
Rows = dict[str, list[dict[str, Any]]]


def rows(connection: sqlite3.Connection) -> Rows:
    """Every row of every table by its columns; what SQLite, its index and the migrations keep for themselves not."""
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
    found: Rows = {}
    for name in names:
        if not name.startswith(("_", "sqlite_")) and "_words" not in name:
            cursor = connection.execute(f"select * from {name} order by 1, 2")
            columns = [column[0] for column in cursor.description]
            found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


@pytest.fixture(params=DUMPS, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Rows]:
    """A database as that version wrote it, and its rows."""
    path = tmp_path / "modemd.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(request.param.read_text("utf-8"))
        return path, rows(connection)


@pytest.fixture
def today(old: tuple[Path, Rows]) -> Iterator[Database]:
    with contextlib.closing(open_database(old[0])) as db:
        yield db


def schema(db: Database) -> set[str]:
    found = db.execute("select sql from sqlite_master where sql is not null and name not like '\\_%' escape '\\'")
    return {" ".join(row[0].split()) for row in found.fetchall()}


def test_every_released_version_is_here() -> None:
    assert "0.1.0" in [path.stem for path in DUMPS]


def test_its_shape_is_that_of_a_new_one_and_it_is_sound(today: Database, db: Database) -> None:
    assert schema(today) == schema(db)
    assert today.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert today.execute("pragma foreign_key_check").fetchall() == []
    assert not migrations.pending(today)


def test_its_rows_are_unchanged(old: tuple[Path, Rows], today: Database) -> None:
    """Whatever columns were added. And every table has some, or the dump shows nothing."""
    after = rows(today.conn)
    for table, before in old[1].items():
        assert before, f"{table} is empty in the dump"
        kept = [{column: row[column] for column in before[0]} for row in after[table]]
        assert kept == before, table


def test_opening_it_again_changes_nothing_more(old: tuple[Path, Rows]) -> None:
    open_database(old[0]).close()
    with contextlib.closing(open_database(old[0])) as db:
        first = rows(db.conn)
    with contextlib.closing(open_database(old[0])) as db:
        assert rows(db.conn) == first


def test_all_that_is_read_of_it_can_be_read(today: Database) -> None:
    found, _ = messages.page(today, "with_drafts", None, 500, 0.0, {})
    assert found
    for group in (*messages.GROUPS, *messages.COMPOUND):
        messages.page(today, group, None, 500, 0.0, {"q": "a"})
    for message in found:
        assert messages.find(today, message.id) == message
        assert events.of_message(today, message.id) or message.state is M.DRAFT
    assert {text.text for text in inbox.page(today, None, 99)}
    assert inbox.conversations(today, None, 99, None)
    assert inbox.unread(today) >= 0
    assert messages.counts(today, 0.0)["drafts"] >= 0
    assert not line.read(today).stopped
    assert events.last_id(today) == len(events.since(today, 0, 9999))


def each_in(db: Database, wanted: MessageState) -> list[Message]:
    return [message for message in messages.page(db, "with_drafts", None, 500, 0.0, {})[0] if message.state is wanted]


def test_what_waited_goes_on(today: Database) -> None:
    """Its fuses end, a modem takes it, reports and people settle it."""
    for message in each_in(today, M.STAGED):
        release_at = message.release_at or NOW
        assert outbox.release(today, message.id, release_at)
        for sequence in range(1, len(message.parts) + 1):
            send(today, message.id, sequence, 40 + sequence, release_at)
            reports.add(
                today, sim=SIM, tp_mr=40 + sequence, recipient=message.recipient, status=0,
                pdu=f"{message.id:04X}{sequence:02X}", at=release_at + 1,
            )  # fmt: skip
        assert state(today, message.id) is M.DELIVERED
    for message in each_in(today, M.UNCERTAIN):
        reports.settle_by_hand(today, message.id, "sent", NOW, "ann")
        assert state(today, message.id) is M.SUBMITTED
    for message in each_in(today, M.DRAFT):
        outbox.edit(today, message.id, new(ALICE), NOW, "ann")
        assert outbox.cancel(today, message.id, NOW, "ann").outcome == "cancelled"


def test_what_is_new_comes_beside_it(today: Database) -> None:
    known = {message.id for message in messages.page(today, "with_drafts", None, 500, 0.0, {})[0]}
    id = add(today, BOB, fuse=0.0, parts=2)
    assert id not in known
    assert transmit.claimable(today, ["north"], {*known}, NOW)[0].id == id
    mark(today, id)
    assert transmit.recover(today, NOW, "stopped") == 1
    assert parts(today, id) == [P.UNCERTAIN, P.QUEUED]
    assert find(today, id).state is M.UNCERTAIN
    assert report(today, 200, to=BOB) is None
    assert not pins.may_try(today, "8944100000000000001", "0000", NOW), "P8: a try is remembered over versions"
    idempotency.keep(today, "new-key", "ann", "request", "answer", NOW)
    assert idempotency.find(today, "new-key", "ann", "request") == "answer"


def test_it_can_be_backed_up_as_it_was_and_brought_back(old: tuple[Path, Rows], tmp_path: Path) -> None:
    """Without having been opened by this version in between."""
    path, before = old
    backup.copy(path, tmp_path / "copy", lambda phase, done, total: None)
    (tmp_path / "new").mkdir()
    restore(tmp_path / "copy", tmp_path / "new" / "modemd.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "new" / "modemd.db")) as connection:
        assert rows(connection) == before
    open_database(tmp_path / "new" / "modemd.db").close()
