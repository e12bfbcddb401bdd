"""modemd doctor as a technician meets it: the real daemon, real ptys, a real terminal's width."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from modemd.model.doctor_labels import LABELS
from tests.acceptance.site import Site
from tests.acceptance.test_command_line import PLAIN, modemd

pytestmark = pytest.mark.acceptance

DELIVERED, DEAD, SILENT = "+447700900001", "+447700900002", "+447700900003"


def doctor(site: Site, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = modemd("doctor", "--json", "--config", str(site.config), *words)
    assert "Traceback" not in done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return done.returncode, found


def verdicts(found: list[dict[str, Any]], modem: str | None = "north") -> dict[str, str]:
    return {each["check"]: each["verdict"] for each in found if each["modem"] == modem}


async def test_with_a_daemon_its_word_is_taken_and_its_ports_are_left_alone(site: Site) -> None:
    """Seen red: a doctor that opened the port itself took it from the daemon, or was refused it."""
    status, found = await asyncio.to_thread(doctor, site)
    assert status == 0
    assert [each["check"] for each in found if each["modem"]] == [*LABELS][-11:-1]
    assert set(verdicts(found).values()) == {"ok", "skip"}
    assert verdicts(found, None)["daemon"] == "ok"
    assert (await site.client.modems())[0].state == "ready"
    assert site.accepted == []


async def test_without_a_daemon_the_ports_are_asked_from_here(site: Site) -> None:
    await site.terminate()
    status, found = await asyncio.to_thread(doctor, site)
    assert status == 1
    assert verdicts(found, None)["daemon"] == "fail"
    assert verdicts(found)["network"] == "ok"
    site.sim.modems[0].sim.pin_tries = 0
    assert verdicts((await asyncio.to_thread(doctor, site))[1])["sim"] == "fail"
    site.sim.modems[0].unplug()
    assert verdicts((await asyncio.to_thread(doctor, site))[1])["port"] == "fail"


async def test_a_daemon_that_says_nothing_keeps_its_ports(site: Site) -> None:
    assert site.process is not None
    site.process.send_signal(signal.SIGSTOP)
    try:
        status, found = await asyncio.to_thread(doctor, site)
    finally:
        site.process.send_signal(signal.SIGCONT)
    assert status == 1
    daemon = next(each for each in found if each["check"] == "daemon")
    assert "does not answer" in daemon["finding"]
    assert not [each for each in found if each["modem"]]


async def test_a_locked_card_is_seen_by_the_daemon_too(site: Site) -> None:
    site.sim.modems[0].sim.pin_tries = 0
    await site.terminate()
    await site.start(ready=False)

    async def locked() -> bool:
        return any(each.check == "sim" and each.verdict == "fail" for each in await site.client.doctor())

    await site.until(locked)
    status, found = await asyncio.to_thread(doctor, site)
    assert status == 1
    card = next(each for each in found if each["check"] == "sim")
    assert (card["value"], card["finding"]) == ("puk", "The SIM is locked and waits for its PUK. Tries left: 10")


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_a_page_is_a_screen(site: Site, language: str) -> None:
    """80x24 on a terminal; every line within its width."""
    words = f"stty cols 80 rows 24; exec {sys.executable} -m modemd doctor --lang {language} --config {site.config}"
    done = await asyncio.create_subprocess_exec(
        *("script", "-qc", words, "/dev/null"),
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
        env={**PLAIN, "TERM": "xterm"},
    )
    page = (await done.communicate())[0].decode()
    lines = page.replace("\r", "").rstrip("\n").split("\n")
    assert len(lines) <= 24, page
    assert max(map(cell_len, lines)) <= 80, page
    assert "north" in page


# -- the proof -----------------------------------------------------------------------------------------------


async def test_the_proof_goes_through_the_outbox_and_waits_for_its_report(site: Site) -> None:
    """P7: one door; what the network took is what the outbox has."""
    done = await asyncio.to_thread(modemd, "doctor", "--config", str(site.config), "--send", DELIVERED)
    assert done.returncode == 0, done
    assert "SMS works." in done.stdout
    (message,) = (await site.client.messages()).messages
    assert message.state == "delivered"
    assert len(site.accepted) == 1


async def test_a_proof_that_fails_says_what_the_network_said(site: Site) -> None:
    status, found = await asyncio.to_thread(doctor, site, "--send", DEAD)
    assert status == 1
    assert (found[-1]["check"], found[-1]["verdict"], found[-1]["value"]) == ("send", "fail", "undelivered")
    assert "not obtainable" in found[-1]["finding"]
    assert found[-1]["next_step"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--send", "hello"), "is no phone number"),
        (("--send", DELIVERED, "--modem", "nowhere"), 'There is no modem "nowhere".'),
    ],
)
async def test_a_proof_that_cannot_be_is_not_begun(site: Site, words: tuple[str, ...], sentence: str) -> None:
    status, found = await asyncio.to_thread(doctor, site, *words)
    assert status == 1
    assert sentence in found[-1]["finding"]
    assert site.accepted == []


async def test_no_proof_is_left_waiting_where_nothing_can_send(site: Site) -> None:
    await site.client.stop()
    _, found = await asyncio.to_thread(doctor, site, "--send", DELIVERED)
    assert "the line is stopped" in found[-1]["finding"]
    await site.client.resume()
    site.sim.modems[0].sim.smsc = ""
    site.sim.modems[0].unplug()
    await site.until(lambda: _no_port(site))
    _, found = await asyncio.to_thread(doctor, site, "--send", DELIVERED)
    assert "no modem could take it" in found[-1]["finding"]
    await site.terminate()
    _, found = await asyncio.to_thread(doctor, site, "--send", DELIVERED)
    assert "which does not answer" in found[-1]["finding"]


async def _no_port(site: Site) -> bool:
    return any(each.check == "port" and each.verdict == "fail" for each in await site.client.doctor())


async def interrupted(site: Site, number: str, after: str) -> tuple[int, str]:
    """The doctor, and a Ctrl-C once its message is in that state."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "modemd", "doctor", "--config", str(site.config), "--send", number),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=PLAIN | {"PYTHONUNBUFFERED": "1"},
    )

    async def there() -> bool:
        return any(each.state == after for each in (await site.client.messages()).messages)

    await site.until(there)
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_ctrl_c_while_the_fuse_burns_stops_it(site: Site) -> None:
    """P1."""
    status, said = await interrupted(site, DELIVERED, "staged")
    assert status == 130
    assert "Stopped. Nothing left the modem." in said
    assert site.accepted == []
    assert [each.state for each in (await site.client.messages()).messages] == ["cancelled"]


async def test_ctrl_c_after_it_left_says_so(site: Site) -> None:
    status, said = await interrupted(site, SILENT, "submitted")
    assert status == 130
    assert "It has left; what becomes of it: modemd show 1" in said
    assert len(site.accepted) == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
async def test_who_may_not_talk_to_the_daemon_is_told_so(site: Site, tmp_path: Path) -> None:
    for folder in (*tmp_path.parents, tmp_path, site.folder, site.socket.parent):
        if str(folder).startswith("/tmp/") or folder == site.socket.parent:
            folder.chmod(0o755)
    done = await asyncio.create_subprocess_exec(
        *("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"),
        *(sys.executable, "-m", "modemd", "doctor", "--json", "--config", str(site.config)),
        stdout=asyncio.subprocess.PIPE,
        env=PLAIN,
    )
    found = json.loads((await done.communicate())[0])
    daemon = next(each for each in found if each["check"] == "daemon")
    assert "this user may not talk to it" in daemon["finding"]
    assert "usermod -aG root USER" in daemon["next_step"]
    assert not [each for each in found if each["modem"]], "its ports are not opened"
