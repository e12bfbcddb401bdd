"""The sentences of the terminal UI, in the language chosen at start."""

import gettext

from modemd import i18n

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def speak(language: str, catalogue: gettext.NullTranslations | None = None) -> None:
    """Use this language from here on; the installed catalogue unless one is given."""
    global _current, _language
    if catalogue is None:
        # The sentences in the source are the English ones: English needs no file read at start.
        catalogue = gettext.NullTranslations() if language == "en" else i18n.catalogue(language)
    _current, _language = catalogue, language


def N_(sentence: str) -> str:
    """Mark a sentence for translation where it is a table's entry; translate it where it is shown."""
    return sentence


def language() -> str:
    return _language


def _(sentence: str) -> str:
    return _current.gettext(sentence) if sentence else ""


def ngettext(one: str, many: str, n: int) -> str:
    return _current.ngettext(one, many, n)
