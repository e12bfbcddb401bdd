"""Long lists under a hand: what a key costs, and what is there before it is reached."""

import asyncio
from typing import Any

import pytest
from textual.content import Content

from modemd.api.schema import MessagePage, MessageView
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.fake_gateway import FakeGateway
from tui.pages import SIZE
from tui.screens.outbox import OutboxScreen
from tui.widgets.key_line import KeyLine
from tui.widgets.row_list import NEAR, Piece, Section


def many(gateway: FakeGateway) -> None:
    for number in range(3 * SIZE):
        gateway.add(f"+447700900{number:03}", f"text {number}", fuse=3600.0 + number)


def outbox(t: UnderTest) -> OutboxScreen:
    assert isinstance(t.app.screen, OutboxScreen)
    return t.app.screen


async def test_a_step_draws_the_row_that_was_left_and_the_one_that_is_reached() -> None:
    """Seen red: with a refresh of the whole list at each step."""
    async with desk(many) as t:
        await t.shows("text 0", "x cancel")
        await t.settled()
        rows = outbox(t).rows
        drawn: list[str] = []
        draw = rows.draw

        def watched(section: Section[MessageView], row: MessageView, line: int, width: int) -> list[Piece]:
            drawn.append(row.text)
            return draw(section, row, line, width)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "draw", watched)
            await t.press("down")
            await t.settled()
        assert sorted(set(drawn)) == ["text 0", "text 1"]
        marked = [line for line in t.text().splitlines() if "▸◔" in line]
        assert ["text 1" in line for line in marked] == [True]


async def test_the_rows_that_a_hand_is_about_to_reach_are_there_before_it() -> None:
    """Seen red: without asking ahead."""
    async with desk(many) as t:
        await t.shows("text 0", "x cancel")
        pages = next(section.pages for section in outbox(t).rows.sections if section.name == "burning")
        assert pages.lacks(SIZE)
        await t.press(*["down"] * (SIZE - NEAR))
        await t.until(lambda: not pages.lacks(SIZE))
        assert f"text {SIZE}" not in t.text()
        await t.press(*["down"] * NEAR)
        await t.shows(f"text {SIZE} ")
        assert pages.lacks(2 * SIZE)


async def test_a_hand_that_moves_on_does_not_start_a_slow_page_anew() -> None:
    """Seen red: each step gave up the request under way and made another, and no page came while a key was held."""
    go_on = asyncio.Event()
    asked: list[str] = []

    def slow(gateway: FakeGateway) -> None:
        many(gateway)
        answer = gateway.messages

        async def messages(*, after: str | None = None, **rest: Any) -> MessagePage:
            if after is not None:
                asked.append(after)
                await go_on.wait()
            return await answer(after=after, **rest)

        gateway.messages = messages  # type: ignore[method-assign]

    async with desk(slow) as t:
        await t.shows("text 0", "x cancel")
        await t.press(*["down"] * (SIZE - NEAR))
        await t.until(lambda: asked)
        for _step in range(SIZE):  # past the end of what is here
            await t.press("down")
        assert asked == [str(SIZE)]
        go_on.set()
        await t.shows(f"text {2 * SIZE - NEAR} ")
        assert asked == [str(SIZE), str(2 * SIZE)]


async def test_the_keys_are_drawn_again_only_where_others_work() -> None:
    """Seen red: with a refresh at each step."""
    drawn: list[KeyLine] = []
    render = KeyLine.render

    def watched(line: KeyLine) -> Content:
        drawn.append(line)
        return render(line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeyLine, "render", watched)
        async with desk(many) as t:
            await t.shows("text 0", "x cancel")
            await t.settled()
            drawn.clear()
            await t.press("down", "down", "up")
            await t.settled()
            assert not drawn
            t.gateway.put(t.gateway.messages_by_id[2].id, "the phone has it", state="delivered")
            await t.until(lambda: "DONE TODAY" in t.text())
            await t.press("end")
            await t.until(lambda: "x cancel" not in t.text())
            assert drawn
