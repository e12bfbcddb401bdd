"""The right person, the right text, a second pair of eyes: by two users of one machine, judged by what left."""

import asyncio
import os
import pwd
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from modemd.api.schema import MessageView
from tests.acceptance.chaos import LIBFAKETIME
from tests.acceptance.site import Site
from tests.acceptance.terminal import ROOT, Terminal

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(os.getuid() != 0, reason="only root acts for another user"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed (Debian package util-linux)"),
]
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

ALICE, TWIN = "+447700900001", "+447700900130"
OTHER = "daemon"  # an account of every Debian; root is the first person
RULES = """\
profile = "standard"
[roles]
write = ["root"]
approve = ["daemon", "root"]
[[approval]]
name = "everything"
when = { always = true }
"""


def as_other() -> list[str]:
    """A real other uid; it keeps the right to read where this interpreter lies."""
    uid, gid = pwd.getpwnam(OTHER).pw_uid, pwd.getpwnam(OTHER).pw_gid
    reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *reads, sys.executable, "-m", "modemd"]


def let_in(site: Site) -> None:
    """As the group modemd-api is on a real machine."""
    os.chmod(site.socket.parent, 0o755)
    os.chmod(site.socket, 0o666)


async def by_other(site: Site, *words: str) -> tuple[int, str]:
    """What the other user gets for a command."""
    let_in(site)
    process = await asyncio.create_subprocess_exec(
        *as_other(),
        *words,
        "--socket",
        str(site.socket),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return int(process.returncode or 0), said.decode()


def holds(message: MessageView) -> list[str]:
    return [hold.code for hold in message.holds or []]


def texts(site: Site) -> list[str | None]:
    return [each.text for each in site.accepted]


async def test_p6_another_user_of_the_machine_approves(tmp_path: Path) -> None:
    """Seen red: with the author let through."""
    async with Site(tmp_path, modems=1, policy=RULES) as site:
        message = await site.client.stage(ALICE, "Please come at ten", fuse="0s")
        assert (message.state, holds(message)) == ("held", ["approval"])
        own = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "modemd", "approve", str(message.id), "--read-back", ALICE[-4:]),
            *("--socket", str(site.socket)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await own.communicate()
        assert own.returncode == 1
        assert b"another person has to approve it" in said
        status, answer = await by_other(site, "send", "--to", ALICE, "mine")
        assert (status, "may look, not send" in answer) == (1, True), answer
        status, answer = await by_other(site, "approve", str(message.id), "--read-back", "0000")
        assert (status, "not the digits" in answer) == (1, True), answer
        status, answer = await by_other(site, "approve", str(message.id), "--read-back", ALICE[-4:])
        assert status == 0, answer
        await site.reaches(message.id, "delivered")
        assert texts(site) == ["Please come at ten"]
        rows = (await site.client.audit()).rows
        assert [(row.deed, row.who) for row in rows if row.deed in ("staged", "approved")] == [
            ("approved", OTHER),
            ("staged", "root"),
        ]
        assert (await site.client.verify_audit()).whole


async def test_p6_an_edit_after_the_approval_voids_it(tmp_path: Path) -> None:
    """Seen red only with all three broken: the holds of the edit, the question at release, the digest at the mark."""
    async with Site(tmp_path, modems=1, policy=RULES) as site:
        message = await site.client.stage(ALICE, "Please come at ten", fuse="1h")
        status, answer = await by_other(site, "approve", str(message.id), "--read-back", ALICE[-4:])
        assert status == 0, answer
        assert (await site.client.message(message.id)).state == "staged"
        changed = await site.client.edit(message.id, text="Please come at eleven", fuse="0s")
        assert (changed.state, holds(changed)) == ("held", ["approval"])
        later = await site.client.stage(ALICE, "Another", fuse="0s")
        status, answer = await by_other(site, "approve", str(later.id), "--read-back", ALICE[-4:])
        await site.reaches(later.id, "delivered")
        assert texts(site) == ["Another"]


@needs_tmux
async def test_the_other_approves_on_the_screen(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, policy=RULES) as site:
        async with Terminal("modemd", "tui", "--socket", str(site.socket)) as first:
            await first.shows("compose")
            first.type(f"c{ALICE}\tThe parts have come\t0s")
            await first.shows("The parts have come", "19 of 160")
            first.press("C-s")
            await first.shows("waits for the approval")
        let_in(site)
        async with Terminal("tui", "--socket", str(site.socket), program=as_other()) as second:
            await second.shows("1 message waits for your approval")
            second.press("a")
            await second.shows("The parts have come", "⏎ read")
            second.press("Enter")
            await second.shows("Approve?", "everything")
            second.press("y")
            await second.shows("To approve the message to", "____")
            second.type(ALICE[-4:])
            second.press("Enter")
            await second.shows("Approved")
        await site.until(lambda: texts(site) == ["The parts have come"])


@needs_tmux
async def test_a_twins_name_is_caught_and_a_weekday_is_mended_by_its_key(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, policy='profile = "standard"') as site:
        for name, number in (("田中 健", TWIN), ("田中 健一", ALICE)):
            await site.client.add_contact(name=name, numbers=[number])
        for text in ("one", "two"):
            await site.reaches((await site.client.stage(ALICE, text, fuse="0s")).id, "delivered")
        day = datetime.now().astimezone().date() + timedelta(days=7)
        wrong, right = ("月火水木金土日"[(day.weekday() + step) % 7] for step in (1, 0))
        text = "ご予約は{}月{}日({})です。"
        async with Terminal("modemd", "tui", "--socket", str(site.socket), "--lang", "ja") as desk:
            await desk.shows("作成")
            desk.type("c田中 健")
            await desk.shows("+44 7700 900130")
            desk.press("Down", "Enter")
            await desk.shows("→ 田中 健")
            desk.press("Tab")
            desk.type(text.format(day.month, day.day, wrong))
            await desk.shows("F2")
            desk.press("F2")
            await desk.shows(text.format(day.month, day.day, right), "田中 健一")
            desk.press("C-s")
            await desk.shows("下4桁")
            desk.press("Enter")  # never enough
            desk.type("0001")
            desk.press("Enter")  # whom the twin is, not this one
            await desk.shows("違います")
            desk.press("Escape")
            await asyncio.sleep(0.5)
        assert texts(site) == ["one", "two"]
        assert [each.state for each in (await site.client.messages()).messages] == ["delivered"] * 2


@pytest.mark.skipif(LIBFAKETIME is None, reason="libfaketime is not installed (Debian package faketime)")
async def test_p6_quiet_hours_hold_until_the_morning(tmp_path: Path) -> None:
    """The clock is moved. Seen red: with quiet hours that only say so."""
    zone = ZoneInfo("Asia/Tokyo")
    clock = Clock(tmp_path, datetime(2026, 11, 24, 22, 0, tzinfo=zone))
    site = Site(tmp_path, modems=1, policy='profile = "standard"\n[site]\nzone = "Asia/Tokyo"', start=False)
    site.environment |= clock.environment
    async with site:
        await site.start()
        message = await site.client.stage("+819012345678", "午後に伺います。", fuse="0s")
        assert (message.state, holds(message)) == ("held", ["time_quiet"])
        assert message.holds is not None
        until = datetime.fromisoformat(message.holds[0].until or "").astimezone(zone)
        assert f"{until:%Y-%m-%d %H:%M}" == "2026-11-25 08:00"
        await refused_by_night(site)
        clock.set(datetime(2026, 11, 25, 7, 50, tzinfo=zone))
        await site.until(lambda: now_of(site, 7), 60)
        assert texts(site) == []
        clock.set(datetime(2026, 11, 25, 8, 0, 5, tzinfo=zone))
        await site.until(lambda: now_of(site, 8), 60)
        await site.reaches(message.id, "submitted", "delivered", timeout=60)
        assert texts(site) == ["午後に伺います。"]


async def refused_by_night(site: Site) -> None:
    """An emergency leaves at any time: with a reason, and with the consent of another."""
    from modemd.api.client import Refused

    with pytest.raises(Refused) as refused:
        await site.client.stage("+819012345678", "Gas leak", category="emergency", fuse="0s")
    assert "time_no_reason" in [finding.code for finding in refused.value.findings]
    urgent = await site.client.stage(
        "+819012345678",
        "Gas leak",
        category="emergency",
        fuse="0s",
        reason="people are in danger",
        confirm=["time_emergency"],
    )
    assert (urgent.state, holds(urgent)) == ("held", ["approval"])
    await site.client.cancel(urgent.id)


async def now_of(site: Site, hour: int) -> bool:
    """Whether the daemon has noticed what time it is: what is put in the outbox wakes it."""
    await site.client.save_draft("", "x")
    now = datetime.fromisoformat((await site.client.outbox()).now).astimezone(ZoneInfo("Asia/Tokyo"))
    return now.hour == hour


class Clock:
    """The wall clock of the daemon, set by hand; its monotonic clock goes on."""

    def __init__(self, folder: Path, start: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "clock"
        self.set(start)
        self.environment: dict[str, Any] = {
            "LD_PRELOAD": str(LIBFAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, moment: datetime) -> None:
        seconds = moment.timestamp() - datetime.now().astimezone().timestamp()
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.0f}")
        fresh.replace(self._file)
