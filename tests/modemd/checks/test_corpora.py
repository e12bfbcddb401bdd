"""What is found, and what is left alone: each row of both corpora, and each code's sentence in both languages."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drivers.words import Sentence
from modemd import i18n
from modemd.checks.table import ROWS
from modemd.model.finding import Finding
from tests.modemd.checks import corpus

ORDINARY, MISTAKES = corpus.read("ordinary.jsonl"), corpus.read("mistakes.jsonl")
# What is asked of the network, or only at release, has tests of its own.
ELSEWHERE = {"list_bulk", "text_link_dead", "text_link_elsewhere"}
SAID = Path(__file__).parent / "said.txt"


def name(case: dict[str, Any]) -> str:
    return f"{case.get('code', '')} {case['text'][:16]}".strip()


@pytest.mark.parametrize("case", ORDINARY, ids=name)
def test_an_ordinary_text_asks_nobody_for_anything(case: dict[str, Any]) -> None:
    """Seen red: with `text_attached` blind to the words that speak of e-mail."""
    assert [finding for finding in corpus.found(case) if finding.severity != "note"] == []


@pytest.mark.parametrize("case", MISTAKES, ids=name)
def test_a_mistake_is_found_and_its_fix_repairs_it(case: dict[str, Any]) -> None:
    """Seen red: with the weekday's window a whole year wide, and with fixes that begin one character late."""
    code = case["code"]
    finding = of(case, code)
    assert finding is not None
    for _ in range(5):  # as often as the mistake stands in the text
        if finding is None or finding.fix is None:
            break
        case = corpus.repaired(case, finding)
        finding = of(case, code)
    else:
        pytest.fail(f"the fix repairs nothing: {finding}")
    if "fixed" in case:
        field = {"recipient": "to", "time": "send_at"}.get(ROWS[code].subject, "text")
        assert case[field] == case["fixed"]


def of(case: dict[str, Any], code: str) -> Finding | None:
    return next((each for each in corpus.found(case) if each.code == code), None)


def test_the_corpora_are_large_and_hold_every_code_in_three_forms() -> None:
    counts = Counter(case["code"] for case in MISTAKES)
    assert set(counts) == set(ROWS) - ELSEWHERE
    assert min(counts.values()) >= 3
    assert len(MISTAKES) >= 150
    assert len(ORDINARY) >= 400
    assert len({case["text"] for case in ORDINARY}) == len(ORDINARY)
    japanese = sum(not case["text"].isascii() for case in ORDINARY)
    assert 150 <= japanese <= len(ORDINARY) - 120


def test_few_ordinary_texts_get_as_much_as_a_note() -> None:
    noted = [name(case) for case in ORDINARY if corpus.found(case)]
    assert len(noted) <= len(ORDINARY) // 50


# -- what is said -------------------------------------------------------------------------------------------


def said() -> list[str]:
    """A line for each code and language: the words of its first mistake."""
    lines = []
    for code in sorted({case["code"] for case in MISTAKES}):
        finding = of(next(case for case in MISTAKES if case["code"] == code), code)
        assert finding is not None
        lines += [f"{code} {language}: {i18n.say(finding.sentence, language)}" for language in i18n.LANGUAGES]
    return lines


def is_translated(code: str) -> bool:
    """Whether the catalogue has it yet; that it has every sentence is another test's promise."""
    finding = of(next(case for case in MISTAKES if case["code"] == code), code)
    assert finding is not None
    template = finding.sentence.template
    return i18n.say(Sentence(template, dict.fromkeys(finding.sentence.values, "")), "ja") != i18n.say(
        Sentence(template, dict.fromkeys(finding.sentence.values, "")), "en"
    )


def test_every_finding_is_said_in_both_languages_as_it_was_read_over() -> None:
    """`said.txt` is what a person has read; it changes with a sentence, and is then read again."""
    for expected, line in zip(SAID.read_text("utf-8").splitlines(), said(), strict=True):
        code, language = line.split(":")[0].split()
        assert "{" not in line or "text_placeholder" in line
        if language == "en" or is_translated(code):
            assert line == expected
