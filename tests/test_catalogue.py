"""Both languages are complete: every sentence of the sources has its Japanese, and what is compiled is that."""

import string

from tests import catalogue


def test_the_catalogue_has_what_the_sources_say_and_nothing_else() -> None:
    """Seen red: after a sentence was changed and `make messages` was not run."""
    assert catalogue.as_po(catalogue.updated()) == catalogue.PO.read_bytes(), "run make messages"


def test_every_sentence_is_translated() -> None:
    missing = [message.id for message in catalogue.read() if message.id and not all(_strings(message.string))]
    assert missing == []


def test_translations_keep_their_values() -> None:
    for message in catalogue.read():
        for source in _strings(message.id)[-1:]:
            for target in _strings(message.string):
                same = _names(source) == _names(target)
                assert same or (message.pluralizable and _names(target) <= _names(source)), source


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    assert catalogue.PO.with_suffix(".mo").read_bytes() == catalogue.as_mo(catalogue.read()), "run make messages"


def _strings(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _names(template: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}
    except ValueError:
        return set()
