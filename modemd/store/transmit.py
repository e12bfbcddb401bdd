"""The outbox at the modem: claimed, marked, and what became of each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlite_utils import Database

from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.model.quota import UNLIMITED, Quota
from modemd.model.states import MessageState, PartState
from modemd.store import completion, events, holding, inbox, line, messages, opt_outs, outbox, quota, reports
from modemd.store.moves import move_message, move_part, settle

M, P = MessageState, PartState


class Mark(Enum):
    """The last word before the body."""

    GO = "the part is marked: the body may follow"
    CANCELLED = "somebody stopped it"
    CHANGED = "somebody has edited it since it was claimed"
    STOPPED = "the line is stopped"
    HELD = "it waits for a person"
    EXPIRED = "its validity is over"
    NO_ROOM = "the SIM has sent enough for now"
    OPTED_OUT = "the recipient has asked for no more messages"
    TOO_LATE_TODAY = "the hours in which it may leave are over"


@dataclass(frozen=True)
class Marked:
    """`owed`, `passed`: see the functions of these names, as it was before the mark."""

    mark: Mark
    owed: frozenset[int | None]
    passed: frozenset[int]


def hand_out(
    db: Database, free: list[str], claimed: set[int], at: float, resend: Sequence[str] = ()
) -> tuple[list[Message], float | None]:
    """What free modems may take now, and when there may be more. `resend`: see `reports.resend_by_policy`."""
    moments = [next_retry(db, at)]
    if resend:
        reports.resend_by_policy(db, resend, at)
        moments.append(reports.next_resend(db, resend))
    found = claimable(db, free, claimed, at)
    return found, min((moment for moment in moments if moment is not None), default=None)


def claimable(db: Database, free: list[str], claimed: set[int], at: float) -> list[Message]:
    """Queued messages that free modems may take now, oldest first: for each modem one, where there is one."""
    if line.is_stopped(db):
        return []
    found: list[int] = []
    for modem in free:
        taken = ", ".join(str(int(id)) for id in (*claimed, *found))
        oldest = [
            row[0]
            for wanted in (None, modem)  # one by one: each is a step in the index
            if (
                row := db.execute(
                    "select id from message where state = 'queued' and modem is ? and not_before <= ?"  # noqa: S608
                    f" and valid_until > ? and id not in ({taken}) order by id limit 1",
                    (wanted, at, at),
                ).fetchone()
            )
        ]
        if oldest:
            found.append(min(oldest))
    return messages.find_many(db, found) if found else []


def next_retry(db: Database, at: float) -> float | None:
    """When the next message that backs off may go again."""
    row = db.execute(
        "select min(not_before) from message where state = 'queued' and not_before > 0 and not_before > ?", (at,)
    ).fetchone()
    return None if row is None else row[0]


def last_word(
    db: Database,
    claimed: Message,
    sequence: int,
    at: float,
    *,
    modem: str,
    sim: str,
    expected: int | None,
    limits: Quota = UNLIMITED,
) -> Marked:
    """At the prompt: `mark`, and whose answers are still out."""
    waits = owed(db, sim, at)
    gone = passed(db, sim, at) if waits else frozenset()
    marked = mark(db, claimed.id, sequence, at, modem=modem, sim=sim, expected=expected, limits=limits, claimed=claimed)
    return Marked(marked, waits, gone)


def _said(message: Message, sequence: int) -> tuple[object, ...]:
    """What is at the prompt, and which try of it."""
    tries = [part.attempts for part in message.parts[sequence - 1 : sequence]]
    return message.recipient, message.text, message.encoding, len(message.parts), message.resends, tries


def mark(
    db: Database,
    message_id: int,
    sequence: int,
    at: float,
    *,
    modem: str,
    sim: str,
    expected: int | None,
    limits: Quota = UNLIMITED,
    claimed: Message | None = None,
) -> Mark:
    """The one durable compare-and-set at which a cancel wins or loses (P1, P2), and the last gate for what is held.

    After it the part counts as left, whatever happens, and against the SIM's quota (P8); before it nothing of
    it has reached the modem. `claimed`: what stands at the prompt, which must be what is on disk.
    """
    if line.is_stopped(db):
        return Mark.STOPPED
    message = messages.find(db, message_id)
    if claimed is not None and _said(message, sequence) != _said(claimed, sequence):
        return Mark.CHANGED
    part = message.parts[sequence - 1]
    if message.state not in (M.QUEUED, M.SUBMITTING) or part.state is not P.QUEUED:
        return Mark.CANCELLED
    if holding.stops(db, message, at):
        return Mark.HELD
    if message.valid_until is not None and message.valid_until <= at:
        return Mark.EXPIRED
    if code := opt_outs.bars(db, message):  # P6: meanwhile, or between two parts
        holding.place(db, message_id, [opt_outs.hold(message.recipient, code)], at)
        return Mark.OPTED_OUT
    if message.leave_by is not None and message.leave_by <= at and message.state is M.QUEUED and part.sequence == 1:
        holding.place(db, message_id, [NewHold("time_quiet", "time", until=at)], at)  # it is asked anew at once
        return Mark.TOO_LATE_TODAY
    if quota.wait(db, sim, limits, at):
        return Mark.NO_ROOM
    quota.spend(db, sim, at)
    move_part(
        db,
        message_id,
        sequence,
        P.QUEUED,
        P.SUBMITTING,
        at,
        modem=modem,
        sim=sim,
        tp_mr=expected,
        tp_mr_known=0,
        turn=events.last_id(db),
        left_at=at,
        attempts=part.attempts + 1,
    )
    if message.state is M.QUEUED:
        move_message(db, message_id, M.QUEUED, M.SUBMITTING, at)
    return Mark.GO


def submitted(db: Database, message_id: int, sequence: int, tp_mr: int, at: float) -> None:
    """The network took the part; after the last one, or when somebody stopped the rest, the message settles."""
    move_part(db, message_id, sequence, P.SUBMITTING, P.SUBMITTED, at, tp_mr=tp_mr, tp_mr_known=1, submitted_at=at)
    message = messages.find(db, message_id)
    inbox.answered(db, message.recipient, message.shown, at)
    completion.left(db, message_id)
    reports.match_waiting(db, str(message.parts[sequence - 1].sim), at)
    if not any(part.state is P.QUEUED for part in message.parts):
        let_go(db, message_id, at)


def refused(
    db: Database,
    message_id: int,
    sequence: int,
    at: float,
    code: str,
    *,
    retry_at: float | None,
    counts: bool = True,
) -> None:
    """The network or the modem said no after the body: try again at `retry_at`, or never (None).

    Nor when somebody wanted it back meanwhile: it was too late then, and is not now (P1). `counts`: against the
    tries that the message has.
    """
    sim, attempts = db.execute(
        "select sim, attempts from part where message_id = ? and sequence = ?", (message_id, sequence)
    ).fetchone()
    if retry_at is None or outbox.was_called_off(db, message_id):
        move_part(db, message_id, sequence, P.SUBMITTING, P.FAILED, at, code=code)
        _drop_rest(db, message_id, at)
    else:
        attempts -= not counts
        move_part(
            db,
            message_id,
            sequence,
            P.SUBMITTING,
            P.QUEUED,
            at,
            code=code,
            left_at=None,
            tp_mr=None,
            attempts=attempts,
        )
        db.execute("update message set not_before = ? where id = ?", (retry_at, message_id))
    let_go(db, message_id, at, code=code)
    reports.match_waiting(db, sim, at)


def not_sent(
    db: Database,
    message_id: int,
    sequence: int,
    at: float,
    code: str,
    *,
    retry_at: float | None,
    counts: bool = True,
) -> None:
    """It failed before the body: the part never left the queue. `counts` as with `refused`."""
    message = messages.find(db, message_id)
    part = message.parts[sequence - 1]
    if part.state is not P.QUEUED:
        return  # cancelled meanwhile
    db.execute(
        "update part set attempts = attempts + ?, error = ? where message_id = ? and sequence = ?",
        (int(counts), code, message_id, sequence),
    )
    events.record(db, at, "attempt", message_id=message_id, subject=str(sequence), code=code)
    if retry_at is None:
        move_part(db, message_id, sequence, P.QUEUED, P.FAILED, at, code=code)
        _drop_rest(db, message_id, at)
    else:
        db.execute("update message set not_before = ? where id = ?", (retry_at, message_id))
    let_go(db, message_id, at, code=code)


def uncertain(db: Database, message_id: int, sequence: int, at: float, code: str) -> None:
    """The body went out and no answer came."""
    move_part(db, message_id, sequence, P.SUBMITTING, P.UNCERTAIN, at, code=code)
    let_go(db, message_id, at, code=code)
    (sim,) = db.execute("select sim from part where message_id = ? and sequence = ?", (message_id, sequence)).fetchone()
    reports.match_waiting(db, sim, at)


def let_go(db: Database, message_id: int, at: float, *, code: str | None = None) -> None:
    """The worker is done with the message, for now or for good."""
    (state,) = db.execute("select state from message where id = ?", (message_id,)).fetchone()
    if state in (M.QUEUED, M.SUBMITTING):
        settle(db, message_id, at, code=code)


def put_off(db: Database, message_id: int, until: float, code: str, at: float) -> None:
    """Not now, for a reason that is the SIM's: another message may go first."""
    db.execute(
        "update message set not_before = ?, error = ? where id = ? and state = 'queued'", (until, code, message_id)
    )
    events.record(db, at, "attempt", message_id=message_id, code=code)


def free_route(db: Database, modem: str, at: float) -> int:
    """This modem's SIM has sent enough: any other may take what waits for it. Returns how many messages."""
    rows = db.execute("select id from message where state = 'queued' and modem = ?", (modem,)).fetchall()
    for (message_id,) in rows:
        db.execute("update message set modem = null where id = ?", (message_id,))
        events.record(db, at, "route", message_id=message_id, old=modem)
    return len(rows)


def _drop_rest(db: Database, message_id: int, at: float) -> None:
    """The rest of a message that is broken anyway helps nobody."""
    for part in messages.find(db, message_id).parts:
        if part.state is P.QUEUED:
            move_part(db, message_id, part.sequence, P.QUEUED, P.CANCELLED, at)


def hold(db: Database, message_id: int, modem: str, at: float) -> None:
    """We failed at it ourselves: a person looks at it, nothing is tried again."""
    recover(db, at, "internal", modem)
    (state,) = db.execute("select state from message where id = ?", (message_id,)).fetchone()
    if state in (M.QUEUED, M.SUBMITTING):
        holding.place(db, message_id, [NewHold("internal")], at)


def recover(db: Database, at: float, code: str, modem: str | None = None) -> int:
    """Nobody is at the modem (or at any) now: what was past the mark has an outcome that is lost (P2).

    Returns how many parts that were.
    """
    rows = db.execute(
        "select message_id, sequence from part where state = 'submitting' and (:modem is null or modem = :modem)",
        {"modem": modem},
    ).fetchall()
    for message_id, sequence in rows:
        uncertain(db, message_id, sequence, at, code)
    between = db.execute(  # two parts: nothing is lost, the rest goes on later
        "select id from message where state = 'submitting'"
        " and (:modem is null or exists (select 1 from part where message_id = id and part.modem = :modem))",
        {"modem": modem},
    ).fetchall()
    for (message_id,) in between:
        settle(db, message_id, at)
    return len(rows)


def owed(db: Database, sim: str, at: float) -> frozenset[int | None]:
    """The references of parts whose answer never came and may yet, None for one that is not known."""
    rows = db.execute(
        "select tp_mr from part where sim = ? and left_at >= ? and submitted_at is null"
        " and state in ('uncertain', 'submitted', 'delivered', 'undelivered')",
        (sim, at - reports.LATE),
    )
    return frozenset(row[0] for row in rows.fetchall())


def passed(db: Database, sim: str, at: float) -> frozenset[int]:
    """Of the references owed, those that are nobody's anew: a report has named them, or one was given since.

    The SIM counts up (TS 23.040 §9.2.3.6).
    """
    rows = db.execute(
        "select tp_mr from part where sim = :sim and left_at >= :since and submitted_at is null and tp_mr is not null"
        " and state in ('uncertain', 'submitted', 'delivered', 'undelivered') and (tp_mr_known or turn <"
        " (select turn from part where sim = :sim and turn is not null and submitted_at is not null"
        " order by turn desc, left_at desc limit 1))",
        {"sim": sim, "since": at - reports.LATE},
    )
    return frozenset(row[0] for row in rows.fetchall())


def last_tp_mr(db: Database, sim: str) -> int | None:
    """The last reference that a SIM gave; the next is one higher (TS 23.040 §9.2.3.6)."""
    row = db.execute(
        "select tp_mr from part where sim = ? and turn is not null and tp_mr is not null"
        " order by turn desc, left_at desc limit 1",
        (sim,),
    ).fetchone()
    return int(row[0]) if row else None
