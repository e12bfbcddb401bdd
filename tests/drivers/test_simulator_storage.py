"""Arriving messages: where they go, and what becomes of them where there is no room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.pdu import Deliver, decode
from drivers.simulator.quirks import Quirks
from drivers.simulator.simulator import Simulator
from drivers.simulator.storage import Row, Stat, Storage, Stored
from tests.drivers.simulator_client import Client

SENDER = "+447700900123"


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path, modems=2, network_delay=0.0, report_delay=0.01) as simulator:
        yield simulator


@pytest.fixture
async def client(sim: Simulator) -> AsyncIterator[Client]:
    async with Client(sim.modems[0].port) as opened:
        await opened.ask("ATE0")
        opened.buffer = b""
        yield opened


def deliver(pdu: str) -> Deliver:
    read = decode(pdu)
    assert isinstance(read, Deliver)
    return read


def test_mt_numbers_on_from_sm_to_me() -> None:
    sm, me = Storage(2), Storage(2)
    both = Row(sm, me)
    message = Stored(Stat.UNREAD, "00", 0)
    assert [both.add(message) for _ in range(5)] == [1, 2, 3, 4, None]
    both.remove(3)
    assert (both.used, both.slots, both.get(3)) == (3, 4, None)
    assert [index for index, _ in both.items()] == [1, 2, 4]
    assert [index for index, _ in me.items()] == [2]


async def test_stored_and_announced(sim: Simulator, client: Client) -> None:
    await client.ask('AT+CPMS="ME","ME","ME";+CNMI=2,1,0,0,0')
    await sim.inject(0, SENDER, "come home")
    await client.until(rb'\r\n\+CMTI: "ME",1\r\n')
    head, pdu, final = await client.ask("AT+CMGL=4")
    assert (head.split(",")[0], final) == ("+CMGL: 1", "OK")
    assert (deliver(pdu).sender, deliver(pdu).text) == (SENDER, "come home")
    assert await client.ask("AT+CMGL=0") == ["OK"]  # reading made it read
    assert await client.ask("AT+CMGD=1;+CMGL=4") == ["OK"]


async def test_straight_through(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,2,0,0,0")
    await sim.inject(0, SENDER, "hello")
    said = (await client.until(rb"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")).split()
    assert deliver(said[-1].decode()).text == "hello"
    assert sim.modems[0].sim.storage.used == 0


async def test_under_csms_1_the_next_waits_for_the_acknowledgement(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CSMS=1;+CNMI=2,2,0,0,0")
    await sim.inject(0, SENDER, "one")
    await sim.inject(0, SENDER, "two")
    await client.until(rb"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    assert await client.ask("AT+CNMA") == ["OK"]
    await client.until(rb"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")


async def test_without_acknowledgement_routing_stops_and_nothing_is_lost(sim: Simulator, client: Client) -> None:
    sim.modems[0].ack_seconds = 0.02
    await client.ask("AT+CSMS=1;+CNMI=2,2,0,1,0")
    await sim.inject(0, SENDER, "one")
    await client.until(rb"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    while (await client.ask("AT+CNMI?"))[0] != "+CNMI: 2,0,0,0,0":
        pass
    await client.ask("AT+CNMI=2,1")
    await client.until(rb'\+CMTI: "SM",1\r\n')


async def test_indications_held_are_let_out(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=0,1")
    await sim.inject(0, SENDER, "one")
    assert await client.ask("AT") == ["OK"]
    client.write(b"AT+CNMI=2,1\r")
    await client.until(rb'OK\r\n\r\n\+CMTI: "SM",1\r\n')


async def test_what_finds_no_room_waits_in_the_network(sim: Simulator, client: Client) -> None:
    sim.modems[0].sim.storage.slots = 2
    sim.modems[0].quirks.announces_full = True
    await client.ask("AT+CNMI=2,1")
    for text in ("one", "two", "three"):
        await sim.inject(0, SENDER, text)
    await client.until(rb'\^SMMEMFULL: "SM"\r\n')
    assert len(sim.network.waiting[sim.modems[0].sim.imsi]) == 1
    client.write(b"AT+CMGD=1\r")
    await client.until(rb'OK\r\n\r\n\+CMTI: "SM",1\r\n')
    assert deliver((await client.ask("AT+CMGR=1"))[1]).text == "three"


async def test_quirks_of_storages(sim: Simulator, client: Client) -> None:
    modem = sim.modems[0]
    modem.quirks = Quirks(
        memories=(("SM", "ME"), ("SM", "ME"), ("SM", "ME")),
        refused_memories=frozenset({(3, "ME")}),
        counts=False,
        announcements={"+CMTI": "+CMTI: ,-1"},
    )
    modem.sim.storage.first = 0
    assert await client.ask("AT+CPMS=?") == ['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")', "OK"]
    assert await client.ask('AT+CPMS="ME","ME","ME"') == ["+CMS ERROR: 302"]
    await client.ask("AT+CNMI=2,1")
    await sim.inject(0, SENDER, "x")
    await client.until(rb"\r\n\+CMTI: ,-1\r\n")
    assert (await client.ask('AT+CPMS="SM"'))[0] == "+CPMS: 0,20,0,20,0,20"
    assert (await client.ask("AT+CMGL=4"))[0].startswith("+CMGL: 0,0,")
    assert await client.ask("AT+CMGD=20") == ["+CMS ERROR: 321"]
    assert await client.ask("AT+CMGD=0") == ["OK"]
    assert modem.sim.storage.used == 0


async def test_a_modem_of_one_service(sim: Simulator, client: Client) -> None:
    sim.modems[0].quirks = Quirks(services=(1,), routings=((2,), (2,), (0,), (1,), (0,)))
    await client.ask("AT+CFUN=1,1")
    await client.until(rb"RDY\r\n")
    assert (await client.ask("AT+CSMS=?"))[-2:] == ["+CSMS: (1)", "OK"]
    assert (await client.ask("AT+CSMS=0"))[-1] == "+CMS ERROR: 303"
    assert (await client.ask("AT+CSMS?"))[-2:] == ["+CSMS: 1,1,1,1", "OK"]
    assert (await client.ask("AT+CNMI=2,1,0,1,0"))[-1] == "+CMS ERROR: 303"


async def test_what_was_not_acknowledged_before_the_power_went_comes_again(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CSMS=1;+CNMI=2,2,0,0,0")
    await sim.inject(0, SENDER, "one")
    await client.until(rb"\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
    sim.modems[0].unplug()
    assert len(sim.network.waiting[sim.modems[0].sim.imsi]) == 1


async def test_a_modem_out_of_service_gets_its_messages_later(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1")
    await client.ask("AT+CFUN=4")
    await sim.inject(0, SENDER, "one")
    assert sim.modems[0].sim.storage.used == 0
    await client.ask("AT+CFUN=1")
    await client.until(rb'\+CMTI: "SM",1\r\n')


@pytest.mark.parametrize(
    ("sender", "text", "parts"),
    [("SHOP", "sale", 1), (SENDER, "long " * 50, 2), (SENDER, "日本語と😀", 1), (SENDER, "😀" * 40, 2)],
)
async def test_all_sorts_of_texts_arrive(sim: Simulator, client: Client, sender: str, text: str, parts: int) -> None:
    assert await sim.inject(0, sender, text) == parts
    arrived = [deliver(message.pdu) for _, message in sim.modems[0].sim.storage.items()]
    assert "".join(one.text or "" for one in arrived) == text
    assert {one.sender for one in arrived} == {sender}


async def test_octets_that_nobody_can_decode_arrive_as_they_are(sim: Simulator, client: Client) -> None:
    await sim.inject_pdu(0, "07914477009099F9FFFF00")
    assert (await client.ask("AT+CMGR=1"))[:2] == ["+CMGR: 0,,3", "07914477009099F9FFFF00"]


async def test_delete_flags(sim: Simulator, client: Client) -> None:
    for _ in range(3):
        await sim.inject(0, SENDER, "x")
    await client.ask("AT+CMGR=2")
    await client.ask("AT+CMGD=1,1")  # all that was read
    assert [index for index, _ in sim.modems[0].sim.storage.items()] == [1, 3]
    await client.ask("AT+CMGD=1,4")
    assert sim.modems[0].sim.storage.used == 0


async def test_text_mode_goes_both_ways(sim: Simulator, client: Client) -> None:
    await client.ask('AT+CMGF=1;+CSCS="IRA"')
    client.write(b'AT+CMGS="+447700900001"\r')
    await client.until(rb"> $")
    client.write(b"hello\x1a")
    await client.until(rb"\+CMGS: 0\r\n\r\nOK\r\n")
    assert sim.network.accepted[0].text == "hello"
    await sim.inject(0, SENDER, "and back")
    head, text, _ = await client.ask('AT+CMGL="ALL"')
    assert head.startswith(f'+CMGL: 1,"REC UNREAD","{SENDER}",,"')
    assert text == "and back"
