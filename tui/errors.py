"""What the daemon may answer instead of doing it.

DeskError
├── Away       it does not answer; it may or may not have done it
└── Declined   it said no, with a sentence
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modemd.api.schema import FindingView


class DeskError(Exception):
    """str() is the sentence to show."""


class Away(DeskError):
    """Nobody answers."""


class Declined(DeskError):
    """The daemon said no."""

    def __init__(self, sentence: str, code: str, findings: list[FindingView]) -> None:
        super().__init__(sentence)
        self.code = code
        self.findings = findings
