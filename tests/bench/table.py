"""A figure, its target, and what ran beside it: as a table, as JSON, as a page."""

import dataclasses
import os
import platform
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Row:
    """`beside`: what ran in the same run, by name, in the same unit; None where it is missing or could not.

    `why`: what is said where the target is missed: by what, and what would meet it.
    """

    measure: str
    figure: float
    unit: str
    target: float
    beside: Mapping[str, float | None] = dataclasses.field(default_factory=dict)
    at_least: bool = False  # else: at most
    why: str = ""

    @property
    def met(self) -> bool:
        return self.figure >= self.target if self.at_least else self.figure <= self.target

    @property
    def verdict(self) -> str:
        return "met" if self.met else "explained" if self.why else "MISSED"

    def ratio(self, theirs: float) -> str:
        """How many times theirs ours is."""
        return f"{self.figure / theirs:.2g} x" if theirs else "-"


def shown(row: Row) -> tuple[str, str, str, str, str]:
    beside = ", ".join(
        f"{name} " + ("not here" if theirs is None else f"{figure(theirs)} ({row.ratio(theirs)})")
        for name, theirs in row.beside.items()
    )
    wanted = f"{'≥' if row.at_least else '≤'} {row.target:g} {row.unit}"
    return row.measure, f"{figure(row.figure)} {row.unit}", wanted, row.verdict, beside


def figure(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


_HEAD = ("measure", "figure", "target", "verdict", "beside (ours / theirs)")


def show(rows: Iterable[Row]) -> None:
    lines = [_HEAD, *(shown(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    print()
    for line in lines:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4]]).rstrip())


def page(rows: Sequence[Row], missing: Mapping[str, str]) -> str:
    """Markdown. `missing`: what did not run, and why."""
    lines = ["# Measured", "", "Written by `make bench`.", "", *(f"- {each}" for each in machine()), ""]
    lines += ["| " + " | ".join(_HEAD) + " |", "|---|---:|---:|---|---|"]
    lines += ["| " + " | ".join(shown(row)) + " |" for row in rows]
    if explained := [row for row in rows if not row.met and row.why]:
        lines += ["", "## Not met, and why", "", *(f"- **{row.measure}**: {row.why}" for row in explained)]
    if missing:
        lines += ["", "## Did not run", "", *(f"- {name}: {why}" for name, why in missing.items())]
    return "\n".join([*lines, ""])


def as_json(rows: Sequence[Row], missing: Mapping[str, str]) -> dict[str, Any]:
    found = [{**dataclasses.asdict(row), "verdict": row.verdict} for row in rows]
    return {"machine": machine(), "rows": found, "missing": dict(missing)}


def of_json(found: Mapping[str, Any]) -> Row:
    return Row(**{field.name: found[field.name] for field in dataclasses.fields(Row)})


def machine() -> list[str]:
    """What the figures are of; no name of it."""
    models = re.findall(r"^(?:model name|Model)\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    kibibytes = int(re.findall(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[0])
    return [
        f"{os.cpu_count()} cores ({models[-1] if models else platform.machine()}), {kibibytes / 2**20:.0f} GiB",
        f"Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"a disk sync of 4 KiB: {sync_ms():.2f} ms median",
    ]


def sync_ms(times: int = 200) -> float:
    """Where the state folders of the benches lie."""
    took = []
    with tempfile.TemporaryFile() as file:
        for turn in range(times):
            os.pwrite(file.fileno(), b"x" * 4096, turn * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
