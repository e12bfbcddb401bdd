"""What holds a message: of all that the checks find, what waits for a person by the site's policy."""

from collections.abc import Collection, Iterable

from modemd.model.finding import Finding
from modemd.model.hold import NewHold


def of_findings(findings: Iterable[Finding], profile: str, confirmed: Collection[str] = ()) -> list[NewHold]:
    """A finding in the way holds always; one to confirm, until a person has: `open` sites report it only.

    `confirmed`: codes that whoever stages it stands by; they are written down as cleared.
    """
    holds = []
    for finding in findings:
        if finding.severity == "block":
            holds.append(NewHold(finding.code, "edit", finding.sentence))
        elif finding.severity == "confirm" and profile != "open":
            holds.append(NewHold(finding.code, "confirm", finding.sentence, cleared=finding.code in confirmed))
    return _once_each(holds)


def _once_each(holds: Iterable[NewHold]) -> list[NewHold]:
    """A code may be found in several places; it is confirmed once."""
    return list({hold.code: hold for hold in reversed(list(holds))}.values())[::-1]
