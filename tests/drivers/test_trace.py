"""P10: whatever a modem and we say to each other, in whatever pieces, a trace tells nothing of anybody."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at.commands import Command
from drivers.at_channel import AtChannel
from drivers.at_modem import AtModem
from drivers.errors import CommandError, CommandTimeout, DriverError, OutcomeUnknown, PromptTimeout
from drivers.modem import Identity
from drivers.pdu import Deliver, Submit, encode_deliver, encode_submit
from drivers.simulator.commands import COMMANDS
from drivers.simulator.faults import FAULTS, CmsCode, Fault, LostAnswer, NoPrompt, Unplug
from drivers.simulator.sim import SMSC
from drivers.simulator.simulator import Simulator
from drivers.trace import Direction, Line, Trace
from tests.drivers.scripted_modem import OK, ScriptedModem
from tests.drivers.simulator_client import eventually

PIN = "90817263"
RECIPIENT, SENDER = "+447700912345", "+447700967890"
TEXT = "Zwölf Boxkämpfer: der Schlüssel liegt unter der Matte"  # GSM-7 all of it
PLAIN = "The key lies under the mat"
SUBMIT = encode_submit(Submit(RECIPIENT, TEXT))
DELIVER = encode_deliver(Deliver(sender=SENDER, text=TEXT, smsc_time=datetime(2026, 1, 2, tzinfo=UTC), smsc=SMSC))
SENDER_IN_PDU = b"447700698709"
SECRETS = (PIN, RECIPIENT, SENDER, SMSC, "350000000000006", "8944100000000000001")


def personal(lines: list[Line]) -> list[str]:
    """What of the above can be made out: five digits of a number, as they are or as a PDU has them, or a word."""
    shown = "\n".join(line.text for line in lines)
    digits = [re.sub(r"\D", "", secret) for secret in SECRETS]
    digits += ["".join(b + a for a, b in zip(each[::2], each[1::2], strict=False)) for each in digits]
    found = {each[i : i + 5] for each in digits for i in range(len(each) - 4)}
    found |= set(re.findall(r"\w{4,}", f"{TEXT} {PLAIN}"))
    found |= {pdu.hex[i : i + 6] for pdu in (SUBMIT, DELIVER) for i in range(12, len(pdu.hex) - 6)}
    return sorted(each for each in found if each in shown and each != "00000")


def raw(trace: Trace) -> bytes:
    """What is in memory, before anything is masked."""
    return b"|".join(bytes(each.data) for each in trace.snapshot().heard)


# -- pieces -------------------------------------------------------------------------------------------

SPOKEN: tuple[tuple[str, bytes], ...] = (
    ("sent", b'AT+CPIN="%s"\r' % PIN.encode()),
    ("received", b'AT+CPIN="%s"\r\r\n+CPIN: READY\r\n\r\nOK\r\n' % PIN.encode()),
    ("sent", b"AT+CGSN\r"),
    ("received", b"\r\n350000000000006\r\n\r\nOK\r\n"),
    ("sent", b"AT+CCID\r"),
    ("received", b"\r\n+CCID: 8944100000000000001\r\n\r\nOK\r\n"),
    ("sent", b"AT+CSCA?\r"),
    ("received", b'\r\n+CSCA: "%s",145\r\n\r\nOK\r\n' % SMSC.encode()),
    ("sent", f"AT+CMGS={SUBMIT.tpdu_length}\r".encode()),
    ("received", b"\r\n> "),
    ("sent", f"{SUBMIT.hex}\x1a".encode()),
    ("received", f"{SUBMIT.hex}\x1a\r\n+CMGS: 5\r\n\r\nOK\r\n".encode()),
    ("sent", b"AT+CMGL=4\r"),
    ("received", f"\r\n+CMGL: 1,1,,{DELIVER.tpdu_length}\r\n{DELIVER.hex}\r\n\r\nOK\r\n".encode()),
    ("received", f'\r\n+CMT: "{SENDER}","Matte",{DELIVER.tpdu_length}\r\n{DELIVER.hex}\r\n'.encode()),
    ("received", f'\r\n+CMT: "{SENDER}",,"26/01/02,03:04:05+00"\r\n{PLAIN}\r\nkey: {RECIPIENT}\r\n'.encode()),
    ("received", f'\r\n+CUSD: 0,"{PLAIN}\r\n{PLAIN}",15\r\n'.encode()),
    ("received", f'\r\nRING\r\n\r\n+CLIP: "{SENDER}",145,,,"Matte",0\r\n'.encode()),
)


@given(
    said=st.lists(st.sampled_from(SPOKEN), max_size=25),
    cut=st.randoms(use_true_random=False),
    octets=st.sampled_from([50, 300, 65536]),
    spoil=st.booleans(),
)
def test_p10_a_trace_tells_nothing_of_anybody(
    said: list[tuple[str, bytes]], cut: random.Random, octets: int, spoil: bool
) -> None:
    """Cut anywhere, forgotten up to anywhere, one octet in each answer lost or turned into another.

    Seen red: with a masker that shows quoted values of any label; with one that shows lines it does not know.
    """
    trace = Trace(octets=octets)
    for direction, data in said:
        if direction == "sent":
            trace.sent(data)
            continue
        if spoil:
            at = cut.randrange(len(data))
            data = data[:at] + cut.choice([b"", b"\xff", b'"', b"\r\n", b","]) + data[at + 1 :]
        while data:
            piece = cut.randrange(1, len(data) + 1)
            trace.received(data[:piece])
            data = data[piece:]
    assert personal(trace.snapshot().lines()) == []


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_p10_a_pin_does_not_even_enter_the_memory(size: int) -> None:
    """Not by an echo either. Seen red: with a trace that looks at what is sent alone."""
    trace = Trace()
    trace.sent(b'AT+CPIN="%s"\r' % PIN.encode())
    answer = b'AT+CPIN="%s"\r\r\n^RSSI:17\r\n\r\n+CME ERROR: 16\r\n\r\n+CSQ: 21,99\r\n' % PIN.encode()
    for i in range(0, len(answer), size):
        trace.received(answer[i : i + size])
    held = raw(trace)
    assert not any(PIN[i : i + 3].encode() in held for i in range(len(PIN) - 2))
    assert [line.text for line in trace.snapshot().lines()] == ["AT+CPIN=***", "+CME ERROR: 16", "+CSQ: 21,99"]


@pytest.mark.parametrize(
    "line", ['AT+CPIN="1234","5678"', 'at+cpin = "1234"', 'AT+CLCK="SC",1,"1234"', 'AT+CPWD="SC","1234","5678"',
             'AT^CPIN="1234"', "ATD**04*1234*5678*5678#;", 'AT+CSIM=26,"0020000108313233"']
)  # fmt: skip
def test_p10_nothing_that_opens_a_sim_enters_the_memory(line: str) -> None:
    trace = Trace()
    trace.sent(f"{line}\r".encode())
    (heard,) = trace.snapshot().heard
    assert not set(b"12345678") & set(heard.data.partition(b"***")[2] + heard.data.split(b"***")[0])


def test_lines_are_whole_however_they_came_and_keep_their_time() -> None:
    trace = Trace()
    trace.sent(b"AT+CSQ\r")
    for octet in b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n":
        trace.received(bytes([octet]))
    lines = trace.snapshot().lines()
    assert [(line.direction, line.text) for line in lines] == [
        (Direction.SENT, "AT+CSQ"),
        (Direction.RECEIVED, "+CSQ: 21,99"),
        (Direction.RECEIVED, "OK"),
    ]
    assert all(line.elapsed >= 0 for line in lines)
    assert abs(lines[-1].wall - datetime.now(UTC).timestamp()) < 60


def test_a_prompt_and_what_has_not_ended_are_seen() -> None:
    trace = Trace()
    trace.sent(b"AT+CMGS=18\r")
    trace.received(b"\r\n> ")
    trace.sent(b"\x1b")
    trace.received(b"\r\nOK\r\n\r\n+CSQ: 2")
    assert [line.text for line in trace.snapshot().lines()] == ["AT+CMGS=18", ">", "ESC", "OK", "+CSQ: 2 (no line end)"]


def test_what_stands_between_the_pieces_of_a_line_does_not_break_it() -> None:
    trace = Trace()
    trace.received(b"\r\n+CM")
    trace.sent(b"\x1b")
    trace.received(b"GS: 5\r\n")
    assert [line.text for line in trace.snapshot().lines()] == ["ESC", "+CMGS: 5"]


@given(st.lists(st.binary(max_size=200), max_size=60), st.integers(1, 20), st.integers(1, 500))
def test_it_is_bounded(said: list[bytes], writes: int, octets: int) -> None:
    trace = Trace(writes=writes, octets=octets)
    for number, data in enumerate(said):
        (trace.sent if number % 3 else trace.received)(data)
        heard = trace.snapshot().heard
        assert len(heard) <= writes
        assert sum(len(each.data) for each in heard) <= octets
    trace.snapshot().lines()


# -- at a modem ---------------------------------------------------------------------------------------


async def pin(_: Identity) -> str | None:
    return PIN


async def yes() -> bool:
    return True


@asynccontextmanager
async def traced(port: Path | str) -> AsyncIterator[tuple[AtModem, Trace, list[str]]]:
    trace, failures = Trace(), list[str]()
    trace.failed = failures.append
    modem = await AtModem.open(str(port), pin, result_timeout=4.0, patience=0.05, trace=trace)
    try:
        yield modem, trace, failures
    finally:
        modem.close()


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path, network_delay=0.0, report_delay=0.01, pin=PIN) as simulator:
        yield simulator


async def test_what_goes_well_fails_nobody(sim: Simulator) -> None:
    async with traced(sim.modems[0].port) as (modem, trace, failures):
        await modem.health()
        assert await modem.submit(SUBMIT, yes) == 0
        await modem.sweep("SM")
    assert failures == []
    assert "+CMGS: 0" in [line.text for line in trace.snapshot().lines()]


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        (CmsCode(code=38), CommandError, "refused"),
        (CmsCode(code=38, at="command"), CommandError, "refused"),
        (LostAnswer(), OutcomeUnknown, "uncertain"),
        (NoPrompt(), PromptTimeout, "no_prompt"),
        (Unplug(), OutcomeUnknown, "uncertain"),
    ],
)
async def test_a_submission_that_fails_says_why(
    sim: Simulator, fault: Fault, error: type[DriverError], why: str
) -> None:
    async with traced(sim.modems[0].port) as (modem, trace, failures):
        sim.modems[0].faults.next(fault)
        with pytest.raises(error):
            await modem.submit(SUBMIT, yes)
        assert failures == [why]
        assert trace.snapshot().lines()[-1].text.startswith(why)


async def test_a_command_that_is_not_answered_says_which(sim: Simulator) -> None:
    async with traced(sim.modems[0].port) as (modem, trace, failures):
        sim.modems[0].hang()
        with pytest.raises(CommandTimeout):
            await modem.health()
        assert set(failures) == {"timeout"}
        assert "timeout: AT" in [line.text for line in trace.snapshot().lines()]


async def test_p10_a_pin_that_is_not_answered_is_not_told() -> None:
    async with ScriptedModem({"AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n" + OK, "AT+CPIN=*": b""}) as modem:
        trace = Trace()
        with pytest.raises(CommandTimeout):
            await AtModem.open(modem.port, pin, patience=0.01, trace=trace)
        assert modem.sent("AT+CPIN=") == [f'AT+CPIN="{PIN}"']
        assert "timeout: AT+CPIN" in [line.text for line in trace.snapshot().lines()]
        assert personal(trace.snapshot().lines()) == []


# Those that wait for a body, and those after which nothing is answered in words.
_NO_WORDS = ("+CMGS", "+CMGW", "Q", "V")


@pytest.mark.parametrize("echo", [True, False])
async def test_p10_every_command_of_the_simulator(sim: Simulator, echo: bool) -> None:
    """Text mode as well, which says texts and numbers as they are."""
    trace, modem = Trace(octets=1 << 20, writes=100_000), sim.modems[0]
    modem.sim.unlocked = True
    modem.radio_changed()
    channel = AtChannel(str(modem.port), patience=0.02, trace=trace)
    await channel.start()
    for setting in (f"ATE{echo:d}", "AT+CNMI=2,1,0,1,0", "AT+CLIP=1"):
        await channel.ask(Command(setting))
    for _ in range(3):
        await sim.inject(0, SENDER, PLAIN)
        await sim.inject(0, SENDER, TEXT)
    modem.ring(SENDER)
    every_form = [f"AT{name}{form}" for name in COMMANDS if name not in _NO_WORDS for form in ("", "?", "=?")]
    for mode, listing in ((0, "4"), (1, '"ALL"')):
        telling = (f"AT+CMGL={listing}", "AT+CMGR=1", f'AT+CSCA="{SMSC}"', 'AT+CUSD=1,"*100#"', f"ATD{SENDER};")
        for line in (f"AT+CMGF={mode}", *telling, *every_form):
            with suppress(CommandTimeout):
                await channel.ask(Command(line, bare=True))
    await channel.ask(Command(f'AT+CLCK="SC",1,"{PIN}"', bare=True))
    channel.close()
    assert all(each.encode() in raw(trace) for each in (PLAIN, SENDER, SMSC)), "there was nothing to hide"
    assert personal(trace.snapshot().lines()) == []


@pytest.mark.parametrize("name", FAULTS)
async def test_p10_every_fault_of_the_simulator(sim: Simulator, name: str) -> None:
    modem, trace = sim.modems[0], Trace()
    modem.noise.urc_before = modem.noise.urc_inside = modem.noise.urc_before_prompt = 0.2
    modem.noise.garbage, modem.noise.split, modem.noise.bare_lf = 0.1, 0.3, 0.1
    await sim.inject(0, SENDER, TEXT)
    brief = {"seconds": 0.1} if "seconds" in {field.name for field in fields(FAULTS[name])} else {}
    for command in ("+CMGS", "+CMGL", "+CPIN"):
        modem.faults.next(FAULTS[name](accepted=True, **brief), 1, command)  # type: ignore[arg-type]
    while SENDER_IN_PDU not in raw(trace) or SUBMIT.hex.encode() not in raw(trace):
        with suppress(DriverError):
            opened = await AtModem.open(str(modem.port), pin, result_timeout=4.0, patience=0.02, trace=trace)
            try:
                await opened.sweep("SM")
                await opened.submit(SUBMIT, yes)
            finally:
                opened.close()
        modem.plug()
        await eventually(lambda: not modem.deaf)
    assert personal(trace.snapshot().lines()) == []
    assert PIN.encode() not in raw(trace)
