"""The audit as a chain: each row's hash covers the row and the hash before it. Pure.

Found: any row that was changed, added or taken out, anywhere but at the end. Rows taken off the end, and a chain
written anew from some row on, are found against a checkpoint (the number and the hash of a row) that was kept where
whoever did it could not reach it; against none they cannot be.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

FIRST = "0" * 64  # before the first row


@dataclass(frozen=True)
class Row:
    """`at`: seconds, UTC. `origin`: where it came from. `subject`: what it was done to. `data`: canonical JSON."""

    id: int
    at: float
    who: str
    uid: int | None
    origin: str
    deed: str
    subject: str | None
    data: str
    hash: str


@dataclass(frozen=True)
class Checkpoint:
    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


@dataclass(frozen=True)
class Break:
    """`row`: the first that is not as it was written. `why`: changed, missing, cut."""

    row: int
    why: str


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Any) -> str:
    return _CANONICAL.encode(value)


def hash_of(before: str, row: Row) -> str:
    said = {key: value for key, value in vars(row).items() if key != "hash"}
    return hashlib.sha256(f"{before}\n{canonical(said)}".encode("utf-8", "surrogatepass")).hexdigest()


class Verifier:
    """Fed with rows in their order; stops at the first that is broken."""

    def __init__(self, checkpoints: Iterable[Checkpoint] = ()) -> None:
        self._expected = {checkpoint.id: checkpoint.hash for checkpoint in checkpoints}
        self.head = Checkpoint(0, FIRST)

    def feed(self, rows: Iterable[Row]) -> Break | None:
        for row in rows:
            if row.id != self.head.id + 1:
                return Break(self.head.id + 1, "missing")
            if row.hash != hash_of(self.head.hash, row) or self._expected.get(row.id, row.hash) != row.hash:
                return Break(row.id, "changed")
            self.head = Checkpoint(row.id, row.hash)
        return None

    def end(self) -> Break | None:
        """After the last row: is the chain as long as it was?"""
        if any(id > self.head.id for id in self._expected):
            return Break(self.head.id + 1, "cut")
        return None


def verify(rows: Iterable[Row], checkpoints: Iterable[Checkpoint] = ()) -> Break | None:
    verifier = Verifier(checkpoints)
    return verifier.feed(rows) or verifier.end()


def read_checkpoint(text: str) -> Checkpoint:
    """As str() writes it. Raises ValueError."""
    id, _, digest = text.strip().partition(":")
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError(text)
    return Checkpoint(int(id), digest)


def as_lines(rows: Iterable[Row]) -> Iterator[str]:
    """JSON Lines; `of_line` makes rows of them again."""
    for row in rows:
        yield canonical(asdict(row))


def of_line(line: str) -> Row:
    """Raises ValueError, TypeError or KeyError."""
    return Row(**json.loads(line))
