"""What may go wrong with a submit in the fault campaign, and how often: by chance, at each simulated modem."""

from collections import Counter

from drivers.at.results import CME, CMS, Kind, meaning
from drivers.errors import CmeError, CmsError, CommandError
from drivers.simulator.faults import (
    FAULTS,
    BareError,
    CmeCode,
    CmsCode,
    EchoOn,
    Fault,
    Hang,
    LateAnswer,
    LatePrompt,
    LongReference,
    LostAnswer,
    NoPrompt,
    OkOnly,
    OvertakenAnswer,
    Reboot,
    Unplug,
    WordedError,
)
from drivers.simulator.modem import Modem

# Probabilities for each AT+CMGS. The daemon under test waits 0.6 s for a result and 10 s for a prompt.
ANSWERS: tuple[tuple[float, Fault], ...] = (
    (0.030, LostAnswer(accepted=True)),
    (0.020, LostAnswer(accepted=False)),
    (0.020, LateAnswer(seconds=0.3)),
    (0.020, LateAnswer(seconds=0.9)),
    (0.015, OvertakenAnswer(seconds=0.3)),
    (0.010, OvertakenAnswer(seconds=0.9)),
    (0.010, OvertakenAnswer(seconds=1.6)),
    (0.010, OvertakenAnswer(seconds=2.0)),
    (0.010, OvertakenAnswer(seconds=1.6, code=21, accepted=False)),
    (0.010, OvertakenAnswer(seconds=2.0, code=38, accepted=False)),
    (0.010, BareError()),
    (0.010, WordedError()),
    (0.010, OkOnly(accepted=True)),
    (0.010, OkOnly(accepted=False)),
    (0.020, LongReference()),
    (0.002, NoPrompt(entered=True)),
    (0.002, NoPrompt(entered=False)),
    (0.010, LatePrompt(seconds=0.3)),
    (0.001, LatePrompt(seconds=11.0)),
    (0.010, Hang(seconds=0.5)),
    (0.010, Hang(seconds=0.5, accepted=True)),
    (0.005, Hang(seconds=0.5, at="command")),
    (0.005, Hang(seconds=0.5, at="prompt")),
    (0.010, Reboot()),
    (0.005, Reboot(accepted=True)),
    (0.005, Reboot(at="command")),
    (0.005, Reboot(at="prompt")),
    (0.010, Unplug(back_after=0.3)),
    (0.010, Unplug(back_after=0.3, accepted=True)),
    (0.005, Unplug(back_after=0.3, at="command")),
    (0.005, Unplug(back_after=0.3, at="prompt")),
    (0.010, EchoOn()),
)
REFUSED, REFUSED_AT_ONCE = 0.10, 0.02  # after the body; instead of the prompt
ODD_CMS, ODD_CME = (350, 604, 999), (777,)  # in no table


def _error(fault: CmsCode | CmeCode) -> CommandError:
    return (CmsError if isinstance(fault, CmsCode) else CmeError)(fault.code)


def _codes() -> list[Fault]:
    """Every code of the tables after the body; those that leave it open, once for each truth."""
    found: list[Fault] = []
    for code in (*CMS, *ODD_CMS):
        found.append(CmsCode(code=code))
        if meaning(CmsError(code)).kind is Kind.UNKNOWN:
            found.append(CmsCode(code=code, accepted=True))
    for code in (*CME, *ODD_CME):
        found.append(CmeCode(code=code))
        if meaning(CmeError(code)).kind is Kind.UNKNOWN:
            found.append(CmeCode(code=code, accepted=True))
    return found


def install(modem: Modem) -> None:
    """From here on each submit of that modem may go wrong."""
    for probability, fault in ANSWERS:
        modem.faults.chance(fault, probability)
    codes = _codes()
    for fault in codes:
        modem.faults.chance(fault, REFUSED / len(codes))
    for code in CMS:
        modem.faults.chance(CmsCode(code=code, at="command"), REFUSED_AT_ONCE / len(CMS))
    noise = modem.noise
    noise.urc_inside = noise.urc_before = noise.urc_after = noise.urc_before_prompt = 0.1
    noise.garbage, noise.split, noise.one_octet, noise.bare_lf = 0.02, 0.2, 0.02, 0.1


def name_of(fault: Fault) -> str:
    """As in the table of the simulator; what the network did is part of it."""
    name = next(name for name, kind in FAULTS.items() if kind is type(fault))
    return f"{name}, accepted" if fault.accepted and not isinstance(fault, (LongReference, EchoOn)) else name


def count(modem: Modem) -> tuple[Counter[str], Counter[str]]:
    """What happened at that modem: faults by name, and refusals by what they mean to us."""
    names: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for fault, times in modem.faults.happened.items():
        names[name_of(fault)] += times
        if isinstance(fault, (CmsCode, CmeCode)):
            kinds[meaning(_error(fault)).kind.name.lower()] += times
    return names, kinds
