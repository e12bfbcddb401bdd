"""Every check, a row each; each is asked at staging and again at release."""

from collections.abc import Callable, Iterable

from modemd.checks import recipient, text, time
from modemd.model.finding import Candidate, Finding

CHECKS: tuple[Callable[[Candidate], Iterable[Finding]], ...] = (
    recipient.readable,
    text.present,
    text.whole,
    text.size,
    text.encoding,
    time.in_the_future,
)


def examine(candidate: Candidate) -> list[Finding]:
    """All findings, in the table's order."""
    return [finding for check in CHECKS for finding in check(candidate)]
