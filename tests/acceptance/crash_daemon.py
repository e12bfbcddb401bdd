"""`modemd run` in a process that ends itself by SIGKILL at one of its durable writes, or octets to the port.

Two things at the edge are watched: what SQLite is told to commit, and what the port is given, octet by octet.
"""

import functools
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import modemd.daemon  # noqa: F401 - the fork server imports all of it once
from modemd.cli.service import run_command

BEFORE, AFTER, OCTET = "before a commit", "after a commit", "octet"
_WRITES = ("create", "insert", "update", "delete", "alter", "drop")
# What belongs to a message: holding the link, the prompt, deleting what was received. Bodies end in Ctrl-Z.
_COMMANDS = (b"AT+CMMS=", b"AT+CMGS=", b"AT+CMGD=")
_write = os.write


class Fate:
    """Counts the points of each kind, and ends the process at one of them."""

    def __init__(self, kind: str, number: int, met: Path) -> None:
        self._kind, self._number, self._met = kind, number, met
        self.points: dict[str, list[str]] = {BEFORE: [], AFTER: [], OCTET: []}  # what each was about

    def reach(self, kind: str, about: str) -> None:
        self.points[kind].append(about)
        if kind == self._kind and len(self.points[kind]) == self._number:
            self._met.write_text(json.dumps(about), "utf-8")
            os.kill(os.getpid(), signal.SIGKILL)


class Watched(sqlite3.Connection):
    """A connection that tells of every statement that makes something durable."""

    fate: Fate
    _before = 0  # changes when the transaction began
    _about = ""  # the first statement that wrote in it

    def execute(self, sql: str, *rest: Any) -> Any:
        values = rest[0] if rest and isinstance(rest[0], tuple | list) else ()
        return self._watch(sql, values, lambda: super(Watched, self).execute(sql, *rest))

    def commit(self) -> None:
        self._watch("commit", (), super().commit)

    def _watch(self, sql: str, values: Sequence[Any], act: Callable[[], Any]) -> Any:
        about = self._durable(" ".join(sql.lower().split()), values)
        if about:
            self.fate.reach(BEFORE, about)
        result = act()
        if about:
            self.fate.reach(AFTER, about)
        return result

    def _durable(self, sql: str, values: Sequence[Any]) -> str:
        """What the statement makes durable, "" for nothing."""
        writes = sql.startswith(_WRITES)
        what = f"part {values[0]}" if sql.startswith("update part set state") else " ".join(sql.split()[:3])
        if sql.startswith("begin"):
            self._before, self._about = self.total_changes, ""
        elif self.in_transaction and sql == "commit":
            return self._about if self.total_changes != self._before else ""
        elif self.in_transaction:
            self._about = self._about or (what if writes else "")
        elif writes or sql.startswith(("pragma application_id =", "pragma journal_mode")):
            return what
        return ""


def _octet_by_octet(fate: Fate) -> Callable[[int, bytes], int]:
    def write(fd: int, data: bytes) -> int:
        about = "a body" if data.endswith(b"\x1a") else data[:7].decode("ascii", "replace")
        if not os.isatty(fd) or (not data.startswith(_COMMANDS) and about != "a body"):
            return _write(fd, data)
        for octet in bytes(data):
            _write(fd, bytes((octet,)))
            fate.reach(OCTET, "Ctrl-Z" if octet == 0x1A else about)
        return len(data)

    return write


def run(config: str, kind: str, number: int, folder: str) -> None:
    """The daemon, until SIGTERM or its fate. What it was about then is in `met.json`, in `points.json` all that

    a life that nobody ended came by.
    """
    descriptor = os.open(f"{folder}/daemon.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    fate = Fate(kind, number, Path(folder, "met.json"))
    Watched.fate = fate
    sqlite3.connect = functools.partial(sqlite3.connect, factory=Watched)  # type: ignore[assignment]
    os.write = _octet_by_octet(fate)  # type: ignore[assignment]
    run_command.main(["--config", config], standalone_mode=False)
    Path(folder, "points.json").write_text(json.dumps(fate.points), "utf-8")
    sys.exit(0)
