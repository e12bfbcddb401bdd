"""Bytes in any cut → lines and prompts. Opens nothing, waits for nothing."""

from collections.abc import Iterator
from enum import Enum

# A line longer than this is no modem's: noise on the wire must not fill the memory.
LONGEST_LINE = 4096


class Token(Enum):
    PROMPT = "> "


class LineReader:
    """Feed it whatever arrived; it yields whole lines, and the prompt where `prompt_wanted` is set.

    A line ends with CR, LF or both. Octets outside ASCII come as `\\xNN`, so that one bad byte costs
    one line and nothing else. The prompt has no line end: it counts at the start of a line alone
    (TS 27.005 §3.5.1; some modems leave out its space), and not inside a USSD text that spans lines.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_text = False
        self._overlong = False
        self.prompt_wanted = False

    def feed(self, chunk: bytes) -> Iterator[str | Token]:
        self._buffer += chunk
        while self._buffer:
            if self.prompt_wanted and self._take_prompt():
                yield Token.PROMPT
                continue
            end = self._line_end()
            if end < 0:
                if len(self._buffer) > LONGEST_LINE:
                    self._overlong = True
                    self._buffer.clear()
                return
            line = self._buffer[:end].decode("ascii", "backslashreplace").strip(" \0")
            del self._buffer[: end + 1]
            if self._overlong or end > LONGEST_LINE:
                self._overlong = False
            elif line:
                self._watch_text(line)
                yield line

    def end_text(self) -> None:
        """A text whose closing quote was lost must not hide the prompt for ever."""
        self._in_text = False

    def _take_prompt(self) -> bool:
        rest = self._buffer.lstrip(b"\r\n \0")
        if self._in_text or self._overlong or not rest.startswith(b">"):
            return False
        self._buffer = rest[1:]
        return True

    def _line_end(self) -> int:
        ends = [end for end in (self._buffer.find(b"\r"), self._buffer.find(b"\n")) if end >= 0]
        return min(ends, default=-1)

    def _watch_text(self, line: str) -> None:
        if line.startswith("+CUSD:"):
            self._in_text = line.count('"') % 2 == 1
        elif self._in_text and '"' in line:
            self._in_text = False
