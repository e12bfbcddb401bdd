"""Contacts on the screen: found, edited, taken in from files, seen to; and whom a few letters mean in compose."""

from pathlib import Path

import pytest

from modemd.api.schema import FindingView
from tests.tui.desk_under_test import UnderTest, desk
from tests.tui.mornings import an_address_book
from tui.screens.compose import ComposeScreen
from tui.screens.contact import ContactScreen
from tui.screens.contact_form import ContactForm
from tui.screens.contacts import ContactsScreen
from tui.widgets.completion import Completion
from tui.widgets.fields import SafeInput, SafeTextArea

HANAKO, ICHIRO = "+447700900101", "+447700900102"


def field(t: UnderTest, name: str) -> SafeInput:
    return t.app.screen.query_one(f"#{name}", SafeInput)


async def opened(t: UnderTest, *keys: str) -> None:
    await t.shows("NEEDS YOU")
    await t.press("5")
    await t.shows("山田 花子", "やまだ はなこ")
    for key in keys:
        await t.press(key)
        await t.settled()


# -- the list and one of it -------------------------------------------------------------------------------


async def test_contacts_are_found_by_what_is_known() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "f")
        field(t, "sought").value = "駐車場"
        await t.until(lambda: "山田 花子" in t.text() and "見本 一郎" not in t.text())
        await t.press("enter", "enter")
        await t.shows("A-4711", "駐車場の鍵を持っている。", "desk2: changed")
        await t.press("escape")
        await t.settled()
        await t.press("f")
        await t.press("escape")
        await t.shows("見本 一郎")
        assert isinstance(t.app.screen, ContactsScreen)


async def test_keys_are_keys_where_nobody_is_known_yet() -> None:
    """Seen red: the hidden list lost the focus to the field, and t was written there."""
    async with desk() as t:
        await t.shows("Nothing waits")
        await t.press("5")
        await t.shows("Nobody here.")
        t.gateway.known("見本 花子", HANAKO)
        t.gateway.happen("contact", "contact 1 added")
        await t.shows("見本 花子")
        await t.press("t")
        await t.shows("Nothing to be seen to.")
        await t.press("escape")
        await t.settled()
        await t.press("enter")
        await t.shows("Who wrote it down")


async def test_a_message_is_written_to_a_contact() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "end", "up", "w")
        assert field(t, "to").value == HANAKO
        await t.shows("→ 山田 花子  +44 7700 900101")


async def test_a_contact_is_added_and_a_mistake_loses_nothing() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "a", "ctrl+s")
        await t.shows("A contact has a name or a number")
        for name, value in (("name", "見本 四郎"), ("numbers", "+447700900199, 090-1111-2222"), ("groups", "八月")):
            field(t, name).value = value
        t.app.screen.query_one("#consents", SafeTextArea).text = "promotional | 2026-11-24 | 店頭\n"
        t.app.screen.query_one("#fields", SafeTextArea).text = "会員番号 = A-1\n"
        await t.press("ctrl+s")
        await t.shows("Kept: 見本 四郎")
        ((_, card),) = t.gateway.asked
        assert (card["groups"], card["fields"]) == (["八月"], {"会員番号": "A-1"})
        assert [c.card.numbers for c in t.gateway.book.values() if c.card.name == "見本 四郎"] == [
            ["+447700900199", "090-1111-2222"]
        ]


async def test_an_edit_does_not_overwrite_that_of_somebody_else() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "end", "up", "enter", "e")
        assert field(t, "numbers").value == "+447700900101, +819012345678"
        await t.gateway.edit_contact(1, revision=1, name="山田 花江", consents=[])
        field(t, "name").value = "山田 華子"
        await t.press("ctrl+s")
        await t.shows("desk2 has edited this contact meanwhile", "山田 華子")
        await t.press("escape")
        await t.shows("Go back without keeping what you have changed?")
        await t.press("enter")
        assert isinstance(t.app.screen_stack[-2], ContactForm)
        await t.press("y")
        await t.shows("山田 花江")
        assert isinstance(t.app.screen, ContactScreen)


async def test_deleting_is_never_on_enter() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "end", "up", "enter", "x")
        await t.shows("Delete 山田 花子 for good?")
        await t.press("enter")
        await t.settled()
        assert 1 in t.gateway.book
        await t.press("y")
        await t.until(lambda: 1 not in t.gateway.book and isinstance(t.app.screen, ContactsScreen))


async def test_no_more_messages_and_messages_again() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "end", "up", "enter", "n")
        await t.shows("山田 花子 wants no more messages?")
        await t.press("y")
        await t.shows("⊘ no messages", "n messages again")
        await t.press("n")
        await t.shows("wants messages again, and has said so?")
        await t.press("y")
        await t.until(lambda: "⊘ no messages" not in t.text())
        assert t.gateway.asked == [("out", HANAKO), ("back", HANAKO)]


# -- a file -----------------------------------------------------------------------------------------------


async def test_a_file_is_compared_decided_done_and_undone(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes("氏名\n".encode("cp932"))
    async with desk(an_address_book) as t:
        await opened(t, "i")
        field(t, "group").value = "八月"
        field(t, "file").value = str(file)
        await t.press("enter")
        await t.shows("TO DECIDE · 1", "204 the same", "→ leave out")
        assert t.gateway.asked == [("preview", 5, {"group": "八月", "source": "customers.csv"})]
        await t.press("m")
        await t.shows("→ merge")
        await t.press("ctrl+s")
        await t.shows("2 contacts are added.", "2 contacts are changed.")
        await t.press("enter", "escape")
        await t.settled()
        assert len(t.gateway.asked) == 1
        await t.press("ctrl+s")
        await t.shows("y  do it")
        await t.press("y")
        await t.shows("2 added, 1 merged, 1 left out. z undoes it.")
        assert t.gateway.asked[-1] == (
            "apply",
            "0123456789abcdef",
            {5: "merge"},
            {"group": "八月", "source": "customers.csv"},
        )
        await t.press("z")
        await t.shows("As before: 3 contacts.")
        assert ("undo", 7) in t.gateway.asked


async def test_encoding_zeros_and_columns_are_switched_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(b"x")
    async with desk(an_address_book) as t:
        await opened(t, "i")
        field(t, "file").value = str(file)
        await t.press("enter")
        await t.shows("cp932 (it could be euc_jp)")
        await t.press("f2")
        await t.shows("euc_jp (it could be cp932)")
        await t.press("f4")
        await t.until(lambda: t.gateway.asked[-1][2].get("zeros"))
        await t.press("f3")
        await t.shows("会員番号", "A-4711 / A-4712")
        await t.press("end", "right")
        await t.shows("会員番号               → name")
        await t.press("left", "left")
        await t.shows("会員番号               → left out")
        await t.press("enter")
        await t.until(lambda: t.gateway.asked[-1][2].get("columns") == ["name", "reading", "number", "-"])
        assert t.gateway.asked[-1][2]["encoding"] == "euc_jp"


@pytest.mark.parametrize(("name", "said"), [("/nowhere/x.csv", "No such file or directory"), ("/proc", "directory")])
async def test_a_file_that_is_none_says_so(name: str, said: str) -> None:
    async with desk(an_address_book) as t:
        await opened(t, "i")
        field(t, "file").value = name
        await t.press("enter")
        await t.shows(f"{name} cannot be read", said)


# -- what is to be seen to --------------------------------------------------------------------------------


async def test_each_case_has_its_key_and_is_undone() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "t")
        await t.shows("two names", "stands under several names")
        await t.press("m")
        await t.shows("Which one is kept?", "1  見本 一郎", "2  山本 太郎")
        await t.press("enter", "9")
        assert t.gateway.asked == []
        await t.press("2")
        await t.shows("Done. z undoes it.", "the same person twice?")
        await t.press("i")
        await t.shows("Noted: it is right as it is.", "lack the 0")
        await t.press("y")
        await t.until(lambda: len(t.gateway.cases) == 2)
        await t.settled()
        await t.press("r")
        await t.until(lambda: len(t.gateway.cases) == 1)
        await t.settled()
        await t.press("x")
        await t.shows("Delete the contact? z undoes it.")
        await t.press("y")
        await t.shows("Nothing to be seen to.")
        await t.press("z")
        await t.shows("As before.")
        assert t.gateway.asked == [
            ("tidy", "two_names", "merge", 4),
            ("tidy", "duplicate", "dismiss", None),
            ("tidy", "lost_zero", "accept", None),
            ("tidy", "dead_number", "remove", None),
            ("tidy", "stale", "delete", None),
            ("undo", 8),
        ]


async def test_a_person_reads_what_is_only_near_a_stop() -> None:
    async with desk(an_address_book) as t:
        await opened(t, "o")
        await t.shows("READ IT · 1", "もう送らないでください", "2 messages held")
        await t.press("n")
        await t.shows("wants messages, or never wanted none?", "もう送らないでください")
        await t.press("escape")
        await t.settled()
        await t.press("y")
        await t.shows("+44 7700 900103 gets nothing more.", "NO MESSAGES · 3")
        await t.press("a")
        field(t, "number").value = "0901234"
        await t.press("enter")
        await t.shows("has no country code")
        field(t, "number").value = "+447700900199"
        await t.press("enter")
        await t.shows("NO MESSAGES · 4")
        assert t.gateway.asked == [("out", "+447700900103"), ("out", "+447700900199")]


# -- whom the letters mean --------------------------------------------------------------------------------


async def written(t: UnderTest, letters: str) -> None:
    await t.shows("NEEDS YOU")
    await t.press("c")
    await t.until(lambda: isinstance(t.app.screen, ComposeScreen) and t.app.screen.query("#to"))
    field(t, "to").value = letters
    await t.until(lambda: completion(t).typed == letters and completion(t).is_open)


def completion(t: UnderTest) -> Completion:
    return t.app.screen.query_one(Completion)


async def test_enter_takes_the_only_one_and_the_next_enter_goes_on() -> None:
    async with desk(an_address_book) as t:
        await written(t, "やまもと")
        await t.shows("山本 太郎  やまもと たろう", "+44 7700 900102")
        await t.press("enter")
        await t.until(lambda: field(t, "to").value == ICHIRO and not completion(t).is_open)
        assert t.app.screen.focused is field(t, "to")
        await t.shows("→ ▲ 見本 一郎, 山本 太郎")  # both names of that number
        await t.press("enter")
        assert t.app.screen.focused is t.app.screen.query_one("#text")


async def test_enter_never_takes_one_of_two_that_fit_alike() -> None:
    """Seen red: taking the first whatever the daemon says of a tie."""
    async with desk(an_address_book) as t:
        await written(t, "みほん")
        await t.press("enter", "enter")
        await t.shows("Several fit: choose with the arrow keys, then Enter.")
        assert field(t, "to").value == "みほん"
        await t.press("down", "down", "enter")
        await t.until(lambda: field(t, "to").value == "+447700900110")


async def test_enter_takes_nothing_that_is_shown_for_other_letters() -> None:
    """Seen red: typed on, and Enter before the new letters were asked about."""
    async with desk(an_address_book) as t:
        await written(t, "やまもと")
        t.gateway.go_away()  # no answer to what follows
        field(t, "to").value = "やまもとさん"
        await t.press("enter")
        await t.settled()
        assert field(t, "to").value == "やまもとさん"


async def test_one_that_was_undone_is_not_taken_by_enter() -> None:
    async with desk(an_address_book) as t:
        t.gateway.demoted.add(4)
        await written(t, "山本")
        await t.shows("was undone")


async def test_the_daemon_is_told_by_which_letters_somebody_was_chosen() -> None:
    async with desk(an_address_book) as t:
        await written(t, "やまもと")
        await t.press("enter")
        await t.until(lambda: field(t, "to").value == ICHIRO)
        t.app.screen.query_one("#text", SafeTextArea).text = "Hello"
        await t.press("ctrl+s")
        await t.until(lambda: t.gateway.asked)
        id = max(t.gateway.messages_by_id)
        assert t.gateway.asked == [("chosen", id, "やまもと", 4)]


async def test_a_number_that_was_changed_afterwards_is_nobodys_choice() -> None:
    async with desk(an_address_book) as t:
        await written(t, "やまもと")
        await t.press("enter")
        await t.until(lambda: field(t, "to").value == ICHIRO)
        field(t, "to").value = "+447700900199"
        t.app.screen.query_one("#text", SafeTextArea).text = "Hello"
        await t.press("ctrl+s")
        await t.shows("BURNING")
        assert t.gateway.asked == []


async def test_who_wants_no_messages_is_said_while_choosing() -> None:
    async with desk(an_address_book) as t:
        t.gateway.extra_findings = [
            FindingView("recipient_opted_out", "block", "recipient", "has asked for no more messages")
        ]
        await written(t, "Ann")
        await t.shows("⊘ no messages", "never")
