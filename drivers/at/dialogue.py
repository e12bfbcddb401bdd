"""Lines → replies and URCs: one command in flight, everything else is told apart from its answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from drivers.at.commands import Command
from drivers.at.lines import LineReader, Token
from drivers.at.urcs import PDU, Urc, opens_two_lines, parse_urc

# Anchored: a text that begins with OK is no final result code.
FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR: ?.*|COMMAND NOT SUPPORT|TOO MANY PARAMETERS")


@dataclass(frozen=True)
class Reply:
    """The information text of the command in flight and its final result code."""

    information: tuple[str, ...]
    final: str

    @property
    def ok(self) -> bool:
        return self.final == "OK"


@dataclass(frozen=True)
class Prompt:
    """The modem waits for the body."""


@dataclass(frozen=True)
class LateSubmit:
    """A `+CMGS: <mr>` that no command in flight has asked for."""

    tp_mr: int


@dataclass(frozen=True)
class Stray:
    """A final result code with no command in flight: an answer that came too late."""

    final: str


Event = Reply | Prompt | LateSubmit | Stray | Urc


class State(Enum):
    IDLE = "nothing asked"
    COMMAND = "waits for a final result code"
    PROMPT = "waits for the prompt"
    BODY = "the body is out: waits for a final result code"


ESCAPE = Command("\x1b")
_CMGS = re.compile(r"\+CMGS: ?(\d+).*")


class Dialogue:
    """Feed bytes, take events; `begin`, `body` and `escape` give the bytes to write.

    Nothing here times out: `give_up` is told when somebody stopped waiting, and from then on the answer,
    should it come, is a Stray or a LateSubmit and never the next command's.
    """

    def __init__(self) -> None:
        self.state = State.IDLE
        self._reader = LineReader()
        self._command: Command | None = None
        self._body = ""
        self._information: list[str] = []
        self._second_line: Callable[[str], Urc] | None = None

    def begin(self, command: Command) -> bytes:
        if self.state is not State.IDLE:
            raise RuntimeError(f"a command is in flight: {self.state.value}")
        self._command, self._information, self._body = command, [], ""
        self.state = State.PROMPT if command.prompts else State.COMMAND
        self._reader.prompt_wanted = command.prompts
        return f"{command.line}\r".encode("ascii")

    def body(self, pdu_hex: str) -> bytes:
        """The body and Ctrl-Z: the one step that cannot be taken back."""
        if self.state is not State.PROMPT or self._reader.prompt_wanted:
            raise RuntimeError("there was no prompt")
        self.state = State.BODY
        self._body = pdu_hex
        return pdu_hex.encode("ascii") + b"\x1a"

    def escape(self) -> bytes:
        """Leave the prompt without sending (TS 27.005 §3.5.1); the modem may say OK or nothing."""
        self._command, self._information = ESCAPE, []
        self.state = State.COMMAND
        self._reader.prompt_wanted = False
        return b"\x1b"

    def give_up(self) -> None:
        self.state, self._command = State.IDLE, None
        self._reader.prompt_wanted = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        for token in self._reader.feed(chunk):
            if token is Token.PROMPT:
                self._reader.prompt_wanted = False
                yield Prompt()
            elif isinstance(token, str) and (event := self._line(token)):
                yield event

    def _line(self, line: str) -> Event | None:
        if make := self._second_line:
            self._second_line = None
            if PDU.fullmatch(line):
                return make(line)
        if self._is_echo(line):
            return None
        if FINAL.fullmatch(line):
            return self._final(line)
        if make := opens_two_lines(line):
            self._second_line = make
            return None
        if self._command is not None and self._command.answers(line, self._information):
            self._information.append(line)
            return None
        if match := _CMGS.fullmatch(line):
            return LateSubmit(int(match[1]) & 0xFF)
        if urc := parse_urc(line):
            return urc
        if self._command is not None and self._command.bare:
            self._information.append(line)
        return None

    def _is_echo(self, line: str) -> bool:
        line = line.strip("\x1a\x1b ")
        if self._command is not None and line == self._command.line:
            return True
        return not line or (self.state is State.BODY and line == self._body)

    def _final(self, line: str) -> Event:
        if self._command is None:
            return Stray(line)
        reply = Reply(tuple(self._information), line)
        self.give_up()
        return reply
