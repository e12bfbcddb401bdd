"""Who wants no more messages: asked at staging, at release and at the mark, for all SIMs of the site."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal

from sqlite_utils import Database

from drivers.words import N_, Sentence
from modemd.model.errors import Blocked, NotFound
from modemd.model.finding import Finding
from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.model.opt_out import DEFAULT_RULES, SENTENCES, Rules
from modemd.store import events, holding

OUT, ASKED, BACK = "out", "asked", "back"
OptedOut = Literal["", "recipient_opted_out", "recipient_opt_out_asked"]
CODES: dict[str, OptedOut] = {OUT: "recipient_opted_out", ASKED: "recipient_opt_out_asked"}


@dataclass(frozen=True)
class OptOut:
    """`state`: out; asked (a person reads it first, nothing leaves meanwhile); back (messages are wanted again)."""

    number: str
    state: str
    at: float
    how: str  # message, person
    who: str | None = None
    note: str | None = None
    inbound_id: int | None = None
    confirmed_at: float | None = None
    confirmation: int | None = None  # the message that told so, which alone may still go there


@dataclass(frozen=True)
class Step:
    """A line of a number's history."""

    at: float
    what: str  # out, asked, back
    how: str
    who: str | None
    note: str | None
    inbound_id: int | None


_COLUMNS = ", ".join(field.name for field in fields(OptOut))


# -- rules ------------------------------------------------------------------------------------------------


def configure(db: Database, rules: Rules) -> None:
    """The configuration of this start. Kept here, so that who receives and who sends ask the same one."""
    db.execute("insert or replace into opt_out_rules (id, rules) values (1, ?)", (json.dumps(asdict(rules)),))


def rules(db: Database) -> Rules:
    row = db.execute("select rules from opt_out_rules").fetchone()
    if row is None:
        return DEFAULT_RULES
    values = json.loads(row[0])
    return Rules(**values | {name: tuple(values[name]) for name in ("applies_to", "stop", "start")})


# -- asking -----------------------------------------------------------------------------------------------


def find(db: Database, number: str) -> OptOut | None:
    row = db.execute(f"select {_COLUMNS} from opt_out where number = ?", (number,)).fetchone()  # noqa: S608
    return OptOut(*row) if row else None


def speaks_against(db: Database, number: str, category: str) -> OptedOut | None:
    """The code of what speaks against writing to this number."""
    row = db.execute("select state from opt_out where number = ? and state != 'back'", (number,)).fetchone()
    return CODES[row[0]] if row and category in rules(db).applies_to else None


def bars(db: Database, message: Message) -> OptedOut:
    """As `asked_of`, of a message that is in the outbox."""
    return asked_of(db, message.recipient, message.category, message.id)


def asked_of(db: Database, number: str, category: str, message_id: int | None) -> OptedOut:
    """As `speaks_against`, "" where nothing does; the one message that confirms an opt-out may still go."""
    code = speaks_against(db, number, category)
    if code is None:
        return ""
    known = find(db, number)
    is_confirmation = message_id is not None and known is not None and known.confirmation == message_id
    return "" if is_confirmation else code


def hold(number: str, code: str) -> NewHold:
    return NewHold(code, "edit", Sentence(SENTENCES[code], {"number": number}))


def finding(number: str, code: str) -> Finding:
    return Finding(code, "block", "recipient", Sentence(SENTENCES[code], {"number": number}))


def refuse(db: Database, wanted: Iterable[tuple[str, str]]) -> None:
    """(number, category) of what is to be staged. Raises Blocked with all that speaks against it."""
    found = [finding(number, code) for number, category in wanted if (code := speaks_against(db, number, category))]
    if found:
        raise Blocked(found)


def page(db: Database, after: str | None, limit: int, *, state: str | None = None) -> list[OptOut]:
    """By number: those who are out, and those whom a person has to read."""
    rows = db.execute(
        f"select {_COLUMNS} from opt_out where number > ? and state != 'back' and (? is null or state = ?)"  # noqa: S608
        " order by number limit ?",
        (after or "", state, state, limit),
    ).fetchall()
    return [OptOut(*row) for row in rows]


def history(db: Database, number: str) -> list[Step]:
    """Oldest first."""
    rows = db.execute(
        "select at, what, how, who, note, inbound_id from opt_out_history where number = ? order by id", (number,)
    ).fetchall()
    return [Step(*row) for row in rows]


def held(db: Database, number: str) -> list[int]:
    """Messages to this number that wait because of it."""
    rows = db.execute(
        "select id from message where recipient = ? and state = 'held' and exists (select 1 from hold where"
        " message_id = message.id and code in (?, ?) and cleared_at is null and void_at is null) order by id",
        (number, *CODES.values()),
    ).fetchall()
    return [row[0] for row in rows]


# -- writing ----------------------------------------------------------------------------------------------


def put(
    db: Database,
    number: str,
    state: str,
    at: float,
    *,
    who: str | None = None,
    note: str | None = None,
    inbound_id: int | None = None,
) -> bool:
    """This number wants no more messages, or may want none: what has not left is held at once.

    False when that was known already.
    """
    known = find(db, number)
    if known is not None and known.state in (state, OUT):
        return False
    _set(db, OptOut(number, state, at, _how(who), who, note, inbound_id), known)
    barred = rules(db).applies_to
    rows = db.execute(
        "select id, category from message where recipient = ? and state in ('staged', 'queued') order by id", (number,)
    ).fetchall()
    for message_id, category in rows:
        if category in barred:
            holding.place(db, message_id, [hold(number, CODES[state])], at, who)
    return True


def lift(
    db: Database,
    number: str,
    at: float,
    *,
    who: str | None = None,
    note: str | None = None,
    inbound_id: int | None = None,
) -> None:
    """Messages are wanted again, or were never unwanted. What is held stays so: a person looks at it.

    Raises NotFound.
    """
    known = find(db, number)
    if known is None or known.state == BACK:
        raise NotFound(number, N_("{what} has not asked for anything."))
    _set(db, OptOut(number, BACK, at, _how(who), who, note, inbound_id), known)


def confirmed(db: Database, number: str, message_id: int, at: float) -> None:
    db.execute("update opt_out set confirmation = ?, confirmed_at = ? where number = ?", (message_id, at, number))


def _how(who: str | None) -> str:
    return "message" if who is None else "person"


def _set(db: Database, new: OptOut, known: OptOut | None) -> None:
    """A confirmation that was sent stays known: there is one a day at most."""
    confirmed_at = known.confirmed_at if known else None
    row = asdict(new) | {"confirmed_at": confirmed_at}
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(f"insert or replace into opt_out ({names}) values ({marks})", row)  # noqa: S608
    db.execute(
        "insert into opt_out_history (number, at, what, how, who, note, inbound_id) values (?, ?, ?, ?, ?, ?, ?)",
        (new.number, new.at, new.state, new.how, new.who, new.note, new.inbound_id),
    )
    events.record(db, new.at, "opt_out", subject=new.number, who=new.who, new=new.state, data=new.note)
