"""A hostile SMS on every screen of a real terminal: it neither draws, nor crashes, nor titles it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Every screen, with a mark that says when it is there.
WALK = (
    ("", "NEEDS YOU"),
    ("\t", "BURNING"),
    ("\r", "Message to"),
    ("\x1b", "NEEDS YOU"),
    ("u", "edit again"),
    ("e", "Compose"),
    ("\x1b", "NEEDS YOU"),
    ("2", "new"),
    ("\r", "With"),
    ("\x1b", "new"),
    ("3", "parked"),
    ("h", "Begin with the first"),
    ("a", "forget the best"),
    ("\x1b", "look again"),
    ("\x1b", "parked"),
    ("4", "stopped"),
    ("/", "Find"),
    ("foo", "uncertain"),
    ("\r", "use again"),
    ("\r", "Message to"),
    ("?", "Keys"),
    ("\x1b", "Message to"),
    ("\x1b", "Find"),
    ("\x1b", "stopped"),
    ("d", "go on writing"),
    ("\r", "Compose"),
    ("\x13", "stage it all"),
    ("\x1b", "Compose"),
    ("\x1b", "stopped"),
)


class Terminal:
    def __init__(self, *options: str, columns: int = 80, lines: int = 24) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environ = os.environ | {"TERM": "xterm-256color", "ESCDELAY": "20", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.live_desk", *options],
            cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.raw = b""

    def read(self, seconds: float) -> bytes:
        got = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.master], [], [], left)[0]:
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                break
            if not chunk:
                break
            got += chunk
            if len(got) > 0 and not select.select([self.master], [], [], 0.05)[0]:
                break
        self.raw += got
        return got

    def until(self, mark: str, seconds: float = 30.0) -> None:
        seen = b""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen += self.read(0.2)
            plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen)
            if mark.encode() in plain:
                return
            assert self.process.poll() is None, self.raw[-3000:].decode("utf-8", "replace")
        raise AssertionError(f"{mark!r} did not come: {plain[-2000:].decode('utf-8', 'replace')}")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        os.close(self.master)


@pytest.mark.parametrize("columns", [80, 200])
def test_a_hostile_text_is_harmless_on_every_screen(columns: int) -> None:
    terminal = Terminal("--hostile", columns=columns)
    try:
        for keys, mark in WALK:
            os.write(terminal.master, keys.encode())
            terminal.until(mark)
        terminal.read(0.5)
        assert terminal.process.poll() is None
    finally:
        terminal.close()
    # The shape of the pointer is all that Textual itself tells the terminal this way.
    drawn = terminal.raw.replace(b"\x1b]22;default\x07", b"")
    assert b"pwned" in terminal.raw
    assert b"[/foo]" in terminal.raw
    for forbidden in ("\x1b]", "\x07", "\u202e", "\u2066", "\x9b", "\u200b"):
        assert forbidden.encode() not in drawn, repr(forbidden)
