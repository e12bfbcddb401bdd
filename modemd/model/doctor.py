"""What the doctor says: one diagnosis a check."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.words import Sentence


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"  # not looked at, or nothing to look at: no fault


@dataclass(frozen=True)
class Diagnosis:
    """`check` is stable, a key of doctor_labels.LABELS; `next_step` is what a person does now, if anything."""

    check: str
    verdict: Verdict
    finding: Sentence
    next_step: Sentence | None = None
    modem: str | None = None
    value: str | int | None = None
