"""The last of a modem's AT dialogue, kept in memory: cheap to keep, masked when it is read."""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from drivers.at.masking import Masker, words

MOST_WRITES = 1000
MOST_OCTETS = 64 * 1024
_LONGEST = 4096  # octets that came without a line end: kept apart from the next, so that they can be forgotten

# What follows such a command must never be kept, not even here (P10): PINs, passwords, what a SIM is told raw.
_SECRET = re.compile(
    rb"([+^*#$!%][A-Z0-9]*(?:PIN|PUK|PWD|LCK|CSIM|CRSM|CGLA)[A-Z0-9]* *= *|AT *D)[^\r\x1a]*", re.IGNORECASE
)
# What may be kept of the answer to it: a modem that echoes says the secret again.
_HARMLESS = re.compile(rb"(OK|ERROR|\+CM[ES] ERROR: ?\d{1,3})|\+CPIN: ?[A-Z][A-Z -]{2,11}2?")


class Direction(Enum):
    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"  # ours, about the dialogue


@dataclass(slots=True)
class Heard:
    """Octets as they went over the port, from one moment on."""

    wall: float  # seconds since 1970, UTC
    monotonic: float
    direction: Direction
    data: bytes | bytearray


@dataclass(frozen=True)
class Line:
    """A line of the dialogue, masked. `elapsed`: seconds since the line before, by the monotonic clock."""

    wall: float
    elapsed: float
    direction: Direction
    text: str


@dataclass(frozen=True)
class Snapshot:
    """What a trace held at a moment, to be read in another thread. `begins_inside`: the oldest line may be cut."""

    heard: list[Heard]
    begins_inside: bool

    def lines(self) -> list[Line]:
        """The dialogue line by line, masked."""
        reader = _Reader(self.begins_inside)
        for each in self.heard:
            reader.take(each)
        reader.end()
        return reader.lines


class Trace:
    """One modem's dialogue, over all of its connections. `failed` is told why it is worth keeping now."""

    def __init__(self, *, writes: int = MOST_WRITES, octets: int = MOST_OCTETS) -> None:
        self.failed: Callable[[str], None] = lambda why: None
        self.octets = 0  # that ever went over the port
        self._most_writes, self._most_octets = writes, octets
        self._heard: deque[Heard] = deque()
        self._kept = 0
        self._begins_inside = False  # the oldest line may have lost its beginning
        self._secret_said = False  # until the answer to it is over
        self._unkept = bytearray()

    def sent(self, data: bytes) -> None:
        """Tell it before the octets are written: what a write that fails was about is worth most."""
        if _SECRET.search(data):
            self._secret_said = True
            data = _SECRET.sub(rb"\1***", data)
        self.octets += len(data)
        self._keep(Direction.SENT, data)

    def received(self, data: bytes) -> None:
        self.octets += len(data)
        if self._secret_said:
            data = self._harmless(data)
        if not data:
            return
        last = self._heard[-1] if self._heard else None
        if last and last.direction is Direction.RECEIVED and last.data[-1] != 10 and len(last.data) < _LONGEST:
            last.data += data  # a line that came in pieces has the time of the first
            self._count(len(data))
        else:
            self._keep(Direction.RECEIVED, bytearray(data))

    def note(self, text: str) -> None:
        self._keep(Direction.NOTE, text.encode())

    def fail(self, why: str, error: object = "") -> None:
        """Something went wrong. `why` is a word for a file's name."""
        self.note(f"{why}: {error}" if str(error) else why)
        self.failed(why)

    def snapshot(self) -> Snapshot:
        heard = [Heard(each.wall, each.monotonic, each.direction, bytes(each.data)) for each in self._heard]
        return Snapshot(heard, self._begins_inside)

    def _keep(self, direction: Direction, data: bytes | bytearray) -> None:
        self._heard.append(Heard(time.time(), time.monotonic(), direction, data))
        self._count(len(data))

    def _count(self, octets: int) -> None:
        self._kept += octets
        while self._kept > self._most_octets or len(self._heard) > self._most_writes:
            self._kept -= len(self._heard.popleft().data)
            self._begins_inside = True

    def _harmless(self, data: bytes) -> bytes:
        """What may be kept of it, line by line; from the final result code on everything may."""
        kept = b""
        self._unkept += data
        while (end := re.search(rb"[\r\n]", self._unkept)) is not None:
            line = bytes(self._unkept[: end.start()])
            del self._unkept[: end.end()]
            if (found := _HARMLESS.fullmatch(line.strip())) is not None:
                kept += line + b"\r\n"
                if found[1]:
                    self._secret_said = False
                    kept += bytes(self._unkept)
                    self._unkept.clear()
        del self._unkept[:-_LONGEST]
        return kept


class _Reader:
    def __init__(self, begins_inside: bool) -> None:
        self.lines: list[Line] = []
        self._masker = Masker()
        self._begins_inside = begins_inside
        self._rest = b""  # of a line that has not ended
        self._begun: Heard | None = None  # when that began
        self._before: float | None = None

    def take(self, heard: Heard) -> None:
        match heard.direction:
            case Direction.RECEIVED:
                self._received(heard)
            case Direction.SENT:
                if self._rest.strip(b" \0") == b">":
                    self._end_line()
                self._say(heard, self._masker.sent(bytes(heard.data)))
            case Direction.NOTE:
                self._say(heard, words(heard.data.decode("utf-8", "replace")))

    def end(self) -> None:
        if self._rest.strip(b" \0"):
            self._end_line(unended=True)

    def _received(self, heard: Heard) -> None:
        *whole, rest = re.split(rb"[\r\n]", self._rest + bytes(heard.data))
        begun = self._begun if self._rest and self._begun else heard
        for line in whole:
            self._rest, self._begun = line, begun
            self._end_line()
            begun = heard
        self._rest, self._begun = rest, begun

    def _end_line(self, *, unended: bool = False) -> None:
        line, self._rest = self._rest, b""
        begins_inside, self._begins_inside = self._begins_inside, False
        if not line.strip(b" \0"):
            return
        text = f"<{len(line)} octets: the beginning is gone>" if begins_inside else self._masker.received(line)
        assert self._begun is not None
        is_prompt = text == ">"
        self._say(self._begun, f"{text} (no line end)" if unended and not is_prompt else text)

    def _say(self, heard: Heard, text: str) -> None:
        before = heard.monotonic if self._before is None else self._before
        elapsed = max(0.0, heard.monotonic - before)  # a line that came in pieces has the time of its first
        self._before = before + elapsed
        self.lines.append(Line(heard.wall, elapsed, heard.direction, text))
