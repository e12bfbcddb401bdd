"""Contacts on the command line, from a file and back, before the real daemon."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.site import Site
from tests.acceptance.test_command_line import HOSTILE, modemd, refused

pytestmark = pytest.mark.acceptance

LIST = """氏名,フリガナ,電話,備考
見本 花子,ミホン ハナコ,+447700900001,
見本 一郎,ミホン イチロウ,+447700900002,夜
悪い,,+4477,
"""


async def test_contacts_from_a_file_to_a_file(site: Site, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return modemd(*words, "--socket", str(site.socket))

    async def do(*words: str) -> str:
        done = await asyncio.to_thread(run, *words)
        assert done.returncode == 0, done
        return done.stdout

    assert "modemd contacts add" in await do("contacts", "list")
    added = json.loads(
        await do(
            *("contacts", "add", "--json", "--name", "見本 一朗", "--number", "+44 7700 900002", "--tag", "常連"),
            *("--consent", "promotional|2026-01-02|店頭", "--field", "会員=A-4711"),
        )
    )
    id = str(added["id"])
    assert (added["card"]["numbers"], added["card"]["fields"]) == (["+447700900002"], {"会員": "A-4711"})
    file = tmp_path / "customers.csv"
    file.write_bytes(LIST.encode("cp932"))
    shown = await do("contacts", "import", str(file))
    assert "Read as cp932" in shown
    assert "1 new, 0 changed, 0 the same, 1 to decide, 1 unreadable." in shown
    assert "known under another name, 見本 一朗" in shown
    assert '4 ✖ 悪い +4477 ("+4477" has too few digits.)' in shown
    applied = await do("contacts", "import", str(file), "--apply", "--decide", "3=add", "--group", "八月")
    assert "2 added, 0 merged, 1 left out. Undo it: modemd contacts undo 1" in applied
    assert "     2  八月" in await do("groups", "list")
    assert "見本 花子" in await do("contacts", "list", "--search", "はなこ")
    assert "stands under several names: 見本 一朗, 見本 一郎." in await do("contacts", "hygiene")
    out = tmp_path / "out.csv"
    await do("contacts", "export", "-o", str(out), "--group", "八月")
    assert "0 new, 0 changed, 2 the same" in await do("contacts", "import", str(out))
    assert "BEGIN:VCARD" in await do("contacts", "export", "--kind", "vcard")
    assert "As before: 2 contact(s)." in await do("contacts", "undo", "1")
    assert "undone by" in await do("contacts", "undo")
    await do("contacts", "edit", id, "--notes", HOSTILE, "--reading", "みほん いちろう")
    shown = await do("contacts", "show", id)
    assert "みほん いちろう" in shown
    assert not set("\x1b\x07\x9b\u202e\u2066") & set(shown)
    refused(await asyncio.to_thread(run, "contacts", "delete", id), "Say --yes if that is meant.")
    await do("contacts", "delete", id, "--yes")
    refused(await asyncio.to_thread(run, "contacts", "show", id), f"There is no contact {id}")
    refused(await asyncio.to_thread(run, "contacts", "add", "--number", "0901234"), "has no country code")
    for words in (("contacts",), ("groups",), ("opt-out",), ("contacts", "import")):
        assert "Usage:" in modemd(*words, "--help").stdout
