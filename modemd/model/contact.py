"""Somebody whom the desk knows: name, reading, numbers, groups, consent. Times: seconds, UTC."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import phonenumbers

from drivers.words import N_, Sentence
from modemd.model.errors import Invalid
from modemd.model.folding import fold
from modemd.model.recipient import read_recipient

LONGEST, LONGEST_NOTES = 200, 4000  # characters
MOST = 50  # of anything that there may be several of
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_IDENTIFIER = re.compile(r"(?=[A-Za-z-]*\d)[A-Za-z0-9][A-Za-z0-9-]{3,23}")
SEPARATORS = re.compile(r"[;,、；，\n|]+")


@dataclass(frozen=True)
class Consent:
    """`what`: a category, or a word of the site's. `on`: 2026-11-24. `how`: the form, the call, the paper."""

    what: str
    on: str
    how: str = ""


@dataclass(frozen=True)
class Card:
    """What is known of somebody. `numbers` are E.164, the first is the usual one; `fields` are the site's own."""

    name: str = ""
    reading: str = ""
    numbers: tuple[str, ...] = ()
    language: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Order, contract and customer numbers among the site's own fields."""
        return tuple(value for value in self.fields.values() if _IDENTIFIER.fullmatch(value))

    @property
    def shown(self) -> str:
        return self.name or (self.numbers[0] if self.numbers else "?")


@dataclass(frozen=True)
class Doubt:
    """A number that may have lost its zero: kept as it was written until a person says what it is."""

    written: str
    proposed: str  # E.164


@dataclass(frozen=True)
class Contact:
    id: int
    card: Card
    created_at: float
    created_by: str
    changed_at: float
    changed_by: str
    revision: int = 1
    doubts: tuple[Doubt, ...] = ()


def card_of(values: Mapping[str, Any]) -> Card:
    """From decoded JSON. Its shape has been checked."""
    plain = {name: values[name] for name in ("name", "reading", "language", "notes") if name in values}
    many: dict[str, Any] = {name: tuple(values[name]) for name in ("numbers", "tags", "groups") if name in values}
    if "consents" in values:
        many["consents"] = tuple(Consent(**each) for each in values["consents"])
    return Card(**plain, **many, fields=dict(values.get("fields", {})))


def sort_key(card: Card) -> str:
    """By reading as far as there is one: kanji sort by no order that anybody knows."""
    return fold(card.reading or card.name or card.shown)


def tidy(card: Card, region: str | None) -> Card:
    """As it is kept: one spelling, numbers in E.164, nothing twice. Raises Invalid."""
    made = replace(
        card,
        name=_line(card.name),
        reading=_line(card.reading),
        language=card.language.strip().lower(),
        notes=_clean(card.notes, keep="\n").strip(),
        numbers=_each_once(dialled(number, region) for number in card.numbers if number.strip()),
        tags=_each_once(split(";".join(card.tags))),
        groups=tuple(sorted(split(";".join(card.groups)))),
        consents=_each_once(map(_tidy_consent, card.consents)),
        fields={_line(name): _line(value) for name, value in card.fields.items() if _line(name) and _line(value)},
    )
    if not made.name and not made.numbers:
        raise Invalid(N_("A contact has a name or a number: give one."))
    if made.language and not _LANGUAGE.fullmatch(made.language):
        raise Invalid(N_('"{language}" is no language: write "ja", "en" or the like.'), language=card.language[:20])
    _check_sizes(made)
    return made


def dialled(number: str, region: str | None) -> str:
    """E.164. Raises Invalid; also where a spreadsheet may have taken the 0 in front away."""
    reading = read_recipient(number, region)
    if isinstance(reading, Sentence):
        raise Invalid(reading.template, **reading.values)
    if doubtful(number, region):
        raise Invalid(
            N_('"{number}" begins with neither 0 nor +. If {meant} is meant, write that.'),
            number=number[:40],
            meant=reading,
        )
    return reading


def doubtful(number: str, region: str | None) -> bool:
    """Whether the 0 in front is missing where numbers begin with one, as spreadsheets lose it. Asked, never assumed."""
    bare = re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", number))
    return _has_trunk_zero(region) and not bare.startswith(("0", "+"))


def _has_trunk_zero(region: str | None) -> bool:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region) if region else None
    return metadata is not None and metadata.national_prefix == "0"


def split(text: str) -> tuple[str, ...]:
    """Several in one: tags, groups."""
    return _each_once(word for each in SEPARATORS.split(text) if (word := _line(each)))


def _each_once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _clean(text: str, keep: str = "") -> str:
    """NFC; line ends are \\n; without what moves or hides what stands beside it."""
    plain = (
        character if character in keep else _INSTEAD.get(unicodedata.category(character), character)
        for character in re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", text)
    )
    return unicodedata.normalize("NFC", "".join(plain))


_INSTEAD = {"Cc": " ", "Cf": "", "Cs": "\ufffd"}


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _tidy_consent(consent: Consent) -> Consent:
    try:
        on = date.fromisoformat(consent.on.strip()).isoformat()
    except ValueError as error:
        raise Invalid(N_('"{text}" is no date: write it as 2026-11-24.'), text=consent.on[:20]) from error
    made = Consent(*(" ".join(split(each)) for each in (consent.what, on, consent.how)))
    if not made.what:
        raise Invalid(N_("A consent says to what it was given."))
    return made


def _check_sizes(card: Card) -> None:
    lines = [card.name, card.reading, *card.tags, *card.groups, *card.fields, *card.fields.values()]
    lines += [word for each in card.consents for word in (each.what, each.how)]
    if any(len(line) > LONGEST for line in lines) or len(card.notes) > LONGEST_NOTES:
        raise Invalid(
            N_("That is too long: {most} characters at most, notes {notes}."), most=LONGEST, notes=LONGEST_NOTES
        )
    if any(len(each) > MOST for each in (card.numbers, card.tags, card.groups, card.consents, card.fields)):
        raise Invalid(N_("That is too much for one contact: {most} of each at most."), most=MOST)
