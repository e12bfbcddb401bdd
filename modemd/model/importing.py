"""A file of contacts on its way in: its rows, and what each would do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from drivers.words import Sentence
from modemd.model.contact import Card, Contact, Doubt


@dataclass(frozen=True)
class Column:
    """`means`: a field of `mapping.FIELDS`, "x:" and the name of a field of the site's own, or "-": left out."""

    heading: str
    means: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """`place`: the number of its row or card in the file, from 1. One without a card cannot be read."""

    place: int
    card: Card | None
    doubts: tuple[Doubt, ...] = ()
    problem: Sentence | None = None
    written: str = ""


@dataclass(frozen=True)
class Sheet:
    """A file, read. `encodings`: all that it can be read in, the chosen one first; none for a spreadsheet."""

    kind: str  # csv, xlsx, vcard
    rows: tuple[Row, ...]
    encodings: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    headed: bool = True


NEW, CHANGED, SAME, CONFLICT, BAD = "new", "changed", "same", "conflict", "bad"


@dataclass(frozen=True)
class Item:
    """What a row would do. `card`: the contact afterwards; `contact`: the one that is there.

    A conflict (`code` says which) does nothing unless a person decides: add, or merge into `contact`.
    """

    row: Row
    kind: str
    contact: Contact | None = None
    card: Card | None = None
    doubts: tuple[Doubt, ...] = ()
    code: str | None = None


def fingerprint(items: Sequence[Item]) -> str:
    """What was seen is what is done: a contact that somebody edits meanwhile makes another one."""
    digest = sha256()
    for item in items:
        known = (item.contact.id, item.contact.revision) if item.contact else None
        card = asdict(item.card) if item.card else None
        digest.update(repr((item.row.place, item.kind, item.code, known, card, item.doubts)).encode())
    return digest.hexdigest()[:16]


def merged(old: Card, new: Card) -> Card:
    """What a row adds to a contact: an empty cell takes nothing away, of what there are several none is lost."""
    return replace(
        old,
        name=new.name or old.name,
        reading=new.reading or old.reading,
        language=new.language or old.language,
        notes=new.notes or old.notes,
        numbers=_both(old.numbers, new.numbers),
        tags=_both(old.tags, new.tags),
        groups=tuple(sorted(_both(old.groups, new.groups))),
        consents=tuple(dict.fromkeys((*old.consents, *new.consents))),
        fields={**old.fields, **new.fields},
    )


def _both(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))
