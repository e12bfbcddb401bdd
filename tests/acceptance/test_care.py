"""Backup and restore at the real daemon, judged by the network; traces of what went wrong; broken databases."""

import asyncio
import json
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.simulator.faults import CmsCode, LostAnswer
from tests.acceptance.site import Site
from tests.acceptance.test_command_line import PLAIN, configured, modemd, refused

pytestmark = pytest.mark.acceptance

ALICE, SILENT = "+447700900001", "+447700900003"


async def ask(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(modemd, *words, "--config", str(site.config))


async def succeeds(site: Site, *words: str) -> str:
    done = await ask(site, *words)
    assert done.returncode == 0, done
    return done.stdout


def move_away(site: Site) -> None:
    old = site.folder / "old"
    old.mkdir()
    for file in (site.folder / "state").glob("modemd.db*"):
        file.rename(old / file.name)


# -- backup and restore -------------------------------------------------------------------------------


async def test_p2_what_left_after_the_backup_is_not_sent_again_without_a_person(tmp_path: Path) -> None:
    """Queued, burning and scheduled at the backup; then it leaves; then the machine is lost.

    Seen red: with a restored database that is opened as any other.
    """
    async with Site(tmp_path / "site") as site:
        await site.client.stop()
        queued = await site.client.stage(SILENT, "was queued", fuse="0s")
        burning = await site.client.stage(SILENT, "was burning", fuse="1s")
        scheduled = await site.client.stage(SILENT, "is for tomorrow", fuse="1d")
        await succeeds(site, "backup", str(tmp_path / "backup.db"))
        await site.client.resume()
        for each in (queued, burning):
            await site.reaches(each.id, "submitted")
        assert (await site.client.cancel(scheduled.id)).outcome == "cancelled"
        later = await site.client.stage(SILENT, "after the backup", fuse="0s")
        await site.reaches(later.id, "submitted")
        assert await site.terminate() == 0

        move_away(site)
        said = await succeeds(site, "restore", str(tmp_path / "backup.db"))
        assert "3 messages" in said
        assert "3 of them waited to be sent then" in said
        await site.start()
        assert (await site.client.outbox()).line.stopped
        assert (await site.client.outbox()).needs_you == 3
        await site.client.resume()
        after = await site.client.stage(ALICE, "the line runs", fuse="0s")
        await site.reaches(after.id, "delivered")
        assert after.id > later.id, "no number is given twice"
        states = [(await site.client.message(each.id)).state for each in (queued, burning, scheduled)]
        assert states == ["uncertain", "uncertain", "held"]
        texts = [each.text or "" for each in site.accepted]
        assert sorted(texts) == sorted(["was queued", "was burning", "after the backup", "the line runs"])

        await site.client.settle(queued.id, "sent")
        await site.client.settle(burning.id, "resend")
        await site.reaches(burning.id, "submitted")
        assert [each.text for each in site.accepted].count("was burning") == 2, "because a person said so"
        assert [each.text for each in site.accepted].count("was queued") == 1
        assert (await site.client.cancel(scheduled.id)).outcome == "cancelled"


async def test_a_backup_is_made_while_messages_come_and_go(tmp_path: Path) -> None:
    async with Site(tmp_path / "site") as site:
        stop = asyncio.Event()
        staged: list[int] = []

        async def traffic() -> None:
            while not stop.is_set():
                staged.append((await site.client.stage(ALICE, f"message {len(staged)}", fuse="0s")).id)

        coming = asyncio.create_task(traffic())
        made = [json.loads(await succeeds(site, "backup", str(tmp_path / f"{n}.db"), "--json")) for n in range(3)]
        stop.set()
        await coming
        assert made[0]["messages"] < made[1]["messages"] < made[2]["messages"] <= len(staged)
        for n, each in enumerate(made):
            file = tmp_path / f"{n}.db"
            assert (each["file"], each["octets"]) == (str(file), file.stat().st_size)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            with sqlite3.connect(file) as copied:
                assert copied.execute("pragma integrity_check").fetchone() == ("ok",)
                assert copied.execute("select count(*) from message").fetchone() == (each["messages"],)
            copied.close()
        assert sorted(os.listdir(tmp_path)) == ["0.db", "1.db", "2.db", "site"]


async def test_the_same_commands_with_modemd_stopped(tmp_path: Path) -> None:
    """After a kill -9: what is in the journal is in the backup."""
    async with Site(tmp_path / "site") as site:
        await site.client.stage(ALICE, "not lost", fuse="1d")
        await site.kill()
        assert "1 messages" in await succeeds(site, "backup", str(tmp_path / "backup.db"))
        refused(await ask(site, "restore", str(tmp_path / "backup.db")), "is there already: nothing was restored")
        move_away(site)
        restored = json.loads(await succeeds(site, "restore", str(tmp_path / "backup.db"), "--json"))
        assert (restored["messages"], restored["waiting"]) == (1, 1)
        await site.start()
        assert [each.text for each in (await site.client.messages()).messages] == ["not lost"]


async def test_nothing_is_written_over_and_nothing_restored_under_a_running_daemon(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    await succeeds(site, "backup", str(file))
    before = file.read_bytes()
    refused(await ask(site, "backup", str(file)), f"{file} is there already")
    assert file.read_bytes() == before
    refused(await ask(site, "backup", str(tmp_path / "no" / "folder" / "x")), "No such file or directory")
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(site.config, tmp_path / "elsewhere" / "config.toml")
    move_away(site)  # under its feet: it has its files open
    assert site.process is not None
    refused(await ask(site, "restore", str(file)), f"Another modemd (pid {site.process.pid}) already uses")
    assert list((site.folder / "state").glob("modemd.db*")) == []


def test_without_a_daemon_and_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    file = configured(tmp_path)
    refused(modemd("backup", str(tmp_path / "b"), "--config", str(file)), "modemd does not run")
    refused(modemd("backup", str(tmp_path / "b"), "--socket", str(tmp_path / "s")), "modemd does not run")
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "state").exists()


async def test_who_stops_it_finds_nothing_half_written(tmp_path: Path) -> None:
    """Ctrl-C at a terminal, which shows how far it is."""
    async with Site(tmp_path / "site") as site:
        await fill(site)
        master, slave = pty.openpty()
        target = tmp_path / "target"
        target.mkdir()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "modemd", "backup", str(target / "b.db"), "--config", str(site.config)),
            stdout=slave, stderr=slave, env=PLAIN,
        )  # fmt: skip
        os.close(slave)
        said = await asyncio.to_thread(read_until, master, rb"copying|checking|writing")
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 20) == 130, said
        assert b"Stopped: nothing was kept of it." in await asyncio.to_thread(read_until, master, rb"kept of it")
        os.close(master)
        assert list(target.iterdir()) == []

        async def ended() -> bool:
            return (await site.client.backup_progress()).phase == "none"

        await site.until(ended)
        await site.until(lambda: not list((site.folder / "state").glob("backup.*")))
        await succeeds(site, "backup", str(target / "b.db"))


async def fill(site: Site) -> None:
    """Make it big enough for somebody to stop it."""
    await site.terminate()
    with sqlite3.connect(site.folder / "state" / "modemd.db") as connection:
        connection.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)"
            " insert into event (at, kind, data) select i, 'clock', hex(randomblob(100)) from n"
        )
    connection.close()
    await site.start()


def read_until(master: int, pattern: bytes) -> bytes:
    said = b""
    while not re.search(pattern, said):
        if not select.select([master], [], [], 20)[0]:
            break
        try:
            said += os.read(master, 4096)
        except OSError:
            break
    return said


# -- traces -------------------------------------------------------------------------------------------


async def test_a_submission_that_fails_leaves_its_dialogue_behind(tmp_path: Path) -> None:
    """P10: without a text, a number or a PDU in it."""
    async with Site(tmp_path / "site", modem='result_timeout = "500ms"') as site:
        folder = site.folder / "state" / "traces"
        good = await site.client.stage(ALICE, "all is well", fuse="0s")
        await site.reaches(good.id, "delivered")
        assert "No trace was written down" in await succeeds(site, "trace", "--list")
        site.sim.modems[0].faults.next(LostAnswer())
        lost = await site.client.stage(ALICE, "the key is under the mat", fuse="0s")
        await site.reaches(lost.id, "uncertain", "submitted", "delivered")
        await site.until(lambda: folder.is_dir() and list(folder.glob("*.txt")))
        (listed,) = (await succeeds(site, "trace", "--list")).splitlines()
        assert "north" in listed
        assert "uncertain" in listed
        whole = await succeeds(site, "trace", "--last")
        assert "- uncertain: no_answer" in whole
        assert "SIM-ULATOR" in whole
        assert re.search(r"> <PDU, \d+ octets: 00 .. \w\w 00 0C 91 ..> Ctrl-Z", whole)
        assert not re.search(r"\d{9}|7700|under|the mat|4477", whole)
        assert not re.search(r"7700|under the mat|4477", await succeeds(site, "trace"))
        view = json.loads(await succeeds(site, "trace", "north", "--json"))
        assert {line["direction"] for line in view["lines"]} == {"sent", "received", "note"}
        refused(await ask(site, "trace", "nowhere"), "There is no modem nowhere")


async def test_with_several_modems_one_is_named(tmp_path: Path) -> None:
    async with Site(tmp_path / "site", modems=2) as site:
        refused(await ask(site, "trace"), "Say which modem: north, south.")
        site.sim.modems[1].faults.next(CmsCode(code=38))
        staged = await site.client.stage(ALICE, "x", fuse="0s", modem="south")
        await site.until(lambda: _has_error(site, staged.id))
        assert "- refused: +CMS ERROR: 38" in await succeeds(site, "trace", "south")
        await site.terminate()  # what is due is written before the end
        await site.start(ready=False)
        assert "refused" in await succeeds(site, "trace", "south", "--list")
        refused(await ask(site, "trace", "north", "--last"), "No trace was written down")


async def _has_error(site: Site, id: int) -> bool:
    return (await site.client.message(id)).error is not None


async def test_a_modem_that_is_lost_leaves_its_dialogue_behind(site: Site) -> None:
    site.sim.modems[0].unplug()
    folder = site.folder / "state" / "traces"
    await site.until(lambda: folder.is_dir() and list(folder.glob("*-lost.txt")))
    assert "- lost: " in await succeeds(site, "trace", "--last")


# -- databases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("cut", "it is damaged. Nothing of it was changed: move"),
        ("text", "it is damaged. Nothing of it was changed: move"),
        ("journal", "file is empty, its journal is not"),
    ],
)
async def test_a_broken_database_is_refused_with_the_way_out(tmp_path: Path, damage: str, sentence: str) -> None:
    async with Site(tmp_path / "site") as site:
        await site.client.stage(ALICE, "x" * 600, fuse="1d")
        await site.kill()
        database = site.folder / "state" / "modemd.db"
        match damage:
            case "cut":
                close(database)
                database.write_bytes(database.read_bytes()[:20_000])
            case "text":
                close(database)
                database.write_text("no database at all " * 999)
            case "journal":
                database.write_bytes(b"")
        before = {path.name: path.stat().st_size for path in database.parent.iterdir()}
        done = await ask(site, "run")
        refused(done, sentence)
        assert str(database) in done.stderr
        after = {path.name: path.stat().st_size for path in database.parent.iterdir()}
        assert after == before


def close(database: Path) -> None:
    """What a kill has left open: without this a whole journal mends the file."""
    connection = sqlite3.connect(database)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
