"""Everything the daemon says no with.

Problem               a person or a program asked for what cannot be
├── NotFound          there is no such thing
├── TooLate           the message has left, or is leaving
├── Conflict          it is in a state that does not allow this
│   ├── Changed       it is not any more what was looked at
│   └── Cooling       a draft that is not to be staged yet
├── Forbidden         this person may not do it
├── Invalid           what was sent cannot be understood
├── Blocked           a check forbids it; `findings` say why
└── KeyReused         the Idempotency-Key was used for something else
StateBroken           a move that the table of states does not have: a fault of ours
StaleState            somebody else moved it first
ConfigError           a mistake in the configuration
StoreError            the database would not open, or may not be used
"""

from collections.abc import Sequence

from drivers.words import N_, Worded
from modemd.model.finding import Finding


class Problem(Worded):
    """It cannot be done."""

    status = 400
    code = "refused"


class NotFound(Problem):
    status = 404
    code = "not_found"

    def __init__(self, what: int | str, template: str = N_("There is no message {what}.")) -> None:
        super().__init__(template, what=what)


class TooLate(Problem):
    """It has left, or is leaving."""

    status = 409
    code = "too_late"


class Conflict(Problem):
    status = 409
    code = "conflict"


class Changed(Conflict):
    """It was changed since you looked: look again, then decide."""

    code = "changed"


class Cooling(Conflict):
    code = "cooling"

    def __init__(self, **values: object) -> None:
        super().__init__(N_("Draft {id} cools until {time}: read it again then, and stage it."), **values)


class Forbidden(Problem):
    status = 403
    code = "forbidden"


class Invalid(Problem):
    status = 422
    code = "invalid"


class Blocked(Problem):
    status = 422
    code = "blocked"

    def __init__(self, findings: Sequence[Finding]) -> None:
        worst = next(finding for finding in findings if finding.severity == "block")
        super().__init__(worst.sentence.template, **worst.sentence.values)
        self.findings = list(findings)


class KeyReused(Problem):
    status = 422
    code = "key_reused"

    def __init__(self) -> None:
        super().__init__(N_("This Idempotency-Key was used for a different request: take a new one."))


class StateBroken(Exception):
    """A move that the table of states does not have."""


class StaleState(Exception):
    """Somebody else moved it first."""


class ConfigError(Worded):
    """A mistake in the configuration."""


class StoreError(Worded):
    """The database would not open, or may not be used."""
