"""What each fact means to a person: the verdict, the sentence, and what to do now. Pure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from drivers import usb
from drivers.at.answers import Tries
from drivers.errors import CmeError, CommandTimeout, PortBusy, PortError, PortMissing, SimLocked
from drivers.holders import Holder
from drivers.modem import Identity, Registration
from drivers.words import Sentence
from modemd.doctor import judge_daemon
from modemd.doctor.facts import Clock, Computer, Disk, ModemFacts, Quota
from modemd.doctor.table import diagnose
from modemd.model.doctor import Diagnosis, Verdict
from modemd.model.doctor_labels import LABELS
from modemd.model.errors import ConfigError
from modemd.store.inspection import Inspection
from tests.modemd.doctor_facts import LINK, computer, device, health, modem, node, port

MODEM_MANAGER = Holder(611, "ModemManager")
STORAGE = device("12d1:1f01", {}, interface_class=0x08)
HILINK = device("12d1:14db", {}, interface_class=0x02)


def of(found: Sequence[Diagnosis], check: str) -> Diagnosis:
    (one,) = [each for each in found if each.check == check]
    return one


def judged(check: str, of_computer: Computer, *modems: ModemFacts) -> tuple[str, str, str]:
    """(verdict, finding, next step)."""
    one = of(diagnose(of_computer, modems), check)
    return one.verdict.value, str(one.finding), str(one.next_step or "")


def says(said: tuple[str, str, str], verdict: str, finding: str, next_step: str) -> None:
    assert said[0] == verdict, said
    assert finding in said[1], said
    assert next_step in said[2], said


def test_all_is_well() -> None:
    found = diagnose(computer(), [modem()])
    assert {each.verdict for each in found if each.check != "quota"} == {Verdict.OK}
    assert [each.check for each in found if each.modem == "north"] == [
        *("port", "answers", "imei", "sim", "network", "signal", "smsc", "storage", "quota", "last_error")
    ]


@pytest.mark.parametrize(
    ("check", "changes", "verdict", "finding", "next_step"),
    [
        ("clock", {"clock": Clock(1970, True, True)}, "fail", "says 1970", "date -s"),
        ("clock", {"clock": Clock(2026, False, False)}, "warn", "no battery", "timedatectl set-ntp true"),
        ("clock", {"clock": Clock(2026, False, True)}, "ok", "on its battery", ""),
        ("clock", {"clock": Clock(2026, None, False)}, "skip", "Nobody", ""),
        ("disk", {"disk": Disk(Path("/x"), 3_000_000)}, "fail", "/x is full (3 MB left)", "du -xh /x"),
        ("disk", {"disk": Disk(Path("/x"), 150_000_000)}, "warn", "Only 150 MB", "Make room"),
        ("disk", {"disk": Disk(Path("/x"), 0, "Input/output error")}, "fail", "Input/output", "findmnt -T /x"),
        ("database", {"database": Inspection(None)}, "ok", "There is none yet", ""),
        ("database", {"database": Inspection(None, hidden=True)}, "skip", "sudo modemd doctor", ""),
        ("database", {"database": Inspection(1, Sentence("It is broken."))}, "fail", "It is broken.", "restore"),
        ("database", {"database": Inspection(1, Sentence("Busy."), recovered=True)}, "warn", "works now", "SD card"),
        ("power", {"power": usb.Power(True, True)}, "fail", "too little voltage right now", "USB hub"),
        ("power", {"power": usb.Power(False, True)}, "warn", "has had too little voltage", "USB hub"),
        ("usb", {"usb": ()}, "fail", "No modem is plugged into USB", "journalctl -k"),
        ("usb", {"usb": (STORAGE,)}, "fail", "plays the CD-ROM drive", "apt install usb-modeswitch"),
        ("usb", {"usb": (STORAGE,), "can_switch": True}, "fail", "(12d1:1f01)", "usb-modeswitch is there"),
        ("usb", {"usb": (HILINK,)}, "fail", "HiLink): no AT port", "another modem"),
        ("usb", {"usb": (device("1e0e:9001", {}),)}, "fail", "no serial port", "echo 1e0e 9001 > /sys/bus/usb-serial"),
        ("usb", {"usb": (device("05c6:9008", {}),)}, "fail", "crashed", "it is broken"),
        ("usb", {"usb": (device(autosuspend=True),)}, "warn", "put to sleep", "/sys/bus/usb/devices/1-1/power/control"),
        ("udev", {"has_rules": False}, "warn", "are not installed", "udevadm control --reload"),
        ("udev", {"usb": (STORAGE,)}, "skip", "Not needed", ""),
        ("others", {"modem_manager": MODEM_MANAGER}, "warn", "ModemManager (pid 611) runs here", "opt-in udev file"),
        ("others", {"modem_manager": MODEM_MANAGER, "modem_manager_ignores_us": True}, "ok", "told to leave", ""),
    ],
)
def test_the_computer(check: str, changes: dict[str, Any], verdict: str, finding: str, next_step: str) -> None:
    """With a modem that is not there: its stick may be the one that is no modem."""
    gone = modem(node=node(exists=False), answered=False)
    says(judged(check, computer(**changes), gone), verdict, finding, next_step)


def test_a_stick_that_is_no_modem_is_in_nobodys_way_while_all_others_answer() -> None:
    says(judged("usb", computer(usb=(HILINK,)), modem()), "warn", "HiLink", "")
    assert judged("usb", computer(usb=()), modem(node=node(usb=None)))[0] == "skip"


def test_no_pi_says_nothing_of_its_supply() -> None:
    assert "power" not in {each.check for each in diagnose(computer(power=None), [])}


LOST = {"answered": False, "health": None, "lock": None}


@pytest.mark.parametrize(
    ("changes", "spoilt", "verdict", "finding", "next_step"),
    [
        ({"node": None, "port": "auto", "imei": "490154203237518"}, {}, "fail", "IMEI that ends in 7518", "IMEI"),
        ({"node": node(exists=False)}, {"usb": ()}, "fail", f"{LINK} is not there.", "Plug the modem in."),
        (
            {"node": node(exists=False)},
            {},
            "fail",
            "EC25/EG25-G that is plugged in has its AT port at /dev/ttyUSB2",
            "by",
        ),
        ({"node": node(exists=False)}, {"usb": (STORAGE,)}, "fail", "is no modem yet, see USB", "USB"),
        ({"node": node(is_serial=False)}, {}, "fail", "no serial port", "/dev/serial/by-path/"),
        ({"node": node(may_open=False)}, {}, "fail", "The user taro may not open", "usermod -aG dialout taro"),
        ({"node": node(may_open=False, group="root")}, {}, "fail", "open to root alone", "chgrp dialout"),
        (
            {"node": node(holders=(MODEM_MANAGER,))},
            {},
            "fail",
            f"ModemManager (pid 611) has {LINK}",
            "systemctl disable",
        ),
        (
            {"node": node(holders=(Holder(9, "gammu-smsd"),))},
            {},
            "fail",
            "gammu-smsd (pid 9) has",
            "systemctl status 9",
        ),
        ({"trouble": PortBusy("busy")}, {}, "fail", "which one, only root can see", "sudo modemd doctor"),
        (
            {"trouble": PortBusy("busy")},
            {"modem_manager": MODEM_MANAGER},
            "fail",
            "most likely ModemManager",
            "systemctl",
        ),
        ({"node": node(usb=port(0))}, {}, "fail", "the diagnosis port of the Quectel EC25", "/dev/ttyUSB2 now"),
        ({"node": node(usb=port(1))}, {}, "fail", "the GPS port", "/dev/ttyUSB2 now"),
    ],
)
def test_a_port_that_cannot_be_used(
    changes: dict[str, Any], spoilt: dict[str, Any], verdict: str, finding: str, next_step: str
) -> None:
    """Everything behind it is left alone, and says so."""
    facts = modem(**LOST | changes)
    says(judged("port", computer(**spoilt), facts), verdict, finding, next_step)
    found = diagnose(computer(**spoilt), [facts])
    for check in ("answers", "imei", "sim", "network", "signal", "smsc", "storage"):
        assert of(found, check).verdict is Verdict.SKIP
        assert str(of(found, check).finding) == "Not looked at: port comes first."


@pytest.mark.parametrize(
    ("changes", "finding", "next_step"),
    [
        ({"node": node(usb=port(0))}, "the diagnosis port", "/dev/ttyUSB2 now"),
        ({"node": node(path="/dev/ttyUSB2")}, "/dev/ttyUSB2 is a name for today", LINK),
        ({"node": node(service_may=False)}, "in which the user modemd is not", "usermod -aG dialout modemd"),
    ],
)
def test_a_port_that_works_but_will_not_always(changes: dict[str, Any], finding: str, next_step: str) -> None:
    says(judged("port", computer(), modem(**changes)), "warn", finding, next_step)


def test_a_port_without_a_usb_device_is_as_good_as_its_modem() -> None:
    assert judged("port", computer(), modem(node=node(path="/dev/ttyS0", usb=None, stable_name=None)))[0] == "ok"


JAPAN = {"region": "JP", "identity": Identity(imei="490154203237518", manufacturer="huawei", model="E173")}


@pytest.mark.parametrize(
    ("check", "changes", "verdict", "finding", "next_step"),
    [
        ("answers", {"answered": None}, "skip", "being set up", ""),
        ("answers", {**LOST, "trouble": CommandTimeout()}, "fail", "It does not answer to AT", "unplug it"),
        ("answers", {**LOST, "trouble": PortError("{p} is gone.", p="X")}, "fail", "X is gone.", "supply"),
        ("imei", {"identity": Identity()}, "warn", "does not tell its IMEI", "AT port"),
        ("imei", {"imei": "354444064972217"}, "fail", "ends in 7518, the configured one in 2217", "correct imei"),
        ("sim", {"lock": "pin"}, "fail", "waits for its PIN. Tries left: 3", "pin_file"),
        ("sim", {"lock": "pin", "tries": Tries()}, "fail", "The SIM waits for its PIN.", "chmod 600"),
        ("sim", {"lock": "pin", "tries": Tries(1, 10)}, "fail", "Tries left: 1", "into a phone"),
        ("sim", {"lock": "pin", "by_daemon": False, "has_pin_file": True}, "ok", "modemd gives it when it starts", ""),
        ("sim", {"lock": "pin_tried", "tries": Tries(2)}, "fail", "it is not tried again. Tries left: 2", "once"),
        ("sim", {"lock": "last_try", "tries": Tries(1)}, "fail", "One try of the PIN is left", "into a phone"),
        ("sim", {"lock": "puk", "tries": Tries(0, 9)}, "fail", "waits for its PUK. Tries left: 9", "operator"),
        ("sim", {"lock": "absent"}, "fail", "There is no SIM", "put the SIM in"),
        ("sim", {"lock": "other"}, "fail", "only its operator or a phone", "in a phone"),
        ("sim", {"lock": "unknown"}, "ok", "does not say", ""),
        ("network", {"health": health(registration=Registration.SEARCHING)}, "fail", "finds none", "Antenna"),
        ("network", {"health": health(registration=Registration.DENIED)}, "fail", "refuses this SIM", "paid"),
        ("network", {"health": health(registration=Registration.NONE)}, "fail", "looks for none", "operator"),
        ("network", {"health": health(registration=Registration.ROAMING)}, "ok", "Example Mobile LTE: roaming", ""),
        ("network", {"health": health(registration=Registration.UNKNOWN)}, "ok", "does not say", ""),
        ("network", {"health": None}, "skip", "look again", ""),
        ("signal", {"health": health(signal_dbm=-109)}, "fail", "-109 dBm, too weak: messages are lost", "antenna"),
        ("signal", {"health": health(signal_dbm=-105)}, "warn", "-105 dBm, very weak", "antenna"),
        ("signal", {"health": health(signal_dbm=-90)}, "ok", "-90 dBm, weak", ""),
        ("signal", {"health": health(signal_dbm=None)}, "warn", "hears nothing", "antenna"),
        ("smsc", {"health": health(smsc=None)}, "fail", "no number of a message centre (SMSC)", "Ask the operator"),
        ("storage", {"storages": {"ME": (3, 9), "SM": (20, 20)}}, "fail", "SM is full (20 of 20)", "modemd log"),
        ("storage", {"storages": {"SM": (16, 20)}}, "warn", "nearly full: 16 of 20", "makes room"),
        ("storage", {"storages": {}}, "skip", "does not say", ""),
        ("storage", {"storages": {"SR": (0, 0)}}, "skip", "does not say", ""),
        ("storage", {"alerts": {"storage_stuck": Sentence("It keeps them.")}}, "warn", "It keeps them.", "modemd log"),
        ("quota", {"quotas": (Quota("today", 3, 10), Quota("this hour", 5, 5))}, "warn", "(5 of 5, this hour)", "Wait"),
        ("quota", {"quotas": (Quota("today", 3, 10),)}, "ok", "3 of 10 parts, today", ""),
        ("last_error", {"last_error": Sentence("No room."), "last_error_at": 999_000.0}, "warn", "No room.", "log"),
        ("last_error", {"last_error": Sentence("No room."), "last_error_at": 900_000.0}, "ok", "No room.", ""),
        ("last_error", {"by_daemon": False}, "skip", "remembers", ""),
    ],
)  # fmt: skip
def test_the_modem(check: str, changes: dict[str, Any], verdict: str, finding: str, next_step: str) -> None:
    says(judged(check, computer(), modem(**changes)), verdict, finding, next_step)


@pytest.mark.parametrize(
    ("changes", "dead"),
    [
        ({**JAPAN, "health": health(registration=Registration.SEARCHING)}, True),
        ({**JAPAN, "region": None, "mcc": "440", "health": health(registration=Registration.NONE)}, True),
        ({"region": "JP", "health": health(registration=Registration.SEARCHING, without_lte=True)}, True),
        ({**JAPAN, "health": None, "lock": "pin"}, True),  # no need to look for the PIN
        ({**JAPAN, "region": "GB", "health": health(registration=Registration.SEARCHING)}, False),
        ({"region": "JP", "health": health(registration=Registration.SEARCHING)}, False),  # an EC25
        ({**JAPAN, "health": health(registration=Registration.ROAMING)}, False),  # it works, whatever it is
    ],
)
def test_a_modem_without_lte_is_dead_in_japan(changes: dict[str, Any], dead: bool) -> None:
    """au ended 3G in 2022, SoftBank in 2024, docomo in March 2026."""
    said = judged("network", computer(), modem(**changes))
    assert ("has no LTE: Japan's 2G and 3G networks are switched off" in said[1]) is dead
    assert (said[2] == "Use an LTE modem.") is dead


def test_what_cannot_be_seen_behind_a_locked_sim_says_so() -> None:
    facts = modem(lock="puk", health=None, identity=Identity(), trouble=SimLocked("puk", Tries(0, 10)))
    found = diagnose(computer(), [facts])
    assert of(found, "sim").verdict is Verdict.FAIL
    for check in ("imei", "network", "signal", "smsc", "storage"):
        assert str(of(found, check).finding) == "Not looked at: SIM comes first.", check


def test_an_error_is_said_once() -> None:
    missing = PortMissing("not there")
    facts = modem(
        **LOST, node=node(exists=False), trouble=missing, last_error=missing.sentence, last_error_at=999_999.0
    )
    assert judged("last_error", computer(), facts)[:2] == ("skip", "It is what fails above.")
    unexplained = modem(trouble=CmeError(100), last_error=Sentence("It failed."), last_error_at=999_999.0)
    assert judged("last_error", computer(), unexplained)[0] == "warn"


def test_whatever_fails_says_what_to_do() -> None:
    """Seen red: with the next step of a network card left out."""
    every = [
        *diagnose(computer(usb=(STORAGE, HILINK), has_rules=False, modem_manager=MODEM_MANAGER), [modem(lock="puk")]),
        *diagnose(computer(disk=Disk(Path("/x"), 0)), [modem(**LOST, node=node(exists=False))]),
        judge_daemon.settings(0),
        judge_daemon.settings_wrong(ConfigError("It is wrong.")),
        judge_daemon.away(Path("/s")),
        judge_daemon.forbidden(Path("/s"), "modemd-api"),
        judge_daemon.hangs(Path("/s")),
    ]
    for each in every:
        assert each.check in LABELS
        needs_a_step = each.verdict in (Verdict.WARN, Verdict.FAIL)
        assert bool(each.next_step and str(each.next_step)) is needs_a_step, each
