"""What a check says of a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from drivers.words import Sentence

Severity = Literal["note", "confirm", "block"]
Subject = Literal["recipient", "text", "time", "list"]


@dataclass(frozen=True)
class Finding:
    """`span` are indexes into the text; `fix` replaces the span, or the whole recipient."""

    code: str
    severity: Severity
    subject: Subject
    sentence: Sentence
    span: tuple[int, int] | None = None
    fix: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A message as it would be staged, and all that a check may know."""

    to: str
    text: str
    now: datetime
    send_at: datetime | None = None
    region: str | None = None
    max_parts: int = 10
    clock_set: bool = True
