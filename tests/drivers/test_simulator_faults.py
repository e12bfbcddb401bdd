"""What can go wrong at a simulated modem, and that the record stays true."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.pdu import Submit, decode, encode_submit
from drivers.simulator.control import ask
from drivers.simulator.errors import SimulatorError
from drivers.simulator.faults import (
    BareError,
    CmeCode,
    CmsCode,
    EchoOn,
    Fault,
    Hang,
    LateAnswer,
    LatePrompt,
    LongReference,
    LostAnswer,
    NoPrompt,
    OkOnly,
    OvertakenAnswer,
    Reboot,
    Unplug,
    WordedError,
)
from drivers.simulator.radio import Stat
from drivers.simulator.serve import controlled
from drivers.simulator.simulator import Simulator
from tests.drivers.simulator_client import FINAL, Client, eventually

PDU = encode_submit(Submit("+447700900001", "hello")).hex
LENGTH = len(PDU) // 2 - 1


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path, modems=2, network_delay=0.0, report_delay=0.01) as simulator:
        yield simulator


@pytest.fixture
async def client(sim: Simulator) -> AsyncIterator[Client]:
    async with Client(sim.modems[0].port) as opened:
        await opened.ask("ATE0+CMEE=1")
        opened.buffer = b""
        yield opened


@pytest.mark.parametrize(
    ("fault", "answer", "accepted"),
    [
        (CmsCode(code=38), ["+CMS ERROR: 38"], 0),
        (CmeCode(code=31, accepted=True), ["+CME ERROR: 31"], 1),
        (BareError(), ["ERROR"], 0),
        (WordedError(), ["+CMS ERROR: Unknown error"], 0),
        (OkOnly(), ["OK"], 0),
        (OkOnly(accepted=True), ["OK"], 1),
        (LateAnswer(seconds=0.05), ["+CMGS: 0", "OK"], 1),
        (LongReference(), ['+CMGS: 0,"26/01/02,03:04:05+00"', "OK"], 1),
    ],
)
async def test_answers_after_the_body(
    sim: Simulator, client: Client, fault: Fault, answer: list[str], accepted: int
) -> None:
    sim.modems[0].faults.next(fault)
    assert await client.send(PDU) == answer
    assert len(sim.network.accepted) == accepted
    assert sim.exchanges[0].accepted == bool(accepted)
    assert (await client.send(PDU))[-1] == "OK"  # the next one is good again


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_lost_answer(sim: Simulator, client: Client, accepted: bool) -> None:
    sim.modems[0].faults.next(LostAnswer(accepted=accepted))
    await client.body(PDU)
    assert await client.ask("AT") == ["OK"]
    assert len(sim.network.accepted) == accepted


async def test_a_late_answer_comes_before_the_next(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(LateAnswer(seconds=0.1))
    await client.body(PDU)
    client.write(b"AT+CSQ\r")
    assert await client.until(rb"CSQ: 21,99\r\n\r\nOK\r\n") == (
        b"\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n+CSQ: 21,99\r\n\r\nOK\r\n"
    )


async def test_an_overtaken_answer_comes_behind_those_of_later_commands(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(OvertakenAnswer(seconds=0.1))
    await client.body(PDU)
    assert await client.ask("AT+CSQ") == ["+CSQ: 21,99", "OK"]
    await client.until(rb"^\r\n\+CMGS: 0\r\n\r\nOK\r\n$")
    assert len(sim.network.accepted) == 1


async def test_no_prompt_and_a_body_awaited(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(NoPrompt())
    client.write(f"AT+CMGS={LENGTH}\r".encode())
    client.write(b"AT\r\x1b")
    assert await client.until(FINAL) == b"\r\nOK\r\n"
    assert (sim.exchanges[0].prompted, sim.exchanges[0].ended) == (False, "esc")


async def test_no_prompt_and_none_awaited(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(NoPrompt(entered=False))
    client.write(f"AT+CMGS={LENGTH}\r".encode())
    assert await client.ask("AT") == ["OK"]


async def test_esc_before_a_late_prompt_leaves_it(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(LatePrompt(seconds=0.05))
    client.write(f"AT+CMGS={LENGTH}\r".encode() + b"\x1b")
    assert await client.until(FINAL) == b"\r\n> \r\nOK\r\n"
    assert sim.exchanges[0].body_octets == 0


async def test_an_error_in_place_of_the_prompt(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(CmsCode(code=515, at="command"))
    assert await client.ask(f"AT+CMGS={LENGTH}") == ["+CMS ERROR: 515"]
    assert sim.exchanges == []


async def test_what_came_to_pass_is_counted_and_not_what_was_planned(sim: Simulator, client: Client) -> None:
    faults = sim.modems[0].faults
    faults.next(LostAnswer(), times=5)
    client.write(f"AT+CMGS={LENGTH}\r".encode())
    await client.until(rb"> $")
    client.write(b"\x1b")
    await client.until(FINAL)
    assert not faults.happened  # the body that it was meant for never came
    await client.body(PDU)
    await eventually(lambda: faults.happened == {LostAnswer(): 1})


async def test_other_commands_go_wrong_as_well(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(CmeCode(code=14), times=2, command="+CSQ")
    answers = [await client.ask("AT+CSQ") for _ in range(3)]
    assert answers == [["+CME ERROR: 14"], ["+CME ERROR: 14"], ["+CSQ: 21,99", "OK"]]


async def test_a_command_that_was_refused_or_lost_was_not_carried_out(sim: Simulator, client: Client) -> None:
    await sim.inject(0, "+447700900123", "x")
    storage = sim.modems[0].sim.storage
    sim.modems[0].faults.next(CmsCode(code=500), command="+CMGD")
    assert await client.ask("AT+CMGD=1") == ["+CMS ERROR: 500"]
    assert storage.used == 1
    sim.modems[0].faults.next(LostAnswer(), command="+CMGD")
    client.write(b"AT+CMGD=1\r")
    assert await client.ask("AT") == ["OK"]
    assert storage.used == 0


async def test_by_chance_but_the_same_each_time(tmp_path: Path) -> None:
    async def run(directory: Path) -> list[str]:
        async with (
            Simulator(directory, network_delay=0.0, seed=7) as sim,
            Client(sim.modems[0].port) as client,
        ):
            await client.ask("ATE0")
            sim.modems[0].faults.chance(CmsCode(code=500), 0.3)
            return [(await client.send(PDU))[-1] for _ in range(20)]

    first = await run(tmp_path / "one")
    assert {"OK", "+CMS ERROR: 500"} == set(first)
    assert await run(tmp_path / "two") == first


async def test_a_hang_ends_with_a_reset(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(Hang())
    await client.body(PDU)
    with pytest.raises(TimeoutError):
        await client.ask("AT", timeout=0.1)
    sim.modems[0].reset(0.01)
    await client.until(rb"\r\nRDY\r\n")
    client.write(b"AT\r")
    assert await client.until(FINAL) == b"AT\r\r\nOK\r\n"  # the echo is on again


async def test_a_reboot_of_its_own(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,1")
    sim.modems[0].faults.next(Reboot(accepted=True, seconds=0.01))
    await client.body(PDU)
    await client.until(rb"\r\nRDY\r\n")
    assert await client.ask("AT+CNMI?") == ["+CNMI: 0,0,0,0,0", "OK"]
    assert len(sim.network.accepted) == 1


async def test_an_unplug_after_the_body(sim: Simulator, client: Client) -> None:
    modem = sim.modems[0]
    modem.faults.next(Unplug(accepted=True, back_after=0.05, name="modem7"))
    await client.body(PDU)
    await eventually(lambda: not modem.plugged)
    assert not modem.port.exists()
    await eventually(lambda: modem.plugged)
    assert modem.port.name == "modem7"
    async with Client(modem.port) as again:
        assert (await again.ask("AT"))[-1] == "OK"
    assert len(sim.network.accepted) == 1


async def test_unplugged_at_the_prompt_nothing_has_left(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(Unplug(at="prompt"))
    client.write(f"AT+CMGS={LENGTH}\r".encode())
    await eventually(lambda: not sim.modems[0].plugged)
    (exchange,) = sim.exchanges
    assert (exchange.prompted, exchange.body_octets, exchange.ended) == (True, 0, "lost")


async def test_pulled_while_the_network_works_it_was_not_sent(sim: Simulator, client: Client) -> None:
    sim.network.delay = 0.05
    await client.body(PDU)
    await eventually(lambda: sim.exchanges[0].ended)
    sim.modems[0].unplug()
    await asyncio.sleep(0.1)
    assert sim.network.accepted == []


async def test_names_swapped(sim: Simulator) -> None:
    ports = [modem.port for modem in sim.modems]
    sim.swap(0, 1)
    assert [modem.port for modem in sim.modems] == ports[::-1]
    async with Client(ports[0]) as client:
        assert sim.modems[1].identity.imei in await client.ask("AT+CGSN")


async def test_echo_comes_back(sim: Simulator, client: Client) -> None:
    sim.modems[0].faults.next(EchoOn(), command="+CSQ")
    await client.ask("AT+CSQ")
    client.write(b"AT\r")
    assert (await client.until(FINAL)).startswith(b"AT\r")


@pytest.mark.parametrize(
    ("noise", "pattern"),
    [
        ({"urc_before": 1}, rb"^\r\n[\^+R][^\r]+\r\n\r\n\+CSQ"),
        ({"urc_inside": 1}, rb"^\r\n\+CSQ: 21,99\r\n\r\n[\^+R][^\r]+\r\n\r\nOK"),
        ({"urc_after": 1}, rb"OK\r\n\r\n[\^+R][^\r]+\r\n$"),
        ({"bare_lf": 1}, rb"^\n\+CSQ: 21,99\n\nOK\n$"),
        ({"garbage": 1}, rb"^(\xff\xfe|\x00|\xe9\x80\r\n|\xf0\x9f\r\n)\r\n\+CSQ: 21,99\r\n\r\nOK\r\n$"),
        ({"one_octet": 1}, rb"^\r\n\+CSQ: 21,99\r\n\r\nOK\r\n$"),
        ({"split": 1}, rb"^\r\n\+CSQ: 21,99\r\n\r\nOK\r\n$"),
    ],
)
async def test_noise(sim: Simulator, client: Client, noise: dict[str, float], pattern: bytes) -> None:
    for name, probability in noise.items():
        setattr(sim.modems[0].noise, name, probability)
    assert not sim.modems[0].noise.happened
    client.write(b"AT+CSQ\r")
    await client.until(rb"OK\r?\n(\r\n[^\r]+\r\n)?" if "urc_after" not in noise else pattern)
    client.write(b"AT+CSQ\r")
    said = await client.until(pattern)
    assert re.search(pattern, said)
    assert sim.modems[0].noise.happened.keys() == noise.keys()


async def test_a_urc_just_before_the_prompt(sim: Simulator, client: Client) -> None:
    sim.modems[0].noise.urc_before_prompt = 1
    client.write(f"AT+CMGS={LENGTH}\r".encode())
    said = await client.until(rb"\r\n> $")
    assert re.match(rb"\r\n[\^+R][^\r]+\r\n\r\n> $", said)


async def test_registration_is_told_to_those_who_asked(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CREG=1;+CEREG=1")
    sim.modems[0].radio.stat = Stat.DENIED
    sim.modems[0].radio_changed()
    await client.until(rb"\r\n\+CREG: 3\r\n\r\n\+CEREG: 3\r\n")
    assert await client.send(PDU) == ["+CMS ERROR: 331"]
    sim.modems[0].radio.stat = Stat.SMS_ONLY
    sim.modems[0].radio_changed()
    await client.until(rb"\+CEREG: 6\r\n")
    assert (await client.send(PDU))[-1] == "OK"


async def test_a_storm_and_babble(sim: Simulator, client: Client) -> None:
    sim.modems[0].storm(100)
    said = b"".join([await client.until(rb"\r\n[\^+R][^\r]+\r\n") for _ in range(100)])
    assert len(set(said.splitlines())) > 3
    sim.modems[0].babble(300)
    await eventually(lambda: len(client.buffer) >= 300)
    assert not re.search(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]", client.buffer)


async def test_a_call(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CLIP=1;+CRC=1")
    sim.modems[0].ring("+447700900123")
    await client.until(rb'\r\n\+CRING: VOICE\r\n\r\n\+CLIP: "\+447700900123",145,,,,0\r\n')


@pytest.mark.parametrize("command", ["ATH", "AT+CHUP"])
async def test_a_call_rings_until_it_is_hung_up(sim: Simulator, client: Client, command: str) -> None:
    call = sim.modems[0].ring(rings=99)
    await eventually(lambda: call.rung == 2)
    assert (await client.ask(command))[-1] == "OK"
    assert call.hung_up
    given_up = sim.modems[0].ring(rings=2)
    await eventually(lambda: given_up.rung == 2)
    assert not given_up.hung_up


async def test_everything_by_hand_over_the_control_socket(sim: Simulator, client: Client) -> None:
    def do(**request: Any) -> Any:
        return asyncio.to_thread(ask, sim.directory, **request)

    async with controlled(sim):
        assert await do(do="inject", sender="+447700900123", text="x" * 161) == {"ok": True, "parts": 2}
        await do(do="fault", fault="cms", code=38)
        assert await client.send(PDU) == ["+CMS ERROR: 38"]
        assert (await client.send(PDU))[-1] == "OK"
        assert [one["text"] for one in (await do(do="accepted"))["accepted"]] == ["hello"]
        await do(do="signal", rssi=7)
        await do(do="register", stat="roaming", technology="GSM")
        assert await client.ask("AT+CSQ;+CREG?") == ["+CSQ: 7,99", "+CREG: 0,5", "OK"]
        await do(do="noise", urc_before=0.5)
        await do(do="storm", lines=3)
        await do(do="babble", octets=3)
        await do(do="clear")
        await do(do="unplug", back_after=0.02, name="modem9")
        await eventually(lambda: sim.modems[0].plugged)
        assert (await do(do="state"))["modems"][0]["port"] == str(sim.modems[0].port)
        assert sim.modems[0].port.name == "modem9"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"do": "nothing"}, "Say what to do"),
        ({"do": "inject"}, "missing a required argument"),
        ({"do": "fault", "fault": "tired"}, "There is no fault 'tired'"),
        ({"do": "fault", "fault": "cms", "number": 3}, "cms has no 'number'"),
        ({"do": "unplug", "modem": 5}, "There is no modem 5"),
        ({"do": "register", "stat": "gone"}, "There is no registration"),
        ({"do": "signal", "rssi": "loud"}, "cannot be done"),
    ],
)
async def test_bad_requests_get_a_sentence(sim: Simulator, request_: dict[str, Any], sentence: str) -> None:
    async with controlled(sim):
        with pytest.raises(SimulatorError, match=sentence):
            await asyncio.to_thread(ask, sim.directory, **request_)


def test_no_simulator_no_answer(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="No simulator runs"):
        ask(tmp_path, do="state")


async def test_the_wire_is_written_down_where_asked(tmp_path: Path) -> None:
    async with Simulator(tmp_path, network_delay=0.0, wire_log=True) as sim, Client(sim.modems[0].port) as client:
        await client.ask("ATE0")
        await client.send(PDU)
        client.write(b"AT+CMGS=18\r")
        await client.until(rb"> $")
        client.write(b"\x1b")
        await client.until(FINAL)
    ends = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    assert [(end["ended"], end["body_octets"]) for end in ends] == [("ctrl-z", len(PDU)), ("esc", 0)]


async def test_two_line_urcs_come_in_any_packets(sim: Simulator, client: Client) -> None:
    await client.ask("AT+CNMI=2,2,0,1,0")
    sim.modems[0].noise.split = 1
    await sim.inject(0, "+447700900123", "in pieces")
    await sim.inject(0, "+447700900123", "and again")
    for text in ("in pieces", "and again"):
        said = await client.until(rb"\r\n\+CMT: ,\d+\r\n[0-9A-F]+\r\n")
        assert decode(said.split()[-1].decode()).text == text  # type: ignore[union-attr]
