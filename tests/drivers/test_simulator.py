"""What the simulated modem says over its pty, as TS 27.005 and TS 27.007 have it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.pdu import Concat, Encoding, StatusReport, Submit, decode, encode_submit
from drivers.simulator.dialogue import Command, Kind, Refusal, parse
from drivers.simulator.errors import SimulatorError
from drivers.simulator.sim import luhn
from drivers.simulator.simulator import Simulator
from tests.drivers.simulator_client import FINAL, Client

DELIVERED = "+447700900001"


def submit(recipient: str = DELIVERED, text: str = "hello", report: bool = True) -> str:
    return encode_submit(Submit(recipient, text, status_report=report)).hex


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


def test_command_lines_are_taken_apart() -> None:
    assert list(parse('E0V1+CPMS="SM","ME";+CSQ;+CNMI?;&F')) == [
        Command("E", Kind.SET, ("0",)),
        Command("V", Kind.SET, ("1",)),
        Command("+CPMS", Kind.SET, ("SM", "ME")),
        Command("+CSQ"),
        Command("+CNMI", Kind.READ),
        Command("&F"),
    ]
    assert list(parse('+CUSD=1,"*100;1#",15')) == [Command("+CUSD", Kind.SET, ("1", "*100;1#", "15"))]
    assert list(parse("D+15550100;")) == [Command("D")]
    with pytest.raises(Refusal):
        list(parse("+CSQ;!!"))


async def test_a_modem_echoes_until_told_not_to(sim: Simulator) -> None:
    async with Client(sim.modems[0].port) as client:
        client.write(b"AT\r")
        assert await client.until(FINAL) == b"AT\r\r\nOK\r\n"
        await client.ask("ATE0")
        client.write(b"AT\r")
        assert await client.until(FINAL) == b"\r\nOK\r\n"


async def test_a_port_outlives_its_clients(sim: Simulator) -> None:
    for _ in range(3):
        async with Client(sim.modems[0].port) as client:
            assert (await client.ask("AT"))[-1] == "OK"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("AT", ["OK"]),
        ("AT+CGMI", ["modemd", "OK"]),
        ("AT+CPIN?;+CSQ", ["+CPIN: READY", "+CSQ: 21,99", "OK"]),
        ("AT+CREG?", ["+CREG: 0,1", "OK"]),
        ("AT+CREG=2;+CREG?", ['+CREG: 2,1,"1F2E","01D4A2B3",7', "OK"]),
        ("AT+CGREG?", ["+CGREG: 0,0", "OK"]),  # on LTE that is +CEREG's matter
        ("AT+CNMI=?", ["+CNMI: (0,1,2),(0,1,2),(0,2),(0,1,2),(0,1)", "OK"]),
        ("AT+CNMI=2,1;+CNMI?", ["+CNMI: 2,1,0,0,0", "OK"]),
        ("AT+CNMI=9", ["+CMS ERROR: 303"]),
        ('AT+CPMS="ME","ME","MT"', ["+CPMS: 0,100,0,100,0,120", "OK"]),
        ('AT+CPMS="XX"', ["+CMS ERROR: 302"]),
        ("AT+CSCA?", ['+CSCA: "+447700900999",145', "OK"]),
        (
            'AT+CSCS="UCS2";+CNUM',
            ['+CNUM: "","' + "+447700900900".encode("utf-16-be").hex().upper() + '",145', "OK"],
        ),
        ("AT+COPS?", ['+COPS: 0,0,"SIMNET",7', "OK"]),
        ("AT+COPS=3,2;+COPS?", ['+COPS: 0,2,"00101",7', "OK"]),
        ("AT+CMGR=1", ["+CMS ERROR: 321"]),
        ("AT+CMGL=4", ["OK"]),
        ("AT+CNMA", ["+CMS ERROR: 340"]),
        ("AT+FOO", ["ERROR"]),
        ("AT+CMEE=1;+FOO", ["+CME ERROR: 4"]),
        ("AT+CMEE=2;D+15550100;", ["+CME ERROR: operation not allowed"]),
    ],
)
async def test_answers(client: Client, line: str, answer: list[str]) -> None:
    assert await client.ask(line) == answer


async def test_every_modem_is_somebody(sim: Simulator) -> None:
    imeis = {modem.identity.imei for modem in sim.modems}
    assert len(imeis) == len({modem.sim.iccid for modem in sim.modems}) == 2
    assert all(luhn(imei[:-1]) == imei and len(imei) == 15 for imei in imeis)


async def test_a_submit_is_recorded_at_once(sim: Simulator, client: Client, tmp_path: Path) -> None:
    assert await client.send(submit(text="hello")) == ["+CMGS: 0", "OK"]
    assert await client.send(submit("+447700900002", "again")) == ["+CMGS: 1", "OK"]
    one, other = sim.network.accepted
    assert (one.recipient, one.text, one.tp_mr, one.modem) == (DELIVERED, "hello", 0, "modem0")
    assert decode("00" + other.tpdu, direction="to_network").tp_mr == 1  # type: ignore[arg-type, union-attr]
    lines = (tmp_path / "accepted.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["hello", "again"]


async def test_esc_leaves_the_prompt_without_a_trace(sim: Simulator, client: Client) -> None:
    client.write(b"AT+CMGS=18\r")
    await client.until(rb"> $")
    client.write(b"\x1b")
    await client.until(FINAL)
    assert sim.network.accepted == []
    (exchange,) = sim.exchanges
    assert (exchange.prompted, exchange.body_octets, exchange.ended, exchange.accepted) == (
        True,
        0,
        "esc",
        False,
    )


async def test_at_the_prompt_commands_are_body(sim: Simulator, client: Client) -> None:
    client.write(b"AT+CMGS=18\r")
    await client.until(rb"> $")
    client.write(b"AT\r\x1a")
    assert await client.until(FINAL) == b"\r\n+CMS ERROR: 304\r\n"
    assert sim.exchanges[0].body_octets == 3


@pytest.mark.parametrize("length", [7, 19, 164])
async def test_a_wrong_length_is_refused(sim: Simulator, client: Client, length: int) -> None:
    assert await client.send(submit(), length) == ["+CMS ERROR: 304"]
    assert sim.network.accepted == []


async def test_tp_mr_wraps(sim: Simulator, client: Client) -> None:
    sim.modems[0].sim.last_tp_mr = 254
    references = [(await client.send(submit()))[0] for _ in range(3)]
    assert references == ["+CMGS: 255", "+CMGS: 0", "+CMGS: 1"]


async def test_nobody_sends_without_service(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CFUN=4")
    assert await client.send(submit()) == ["+CMS ERROR: 331"]
    assert await client.ask("AT+COPS?") == ["+COPS: 0", "OK"]
    await client.ask("AT+CFUN=1")
    assert (await client.send(submit()))[-1] == "OK"


async def test_a_sim_counts_wrong_pins_and_puks(tmp_path: Path) -> None:
    async with Simulator(tmp_path, pin="1234") as sim, Client(sim.modems[0].port) as client:
        await client.ask("ATE0+CMEE=1")
        assert await client.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
        assert await client.ask("AT+CMGL=4") == ["+CMS ERROR: 311"]
        for left in (2, 1, 0):
            assert await client.ask('AT+CPIN="0000"') == ["+CME ERROR: 16"]
            assert sim.modems[0].sim.pin_tries == left
        assert await client.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
        assert await client.ask('AT+CPIN="1234"') == ["+CME ERROR: 16"]
        assert sim.modems[0].sim.puk_tries == 9
        assert await client.ask('AT+CPIN="12345678","4321"') == ["OK"]
        assert await client.ask("AT+CPIN?;+CIMI") == ["+CPIN: READY", "001010000000001", "OK"]


async def test_a_message_of_two_parts_is_heard_as_one(sim: Simulator, client: Client) -> None:
    for sequence, text in enumerate(("one ", "two"), start=1):
        part = Submit("+447700900006", text, Encoding.GSM7, concat=Concat(9, 2, sequence))
        await client.send(encode_submit(part).hex)
    assert sim.network.accepted[1].concat == Concat(9, 2, 2)
    await asyncio.sleep(0.1)
    (stored,) = [message for _, message in sim.modems[0].storage("SM").items()]
    assert "one two" in decode(stored.pdu).text  # type: ignore[operator, union-attr]


@pytest.mark.parametrize(
    ("recipient", "tp_st"),
    [
        ("+447700900001", [0]),
        ("+447700900002", [67]),
        ("+447700900003", []),
        ("+447700900008", [0x30, 0]),
        ("+15550102", [67]),
        ("+12125550102", [67]),
        ("+447700900500", [0]),
    ],
)
async def test_magic_numbers(sim: Simulator, client: Client, recipient: str, tp_st: list[int]) -> None:
    await client.ask("AT+CNMI=2,1,0,1,0")
    await client.send(submit(recipient))
    await asyncio.sleep(0.06)
    lines = client.buffer.decode().split()
    reports = [decode(line) for line in lines if line.startswith("07")]
    assert [report.tp_st for report in reports if isinstance(report, StatusReport)] == tp_st
    assert {report.recipient for report in reports if isinstance(report, StatusReport)} <= {recipient}


async def test_half_of_a_message_arrives(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1,0,2,0")
    for sequence in (1, 2):
        part = Submit("+447700900004", "part", concat=Concat(9, 2, sequence))
        await client.send(encode_submit(part).hex)
    await client.until(rb'\+CDSI: "SR",2\r\n')
    reports = [decode(message.pdu) for _, message in sim.modems[0].storage("SR").items()]
    assert [(report.tp_mr, report.tp_st) for report in reports if isinstance(report, StatusReport)] == [
        (0, 0),
        (1, 70),
    ]


async def test_no_report_without_asking(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1,0,1,0")
    await client.send(submit(report=False))
    await asyncio.sleep(0.05)
    assert client.buffer == b""


async def test_a_phone_replies_stop(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1")
    await client.send(submit("+447700900005"))
    await client.until(rb'\r\n\+CMTI: "SM",1\r\n')
    head, pdu, _ = await client.ask("AT+CMGR=1")
    assert head.startswith("+CMGR: 0,,")
    assert decode(pdu).text == "STOP"  # type: ignore[union-attr]


async def test_modems_write_to_each_other(sim: Simulator, client: Client) -> None:
    await client.send(submit(sim.modems[1].sim.own_number, "to you"))
    await asyncio.sleep(0.02)
    ((_, message),) = sim.modems[1].storage("SM").items()
    assert decode(message.pdu).sender == sim.modems[0].sim.own_number  # type: ignore[union-attr]


async def test_one_simulator_a_directory(tmp_path: Path, sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match="Another simulator runs"):
        async with Simulator(tmp_path):
            pass
    assert sim.modems[0].port.exists()


async def test_it_cleans_up_but_keeps_the_record(tmp_path: Path) -> None:
    async with Simulator(tmp_path, modems=2):
        pass
    assert os.listdir(tmp_path) == ["accepted.jsonl"]


async def test_a_thousand_lines_at_once(client: Client) -> None:
    client.write(b"AT\r" * 1000)
    for _ in range(1000):
        await client.until(FINAL)


async def test_an_smsc_must_be_known(sim: Simulator, client: Client) -> None:
    await client.ask('AT+CSCA=""')
    assert await client.send(submit()) == ["+CMS ERROR: 330"]


async def test_nothing_but_its_own_links_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "modem1").write_text("mine")
    (tmp_path / "modem5").symlink_to(tmp_path / "gone")
    with pytest.raises(SimulatorError, match="is there already"):
        async with Simulator(tmp_path, modems=2):
            pass
    assert sorted(os.listdir(tmp_path)) == ["accepted.jsonl", "modem1"]


async def test_a_late_phone_and_a_ussd_answer(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1,0,1,0")
    await client.ask('AT+CUSD=1,"*100#",15')
    await client.until(rb'\+CUSD: 0,"Balance: [\d.]+",15\r\n')
    await client.send(submit("+447700900007"))
    said = await client.until(rb"\+CDS: \d+\r\n[0-9A-F]+\r\n")
    report = decode(said.split()[-1].decode())
    assert isinstance(report, StatusReport)
    assert (report.tp_mr, report.tp_st) == (0, 0)
