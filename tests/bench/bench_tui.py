"""The terminal UI's figures: python -m tests.bench.bench_tui. Ratios tell more than milliseconds of this machine."""

import asyncio
import fcntl
import os
import pty
import random
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.stub_daemon import StubDaemon
from tests.bench.table import Row, show

ROOT = Path(__file__).parents[2]
HELLO = """
import gc; gc.disable()
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("1 Outbox")
Hello().run()
"""
RUNS = 7
WATCHED = 10.0  # seconds
LONG = 1_000_000  # rows
PRESSES = 300
# A list of Textual's own, and the least that can be one: what a key costs without anything of ours, and at
# the 60 frames a second that Textual draws unless told.
OPTIONS = """
import gc; gc.disable()
from textual.app import App
from textual.widgets import OptionList
class Options(App):
    def compose(self):
        yield OptionList(*(f" 部品 {n} が届きました。ご来店ください。" for n in range(1000)))
    def on_mount(self):
        self.query_one(OptionList).highlighted = 0
Options().run()
"""
BARE = """
import gc; gc.disable()
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
LOOKS = Style(color="white", bgcolor="black"), Style(color="black", bgcolor="white")
class Bare(ScrollView, can_focus=True):
    BINDINGS = [Binding("down", "down")]
    at = 0
    def on_mount(self):
        self.virtual_size = Size(1, 1_000_000)
    def action_down(self):
        self.at += 1
        if self.at >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=self.at - self.size.height + 1, animate=False, force=True)
        self.refresh()
    def render_line(self, y):
        n = y + self.scroll_offset.y
        line = Strip([Segment(f"{' ▸'[n == self.at]} 部品 {n} が届きました。ご来店ください。", LOOKS[n == self.at])])
        return line.adjust_cell_length(self.size.width, LOOKS[n == self.at])
class Least(App):
    def compose(self):
        yield Bare()
Least().run()
"""
_MOVES = re.compile(rb"\x1b\[[0-9;]*[Hf]")  # of the terminal's cursor: another line begins
_OTHER = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Watched:
    """A program on a pty of its own."""

    def __init__(self, *arguments: str, columns: int = 80, lines: int = 24) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environ = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1"}
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environ,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.written = 0
        self.seen = b""

    def read(self, seconds: float) -> None:
        if select.select([self.master], [], [], seconds)[0]:
            chunk = os.read(self.master, 65536)
            self.written += len(chunk)
            self.seen = (self.seen + chunk)[-200_000:]

    def until(self, mark: str) -> float:
        """Milliseconds from its start."""
        while mark.encode() not in _OTHER.sub(b"", self.seen):
            self.read(1.0)
            if time.perf_counter() - self.began > 30:
                raise TimeoutError(f"{mark!r} did not come: {self.seen[-500:]!r}")
        return (time.perf_counter() - self.began) * 1000

    def watch(self, seconds: float) -> float:
        """Per cent of a core over this time."""
        before = self._ticks()
        self.rest(seconds)
        return 100 * (self._ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds

    def _ticks(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def rss(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        os.close(self.master)


@contextmanager
def daemon(burning: int) -> Iterator[str]:
    """A stub on a socket, in a thread of this process."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "api.sock")
        loop = asyncio.new_event_loop()
        ready = threading.Event()

        def run() -> None:
            server = loop.run_until_complete(StubDaemon(burning).serve(path))
            ready.set()
            loop.run_forever()
            server.close()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0.1))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        ready.wait()
        try:
            yield path
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def first_frames() -> tuple[float, float]:
    ours, hello = [], []
    with daemon(20) as socket:
        for _run in range(RUNS):
            for times, arguments in ((ours, ("-m", "tui", "--socket", socket)), (hello, ("-c", HELLO))):
                program = Watched(*arguments)
                times.append(program.until("1 Outbox"))
                program.close()
    return statistics.median(ours), statistics.median(hello)


def long_list() -> tuple[float, float, float, float]:
    """After the first frame: until rows are there; then a key down, a page, and the memory."""
    with daemon(LONG) as socket:
        program = Watched("-m", "tui", "--socket", socket)
        frame = program.until("1 Outbox")
        rows = program.until("部品 12 ") - frame
        moved = pressed(program, b"\x1b[6~", "部品 25 ")
        memory = program.rss()
        program.close()
    return rows, moved, memory, asyncio.run(usable())


def down(program: Watched, marker: str) -> list[float]:
    """Milliseconds from cursor down to the row with the marker on it, as fast as a hand or a key held down."""
    gaps = random.Random(0)  # not in step with the screen's own rhythm
    program.until("部品 3 ")
    program.rest(1.0)
    took = []
    for row in range(1, PRESSES + 1):
        program.seen = b""
        begun = time.perf_counter()
        os.write(program.master, b"\x1b[B")
        painted = re.compile(f"{marker}[^\\n]*部品 {row} ".encode())
        while not painted.search(_OTHER.sub(b"", _MOVES.sub(b"\n", program.seen))):
            program.read(1.0)
            if time.perf_counter() - begun > 10:
                raise TimeoutError(f"row {row} was not painted: {program.seen[-500:]!r}")
        took.append((time.perf_counter() - begun) * 1000)
        program.rest(gaps.uniform(0.01, 0.05))
    return took


def keys() -> tuple[list[float], list[float], list[float]]:
    """Ours; the least list; a list of Textual's own."""
    with daemon(LONG) as socket:
        lists = (("▸", "-m", "tui", "--socket", socket), ("▸", "-c", BARE), ("", "-c", OPTIONS))
        found = []
        for marker, *arguments in lists:
            program = Watched(*arguments)
            found.append(down(program, marker))
            program.close()
    return found[0], found[1], found[2]


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


def pressed(program: Watched, key: bytes, mark: str) -> float:
    time.sleep(0.5)
    program.read(0.1)
    program.seen = b""
    begun = time.perf_counter()
    os.write(program.master, key)
    program.until(mark)
    return (time.perf_counter() - begun) * 1000


async def usable() -> float:
    """In one process, without the wire: from the counts to rows that a cursor moves in."""
    from modemd.api.building import build
    from modemd.api.schema import EventPage, MessagePage, OutboxView
    from tui.app import ModemdApp
    from tui.clock import DaemonClock
    from tui.desk import Desk
    from tui.screens.outbox import OutboxScreen

    stub = StubDaemon(LONG)
    told: list[float] = []

    class Client:
        async def outbox(self) -> OutboxView:
            told.append(time.perf_counter())
            return build(OutboxView, stub._answer("/v1/outbox"))

        async def messages(self, group: str, after: str | None, limit: int) -> MessagePage:
            return build(MessagePage, stub._answer(f"/v1/messages?group={group}&after={after or 0}&limit={limit}"))

        async def log(self, **_rest: object) -> EventPage:
            return EventPage([], None)

        async def events(self, _last: int | None) -> object:
            await asyncio.sleep(3600)
            yield None

        async def close(self) -> None:
            pass

    app = ModemdApp(Desk(lambda: Client(), DaemonClock()))  # type: ignore[arg-type,return-value]
    async with app.run_test(size=(80, 24)) as pilot:
        while not (isinstance(app.screen, OutboxScreen) and app.screen.rows.selected):
            await pilot.pause(0)
        app.screen.rows.action_move(1)
        return (time.perf_counter() - told[0]) * 1000


def fuses() -> tuple[float, float, float, float]:
    """500 burning, 100 columns by 40 lines, at 1 Hz; and nothing burning."""
    with daemon(500) as socket:
        program = Watched("-m", "tui", "--socket", socket, columns=100, lines=40)
        program.until("部品 12 ")
        program.watch(2)
        before = program.written
        burning = program.watch(WATCHED)
        sent = (program.written - before) / WATCHED
        memory = program.rss()
        program.close()
    with daemon(0) as socket:
        program = Watched("-m", "tui", "--socket", socket, columns=100, lines=40)
        program.until("Nothing waits")
        program.watch(2)
        idle = program.watch(WATCHED)
        program.close()
    return burning, idle, sent, memory


def margin() -> tuple[float, float]:
    """In the composer, with a real daemon: from a key to the margin that knows it; and to the letter itself."""
    margins, letters = [], []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(f'[daemon]\nstate_dir = "{folder}/state"\nsocket = "{folder}/api.sock"\n')
        command = [sys.executable, "-m", "modemd", "run", "--config", str(config)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        process.stdout.readline()
        program = Watched("-m", "tui", "--socket", f"{folder}/api.sock")
        program.until("1 Outbox")
        pressed(program, b"c", "Compose")
        os.write(program.master, b"+447700900001\t")
        for n in range(1, 2 * RUNS):
            margins.append(pressed(program, b"Q", f"{n} of 160"))
        for n in range(RUNS):
            letters.append(pressed(program, b"ZYXWVUT"[n : n + 1], "ZYXWVUT"[n]))
        program.close()
        process.terminate()
        process.wait(10)
    return statistics.median(margins), statistics.median(letters)


def run() -> list[Row]:
    ours, hello = first_frames()
    looked, typed = margin()
    rows, moved, long_memory, inside = long_list()
    keyed, plain, theirs = keys()
    burning, idle, sent, memory = fuses()
    print(f"  TUI: 1,000,000 rows are on the terminal {rows:.0f} ms after the first frame")
    print(f"  TUI: 500 fuses draw {sent:.0f} bytes a second")
    for name, took in ("ours", keyed), ("the least list", plain), ("an OptionList", theirs):
        print(f"  TUI: key to row, {name}: median {statistics.median(took):.1f} ms, p95 {p95(took):.1f} ms, "
              f"most {max(took):.1f} ms")  # fmt: skip
    lists = {"the least list": p95(plain), "an OptionList of 1,000": p95(theirs)}
    return [
        Row("TUI: first frame, 80x24", ours, "ms", 300, {"a Textual hello": hello}),
        Row("TUI: 1,000,000 rows, from counts to cursor", inside, "ms", 100, {"a page down, on the terminal": moved}),
        Row("TUI: 1,000,000 rows, key to painted row, p95", p95(keyed), "ms", 16, lists),
        Row("TUI: from a key to the margin", looked, "ms", 50, {"to the letter": typed}),
        Row("TUI: memory, 1,000,000 rows", long_memory, "MiB", 60, {"500 fuses": memory}),
        Row("TUI: 500 fuses at 1 Hz, 100x40", burning, "%", 1.5, {"nothing burns": idle}),
    ]


if __name__ == "__main__":
    show(run())
