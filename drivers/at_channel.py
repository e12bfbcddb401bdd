"""One port and its dialogue: commands in turn, time-outs that leave no debris, URCs as they come."""

import asyncio
import logging
from collections import deque

from drivers.at import answers, commands
from drivers.at.commands import ESC, Command
from drivers.at.dialogue import Dialogue, Doubtful, Event, LateSubmit, Prompt, Reply, Stray
from drivers.at.results import error_of
from drivers.at.urcs import Urc
from drivers.errors import CommandTimeout, OutcomeUnknown, PortError, PromptTimeout
from drivers.serial_port import SerialPort
from drivers.trace import Trace

logger = logging.getLogger(__name__)

QUIET = 1.0  # seconds of silence that end a drain
_PAUSE = 0.05  # what a modem gets to swallow an ESC
_SETTLE = 0.1  # after the barrier: a late OK that was taken for the barrier's shows up here
_BARRIERS = 3
_ESCAPED = 0.5  # seconds that a modem gets to say OK to ESC
_DOUBT = 15.0  # seconds that a modem gets to answer the body itself, when what came may be an older one's


class AtChannel:
    """Owns the port from open to close; one command at a time, by the lock.

    `patience` stretches or shortens every time-out and pause. `trace` hears all that goes over the port.
    """

    def __init__(self, path: str, *, rtscts: bool = False, patience: float = 1.0, trace: Trace | None = None) -> None:
        self.trace = trace or Trace()
        self.urcs: asyncio.Queue[Urc | LateSubmit | None] = asyncio.Queue()  # None: lost
        self.gap = 0.0  # seconds to leave after a final result code
        self._patience = patience
        self._dialogue = Dialogue()
        self._lock = asyncio.Lock()
        self._answers: deque[Reply | Prompt | Doubtful] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._heard = 0.0
        self._strays = 0
        self._unsure = False  # an answer may still be on its way
        self.lost: asyncio.Future[PortError] = asyncio.get_running_loop().create_future()
        self._port = SerialPort(path, self._on_bytes, self._on_lost, rtscts=rtscts)

    def close(self) -> None:
        self._port.close()
        self._on_lost(PortError("closed"))

    def flow_control(self, rtscts: bool) -> None:
        self._port.flow_control(rtscts)

    async def ask(self, command: Command) -> Reply:
        """Send and wait. Raises CommandTimeout or PortError; an error result is a Reply like another."""
        async with self._lock:
            await self._settle()
            if (answer := await self._exchange(command)) is None:
                self.trace.fail("timeout", command.line.partition("=")[0])
                raise CommandTimeout()
            assert isinstance(answer, Reply)
            return answer

    async def demand(self, command: Command) -> Reply:
        """As `ask`, but an error result raises its CommandError."""
        reply = await self.ask(command)
        if not reply.ok:
            raise error_of(reply.final)
        return reply

    async def start(self) -> None:
        """Leave a prompt that somebody else may have left behind, and get into step with the modem."""
        async with self._lock:
            for said in (ESC, f"{commands.WAKE.line}\r".encode()):
                await self._write(said)
                await self._silence(_PAUSE)
            self._unsure = True
            await self._settle(first_quiet=0.0)

    async def shout(self, command: Command, pause: float) -> None:
        """To a modem that may be deaf: nobody waits for an answer. Raises PortError."""
        async with self._lock:
            await self._write(ESC + f"\r{command.line}\r".encode())
            self._unsure = True
            await asyncio.sleep(pause * self._patience)

    def submission(self, command: Command, result_timeout: float, maker: str = "") -> "Submission":
        return Submission(self, command, result_timeout, maker)

    # -- inside ----------------------------------------------------------------------------------

    async def _write(self, data: bytes) -> None:
        self.trace.sent(data)
        await self._port.write(data)

    def _on_bytes(self, chunk: bytes) -> None:
        self.trace.received(chunk)
        self._heard = asyncio.get_running_loop().time()
        for event in self._dialogue.feed(chunk):
            self._dispatch(event)

    def _dispatch(self, event: Event) -> None:
        match event:
            case Reply() | Prompt() | Doubtful():
                self._answers.append(event)
                self._stir()
            case Stray():
                self._strays += 1
            case _:
                self.urcs.put_nowait(event)

    def _on_lost(self, error: PortError) -> None:
        if not self.lost.done():
            self.lost.set_result(error)
            self.urcs.put_nowait(None)
            self._stir()

    def _stir(self) -> None:
        if self._wake and not self._wake.done():
            self._wake.set_result(None)

    async def _exchange(self, command: Command) -> Reply | Prompt | Doubtful | None:
        """Write and wait, None when the time is over. What ends it early leaves the dialogue idle."""
        answer = None
        try:
            await self._write(self._dialogue.begin(command))
            answer = await self._next(command.timeout)
        finally:
            if answer is None:
                self._give_up()
        return answer

    async def _next(self, timeout: float) -> Reply | Prompt | Doubtful | None:
        """The next answer, None when the time is over. Raises PortError when the port is lost."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout * self._patience
        while not self._answers:
            if self.lost.done():
                raise self.lost.result()
            if (left := end - loop.time()) <= 0:
                return None
            self._wake = loop.create_future()
            timer = loop.call_later(left, self._stir)
            try:
                await self._wake
            finally:
                timer.cancel()
                self._wake = None
        return self._answers.popleft()

    def _give_up(self) -> None:
        self._dialogue.give_up()
        self._unsure = True

    async def _settle(self, *, first_quiet: float = QUIET) -> None:
        """After a time-out: wait for silence, then prove with `AT` that we and the modem are in step."""
        if (wait := self._heard + self.gap - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)
        if not self._unsure:
            return
        quiet = first_quiet
        for _ in range(_BARRIERS):
            await self._silence(quiet)
            quiet = QUIET
            await self._write(ESC)  # a prompt may have come late: it would swallow all that follows
            await self._silence(_PAUSE)
            self._answers.clear()
            self._strays = 0
            if await self._exchange(commands.ATTENTION) is None:
                continue
            await self._silence(_SETTLE)
            if not self._strays:
                self._unsure = False
                return
        self.trace.fail("timeout", "the modem and we are not in step")
        raise CommandTimeout()

    async def _silence(self, seconds: float) -> None:
        seconds *= self._patience
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        end = loop.time() + 30 * seconds  # a babbling modem must not hold us for ever
        while (left := self._heard + seconds - loop.time()) > 0 and loop.time() < end:
            if self.lost.done():
                raise self.lost.result()
            await asyncio.sleep(left)


class Submission:
    """AT+CMGS in two steps. Use as a context manager: whatever happens, the prompt is left behind.

    `prompt()` raises PromptTimeout or CommandError: nothing was sent. Then either `body()`, or leave.
    """

    def __init__(self, channel: AtChannel, command: Command, result_timeout: float, maker: str) -> None:
        self._channel, self._command, self._timeout, self._maker = channel, command, result_timeout, maker
        self._at_prompt = False

    async def __aenter__(self) -> "Submission":
        await self._channel._lock.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            if self._at_prompt:
                await self._escape()
        finally:
            self._channel._lock.release()

    async def prompt(self) -> None:
        channel = self._channel
        await channel._settle()
        self._at_prompt = True  # from the first octet on the modem may think that it prompts
        match await channel._exchange(self._command):
            case None:
                raise PromptTimeout()
            case Reply(final=final):
                self._at_prompt = False
                raise error_of(final, self._maker)

    async def body(self, pdu_hex: str, owed: frozenset[int | None] = frozenset()) -> Reply:
        """The body and Ctrl-Z. Raises OutcomeUnknown when no answer comes, or the port is lost.

        `owed`: see `Modem.submit`.

        CommandError: the modem had left the prompt by itself, and nothing was sent.
        """
        channel, answer = self._channel, None
        if channel._answers:
            self._at_prompt = False
            left = channel._answers.popleft()
            raise error_of(left.final if isinstance(left, Reply) else "", self._maker)
        data = channel._dialogue.body(commands.body(pdu_hex), owed)
        self._at_prompt = False
        try:
            await channel._write(data)
            answer = await channel._next(self._timeout)
            if isinstance(answer, Doubtful):
                answer = await self._ours(answer.reply, owed)
        except PortError as error:
            raise OutcomeUnknown("port_lost") from error
        finally:
            if not isinstance(answer, Reply):
                channel._give_up()
        if answer is None:
            raise OutcomeUnknown("no_answer")
        assert isinstance(answer, Reply)
        return answer

    async def _ours(self, first: Reply, owed: frozenset[int | None]) -> Reply:
        """Which of two answers is ours; where no second comes, the first is.

        Raises OutcomeUnknown where either may be: a refusal names nobody, and modems let a quick answer overtake
        a slow one.
        """
        channel = self._channel
        second = await channel._next(min(_DOUBT, self._timeout))
        if second is None:
            channel._dialogue.give_up()
            return first
        assert isinstance(second, Reply)
        older, newer = answers.tp_mr(first.information), answers.tp_mr(second.information)
        alone = len(owed) == 1
        if newer is None:
            is_ours = alone and older is None
        else:
            is_ours = (alone and older is not None) or owed.isdisjoint({newer, None})
        if not is_ours:
            raise OutcomeUnknown("no_answer")
        if older is not None:
            channel.urcs.put_nowait(LateSubmit(older))
        return second

    async def _escape(self) -> None:
        """ESC. Most modems say OK; where none comes in time, the next command waits for the barrier."""
        channel, answer = self._channel, None
        channel._answers.clear()
        try:
            await channel._write(channel._dialogue.escape())
            answer = await channel._next(_ESCAPED)
        except PortError:
            logger.info("the port was lost while leaving a prompt")
        finally:
            if answer is None:
                channel._give_up()
