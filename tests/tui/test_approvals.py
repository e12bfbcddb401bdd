"""The second pair of eyes: read, then decided by more than a key; and what roles hide."""

from dataclasses import replace

import pytest

from modemd.api.schema import (
    ApprovalView,
    AuditCheckView,
    AuditView,
    ChangeView,
    FindingView,
    HoldView,
    MeView,
    ReadBackView,
    RuleView,
    RunView,
)
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.fake_gateway import FakeGateway, stamp
from tests.tui.mornings import a_morning

MONEY = FindingView("money", "confirm", "text", "The text speaks of money.")


def asked(gateway: FakeGateway, **changes: object) -> ApprovalView:
    now = stamp(gateway.clock.now())
    view = ApprovalView(
        *(7, None, 1, "a" * 64, "+447700905678", "Please pay 900 pounds.", 1, "ann", "service", now, now),
        [RuleView("money", 2, ["carl"], ["@leads"])],
        [MONEY],
        ["money: ann"],
        [],
        1,
        True,
    )
    return replace(view, **changes)


def waits(gateway: FakeGateway) -> None:
    a_morning(gateway)
    before = ChangeView(
        stamp(gateway.clock.now()),
        [RunView("same", "Please pay "), RunView("gone", "90"), RunView("new", "900"), RunView("same", " pounds.")],
        "+447700900103",
    )
    gateway.waiting = [asked(gateway), asked(gateway, message=8, hash="b" * 64, before=before)]


def a_batch(gateway: FakeGateway) -> None:
    numbers = ["+447700900101", "+447700900102", "+447700900103"]
    gateway.waiting = [asked(gateway, message=None, batch=3, count=120, examples=numbers)]


async def opened(t: UnderTest, *down: str) -> None:
    await t.shows("your approval.   a look")
    await t.press("a")
    await t.shows("Approvals", "Please pay 900")
    await t.press(*down, "enter")
    await t.shows("y approve", "n do not approve")


async def test_it_is_read_and_approved_by_the_last_four_digits() -> None:
    """Seen red: when the question took Enter."""
    async with desk(waits) as t:
        await opened(t)
        await t.shows("+44 7700 905678", "money: 1 of 2 (carl)", "The text speaks of money.", "confirmed: money: ann")
        await t.press("enter")
        await t.press("y")
        await t.shows("four digits of the number")
        await t.press("enter")
        await t.write("5679")
        await t.press("enter")
        await t.shows("These are not the last four digits.")
        assert t.gateway.decided == []
        await t.press("backspace", "8", "enter")
        await t.shows("Approved.", "1 message waits for your approval")
        assert t.gateway.decided == [("a" * 64, "approved")]


async def test_what_was_changed_is_marked() -> None:
    async with desk(waits) as t:
        await opened(t, "down")
        await t.shows("Changed since 08:14", "+44 7700 900103 is now +44 7700 905678", "pay [-90-][+900+] pounds.")


async def test_what_is_changed_while_it_is_read_is_not_approved() -> None:
    async with desk(waits) as t:
        await opened(t)
        t.gateway.waiting[0] = asked(t.gateway, hash="c" * 64, text="Please pay 9000 pounds.")
        await t.press("y")
        await t.write("5678")
        await t.press("enter")
        await t.shows("It was changed since you looked", "9000 pounds")
        assert t.gateway.decided == []


async def test_a_no_needs_a_reason() -> None:
    async with desk(waits) as t:
        await opened(t)
        await t.press("n")
        await t.shows("Why not?")
        await t.press("enter")
        await t.shows("It needs a reason.")
        await t.write("too much")
        await t.press("enter")
        await t.shows("Not approved: it is a draft again.")
        assert t.gateway.decided == [("a" * 64, "too much")]


async def test_a_batch_is_approved_by_how_many_it_has() -> None:
    async with desk(a_batch) as t:
        await opened(t)
        await t.shows("120 messages", "+44 7700 900101, +44 7700 900102")
        await t.press("y")
        await t.shows("how many messages it has")
        await t.write("12")
        await t.press("enter")
        await t.shows("another number of messages")
        await t.write("0")
        await t.press("enter")
        await t.shows("Approved.")


async def test_escape_decides_nothing() -> None:
    async with desk(waits) as t:
        await opened(t)
        for key in ("y", "n"):
            await t.press(key)
            await t.press("escape")
        await t.shows("y approve")
        assert t.gateway.decided == []


async def test_with_nothing_to_approve_it_says_so() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        assert "your approval" not in t.text()
        await t.press("a")
        await t.shows("Nothing waits for your approval.")


# -- what is to be confirmed -------------------------------------------------------------------------------


def held(gateway: FakeGateway) -> None:
    message = gateway.add(
        *("+447700905678", "Pay now", "held"), holds=[HoldView("money", "The text speaks of money.", "confirm")]
    )
    gateway.messages_by_id[message.id] = replace(message, read_back=ReadBackView("last_four", "5678"))


async def test_a_held_message_is_confirmed_by_what_its_risk_asks_for() -> None:
    async with desk(held) as t:
        await t.shows("NEEDS YOU", "The text speaks of money.")
        await t.press("enter")
        await t.shows("y confirm")
        await t.press("enter", "y")
        await t.shows("Type the last four digits")
        await t.press("enter", "escape")
        assert t.gateway.messages_by_id[1].state == "held"
        await t.press("y")
        await t.write("5678")
        await t.press("enter")
        await t.shows("Confirmed: it burns again.")
        assert t.gateway.messages_by_id[1].state == "staged"


@pytest.mark.parametrize(
    ("read_back", "typed", "wrong"),
    [
        (ReadBackView("key"), "y", ""),
        (ReadBackView("last_four", "0111"), "0111", "0112"),
        (ReadBackView("family_name", "Mihon"), "Mihon", "Mihan"),
    ],
)
async def test_before_staging_the_act_grows_with_the_risk(read_back: ReadBackView, typed: str, wrong: str) -> None:
    def asks(gateway: FakeGateway) -> None:
        gateway.extra_findings = [MONEY]
        gateway.read_back = read_back

    async with desk(asks) as t:
        await t.shows("Nothing waits")
        await t.press("c")
        await t.shows("Compose")
        await t.write("+447700900111")
        await t.press("tab")
        await t.write("Hi")
        await t.shows("The text speaks of money.")
        await t.press("ctrl+s")
        await t.shows("Before it is staged:")
        await t.press("enter")
        for word in [word for word in (wrong, typed) if word]:
            await t.shows("Before it is staged:")
            assert not [m for m in t.gateway.messages_by_id.values() if m.state == "staged"]
            await t.press(*["backspace"] * 8)
            await t.write(word)
            if read_back.act != "key":
                await t.press("enter")
        await t.until(lambda: [m for m in t.gateway.messages_by_id.values() if m.state == "staged"])
        assert t.gateway.confirmed == ["money"]


# -- roles -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "said", "hidden"),
    [
        (["read"], "You may look here, not write", ["c compose", "u undo", "x cancel", "e edit", "s stop the line"]),
        (["read", "numbers", "approve"], "You may look and approve here", ["c compose", "u undo"]),
        (["read", "numbers", "write"], "", []),
    ],
)
async def test_keys_that_a_role_does_not_have_are_hidden_with_a_sentence(
    roles: list[str], said: str, hidden: list[str]
) -> None:
    """Seen red: without the question to `may`."""

    def reader(gateway: FakeGateway) -> None:
        a_morning(gateway)
        gateway.me = MeView("dora", roles)

    async with desk(reader, size=(120, 40)) as t:
        await t.shows("NEEDS YOU", said)
        await t.press("down", "down")
        await t.settled()
        for key in hidden:
            assert key not in t.text()
        if not hidden:
            assert "c compose" in t.text()
        await t.press("c", "u", "x")
        await t.settled()
        assert ("Compose" in t.text()) == ("write" in roles)
        cancelled = [m for m in t.gateway.messages_by_id.values() if m.state == "cancelled"]
        assert len(cancelled) == len(a_morning_cancelled())


def a_morning_cancelled() -> list[int]:
    gateway = FakeGateway()
    a_morning(gateway)
    return [m.id for m in gateway.messages_by_id.values() if m.state == "cancelled"]


# -- the audit ---------------------------------------------------------------------------------------------


def decided(gateway: FakeGateway) -> None:
    a_morning(gateway)
    now = stamp(gateway.clock.now())
    gateway.audit_rows = [
        AuditView(2, now, "carl", 1002, "pid 77", "approved", "approved", "message 7", '{"digest":"ab"}', "b" * 64),
        AuditView(1, now, "ann", 1001, "pid 42", "staged", "staged", "message 7", '{"digest":"ab"}', "a" * 64),
    ]


async def test_the_audit_says_who_decided_what_and_whether_it_is_whole() -> None:
    async with desk(decided) as t:
        await t.shows("NEEDS YOU")
        await t.press("A")
        await t.shows("Audit", "carl", "approved  message 7", "pid 77 uid 1002", '{"digest":"ab"}')
        await t.press("v")
        await t.shows("Whole: 2 rows. Checkpoint: 2:aaaa")
        t.gateway.audit_check = AuditCheckView(False, 1, "1:" + "a" * 64, 2, "Row 2 is missing.")
        await t.press("v")
        await t.shows("Row 2 is missing.")


async def test_the_audit_is_for_admins() -> None:
    def reader(gateway: FakeGateway) -> None:
        decided(gateway)
        gateway.me = MeView("dora", ["read", "numbers", "write"])

    async with desk(reader) as t:
        await t.shows("NEEDS YOU")
        await t.press("A")
        await t.settled()
        assert "Checkpoint" not in t.text()
        assert "carl" not in t.text()
