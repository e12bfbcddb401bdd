"""What the desk knows of a recipient, for the checks. Everything by an index: it is asked of every message."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from modemd.model.contact import Contact
from modemd.model.directory import OFTEN, Person
from modemd.model.folding import fold_name, number_words
from modemd.store import contacts, opt_outs
from modemd.store.opt_outs import OptedOut

_COUNTED = 100  # messages; more of them are no more telling
_FIRST = 8  # of those: mostly they tell all that the others could
_MOST_ALIKE = 20
_MOST_MENTIONED = 5  # for each name: that somebody has it is enough
_DAY, _HOUR, _MINUTE = 86400.0, 3600.0, 60.0
_LEFT = frozenset({"submitting", "submitted", "delivered", "undelivered", "uncertain"})
_FAILED = frozenset({"undelivered", "failed"})
_SENT = frozenset({"submitted", "delivered", "uncertain"})  # it has left, and no failure goes on behind it
_NOTHING_SAID = frozenset({"draft", "cancelled", "expired", "held", "staged", "queued", "submitting"})


@dataclass(frozen=True)
class Known:
    """Times: seconds, UTC. `people`: everybody who has this number; with two, none of them is meant for sure.

    `near`: (number, whose) that are often written to and one slip away, asked for a number that nobody has
    written to. `alike`: others whose name is written or read like those of `people`, or is one letter apart.
    `mentioned`: whom the text may speak of.
    """

    people: tuple[Person, ...] = ()
    written_before: bool = False
    last_heard: float | None = None
    last_failures: int = 0  # how many in a row, up to now
    opted_out: OptedOut = ""
    last_same: float | None = None  # when this text last went to this number, within a day
    near: tuple[tuple[str, Person | None], ...] = ()
    alike: tuple[Person, ...] = ()
    mentioned: tuple[Person, ...] = ()
    sends_last_minute: int = 0  # by this author
    last_undo: float | None = None  # of this author, within the hour


def is_anybody_known(db: Database) -> bool:
    """Else no name in a text is somebody's."""
    return db.execute("select 1 from contact limit 1").fetchone() is not None


def knowledge(
    db: Database,
    recipient: str,
    text: str,
    now: float,
    *,
    author: str = "",
    category: str = "service",
    message_id: int | None = None,
    by_hand: bool = True,
    names: Sequence[str] = (),
    identifiers: Sequence[str] = (),
) -> Known:
    """`recipient` in E.164. `message_id`: of the message itself, which is no news. The names are in the text.

    What no hand has written holds no slip of a finger and was sent in no haste: nobody looks for those.
    """
    traces = _traces(db, recipient)
    people = contacts.of_number(db, recipient) if traces.is_known else []
    names, identifiers = _of_others(people, names, identifiers)
    states = _states(db, recipient)
    written = any(state in _LEFT for state in states) or (len(states) == _COUNTED and _written(db, recipient) > 0)
    return Known(
        people=tuple(person(db, each) for each in people),
        written_before=written,
        last_heard=traces.last_heard,
        last_failures=_failures(states),
        opted_out=opt_outs.asked_of(db, recipient, category, message_id) if traces.has_asked else "",
        last_same=_last_same(db, recipient, text, now - _DAY, message_id) if by_hand else None,
        near=tuple(_near(db, recipient)) if by_hand and not written else (),
        alike=tuple(_alike(db, people)) if by_hand else (),
        mentioned=tuple(_named(each) for each in contacts.mentioned(db, names, identifiers, _MOST_MENTIONED)),
        sends_last_minute=_sends(db, author, now - _MINUTE) if by_hand else 0,
        last_undo=_last_undo(db, author, now - _HOUR) if by_hand else None,
    )


@dataclass(frozen=True)
class _Traces:
    """What one question tells of a number: most have left none, and nothing more is asked of those."""

    is_known: bool  # it is a contact's
    has_asked: bool  # for no more messages
    last_heard: float | None


def _traces(db: Database, number: str) -> _Traces:
    is_known, has_asked, *heard = db.execute(_TRACES, {"number": number, **_spelled(number)}).fetchone()
    return _Traces(bool(is_known), bool(has_asked), _latest(heard))


def _of_others(
    people: Sequence[Contact], names: Sequence[str], identifiers: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What the text says that is not the recipient's own: that alone has to be looked for."""
    cards = [each.card for each in people]
    spoken = [name for card in cards for name in (card.name, card.reading)]
    own = {fold_name(word) for name in spoken for word in (name, *name.split())}
    numbers = {each.casefold() for card in cards for each in card.identifiers}
    return [name for name in names if fold_name(name) not in own], [
        each for each in identifiers if each.casefold() not in numbers
    ]


def person(db: Database, contact: Contact) -> Person:
    """As the checks know people; messages are counted up to 100."""
    written = sum(_written(db, number) for number in contact.card.numbers)
    return replace(_named(contact), written=min(written, _COUNTED))


def _named(contact: Contact) -> Person:
    card = contact.card
    return Person(contact.id, card.name, card.reading, card.numbers, card.identifiers)


def last_written(db: Database, number: str) -> float | None:
    """When somebody last staged a message to it."""
    row = db.execute("select max(staged_at) from message where recipient = ? and staged_at is not null", (number,))
    return row.fetchone()[0]  # type: ignore[no-any-return]


# A number as it is spelled in three ways.
_LAST_HEARD = (
    "(select received_at from inbound where sender = :a order by id desc limit 1),"
    " (select received_at from inbound where sender = :b order by id desc limit 1),"
    " (select received_at from inbound where sender = :c order by id desc limit 1)"
)
_TRACES = (
    "select exists (select 1 from contact_number where number = :number),"  # noqa: S608
    " exists (select 1 from opt_out where number = :number and state != 'back'), " + _LAST_HEARD
)


def last_heard(db: Database, number: str) -> float | None:
    return _latest(db.execute("select " + _LAST_HEARD, _spelled(number)).fetchone())


def _latest(moments: Sequence[float | None]) -> float | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _spelled(number: str) -> dict[str, str]:
    found = spellings(number)
    return {"a": number, "b": found[1 % len(found)], "c": found[-1]}


def spellings(number: str) -> tuple[str, ...]:
    """As networks give it as a sender: abroad, without +, at home."""
    return (number, *number_words(number).split()[:2])


def _states(db: Database, number: str) -> list[str]:
    """Of the newest messages, the newest first: up to one that ends every question, or up to 100."""
    states: list[str] = []
    for most in (_FIRST, _COUNTED):
        rows = db.execute(
            "select state from message where recipient = ? and staged_at is not null"
            " order by staged_at desc, id desc limit ?",
            (number, most),
        ).fetchall()
        states = [row[0] for row in rows]
        if len(states) < most or not _SENT.isdisjoint(states):
            break
    return states


def _written(db: Database, number: str) -> int:
    row = db.execute(
        "select count(*) from (select 1 from message where recipient = ? and staged_at is not null and state in"
        " ('submitting', 'submitted', 'delivered', 'undelivered', 'uncertain') limit ?)",
        (number, _COUNTED),
    ).fetchone()
    return int(row[0])


def _failures(states: Sequence[str]) -> int:
    """Newest first; what has not ended says nothing yet."""
    count = 0
    for state in states:
        if state in _FAILED:
            count += 1
        elif state not in _NOTHING_SAID:
            break
    return count


def _last_same(db: Database, number: str, text: str, since: float, before: int | None) -> float | None:
    rows = db.execute(
        "select staged_at, text from message where recipient = ? and staged_at >= ? and (? is null or id < ?)"
        " and state not in ('draft', 'cancelled', 'failed', 'expired') order by staged_at desc limit ?",
        (number, since, before, before, _COUNTED),
    ).fetchall()
    return next((at for at, sent in rows if sent.split() == text.split()), None)


def _near(db: Database, number: str) -> Iterator[tuple[str, Person | None]]:
    rows = db.execute(
        "select value from json_each(?) where (select 1 from message where recipient = value and staged_at is not null"
        " limit 1 offset ?) is not null",
        (json.dumps(list(_slips(number))), OFTEN - 1),
    ).fetchall()
    for (near,) in rows:
        yield near, next((person(db, contact) for contact in contacts.of_number(db, near)), None)


def _slips(number: str) -> Iterator[str]:
    """+819012345678 with one digit changed, or two neighbours swapped."""
    for index in range(1, len(number)):
        before, digit, after = number[:index], number[index], number[index + 1 :]
        yield from (before + other + after for other in "0123456789" if other != digit)
        if after and after[0] != digit:
            yield before + after[0] + digit + after[1:]


def _alike(db: Database, people: Sequence[Contact]) -> Iterator[Person]:
    seen = {each.id for each in people}
    for one in people:
        for other in contacts.like_named(db, one.card.name, one.card.reading, _MOST_ALIKE):
            if other.id not in seen and len(seen) < _MOST_ALIKE:
                seen.add(other.id)
                yield person(db, other)


def _sends(db: Database, author: str, since: float) -> int:
    row = db.execute(
        "select count(*) from (select 1 from message where author = ? and staged_at >= ? limit ?)",
        (author, since, _COUNTED),
    ).fetchone()
    return int(row[0])


def _last_undo(db: Database, author: str, since: float) -> float | None:
    rows = db.execute(
        "select state, ended_at from message where author = ? and staged_at >= ? order by staged_at desc limit ?",
        (author, since, _COUNTED),
    ).fetchall()
    return max((at for state, at in rows if state == "cancelled"), default=None)
