"""What a message risks, and so how long its fuse burns and what a person does to confirm it. Pure arithmetic."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drivers.words import N_, Sentence
from modemd.checks.prose import WORDS, found, links
from modemd.checks.row import ACTS, Act
from modemd.checks.table import ROWS
from modemd.model import names
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding

_MONEY = re.compile(r"[¥$£€]\s?\d|\d\s?(?:円|万円|ドル|ユーロ|yen\b)|\b(?:USD|JPY|EUR|GBP)\s?\d", WORDS)


@dataclass(frozen=True)
class RiskPolicy:
    """Seconds and counts; weights are points. A site sets its own."""

    known_fuse: float = 10.0
    risky_fuse: float = 120.0
    longest_fuse: float = 600.0
    many: int = 20  # recipients, beyond which a message is risky
    bulk: int = 100  # recipients, beyond which it waits for a person
    risky: int = 30  # points, from which the fuse is the risky one; in proportion beyond it
    new_number: int = 30
    money: int = 30
    link: int = 30
    many_recipients: int = 30
    confirm: int = 15  # each finding to be confirmed
    tier: int = 60  # points, each of which makes the confirming act one step harder


USUAL = RiskPolicy()


@dataclass(frozen=True)
class Risk:
    """`fuse` in seconds is the shortest; `waits`: no fuse releases it, a person does. `reason` is one line."""

    score: int
    fuse: float
    waits: bool
    reason: Sentence


# Notes that tell of a person in haste: they weigh like a finding to be confirmed.
_RAISING = ("time_tempo", "time_late", "time_after_undo", "recipient_dormant")


def assess(candidate: Candidate, findings: Sequence[Finding], recipients: int = 1, policy: RiskPolicy = USUAL) -> Risk:
    """`findings` are what `examine` said of this message, and `examine_list` of the list that it is from."""
    codes = {finding.code for finding in findings}
    confirms = len({finding.code for finding in findings if finding.severity == "confirm"})
    raising = sum(code in codes for code in _RAISING)
    weighed = [
        (policy.new_number, candidate.known.written_before is False, Sentence(N_("new number"))),
        (policy.money, any(found(_MONEY, candidate.text)), Sentence(N_("money"))),
        (policy.link, bool(links(candidate.text)), Sentence(N_("a link"))),
        (policy.many_recipients, recipients > policy.many, Sentence(N_("{count} recipients"), {"count": recipients})),
        (policy.confirm * confirms, confirms > 0, Sentence(N_("{count} to confirm"), {"count": confirms})),
        (policy.confirm * raising, raising > 0, Sentence(N_("haste or a long silence"))),
    ]
    present = [(points, why) for points, holds, why in weighed if holds and points]
    score = sum(points for points, _ in present)
    waits = recipients > policy.bulk
    return Risk(score, _fuse(score, policy), waits, _reason([why for _, why in present], waits))


def _fuse(score: int, policy: RiskPolicy) -> float:
    if score < policy.risky:
        return policy.known_fuse
    return min(policy.longest_fuse, policy.risky_fuse * score / policy.risky)


def _reason(reasons: list[Sentence], waits: bool) -> Sentence:
    if not reasons:
        return Sentence(N_("nothing unusual"))
    joined = reasons[0]
    for reason in reasons[1:]:
        joined = Sentence(N_("{one}, {other}"), {"one": joined, "other": reason})
    return Sentence(N_("{reasons}: waits for a person"), {"reasons": joined}) if waits else joined


def fuse_for(risk: Risk, asked: float | None) -> float:
    """A person may lengthen a fuse, never shorten it below what the risk asks."""
    return max(risk.fuse, asked or 0.0)


_NAMESAKES = ("recipient_twin", "recipient_near_other")


class ReadBack(NamedTuple):
    """`answer`: what has to be typed; nothing for a key."""

    act: Act
    answer: str


def read_back(
    candidate: Candidate, findings: Sequence[Finding], risk: Risk, policy: RiskPolicy = USUAL
) -> ReadBack | None:
    """The hardest of the acts, and what is typed for it. Enter alone never confirms."""
    asked = acts(candidate, findings, risk, policy).values()
    if not asked:
        return None
    act, person = max(asked, key=ACTS.index), candidate.known.person
    if act == "family_name" and any(finding.code in _NAMESAKES for finding in findings):
        act = "last_four"  # the name says nothing about which of them is meant
    answers = {"last_four": (candidate.number or "")[-4:], "family_name": names.family(person.name) if person else ""}
    return ReadBack(act, answers.get(act, ""))


def acts(candidate: Candidate, findings: Sequence[Finding], risk: Risk, policy: RiskPolicy = USUAL) -> dict[str, Act]:
    """By code, what a person does to confirm a finding: harder where the whole message risks more.

    A family name that nobody knows cannot be typed: the number's last digits stand in for it.
    """
    person = candidate.known.person
    hardest = len(ACTS) - 1 if person is not None and person.name else len(ACTS) - 2
    step = risk.score // policy.tier
    return {
        finding.code: ACTS[min(hardest, ACTS.index(ROWS[finding.code].act) + step)]
        for finding in findings
        if finding.severity == "confirm"
    }
