"""What a modem was told and said before something went wrong, kept in files: for failures alone."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from drivers.trace import Line, Snapshot, Trace
from modemd.engine.status import ModemStatus
from modemd.model.display import trace_line

logger = logging.getLogger(__name__)

LAST_LINES = 400  # that a file holds
MOST_FILES = 50  # of one modem
_AFTERMATH = 2.0  # seconds: what follows a failure belongs to it
# Between two files of one modem about the same; the dialogue in memory reaches further back.
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 600.0

_NAME = re.compile(r"(.+)-(\d{8}T\d{6}Z)-([a-z_]+)\.txt")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Kept:
    """A file. `at`: seconds since 1970, UTC."""

    file: str
    modem: str
    at: float
    why: str
    octets: int


@dataclass
class _Pause:
    seconds: float
    until: float  # monotonic


class Traces:
    """Listens to every modem's `Trace`; one task writes what has failed, soon but not at once.

    `patience` stretches or shortens every pause.
    """

    def __init__(
        self,
        folder: Path,
        traces: Mapping[str, Trace],
        modems: Callable[[], list[ModemStatus]] = list,
        *,
        patience: float = 1.0,
    ) -> None:
        self.folder = folder
        self._patience = patience
        self._traces, self._modems = traces, modems
        self._due: dict[str, tuple[float, str]] = {}  # modem: when (monotonic), and why
        self._pauses: dict[tuple[str, str], _Pause] = {}
        self._written = dict.fromkeys(traces, 0)  # octets of the dialogue when its last file was written
        self._wake = asyncio.Event()
        for name, trace in traces.items():
            trace.failed = lambda why, name=name: self._failed(name, why)  # type: ignore[misc]

    def live(self, modem: str) -> Snapshot:
        """The dialogue that is in memory now. Raises KeyError."""
        return self._traces[modem].snapshot()

    async def run(self) -> None:
        """Until cancelled; what is due then is written at once."""
        try:
            while True:
                self._wake.clear()
                await self._sleep()
                for name in [name for name, (when, _) in self._due.items() if when <= time.monotonic()]:
                    await self._write(name)
        finally:
            for name in list(self._due):
                self._keep(name, self._due.pop(name)[1], self._traces[name].snapshot())

    async def _sleep(self) -> None:
        until = min((when for when, _ in self._due.values()), default=None)
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - time.monotonic())):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _failed(self, name: str, why: str) -> None:
        now = time.monotonic()
        pause = self._pauses.get((name, why))
        due = max(now + _AFTERMATH * self._patience, pause.until if pause else 0.0)
        if name not in self._due or due < self._due[name][0]:
            self._due[name] = (due, why)
            self._wake.set()

    async def _write(self, name: str) -> None:
        _, why = self._due.pop(name)
        trace, now = self._traces[name], time.monotonic()
        if trace.octets == self._written[name]:
            return  # a port that does not even open has nothing to tell
        self._written[name] = trace.octets
        before = self._pauses.get((name, why))
        again = before is not None and now < before.until + _LONGEST_PAUSE
        seconds = min(2 * before.seconds, _LONGEST_PAUSE) if before and again else _FIRST_PAUSE
        self._pauses[name, why] = _Pause(seconds, now + seconds * self._patience)
        await asyncio.to_thread(self._keep, name, why, trace.snapshot())

    def _keep(self, name: str, why: str, snapshot: Snapshot) -> None:
        """Write a file and delete the oldest. What goes wrong with it costs a trace, nothing else."""
        try:
            self._write_file(name, why, time.time(), snapshot)
        except OSError as error:
            logger.warning("modem=%s: no trace was written: %s", name, error)
        except Exception:
            logger.exception("modem=%s: no trace was written", name)

    def _write_file(self, name: str, why: str, at: float, snapshot: Snapshot) -> None:
        stamp = datetime.fromtimestamp(at, UTC).strftime(_STAMP)
        file = self.folder / f"{_safe(name)}-{stamp}-{why}.txt"
        part = file.with_suffix(".part")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for old in self.files(name)[MOST_FILES - 1 :]:
            (self.folder / old.file).unlink(missing_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as out:
                out.write(self._page(name, why, at, snapshot.lines()[-LAST_LINES:]))
            part.rename(file)
        finally:
            part.unlink(missing_ok=True)

    def _page(self, name: str, why: str, at: float, lines: list[Line]) -> str:
        state = next((each for each in self._modems() if each.name == name), None)
        head = [f"modemd {version('modemd')}, trace of {name}: {why}", f"written  {_moment(at)}"]
        if state is not None:
            identity = state.identity
            model = " ".join(filter(None, (identity.manufacturer, identity.model, identity.revision)))
            head += [f"port     {state.port}", f"model    {model or '-'}", f"state    {state.state}: {state.sentence}"]
        head.append("Numbers are cut to their last four digits, texts and PDUs to their length. < is the modem.")
        return "\n".join([*head, "", *map(_shown, lines), ""])

    def files(self, modem: str | None = None) -> list[Kept]:
        """What is kept, of one modem or of all, the newest first."""
        wanted = None if modem is None else _safe(modem)
        found = []
        for entry in self.folder.iterdir() if self.folder.is_dir() else ():
            match = _NAME.fullmatch(entry.name)
            if match and wanted in (None, match[1]):
                at = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
                with suppress(FileNotFoundError):  # a newer one has taken its place
                    found.append(Kept(entry.name, match[1], at.timestamp(), match[3], entry.stat().st_size))
        return sorted(found, key=lambda kept: (kept.at, kept.file), reverse=True)

    def read(self, kept: Kept) -> str:
        """Raises FileNotFoundError where a newer one has taken its place meanwhile."""
        return (self.folder / kept.file).read_text("utf-8")


def _safe(name: str) -> str:
    """A modem's name as part of a file's."""
    return re.sub(r"[^\w.-]", "_", name)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(line: Line) -> str:
    return trace_line(_moment(line.wall), line.elapsed, line.direction.value, line.text)
