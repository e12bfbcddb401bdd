"""Sentences in the reader's language: gettext, English where nothing else fits."""

import gettext
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

LANGUAGES = ("en", "ja")
_LOCALES = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("modemd", str(_LOCALES), [language], fallback=True)


def choose(asked: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The language of a terminal: as asked, else by the locale variables.

    The Linux console has no glyphs for Japanese, so English is used there unless asked otherwise.
    """
    if asked in LANGUAGES:
        return asked
    if environ.get("TERM") == "linux":
        return "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ja" if value.startswith("ja") else "en"
    return "en"


def from_header(accept_language: str) -> str:
    """The language of an HTTP request (Accept-Language): the first of ours that it names."""
    for each in accept_language.split(","):
        language = each.split(";")[0].strip().lower()[:2]
        if language in LANGUAGES:
            return language
    return "en"


class Sayable(Protocol):
    """A template and its values: drivers.words.Sentence."""

    def in_words(self, translate: Callable[[str], str]) -> str: ...


def say(sentence: Sayable | str, language: str, **values: object) -> str:
    """A sentence in a language; one that nobody has translated stays English."""
    translate = catalogue(language).gettext
    if isinstance(sentence, str):
        said = translate(sentence) if sentence else ""
        return said.format(**values) if values else said
    return sentence.in_words(translate)


def N_(sentence: str) -> str:
    """Mark a sentence for the translators where it is not yet said."""
    return sentence
