"""Commands in turn; what ends early leaves no debris for the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.at import commands
from drivers.at.dialogue import LateSubmit, Reply
from drivers.at.urcs import Booted, MessageStored, Noise, Urc
from drivers.at_channel import AtChannel
from drivers.errors import CmsError, CommandError, CommandTimeout, OutcomeUnknown, PortError, PromptTimeout
from drivers.pdu import Submit, encode_submit
from drivers.simulator.faults import EchoOn, LatePrompt
from drivers.simulator.simulator import Simulator
from tests.drivers.scripted_modem import OK, PROMPT, Answers, ScriptedModem
from tests.drivers.simulator_client import Client, eventually

PDU = encode_submit(Submit("+447700900001", "hello"))
SUBMIT = commands.submit(PDU.tpdu_length)
CSQ = b"\r\n+CSQ: 21,99\r\n" + OK
CREG = b"\r\n+CREG: 0,1\r\n" + OK
SIGNAL, REGISTRATION = commands.SIGNAL, commands.REGISTRATION["CREG"]
ANSWERS: Answers = {"AT+CSQ": CSQ, "AT+CREG?": CREG}


@asynccontextmanager
async def opened(port: str, patience: float = 0.05) -> AsyncIterator[AtChannel]:
    channel = AtChannel(port, patience=patience)
    try:
        yield channel
    finally:
        channel.close()


@pytest.fixture
async def modem() -> AsyncIterator[ScriptedModem]:
    async with ScriptedModem(ANSWERS) as scripted:
        yield scripted


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path, network_delay=0.0, report_delay=0.01) as simulator:
        yield simulator


async def in_step(channel: AtChannel) -> bool:
    """Two different commands, each with the answer that is its own."""
    signal, registered = await channel.ask(SIGNAL), await channel.ask(REGISTRATION)
    return signal.information == ("+CSQ: 21,99",) and registered.information == ("+CREG: 0,1",)


def told(channel: AtChannel) -> list[Urc | LateSubmit | None]:
    return [channel.urcs.get_nowait() for _ in range(channel.urcs.qsize())]


# -- commands ----------------------------------------------------------------------------------------


async def test_ask_and_demand(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        assert await channel.ask(SIGNAL) == Reply(("+CSQ: 21,99",), "OK")
        assert await channel.ask(commands.SMSC) == Reply((), "ERROR")
        with pytest.raises(CommandError):
            await channel.demand(commands.SMSC)


async def test_commands_of_many_tasks_take_turns(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        replies = await asyncio.gather(*(channel.ask(each) for each in (SIGNAL, REGISTRATION) * 10))
        assert [reply.information[0][:5] for reply in replies] == ["+CSQ:", "+CREG"] * 10


async def test_urcs_inside_replies_reach_the_queue(sim: Simulator) -> None:
    """Defects 1 and 47 of the library: they spoilt the answer, or cost a thread each."""
    sim.modems[0].noise.urc_inside = sim.modems[0].noise.urc_before = 1.0
    async with opened(sim.ports[0]) as channel:
        await channel.demand(commands.ECHO_OFF)
        for _ in range(20):
            assert (await channel.demand(commands.IMEI)).information == (sim.modems[0].identity.imei,)
            assert len((await channel.demand(SIGNAL)).information) == 1
        assert len(told(channel)) >= 40


async def test_octets_that_are_no_text_stop_nothing(sim: Simulator) -> None:
    """Defect 2 of the library: the reader was dead and nobody was told."""
    sim.modems[0].noise.garbage = sim.modems[0].noise.split = sim.modems[0].noise.bare_lf = 0.5
    async with opened(sim.ports[0], patience=1.0) as channel:
        for _ in range(20):
            # A result whose line begins with garbage is lost, and that is a time-out; a dead reader it is not.
            reply = await channel.ask(replace(commands.IMEI, timeout=2.0))
            assert reply.ok


async def test_an_answer_too_late_does_not_answer_the_next(modem: ScriptedModem) -> None:
    """Defect 7 of the library."""
    modem.answers["AT+CSQ"] = [b"", CSQ]
    async with opened(modem.port) as channel:
        with pytest.raises(CommandTimeout):
            await channel.ask(replace(SIGNAL, timeout=1.0))
        modem.later(0.02, CSQ)
        assert (await channel.ask(REGISTRATION)).information == ("+CREG: 0,1",)
        assert await in_step(channel)


async def test_an_answer_that_comes_with_the_barriers_is_seen_through(modem: ScriptedModem) -> None:
    modem.answers |= {"AT+CSQ": [b"", CSQ], "AT": [CSQ + OK, OK]}
    async with opened(modem.port) as channel:
        with pytest.raises(CommandTimeout):
            await channel.ask(replace(SIGNAL, timeout=1.0))
        assert (await channel.ask(REGISTRATION)).information == ("+CREG: 0,1",)
        assert modem.heard.count("AT") == 2
        assert await in_step(channel)


async def test_a_deaf_modem_is_a_time_out_and_may_come_back(modem: ScriptedModem) -> None:
    modem.answers |= {"AT+CSQ": [b"", CSQ], "AT": b""}
    async with opened(modem.port) as channel:
        for _ in range(2):
            with pytest.raises(CommandTimeout):
                await channel.ask(replace(SIGNAL, timeout=1.0))
        modem.answers["AT"] = OK
        assert await in_step(channel)


async def test_a_lost_port_wakes_who_waits_and_stays_lost(modem: ScriptedModem) -> None:
    """Defect 45 of the library: the waiting command sat out its eight seconds."""
    modem.answers["AT+CSQ"] = b""
    async with opened(modem.port, patience=1.0) as channel:
        waiting = asyncio.create_task(channel.ask(SIGNAL))
        await eventually(lambda: modem.heard)
        modem.unplug()
        async with asyncio.timeout(1.0):
            with pytest.raises(PortError):
                await waiting
        for _ in range(2):
            with pytest.raises(PortError):
                await channel.ask(REGISTRATION)
        with pytest.raises(PortError):
            async with channel.submission(SUBMIT, 1.0) as submission:
                await submission.prompt()
        assert told(channel) == [None]


async def test_close_wakes_who_waits(modem: ScriptedModem) -> None:
    modem.answers["AT+CSQ"] = b""
    async with opened(modem.port, patience=1.0) as channel:
        waiting = asyncio.create_task(channel.ask(SIGNAL))
        await eventually(lambda: modem.heard)
        channel.close()
        with pytest.raises(PortError):
            await waiting


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 9])
async def test_a_command_given_up_at_any_await(modem: ScriptedModem, steps: int) -> None:
    async with opened(modem.port) as channel:
        task = asyncio.create_task(channel.ask(SIGNAL))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert await in_step(channel)


async def test_a_barrier_given_up_half_way(modem: ScriptedModem) -> None:
    modem.answers |= {"AT+CSQ": [b"", CSQ], "AT": [b"", OK]}
    async with opened(modem.port, patience=0.1) as channel:
        with pytest.raises(CommandTimeout):
            await channel.ask(replace(SIGNAL, timeout=1.0))
        task = asyncio.create_task(channel.ask(REGISTRATION))
        await eventually(lambda: "AT" in modem.heard)
        task.cancel()
        await asyncio.wait([task])
        assert await in_step(channel)


async def test_a_gap_after_each_result(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        await channel.ask(SIGNAL)
        channel.gap = 0.05
        before = asyncio.get_running_loop().time()
        await channel.ask(SIGNAL)
        assert asyncio.get_running_loop().time() - before >= 0.04


async def test_a_modem_that_echoes_again_has_restarted(sim: Simulator) -> None:
    """Defect 48 of the library."""
    sim.modems[0].faults.next(EchoOn(), command="+CSQ")
    async with opened(sim.ports[0]) as channel:
        await channel.start()
        await channel.demand(SIGNAL)
        assert told(channel) == []
        assert (await channel.demand(commands.IMEI)).information == (sim.modems[0].identity.imei,)
        assert told(channel) == [Booted()]


# -- start -------------------------------------------------------------------------------------------


async def test_start_leaves_a_prompt_that_somebody_left_behind(sim: Simulator) -> None:
    """Defect 5 of the library: a modem left at its prompt was deaf until its power was cut."""
    async with Client(sim.ports[0]) as killed:
        killed.write(b"AT+CMGS=20\r")
        await killed.until(rb"\r\n> $")
        killed.write(b"00110")
    async with opened(sim.ports[0]) as channel:
        await channel.start()
        assert (await channel.demand(commands.IMEI)).information == (sim.modems[0].identity.imei,)
    assert [exchange.ended for exchange in sim.exchanges] == ["esc"]
    assert sim.network.accepted == []


@pytest.mark.parametrize("left", [b"ATV0\r", b"ATQ1\r", b"ATE1V0Q1\r", b"AT+CMGS=2"])
async def test_start_gets_on_with_whatever_was_set_before(sim: Simulator, left: bytes) -> None:
    async with Client(sim.ports[0]) as before:
        before.write(left)
        await asyncio.sleep(0.01)
    async with opened(sim.ports[0]) as channel:
        await channel.start()
        assert (await channel.demand(commands.IMEI)).information == (sim.modems[0].identity.imei,)


# -- submit ------------------------------------------------------------------------------------------


async def submit(channel: AtChannel, timeout: float = 60.0) -> Reply:
    async with channel.submission(SUBMIT, timeout) as submission:
        await submission.prompt()
        return await submission.body(PDU.hex)


async def test_prompt_and_body(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        assert await submit(channel) == Reply(("+CMGS: 5",), "OK")
    assert modem.bodies == [PDU.hex.encode()]
    assert modem.escapes == 0


async def test_no_command_gets_between_prompt_and_body(modem: ScriptedModem) -> None:
    """Defect 4 of the library: another thread's AT+CSQ became part of the message."""
    async with opened(modem.port) as channel:
        async with channel.submission(SUBMIT, 60.0) as submission:
            await submission.prompt()
            polls = [asyncio.create_task(channel.ask(SIGNAL)) for _ in range(3)]
            for _ in range(10):
                await asyncio.sleep(0)
            assert modem.heard == [SUBMIT.line]
            await submission.body(PDU.hex)
        assert all(reply.ok for reply in await asyncio.gather(*polls))
    assert modem.bodies == [PDU.hex.encode()]


async def test_leaving_without_the_body_is_an_escape(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        async with channel.submission(SUBMIT, 60.0) as submission:
            await submission.prompt()
        assert (modem.escapes, modem.bodies) == (1, [])
        assert await in_step(channel)
        assert modem.heard == [SUBMIT.line, "AT+CSQ", "AT+CREG?"], "no barrier was needed"


async def test_a_modem_that_says_nothing_to_escape(modem: ScriptedModem) -> None:
    modem.escape_answer = b"\r\n"
    async with opened(modem.port) as channel:
        async with channel.submission(SUBMIT, 60.0) as submission:
            await submission.prompt()
        assert await in_step(channel)
        assert "AT" in modem.heard


async def test_no_prompt_in_time(modem: ScriptedModem) -> None:
    """Defect 5 of the library: no ESC, and later commands went out as text, to a stranger."""
    modem.answers["AT+CMGS=*"] = [b"", PROMPT]
    async with opened(modem.port) as channel:
        with pytest.raises(PromptTimeout):
            await submit(channel)
        assert (await submit(channel)).ok
    assert modem.bodies == [PDU.hex.encode()]


async def test_a_prompt_that_comes_after_the_escape_swallows_nothing(sim: Simulator) -> None:
    sim.modems[0].faults.next(LatePrompt(seconds=0.7))
    async with opened(sim.ports[0]) as channel:
        await channel.start()
        with pytest.raises(PromptTimeout):
            await submit(channel)
        await eventually(lambda: sim.exchanges)
        assert (await channel.demand(commands.IMEI)).information == (sim.modems[0].identity.imei,)
        assert (await submit(channel)).ok
    assert [exchange.ended for exchange in sim.exchanges] == ["esc", "ctrl-z"]
    assert sim.exchanges[0].body_octets == 0
    assert len(sim.network.accepted) == 1


async def test_a_modem_that_ignores_escape_until_it_prompts(modem: ScriptedModem) -> None:
    modem.answers["AT+CMGS=*"] = [b"", PROMPT]
    async with opened(modem.port) as channel:
        with pytest.raises(PromptTimeout):
            await submit(channel)
        modem.at_prompt = True
        modem.say(PROMPT)
        assert await in_step(channel)
        assert (await submit(channel)).ok
    assert modem.bodies == [PDU.hex.encode()]


async def test_an_error_instead_of_the_prompt(modem: ScriptedModem) -> None:
    modem.answers["AT+CMGS=*"] = b"\r\n+CMS ERROR: 302\r\n"
    async with opened(modem.port) as channel:
        with pytest.raises(CmsError, match="302"):
            await submit(channel)
        assert modem.escapes == 0
        assert await in_step(channel)


async def test_a_modem_that_leaves_the_prompt_by_itself(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        async with channel.submission(SUBMIT, 60.0) as submission:
            await submission.prompt()
            modem.at_prompt = False
            modem.say(b"\r\n+CMS ERROR: 500\r\n")
            await eventually(lambda: channel._answers)
            with pytest.raises(CmsError, match="500"):
                await submission.body(PDU.hex)
        assert modem.bodies == []
        assert await in_step(channel)


async def test_a_body_that_is_no_pdu_never_leaves(modem: ScriptedModem) -> None:
    async with opened(modem.port) as channel:
        async with channel.submission(SUBMIT, 60.0) as submission:
            await submission.prompt()
            with pytest.raises(Exception, match="not hex"):
                await submission.body("hello\x1a")
        assert (modem.escapes, modem.bodies) == (1, [])


async def test_no_answer_to_the_body_is_an_unknown_outcome_and_its_late_answer_is_kept(modem: ScriptedModem) -> None:
    """Defect 6 of the library: `not sent` and `perhaps sent` were the same exception."""
    modem.body_answer = b""
    async with opened(modem.port) as channel:
        with pytest.raises(OutcomeUnknown) as unknown:
            await submit(channel, timeout=1.0)
        assert unknown.value.why == "no_answer"
        modem.later(0.02, b'\r\n+CMTI: "SM",3\r\n\r\n+CMGS: 77\r\n' + OK)
        assert await in_step(channel)
        assert told(channel) == [MessageStored("SM", 3), LateSubmit(77)]


OURS, OLDER, REFUSED = b"\r\n+CMGS: 78\r\n" + OK, b"\r\n+CMGS: 77\r\n" + OK, b"\r\n+CMS ERROR: 38\r\n"


@pytest.mark.parametrize(
    ("said", "final", "late"),
    [
        ([OURS], OURS, []),
        ([OLDER, OURS], OURS, [LateSubmit(77)]),
        ([OLDER + OURS], OURS, [LateSubmit(77)]),
        ([OLDER], OLDER, []),  # no older body took a number after all
        ([REFUSED, OURS], OURS, []),
        ([REFUSED], REFUSED, []),
        ([OK, OURS], OURS, []),
    ],
)
async def test_what_may_be_an_older_bodys_answer_is_not_taken_before_there_was_time_for_ours(
    modem: ScriptedModem, said: list[bytes], final: bytes, late: list[LateSubmit]
) -> None:
    modem.body_answer = said[0]
    async with opened(modem.port, patience=0.02) as channel, channel.submission(SUBMIT, 60.0) as submission:
        await submission.prompt()
        for more in said[1:]:
            modem.later(0.05, more)
        reply = await submission.body(PDU.hex, frozenset({77}))
        assert reply.final in final.decode()
        assert all(line in final.decode() for line in reply.information)
        assert told(channel) == late


@pytest.mark.parametrize("said", [[OLDER, REFUSED], [REFUSED, OLDER]])
async def test_a_refusal_and_an_older_number_may_be_either_bodys(modem: ScriptedModem, said: list[bytes]) -> None:
    """Seen red in the campaign: the later of the two was taken for ours, which had been refused."""
    modem.body_answer = said[0]
    async with opened(modem.port, patience=0.02) as channel, channel.submission(SUBMIT, 60.0) as submission:
        await submission.prompt()
        modem.later(0.05, said[1])
        with pytest.raises(OutcomeUnknown):
            await submission.body(PDU.hex, frozenset({77}))


async def test_an_older_body_of_an_unknown_number_may_have_any(modem: ScriptedModem) -> None:
    modem.body_answer = OLDER + OURS
    async with opened(modem.port) as channel, channel.submission(SUBMIT, 60.0) as submission:
        await submission.prompt()
        assert (await submission.body(PDU.hex, frozenset({None}))).information == ("+CMGS: 78",)


async def test_a_port_lost_while_an_answer_is_in_doubt(modem: ScriptedModem) -> None:
    modem.body_answer = OLDER
    async with opened(modem.port) as channel, channel.submission(SUBMIT, 60.0) as submission:
        await submission.prompt()
        waiting = asyncio.create_task(submission.body(PDU.hex, frozenset({77})))
        await eventually(lambda: modem.bodies)
        modem.unplug()
        with pytest.raises(OutcomeUnknown, match="port_lost"):
            await waiting


async def test_a_port_lost_after_the_body(modem: ScriptedModem) -> None:
    modem.body_answer = b""
    async with opened(modem.port) as channel:
        task = asyncio.create_task(submit(channel))
        await eventually(lambda: modem.bodies)
        modem.unplug()
        with pytest.raises(OutcomeUnknown) as unknown:
            await task
        assert unknown.value.why == "port_lost"


async def test_a_urc_between_prompt_and_result(modem: ScriptedModem) -> None:
    modem.answers["AT+CMGS=*"] = b"\r\n^RSSI:17\r\n" + PROMPT
    modem.body_answer = b'\r\n+CMTI: "SM",3\r\n\r\n+CMGS: 5\r\n' + OK
    async with opened(modem.port) as channel:
        assert (await submit(channel)).information == ("+CMGS: 5",)
        assert told(channel) == [Noise("^RSSI:17"), MessageStored("SM", 3)]


@pytest.mark.parametrize("steps", [*range(0, 16, 2), 20, 30])
async def test_a_submit_given_up_at_any_await(modem: ScriptedModem, steps: int) -> None:
    """Whatever is in flight when the task is cancelled: no prompt is left open, and the step is kept."""
    async with opened(modem.port) as channel:
        task = asyncio.create_task(submit(channel))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert await in_step(channel)
        assert not modem.at_prompt
        assert set(modem.bodies) <= {PDU.hex.encode()}
        assert (await submit(channel)).ok


async def test_a_submit_given_up_just_as_the_prompt_comes(modem: ScriptedModem) -> None:
    modem.escape_answer = b"\r\n"
    async with opened(modem.port) as channel:
        task = asyncio.create_task(submit(channel))
        while not channel._answers:  # noqa: ASYNC110 - the step before the task wakes is the point
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await in_step(channel)
        assert (modem.escapes, modem.bodies) == (1, [])


async def test_a_submit_given_up_while_it_escapes(modem: ScriptedModem) -> None:
    modem.escape_answer = b"\r\n"
    async with opened(modem.port, patience=1.0) as channel:
        task = asyncio.create_task(submit(channel))
        modem.answers["AT+CMGS=*"] = b""
        await eventually(lambda: modem.heard)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.wait([task])
        assert await in_step(channel)
