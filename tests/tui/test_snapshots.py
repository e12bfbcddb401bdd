"""Every screen as text, in both languages and two sizes; SNAPSHOT_UPDATE=1 accepts what is drawn now."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from modemd.api.schema import DiagnosisView, FindingView, HoldView, ReadBackView, RiskView
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.fake_gateway import FakeGateway
from tests.tui.mornings import a_morning, a_visit, an_address_book
from tests.tui.test_approvals import decided, waits
from tui.widgets.fields import SafeInput, SafeTextArea

SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40))
Walk = Callable[[UnderTest], Awaitable[None]]


def keys(*pressed: str) -> Walk:
    async def walk(t: UnderTest) -> None:
        for key in pressed:
            await t.press(key)
            if key != pressed[-1]:
                await t.settled()

    return walk


async def compose(t: UnderTest) -> None:
    t.gateway.extra_findings = [
        FindingView("weekday", "confirm", "text", "11月24日 is a Tuesday: the text says (月)", (11, 12), "火"),
        FindingView("greeting", "note", "text", "The text does not say who writes."),
    ]
    await t.press("c")
    await t.settled()
    t.app.screen.query_one("#to", SafeInput).value = "+447700900111"
    t.app.screen.query_one(
        "#text", SafeTextArea
    ).text = "見本様\n11月24日(月) 10時に伺います。\nよろしくお願いいたします。"
    t.app.screen.query_one("#send_at", SafeInput).value = "tomorrow 9:00"


async def long_text(t: UnderTest) -> None:
    await t.press("c")
    await t.settled()
    t.app.screen.query_one("#to", SafeInput).value = "+447700900111"
    t.app.screen.query_one("#text", SafeTextArea).text = "The quick brown fox. " * 18


async def gone(t: UnderTest) -> None:
    t.gateway.go_away()
    await t.settled()
    await t.second(5)


async def antenna(t: UnderTest) -> None:
    await t.press("3")
    await t.settled()
    await t.press("a")
    await t.settled()
    for _ in range(6):
        await t.second()
        await t.settled()


async def nothing_heard(t: UnderTest) -> None:
    await antenna(t)
    t.gateway.heard = [None]
    await t.second()


def nothing_works(gateway: FakeGateway) -> None:
    """No modem, and the doctor knows why."""
    stick = "Huawei (12d1:1f01) still plays the CD-ROM drive with its Windows software: it has no modem port yet."
    install = "apt install usb-modeswitch, then unplug it and plug it in again."
    gateway.diagnoses = [DiagnosisView("usb", "fail", stick, install)]


def held(gateway: FakeGateway) -> None:
    a_morning(gateway)
    quiet = HoldView("quiet_hours", "Quiet hours: it may leave at 08:30.")
    gateway.add("+447700900110", "本日は休業いたします。", "held", holds=[quiet])


def held_for_two(gateway: FakeGateway) -> None:
    """Whoever looks has the last four digits to type, and another person to wait for."""
    a_morning(gateway)
    why = HoldView("text_weekday", "24 Nov is a Tuesday: the text says Monday.", "confirm")
    other = HoldView("approval", "It waits for the approval of another person (money).", "approval")
    asks = ReadBackView("last_four", "0110")
    gateway.add("+447700900110", "Please pay 900 pounds by Monday, 24 Nov.", "held", holds=[why, other], read_back=asks)


def risky(gateway: FakeGateway) -> None:
    gateway.risk = RiskView(75, 300.0, "new number, money, 1 to confirm", False)
    gateway.read_back = ReadBackView("last_four", "0111")


async def names(t: UnderTest) -> None:
    """Two fit as well: Enter asks for a choice."""
    await t.press("c")
    await t.settled()
    t.app.screen.query_one("#to", SafeInput).value = "みほん"
    await t.settled()
    await t.press("enter")


async def taken_in(t: UnderTest, *pressed: str) -> None:
    await t.press("5")
    await t.settled()
    await t.press("i")
    await t.settled()
    t.app.screen.query_one("#file", SafeInput).value = "/dev/null"
    await t.press("enter")
    await t.settled()
    for key in pressed:
        await t.press(key)
        await t.settled()


async def columns(t: UnderTest) -> None:
    await taken_in(t, "f3")


async def about_to_take_in(t: UnderTest) -> None:
    await taken_in(t, "m", "ctrl+s")


def nothing(gateway: FakeGateway) -> None:
    """A daemon without modems and without messages."""


SCREENS: dict[str, tuple[Callable[[FakeGateway], None], Walk]] = {
    "outbox": (a_morning, keys()),
    "outbox-held": (held, keys("down")),
    "outbox-empty": (nothing, keys()),
    "details-held": (held_for_two, keys("down", "enter")),
    "details-confirm": (held_for_two, keys("down", "enter", "y")),
    "compose-risk": (risky, compose),
    "approvals": (waits, keys("a")),
    "approval": (waits, keys("a", "down", "enter")),
    "approval-sure": (waits, keys("a", "enter", "y")),
    "approval-reject": (waits, keys("a", "enter", "n")),
    "approvals-empty": (nothing, keys("a")),
    "audit": (decided, keys("A")),
    "outbox-stopped": (a_morning, keys("s")),
    "outbox-resume": (a_morning, keys("s", "s")),
    "outbox-undone": (a_morning, keys("u")),
    "outbox-away": (a_morning, gone),
    "compose": (a_morning, compose),
    "compose-long": (a_morning, long_text),
    "details": (a_morning, keys("tab", "tab", "tab", "enter")),
    "details-uncertain": (a_morning, keys("enter")),
    "details-resend": (a_morning, keys("enter", "w")),
    "inbox": (a_morning, keys("2")),
    "inbox-empty": (nothing, keys("2")),
    "thread": (a_morning, keys("2", "enter")),
    "modems": (a_morning, keys("3")),
    "modems-empty": (nothing, keys("3")),
    "modems-stick": (nothing_works, keys("3")),
    "doctor": (a_visit, keys("h")),
    "doctor-stick": (nothing_works, keys("h")),
    "antenna": (a_visit, antenna),
    "antenna-silent": (a_visit, nothing_heard),
    "antenna-none": (nothing, antenna),
    "log": (a_morning, keys("4")),
    "search": (a_morning, keys("slash", "1", "1")),
    "drafts-empty": (a_morning, keys("d")),
    "contacts": (an_address_book, keys("5", "down")),
    "contacts-empty": (nothing, keys("5")),
    "contacts-help": (an_address_book, keys("5", "question_mark")),
    "contact": (an_address_book, keys("5", "end", "up", "enter")),
    "contact-form": (an_address_book, keys("5", "end", "up", "enter", "e")),
    "contact-delete": (an_address_book, keys("5", "end", "enter", "x")),
    "import": (an_address_book, taken_in),
    "import-columns": (an_address_book, columns),
    "import-sure": (an_address_book, about_to_take_in),
    "hygiene": (an_address_book, keys("5", "t")),
    "hygiene-pick": (an_address_book, keys("5", "t", "m")),
    "opt-outs": (an_address_book, keys("5", "o")),
    "compose-names": (an_address_book, names),
    "help": (a_morning, keys("question_mark")),
    "quit": (a_morning, keys("q")),
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_screen(screen: str, language: str) -> None:
    setup, walk = SCREENS[screen]
    drawn = {}
    async with desk(setup, language=language, size=SIZES[0]) as t:
        await t.settled()
        await walk(t)
        for columns, lines in SIZES:
            await t.pilot.resize_terminal(columns, lines)
            await t.settled()
            drawn[SNAPSHOTS / f"{screen}-{language}-{columns}x{lines}.txt"] = t.text()
    for file, text in drawn.items():
        if os.environ.get("SNAPSHOT_UPDATE"):
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8"), f"If {file.name} is meant: make snapshots"


def test_no_snapshot_is_left_over() -> None:
    named = {f"{screen}-{language}-{x}x{y}.txt" for screen in SCREENS for language in ("en", "ja") for x, y in SIZES}
    assert {file.name for file in SNAPSHOTS.glob("*.txt")} == named
