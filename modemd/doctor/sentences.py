"""A diagnosis in one call: finding and next step share their values."""

from collections.abc import Mapping
from types import MappingProxyType

from drivers.words import Sentence
from modemd.model.doctor import Diagnosis, Verdict

Values = Mapping[str, object]
Value = str | int | None
_NONE: Values = MappingProxyType({})


def ok(check: str, finding: str, values: Values = _NONE, *, value: Value = None) -> Diagnosis:
    return Diagnosis(check, Verdict.OK, Sentence(finding, dict(values)), value=value)


def skip(check: str, finding: str, values: Values = _NONE) -> Diagnosis:
    return Diagnosis(check, Verdict.SKIP, Sentence(finding, dict(values)))


def warn(check: str, finding: str, next_step: str, values: Values = _NONE, *, value: Value = None) -> Diagnosis:
    return Diagnosis(
        check, Verdict.WARN, Sentence(finding, dict(values)), Sentence(next_step, dict(values)), value=value
    )


def fail(check: str, finding: str, next_step: str, values: Values = _NONE, *, value: Value = None) -> Diagnosis:
    return Diagnosis(
        check, Verdict.FAIL, Sentence(finding, dict(values)), Sentence(next_step, dict(values)), value=value
    )
