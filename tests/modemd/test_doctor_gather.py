"""The facts themselves: of a fake /sys, of simulated modems, of the daemon. Nothing is changed by looking."""

import asyncio
import os
import pty
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.at.answers import Tries
from drivers.errors import CmeError, CommandTimeout, DriverError, PortMissing, SimLocked
from drivers.modem import Health, Identity, Registration
from drivers.simulator.radio import Stat
from drivers.simulator.simulator import Simulator
from modemd.config import Config, ModemConfig
from modemd.doctor import computer, modems
from modemd.doctor.facts import ModemFacts
from modemd.doctor.table import diagnose_modem
from modemd.engine import status
from modemd.engine.status import ModemStatus
from modemd.model.doctor import Verdict
from modemd.store.database import DATABASE, Store
from modemd.store.inspection import Inspection, inspect, inspect_running
from tests.drivers.fake_sysfs import FakeSysfs
from tests.modemd import doctor_facts

NOW = 1_000_000.0
DELIVER = "07917407090099F9040C9144779000000100006201210200000001C8"
NO_DATABASE = Inspection(None)


# -- this computer -----------------------------------------------------------------------------------------


def test_a_computer_with_nothing_on_it(tmp_path: Path) -> None:
    found = computer.gather(tmp_path / "state", NO_DATABASE, root=str(tmp_path))
    assert (found.usb, found.power, found.modem_manager) == ((), None, None)
    assert (found.has_rules, found.can_switch, found.clock.has_battery) == (False, False, False)
    assert found.disk.free > 0, "of the nearest folder that is there"


def test_a_pi_with_a_stick_and_its_rules(tmp_path: Path) -> None:
    sysfs = FakeSysfs(tmp_path)
    sysfs.plug("12d1:1f01", classes={0: (0x08, 0x06, 0x50)})
    sysfs.write("sys/devices/platform/soc/soc:firmware/get_throttled", "50000")
    sysfs.write("sys/class/rtc/rtc0/name", "rtc-ds1307")
    sysfs.write("run/systemd/timesync/synchronized", "")
    sysfs.write("usr/sbin/usb_modeswitch", "")
    sysfs.write("etc/udev/rules.d/70-modemd.rules", "# ours")
    found = computer.gather(tmp_path, NO_DATABASE, root=str(tmp_path))
    assert [each.usb_id for each in found.usb] == ["12d1:1f01"]
    assert found.power is not None
    assert found.power.low_before
    assert (found.clock.synchronized, found.clock.has_battery) == (True, True)
    assert (found.has_rules, found.can_switch, found.modem_manager_ignores_us) == (True, True, False)
    sysfs.write("etc/udev/rules.d/70-modemd-modemmanager-ignore.rules", 'ENV{ID_MM_DEVICE_IGNORE}="1"')
    assert computer.gather(tmp_path, NO_DATABASE, root=str(tmp_path)).modem_manager_ignores_us


def test_the_kernel_says_whether_its_clock_is_kept() -> None:
    assert computer.kernel_synchronized() in (True, False, None)


# -- the database ------------------------------------------------------------------------------------------


async def test_a_database_that_is_well(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    assert inspect(file) == Inspection(None)
    store = Store(file)
    while_open = inspect(file)
    assert while_open.octets
    assert while_open.trouble is None
    assert (await inspect_running(store)).trouble is None
    await store.close()
    before = os.listdir(tmp_path)
    assert inspect(file).trouble is None
    assert os.listdir(tmp_path) == before, "looking leaves nothing behind"


def test_a_database_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    file.write_text("Hello, this is no database, but long enough to be looked at as one. " * 20)
    assert "file is not a database" in str(inspect(file).trouble)
    file.unlink()
    foreign = sqlite3.connect(file)
    foreign.execute("create table t (a)")
    foreign.close()
    assert "is not a modemd database" in str(inspect(file).trouble)


async def test_a_database_with_a_hole_in_it(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    store = Store(file)
    await store.run(lambda db: db.execute("create table filler (a)"))
    for _ in range(50):
        await store.run(lambda db: db.execute("insert into filler values (zeroblob(3000))"))
    await store.close()
    with file.open("r+b") as raw:
        raw.seek(4096 * 5)
        raw.write(b"\xff" * 4096 * 3)
    assert inspect(file).trouble is not None


async def test_a_database_that_failed_is_remembered_to_have(store: Store) -> None:
    with pytest.raises(sqlite3.Error):
        await store.run(lambda db: db.execute("select no_such_column from nowhere"))
    assert (await inspect_running(store)).trouble is None, "a wrong question is no failure of the disk"
    store.last_failure = (NOW, "disk I/O error")
    found = await inspect_running(store)
    assert found.recovered
    assert "disk I/O error" in str(found.trouble)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_database_of_another_user_is_no_broken_one(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    file.write_bytes(b"x")
    file.chmod(0o600)
    pid = os.fork()
    if pid == 0:
        os.setuid(65534)
        os._exit(0 if inspect(file).hidden else 1)
    assert os.waitpid(pid, 0)[1] == 0


# -- the modems, by asking them ----------------------------------------------------------------------------


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path / "sim", pin="1234") as simulator:
        yield simulator


def configured(sim: Simulator, **rest: object) -> Config:
    return Config(modems=(replace(ModemConfig("north", sim.ports[0]), **rest),))  # type: ignore[arg-type]


async def asked(sim: Simulator, **rest: object) -> ModemFacts:
    (facts,) = await modems.by_asking(configured(sim, **rest), NOW)
    return facts


def worst(facts: ModemFacts) -> list[str]:
    """The checks that fail."""
    found = diagnose_modem(facts, doctor_facts.computer())
    return [each.check for each in found if each.verdict is Verdict.FAIL]


async def test_a_modem_is_asked_and_given_back_as_it_was(sim: Simulator) -> None:
    sim.modems[0].sim.pin = None
    sim.modems[0].radio_changed()
    facts = await asked(sim)
    assert (facts.answered, facts.lock, facts.tries, facts.mcc) == (True, "ready", Tries(3, 10), "001")
    assert facts.storages == {"ME": (0, 100), "SM": (0, 20), "SR": (0, 10)}
    assert worst(facts) == []
    assert sim.exchanges == [], "nothing was sent"
    assert (await asked(sim)).answered, "the port is free again"


async def test_no_pin_is_ever_sent_by_the_doctor(sim: Simulator, tmp_path: Path) -> None:
    """P8."""
    pin_file = tmp_path / "pin"
    pin_file.write_text("9999")
    for _ in range(3):
        assert (await asked(sim, pin_file=pin_file)).lock == "pin"
    assert sim.modems[0].sim.pin_tries == 3


async def test_what_is_wrong_with_a_modem_is_seen(sim: Simulator) -> None:
    it = sim.modems[0]
    assert worst(await asked(sim)) == ["sim"]
    it.sim.pin_tries = 0
    assert (await asked(sim)).lock == "puk"
    it.sim.pin, it.sim.pin_tries = None, 3
    it.radio.stat = Stat.DENIED
    it.radio_changed()
    assert worst(await asked(sim)) == ["network"]
    it.radio.stat, it.sim.smsc = Stat.HOME, ""
    it.radio_changed()
    assert worst(await asked(sim)) == ["smsc"]
    it.sim.smsc, it.sim.storage.slots = "+447700900999", 1
    await sim.inject_pdu(0, DELIVER)
    assert worst(await asked(sim)) == ["storage"]
    it.sim.present = False
    assert worst(await asked(sim)) == ["sim"]
    it.unplug()
    assert worst(await asked(sim)) == ["port"]


async def test_a_modem_that_hangs_is_deaf_and_not_waited_for_without_an_end(sim: Simulator) -> None:
    sim.modems[0].hang()
    async with asyncio.timeout(30):
        facts = await asked(sim)
    assert facts.answered is False
    assert isinstance(facts.trouble, CommandTimeout)
    assert worst(facts) == ["answers"]


HOLD = """
import fcntl, os, sys
held = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(held, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def test_who_has_a_port_is_named_and_not_disturbed(sim: Simulator) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, sim.ports[0], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    await other.stdout.readline()
    facts = await asked(sim)
    assert facts.node is not None
    assert [each.pid for each in facts.node.holders] == [other.pid]
    assert worst(facts) == ["port"]
    await other.communicate(b"")


def test_a_node_that_may_not_be_opened(tmp_path: Path) -> None:
    found = modems.node("/dev/null")
    assert (found.exists, found.is_serial, found.may_open, found.usb) == (True, True, True, None)
    assert not modems.node(str(tmp_path)).is_serial
    assert not modems.node(str(tmp_path / "nothing")).exists


async def test_an_imei_that_answers_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modemd.engine.ports.candidates", list)
    config = Config(modems=(ModemConfig("north", "auto", imei="490154203237518"),))
    (facts,) = await modems.by_asking(config, NOW)
    assert (facts.node, facts.answered) == (None, False)
    assert isinstance(facts.trouble, PortMissing)
    (unasked,) = modems.unasked(config)
    assert unasked.node is None


# -- the modems, of the daemon -----------------------------------------------------------------------------


@pytest.fixture
def tty() -> Iterator[str]:
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


def of_status(state: ModemStatus) -> ModemFacts:
    (facts,) = modems.of_daemon(Config(modems=(ModemConfig("north", state.port),)), [state], NOW)
    return facts


def test_what_the_daemon_knows_needs_no_question(tty: str) -> None:
    health = Health(Registration.HOME, -79, "Example", "LTE", "+447700900998")
    identity = Identity(imei="490154203237518", imsi="440101234567890")
    facts = of_status(
        ModemStatus("north", tty, status.BUSY, health=health, identity=identity, storages={"SM": (1, 20)})
    )
    assert (facts.answered, facts.lock, facts.mcc, facts.health) == (True, "ready", "440", health)
    assert facts.storages == {"SM": (1, 20)}
    assert facts.by_daemon
    assert worst(facts) == []


@pytest.mark.parametrize(
    ("state", "trouble", "answered", "lock", "fails"),
    [
        (status.STARTING, None, None, None, []),
        (status.STARTING, CommandTimeout(), False, None, ["answers"]),  # it is tried once more
        (status.GONE, CommandTimeout(), False, None, ["answers"]),
        (status.PARKED, SimLocked("puk", Tries(0, 9)), True, "puk", ["sim"]),
        (status.PARKED, SimLocked("last_try", Tries(1, 10)), True, "last_try", ["sim"]),
        (status.PARKED, CmeError(16), True, "pin_tried", ["sim"]),
        (status.GONE, CmeError(100), True, None, []),
    ],
)
def test_a_modem_that_is_not_open(
    tty: str, state: str, trouble: DriverError | None, answered: bool | None, lock: str | None, fails: list[str]
) -> None:
    """Seen red: a hung modem passed for one being set up whenever it was just tried anew."""
    facts = of_status(ModemStatus("north", tty, state, trouble=trouble))
    assert (facts.answered, facts.lock, facts.health) == (answered, lock, None)
    assert worst(facts) == fails


def test_a_modem_of_the_configuration_that_the_daemon_does_not_have() -> None:
    config = Config(modems=(ModemConfig("north", "/dev/null"), ModemConfig("south", "/dev/zero")))
    found = modems.of_daemon(config, [ModemStatus("north", "/dev/null", status.READY)], NOW)
    assert [each.name for each in found] == ["north"]
