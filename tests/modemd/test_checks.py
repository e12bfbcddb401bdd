"""Each check: what it finds, and what it leaves alone. Every sentence can be said."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.words import Sentence
from modemd import i18n
from modemd.api import views
from modemd.checks.table import examine
from modemd.model.candidate import Candidate, Site
from modemd.model.finding import Finding

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def found(
    text: str = "Hello", to: str = "+447700900001", send_at: datetime | None = None, **site: Any
) -> list[Finding]:
    return examine(Candidate(to=to, text=text, now=NOW, send_at=send_at, site=Site(**site)))


def codes(*args: Any, **rest: Any) -> list[str]:
    return [each.code for each in found(*args, **rest)]


@pytest.mark.parametrize("text", ["Hello", "André owes 5€ [net]", "line\nbreak\r\n", "a" * 160, "a" * 1530])
def test_a_plain_message_gets_no_finding(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u3000"])
def test_no_text(text: str) -> None:
    assert "text_empty" in codes(text)


def test_the_recipient() -> None:
    assert codes(to="nobody") == ["recipient_unreadable"]
    assert codes(to="090-1234-5678") == ["recipient_unreadable"]
    assert codes(to="090-1234-5678", region="JP") == []


@pytest.mark.parametrize("bad", ["\x1b", "\x00", "\x07", "\x7f", "\x85", "\ud83d", "\t"])
def test_a_character_that_no_phone_shows(bad: str) -> None:
    (finding,) = [each for each in found(f"ab{bad}c") if each.code == "text_unsendable"]
    assert (finding.severity, finding.span, finding.fix) == ("block", (2, 3), "")
    assert f"U+{ord(bad):04X}, position 3" in str(finding.sentence)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 1531, "11"), ("€" * 800, "11"), ("あ" * 671, "11"), ("a" * 40_000, "255+"), ("😀" * 335 + "a", "11")],
)
def test_a_text_of_eleven_parts(text: str, parts: str) -> None:
    (finding,) = [each for each in found(text) if each.code == "text_too_long"]
    assert finding.severity == "block"
    assert f"{parts} parts; at most 10" in str(finding.sentence)
    assert "text_too_long" not in codes(text, max_parts=255) or parts == "255+"


def test_ten_parts_are_allowed() -> None:
    assert "text_too_long" not in codes("あ" * 670)


def test_few_characters_that_cost_many() -> None:
    (finding,) = found("Caf\u00e9 \u201copen\u201d")
    assert (finding.code, finding.severity, finding.span) == ("text_unicode", "note", (5, 6))
    assert "“ ”" in str(finding.sentence)
    assert codes("会議は三時です") == []


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        (timedelta(seconds=-1), ["time_past"]),
        (timedelta(0), ["time_past"]),
        (timedelta(seconds=1), []),
        (timedelta(days=366), []),
        (timedelta(days=367), ["time_far"]),
    ],
)
def test_the_time(away: timedelta, expected: list[str]) -> None:
    assert codes(send_at=NOW + away) == expected
    assert codes(send_at=None) == []


def test_all_that_blocks_is_said_at_once() -> None:
    assert codes("\x1b" * 4000, to="?", send_at=NOW) == [
        "recipient_unreadable",
        "text_unsendable",
        "text_too_long",
        "time_past",
    ]


def test_what_is_held_at_release_says_why_in_words() -> None:
    for finding in found("", to="?") + found("\x1b") + found("a" * 9999):
        if finding.severity == "block":
            shown = views.error(finding.code, "en")
            assert shown is not None
            assert "modem said" not in shown.sentence


# -- sentences ----------------------------------------------------------------------------------------------


def marked() -> list[str]:
    """Every N_("…") of the daemon and its drivers."""
    sentences = []
    for file in [*ROOT.glob("modemd/**/*.py"), *ROOT.glob("drivers/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{file}:{node.lineno}: N_ takes a literal"
                sentences.append(str(argument.value))
    return sentences


MARKED = sorted(set(marked()))


def test_there_are_sentences() -> None:
    assert len(MARKED) > 100


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_sentence_can_be_said(language: str) -> None:
    for template in MARKED:
        names = re.findall(r"{(\w+)[^}]*}", template)
        for value in ("x", "{", "}", "{why}", 7, None, "日本語"):
            said = i18n.say(Sentence(template, dict.fromkeys(names, value)), language)
            assert said
            assert "\n" not in said


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_findings_speak_both_languages(language: str) -> None:
    for finding in found("\x1b“" * 4000, to="?", send_at=NOW) + found("", to=""):
        shown = views.finding(finding, language)
        assert shown.message
        assert "{" not in shown.message


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "ja_JP"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "TERM": "linux"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_a_terminal(environ: dict[str, str], expected: str) -> None:
    assert i18n.choose(None, environ) == expected
    assert i18n.choose("ja", environ) == "ja"


@pytest.mark.parametrize(
    ("header", "expected"),
    [("ja", "ja"), ("ja-JP,en;q=0.8", "ja"), ("de, en;q=0.9, ja", "en"), ("", "en"), ("*;;,", "en"), ("日本", "en")],
)
def test_the_language_of_a_request(header: str, expected: str) -> None:
    assert i18n.from_header(header) == expected
