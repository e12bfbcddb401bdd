"""A row of the table of checks, and what its function gives back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from drivers.words import Sentence
from modemd.model.candidate import Candidate
from modemd.model.finding import Severity, Subject

# What a person does to go on in spite of a `confirm`, the lightest first: press a key that is not Enter, type the
# last four digits of the number, type the recipient's family name.
Act = Literal["key", "last_four", "family_name"]
ACTS: tuple[Act, ...] = ("key", "last_four", "family_name")


@dataclass(frozen=True)
class Hit:
    """One place. `values` fill the row's sentence; `sentence` stands in for it where a row has several."""

    span: tuple[int, int] | None = None
    fix: str | None = None
    values: dict[str, object] = field(default_factory=dict)
    sentence: Sentence | None = None


@dataclass(frozen=True)
class Row:
    """`find` None: it is not asked of a message, but of a list or of the network.

    `fixed`: it cannot be sent, or must not be, and no site lowers that.
    """

    code: str
    severity: Severity
    subject: Subject
    find: Callable[[Candidate], Iterable[Hit]] | None
    sentence: str
    act: Act = "key"
    fixed: bool = False
