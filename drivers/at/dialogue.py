"""Lines → replies and URCs: one command in flight, everything else is told apart from its answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from drivers.at import answers
from drivers.at.commands import CTRL_Z, ESC, Command
from drivers.at.lines import LineReader, Token
from drivers.at.urcs import PDU, Booted, Urc, opens_two_lines, parse_urc

# Anchored: a text that begins with OK is no final result code.
FINAL = re.compile(r"OK|ERROR|\+?CM[ES] ERROR(?: ?:.*)?|COMMAND NOT SUPPORT|TOO MANY PARAMETERS")


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
class Doubtful:
    """An answer to the body that may be an older one's; the next final result code says which."""

    reply: Reply


@dataclass(frozen=True)
class LateSubmit:
    """A `+CMGS: <mr>` that no command in flight has asked for."""

    tp_mr: int


@dataclass(frozen=True)
class Stray:
    """A final result code with no command in flight: an answer that came too late."""

    final: str


Event = Reply | Prompt | Doubtful | LateSubmit | Stray | Urc


class State(Enum):
    IDLE = "nothing asked"
    COMMAND = "waits for a final result code"
    PROMPT = "waits for the prompt"
    BODY = "the body is out: waits for a final result code"


ESCAPE = Command(ESC.decode())
_CMGS = re.compile(r"\+CMGS: *(\d+).*")


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
        self._owed: frozenset[int | None] = frozenset()
        self._information: list[str] = []
        self._second_line: Callable[[str], Urc] | None = None
        self._echoed = False  # the command in flight was
        self._echo_is_off = False  # an answer has come without one

    def begin(self, command: Command) -> bytes:
        if self.state is not State.IDLE:
            raise RuntimeError(f"a command is in flight: {self.state.value}")
        self._command, self._information, self._body = command, [], ""
        self._echoed = False
        self.state = State.PROMPT if command.prompts else State.COMMAND
        self._reader.prompt_wanted = command.prompts
        return f"{command.line}\r".encode("ascii")

    def body(self, pdu_hex: str, owed: frozenset[int | None] = frozenset()) -> bytes:
        """The body and Ctrl-Z: the one step that cannot be taken back.

        `owed`: the tp_mr of older bodies that are still without an answer, None where it is not known. What may
        be theirs comes as Doubtful, once, before the Reply.
        """
        if self.state is not State.PROMPT or self._reader.prompt_wanted:
            raise RuntimeError("there was no prompt")
        self.state = State.BODY
        self._body, self._owed = pdu_hex, owed
        return pdu_hex.encode("ascii") + CTRL_Z

    def escape(self) -> bytes:
        """Leave the prompt without sending (TS 27.005 §3.5.1); the modem may say OK or nothing."""
        self._command, self._information = ESCAPE, []
        self.state = State.COMMAND
        self._reader.prompt_wanted = False
        return ESC

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
        make, self._second_line = self._second_line, None
        if make and PDU.fullmatch(line):
            return make(line)
        bare = line.strip("\x1a\x1b ")
        if self._command is not None and bare == self._command.line:
            return self._echo(self._command)
        if not bare or (self.state is State.BODY and bare == self._body):
            return None
        if FINAL.fullmatch(line):
            return self._final(line)
        if head := opens_two_lines(line):
            self._second_line = head
            return None
        return self._told(line, make)

    def _told(self, line: str, make: Callable[[str], Urc] | None) -> Event | None:
        """Information text or a URC. `make`: a head still waits for its PDU."""
        # Before the body is out nothing answers AT+CMGS but the prompt.
        command = self._command if self.state is not State.PROMPT else None
        if command is not None and command.answers(line, self._information):
            self._information.append(line)
            return None
        if match := _CMGS.fullmatch(line):
            return LateSubmit(int(match[1]) & 0xFF)
        if urc := parse_urc(line):
            self._second_line = make
            return urc
        if command is not None and (command.takes_bare(line) or command.awaits_pdu(self._information)):
            self._information.append(line)
        return None

    def _echo(self, command: Command) -> Event | None:
        """Echo is on from power-up: one after answers without any tells of a restart nobody announced."""
        self._echoed = True
        if self._echo_is_off and not command.prompts:
            self._echo_is_off = False
            return Booted()
        return None

    def _final(self, line: str) -> Event:
        self._reader.end_text()
        # At the prompt a modem says OK to ESC alone: this one is an older command's.
        if self._command is None or (line == "OK" and self.state is State.PROMPT):
            return Stray(line)
        self._echo_is_off |= not self._echoed and self._command is not ESCAPE
        reply = Reply(tuple(self._information), line)
        if self.state is State.BODY and self._may_be_older(reply):
            self._owed, self._information = frozenset(), []
            return Doubtful(reply)
        self.give_up()
        return reply

    def _may_be_older(self, reply: Reply) -> bool:
        """A refusal names nobody; a reference that no older body waits for is this one's."""
        tp_mr = answers.tp_mr(reply.information)
        return bool(self._owed) and (tp_mr is None or tp_mr in self._owed or None in self._owed)
