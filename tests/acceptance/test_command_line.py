"""The command line as a person meets it: one clear sentence, the right exit status, nothing half done."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.site import Site

pytestmark = pytest.mark.acceptance

PLAIN = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
HOSTILE = "[/foo]\x1b]0;pwned\x07\u202eevil\u2066\x9b31m"


def modemd(*words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modemd", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        env={**PLAIN, **environment},
    )


def refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1, done
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr


def configured(folder: Path, **changes: str) -> Path:
    lines = {"state_dir": f'state_dir = "{folder}/state"', "socket": f'socket = "{folder}/s"', **changes}
    file = folder / "config.toml"
    file.write_text("[daemon]\n" + "\n".join(lines.values()), "utf-8")
    return file


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["send", "--to", "hello", "x"], "is no phone number"),
        (["send", "--to", "090-1234-5678", "x"], "has no country code"),
        (["send", "--to", "+4477", "x"], "has too few digits"),
        (["send", "--to", "+447700900001", ""], "There is no text."),
        (["send", "--to", "+447700900001", "あ" * 680], "makes 11 parts; at most 10"),
        (["send", "--to", "+447700900001", "--fuse", "ten", "x"], '"ten" is no duration'),
        (["send", "--to", "+447700900001", "--at", "tomorrow", "x"], "is no time"),
        (["send", "--to", "+447700900001", "--at", "2020-01-01T00:00:00Z", "x"], "That time has passed"),
        (["send", "--to", "+447700900001", "--modem", "nowhere", "x"], 'There is no modem "nowhere"'),
        (["cancel", "999"], "There is no message 999"),
        (["settle", "999", "sent"], "There is no message 999"),
        (["undo"], "There is nothing to undo"),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(site: Site, words: list[str], sentence: str) -> None:
    done = await asyncio.to_thread(modemd, *words, "--socket", str(site.socket))
    refused(done, sentence)
    assert (await site.client.messages()).messages == []


async def test_a_technician_sends_cancels_and_looks(site: Site) -> None:
    at = ("--socket", str(site.socket))
    sent = await asyncio.to_thread(modemd, "send", "--to", "+447700900001", "--fuse", "0s", "--wait", "Hello", *at)
    assert sent.returncode == 0
    assert "submitted" in sent.stdout or "delivered" in sent.stdout
    staged = json.loads(
        (await asyncio.to_thread(modemd, "send", "--json", "--to", "+447700900001", "Later", *at)).stdout
    )
    cancelled = await asyncio.to_thread(modemd, "cancel", str(staged["id"]), *at)
    assert cancelled.stdout == "Stopped. Nothing left the modem.\n"
    late = await asyncio.to_thread(modemd, "cancel", "1", *at)
    assert late.returncode == 1
    assert late.stdout.startswith("Too late: it left at ")
    for command in ("outbox", "modems", "log", "inbox"):
        assert (await asyncio.to_thread(modemd, command, *at)).returncode == 0
    shown = await asyncio.to_thread(modemd, "show", "1", *at)
    assert "Hello" in shown.stdout
    linted = json.loads(
        (await asyncio.to_thread(modemd, "lint", "--json", "--to", "+447700900001", "It’s at ten o’clock", *at)).stdout
    )
    assert (linted["encoding"], linted["parts"]) == ("ucs2", 1)
    assert linted["findings"][0]["code"] == "text_unicode"


async def test_a_hostile_text_is_shown_harmlessly(site: Site) -> None:
    """P10: it neither draws nor titles the terminal."""
    at = ("--socket", str(site.socket))
    await site.sim.inject(0, sender="+447700900123", text=HOSTILE)

    async def there() -> bool:
        return bool((await site.client.inbox()).messages)

    await site.until(there)
    staged = await site.client.stage("+447700900001", "[/foo]\u202eevil", fuse="1h")
    for words in (("inbox",), ("outbox",), ("log",), ("show", str(staged.id))):
        done = await asyncio.to_thread(modemd, *words, *at)
        assert done.returncode == 0
        assert not set("\x1b\x07\x9b\u202e\u2066") & set(done.stdout)
    assert "[/foo]" in (await asyncio.to_thread(modemd, "inbox", *at)).stdout


async def test_the_sentences_are_japanese_for_a_japanese_terminal(site: Site) -> None:
    done = await asyncio.to_thread(
        modemd, "send", "--to", "hello", "x", "--socket", str(site.socket), LANG="ja_JP.UTF-8", LC_ALL=""
    )
    assert done.returncode == 1
    assert "電話番号" in done.stderr


def test_without_a_daemon_the_way_to_one_is_named(tmp_path: Path) -> None:
    refused(modemd("outbox", "--socket", str(tmp_path / "none")), "systemctl start modemd")


def test_lint_needs_no_daemon(tmp_path: Path) -> None:
    done = modemd("lint", "--json", "--to", "hello", "x" * 200, "--socket", str(tmp_path / "none"))
    view = json.loads(done.stdout)
    assert done.returncode == 1
    assert (view["encoding"], view["parts"]) == ("gsm7", 2)
    assert [each["code"] for each in view["findings"]] == ["recipient_unreadable"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[daemon]\nsockett = "/x"', "[daemon] sockett is unknown. Did you mean socket?"),
        ('[staging]\nfuse = "ten"', "[staging] fuse should be a duration"),
        ('[[modem]]\nname = "north"', "[[modem]] no. 1 port is missing"),
        ("[daemon", "is not TOML"),
        ('[daemon]\nlisten = "127.0.0.1:1"', "needs a token"),
    ],
)
def test_a_mistake_in_the_configuration_names_file_key_and_cure(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    for command in (("config", "check"), ("run",)):
        done = modemd(*command, "--config", str(file))
        refused(done, sentence)
        assert str(file) in done.stderr


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    file = configured(tmp_path)
    (tmp_path / "state").mkdir()
    database = tmp_path / "state" / "modemd.db"
    with sqlite3.connect(database) as connection:
        connection.executescript(
            "pragma application_id = 1836016741; create table _sqlite_migrations (id integer primary key,"
            " migration_set text, name text, applied_at text);"
            " insert into _sqlite_migrations values (1, 'modemd', 'm999_from_tomorrow', '');"
        )
    connection.close()
    refused(modemd("run", "--config", str(file)), "was written by a newer modemd")


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    file = configured(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "modemd.db").write_bytes(b"no database at all, but long enough to look like one" * 40)
    refused(modemd("run", "--config", str(file)), "cannot be used")


async def test_a_second_daemon_on_the_same_state_or_socket_is_refused(site: Site, tmp_path: Path) -> None:
    same_state = await asyncio.to_thread(modemd, "run", "--config", str(site.config))
    assert site.process is not None
    refused(same_state, f"(pid {site.process.pid})")
    file = configured(tmp_path, socket=f'socket = "{site.socket}"')
    refused(await asyncio.to_thread(modemd, "run", "--config", str(file)), "Another program answers")
    assert (await site.client.outbox()).burning == 0, "the first is not disturbed"


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    file = configured(tmp_path, state_dir='state_dir = "/proc/modemd"')
    refused(modemd("run", "--config", str(file)), "/proc/modemd cannot be used")


async def test_a_port_that_is_not_there_is_said_and_waited_for(site: Site) -> None:
    site.sim.modems[0].unplug()

    async def gone() -> bool:
        return (await site.client.modems())[0].state == "gone"

    await site.until(gone)
    done = await asyncio.to_thread(modemd, "modems", "--socket", str(site.socket))
    await site.until(lambda: _says(site, "is the modem plugged in?"))
    assert done.returncode == 0
    site.sim.modems[0].plug()


async def _says(site: Site, words: str) -> bool:
    return words in (await site.client.modems())[0].sentence


def test_pdus_are_for_people_and_for_programs() -> None:
    encoded = modemd("pdu", "encode", stdin='{"number": "+447700900001", "text": "Hi 🙂"}\nnot json\n')
    lines = [json.loads(line) for line in encoded.stdout.splitlines()]
    assert encoded.returncode == 0
    assert "error" in lines[1]
    pdu = lines[0]["parts"][0]["pdu"]
    asked = json.dumps({"pdu": pdu, "direction": "to_network"})
    decoded = json.loads(modemd("pdu", "decode", stdin=asked).stdout)
    assert (decoded["number"], decoded["text"]) == ("+447700900001", "Hi 🙂")
    wrong = modemd("pdu", "decode", "ZZ")
    assert wrong.returncode == 1
    assert "hex" in wrong.stdout + wrong.stderr


def test_the_demo_tells_its_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = modemd("demo", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    for words in (
        "SIMULATION",
        "Stopped. Nothing left the modem.",
        "The network has taken it.",
        "delivered",
        "A reply",
    ):
        assert words in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--help"], ["send", "--help"], ["simulate", "--help"], ["pdu", "--help"]])
def test_every_command_explains_itself(words: list[str]) -> None:
    done = modemd(*words)
    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_wrong_usage_is_status_2() -> None:
    assert modemd("send").returncode == 2
    assert modemd("nonsense").returncode == 2
