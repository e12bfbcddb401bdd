"""What goes over the wire about contacts, groups, files of contacts, hygiene and opt-outs. Times are RFC 3339 UTC."""

from dataclasses import dataclass, field

from modemd.api.schema import ErrorView


@dataclass(frozen=True)
class ConsentView:
    """`on`: 2026-11-24."""

    what: str
    on: str
    how: str = ""


@dataclass(frozen=True)
class DoubtView:
    """A number that may have lost its zero, and what it may be."""

    written: str
    proposed: str


@dataclass(frozen=True)
class CardView:
    name: str = ""
    reading: str = ""
    numbers: list[str] = field(default_factory=list)  # E.164, the usual one first
    language: str = ""
    notes: str = ""
    tags: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    consents: list[ConsentView] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ContactEditView:
    at: str
    who: str
    kind: str  # added, changed, deleted
    batch: int | None


@dataclass(frozen=True)
class ContactView:
    """`revision`: pass it with an edit, and nobody else's is overwritten."""

    id: int
    card: CardView
    revision: int
    created_at: str
    created_by: str
    changed_at: str
    changed_by: str
    doubts: list[DoubtView] = field(default_factory=list)
    opted_out: list[str] = field(default_factory=list)  # those of its numbers that want no messages
    history: list[ContactEditView] | None = None  # of one contact alone, not in lists


@dataclass(frozen=True)
class ContactPage:
    contacts: list[ContactView]
    next: str | None  # pass it as `after`; None at the end
    total: int  # contacts in all


@dataclass(frozen=True)
class SuggestionView:
    """`fits`: 0 exactly, 1 begins so, 2 a word of it begins so, 3 holds it."""

    contact: int
    name: str
    reading: str
    number: str
    tail: str  # its last four digits
    fits: int
    demoted: bool  # was chosen by these letters once, and undone
    last_written: str | None
    opted_out: bool


@dataclass(frozen=True)
class CompletionView:
    """`tie`: the first fits no better than the second, or was undone once: a person has to choose."""

    suggestions: list[SuggestionView]
    tie: bool


@dataclass(frozen=True)
class GroupView:
    name: str
    contacts: int


@dataclass(frozen=True)
class ColumnView:
    heading: str
    means: str  # one of `fields`, "x:" and a name, or "-": left out
    examples: list[str]


@dataclass(frozen=True)
class ChangeView:
    """One field of a contact, before and after."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ImportItemView:
    """What a row would do. A conflict does nothing until it is decided: add, merge (into `contact`), skip."""

    place: int  # its row in the file
    kind: str  # new, changed, same, conflict, bad
    name: str
    numbers: list[str]
    contact: int | None = None
    known_as: str | None = None  # the contact that is there
    changes: list[ChangeView] = field(default_factory=list)
    doubts: list[DoubtView] = field(default_factory=list)
    why: ErrorView | None = None  # of a conflict, and of what cannot be read


@dataclass(frozen=True)
class ImportView:
    """A file compared with what is there, and nothing done. `items` leaves out what is the same."""

    kind: str  # csv, xlsx, vcard
    encoding: str | None
    encodings: list[str]  # all that it can be read in
    headed: bool
    columns: list[ColumnView]
    fields: list[str]  # what a column can mean
    counts: dict[str, int]  # by kind, and `doubts`
    items: list[ImportItemView]
    seen: str  # pass it when applying: what was seen is what is done


@dataclass(frozen=True)
class ImportedView:
    batch: int  # what undoes it
    added: int
    merged: int
    skipped: int


@dataclass(frozen=True)
class ContactBatchView:
    id: int
    kind: str  # import, merge, delete
    at: str
    who: str
    source: str
    contacts: int
    undone_at: str | None
    undone_by: str | None


@dataclass(frozen=True)
class ContactBatchPage:
    batches: list[ContactBatchView]
    next: str | None


@dataclass(frozen=True)
class UndoneView:
    contacts: int


@dataclass(frozen=True)
class CaseView:
    """Something to be seen to. `actions` are what POST /v1/hygiene takes; `keep` is asked for where `keeps`."""

    kind: str  # duplicate, two_names, lost_zero, dead_number, stale
    key: str
    sentence: str
    contacts: list[ContactView]
    actions: list[str]
    keeps: list[str]  # actions that need to know which contact is kept
    number: str | None = None
    since: str | None = None


@dataclass(frozen=True)
class HygieneView:
    cases: list[CaseView]
    next: str | None


@dataclass(frozen=True)
class DoneView:
    batch: int | None  # what undoes it


@dataclass(frozen=True)
class OptOutStepView:
    at: str
    what: str  # out, asked, back
    how: str  # message, person
    who: str | None
    note: str | None
    inbound: int | None


@dataclass(frozen=True)
class OptOutView:
    """`state`: out; asked: a person reads `said` first, and nothing leaves meanwhile."""

    number: str
    state: str
    at: str
    how: str
    who: str | None
    note: str | None
    said: str | None  # the message that asked for it
    names: list[str]  # the contacts of that number
    held: list[int]  # messages that wait because of it
    history: list[OptOutStepView] | None = None


@dataclass(frozen=True)
class OptOutPage:
    opt_outs: list[OptOutView]
    next: str | None
