"""What a check says of a message."""

from dataclasses import dataclass
from typing import Literal

from drivers.words import Sentence

Severity = Literal["note", "confirm", "block"]
Subject = Literal["recipient", "text", "time", "list"]


@dataclass(frozen=True)
class Finding:
    """`span` are indexes into the text; `fix` replaces the span, the whole recipient or the time to send at.

    `row` is the place in a list of recipients, from 0.
    """

    code: str
    severity: Severity
    subject: Subject
    sentence: Sentence
    span: tuple[int, int] | None = None
    fix: str | None = None
    row: int | None = None
