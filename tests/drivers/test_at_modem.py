"""A modem is set up by what it says it can, and driven so that nothing is lost and nothing sent twice."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.at_modem import AtModem, imei_at
from drivers.errors import (
    CmeError,
    CmsError,
    CommandError,
    CommandTimeout,
    DriverError,
    OutcomeUnknown,
    PortError,
    PromptTimeout,
    SimLocked,
)
from drivers.modem import (
    Arrived,
    Identity,
    InboxChanged,
    LateResult,
    Listing,
    ModemEvent,
    NetworkChanged,
    Registration,
    Restarted,
    Ringing,
    StoredPdu,
)
from drivers.pdu import Pdu, Submit, encode_submit
from drivers.simulator.faults import (
    BareError,
    CmsCode,
    EchoOn,
    Fault,
    Hang,
    LateAnswer,
    LongReference,
    LostAnswer,
    NoPrompt,
    OkOnly,
    OvertakenAnswer,
    Reboot,
    Unplug,
    WordedError,
)
from drivers.simulator.simulator import Simulator
from tests.drivers.scripted_modem import OK, Answers, ScriptedModem
from tests.drivers.simulator_client import Client, eventually

PDU = encode_submit(Submit("+447700900001", "hello"))
DELIVER = "07917407090099F9040C9144779000000100006201210200000001C8"
ME_AND_SM = b'\r\n+CPMS: ("ME","SM"),("ME","SM"),("ME","SM")\r\n' + OK


async def no_pin(_: Identity) -> str | None:
    raise AssertionError("nobody wanted a PIN")


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


@asynccontextmanager
async def opened(
    port: str, pin: Callable[[Identity], Awaitable[str | None]] = no_pin, *, result: float = 30.0, patience: float = 0.1
) -> AsyncIterator[AtModem]:
    modem = await AtModem.open(port, pin, result_timeout=result, patience=patience)
    try:
        yield modem
    finally:
        modem.close()


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path, network_delay=0.0, report_delay=0.05) as simulator:
        yield simulator


async def everything(modem: AtModem) -> list[StoredPdu]:
    return [stored for name in modem.storages for stored in (await modem.sweep(name)).stored]


async def next_event(modem: AtModem, kind: type[ModemEvent]) -> ModemEvent:
    async with asyncio.timeout(3.0):
        async for event in modem.events():
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind.__name__}")


# -- setting up --------------------------------------------------------------------------------------


async def test_open_learns_who_it_is_and_sets_it_up(sim: Simulator) -> None:
    it = sim.modems[0]
    async with opened(sim.ports[0]) as modem:
        assert modem.identity == Identity(
            imei=it.identity.imei,
            iccid=it.sim.iccid,
            imsi=it.sim.imsi,
            own_number=it.sim.own_number,
            manufacturer="modemd",
            model="SIM-ULATOR",
            revision="1.0",
        )
        assert (it.settings.echo, it.settings.cmee, it.settings.cmgf) == (0, 1, 0)
        assert it.settings.cnmi == (2, 1, 0, 1, 0)
        assert it.memories == ("ME", "ME", "ME")
        assert set(it.settings.registration.values()) == {1}


async def test_a_modem_that_knows_almost_nothing_still_sends() -> None:
    """Defects 43 and 44 of the library: fragile answers, and a list of commands nobody needs."""
    async with ScriptedModem() as scripted, opened(scripted.port) as modem:
        assert modem.identity == Identity()
        assert modem.profile.name == "generic"
        assert await modem.submit(PDU, yes) == 5
        assert scripted.bodies == [PDU.hex.encode()]
        health = await modem.health()
        assert health.registration is Registration.UNKNOWN
        assert health.registration.carries_sms
        asked = len(scripted.heard)
        await modem.health()
        assert len(scripted.heard) == asked + 1, "what is not known is not asked again"


async def test_a_command_that_is_not_answered_at_all_is_passed_over() -> None:
    answers: Answers = {"AT+CNUM": b"", "AT^ICCID?": b""}
    async with ScriptedModem(answers) as scripted, opened(scripted.port, patience=0.02) as modem:
        assert await modem.submit(PDU, yes) == 5


async def test_a_modem_that_falls_silent_is_not_taken_for_a_simple_one() -> None:
    async with ScriptedModem() as scripted, opened(scripted.port, patience=0.02) as modem:
        scripted.answers |= {"AT": [OK, b""], "AT+COPS?": b""}
        scripted.otherwise = b""
        with pytest.raises(CommandTimeout):
            await modem.health()


async def test_a_failed_open_gives_the_port_back() -> None:
    """Defect 18 of the library: port and reader stayed open, and the next try fought with them."""
    async with ScriptedModem({"AT+CMGF=0": [b"\r\nERROR\r\n", OK]}) as scripted:
        with pytest.raises(CommandError):
            async with opened(scripted.port):
                pass
        async with opened(scripted.port) as modem:
            assert await modem.submit(PDU, yes) == 5


async def test_open_leaves_a_prompt_that_a_killed_program_left(sim: Simulator) -> None:
    async with Client(sim.ports[0]) as killed:
        killed.write(b"AT+CMGS=20\r")
        await killed.until(rb"\r\n> $")
    async with opened(sim.ports[0]) as modem:
        assert await modem.submit(PDU, yes) == 0
    assert [exchange.ended for exchange in sim.exchanges] == ["esc", "ctrl-z"]


async def test_the_imei_at_a_port(sim: Simulator) -> None:
    assert await imei_at(sim.ports[0]) == sim.modems[0].identity.imei
    async with opened(sim.ports[0]):
        pass


# (what is offered, what is taken, what must be chosen); the modem takes nothing else.
CNMI = [
    ("(0-2),(0-3),(0,2),(0-2),(0,1)", "2,1,0,1,0"),
    ("(0-3),(0,1),(0,2,3),(0,2),(1)", "2,1,0,2,1"),
    ("(2),(0-1,3),(0,2),(0-1),(0)", "2,1,0,1,0"),
    ("(0,1,2),(0,1),(0,2),(0),(1)", "2,1,0,0,1"),
    ("(1),(0-2),(0,2),(0,1)", "1,1,0,1,0"),
    ("(0-2),(0),(0),(0),(0)", "2,0,0,0,0"),
    ("(0-2),(0-3),(0-3),(0-2),(0,1)", "2,1,0,2,0"),  # ds=1 is offered, and refused
    ("(0-2),(0-3),(0-3),(0-2),(0,1)", "1,1,0,0,1"),
    ("(),(),(),(),()", "2,1,0,1,0"),
    ("", "2,1,0,1,0"),
]


@pytest.mark.parametrize(("offer", "taken"), CNMI)
async def test_the_routing_of_messages_by_what_is_offered(offer: str, taken: str) -> None:
    """Defect 25 of the library: one +CNMI for all, with reports read from the wrong storage."""
    answers: Answers = {"AT+CNMI=?": f"\r\n+CNMI: {offer}\r\n".encode() + OK, f"AT+CNMI={taken}": OK}
    async with ScriptedModem(answers) as scripted, opened(scripted.port):
        assert scripted.sent("AT+CNMI=")[-1] == f"AT+CNMI={taken}"


async def test_no_routing_at_all_is_no_reason_not_to_open() -> None:
    async with ScriptedModem() as scripted, opened(scripted.port):
        assert len(scripted.sent("AT+CNMI=")) > 3


CPMS = [
    ('+CPMS: ("ME","SM","SR"),("ME","SM"),("ME","SM")', '"ME","ME","ME"', ["ME", "SM", "SR"]),
    ('+CPMS: ("MT","SM","ME"),("MT","SM","ME"),("MT","SM")', '"ME","ME","SM"', ["ME", "SM"]),
    ('+CPMS:("SM"),("SM"),("SM")', '"SM","SM","SM"', ["SM"]),
    ('+CPMS: "SM"', '"SM","SM","SM"', ["SM"]),
    ('+CPMS: ("ME","SM"),("ME","SM"),("ME","SM")', '"SM","SM","SM"', ["ME", "SM"]),  # ME is refused
    ('+CPMS: ("MT","SM"),("MT","SM"),("MT","SM")', '"SM","SM","SM"', ["MT", "SM"]),
    ('+CPMS: ("MT"),("MT"),("MT")', '"MT","MT","MT"', ["MT"]),
    ('+CPMS: ("SM","BM"),("SM")', '"SM","SM"', ["SM"]),
]


@pytest.mark.parametrize(("offer", "taken", "swept"), CPMS)
async def test_the_storages_by_what_is_offered(offer: str, taken: str, swept: list[str]) -> None:
    answers: Answers = {
        "AT+CPMS=?": f"\r\n{offer}\r\n".encode() + OK,
        f"AT+CPMS={taken}": OK,
        "AT+CMGL=4": f"\r\n+CMGL: 1,0,,20\r\n{DELIVER}\r\n".encode() + OK,
        **{f'AT+CPMS="{name}"': OK for name in swept},
    }
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        assert f"AT+CPMS={taken}" in scripted.heard
        assert await everything(modem) == [StoredPdu(name, 1, DELIVER) for name in swept]


@pytest.mark.parametrize("offer", [b"\r\n+CPMS: (),(),()\r\n" + OK, b"\r\nERROR\r\n"])
async def test_a_modem_that_names_no_storage_is_swept_as_it_is(offer: bytes) -> None:
    answers: Answers = {
        "AT+CPMS=?": offer,
        "AT+CMGL=4": f"\r\n+CMGL: 1,0,,20\r\n{DELIVER}\r\n".encode() + OK,
        "AT+CMGD=1": OK,
    }
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        (stored,) = await everything(modem)
        await modem.delete(stored)
        assert scripted.sent("AT+CPMS=") == ["AT+CPMS=?"]


# -- the PIN -----------------------------------------------------------------------------------------


class PinSource:
    def __init__(self, pin: str | None) -> None:
        self.pin = pin
        self.asked: list[Identity] = []

    async def __call__(self, identity: Identity) -> str | None:
        self.asked.append(identity)
        return self.pin


async def test_a_pin_is_asked_for_once_and_sent_once(tmp_path: Path) -> None:
    pin = PinSource("1234")
    async with Simulator(tmp_path, network_delay=0.0, pin="1234") as sim, opened(sim.ports[0], pin) as modem:
        assert sim.modems[0].sim.unlocked
        assert [identity.iccid for identity in pin.asked] == [sim.modems[0].sim.iccid]
        assert modem.identity.imsi == sim.modems[0].sim.imsi
        assert await modem.submit(PDU, yes) == 0


async def test_a_wrong_pin_costs_one_try(tmp_path: Path) -> None:
    """Defects 8 and 10 of the library: four tries in one connect, and again at the next."""
    async with Simulator(tmp_path, network_delay=0.0, pin="1234") as sim:
        with pytest.raises(CmeError) as wrong:
            async with opened(sim.ports[0], PinSource("4321")):
                pass
        assert wrong.value.code == 16
        assert sim.modems[0].sim.pin_tries == 2


@pytest.mark.parametrize("error", [b"\r\n+CME ERROR: 14\r\n", b"\r\n+CME ERROR: 515\r\n", b"\r\nERROR\r\n", b""])
async def test_a_pin_is_not_sent_twice_whatever_the_answer(error: bytes) -> None:
    answers: Answers = {"AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n" + OK, 'AT+CPIN="1234"': error}
    async with ScriptedModem(answers) as scripted:
        with pytest.raises(DriverError):
            async with opened(scripted.port, PinSource("1234"), patience=0.01):
                pass
        assert len(scripted.sent("AT+CPIN=")) == 1


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("+CPIN: SIM PUK", "puk"),
        ("+CPIN: SIM PIN2", "other"),
        ("+CPIN: SIM PUK2", "other"),
        ("+CPIN: PH-NET PIN", "other"),
        ("+CPIN: PH-SIM PIN", "other"),
        ("+CME ERROR: 10", "absent"),
        ("+CME ERROR: SIM not inserted", "absent"),
        ("+CME ERROR: 11", "other"),
        ("+CME ERROR: 12", "puk"),
    ],
)
async def test_a_pin_goes_to_a_sim_that_waits_for_its_pin_alone(said: str, state: str) -> None:
    """Defect 9 of the library: it was sent to a PUK prompt too, which destroys the card."""
    pin = PinSource("1234")
    final = b"" if "ERROR" in said else OK
    async with ScriptedModem({"AT+CPIN?": f"\r\n{said}\r\n".encode() + final}) as scripted:
        with pytest.raises(SimLocked) as locked:
            async with opened(scripted.port, pin):
                pass
        assert locked.value.state == state
        assert pin.asked == []
        assert scripted.sent("AT+CPIN=") == []


async def test_no_pin_to_give() -> None:
    async with ScriptedModem({"AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n" + OK}) as scripted:
        with pytest.raises(SimLocked, match="pin"):
            async with opened(scripted.port, PinSource(None)):
                pass
        assert scripted.sent("AT+CPIN=") == []


async def test_ready_in_another_dress_is_ready() -> None:
    async with ScriptedModem({"AT+CPIN?": b"\r\n+CPIN:READY\r\n" + OK}) as scripted, opened(scripted.port):
        assert scripted.sent("AT+CPIN=") == []


# -- submit ------------------------------------------------------------------------------------------


async def test_the_mark_is_asked_between_prompt_and_body(sim: Simulator) -> None:
    seen = []

    async def mark() -> bool:
        (exchange,) = sim.exchanges
        seen.append((exchange.prompted, exchange.body_octets, exchange.ended))
        return True

    async with opened(sim.ports[0]) as modem:
        assert await modem.submit(PDU, mark) == 0
        assert seen == [(True, 0, "")]
        assert len(sim.network.accepted) == 1
        event = await next_event(modem, Arrived)
        assert isinstance(event, Arrived)
        assert event.is_report


async def test_a_mark_that_says_no_leaves_nothing_behind(sim: Simulator) -> None:
    async with opened(sim.ports[0], patience=1.0) as modem:
        assert await modem.submit(PDU, no) is None
        async with asyncio.timeout(0.5):  # at once: no drain, no barrier
            assert await modem.submit(PDU, yes) == 0
    assert [(exchange.body_octets, exchange.ended) for exchange in sim.exchanges] == [
        (0, "esc"),
        (len(PDU.hex), "ctrl-z"),
    ]


async def test_a_mark_that_fails_leaves_nothing_behind(sim: Simulator) -> None:
    async def mark() -> bool:
        raise OSError("the disk is full")

    async with opened(sim.ports[0]) as modem:
        with pytest.raises(OSError, match="full"):
            await modem.submit(PDU, mark)
        assert await modem.submit(PDU, yes) == 0
    assert [exchange.ended for exchange in sim.exchanges] == ["esc", "ctrl-z"]
    assert sim.exchanges[0].body_octets == 0


async def test_a_submit_cancelled_while_it_is_marked(sim: Simulator) -> None:
    async def mark() -> bool:
        await asyncio.Event().wait()
        return True

    async with opened(sim.ports[0]) as modem:
        task = asyncio.create_task(modem.submit(PDU, mark))
        await eventually(lambda: sim.exchanges)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await modem.submit(PDU, yes) == 0
    assert [exchange.ended for exchange in sim.exchanges] == ["esc", "ctrl-z"]
    assert sim.exchanges[0].body_octets == 0


async def test_no_prompt_means_not_sent(sim: Simulator) -> None:
    sim.modems[0].faults.next(NoPrompt())
    async with opened(sim.ports[0]) as modem:
        modem.profile = replace(modem.profile, prompt_timeout_s=2.0)
        with pytest.raises(PromptTimeout):
            await modem.submit(PDU, no)
        assert await modem.submit(PDU, yes) == 0
    assert [exchange.ended for exchange in sim.exchanges] == ["esc", "ctrl-z"]
    assert len(sim.network.accepted) == 1


async def unknown_outcome(sim: Simulator, fault: Fault) -> str:
    sim.modems[0].faults.next(fault)
    async with opened(sim.ports[0], result=2.0) as modem:
        with pytest.raises(OutcomeUnknown) as unknown:
            await modem.submit(PDU, yes)
        return unknown.value.why


@pytest.mark.parametrize(
    ("fault", "why", "accepted"),
    [
        (LostAnswer(accepted=True), "no_answer", 1),
        (LostAnswer(accepted=False), "no_answer", 0),
        (Hang(), "no_answer", 0),
        (Unplug(accepted=True), "port_lost", 1),
        (Unplug(), "port_lost", 0),
        (OkOnly(accepted=True), "unconfirmed", 1),
    ],
)
async def test_silence_after_the_body_is_an_unknown_outcome(
    sim: Simulator, fault: Fault, why: str, accepted: int
) -> None:
    """Defect 6 of the library: it could not be told from `no prompt`."""
    assert await unknown_outcome(sim, fault) == why
    assert len(sim.network.accepted) == accepted


async def test_a_late_result_is_announced_and_taken_by_nobody_else(sim: Simulator) -> None:
    """Defects 3 and 7 of the library: the wrong message could be marked as sent."""
    sim.modems[0].faults.next(LateAnswer(seconds=0.25))
    async with opened(sim.ports[0], result=2.0, patience=0.1) as modem:
        with pytest.raises(OutcomeUnknown):
            await modem.submit(PDU, yes)
        assert await modem.submit(PDU, yes) == 1
        assert await next_event(modem, LateResult) == LateResult(0)


@pytest.mark.parametrize("late", [None, 21])
@pytest.mark.parametrize("own", [None, 38])
async def test_an_overtaken_answer_is_not_taken_for_the_next_messages(
    sim: Simulator, late: int | None, own: int | None
) -> None:
    """P2, over a restart of ours: the modem takes the next body while the first's answer is still out.

    Seen red: with no word of what is owed, the second was called sent or refused by the first's answer.
    """
    faults = sim.modems[0].faults
    faults.next(OvertakenAnswer(seconds=1.0, code=late, accepted=late is None))
    async with opened(sim.ports[0], result=2.0) as modem:
        with pytest.raises(OutcomeUnknown):
            await modem.submit(PDU, yes)
    sim.network.delay = 1.2
    if own is not None:
        faults.next(CmsCode(code=own))
    async with opened(sim.ports[0], result=60.0) as modem:
        assert len(faults.happened) == 1
        if own is None:
            assert await modem.submit(PDU, yes, owed=lambda: frozenset({0})) == 1
        elif late is not None:
            with pytest.raises(CmsError, match="38"):
                await modem.submit(PDU, yes, owed=lambda: frozenset({0}))
        else:  # a refusal names nobody: it may be the first's, and the reference the second's
            with pytest.raises(OutcomeUnknown):
                await modem.submit(PDU, yes, owed=lambda: frozenset({0}))
        if late is None and own is None:
            assert await next_event(modem, LateResult) == LateResult(0)
    assert len(sim.network.accepted) == (late is None) + (own is None)


async def test_an_answer_that_overtakes_the_older_ones_leaves_no_wrong_word(sim: Simulator) -> None:
    """P2: the second is refused at once, and then the first is said to be sent.

    Seen red: of two answers the later one was taken for the later body's, which was called sent and never left.
    """
    faults = sim.modems[0].faults
    faults.next(OvertakenAnswer(seconds=1.0))
    async with opened(sim.ports[0], result=0.3) as modem:
        with pytest.raises(OutcomeUnknown):
            await modem.submit(PDU, yes)
    faults.next(CmsCode(code=38))
    async with opened(sim.ports[0], result=60.0) as modem:
        with pytest.raises(OutcomeUnknown):
            await modem.submit(PDU, yes, owed=lambda: frozenset({0}))
    assert len(sim.network.accepted) == 1


async def test_an_overtaken_answer_at_the_prompt_ends_nothing() -> None:
    """Seen red: its OK was taken for the prompt's end, the modem stayed at the prompt and nobody left it."""
    async with ScriptedModem() as scripted, opened(scripted.port) as modem:

        async def slow() -> bool:
            scripted.say(b"\r\n+CMGS: 4\r\n" + OK)
            assert await next_event(modem, LateResult) == LateResult(4)
            return True

        assert await modem.submit(PDU, slow) == 5
        assert scripted.bodies == [PDU.hex.encode()]


async def test_a_result_with_a_time_behind_it(sim: Simulator) -> None:
    """Defect 20 of the library: a ValueError after the message had been sent."""
    sim.modems[0].faults.next(LongReference())
    async with opened(sim.ports[0]) as modem:
        assert await modem.submit(PDU, yes) == 0


@pytest.mark.parametrize(
    ("fault", "code"), [(CmsCode(code=38), 38), (WordedError(), 500), (BareError(), None), (CmsCode(code=515), 515)]
)
async def test_a_refusal_is_told_once_and_not_tried_again(sim: Simulator, fault: Fault, code: int | None) -> None:
    """Defect 8 of the library: 515 was tried again without end, with the body."""
    sim.modems[0].faults.next(fault)
    async with opened(sim.ports[0]) as modem:
        with pytest.raises(CommandError) as refused:
            await modem.submit(PDU, yes)
        assert refused.value.code == code
        assert isinstance(refused.value, CmsError) is (code is not None)
    assert len(sim.exchanges) == 1


async def test_the_link_is_kept_for_the_parts_of_one_message_alone() -> None:
    async with ScriptedModem({"AT+CMMS=2": OK, "AT+CMMS=0": OK}) as scripted, opened(scripted.port) as modem:
        start = len(scripted.heard)
        for more_follow in (False, True, True, False, False, False):
            await modem.submit(PDU, yes, more_follow=more_follow)
        submit = f"AT+CMGS={PDU.tpdu_length}"
        assert scripted.heard[start:] == [
            submit, "AT+CMMS=2", submit, submit, submit, "AT+CMMS=0", submit, submit,
        ]  # fmt: skip


async def test_a_modem_that_cannot_keep_its_link_is_asked_once() -> None:
    async with ScriptedModem() as scripted, opened(scripted.port) as modem:
        for more_follow in (True, True, False, False, True, False):
            await modem.submit(PDU, yes, more_follow=more_follow)
        assert scripted.sent("AT+CMMS") == ["AT+CMMS=2"]


async def test_urcs_and_odd_packets_do_not_harm_a_submit(sim: Simulator) -> None:
    noise = sim.modems[0].noise
    noise.urc_inside = noise.urc_before = noise.urc_after = noise.urc_before_prompt = 0.3
    noise.split = noise.one_octet = noise.bare_lf = 0.3
    async with opened(sim.ports[0], patience=1.0) as modem:
        assert [await modem.submit(PDU, yes) for _ in range(20)] == list(range(20))
    assert len(sim.network.accepted) == 20


async def test_nothing_private_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Defect 49 of the library: PIN, recipients and texts stood in its debug log."""
    caplog.set_level(logging.DEBUG)
    pin = PinSource("1234")
    async with Simulator(tmp_path, network_delay=0.0, pin="1234") as sim, opened(sim.ports[0], pin) as modem:
        await modem.submit(PDU, yes)
        await modem.submit(PDU, no)
    for private in ("1234", "447700900001", PDU.hex, "hello"):
        assert private not in caplog.text


# -- storages ----------------------------------------------------------------------------------------


async def test_a_sweep_deletes_nothing_and_a_delete_one(sim: Simulator) -> None:
    """Defects 13 to 15 of the library: read meant deleted, before anybody had kept it."""
    async with opened(sim.ports[0]) as modem:
        await sim.inject(0, "+447700900002", "one")
        await sim.inject(0, "+447700900002", "two")
        assert await next_event(modem, InboxChanged) == InboxChanged("ME")
        first = await everything(modem)
        assert len(first) == 2
        assert await modem.sweep("ME") == Listing(tuple(first), (2, 100))
        await modem.delete(first[0])
        assert await everything(modem) == first[1:]
        await modem.delete(first[0])  # what is gone already is no error


async def test_each_storage_has_its_own_indexes(sim: Simulator) -> None:
    """Defect 12 of the library: the index of one storage was deleted in another."""
    async with Client(sim.ports[0]) as client:
        await client.ask("AT+CNMI=2,1,0,0,0")
        await sim.inject(0, "+447700900002", "in the SIM")
        await client.until(rb"\+CMTI[^\r]*\r\n")
    async with opened(sim.ports[0]) as modem:
        await sim.inject(0, "+447700900002", "in the modem")
        await next_event(modem, InboxChanged)
        both = await everything(modem)
        assert [(stored.storage, stored.index) for stored in both] == [("ME", 1), ("SM", 1)]
        await modem.delete(both[0])
        assert await everything(modem) == both[1:]


async def test_a_storage_is_chosen_for_each_delete() -> None:
    """A modem that restarts in silence falls back to its own storage, and the index would be another's."""
    answers: Answers = {
        "AT+CPMS=?": ME_AND_SM,
        'AT+CPMS="ME","ME","ME"': OK,
        'AT+CPMS="ME"': OK,
        "AT+CMGD=1": OK,
        "AT+CMGD=2": OK,
    }
    async with ScriptedModem(answers) as scripted, opened(scripted.port, patience=0.01) as modem:
        await modem.delete(StoredPdu("ME", 1, DELIVER))
        await modem.delete(StoredPdu("ME", 2, DELIVER))
        assert scripted.heard[-4:] == ['AT+CPMS="ME"', "AT+CMGD=1", 'AT+CPMS="ME"', "AT+CMGD=2"]


def listing(*pdus: str, final: bytes = OK) -> bytes:
    """As of a modem whose TPDUs are all announced with 20 octets."""
    return b"".join(f"\r\n+CMGL: {n},0,,20\r\n{pdu}\r\n".encode() for n, pdu in enumerate(pdus, 1)) + final


BENT = DELIVER[:-2]
BROKEN = b"\r\n+CMS ERROR: 320\r\n"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([listing(DELIVER)], [DELIVER]),
        ([listing(BENT), listing(DELIVER)], [DELIVER]),  # bent on the wire
        ([listing(BENT), listing(BENT)], [BENT]),  # it lies there so
        ([listing("xyz"), listing("xyz")], ["xyz"]),
        ([listing(DELIVER, "xyz"), listing(DELIVER, "\xff"), listing(DELIVER, "zyx")], [DELIVER]),
        ([listing(DELIVER, final=BROKEN)], [DELIVER]),  # a slot that cannot be read hides only those behind it
    ],
)
async def test_what_does_not_agree_with_its_head_is_read_again(said: list[bytes], found: list[str]) -> None:
    """P5: a PDU that was bent on its way is not kept for the true one, and that one deleted.

    Seen red: with the first reading taken as it is.
    """
    answers: Answers = {"AT+CMGL=4": list(said)}
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        assert [stored.pdu for stored in await everything(modem)] == found
        assert len(scripted.sent("AT+CMGL")) == len(said)


async def test_a_storage_that_shows_nothing_says_why() -> None:
    async with ScriptedModem({"AT+CMGL=4": BROKEN}) as scripted, opened(scripted.port) as modem:
        with pytest.raises(CmsError, match="320"):
            await modem.sweep("")


# -- handing over, and setting up anew ---------------------------------------------------------------

DIRECT = b"\r\n+CNMI: (0-2),(2),(0),(0,1),(0)\r\n" + OK


async def test_what_is_handed_over_is_acknowledged_where_that_is_wanted() -> None:
    answers: Answers = {
        "AT+CNMI=?": DIRECT,
        "AT+CSMS=1": b"\r\n+CSMS: 1,1,1\r\n" + OK,
        "AT+CSMS?": b"\r\n+CSMS: 1,1,1,1\r\n" + OK,
        "AT+CNMI=2,2,0,1,0": OK,
        "AT+CNMA": [OK, b"\r\n+CMS ERROR: 340\r\n"],
    }
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        await modem.acknowledge()
        assert scripted.heard[-2:] == ["AT+CNMI=2,2,0,1,0", "AT+CNMA"]
        await modem.acknowledge()  # too late: the modem has set mt and ds to 0
        assert scripted.heard[-1] == "AT+CNMI=2,2,0,1,0"
        assert len(scripted.sent("AT+CNMI=2")) == 2


async def test_nothing_is_acknowledged_that_nobody_waits_for(sim: Simulator) -> None:
    """+CSMS=0 with +CDS: a +CNMA would be answered +CMS ERROR: 340."""
    async with opened(sim.ports[0]) as modem:
        await modem.acknowledge()
        assert sim.modems[0].commands["+CNMA"] == 0


async def test_a_modem_that_hands_over_without_waiting_stores_instead() -> None:
    """Without an acknowledgement a message in our hands is nowhere else: stored without a word is safer."""
    offer = b"\r\n+CNMI: (0-2),(0,2),(0),(0,1),(0)\r\n" + OK
    answers: Answers = {"AT+CNMI=?": offer, "AT+CNMI=2,0,0,1,0": OK, "AT+CNMI=2,2,0,1,0": OK}
    async with ScriptedModem(answers) as scripted, opened(scripted.port):
        assert scripted.sent("AT+CNMI=2") == ["AT+CNMI=2,0,0,1,0"]


@pytest.mark.parametrize(
    ("said", "again"), [(b"2,1,0,1,0", False), (b"1,1,0,1,1", False), (b"2,0,0,0,0", True), (b"2,1,0,0,0", True)]
)
async def test_a_routing_that_the_modem_has_forgotten_is_set_again(said: bytes, again: bool) -> None:
    answers: Answers = {"AT+CNMI=2,1,0,1,0": OK, "AT+CNMI?": b"\r\n+CNMI: " + said + b"\r\n" + OK}
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        await modem.renew()
        assert len(scripted.sent("AT+CNMI=2")) == 1 + again


async def test_storages_that_a_busy_sim_did_not_name_are_asked_for_again() -> None:
    busy = b"\r\n+CMS ERROR: 314\r\n"
    answers: Answers = {"AT+CPMS=?": [busy, ME_AND_SM], "AT+CNMI=2,1,0,1,0": [busy, OK]}
    async with ScriptedModem(answers, otherwise=busy) as scripted, opened(scripted.port) as modem:
        assert list(modem.storages) == [""]
        await modem.renew()
        assert list(modem.storages) == ["ME", "SM"]
        assert scripted.heard[-1] == "AT+CNMI=2,1,0,1,0"


@pytest.mark.parametrize("code", [208, 211, 322])
async def test_a_refusal_for_want_of_room_is_told_as_a_full_storage(sim: Simulator, code: int) -> None:
    async with opened(sim.ports[0]) as modem:
        sim.modems[0].faults.next(CmsCode(code=code))
        with pytest.raises(CmsError):
            await modem.submit(PDU, yes)
        assert await next_event(modem, InboxChanged) == InboxChanged(full=True)


# -- network and events ------------------------------------------------------------------------------


async def test_health(sim: Simulator) -> None:
    async with opened(sim.ports[0]) as modem:
        health = await modem.health()
    assert health.registration is Registration.HOME
    assert health.operator == sim.modems[0].radio.operator
    assert health.technology == sim.modems[0].radio.technology
    assert health.smsc == sim.modems[0].sim.smsc
    assert health.signal_dbm is not None


@pytest.mark.parametrize(
    ("said", "registration"),
    [
        ({"CREG": "0,0", "CEREG": "0,6"}, Registration.SMS_ONLY),
        ({"CREG": "0,0", "CEREG": "0,1"}, Registration.HOME),
        ({"CREG": '2,5,"00A1","01A2",2', "CGREG": "0,0"}, Registration.ROAMING),
        ({"CREG": "0,2", "CEREG": "0,2"}, Registration.SEARCHING),
        ({"CREG": "0,3"}, Registration.DENIED),
        ({"CREG": "0,8"}, Registration.DENIED),
        ({"CREG": "0,0", "CGREG": "0,0", "CEREG": "0,0"}, Registration.NONE),
    ],
)
async def test_registration_is_the_best_of_three(said: dict[str, str], registration: Registration) -> None:
    """Defect 42 of the library: +CREG alone counted; 0 there is normal on LTE."""
    answers: Answers = {f"AT+{name}?": f"\r\n+{name}: {stat}\r\n".encode() + OK for name, stat in said.items()}
    async with ScriptedModem(answers) as scripted, opened(scripted.port) as modem:
        assert (await modem.health()).registration is registration


async def test_what_happens_at_a_modem_becomes_events() -> None:
    async with ScriptedModem() as scripted, opened(scripted.port) as modem:
        scripted.say(
            b'\r\n^RSSI:17\r\n\r\n+CMTI: "SM",3\r\n\r\n+CDSI: "SR",1\r\n\r\n^SMMEMFULL: "SM"\r\n\r\n+CREG: 5\r\n'
            b'\r\nRING\r\n\r\n+CLIP: "+447700900003",145\r\n\r\n+CMT: ,28\r\n' + DELIVER.encode() + b"\r\n\r\nRDY\r\n"
        )
        heard = []
        async for event in modem.events():
            heard.append(event)
            if isinstance(event, Restarted):
                break
    assert heard == [
        InboxChanged("SM"),
        InboxChanged("SR"),
        InboxChanged(full=True),
        NetworkChanged(),
        Ringing(None),
        Ringing("+447700900003"),
        Arrived(DELIVER, is_report=False),
        Restarted(),
    ]


@pytest.mark.parametrize("fault", [Reboot(), EchoOn()])
async def test_a_restart_under_our_hands_is_announced(sim: Simulator, fault: Fault) -> None:
    """Defect 48 of the library: echo on, PDU mode and routing lost, and nobody noticed."""
    async with opened(sim.ports[0]) as modem:
        sim.modems[0].faults.next(fault, command="+CSQ")
        for _ in range(2):
            try:
                await modem.health()
            except DriverError:
                break
        assert await next_event(modem, Restarted) == Restarted()


async def test_events_end_with_the_port(sim: Simulator) -> None:
    async with opened(sim.ports[0]) as modem:
        sim.modems[0].unplug()
        with pytest.raises(PortError):
            async for _ in modem.events():
                pass


async def test_hang_up(sim: Simulator) -> None:
    async with opened(sim.ports[0]) as modem:
        call = sim.modems[0].ring("+447700900003", rings=9)
        assert await next_event(modem, Ringing) == Ringing(None)
        await modem.hang_up()
        assert call.hung_up


async def test_a_modem_that_knows_no_chup_is_hung_up_by_ath() -> None:
    async with ScriptedModem({"ATH": OK}) as scripted, opened(scripted.port) as modem:
        await modem.hang_up()
        assert scripted.heard[-2:] == ["AT+CHUP", "ATH"]


def test_a_pdu_fits_its_command() -> None:
    assert isinstance(PDU, Pdu)
    assert PDU.tpdu_length == len(PDU.hex) // 2 - 1
