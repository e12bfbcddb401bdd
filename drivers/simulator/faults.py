"""What goes wrong at a modem: scripted for the next commands, or by chance with a seed."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar, Literal

from drivers.simulator.dialogue import After, Answer, Refusal

Stage = Literal["command", "prompt", "body"]


@dataclass(frozen=True)
class Fault:
    """Changes one answer. `at` a command, once its prompt is out, or after the body's Ctrl-Z."""

    accepted: bool = False  # after a body: the network gets it all the same; else: the command is carried out
    at: Stage = "body"

    def change(self, answer: Answer) -> Answer:
        return answer


@dataclass(frozen=True)
class LostAnswer(Fault):
    """The modem goes on, but its answer to this one never comes."""

    accepted: bool = True

    def change(self, answer: Answer) -> Answer:
        return replace(answer, lost=True)


@dataclass(frozen=True)
class LateAnswer(Fault):
    accepted: bool = True
    seconds: float = 1.0

    def change(self, answer: Answer) -> Answer:
        return replace(answer, delay=answer.delay + self.seconds)


@dataclass(frozen=True)
class OvertakenAnswer(Fault):
    """Late as well, but the modem does not wait for it: it answers what is asked meanwhile. `code`: a refusal."""

    accepted: bool = True
    seconds: float = 1.0
    code: int | None = None

    def change(self, answer: Answer) -> Answer:
        said = answer if self.code is None else Answer((), Refusal.cms(self.code))
        return replace(said, aside=self.seconds)


@dataclass(frozen=True)
class CmsCode(Fault):
    code: int = 500

    def change(self, answer: Answer) -> Answer:
        return Answer((), Refusal.cms(self.code))


@dataclass(frozen=True)
class CmeCode(Fault):
    code: int = 100

    def change(self, answer: Answer) -> Answer:
        return Answer((), Refusal.cme(self.code))


@dataclass(frozen=True)
class BareError(Fault):
    def change(self, answer: Answer) -> Answer:
        return Answer((), Refusal())


@dataclass(frozen=True)
class WordedError(Fault):
    words: str = "+CMS ERROR: Unknown error"

    def change(self, answer: Answer) -> Answer:
        return Answer((), self.words)


@dataclass(frozen=True)
class OkOnly(Fault):
    """A final OK without the +CMGS line."""

    def change(self, answer: Answer) -> Answer:
        return replace(answer, information=())


@dataclass(frozen=True)
class LongReference(Fault):
    """+CMGS with the SMSC's time behind the tp_mr, as under +CSMS=1."""

    accepted: bool = True

    def change(self, answer: Answer) -> Answer:
        stamped = (f'{line},"26/01/02,03:04:05+00"' for line in answer.information)
        return replace(answer, information=tuple(stamped))


@dataclass(frozen=True)
class NoPrompt(Fault):
    """The prompt is not seen. `entered`: the modem takes a body all the same (until ESC or Ctrl-Z)."""

    at: Stage = "command"
    entered: bool = True

    def change(self, answer: Answer) -> Answer:
        return replace(answer, lost=True, prompt=answer.prompt if self.entered else None)


@dataclass(frozen=True)
class LatePrompt(Fault):
    at: Stage = "command"
    seconds: float = 1.0

    def change(self, answer: Answer) -> Answer:
        return replace(answer, delay=answer.delay + self.seconds)


@dataclass(frozen=True)
class Hang(Fault):
    """Deaf and dumb from here until reset, plugged in anew, or `seconds` are over."""

    seconds: float | None = None
    what: ClassVar[str] = "hang"

    def change(self, answer: Answer) -> Answer:
        return replace(answer, lost=self.at != "prompt", then=After(self.what, self.seconds))


@dataclass(frozen=True)
class Reboot(Hang):
    """Starts anew by itself: echo on, settings lost, RDY after `seconds`."""

    seconds: float | None = 0.1
    what: ClassVar[str] = "reboot"


@dataclass(frozen=True)
class Unplug(Fault):
    """The port vanishes; after `back_after` seconds it comes back, perhaps under another name."""

    back_after: float | None = None
    name: str | None = None

    def change(self, answer: Answer) -> Answer:
        return replace(answer, lost=self.at != "prompt", then=After("unplug", self.back_after, self.name))


@dataclass(frozen=True)
class EchoOn(Fault):
    """The modem echoes again from here on, nobody knows why."""

    accepted: bool = True

    def change(self, answer: Answer) -> Answer:
        return replace(answer, then=After("echo"))


FAULTS: dict[str, type[Fault]] = {
    "lost_answer": LostAnswer,
    "late_answer": LateAnswer,
    "overtaken_answer": OvertakenAnswer,
    "cms": CmsCode,
    "cme": CmeCode,
    "error": BareError,
    "worded_error": WordedError,
    "ok_only": OkOnly,
    "long_reference": LongReference,
    "no_prompt": NoPrompt,
    "late_prompt": LatePrompt,
    "hang": Hang,
    "reboot": Reboot,
    "unplug": Unplug,
    "echo": EchoOn,
}


@dataclass
class Planned:
    fault: Fault
    command: str
    left: int | None  # None: by chance, for ever
    probability: float = 1.0


class Faults:
    """The faults of one modem."""

    def __init__(self, random: Random) -> None:
        self.happened: Counter[Fault] = Counter()  # not what was planned or drawn: what came to pass
        self._random = random
        self._planned: list[Planned] = []

    def next(self, fault: Fault, times: int = 1, command: str = "+CMGS") -> None:
        """The next `times` of that command go wrong so."""
        self._planned.append(Planned(fault, command.upper(), times))

    def chance(self, fault: Fault, probability: float, command: str = "+CMGS") -> None:
        """Each of that command may go wrong so."""
        self._planned.append(Planned(fault, command.upper(), None, probability))

    def clear(self) -> None:
        self._planned.clear()

    def spoil(self, fault: Fault | None, answer: Answer) -> Answer:
        """The answer as the fault leaves it."""
        if fault is None:
            return answer
        self.happened[fault] += 1
        return fault.change(answer)

    def draw(self, command: str) -> Fault | None:
        """What is to happen to this command: the first plan that applies."""
        for plan in self._planned:
            if plan.command != command:
                continue
            if plan.left is not None:
                plan.left -= 1
                if plan.left == 0:
                    self._planned.remove(plan)
                return plan.fault
            if self._random.random() < plan.probability:
                return plan.fault
        return None
