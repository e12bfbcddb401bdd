"""Nothing from outside can become a command."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at import commands
from drivers.at.commands import Command
from drivers.errors import CommandRefused

TEXT = st.text(st.characters(codec="latin-1"), max_size=20) | st.text(
    '0123456789ABCDEFSMT,;"+\r\n\x1a\x1b\0', max_size=9
)
# Quotes stand only around what was checked: two letters, or digits.
SAFE = re.compile(r'AT(?:[+A-Z0-9=,]|"[A-Z]{2}"|"[0-9]{4,8}")*')


@given(TEXT)
def test_a_text_ends_no_command_and_begins_none(text: str) -> None:
    """Defect 28 of the library: a USSD text with a CR and ATD behind it made the modem dial."""
    builders: tuple[Callable[[str], Command], ...] = (commands.unlock, commands.choose_storages, commands.init_line)
    for build in builders:
        try:
            line = build(text).line
        except CommandRefused:
            continue
        assert not re.search(r"[\r\n\x1a\x1b\0]", line)
        assert build is commands.init_line or SAFE.fullmatch(line)


@given(st.integers(), st.lists(st.integers(-1, 9), min_size=5, max_size=5))
def test_numbers_are_in_their_range_or_refused(number: int, fields: list[int]) -> None:
    builders: tuple[Callable[[], Command], ...] = (
        lambda: commands.delete(number),
        lambda: commands.submit(number),
        lambda: commands.routing(*fields),
    )
    for build in builders:
        try:
            line = build().line
        except CommandRefused:
            continue
        assert SAFE.fullmatch(line)
        assert "-" not in line


@given(TEXT)
def test_a_body_is_whole_octets_of_hex(text: str) -> None:
    with suppress(CommandRefused):
        assert re.fullmatch(r"[0-9A-F]{18,352}", commands.body(text))


@pytest.mark.parametrize(
    "build",
    [
        lambda: commands.delete(-1),
        lambda: commands.delete(65536),
        lambda: commands.submit(7),
        lambda: commands.submit(165),
        lambda: commands.routing(4, 1, 0, 1, 0),
        lambda: commands.routing(2, 1, 0, 3, 0),
        lambda: commands.choose_storages(),
        lambda: commands.choose_storages("SM", "SM", "SM", "SM"),
        lambda: commands.choose_storages("SMS"),
        lambda: commands.choose_storages('S"'),
        lambda: commands.choose_storages("sm"),
        lambda: commands.unlock("123"),
        lambda: commands.unlock("123456789"),
        lambda: commands.unlock("12a4"),
        lambda: commands.unlock("١٢٣٤"),
        lambda: commands.unlock('1234",'),
        lambda: commands.unlock("1234\n"),
        lambda: commands.body(""),
        lambda: commands.body("00" * 8),
        lambda: commands.body("00" * 177),
        lambda: commands.body("0" * 41),
        lambda: commands.body("00" * 20 + "\x1a"),
        lambda: commands.body("00" * 20 + "\n"),
        lambda: commands.body("ab" * 20),
    ],
)
def test_bad_arguments_are_refused(build: Callable[[], object]) -> None:
    with pytest.raises(CommandRefused):
        build()


@pytest.mark.parametrize(
    "line",
    [
        "ATD+447700900001;",
        "ATD*100#",
        "ATDT447700900001",
        "ATE0D447700900001",
        "ATS0=0D447700900001",
        "AT+CREG=1;D447700900001",
        "AT &C1 D447700900001",
        "ATA",
        "ATE0A",
        "AT+CMGS=20",
        "AT+CREG=1;+CMGS=20",
        "ATE0+CMGS=20",
        "AT +CMGS=20",
        "AT+ CMGS=20",
        "AT+QCMGS=20",
        "AT+CMSS=1",
        "AT+CMGW=20",
        "AT+CMGC=7",
        "AT+CMGD=1,4",
        'AT+CMGDA="DEL ALL"',
        "AT+QMGDA=6",
        'AT+CPIN="1234"',
        "AT^CPIN=1234",
        'AT+CPWD="SC","1234","4321"',
        'AT+CLCK="SC",0,"1234"',
        'AT+CSIM=10,"A020000108"',
        "AT+CUSD=1",
        "AT+CREG=1\rATD447700900001",
        "AT+CREG=1\x1a",
        "at+cmgs=20",
        "AT",
        "+CREG=1",
        "",
    ],
)
def test_set_up_lines_neither_send_nor_dial_nor_delete(line: str) -> None:
    with pytest.raises(CommandRefused):
        commands.init_line(line)


@pytest.mark.parametrize(
    "line",
    ["AT^CURC=0", "AT+CPMS?", "AT\\Q3", "AT&D2&C1", "ATE0+CPMS?", 'AT+QCFG="ims",1', 'AT+QURCCFG="urcport","usbat"'],
)
def test_set_up_lines_that_are_fine(line: str) -> None:
    assert commands.init_line(line).line == line


def test_the_table_of_fixed_commands_is_safe() -> None:
    rows = [value for value in vars(commands).values() if isinstance(value, Command)]
    rows += [*commands.ICCIDS, *commands.REGISTRATION.values(), *commands.REGISTRATION_URCS.values()]
    assert len(rows) > 30
    for command in rows:
        assert re.fullmatch(r"AT[+^A-Z0-9=?,]*", command.line)


def test_what_the_builders_make() -> None:
    assert commands.submit(18).line == "AT+CMGS=18"
    assert commands.submit(18).prompts
    assert commands.routing(2, 1, 0, 1, 0).line == "AT+CNMI=2,1,0,1,0"
    assert commands.choose_storages("ME", "ME", "SM").line == 'AT+CPMS="ME","ME","SM"'
    assert commands.delete(True).line == "AT+CMGD=1"
    assert commands.unlock("0000").line == 'AT+CPIN="0000"'


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("35693803564380", True),
        ("+CCID: 89010100000000000011", True),
        ("+QNWINFO: No Service", False),
        ("*UNHEARD: 1", False),
        ("\\xff\\xfe", False),
    ],
)
def test_bare_information_is_neither_noise_nor_somebody_elses(line: str, fits: bool) -> None:
    assert commands.ICCIDS[0].takes_bare(line) is fits
