"""Writing, staging and keeping: from the first letter to the burning fuse."""

from dataclasses import replace

from modemd.api.schema import ChangeView, CoolView, ErrorView, FindingView, RejectionView, RunView
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.fake_gateway import FakeGateway, stamp
from tests.tui.mornings import a_morning
from tests.tui.test_flows import one_burning
from tui.screens.compose import ComposeScreen
from tui.screens.outbox import OutboxScreen
from tui.widgets.fields import SafeInput, SafeTextArea


async def composed(t: UnderTest, to: str = "+447700900111", text: str = "Hello") -> None:
    await t.shows("c compose")
    await t.press("c")
    await t.until(lambda: isinstance(t.app.screen, ComposeScreen) and t.app.screen.query("#text"))
    t.app.screen.query_one("#to", SafeInput).value = to
    t.app.screen.query_one("#text", SafeTextArea).text = text


async def test_compose_stage_burn_undo() -> None:
    async with desk() as t:
        await t.shows("Nothing waits")
        await composed(t)
        await t.shows("GSM-7 · 5 of 160", "→ +44 7700 900111", "draft kept 08:14:02")
        await t.press("ctrl+s")
        await t.shows("BURNING · 1", "10 s +44 7700 900111")
        await t.second(3)
        await t.shows("7 s")
        await t.press("u")
        await t.shows("⊘ Stopped. Nothing left the modem.", "e edit again", "cancelled")
        assert [m.state for m in t.gateway.messages_by_id.values()] == ["cancelled"]


async def test_a_staged_message_is_the_selected_one_among_others() -> None:
    async with desk(a_morning) as t:
        await composed(t)
        await t.press("ctrl+s")
        await t.shows("▸◔ ██████████    10 s +44 7700 900111")


async def test_undo_works_while_typing_and_keeps_what_was_typed() -> None:
    async with desk(one_burning) as t:
        await composed(t, text="Half a sent")
        await t.press("ctrl+u")
        await t.shows("⊘ Stopped. Nothing left the modem.", "Half a sent")


async def test_what_was_stopped_can_be_written_again_as_a_new_message() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        await t.press("u")
        await t.shows("e edit again")
        await t.press("e")
        await t.shows("Compose", "The part has arrived.", "+447700900102")
        await t.press("ctrl+s")
        await t.shows("BURNING · 1")
        assert [m.state for m in t.gateway.messages_by_id.values()] == ["cancelled", "staged"]


async def test_editing_takes_the_message_back_before_the_text_is_shown() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        await t.press("e")
        await t.shows("Compose", "The part has arrived.")
        assert t.gateway.messages_by_id[1].state == "draft"
        await t.press("ctrl+s")
        await t.shows("BURNING · 1")
        assert t.gateway.messages_by_id[1].state == "staged"
        assert len(t.gateway.messages_by_id) == 1


async def test_editing_too_late_says_so_and_opens_nothing() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        t.gateway.messages_by_id[1] = replace(t.gateway.messages_by_id[1], state="submitting")
        await t.press("e")
        await t.shows("Too late to edit")
        assert isinstance(t.app.screen, OutboxScreen)


async def test_enter_in_the_text_is_a_new_line_and_never_stages() -> None:
    async with desk() as t:
        await composed(t)
        t.app.screen.query_one("#text").focus()
        await t.press("enter", "enter")
        t.app.screen.query_one("#to").focus()
        await t.press("enter")
        await t.settled()
        assert isinstance(t.app.screen, ComposeScreen)
        assert all(m.state == "draft" for m in t.gateway.messages_by_id.values())


async def test_a_blocked_message_shows_why_and_loses_nothing() -> None:
    async with desk() as t:
        await composed(t, to="nobody", text="Hello there")
        await t.shows("✖ “nobody” is not a number that can be dialled.")
        await t.press("ctrl+s")
        await t.shows("Not staged. A check is in the way.", "Hello there")
        assert all(m.state == "draft" for m in t.gateway.messages_by_id.values())


async def test_a_finding_to_confirm_is_asked_about_before_staging() -> None:
    async with desk() as t:
        t.gateway.extra_findings = [FindingView("twin", "confirm", "recipient", "One digit from another customer.")]
        await composed(t)
        await t.shows("▲ One digit from another customer.")
        await t.press("ctrl+s")
        await t.shows("y  stage it all the same")
        await t.press("enter")
        await t.press("y")
        await t.shows("BURNING · 1")


async def test_a_fix_is_applied_by_its_key() -> None:
    async with desk() as t:
        t.gateway.extra_findings = [FindingView("weekday", "note", "text", "It is a Tuesday.", (6, 9), "Tue")]
        await composed(t, text="First\nMon at ten")
        await t.shows("· It is a Tuesday.", "F2 → Tue")
        await t.press("f2")
        await t.shows("Tue at ten")
        assert t.app.screen.query_one("#text", SafeTextArea).text == "First\nTue at ten"


async def test_a_japanese_text_names_the_characters_that_make_it_unicode() -> None:
    async with desk(language="ja") as t:
        await t.shows("送信待ちも")
        await t.press("c")
        await t.shows("宛先")
        t.app.screen.query_one("#text", SafeTextArea).text = "見本様\n11月24日(火) 10時に伺います👍。" * 4
        await t.shows("Unicode", "原因 見 本 様", "2通", "[1███")


async def test_send_at_echoes_the_absolute_time_and_refuses_the_past() -> None:
    async with desk() as t:
        await composed(t)
        t.app.screen.query_one("#send_at", SafeInput).value = "tomorrow 9:00"
        await t.shows("Leaves tomorrow, Wed 25 Nov 09:00")
        t.app.screen.query_one("#send_at", SafeInput).value = "7:00"
        await t.shows("✖ 07:00 has passed today.")
        await t.press("ctrl+s")
        await t.settled()
        assert isinstance(t.app.screen, ComposeScreen)
        t.app.screen.query_one("#send_at", SafeInput).value = "明日 9:00"
        await t.press("ctrl+s")
        await t.shows("SCHEDULED · 1", "◷ tomorrow 09:00")
        assert t.gateway.messages_by_id[1].send_at == "2026-11-25T09:00:00Z"


async def test_escape_keeps_the_draft_and_the_list_of_drafts_opens_it() -> None:
    async with desk() as t:
        await composed(t, text="For later")
        await t.press("escape")
        await t.shows("Nothing waits")
        await t.press("d")
        await t.shows("Drafts", "For later")
        await t.press("enter")
        await t.shows("Compose", "For later")


async def test_a_draft_is_thrown_away_only_after_a_question() -> None:
    async with desk() as t:
        t.gateway.add("+447700900111", "Old", "draft")
        await t.shows("Nothing waits")
        await t.press("d")
        await t.shows("Old")
        await t.press("x")
        await t.shows("Throw this draft away?")
        await t.press("escape")
        assert t.gateway.messages_by_id[1].state == "draft"
        await t.press("x")
        await t.shows("Throw this draft away?")
        await t.press("y")
        await t.shows("No drafts.")
        assert t.gateway.messages_by_id[1].state == "cancelled"


async def test_what_is_typed_while_the_daemon_is_away_is_kept_when_it_is_back() -> None:
    async with desk() as t:
        await composed(t, text="")
        t.gateway.go_away()
        t.app.screen.query_one("#text", SafeTextArea).text = "Typed in the dark"
        await t.shows("daemon away: kept here", "Typed in the dark")
        t.gateway.come_back()
        await t.shows("draft kept")
        assert [m.text for m in t.gateway.messages_by_id.values()] == ["Typed in the dark"]


async def test_leaving_compose_while_the_daemon_is_away_loses_nothing() -> None:
    async with desk() as t:
        await composed(t, text="")
        await t.settled()
        t.gateway.go_away()
        t.app.screen.query_one("#text", SafeTextArea).text = "Typed in the dark"
        await t.shows("daemon away")
        await t.press("escape")
        await t.until(lambda: isinstance(t.app.screen, OutboxScreen))
        t.gateway.come_back()
        await t.until(lambda: [m.text for m in t.gateway.messages_by_id.values()] == ["Typed in the dark"])


# -- drafts that cool --------------------------------------------------------------------------------------


async def test_f7_lets_a_draft_cool_and_shows_it_afresh() -> None:
    async with desk() as t:
        await t.shows("Nothing waits")
        await t.press("c")
        await t.shows("Compose")
        await t.write("+447700900111")
        await t.press("tab")
        await t.write("You are wrong")
        await t.press("f7")
        await t.shows("It cools until 08:44")
        (draft,) = t.gateway.messages_by_id.values()
        assert (draft.state, draft.text) == ("draft", "You are wrong")
        await t.press("d")
        await t.shows("(cools until 08:44) You are wrong")
        await t.press("enter")
        await t.shows("It cools until 08:44, and is not staged before.")
        await t.press("escape")
        before = ChangeView(stamp(t.clock.now()), [RunView("gone", "wrong"), RunView("new", "right")])
        cool = CoolView(stamp(t.clock.now()), True, before)
        t.gateway.messages_by_id[draft.id] = replace(draft, cool=cool)
        await t.press("d")
        await t.shows("You are wrong")
        await t.until(lambda: "(cools" not in t.text())
        await t.press("enter")
        await t.shows("It has cooled. Read it as if somebody else had written it.", "[-wrong-][+right+]")


async def test_a_draft_that_nobody_approved_says_why() -> None:
    def rejected(gateway: FakeGateway) -> None:
        draft = gateway.add("+447700900111", "Pay now", "draft", error=ErrorView("rejected", "It was not approved."))
        gateway.messages_by_id[draft.id] = replace(draft, rejected=RejectionView("carl", "Not like this.", "x"))

    async with desk(rejected) as t:
        await t.press("d")
        await t.shows("Pay now")
        await t.press("enter")
        await t.shows("carl did not approve it: Not like this.")
