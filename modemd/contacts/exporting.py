"""Contacts → a file that is read again as what it was: CSV for spreadsheets, vCard for phones."""

import csv
import io
from collections.abc import Sequence

from modemd.contacts.formulas import covered
from modemd.contacts.mapping import heading_of
from modemd.contacts.vcards import consent_text, write_vcards
from modemd.model.contact import Card

TYPES = {"csv": "text/csv; charset=utf-8", "vcard": "text/vcard; charset=utf-8"}


def write(cards: Sequence[Card], kind: str) -> bytes:
    """`kind`: a key of TYPES."""
    if kind == "vcard":
        return write_vcards(cards).encode()
    return write_csv(cards).encode("utf-8-sig")  # without the mark Excel takes it for the system's own encoding


def write_csv(cards: Sequence[Card]) -> str:
    most = max((len(card.numbers) for card in cards), default=1)
    own = list(dict.fromkeys(name for card in cards for name in card.fields))
    numbers = ["number", *(f"number {n}" for n in range(2, most + 1))]
    file = io.StringIO(newline="")
    out = csv.writer(file, quoting=csv.QUOTE_ALL)
    headings = ["name", "reading", *numbers, "language", "notes", "tags", "groups", "consents", *map(heading_of, own)]
    out.writerow(map(covered, headings))
    for card in cards:
        row = [
            card.name,
            card.reading,
            *(card.numbers[n] if n < len(card.numbers) else "" for n in range(len(numbers))),
            card.language,
            card.notes,
            "; ".join(card.tags),
            "; ".join(card.groups),
            ";".join(map(consent_text, card.consents)),
            *(card.fields.get(name, "") for name in own),
        ]
        out.writerow(map(covered, row))
    return file.getvalue()
