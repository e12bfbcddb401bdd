"""A file of contacts, whatever its kind → rows, with what cannot be read of it in words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.words import N_, Sentence
from modemd.contacts import mapping, tables, vcards
from modemd.contacts.decoding import decode
from modemd.contacts.formulas import uncovered
from modemd.model.contact import SEPARATORS, Card, Consent, Doubt, doubtful, split, tidy
from modemd.model.errors import Invalid
from modemd.model.importing import Column, Row, Sheet
from modemd.model.recipient import read_recipient

EXAMPLES = 3
# 9.01E+10: a spreadsheet took the number for a quantity, and its last digits are gone from the file.
_POWER = re.compile(r"\s*[+-]?\d([.,]\d+)?[eE]\+?\d{1,2}\s*")


@dataclass(frozen=True)
class Wanted:
    """How a person wants a file to be read. None: as it looks.

    `columns`: what each column means. `zeros`: a person has seen the numbers that lack a 0 in front, and says that
    the proposed ones are meant. `group`: everybody of the file belongs to it.
    """

    encoding: str | None = None
    columns: tuple[str, ...] | None = None
    headed: bool | None = None
    group: str | None = None
    zeros: bool = False


def read(data: bytes, wanted: Wanted, region: str | None) -> Sheet:
    """Raises Invalid: what is wrong with the file as a whole."""
    if tables.is_xlsx(data):
        return _sheet("xlsx", tables.read_xlsx(data), (), wanted, region)
    text, encodings = decode(data, wanted.encoding)
    if not vcards.is_vcard(text):
        return _sheet("csv", tables.read_csv(text), encodings, wanted, region)
    rows = tuple(_row(place, values, wanted, region) for place, values in enumerate(vcards.read_vcards(text), 1))
    return Sheet("vcard", rows, encodings)


def _sheet(kind: str, cells: list[list[str]], encodings: tuple[str, ...], wanted: Wanted, region: str | None) -> Sheet:
    if not cells:
        raise Invalid(N_("There is nothing in this file."))
    headed = mapping.is_headed(cells[0]) if wanted.headed is None else wanted.headed
    width = max(len(row) for row in cells)
    headings = [*cells[0], *[""] * (width - len(cells[0]))] if headed else [""] * width
    meanings = _meanings([uncovered(each) for each in headings], wanted.columns)
    body = list(enumerate(cells, 1))[headed:]
    columns = tuple(
        Column(headings[n] or str(n + 1), means, _examples(row[n] for _, row in body if n < len(row)))
        for n, means in enumerate(meanings)
    )
    rows = (_row(place, _values(row, meanings), wanted, region) for place, row in body if any(map(str.strip, row)))
    return Sheet(kind, tuple(rows), encodings, columns, headed)


def _meanings(headings: Sequence[str], wanted: tuple[str, ...] | None) -> list[str]:
    """Raises Invalid."""
    if wanted is None:
        return [mapping.guess(each) for each in headings]
    for each in wanted:
        if each not in (*mapping.FIELDS, mapping.LEFT_OUT) and not (each.startswith(mapping.OWN) and each[2:].strip()):
            known = ", ".join((*mapping.FIELDS, mapping.LEFT_OUT, mapping.OWN + "…"))
            raise Invalid(N_('A column cannot be "{field}"; it can be: {known}.'), field=each[:40], known=known)
    return [*wanted, *[mapping.LEFT_OUT] * len(headings)][: len(headings)]


def _examples(cells: Iterable[str]) -> tuple[str, ...]:
    found = (" ".join(cell.split()) for cell in cells)
    return tuple([cell for cell in found if cell][:EXAMPLES])


def _values(row: Sequence[str], meanings: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for cell, means in zip(row, meanings, strict=False):
        if means != mapping.LEFT_OUT and cell.strip():
            values.setdefault(means, []).append(uncovered(cell.strip()))
    return values


def _row(place: int, values: Mapping[str, list[str]], wanted: Wanted, region: str | None) -> Row:
    numbers, doubts = _numbers(place, values.get("number", ()), wanted.zeros, region)
    groups = [*values.get("groups", ()), *([wanted.group] if wanted.group else [])]
    own = {key.removeprefix(mapping.OWN): cells[-1] for key, cells in values.items() if key.startswith(mapping.OWN)}
    try:
        card = Card(
            name=_joined(values, "name", "family", "given"),
            reading=_joined(values, "reading", "family_reading", "given_reading"),
            numbers=tuple(numbers),
            language=_one(values, "language"),
            notes="\n".join(values.get("notes", ())),
            tags=tuple(values.get("tags", ())),
            groups=tuple(groups),
            consents=tuple(_consents(values)),
            fields=own,
        )
        if doubts and not card.name.strip() and not numbers:
            raise Invalid(N_("{number} seems to lack the 0 in front, and has no name."), number=doubts[0].written)
        return Row(place, tidy(card, region), tuple(doubts))
    except Invalid as error:
        written = " ".join(" ".join(values.get(field, ())) for field in ("name", "family", "given", "number"))
        return Row(place, None, problem=error.sentence, written=" ".join(written.split())[:100])


def _one(values: Mapping[str, list[str]], field: str) -> str:
    return values[field][-1] if values.get(field) else ""


def _joined(values: Mapping[str, list[str]], whole: str, *parts: str) -> str:
    return _one(values, whole) or " ".join(filter(None, (_one(values, part) for part in parts)))


def _numbers(place: int, cells: Iterable[str], zeros: bool, region: str | None) -> tuple[list[str], list[Doubt]]:
    numbers, doubts = [], []
    for text in (part for cell in cells for part in SEPARATORS.split(cell) if part.strip()):
        if _POWER.fullmatch(text):
            raise Invalid(
                N_(
                    "Row {row}: {number} is what a spreadsheet makes of a number: its last digits are lost. Format the"
                    " column as text in the original list, and export it again."
                ),
                row=place,
                number=text.strip(),
            )
        reading = read_recipient(text, region)
        if doubtful(text, region) and not isinstance(reading, Sentence) and not zeros:
            doubts.append(Doubt(text.strip(), reading))
        else:
            numbers.append(text if isinstance(reading, Sentence) else reading)  # `tidy` says what is wrong with it
    return numbers, doubts


def _consents(values: Mapping[str, list[str]]) -> Iterable[Consent]:
    for cell in values.get("consents", ()):
        for entry in filter(str.strip, cell.split(";")):
            what, on, how = (*entry.split("|"), "", "")[:3]
            yield Consent(what, on, how)
    if what := _one(values, "consent"):
        yield Consent(what, _one(values, "consent_on").replace("/", "-"), _one(values, "consent_how"))


def group_named(wanted: Wanted) -> Wanted:
    """With a group as it is kept. Raises Invalid."""
    names = split(wanted.group or "")
    if len(names) > 1:
        raise Invalid(N_("A group's name holds no comma and no semicolon."))
    return replace(wanted, group=names[0] if names else None)
