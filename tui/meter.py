"""Pure: a signal drawn so large that it is read from two metres, by its shape as well as by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modemd.model import signal
from tui import format
from tui.glyphs import glyphs
from tui.sheets import DIM
from tui.widgets.notice_bar import COLOURS
from tui.words import _

if TYPE_CHECKING:
    from tui.sheets import Line

# Five by seven, as on the panels of trains.
_DOTS = {
    "0": ("#####", "#...#", "#...#", "#...#", "#...#", "#...#", "#####"),
    "1": ("..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."),
    "2": ("#####", "....#", "....#", "#####", "#....", "#....", "#####"),
    "3": ("#####", "....#", "....#", ".####", "....#", "....#", "#####"),
    "4": ("#...#", "#...#", "#...#", "#####", "....#", "....#", "....#"),
    "5": ("#####", "#....", "#....", "#####", "....#", "....#", "#####"),
    "6": ("#####", "#....", "#....", "#####", "#...#", "#...#", "#####"),
    "7": ("#####", "....#", "....#", "...#.", "..#..", "..#..", "..#.."),
    "8": ("#####", "#...#", "#...#", "#####", "#...#", "#...#", "#####"),
    "9": ("#####", "#...#", "#...#", "#####", "....#", "....#", "#####"),
    "-": (".....", ".....", ".....", "#####", ".....", ".....", "....."),
    "?": ("#####", "....#", "....#", "..###", "..#..", ".....", "..#.."),
}
_HIGH = 7
_STYLES = (COLOURS["bad"], COLOURS["bad"], COLOURS["warn"], COLOURS["good"], COLOURS["good"])
LOWEST, HIGHEST = -113, -51  # dBm: the ends of +CSQ


@dataclass(frozen=True)
class Reading:
    """What was heard since the meter was opened; `dbm` None: nothing right now."""

    dbm: int | None = None
    best: int | None = None
    best_at: str = ""  # a time of day
    history: tuple[int | None, ...] = ()  # the oldest first

    def heard(self, dbm: int | None, at: str) -> Reading:
        better = dbm is not None and (self.best is None or dbm > self.best)
        history = (*self.history, dbm)[-120:]
        return Reading(dbm, dbm if better else self.best, at if better else self.best_at, history)


def meter(reading: Reading, width: int, height: int) -> list[Line]:
    """Lines for that much room; twice as high where there is plenty."""
    wide, high = (3, 2) if width >= 116 and height >= 30 else (2, 1)
    style = _STYLES[signal.bars(reading.dbm)] if reading.dbm is not None else DIM
    text = "?" if reading.dbm is None else str(reading.dbm)
    lines: list[Line] = []
    number = big(text, wide, high)
    for row, (left, right) in enumerate(zip(number, steps(reading.dbm, wide, high), strict=True)):
        unit = " dBm" if row == len(number) - 1 and reading.dbm is not None else ""
        gap = " " * max(2, width - 4 - len(left) - len(unit) - len(right))
        lines.append([("  " + left, style), (unit, "bold"), (gap, ""), (right, style)])
    lines += [[], *_scale(reading, width - 4, high, style), []]
    lines += [_words(reading, style), _best(reading), []]
    return [*lines, _history(reading, width)]


def big(text: str, wide: int, high: int) -> list[str]:
    """The characters in dots of `wide` columns and `high` rows."""
    full, rows = glyphs().full, []
    for row in range(_HIGH):
        dots = ".".join(_DOTS[character][row] for character in text)
        rows += ["".join((full if dot == "#" else " ") * wide for dot in dots)] * high
    return rows


def steps(dbm: int | None, wide: int, high: int) -> list[str]:
    """Four steps side by side, each higher than the one before: the bars of a phone."""
    marks = glyphs()
    reached = signal.bars(dbm) if dbm is not None else 0
    rows = _HIGH * high
    drawn = []
    for row in range(rows, 0, -1):
        columns = []
        for step in range(1, len(signal.STEPS) + 1):
            is_in = row <= round(rows * step / len(signal.STEPS))
            columns.append((marks.full if step <= reached else marks.empty) * 2 * wide if is_in else " " * 2 * wide)
        drawn.append("  ".join(columns))
    return drawn


def _scale(reading: Reading, width: int, high: int, style: str) -> list[Line]:
    """A bar from the weakest to the strongest, and a mark at the best so far: small moves are seen on it."""
    at = _column(reading.best, width)
    label = "" if reading.best is None else f"{glyphs().best} {reading.best}"
    start = max(0, min(at - 1, width - len(label)))
    filled = _column(reading.dbm, width) if reading.dbm is not None else 0
    bar = glyphs().full * filled + glyphs().empty * (width - filled)
    names: Line = [("  " + f"{LOWEST} dBm" + f"{HIGHEST} dBm".rjust(width - len(f"{LOWEST} dBm")), DIM)]
    return [[("  " + " " * start + label, "bold")], *[[("  " + bar, style)]] * (2 * high), names]


def _column(dbm: int | None, width: int) -> int:
    if dbm is None:
        return 0
    return max(1, round((min(HIGHEST, max(LOWEST, dbm)) - LOWEST) * width / (HIGHEST - LOWEST)))


def _words(reading: Reading, style: str) -> Line:
    if reading.dbm is None:
        return [("  " + _("Nothing is heard right now."), "bold")]
    reached = _("{n} of {most} steps").format(n=signal.bars(reading.dbm), most=len(signal.STEPS))
    return [("  " + _(signal.word(reading.dbm)), f"bold {style}"), (f"   {reached}", "")]


def _best(reading: Reading) -> Line:
    if reading.best is None:
        return []
    said = _("best so far {dbm} dBm, at {time}").format(dbm=reading.best, time=reading.best_at)
    if reading.dbm is None:
        return [("  " + said, "")]
    below = reading.best - reading.dbm
    now = _("this is the best place so far") if below == 0 else _("now {n} dB below it").format(n=below)
    return [("  " + said + f" {glyphs().dot} ", ""), (now, "bold")]


def _history(reading: Reading, width: int) -> Line:
    label = _("before")
    room = max(10, width - 6 - format.width(label))
    return [(f"  {label}  ", DIM), (format.sparkline(reading.history, room), "$text-accent")]
