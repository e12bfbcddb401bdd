"""Messages read: one, a page of a group, counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlite_utils import Database

from modemd.model.actor import CODES
from modemd.model.errors import NotFound
from modemd.model.folding import query
from modemd.model.message import Message, Part
from modemd.model.states import MessageState, PartState
from modemd.store import cooling, holds, search

_NAMES = [field.name for field in fields(Message) if field.name not in ("parts", "holds", "cool")]
_COLUMNS = ", ".join(_NAMES)
_PART_COLUMNS = ", ".join(field.name for field in fields(Part))


@dataclass(frozen=True)
class Group:
    """A group of the outbox: which messages, and their order. `key` must match an index."""

    where: str
    key: str
    descending: bool = False


GROUPS = {
    "held": Group("state = 'held'", "id"),
    "uncertain": Group("state = 'uncertain'", "id"),
    "burning": Group("state = 'staged' and send_at is null", "release_at"),
    "scheduled": Group("state = 'staged' and send_at is not null", "release_at"),
    "submitting": Group("state = 'submitting'", "id"),
    "queued": Group("state = 'queued'", "id"),
    "done_today": Group("ended_at is not null and ended_at >= :since", "ended_at", descending=True),
    "drafts": Group("state = 'draft'", "id", descending=True),
    "all": Group("state <> 'draft'", "id", descending=True),
    "with_drafts": Group("true", "id", descending=True),
}
_EVERYTHING = ("all", "with_drafts")  # by id, and not counted
# The groups that a screen shows as one, in the order of their rows.
COMPOUND = {"needs_you": ("uncertain", "held"), "on_air": ("submitting", "queued")}


def _message(row: Sequence[Any], parts: tuple[Part, ...]) -> Message:
    """`row`: as `_COLUMNS`, which are the fields before `parts` in their order."""
    id, state, *values, writers, salt = row
    return Message(*(id, MessageState(state), *values, tuple(json.loads(writers)), salt, parts))


def _with_more(db: Database, found: list[Message]) -> list[Message]:
    """What only messages of some states have: why they are held, how long they cool."""
    held = [message.id for message in found if message.state is MessageState.HELD]
    drafts = [message.id for message in found if message.state is MessageState.DRAFT]
    reasons = holds.standing(db, held) if held else {}
    cool = cooling.of_drafts(db, drafts) if drafts else {}
    if not reasons and not cool:
        return found
    return [
        replace(
            message,
            holds=tuple(hold for hold in reasons.get(message.id, ()) if hold.is_open),
            cool=cool.get(message.id),
        )
        for message in found
    ]


def _parts(db: Database, ids: list[int]) -> dict[int, tuple[Part, ...]]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"select message_id, {_PART_COLUMNS} from part where message_id in ({marks})"  # noqa: S608
        " order by message_id, sequence",
        ids,
    ).fetchall()
    found: dict[int, list[Part]] = {id: [] for id in ids}
    for message_id, sequence, state, *rest in rows:
        part = Part(sequence, PartState(state), *rest)
        found[message_id].append(part)
    return {id: tuple(parts) for id, parts in found.items()}


def load(db: Database, rows: list[Any]) -> list[Message]:
    """Messages of raw rows, with their parts."""
    parts = _parts(db, [row[0] for row in rows])
    return _with_more(db, [_message(row, parts[row[0]]) for row in rows])


def find(db: Database, message_id: int) -> Message:
    """Raises NotFound."""
    row = db.execute(f"select {_COLUMNS} from message where id = ?", (message_id,)).fetchone()  # noqa: S608
    if row is None:
        raise NotFound(message_id)
    return load(db, [row])[0]


def find_many(db: Database, ids: list[int]) -> list[Message]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"select {_COLUMNS} from message where id in ({marks}) order by id",  # noqa: S608
        ids,
    ).fetchall()
    return load(db, rows)


def page(
    db: Database,
    group: str,
    after: str | None,
    limit: int,
    since: float,
    filters: Mapping[str, str | None],
) -> tuple[list[Message], str | None]:
    """A page in the group's order, and the cursor behind it. `filters`: state, to, q, words (of the text alone).

    A cursor is `group|key|id` of the last row; a compound group goes on with its next member.
    """
    members = COMPOUND.get(group, (group,))
    start, key, last = _cursor(after, members[0])
    found: list[Message] = []
    for name in members[members.index(start) :]:
        position = (key, last) if name == start and after else None
        found += _group_page(db, name, position, limit - len(found), since, filters)
        if len(found) >= limit:
            return found, _cursor_of(name, found[-1])
    return found, None


def _cursor(after: str | None, first: str) -> tuple[str, float, int]:
    if not after:
        return first, 0.0, 0
    name, key, last = after.split("|")
    return name, float(key), int(last)


def _cursor_of(name: str, message: Message) -> str:
    return f"{name}|{float(getattr(message, GROUPS[name].key))!r}|{message.id}"


def _group_page(
    db: Database,
    name: str,
    position: tuple[float, int] | None,
    limit: int,
    since: float,
    filters: Mapping[str, str | None],
) -> list[Message]:
    group = GROUPS[name]
    where, values = _filter(db, filters)
    where = [group.where, *where]
    order, beyond = ("desc", "<") if group.descending else ("asc", ">")
    if position:
        where.append(f"({group.key}, id) {beyond} (:key, :last)")
        values |= {"key": position[0], "last": position[1]}
    source, ordered = "message", f"{group.key} {order}, id {order}"
    if found := _words(db, filters):
        values["words"] = found
        if name in _EVERYTHING:  # in the order of the index, as far as it is looked at
            where.append("message_words match :words")
            where += ["message_words.rowid < :last"] if position else []
            source = "message_words join message on id = message_words.rowid"
            ordered = f"message_words.rowid {order}"
        else:
            where.append(_HAS_WORDS)
    rows = db.execute(
        f"select {_COLUMNS} from {source} where {' and '.join(where)}"  # noqa: S608
        f" order by {ordered} limit :limit",
        {**values, "limit": limit, "since": since},
    ).fetchall()
    return load(db, rows) if rows else []


_HAS_WORDS = "exists (select 1 from message_words where message_words match :words and rowid = message.id)"


def _words(db: Database, filters: Mapping[str, str | None]) -> str | None:
    """For the index, where it helps: it is whole, and the words are more than a letter."""
    q = filters.get("q")
    return query(q) if q and search.is_complete(db) else None


def _filter(db: Database, filters: Mapping[str, str | None]) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {}
    if states := [state for state in (filters.get("state") or "").split(",") if state]:
        where.append(f"state in ({', '.join(f':state{i}' for i in range(len(states)))})")
        values |= {f"state{i}": state for i, state in enumerate(states)}
    if to := filters.get("to"):
        where.append("recipient = :to")
        values["to"] = to
    if (q := filters.get("q")) and _words(db, filters) is None:
        where.append("(text like :q escape '\\' or recipient like :q escape '\\')")
        values["q"] = pattern(q)
    if words := filters.get("words"):
        where.append("text like :only escape '\\'")
        values["only"] = pattern(words)
    if filters.get("q") or filters.get("words"):
        where.append("writers <> :codes")  # nobody finds a code by looking for it
        values["codes"] = json.dumps([CODES.key])
    return where, values


def pattern(words: str) -> str:
    """For `like … escape '\\'`: what holds these words as they stand."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def counts(db: Database, since: float) -> dict[str, int]:
    """How many messages each group holds."""
    found = {
        name: int(
            db.execute(f"select count(*) from message where {group.where}", {"since": since}).fetchone()[0]  # noqa: S608
        )
        for name, group in GROUPS.items()
        if name not in _EVERYTHING
    }
    return found | {name: sum(found[member] for member in members) for name, members in COMPOUND.items()}


def queue_length(db: Database, modem: str) -> int:
    """Queued messages that this modem may take."""
    return int(
        db.execute(
            "select count(*) from message where state = 'queued' and (modem is null or modem = ?)", (modem,)
        ).fetchone()[0]
    )


def sent_since(db: Database, sim: str, since: float) -> int:
    """Parts that left by a SIM."""
    return int(db.execute("select count(*) from part where sim = ? and left_at >= ?", (sim, since)).fetchone()[0])


def newest_of(db: Database, author: str, left_after: float) -> int | None:
    """What `undo` means: this author's newest message that burns, waits or has just left."""
    row = db.execute(
        "select id from message where author = :author and staged_at is not null and ("
        " state in ('held', 'staged', 'queued', 'submitting')"
        " or state not in ('cancelled', 'failed', 'expired')"
        " and exists (select 1 from part where message_id = message.id and left_at >= :left_after))"
        " order by staged_at desc, id desc limit 1",
        {"author": author, "left_after": left_after},
    ).fetchone()
    return int(row[0]) if row else None
