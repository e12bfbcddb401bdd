"""A look for whoever places an antenna: one short question, and never into a submission."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.at_modem import AtModem
from drivers.modem import Identity
from drivers.words import Sentence
from modemd.engine import status
from modemd.engine.dispatcher import Dispatcher
from modemd.engine.retry import Streak
from modemd.engine.status import ModemStatus
from modemd.engine.worker import Rules, Worker
from modemd.model.quota import UNLIMITED
from modemd.store.database import Store
from tests.drivers.scripted_modem import OK, ScriptedModem
from tests.drivers.simulator_client import eventually

REGISTERED = b"\r\n+CREG: 0,1\r\n" + OK


async def no_pin(_: Identity) -> str | None:
    return None


async def tell(_state: str, _sentence: Sentence | None) -> None:
    pass


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedModem]:
    answers: dict[str, bytes | list[bytes]] = {
        "AT+CSQ": [b"\r\n+CSQ: 10,99\r\n" + OK, b"\r\n+CSQ: 20,99\r\n" + OK],
        "AT+CREG?": REGISTERED,
        "AT+CMGL=4": OK,
    }
    async with ScriptedModem(answers) as modem:
        yield modem


@asynccontextmanager
async def at_work(scripted: ScriptedModem, store: Store) -> AsyncIterator[tuple[Worker, ModemStatus]]:
    modem = await AtModem.open(scripted.port, no_pin, patience=0.1)
    state = ModemStatus("north", scripted.port, status.READY)
    made = Worker(modem, state, store, Dispatcher(store), Rules(UNLIMITED, (), False), Streak(), tell)
    running = asyncio.create_task(made.run())
    try:
        await eventually(lambda: state.health)
        yield made, state
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        modem.close()


async def test_a_look_is_one_question(scripted: ScriptedModem, store: Store) -> None:
    async with at_work(scripted, store) as (made, state):
        before = len(scripted.heard)
        await made.look()
        assert [line for line in scripted.heard[before:] if line != "AT+CMGL=4"] == ["AT+CSQ"]
        assert state.health is not None
        assert state.health.signal_dbm == -73
        assert list(state.signal) == [-93], "the history keeps its own pace"


async def test_many_who_look_are_one_to_the_modem(scripted: ScriptedModem, store: Store) -> None:
    async with at_work(scripted, store) as (made, _state):
        before = len(scripted.sent("AT+CSQ"))
        await asyncio.gather(*(made.look() for _ in range(10)))
        assert len(scripted.sent("AT+CSQ")) == before + 1


async def test_nobody_looks_into_a_submission(scripted: ScriptedModem, store: Store) -> None:
    """Seen red: without the look at `idle`, the question waited behind the body for the network's answer."""
    async with at_work(scripted, store) as (made, state):
        before = len(scripted.sent("AT+CSQ"))
        made.idle.clear()
        await made.look()
        assert len(scripted.sent("AT+CSQ")) == before
        made.idle.set()
        await made.look()
        assert len(scripted.sent("AT+CSQ")) == before + 1
        assert state.health is not None
