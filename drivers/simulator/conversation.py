"""The AT side from one power-up to the next: lines, prompts and bodies in, answers out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from drivers.simulator.commands import COMMANDS, NEED_SIM
from drivers.simulator.dialogue import Answer, Command, Prompt, Refusal, parse
from drivers.simulator.faults import Fault
from drivers.simulator.submit import read_body
from drivers.simulator.tpdu import Header
from drivers.simulator.wire import Exchange

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem

ENDS = re.compile(rb"[\x1a\x1b]")  # Ctrl-Z sends, ESC leaves
ESC = b"\x1b"
COMMAND_LINE = re.compile(r"AT(.*)", re.IGNORECASE | re.DOTALL)
PROMPTING = ("+CMGS", "+CMGW")
NUMERIC = {"OK": "0", "ERROR": "4"}  # ATV0, V.250 §6.3.1


class Conversation:
    """What it was about is forgotten with it when the modem restarts."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._input = bytearray()
        self._line = bytearray()
        self._body = bytearray()
        self._busy = False  # an answer is due; what is said meanwhile waits
        self._prompt: Prompt | None = None
        self._fault: Fault | None = None  # for what follows the prompt
        self._exchange: Exchange | None = None
        self._held: list[str] = []

    def feed(self, data: bytes) -> None:
        self._input += data
        while self._input and not self._busy and not self._modem.deaf:
            if self._prompt:
                self._take_body(self._prompt)
            else:
                self._take_line()

    def urc(self, line: str) -> None:
        """A line unasked; while a body is awaited it waits for the answer."""
        if self._prompt:
            self._held.append(line)
        else:
            self._modem.write(f"\r\n{line}\r\n".encode("latin-1", "replace"))

    def break_off(self) -> None:
        if self._exchange is not None:
            self._end_exchange("lost")

    # -- in --------------------------------------------------------------------------------------

    def _take(self, end: int) -> bytes:
        taken = bytes(self._input[:end])
        del self._input[:end]
        if self._modem.settings.echo:
            self._modem.write(taken)
        return taken

    def _take_line(self) -> None:
        end = self._input.find(b"\r") + 1
        self._line += self._take(end or len(self._input))
        if end:
            found = COMMAND_LINE.search(self._line.decode("latin-1").strip())
            self._line.clear()
            if found:
                self._execute(found[1])

    def _take_body(self, prompt: Prompt) -> None:
        found = ENDS.search(self._input)
        taken = self._take(found.end() if found else len(self._input))
        self._body += taken[:-1] if found else taken
        if self._exchange is not None:
            self._exchange.body_octets = len(self._body)
        if found:
            self._prompt = None
            self._end_body(prompt, taken[-1:])
        elif self._modem.settings.cmgf and taken.endswith(b"\r"):
            self._modem.write(b"\r\n> ")

    # -- commands --------------------------------------------------------------------------------

    def _execute(self, line: str) -> None:
        information: list[str] = []
        answer = Answer()
        try:
            for command in parse(line):
                answer = self._answer(command)
                information += answer.information
                if answer != Answer(answer.information):
                    break
        except Refusal as refusal:
            answer = Answer((), refusal)
        self._reply(replace(answer, information=tuple(information)))

    def _answer(self, command: Command) -> Answer:
        self._modem.commands[command.name] += 1
        fault = None if command.name in PROMPTING else self._modem.faults.draw(command.name)
        if fault and not fault.accepted:
            return self._modem.faults.spoil(fault, Answer())
        try:
            if domain := NEED_SIM.get(command.name):
                self._modem.sim.need_open(domain)
            if command.name not in COMMANDS:
                raise Refusal.cme(4)
            said = COMMANDS[command.name](self._modem, command)
        except Refusal as refusal:
            answer = Answer((), refusal)
        else:
            answer = Answer(prompt=said) if isinstance(said, Prompt) else Answer(tuple(said))
        if answer.prompt:  # a test or a refusal is no submit
            fault = self._modem.faults.draw(command.name)
            if fault and fault.at != "command":
                self._fault, fault = fault, None
        return self._modem.faults.spoil(fault, answer)

    # -- prompt and body -------------------------------------------------------------------------

    def _open_prompt(self, answer: Answer, prompt: Prompt) -> Answer:
        modem = self._modem
        self._prompt = prompt
        self._body.clear()
        self._exchange = modem.wire.begin(modem.name, time.monotonic(), not answer.lost)
        if not answer.lost:
            modem.write(modem.noise.line("urc_before_prompt") + b"\r\n> ")
        if self._fault and self._fault.at == "prompt":
            fault, self._fault = self._fault, None
            return modem.faults.spoil(fault, answer)
        return answer

    def _end_body(self, prompt: Prompt, end: bytes) -> None:
        fault, self._fault = self._fault, None
        if end == ESC:
            self._end_exchange("esc")
            self._reply(Answer())
            return
        if self._exchange is not None:
            self._exchange.ended = "ctrl-z"
        try:
            self._submit(prompt, fault)
        except Refusal as refusal:
            self._end_exchange("ctrl-z")
            self._reply(Answer((), refusal))

    def _submit(self, prompt: Prompt, fault: Fault | None) -> None:
        """Raises Refusal for what does not even reach the network."""
        modem = self._modem
        header = read_body(modem, prompt, self._body.decode("latin-1"))
        if header is None:  # +CMGW: it was stored
            self._end_exchange("ctrl-z")
            self._reply(Answer((f"+CMGW: {modem.last_written}",)))
            return
        if not modem.radio.carries_sms:
            raise Refusal.cms(331)
        if modem.network.delay > 0:
            self._wait(modem.network.delay, lambda: self._carried(header, fault))
        else:
            self._carried(header, fault)

    def _carried(self, header: Header, fault: Fault | None) -> None:
        if fault is None or fault.accepted:
            self._modem.network.accept(self._modem, header)
            if self._exchange is not None:
                self._exchange.accepted = True
        self._end_exchange("ctrl-z")
        answer = Answer((f"+CMGS: {header.tpdu[1]}",))
        self._reply(self._modem.faults.spoil(fault, answer))

    def _end_exchange(self, ended: str) -> None:
        if self._exchange is not None:
            self._exchange.ended = self._exchange.ended or ended
            self._modem.wire.end(self._exchange)
            self._exchange = None

    # -- out -------------------------------------------------------------------------------------

    def _wait(self, seconds: float, act: Callable[[], None]) -> None:
        def resume() -> None:
            self._busy = False
            act()
            self.feed(b"")

        self._busy = True
        self._modem.later(seconds, resume)

    def _reply(self, answer: Answer) -> None:
        if answer.aside:
            self._modem.later(answer.aside, lambda: self._say(answer))
            self._complete(replace(answer, lost=True))
        elif answer.delay:
            self._wait(answer.delay, lambda: self._complete(answer))
        else:
            self._complete(answer)

    def _complete(self, answer: Answer) -> None:
        if answer.prompt:
            answer = self._open_prompt(answer, answer.prompt)
        elif not answer.lost:
            self._say(answer)
        if not self._prompt:
            held, self._held = self._held, []
            for line in held:
                self.urc(line)
        if answer.then:
            self._modem.befall(answer.then)

    def _say(self, answer: Answer) -> None:
        settings, noise = self._modem.settings, self._modem.noise
        final = answer.final
        if isinstance(final, Refusal):
            final = final.final(settings.cmee)
        blocks = [f"\r\n{text}\r\n".encode("latin-1", "replace") for text in answer.information]
        if not settings.verbose:
            blocks = [block[2:] for block in blocks]
        if not settings.quiet:
            said = f"\r\n{final}\r\n" if settings.verbose else f"{NUMERIC.get(final, final)}\r"
            blocks.append(said.encode("latin-1", "replace"))
        if blocks:
            before, inside, after = map(noise.line, ("urc_before", "urc_inside", "urc_after"))
            self._modem.write(before + blocks[0] + inside + b"".join(blocks[1:]) + after)
