"""Where the terminal UI can be started, and what it says where it cannot."""

import subprocess
import sys

import pytest

from tui.__main__ import poor_signs, unusable
from tui.theme import sixteen_colours


def test_without_a_terminal_it_names_the_commands() -> None:
    ran = subprocess.run([sys.executable, "-m", "tui"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "This is no terminal" in ran.stderr
    assert "modemd outbox" in ran.stderr
    assert ran.stdout == ""


def test_a_wrong_option_is_a_wrong_usage() -> None:
    ran = subprocess.run([sys.executable, "-m", "tui", "--lang", "xx"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2


@pytest.mark.parametrize(("term", "usable"), [("dumb", False), ("", False), ("linux", True), ("xterm-256color", True)])
def test_a_dumb_terminal_is_refused(term: str, usable: bool) -> None:
    assert (unusable({"TERM": term}, is_terminal=True) == "") is usable


@pytest.mark.parametrize(
    ("environ", "encoding", "poor"),
    [({"TERM": "linux"}, "utf-8", True), ({"TERM": "xterm"}, "UTF-8", False), ({"TERM": "xterm"}, "ascii", True)],
)
def test_poor_terminals_get_ascii_signs(environ: dict[str, str], encoding: str, poor: bool) -> None:
    assert poor_signs(environ, encoding) is poor


@pytest.mark.parametrize(
    ("environ", "sixteen"),
    [
        ({"TERM": "linux"}, True),
        ({"TERM": "vt220"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, False),
    ],
)
def test_old_terminals_get_their_own_sixteen_colours(environ: dict[str, str], sixteen: bool) -> None:
    assert sixteen_colours(environ) is sixteen
