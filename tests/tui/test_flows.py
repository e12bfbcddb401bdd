"""What a person does, from key to answer, before a daemon that keeps state."""

from dataclasses import replace

import pytest

from modemd.api.schema import ErrorView, HoldView, ModemView, PartView, QuotaView
from tests.tui.desk_under_test import desk
from tests.tui.fake_gateway import FakeGateway, stamp
from tests.tui.mornings import a_morning
from tui.screens.details import DetailsScreen
from tui.widgets.fields import SafeInput


def one_burning(gateway: FakeGateway) -> None:
    gateway.add("+447700900102", "The part has arrived.", fuse=30.0)


def four_parts(gateway: FakeGateway) -> None:
    gateway.add("+447700900102", "A long text. " * 40, fuse=30.0)


async def test_undo_says_what_left_and_what_never_will() -> None:
    async with desk(four_parts) as t:
        t.gateway.left_before_cancel = 1
        await t.shows("BURNING · 1")
        await t.press("u")
        await t.shows("◒ Stopped after part 1 of 4, which left at 08:14:02. Parts 2 to 4 never will.", "partly sent")


async def test_undo_that_comes_too_late_says_when_it_left() -> None:
    async with desk(one_burning) as t:
        t.gateway.left_before_cancel = 1
        await t.shows("BURNING · 1")
        await t.press("u")
        await t.shows("✓ Too late: it left at 08:14:01.4.")


async def test_undo_with_nothing_waiting_says_so() -> None:
    async with desk() as t:
        await t.shows("Nothing waits")
        await t.press("u")
        await t.shows("Nothing to undo")


async def test_after_the_selection_moves_e_speaks_of_the_selected_row() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("u")
        await t.shows("e edit again")
        await t.press("down")
        await t.until(lambda: "e edit again" not in t.text())
        assert "▸◔" in t.text()


async def test_x_cancels_the_selected_message_alone() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("down", "x")
        await t.shows("⊘ Stopped.", "BURNING · 1")
        assert t.gateway.messages_by_id[2].state == "cancelled"


async def test_a_minute_more_is_a_minute_more() -> None:
    async with desk(one_burning) as t:
        await t.shows("30 s")
        await t.press("plus")
        await t.shows("1:30")


async def test_stopping_is_one_key_and_resuming_asks_first() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("s")
        await t.shows("THE LINE IS STOPPED by desk1 since 08:14")
        for mode in ("2", "3", "4", "1"):
            await t.press(mode)
            await t.shows("THE LINE IS STOPPED")
        await t.press("s")
        await t.shows("Resume the line?", "1 message waits and leaves at once.", "2 fuses burn")
        await t.press("s", "enter", "escape")
        assert t.gateway.line.stopped
        await t.press("s")
        await t.shows("Resume the line?")
        await t.press("y")
        await t.until(lambda: not t.gateway.line.stopped and "STOPPED" not in t.text())


@pytest.mark.parametrize(("key", "state"), [("y", "submitted"), ("n", "failed")])
async def test_an_uncertain_message_is_settled_by_a_key(key: str, state: str) -> None:
    async with desk(a_morning) as t:
        await t.shows("Did it leave?")
        await t.press("enter")
        await t.shows("Message to +44 7700 900101", "1 of 2", "2 of 2", "y it left")
        await t.press("enter")
        assert t.gateway.messages_by_id[1].state == "uncertain"
        await t.press(key)
        await t.shows("Noted")
        assert t.gateway.messages_by_id[1].state == state


async def test_sending_again_asks_for_the_last_four_digits() -> None:
    async with desk(a_morning) as t:
        await t.shows("Did it leave?")
        await t.press("enter")
        await t.shows("w send again")
        await t.press("w")
        await t.shows("type the last four digits")
        await t.press("enter")
        await t.write("0102")
        await t.press("enter")
        await t.shows("These are not the last four digits.")
        assert t.gateway.messages_by_id[1].state == "uncertain"
        await t.press(*["backspace"] * 4)
        await t.write("0101")
        await t.press("enter")
        await t.shows("It goes out once more.")
        assert t.gateway.messages_by_id[1].state == "queued"


async def test_a_row_goes_where_its_message_goes_and_stays_selected() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("down")
        t.gateway.put(2, "its fuse is spent", state="submitting")
        await t.shows("▸↗", "ON AIR · 2")
        t.gateway.put(2, "the phone has it", state="delivered")
        await t.shows("▸✔ 08:14 delivered    +44 7700 900102")


async def test_a_selection_that_nobody_made_stays_on_the_next_to_leave() -> None:
    def two(gateway: FakeGateway) -> None:
        gateway.add("+447700900102", "First", fuse=10.0)
        gateway.add("+447700900103", "Second", fuse=20.0)

    async with desk(two) as t:
        await t.until(lambda: "▸◔" in t.text() and "First" in t.text())
        t.gateway.put(1, "its fuse is spent", state="submitted")
        await t.shows("▸◔ ██████████    20 s +44 7700 900103")


async def test_a_key_meant_for_a_row_that_has_just_gone_hits_no_other() -> None:
    def two(gateway: FakeGateway) -> None:
        gateway.add("+447700900102", "First", fuse=10.0)
        gateway.add("+447700900103", "Second", fuse=20.0)

    async with desk(two) as t:
        await t.until(lambda: "▸◔" in t.text() and "First" in t.text())
        t.gateway.put(1, "its fuse is spent", state="submitted")
        await t.until(lambda: "20 s +44 7700 900103" in t.text() and "▸◔" in t.text())
        await t.press("x")
        await t.shows("The selection has just moved")
        assert t.gateway.messages_by_id[2].state == "staged"
        await t.second()
        await t.press("x")
        await t.shows("⊘ Stopped.")


async def test_a_spent_fuse_says_leaving_and_unknown_once_the_daemon_is_away() -> None:
    async with desk(one_burning) as t:
        await t.shows("30 s")
        await t.second(31)
        await t.shows("leaving ...")
        t.gateway.go_away()
        await t.shows("The daemon does not answer since 08:14:33", "unknown 08:14:32")
        assert "Fuses that run in the daemon go on burning there." in t.text()
        t.gateway.put(1, "gone", state="submitted")
        t.gateway.come_back()
        await t.shows("submitted")
        assert "does not answer" not in t.text()


async def test_a_daemon_that_was_never_there_is_waited_for() -> None:
    def away(gateway: FakeGateway) -> None:
        a_morning(gateway)
        gateway.go_away()

    async with desk(away) as t:
        await t.shows("modemd does not answer at /run/modemd/api.sock", "The daemon is not there.")
        t.gateway.come_back()
        await t.shows("NEEDS YOU", "BURNING · 2")


async def test_the_inbox_opens_a_conversation_marks_it_read_and_answers() -> None:
    async with desk(a_morning) as t:
        await t.shows("●2")
        await t.press("2")
        await t.shows("● 1 new   +44 7700 900106")
        await t.press("enter")
        await t.shows("With +44 7700 900106", "助かりました!", "● new")
        await t.until(lambda: all(m.read for m in t.gateway.inbound if m.sender == "+447700900106"))
        await t.press("r")
        await t.shows("Compose", "+447700900106")


async def test_a_sender_with_a_name_cannot_be_answered() -> None:
    async with desk(a_morning) as t:
        await t.shows("●2")
        await t.press("2")
        await t.shows("EXAMPLE")
        await t.press("down", "enter")
        await t.shows("Your code is 1234")
        await t.press("r")
        await t.shows("EXAMPLE is a name, not a number")


async def test_incomplete_and_unreadable_messages_say_so() -> None:
    async with desk(a_morning) as t:
        await t.shows("●2")
        await t.press("2")
        await t.shows("+44 7700 900107")
        await t.press("down", "down", "enter")
        await t.shows("first part of three", "(parts 2, 3 of 3 have not come)")
        await t.press("escape")
        await t.shows("+44 7700 900109")
        await t.press("down", "enter")
        await t.shows("It is cut off in the middle. (pdu)", "0791")


async def test_what_is_wrong_with_a_modem_though_it_works_stands_with_it() -> None:
    async with desk(a_morning) as t:
        alert = ErrorView("storage_stuck", "The modem does not delete what was received from SM (cms_500).")
        t.gateway.modem_list[0] = replace(t.gateway.modem_list[0], alerts=[alert])
        await t.press("3")
        await t.shows("does not delete what was received", "(storage_stuck)")


async def test_a_missed_call_can_be_answered() -> None:
    async with desk(a_morning) as t:
        why = ErrorView("call_refused", "A call, which was hung up: this modem is for messages.")
        t.gateway.receive("+447700900110", None, kind="call", error=why)
        await t.press("2")
        await t.shows("+44 7700 900110", "(a call)")
        await t.press("enter")
        await t.shows("A call, which was hung up")
        await t.press("r")
        await t.shows("+447700900110")


async def test_search_finds_by_word_and_by_number() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("slash")
        await t.shows("Find")
        t.app.screen.query_one("#sought", SafeInput).value = "4712"
        await t.shows("Nothing found.")
        for number in ("4711", "900123"):
            t.app.screen.query_one("#sought", SafeInput).value = number
            await t.until(lambda: "+44 7700 900123" in t.text() and "900104" not in t.text())
        t.app.screen.query_one("#sought", SafeInput).value = "order"
        await t.until(lambda: "+44 7700 900123" in t.text() and "900104" not in t.text())
        await t.press("enter", "enter")
        await t.until(lambda: isinstance(t.app.screen, DetailsScreen))


async def test_a_held_message_says_why_it_waits() -> None:
    def held(gateway: FakeGateway) -> None:
        gateway.add("+447700900111", "Closed tomorrow", "held", holds=[HoldView("quiet", "Quiet hours until 08:30.")])

    async with desk(held) as t:
        await t.shows("NEEDS YOU · 1", "Quiet hours until 08:30.", "⏎ decide", "▲ 1 needs you")
        await t.press("2")
        await t.shows("▲ 1 needs you")


def two_parked(gateway: FakeGateway) -> None:
    for name, park in (("north", "sim_changed"), ("south", "cms_8")):
        said = f"Something is to be seen to at {name}."
        gateway.modem_list.append(
            ModemView(
                name,
                "/dev/ttyUSB2",
                "parked",
                said,
                park=park,
                alerts=[ErrorView("power", "Its power is too weak.")],
                quota=[QuotaView("day", 12, 200)],
            )
        )


async def test_a_parked_modem_goes_on_when_a_person_says_so_and_not_by_enter() -> None:
    async with desk(two_parked) as t:
        await t.press("3")
        await t.shows("seen to at north", "Its power is too weak", "12 of 200 today")
        await t.press("r")
        await t.shows("Is it seen to? Then north sends again.")
        await t.press("enter", "n")
        await t.shows("Is it seen to? Then south sends again.")
        await t.press("y")
        await t.shows("south goes on.")
        assert [each.park for each in t.gateway.modem_list] == ["sim_changed", None]


async def test_a_queued_message_says_what_it_waits_for() -> None:
    def waiting(gateway: FakeGateway) -> None:
        why = ErrorView("modem_parked", "north: its SIM was changed.")
        gateway.add("+447700900102", "Waits.", "queued", waits=why, next_try_at=stamp(gateway.clock.now()))

    async with desk(waiting) as t:
        await t.shows("Waits.")
        await t.press("enter")
        await t.shows("north: its SIM was changed. (modem_parked)", "Next try")


async def test_quitting_says_that_fuses_go_on() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        await t.press("q")
        await t.shows("1 fuse goes on burning in the daemon")
        await t.press("escape")
        await t.shows("BURNING · 1")
        assert t.app.is_running


async def test_the_palette_does_what_keys_do() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        await t.press("ctrl+p")
        await t.write("stop the line")
        await t.shows("key: s")
        await t.press("enter")
        await t.until(lambda: t.gateway.line.stopped)


async def test_keys_can_be_changed() -> None:
    async with desk(one_burning, keymap={"desk.undo": "z"}) as t:
        await t.shows("BURNING · 1", "z undo")
        await t.press("u")
        assert t.gateway.messages_by_id[1].state == "staged"
        await t.press("z")
        await t.shows("⊘ Stopped.")


async def test_details_show_reports_in_words_with_their_code() -> None:
    def reported(gateway: FakeGateway) -> None:
        at = stamp(gateway.clock.now())
        wrong = ErrorView("CMS 38", "The network is out of order.")
        parts = [
            PartView(1, 2, "delivered", 7, "north", at, at, at, 0x00, "the phone has it"),
            PartView(2, 2, "undelivered", 8, "north", at, at, at, 0x46, "its validity ended", 2, wrong),
        ]
        gateway.add("+447700900111", "x" * 200, "undelivered", parts=parts)

    async with desk(reported) as t:
        await t.shows("undelivered")
        await t.press("enter")
        await t.shows("report: the phone has it (0x00", "report: its validity ended (0x46", "(CMS 38)", "2 attempts")


async def test_a_long_list_is_walked_by_page_end_and_home() -> None:
    def many(gateway: FakeGateway) -> None:
        for n in range(700):
            gateway.add("+447700900102", f"message {n}", fuse=60.0 + n)

    async with desk(many) as t:
        await t.shows("BURNING · 700", "message 0 ")
        await t.press("end")
        await t.shows("message 699")
        await t.press("pageup")
        await t.shows("▸◔", "message 680")
        await t.press("home")
        await t.shows("message 0 ")
        await t.press("pagedown", "pagedown", "pagedown")
        await t.shows("▸◔")


async def test_the_line_about_the_simulation_is_on_every_screen() -> None:
    async with desk(a_morning, demo=True) as t:
        for key in ("2", "3", "4", "1", "c"):
            await t.press(key)
            await t.shows("SIMULATION: nothing leaves this machine")


async def test_keys_work_while_the_input_method_is_on() -> None:
    async with desk(one_burning) as t:
        await t.shows("BURNING · 1")
        await t.press("ｕ")
        await t.shows("⊘ Stopped.")


async def test_a_line_of_the_log_opens_its_message() -> None:
    async with desk(a_morning) as t:
        await t.shows("NEEDS YOU")
        await t.press("4")
        await t.shows("the line goes on")
        await t.press("down", "down", "down")
        await t.shows("⏎ open")
        await t.press("enter")
        await t.shows("Message to +44 7700 900106")


async def test_poor_terminals_see_no_sign_beyond_ascii() -> None:
    async with desk(one_burning, ascii_only=True) as t:
        for keys in ("u", "c", "escape", "3", "2", "4", "question_mark"):
            await t.press(keys)
            await t.settled()
            assert t.text().isascii(), t.text()
