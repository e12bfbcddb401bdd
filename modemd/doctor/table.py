"""The checks in order, and which of them make sense when an earlier one has failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from drivers.words import N_
from modemd.doctor import judge_computer, judge_modem, judge_port, judge_usb
from modemd.doctor.facts import Computer, ModemFacts
from modemd.doctor.sentences import skip
from modemd.model.doctor import Diagnosis, Verdict


@dataclass(frozen=True)
class Check:
    """`needs`: the check without which this one sees nothing; where that is not well, it is skipped."""

    name: str
    judge: Callable[[ModemFacts], Diagnosis]
    needs: str | None = None


AFTER_PORT = (
    Check("answers", judge_modem.answers, "port"),
    Check("imei", judge_modem.imei, "answers"),
    Check("sim", judge_modem.sim, "answers"),
    Check("network", judge_modem.network, "answers"),
    Check("signal", judge_modem.signal, "sim"),
    Check("smsc", judge_modem.smsc, "network"),
    Check("storage", judge_modem.storage, "sim"),
    Check("quota", judge_modem.quota),
    Check("last_error", judge_modem.last_error),
)


def diagnose(computer: Computer, modems: Sequence[ModemFacts]) -> list[Diagnosis]:
    """Everything, in the order of a message's way."""
    of_modems = [each for facts in modems for each in diagnose_modem(facts, computer)]
    return [*diagnose_computer(computer, modems), *of_modems]


def diagnose_computer(computer: Computer, modems: Sequence[ModemFacts]) -> list[Diagnosis]:
    """All but the modems themselves; they only say what must be plugged in."""
    found = [each for check in judge_computer.CHECKS if (each := check(computer)) is not None]
    return [*found, *judge_usb.judge(computer, modems)]


def diagnose_modem(facts: ModemFacts, computer: Computer) -> list[Diagnosis]:
    found = [judge_port.judge(facts, computer)]
    for check in AFTER_PORT:
        first = next((each for each in found if each.check == check.needs), None)
        stands = first is None or first.verdict in (Verdict.OK, Verdict.WARN)
        found.append(check.judge(facts) if stands else _skipped(check, first))
    if facts.trouble and any(each.verdict is Verdict.FAIL for each in found):
        found[-1] = skip("last_error", N_("It is what fails above."))
    return [replace(each, modem=facts.name) for each in found]


def _skipped(check: Check, first: Diagnosis | None) -> Diagnosis:
    """The reason is the check that failed first, not the last of those that were skipped for it."""
    assert first is not None
    if "first" in first.finding.values:
        return replace(first, check=check.name)
    return judge_modem.after(check.name, first.check)
