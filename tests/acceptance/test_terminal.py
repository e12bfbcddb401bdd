"""The main job by hand: keys typed into a real terminal of 80x24, judged by what the network took."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.acceptance.site import Site
from tests.acceptance.terminal import Terminal

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

TEXT_JA = (
    "本日の作業は午後三時に終わる予定です。終わりましたら改めてお知らせします。"
    "お待たせして申し訳ありませんが、もうしばらくお待ちください。よろしくお願いします🙂"
)


def desk(site: Site, **rest: str) -> Terminal:
    return Terminal("modemd", "tui", "--socket", str(site.socket), *(f"--{k}={v}" for k, v in rest.items()))


async def compose(terminal: Terminal, to: str, text: str, fuse: str, to_text: str) -> None:
    """c, the recipient, the text, the fuse: ready to be staged."""
    terminal.press("c")
    await terminal.shows(to_text)
    terminal.type(to)
    terminal.press("Tab")
    terminal.type(text)
    terminal.press("Tab")
    terminal.type(fuse)
    await terminal.shows(fuse)


async def test_composed_burnt_submitted_delivered(site: Site) -> None:
    async with desk(site) as terminal:
        await terminal.shows("compose", "undo")
        await compose(terminal, "+447700900001", "Hello from the desk", "3s", "To")
        await terminal.shows("GSM-7", "19 of 160")
        terminal.press("C-s")
        await terminal.shows("BURNING", "Hello from the desk")
        assert site.accepted == []
        await terminal.shows("delivered", "Hello from the desk")
        assert [each.text for each in site.accepted] == ["Hello from the desk"]


async def test_undone_with_one_second_left_nothing_left_the_modem(site: Site) -> None:
    """P1, by hand."""
    async with desk(site) as terminal:
        await terminal.shows("compose")
        await compose(terminal, "+447700900001", "Not this one", "3s", "To")
        terminal.press("C-s")
        await terminal.shows("BURNING", " 1 s")
        terminal.press("u")
        await terminal.shows("Nothing left the modem")
        await asyncio.sleep(1.5)
        assert site.sim.exchanges == []
        assert (await site.client.messages()).messages[0].state == "cancelled"


async def test_what_is_typed_ahead_over_a_slow_line_lands_where_it_belongs(site: Site) -> None:
    """All keys in one burst. Seen red: the text stood in the recipient."""
    async with desk(site) as terminal:
        await terminal.shows("compose")
        terminal.type("c+447700900001\tTyped ahead\t1h")
        await terminal.shows("Typed ahead", "11 of 160", "+44 7700 900001")
        terminal.press("C-s")
        await terminal.shows("BURNING", "Typed ahead")
    assert (await site.client.messages()).messages[0].to == "+447700900001"


async def test_a_reply_arrives_in_the_inbox(site: Site) -> None:
    async with desk(site) as terminal:
        await terminal.shows("compose")
        await site.client.stage("+447700900006", "Are you there?", fuse="0s")
        await terminal.shows("●1")
        terminal.press("2")
        await terminal.shows("Are you there?")
        terminal.press("Enter")
        await terminal.shows("Thank you")


async def test_the_same_in_japanese_with_two_parts_and_an_emoji(site: Site) -> None:
    async with desk(site, lang="ja") as terminal:
        await terminal.shows("作成")
        await compose(terminal, "+447700900006", TEXT_JA, "3s", "宛先")
        await terminal.shows("2")
        terminal.press("C-s")
        await terminal.shows(TEXT_JA[:8])
        await terminal.shows("到達")
        assert "".join(each.text or "" for each in site.accepted) == TEXT_JA
        assert len(site.accepted) == 2
        await terminal.shows("●1")
        terminal.press("2")
        await terminal.shows(TEXT_JA[:8])


async def test_a_dropped_terminal_loses_no_draft_and_sends_nothing_early(site: Site) -> None:
    async with desk(site) as terminal:
        await terminal.shows("compose")
        await compose(terminal, "+447700900001", "Half a tho", "1h", "To")
        await terminal.shows("draft kept")
    async with desk(site) as terminal:
        await terminal.shows("compose")
        terminal.press("d")
        await terminal.shows("Half a tho")
    assert site.sim.exchanges == []


async def test_the_daemon_going_away_is_said_and_survived(site: Site) -> None:
    async with desk(site) as terminal:
        await site.client.stage("+447700900001", "burns on", fuse="1h")
        await terminal.shows("burns on")
        await site.kill()
        await terminal.shows("daemon", "since")
        await site.start()
        terminal.press("c")
        await terminal.shows("To")
        terminal.press("Escape")
        await terminal.shows("BURNING", "burns on")


async def test_a_hostile_text_neither_draws_nor_titles_the_terminal(site: Site, tmp_path: Path) -> None:
    """P10: on every screen, by the bytes that the terminal got."""
    hostile = "[/foo]\x1b]0;pwned\x07\u202eevil\u2066"
    await site.sim.inject(0, sender="+447700900123", text=hostile)
    staged = await site.client.stage("+447700900001", "[/foo]\u202eevil", fuse="1h")
    raw = tmp_path / "raw"
    async with desk(site) as terminal:
        await terminal.shows("compose")
        terminal._tmux("pipe-pane", "-O", f"cat > {raw}")
        for keys in (["2"], ["Enter"], ["Escape"], ["3"], ["4"], ["1"], ["Enter"], ["Escape"], ["/"]):
            terminal.press(*keys)
            await asyncio.sleep(0.4)
        terminal.type("foo")
        await terminal.shows("[/foo]")
        terminal.press("Escape")
        await terminal.shows("BURNING")
    seen = raw.read_bytes().decode("utf-8", "replace")
    assert "[/foo]" in seen
    assert "\x1b]0;pwned" not in seen
    assert not {"\u202e", "\u2066", "\x9b"} & set(seen)
    assert (await site.client.message(staged.id)).state == "staged"
