"""What a person does to confirm findings: the more is at stake, the more has to be read for it. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from modemd.model.finding import Finding, Subject

Act = Literal["", "key", "digits", "name"]

# What a key cannot confirm: a hand that presses it does not look at whom it goes to.
_WHOM: frozenset[Subject] = frozenset({"recipient", "list"})


class ReadBack(NamedTuple):
    """`answer`: what has to be typed. Enter alone never confirms."""

    act: Act
    answer: str = ""


def read_back(findings: Iterable[Finding], number: str, family_name: str | None) -> ReadBack:
    """One about whom it goes to asks for the number's last four digits, several for the family name (where there
    is one), any other for a key.
    """
    asks = {finding.code: finding.subject for finding in findings if finding.severity == "confirm"}
    about_whom = sum(subject in _WHOM for subject in asks.values())
    if about_whom > 1 and family_name:
        return ReadBack("name", family_name)
    if about_whom:
        return ReadBack("digits", number[-4:])
    return ReadBack("key") if asks else ReadBack("")
