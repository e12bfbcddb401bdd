"""Programs written by others use the simulated modem unchanged: it is as real as they need."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.simulator.control import ask

pytestmark = pytest.mark.acceptance

RECIPIENT = "+447700900001"
SENDER = "+447700900123"
BOUND = 30.0  # seconds for each peer


def needs(program: str, package: str) -> str:
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin")
    if path is None:
        pytest.skip(f"{program} is not installed (Debian package {package})")
    return path


@contextmanager
def running(*command: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {BOUND:.0f} s")


def texts(directory: Path) -> list[tuple[str, str]]:
    lines = (directory / "accepted.jsonl").read_text().splitlines()
    return [(taken["recipient"], taken["text"]) for taken in map(json.loads, lines)]


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "sim"
    command = (sys.executable, "-m", "drivers.simulator", str(directory), "--network-delay", "0.05")
    with running(*command) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == str(directory / "modem0")
        yield directory


@pytest.fixture
def gammu_config(sim: Path, tmp_path: Path) -> Path:
    config = tmp_path / "gammurc"
    config.write_text(f"[gammu]\ndevice = {sim / 'modem0'}\nconnection = at\n")
    return config


def gammu(config: Path, *arguments: str) -> str:
    program = needs("gammu", "gammu")
    command = (program, "-c", str(config), *arguments)
    return subprocess.run(command, text=True, capture_output=True, timeout=BOUND, check=True).stdout


def test_gammu_identifies_it(sim: Path, gammu_config: Path) -> None:
    said = gammu(gammu_config, "--identify")
    modem = ask(sim, do="state")["modems"][0]
    assert "SIM-ULATOR" in said
    assert modem["imei"] in said
    assert modem["imsi"] in said


def test_gammu_sends(sim: Path, gammu_config: Path) -> None:
    assert "OK" in gammu(gammu_config, "sendsms", "TEXT", RECIPIENT, "-text", "from gammu")
    assert texts(sim) == [(RECIPIENT, "from gammu")]


def test_gammu_reads_all(sim: Path, gammu_config: Path) -> None:
    ask(sim, do="inject", sender=SENDER, text="to gammu")
    ask(sim, do="inject", sender=SENDER, text="日本語")
    said = gammu(gammu_config, "getallsms")
    assert "to gammu" in said
    assert said.count(SENDER) == 2


SMSD_SETTINGS = """
[smsd]
service = files
logfile = {here}/log
inboxpath = {here}/inbox/
outboxpath = {here}/outbox/
sentsmspath = {here}/sent/
errorsmspath = {here}/error/
LoopSleep = 1
CommTimeout = 1
StatusFrequency = 0
CheckSecurity = 0
CheckBattery = 0
CheckSignal = 0
CheckNetwork = 0
ReceiveFrequency = 1
"""


def test_gammu_smsd_sends_and_receives(sim: Path, gammu_config: Path, tmp_path: Path) -> None:
    program = needs("gammu-smsd", "gammu-smsd")
    for folder in ("inbox", "outbox", "sent", "error"):
        (tmp_path / folder).mkdir()
    gammu_config.write_text(gammu_config.read_text() + SMSD_SETTINGS.format(here=tmp_path))
    (tmp_path / "outbox" / f"OUT{RECIPIENT}.txt").write_text("from gammu-smsd")
    ask(sim, do="inject", sender=SENDER, text="to gammu-smsd")
    with running(program, "-c", str(gammu_config)):
        wait_for(lambda: texts(sim), "gammu-smsd sending")
        received = wait_for(lambda: list((tmp_path / "inbox").glob("IN*.txt")), "gammu-smsd receiving")
        wait_for(lambda: list((tmp_path / "sent").glob("OUT*")), "gammu-smsd filing")
    assert texts(sim) == [(RECIPIENT, "from gammu-smsd")]
    assert received[0].read_text() == "to gammu-smsd"


SMSTOOLS = """
devices = GSM1
outgoing = {here}/outgoing
checked = {here}/checked
failed = {here}/failed
incoming = {here}/incoming
sent = {here}/sent
logfile = {here}/log
infofile = {here}/working
pidfile = {here}/pid
delaytime = 1
delaytime_mainprocess = 1
sleeptime_mainprocess = 1
errorsleeptime = 1
[GSM1]
device = {device}
incoming = yes
rtscts = no
check_network = 0
poll_faster = 50
"""


def test_smstools_sends_and_receives(sim: Path, tmp_path: Path) -> None:
    program = needs("smsd", "smstools")
    for folder in ("outgoing", "checked", "failed", "incoming", "sent"):
        (tmp_path / folder).mkdir()
    config = tmp_path / "smsd.conf"
    config.write_text(SMSTOOLS.format(here=tmp_path, device=sim / "modem0"))
    (tmp_path / "outgoing" / "one").write_text(f"To: {RECIPIENT.removeprefix('+')}\n\nfrom smstools")
    ask(sim, do="inject", sender=SENDER, text="to smstools")
    with running(program, "-t", "-c", str(config), cwd=tmp_path):
        wait_for(lambda: texts(sim), "smstools sending")
        received = wait_for(lambda: list((tmp_path / "incoming").glob("GSM1*")), "smstools receiving")
        wait_for(lambda: list((tmp_path / "sent").glob("*")), "smstools filing")
    assert texts(sim) == [(RECIPIENT, "from smstools")]
    assert "to smstools" in received[0].read_text()


GSMMODEM = """
import sys, threading
from gsmmodem.modem import GsmModem

arrived = threading.Event()

def take(message):
    print(message.number, message.text, flush=True)
    arrived.set()

modem = GsmModem(sys.argv[1], 115200, smsReceivedCallbackFunc=take)
modem.connect()
print("connected", modem.imei, flush=True)
sent = modem.sendSms(sys.argv[2], "from gsmmodem", waitForDeliveryReport=True, deliveryTimeout=10)
print("report", sent.report.deliveryStatus, flush=True)
ok = arrived.wait(10)
modem.close()
sys.exit(0 if ok else 1)
"""


def test_gsmmodem_sends_and_receives(sim: Path, tmp_path: Path) -> None:
    script = tmp_path / "peer.py"
    script.write_text(GSMMODEM)
    command = (sys.executable, "-W", "ignore", str(script), str(sim / "modem0"), RECIPIENT)
    with running(*command) as process:
        wait_for(lambda: texts(sim), "python-gsmmodem-new sending")
        ask(sim, do="inject", sender=SENDER, text="to gsmmodem")
        said, _ = process.communicate(timeout=BOUND)
    assert process.returncode == 0, said
    assert f"{SENDER} to gsmmodem" in said
    assert "report 0" in said
    assert texts(sim) == [(RECIPIENT, "from gsmmodem")]
