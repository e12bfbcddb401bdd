"""A modem of a few lines behind a pty: what it says is a table, and it keeps what it heard."""

import asyncio
import os
import pty
import re
import tty
from contextlib import suppress
from types import TracebackType
from typing import Self

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
PROMPT = b"\r\n> "

Answers = dict[str, bytes | list[bytes]]


class ScriptedModem:
    """`answers`: a line or its beginning (ending in `*`) → what is said; a list is used up in turn.

    What is not in the table is answered by `otherwise`.
    """

    def __init__(self, answers: Answers | None = None, *, otherwise: bytes = ERROR) -> None:
        self.answers: Answers = {"AT": OK, "ATE0": OK, "AT+CMGF=0": OK, "AT+CMGS=*": PROMPT, **(answers or {})}
        self.otherwise = otherwise
        self.body_answer: bytes | list[bytes] = b"\r\n+CMGS: 5\r\n" + OK
        self.escape_answer = OK
        self.at_prompt = False
        self.heard: list[str] = []
        self.bodies: list[bytes] = []
        self.escapes = 0
        self._buffer = b""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    def unplug(self) -> None:
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._slave)
            os.close(self._master)
            self._master = -1

    def say(self, data: bytes) -> None:
        os.write(self._master, data)

    def later(self, seconds: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self.say, data)

    def sent(self, beginning: str) -> list[str]:
        """The commands that begin so."""
        return [line for line in self.heard if line.startswith(beginning)]

    def _read(self) -> None:
        with suppress(OSError):
            self._buffer += os.read(self._master, 4096)
        while self._take():
            pass

    def _take(self) -> bool:
        found = re.search(rb"[\x1a\x1b]" if self.at_prompt else rb"[\r\x1b]", self._buffer)
        if not found:
            return False
        taken, self._buffer = self._buffer[: found.start()], self._buffer[found.end() :]
        if not self.at_prompt:
            if found[0] == b"\r":
                self._command(taken.decode())
        else:
            self.at_prompt = False
            if found[0] == b"\x1b":
                self.escapes += 1
                self.say(self.escape_answer)
            else:
                self.bodies.append(taken)
                self.say(_next(self.body_answer))
        return True

    def _command(self, line: str) -> None:
        self.heard.append(line)
        starred = (answer for key, answer in self.answers.items() if key[-1] == "*" and line.startswith(key[:-1]))
        said = _next(self.answers[line] if line in self.answers else next(starred, self.otherwise))
        self.at_prompt = said.endswith(b"> ")
        self.say(said)


def _next(answer: bytes | list[bytes]) -> bytes:
    if isinstance(answer, bytes):
        return answer
    return answer.pop(0) if len(answer) > 1 else answer[0]
