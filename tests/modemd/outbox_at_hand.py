"""Short words for what the tests of the outbox do again and again. The clock is a number."""

from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from modemd.model.message import Message
from modemd.model.states import MessageState, PartState
from modemd.store import messages, outbox, reports, transmit
from modemd.store.outbox import New
from modemd.store.transmit import Mark

ALICE, BOB = "+447700900001", "+447700900002"
NOW = 1_700_000_000.0
SIM = "8944100000000000001"
M = MessageState
P = PartState


def new(recipient: str = ALICE, *, at: float = NOW, fuse: float | None = 10.0, parts: int = 1, **rest: Any) -> New:
    """A message under a fuse; fuse None: a draft."""
    given: dict[str, Any] = {"text": "Hello", "encoding": "gsm7", "author": "ann", "validity": 3600.0, **rest}
    if "send_at" in given:
        fuse, given["release_at"] = None, given["send_at"]
    elif fuse is not None:
        given["release_at"] = at + fuse
    return New(recipient=recipient, parts=parts if given.get("release_at") is not None else 0, fuse=fuse, **given)


def add(db: Database, /, recipient: str = ALICE, *, at: float = NOW, **rest: Any) -> int:
    return outbox.add(db, [new(recipient, at=at, **rest)], at)[0]


def queued(db: Database, /, recipient: str = ALICE, **rest: Any) -> int:
    return add(db, recipient, fuse=0.0, **rest)


def mark(db: Database, /, id: int, sequence: int = 1, at: float = NOW, **rest: Any) -> Mark:
    given: dict[str, Any] = {"modem": "north", "sim": SIM, "expected": None, **rest}
    return transmit.mark(db, id, sequence, at, **given)


def send(db: Database, /, id: int, sequence: int = 1, tp_mr: int = 1, at: float = NOW, **rest: Any) -> None:
    """Over the mark, and taken by the network."""
    assert mark(db, id, sequence, at, **rest) is Mark.GO
    transmit.submitted(db, id, sequence, tp_mr, at)


def lose(db: Database, /, id: int, sequence: int = 1, at: float = NOW, **rest: Any) -> None:
    """Over the mark, and no answer."""
    assert mark(db, id, sequence, at, **rest) is Mark.GO
    transmit.uncertain(db, id, sequence, at, "no_answer")


_COUNT = iter(range(1 << 30))


def report(
    db: Database, tp_mr: int, status: int = 0, *, to: str = ALICE, sim: str = SIM, at: float = NOW
) -> int | None:
    """Each one a PDU of its own."""
    return reports.add(db, sim=sim, tp_mr=tp_mr, recipient=to, status=status, pdu=f"{next(_COUNT):06X}", at=at)


def state(db: Database, id: int) -> MessageState:
    return messages.find(db, id).state


def parts(db: Database, id: int) -> list[PartState]:
    return [part.state for part in messages.find(db, id).parts]


def find(db: Database, id: int) -> Message:
    return messages.find(db, id)


def put(db: Database, /, message: MessageState, each: Iterable[PartState]) -> int:
    """A row in any state, however it came there."""
    id = add(db, parts=len(list(each := tuple(each))))
    db.execute("update message set state = ? where id = ?", (message, id))
    for sequence, one in enumerate(each, 1):
        db.execute("update part set state = ? where message_id = ? and sequence = ?", (one, id, sequence))
    return id
