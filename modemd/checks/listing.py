"""A list of recipients: what is wrong with it that no single message shows."""

from collections.abc import Iterator, Sequence

from modemd.checks.row import Hit
from modemd.model.candidate import Candidate


def twice(rows: Sequence[Candidate]) -> Iterator[tuple[int, Hit]]:
    """One number, or one person, more than once."""
    first: dict[object, int] = {}
    for index, candidate in enumerate(rows):
        person = candidate.known.person
        keys = [key for key in (candidate.number, person.id if person else None) if key is not None]
        seen = [first[key] for key in keys if key in first]
        if seen:
            yield index, Hit(values={"row": index + 1, "first": min(seen) + 1})
        first |= {key: index for key in keys if key not in first}


def too_many(rows: Sequence[Candidate]) -> Iterator[tuple[int, Hit]]:
    most = rows[0].site.most_by_hand if rows else 0
    if len(rows) > most and any(candidate.by_hand for candidate in rows):
        yield most, Hit(values={"count": len(rows), "most": most})
