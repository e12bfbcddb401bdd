"""A modem's inbox is emptied whatever it, the disk or a PDU does; calls are one each (P4, P5)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.at_modem import AtModem
from drivers.modem import Arrived, Identity, InboxChanged, Ringing
from drivers.simulator.faults import CmsCode, LostAnswer
from drivers.simulator.simulator import Simulator
from modemd.engine.receiver import Receiver
from modemd.engine.status import ModemStatus
from modemd.model.message import Inbound
from modemd.store import events, inbox
from modemd.store.database import Store
from tests.drivers.scripted_modem import OK, Answers, ScriptedModem

ALICE, BOB = "+447700900123", "+447700900124"
DELIVER = "07917407090099F9040C9144779000000100006201210200000001C8"


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while True:
            answer = condition()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return
            await asyncio.sleep(0.01)


async def record(function: Callable[[], Awaitable[Any]]) -> Any:
    while True:
        try:
            return await function()
        except sqlite3.Error:
            await asyncio.sleep(0.01)


class Desk:
    """A modem that is listened to, and the store that keeps what it says."""

    def __init__(self, port: str, store: Store) -> None:
        self.state = ModemStatus("north", port, sim="sim-1")
        self.store = store

    async def inbox(self) -> list[Inbound]:
        """Oldest first."""
        return (await self.store.run(inbox.page, None, 99))[::-1]

    async def holds(self, count: int) -> bool:
        return len(await self.inbox()) == count

    async def alerts_told(self) -> list[str | None]:
        return [each.code for each in await self.store.run(events.since, 0, 99) if each.kind == "modem"]

    @asynccontextmanager
    async def listening(self, *, patience: float = 0.1, every: float = 300.0) -> AsyncIterator[AtModem]:
        modem = await AtModem.open(self.state.port, _no_pin, patience=patience)
        receiver = Receiver(modem, self.state, self.store, record, hang_up=True, every=every)

        async def listen() -> None:
            async for event in modem.events():
                assert isinstance(event, InboxChanged | Arrived | Ringing), event
                await receiver.hear(event)

        async with asyncio.TaskGroup() as tasks:
            loops = [tasks.create_task(loop()) for loop in (listen, receiver.sweep, receiver.answer)]
            yield modem
            for loop in loops:
                loop.cancel()
        modem.close()


async def _no_pin(_: Identity) -> str | None:
    return None


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path / "sim", network_delay=0.0) as simulator:
        yield simulator


@pytest.fixture
def desk(sim: Simulator, store: Store) -> Desk:
    return Desk(sim.ports[0], store)


async def test_p5_nothing_is_deleted_while_the_disk_refuses(sim: Simulator, desk: Desk, tmp_path: Path) -> None:
    """Seen red: with a CMGD before anything that the store is asked."""
    it = sim.modems[0]
    async with desk.listening() as modem:
        await until(lambda: it.commands["+CMGL"] == 3)
        other = sqlite3.connect(tmp_path / "modemd.db", isolation_level=None)
        other.execute("begin immediate")
        await sim.inject(0, ALICE, "patience")
        await until(lambda: it.commands["+CMGL"] == 4)
        for _ in range(3):  # many commands later
            await modem.health()
        assert (it.commands["+CMGD"], it.storage("ME").used) == (0, 1)
        other.rollback()
        other.close()
        await until(lambda: it.storage("ME").used == 0)
        assert [each.text for each in await desk.inbox()] == ["patience"]


async def test_p5_nothing_is_acknowledged_while_the_disk_refuses(sim: Simulator, desk: Desk, tmp_path: Path) -> None:
    """What was handed over is nowhere else. Seen red: with the acknowledgement before the store has it."""
    it = sim.modems[0]
    it.quirks.routings = ((2,), (2,), (0,), (1,), (0,))
    async with desk.listening() as modem:
        await until(lambda: it.commands["+CMGL"] == 3)
        other = sqlite3.connect(tmp_path / "modemd.db", isolation_level=None)
        other.execute("begin immediate")
        await sim.inject(0, ALICE, "patience")
        await until(lambda: it.unacknowledged)
        for _ in range(3):  # many commands later
            await modem.health()
        assert it.commands["+CNMA"] == 0
        other.rollback()
        other.close()
        await until(lambda: it.unacknowledged is None)
        assert [each.text for each in await desk.inbox()] == ["patience"]


async def test_p4_one_pdu_that_the_store_will_not_have_holds_up_no_other(sim: Simulator, desk: Desk) -> None:
    """A fault of ours, played by a trigger: it is kept unread, and gone from the modem."""
    await desk.store.run(
        lambda db: db.execute(
            "create trigger poison before insert on inbound when new.text = 'poison'"
            " begin select raise(abort, 'a fault of ours'); end"
        )
    )
    async with desk.listening():
        for text in ("before", "poison", "after"):
            await sim.inject(0, ALICE, text)
        await until(lambda: desk.holds(3))
        await until(lambda: sim.modems[0].storage("ME").used == 0)
    found = await desk.inbox()
    assert [each.text for each in found] == ["before", None, "after"]
    assert (found[1].error, bool(found[1].raw)) == ("undecodable", True)


async def test_a_modem_that_gives_no_answer_to_a_delete_is_not_asked_for_each(sim: Simulator, desk: Desk) -> None:
    """Each would take 25 seconds, and nothing would be sent meanwhile."""
    it = sim.modems[0]
    it.faults.chance(LostAnswer(accepted=False), 1.0, command="+CMGD")
    for n in range(5):
        await sim.inject(0, ALICE, f"{n}")
    async with desk.listening(patience=0.01) as modem:
        await until(lambda: "storage_stuck" in desk.state.alerts)
        assert desk.state.alerts["storage_stuck"].values == {"storage": "SM", "why": "no_answer"}
        assert await desk.holds(5)
        assert it.commands["+CMGD"] == 1
        for n in range(3):
            await sim.inject(0, ALICE, f"{n} more")
            await until(lambda n=n: desk.holds(6 + n))  # type: ignore[misc]
        await modem.health()
        assert it.commands["+CMGD"] <= 4


async def test_a_delete_whose_answer_was_lost_does_not_swallow_the_next(sim: Simulator, desk: Desk) -> None:
    """The like of what cannot be read may come again, into the same slot."""
    it = sim.modems[0]
    it.faults.next(LostAnswer(), command="+CMGD")
    async with desk.listening(patience=0.01):
        await sim.inject_pdu(0, "DEADBEEF")
        await until(lambda: desk.state.alerts)
        await sim.inject(0, ALICE, "in between")
        await until(lambda: not desk.state.alerts)
        await sim.inject_pdu(0, "DEADBEEF")
        await until(lambda: desk.holds(3))
    assert [each.text for each in await desk.inbox()] == [None, "in between", None]


async def test_a_modem_that_shows_nothing_says_so_and_goes_on(sim: Simulator, desk: Desk) -> None:
    it = sim.modems[0]
    it.faults.next(CmsCode(code=320), times=3, command="+CMGL")
    async with desk.listening() as modem:
        await until(lambda: "storage_unread" in desk.state.alerts)
        assert "cms_320" in str(desk.state.alerts["storage_unread"])
        assert (await modem.health()).smsc is not None
        await sim.inject(0, ALICE, "heard")
        await until(lambda: not desk.state.alerts)
        assert [each.text for each in await desk.inbox()] == ["heard"]
    assert await desk.alerts_told() == ["storage_unread", "storage_unread"]


async def test_a_storage_that_does_not_answer_hides_no_other(sim: Simulator, desk: Desk) -> None:
    it = sim.modems[0]
    await sim.inject(0, ALICE, "in the SIM")
    it.faults.next(LostAnswer(), command="+CMGL")  # of ME
    async with desk.listening(patience=0.01):
        await until(lambda: desk.holds(1))
        assert not desk.state.alerts


async def test_a_storage_that_is_announced_but_not_offered_is_swept(store: Store) -> None:
    empty, report = OK, f"\r\n+CMGL: 1,0,,20\r\n{DELIVER}\r\n".encode() + OK
    answers: Answers = {
        "AT+CPMS=?": b'\r\n+CPMS: ("SM"),("SM"),("SM")\r\n' + OK,
        'AT+CPMS="SM","SM","SM"': OK,
        'AT+CPMS="SM"': OK,
        'AT+CPMS="SR"': OK,
        "AT+CMGL=4": [empty, empty, report],
        "AT+CMGD=1": OK,
    }
    async with ScriptedModem(answers) as scripted:
        desk = Desk(scripted.port, store)
        async with desk.listening():
            await until(lambda: scripted.sent("AT+CMGL"))
            scripted.say(b'\r\n+CDSI: "SR",1\r\n')
            await until(lambda: scripted.sent("AT+CMGD"))
            assert scripted.heard[-4:] == ['AT+CPMS="SR"', "AT+CMGL=4", 'AT+CPMS="SR"', "AT+CMGD=1"]


async def test_without_a_word_from_the_modem_it_is_looked_at_all_the_same(sim: Simulator, desk: Desk) -> None:
    """And told again to speak (TS 27.005 §3.4.4: a modem may stop by itself)."""
    it = sim.modems[0]
    async with desk.listening(every=0.05):
        await until(lambda: it.settings.cnmi[1] == 1)
        it.settings.cnmi = (0, 0, 0, 0, 0)
        await sim.inject(0, ALICE, "unannounced")
        await until(lambda: desk.holds(1))
        await until(lambda: it.settings.cnmi == (2, 1, 0, 1, 0))


async def test_a_storage_that_fills_is_said_until_it_does_not(sim: Simulator, desk: Desk) -> None:
    """A modem that deletes nothing, and says that it is full."""
    it = sim.modems[0]
    it.quirks.announces_full = True
    it.storage("ME").slots = 5
    it.faults.chance(CmsCode(code=500), 1.0, command="+CMGD")
    async with desk.listening(every=0.2):
        for n in range(6):
            await sim.inject(0, ALICE, f"{n}")
        await until(lambda: desk.state.alerts.keys() == {"storage_stuck", "storage_full"})
        it.faults.clear()
        await until(lambda: not desk.state.alerts)
        await until(lambda: desk.holds(6))
    told = await desk.alerts_told()
    assert (told.count("storage_stuck"), told.count("storage_full")) == (2, 2)


async def test_a_burst_of_announcements_is_one_sweep(sim: Simulator, desk: Desk) -> None:
    async with desk.listening():
        await until(lambda: sim.modems[0].commands["+CMGL"] == 3)
        for n in range(30):
            await sim.inject(0, ALICE, f"{n}")
        await until(lambda: desk.holds(30))
        await until(lambda: sim.modems[0].storage("ME").used == 0)
        assert sim.modems[0].commands["+CMGL"] <= 12


# -- calls -----------------------------------------------------------------------------------------------


async def test_a_call_that_rings_on_is_one(sim: Simulator, desk: Desk) -> None:
    """The modem says OK, and rings again: it is hung up again, and written down once."""
    it = sim.modems[0]
    async with desk.listening():
        for n in range(1, 4):
            it.ring(ALICE)
            await until(lambda n=n: it.commands["+CHUP"] == n)  # type: ignore[misc]
        it.ring(BOB)
        await until(lambda: desk.holds(2))
    assert [(each.kind, each.sender) for each in await desk.inbox()] == [("call", ALICE), ("call", BOB)]
