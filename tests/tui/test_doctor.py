"""The doctor's screen and the meter: what is shown, when the modem is asked, and what is never forgotten."""

from dataclasses import replace

import pytest

from modemd.api.schema import DiagnosisView
from modemd.model import signal
from tests.tui.desk_under_test import UnderTest, desk, speak
from tests.tui.fake_gateway import FakeGateway
from tests.tui.mornings import a_morning, a_visit
from tui import format, glyphs
from tui.meter import HIGHEST, LOWEST, Reading, big, meter, steps


async def at_the_meter(t: UnderTest) -> None:
    await t.settled()
    await t.press("3")
    await t.settled()
    await t.press("a")
    await t.shows("Antenna", "best so far")


# -- the doctor --------------------------------------------------------------------------------------------


async def test_what_fails_is_shown_with_what_to_do() -> None:
    async with desk(a_visit) as t:
        await t.settled()
        await t.press("h")
        await t.shows(
            "✗ fail SIM", "Tries left: 3", "→  Write the PIN into a file", "Modem south", "1 fail, 1 to look at"
        )
        await t.press("escape")
        await t.shows("NEEDS YOU")


async def test_looking_again_shows_what_has_changed() -> None:
    async with desk(a_visit) as t:
        await t.settled()
        await t.press("h")
        await t.shows("1 fail")
        t.gateway.diagnoses = [DiagnosisView("disk", "ok", "Room enough.")]
        await t.press("r")
        await t.shows("All is well.")
        t.gateway.diagnoses = [DiagnosisView("disk", "fail", "The disk is full.", "Make room.")]
        t.gateway.happen("modem", "gone", subject="north")
        await t.shows("The disk is full.", "→  Make room.")


async def test_what_was_found_stays_while_the_daemon_is_away() -> None:
    async with desk(a_visit) as t:
        await t.settled()
        await t.press("h")
        await t.shows("1 fail")
        t.gateway.go_away()
        await t.shows("does not answer", "1 fail")
        await t.press("r")
        await t.settled()
        assert "1 fail" in t.text()


async def test_where_no_modem_is_the_doctors_first_finding_is() -> None:
    def bare(gateway: FakeGateway) -> None:
        gateway.diagnoses = [
            DiagnosisView("disk", "ok", "Room enough."),
            DiagnosisView("usb", "fail", "The stick is a CD-ROM.", "apt install usb-modeswitch"),
        ]

    async with desk(bare) as t:
        await t.settled()
        await t.press("3")
        await t.shows("The stick is a CD-ROM.", "apt install usb-modeswitch")


async def test_a_check_of_a_later_daemon_is_shown_by_its_own_name() -> None:
    async with desk(lambda gateway: gateway.diagnoses.append(DiagnosisView("comet", "warn", "Near.", "Duck."))) as t:
        await t.settled()
        await t.press("h")
        await t.shows("comet", "Near.", "Duck.")


# -- the meter ---------------------------------------------------------------------------------------------


async def test_the_modem_is_asked_each_second_and_only_while_somebody_looks() -> None:
    """Seen red: with a timer of its own, the meter asked on when its screen was closed."""
    async with desk(a_visit) as t:
        await at_the_meter(t)
        before = t.gateway.looks
        for _ in range(3):
            await t.second()
            await t.settled()
        assert t.gateway.looks == before + 3
        await t.press("escape")
        await t.settled()
        before = t.gateway.looks
        for _ in range(3):
            await t.second()
            await t.settled()
        assert t.gateway.looks == before


async def test_the_best_so_far_is_kept_until_it_is_forgotten() -> None:
    async with desk(a_visit) as t:
        t.gateway.heard = [-95, -71, -85]
        await at_the_meter(t)
        await t.shows("best so far -95 dBm", "this is the best place so far", "weak   2 of 4")
        await t.second()
        await t.shows("best so far -71 dBm", "good   4 of 4")
        await t.second()
        await t.shows("best so far -71 dBm", "now 14 dB below it", "fair   3 of 4")
        await t.press("r")
        await t.shows("best so far -85 dBm")


async def test_each_modem_has_its_own_best() -> None:
    async with desk(a_visit) as t:
        t.gateway.heard = [-71, -99]
        await at_the_meter(t)
        await t.press("n")
        await t.shows("south", "best so far -99 dBm")
        t.gateway.heard = [-80]
        await t.press("right")
        await t.shows("north", "best so far -71 dBm", "now 9 dB below it")


async def test_a_modem_that_sends_or_is_gone_says_why_nothing_is_heard() -> None:
    async with desk(a_visit) as t:
        await at_the_meter(t)
        t.gateway.modem_list[0] = replace(t.gateway.modem_list[0], state="busy")
        await t.second()
        await t.shows("sends: the meter waits")
        t.gateway.modem_list[0] = replace(t.gateway.modem_list[0], state="gone", sentence="Unplugged.")
        t.gateway.heard = [None]
        await t.second()
        await t.shows("Unplugged.", "Nothing is heard right now.", "best so far")


async def test_nobody_is_asked_while_the_daemon_is_away() -> None:
    async with desk(a_visit) as t:
        await at_the_meter(t)
        t.gateway.go_away()
        await t.shows("does not answer")
        before = t.gateway.looks
        await t.second()
        await t.settled()
        assert t.gateway.looks == before
        assert "best so far" in t.text()


async def test_one_modem_needs_no_key_for_the_next() -> None:
    def alone(gateway: FakeGateway) -> None:
        a_morning(gateway)
        del gateway.modem_list[1:]

    async with desk(alone) as t:
        await at_the_meter(t)
        assert "next modem" not in t.text()


# -- how it is drawn ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize(("width", "height"), [(80, 20), (120, 36), (200, 50), (80, 19)])
def test_every_reading_fits_its_room(width: int, height: int, ascii_only: bool) -> None:
    speak("en")
    glyphs.use_ascii(ascii_only)
    try:
        reading = Reading()
        for dbm in (None, *range(LOWEST - 3, HIGHEST + 3)):
            reading = reading.heard(dbm, "08:14:02")
            lines = meter(reading, width, height)
            assert len(lines) + 1 <= height
            for line in lines:
                assert sum(format.width(text) for text, _style in line) <= width, (dbm, line)
    finally:
        glyphs.use_ascii(False)


def test_the_steps_say_what_the_number_says() -> None:
    """No colour alone: more signal is more ink."""
    ink = ["".join(steps(dbm, 2, 1)).count(glyphs.glyphs().full) for dbm in (-113, *signal.STEPS)]
    assert ink == sorted(set(ink))
    assert ink[0] == 0
    assert "".join(steps(None, 2, 1)).count(glyphs.glyphs().full) == 0


def test_digits_are_told_apart_by_their_shape() -> None:
    drawn = {tuple(big(character, 2, 1)) for character in "0123456789-?"}
    assert len(drawn) == 12


def test_a_gap_in_the_readings_is_no_worse_place() -> None:
    reading = Reading().heard(-80, "08:00:00").heard(None, "08:00:01").heard(-90, "08:00:02")
    assert (reading.dbm, reading.best, reading.best_at) == (-90, -80, "08:00:00")
    assert reading.history == (-80, None, -90)
