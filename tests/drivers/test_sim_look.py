"""What can be seen of a card and its modem without unlocking, setting up or changing anything."""

from pathlib import Path

import pytest

from drivers.at.answers import Tries
from drivers.at_modem import AtModem
from drivers.errors import SimLocked
from drivers.modem import Identity, Registration, Sim, SimState
from drivers.simulator.simulator import Simulator
from tests.drivers.scripted_modem import OK, Answers, ScriptedModem

DELIVER = "07917407090099F9040C9144779000000100006201210200000001C8"


class PinSource:
    def __init__(self, pin: str) -> None:
        self.pin, self.asked = pin, 0

    async def __call__(self, _: Identity) -> str | None:
        self.asked += 1
        return self.pin


async def test_greeting_sends_no_pin_and_sets_nothing_up(tmp_path: Path) -> None:
    async with Simulator(tmp_path, pin="1234") as sim:
        modem = await AtModem.greet(sim.ports[0], patience=0.1)
        try:
            assert modem.identity.imei == sim.modems[0].identity.imei
            assert await modem.sim() == Sim(SimState.PIN, Tries(3, 10))
        finally:
            modem.close()
        assert sim.modems[0].sim.pin_tries == 3
        assert sim.modems[0].settings.cnmi == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("tries", "state", "present", "seen"),
    [
        (3, SimState.READY, True, Sim(SimState.READY, Tries(3, 10), "001")),
        (0, SimState.PUK, True, Sim(SimState.PUK, Tries(0, 10))),
        (3, SimState.ABSENT, False, Sim(SimState.ABSENT, Tries(3, 10))),
    ],
)
async def test_a_card_as_it_is(tmp_path: Path, tries: int, state: SimState, present: bool, seen: Sim) -> None:
    async with Simulator(tmp_path) as sim:
        sim.modems[0].sim.pin_tries, sim.modems[0].sim.present = tries, present
        modem = await AtModem.greet(sim.ports[0], patience=0.1)
        try:
            assert await modem.sim() == seen
        finally:
            modem.close()


async def test_a_makers_own_counter_goes_before_the_standards() -> None:
    answers: Answers = {
        "AT+CGMI": b"\r\nQuectel\r\n" + OK,
        "AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n" + OK,
        "AT+QPINC?": b'\r\n+QPINC: "SC",2,10\r\n' + OK,
    }
    async with ScriptedModem(answers) as scripted:
        modem = await AtModem.greet(scripted.port, patience=0.1)
        assert (await modem.sim()).tries == Tries(2, 10)
        modem.close()
        assert scripted.sent("AT+CPINR") == []


async def test_the_last_try_of_a_pin_is_never_ours(tmp_path: Path) -> None:
    """P8. Seen red: without the count being asked, the third wrong PIN locked the card."""
    pin = PinSource("9999")
    async with Simulator(tmp_path, pin="1234") as sim:
        sim.modems[0].sim.pin_tries = 1
        with pytest.raises(SimLocked) as locked:
            await AtModem.open(sim.ports[0], pin, patience=0.1)
        assert (locked.value.state, locked.value.tries) == ("last_try", Tries(1, 10))
        assert pin.asked == 0
        assert sim.modems[0].sim.pin_tries == 1


async def test_a_lock_says_how_many_tries_are_left(tmp_path: Path) -> None:
    async def refuses(_: Identity) -> str | None:
        raise SimLocked("pin_tried")

    async with Simulator(tmp_path, pin="1234") as sim:
        with pytest.raises(SimLocked) as locked:
            await AtModem.open(sim.ports[0], refuses, patience=0.1)
        assert (locked.value.state, locked.value.tries) == ("pin_tried", Tries(3, 10))
        sim.modems[0].sim.pin_tries = 0
        with pytest.raises(SimLocked) as locked:
            await AtModem.open(sim.ports[0], refuses, patience=0.1)
        assert (locked.value.state, locked.value.tries) == ("puk", Tries(0, 10))


async def test_how_full_the_storages_are(tmp_path: Path) -> None:
    """Also of those that are not chosen now."""
    async with Simulator(tmp_path) as sim:
        sim.modems[0].sim.storage.slots = 2
        await sim.inject_pdu(0, DELIVER)
        modem = await AtModem.greet(sim.ports[0], patience=0.1)
        found = await modem.look_into_storages()
        assert {name: found[name] for name in ("ME", "SM", "SR")} == {"ME": (0, 100), "SM": (1, 2), "SR": (0, 10)}
        modem.close()


async def test_a_modem_that_knows_no_lte_says_so() -> None:
    answers: Answers = {"AT+CREG?": b"\r\n+CREG: 0,2\r\n" + OK}
    async with ScriptedModem(answers) as scripted:
        modem = await AtModem.greet(scripted.port, patience=0.1)
        health = await modem.health()
        modem.close()
    assert (health.registration, health.without_lte) == (Registration.SEARCHING, True)


async def test_a_modem_that_has_lte(tmp_path: Path) -> None:
    async with Simulator(tmp_path) as sim:
        modem = await AtModem.greet(sim.ports[0], patience=0.1)
        assert not (await modem.health()).without_lte
        sim.modems[0].radio.rssi = 10
        assert await modem.signal() == -93
        modem.close()
