"""A supervisor outlives what befalls the disk beside its modem."""

import asyncio
import contextlib
import logging
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from drivers.simulator.simulator import Simulator
from modemd.config import Config, ModemConfig
from modemd.engine import status
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.ports import Ports
from modemd.engine.supervisor import Supervisor
from modemd.store.database import Store
from tests.modemd.test_receiver import until


def deny(_action: int, table: str | None, *_rest: object) -> int:
    return sqlite3.SQLITE_DENY if table == "event" else sqlite3.SQLITE_OK


async def test_p4_a_modem_that_is_lost_while_the_disk_fails_comes_back(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen red in the campaign: the event of the loss could not be written, and that ended the whole daemon."""
    async with Simulator(tmp_path / "sim", 1) as sim:
        modem = ModemConfig("north", str(sim.ports[0]), recovery=0.1)
        config = Config(state_dir=tmp_path, modems=(modem,))
        north = Supervisor(modem, config, store, Dispatcher(store), Ports(config.modems, ()))
        running = asyncio.create_task(north.run())
        await until(lambda: north.state.state == status.READY)

        def break_it(db: Database) -> None:
            db.conn.set_authorizer(deny)

        def mend_it(db: Database) -> None:
            db.conn.set_authorizer(None)

        with caplog.at_level(logging.CRITICAL):
            await store.run(break_it)
            sim.modems[0].unplug()
            await until(lambda: north.state.state == status.GONE)
            await store.run(mend_it)
        sim.modems[0].plug()
        await until(lambda: north.state.state == status.READY)
        assert not running.done()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
