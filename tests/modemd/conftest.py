"""A database in memory, a store on disk, and the API before both, for all tests of the daemon."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from modemd.store.database import Store
from modemd.store.migrations import migrations
from tests.modemd.site import Site


@pytest.fixture
def db() -> Iterator[Database]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    database = Database(connection, recursive_triggers=False)
    migrations.apply(database)
    yield database
    connection.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path / "modemd.db")
    yield opened
    await opened.close()


@pytest.fixture
async def site(store: Store) -> AsyncIterator[Site]:
    made = Site(store)
    yield made
    await made.close()
