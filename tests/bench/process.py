"""What processes use: asked of the kernel."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from tests.acceptance.site import Site


def pid_of(site: Site) -> int:
    assert site.process is not None
    return site.process.pid


def pids_of(parents: Iterable[int]) -> list[int]:
    """They, and what they forked."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [pid for pid in parents if Path(f"/proc/{pid}").exists()]
    for pid in found:  # grows as it goes
        found += children.get(pid, [])
    return found


def cpu(pids: Iterable[int]) -> float:
    """Seconds that they have run, all threads, to the nanosecond: clock_getcpuclockid(3) has the number of the clock.

    utime and stime count ticks of 10 ms, which is what a light daemon needs for ten messages.
    """
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def rss(pids: Iterable[int]) -> float:
    """MiB in memory; what processes share counts for each."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def wakes(pid: int) -> int:
    """How often its threads have waited for something."""
    lines = (line for task in Path(f"/proc/{pid}/task").glob("*/status") for line in task.read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
