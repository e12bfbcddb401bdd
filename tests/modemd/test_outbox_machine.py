"""Random days of an outbox, held against a model of a few lines.

P1: what was answered `cancelled` is never marked again. P2: no part is marked twice without a refusal or a
person's word. P4: every message is final, waits for a time, or is in front of a person. P6: nothing is marked
for which a reason to hold it is open.
"""

import sqlite3
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlite_utils import Database

from modemd.model.errors import Conflict, TooLate
from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.model.states import LEFT, MESSAGE_TRANSITIONS, PART_TRANSITIONS, MessageState, PartState, message_state
from modemd.store import events, holding, holds, line, messages, outbox, reports, transmit
from modemd.store.migrations import migrations
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, M, P, new

MODEMS = {"north": "sim-1", "south": "sim-2"}
PAST_FUSE = {M.QUEUED, M.SUBMITTING, M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.FAILED, M.UNCERTAIN}


@dataclass
class Known:
    """What the model knows of a message: all that a person was told, and all that a modem did."""

    marks: dict[int, int] = field(default_factory=dict)
    allowed: dict[int, int] = field(default_factory=dict)  # marks that were allowed, by part
    told_cancelled: bool = False


@dataclass
class Job:
    """A worker with a message; `sequence` is in the air."""

    message: Message
    sequence: int | None = None


class Outbox(RuleBasedStateMachine):
    ids = Bundle("ids")

    @initialize()
    def start(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.db = Database(self.connection, recursive_triggers=False)
        migrations.apply(self.db)
        self.at = NOW
        self.known: dict[int, Known] = {}
        self.jobs: dict[str, Job] = {}
        self.tp_mr = 0
        self.pdus = 0

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()

    # -- people --------------------------------------------------------------------------------------

    @rule(
        target=ids,
        parts=st.integers(1, 3),
        fuse=st.sampled_from([None, 0.0, 5.0]),
        to=st.sampled_from([ALICE, BOB]),
        modem=st.sampled_from([None, "north", "south"]),
        author=st.sampled_from(["ann", "bob"]),
    )
    def stage(self, parts: int, fuse: float | None, to: str, modem: str | None, author: str) -> int:
        made = new(to, at=self.at, fuse=fuse, parts=parts, modem=modem, author=author, validity=200.0)
        (id,) = outbox.add(self.db, [made], self.at)
        self.known[id] = Known()
        return id

    @rule(id=ids, parts=st.integers(1, 3), fuse=st.sampled_from([None, 0.0, 5.0]))
    def edit(self, id: int, parts: int, fuse: float | None) -> None:
        try:
            outbox.edit(self.db, id, new(at=self.at, fuse=fuse, parts=parts, validity=200.0), self.at, "ann")
        except (TooLate, Conflict):
            assert self.find(id).state not in outbox.EDITABLE or self.has_left(id)

    @rule(id=ids)
    def extend(self, id: int) -> None:
        try:
            outbox.extend(self.db, id, 60, self.at, "ann")
        except (TooLate, Conflict):
            assert self.find(id).state is not M.STAGED or self.has_left(id)

    @rule(id=ids)
    def cancel(self, id: int) -> None:
        before = self.find(id)
        answer = outbox.cancel(self.db, id, self.at, "ann")
        left = [part for part in before.parts if part.state in LEFT]
        expected = "cancelled" if not left else "too_late" if len(left) == len(before.parts) else "partly"
        assert (answer.outcome, answer.left, answer.total) == (expected, len(left), len(before.parts))
        assert not any(part.state is P.QUEUED for part in answer.message.parts)
        if answer.outcome == "cancelled":
            self.known[id].told_cancelled = True

    @rule(id=ids, code=st.sampled_from(["opted_out", "quiet_hours"]))
    def hold(self, id: int, code: str) -> None:
        holding.place(self.db, id, [NewHold(code)], self.at)

    @rule(id=ids, code=st.sampled_from(["opted_out", "quiet_hours", "text_empty", "internal"]))
    def lift(self, id: int, code: str) -> None:
        found = [hold for hold in self.find(id).holds if hold.code == code]
        holding.lift(self.db, id, found, self.at, "ann", 5.0)
        after = self.find(id)
        assert after.state is not M.STAGED or not found or (after.release_at or 0) >= self.at + 5

    @rule(who=st.sampled_from(["ann", "bob"]))
    def undo(self, who: str) -> None:
        id = messages.newest_of(self.db, who, self.at - 60)
        if id is not None:
            assert self.find(id).author == who
            self.cancel(id)

    @rule(id=ids, said=st.sampled_from(["sent", "not_sent", "resend"]))
    def settle(self, id: int, said: str) -> None:
        before = self.find(id)
        try:
            reports.settle_by_hand(self.db, id, said, self.at, "ann")
        except Conflict:
            assert before.state is not M.UNCERTAIN
            return
        if said == "resend":
            for part in before.parts:
                if part.state is P.UNCERTAIN:
                    self.allow(id, part.sequence)

    @rule(stopped=st.booleans())
    def stop_or_resume(self, stopped: bool) -> None:
        line.switch(self.db, stopped, "ann", self.at)

    # -- time ----------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1.0, 5.0, 60.0, 300.0]), objects=st.booleans())
    def wait(self, seconds: float, objects: bool) -> None:
        self.at += seconds
        for message in outbox.due(self.db, self.at):
            if objects:
                assert outbox.let_go(self.db, message.id, self.at, [NewHold("text_empty")])
            else:
                assert outbox.let_go(self.db, message.id, self.at, [])
        for id in outbox.overdue(self.db, self.at):
            outbox.expire(self.db, id, M.QUEUED, self.at)

    # -- modems --------------------------------------------------------------------------------------

    @rule()
    def claim(self) -> None:
        free = [name for name in MODEMS if name not in self.jobs]
        found = transmit.claimable(self.db, free, {job.message.id for job in self.jobs.values()}, self.at)
        assert not (found and line.is_stopped(self.db))
        for message in found:
            modem = message.modem or next(name for name in free if name not in self.jobs)
            assert modem not in self.jobs
            self.jobs[modem] = Job(message)

    @precondition(lambda self: any(job.sequence is None for job in self.jobs.values()))
    @rule(data=st.data())
    def at_the_prompt(self, data: st.DataObject) -> None:
        modem = data.draw(st.sampled_from(sorted(n for n, job in self.jobs.items() if job.sequence is None)))
        job = self.jobs[modem]
        waiting = [part.sequence for part in job.message.parts if part.state is P.QUEUED]
        id, now = job.message.id, self.find(job.message.id)
        sequence = next((n for n in waiting if now.parts and self.part(now, n) is P.QUEUED), waiting[0])
        verdict = transmit.mark(
            self.db, id, sequence, self.at, modem=modem, sim=MODEMS[modem], expected=(self.tp_mr + 1) % 256
        )
        if verdict is Mark.GO:
            assert not holds.is_open(self.db, id), "P6"
            self.count(id, sequence)
            job.sequence = sequence
            return
        if verdict is Mark.EXPIRED:
            outbox.expire(self.db, id, job.message.state, self.at)
        transmit.let_go(self.db, id, self.at)
        del self.jobs[modem]

    @precondition(lambda self: any(job.sequence is None for job in self.jobs.values()))
    @rule(data=st.data(), forever=st.booleans())
    def no_prompt(self, data: st.DataObject, forever: bool) -> None:
        modem = data.draw(st.sampled_from(sorted(n for n, job in self.jobs.items() if job.sequence is None)))
        job = self.jobs.pop(modem)
        sequence = next(part.sequence for part in job.message.parts if part.state is P.QUEUED)
        retry_at = None if forever else self.at + 30
        transmit.not_sent(self.db, job.message.id, sequence, self.at, "no_prompt", retry_at=retry_at)
        transmit.recover(self.db, self.at, "port_lost", modem)

    @precondition(lambda self: any(job.sequence for job in self.jobs.values()))
    @rule(data=st.data(), how=st.sampled_from(["taken", "refused", "never", "lost", "unplugged", "fault"]))
    def answer(self, data: st.DataObject, how: str) -> None:
        modem = data.draw(st.sampled_from(sorted(n for n, job in self.jobs.items() if job.sequence)))
        job = self.jobs[modem]
        id, sequence = job.message.id, job.sequence or 0
        job.sequence = None
        if how == "taken":
            self.tp_mr = (self.tp_mr + 1) % 256
            transmit.submitted(self.db, id, sequence, self.tp_mr, self.at)
            if any(part.state is P.QUEUED and part.sequence > sequence for part in job.message.parts):
                return
        elif how == "refused":
            transmit.refused(self.db, id, sequence, self.at, "cms_42", retry_at=self.at + 30)
            self.allow(id, sequence)
        elif how == "never":
            transmit.refused(self.db, id, sequence, self.at, "cms_1", retry_at=None)
        elif how == "lost":
            transmit.uncertain(self.db, id, sequence, self.at, "no_answer")
        elif how == "unplugged":
            assert transmit.recover(self.db, self.at, "port_lost", modem) == 1
        else:
            transmit.hold(self.db, id, modem, self.at)
        del self.jobs[modem]

    @rule(
        tp_mr=st.integers(1, 8),
        status=st.sampled_from([0x00, 0x01, 0x20, 0x43]),
        sim=st.sampled_from(sorted(MODEMS.values())),
        to=st.sampled_from([ALICE, BOB]),
    )
    def report(self, tp_mr: int, status: int, sim: str, to: str) -> None:
        self.pdus += 1
        reports.add(self.db, sim=sim, tp_mr=tp_mr, recipient=to, status=status, pdu=f"{self.pdus:06X}", at=self.at)

    @rule(sim=st.sampled_from(sorted(MODEMS.values())), tp_mr=st.integers(1, 8))
    def late_result(self, sim: str, tp_mr: int) -> None:
        reports.late_result(self.db, sim, tp_mr, self.at)

    @rule()
    def crash(self) -> None:
        self.jobs.clear()
        transmit.recover(self.db, self.at, "stopped")

    # -- the model -----------------------------------------------------------------------------------

    def find(self, id: int) -> Message:
        return messages.find(self.db, id)

    def part(self, message: Message, sequence: int) -> PartState | None:
        return message.parts[sequence - 1].state if sequence <= len(message.parts) else None

    def has_left(self, id: int) -> bool:
        return any(part.state in LEFT for part in self.find(id).parts)

    def allow(self, id: int, sequence: int) -> None:
        allowed = self.known[id].allowed
        allowed[sequence] = allowed.get(sequence, 1) + 1

    def count(self, id: int, sequence: int) -> None:
        known = self.known[id]
        assert not known.told_cancelled, "P1"
        known.marks[sequence] = known.marks.get(sequence, 0) + 1
        assert known.marks[sequence] <= known.allowed.get(sequence, 1), "P2"

    @invariant()
    def messages_say_what_their_parts_say(self) -> None:
        held = {job.message.id for job in self.jobs.values()}
        for id in getattr(self, "known", {}):
            message = self.find(id)
            if message.state in PAST_FUSE and id not in held:
                assert message.state is message_state(part.state for part in message.parts)
            if message.state in (M.CANCELLED, M.EXPIRED):
                assert not any(part.state in (P.QUEUED, P.SUBMITTING) for part in message.parts)
            if any(part.state is P.SUBMITTING for part in message.parts):
                assert message.state is M.SUBMITTING
                assert id in held

    @invariant()
    def nothing_hangs_in_between(self) -> None:
        """P4."""
        for id in getattr(self, "known", {}):
            message = self.find(id)
            waits = message.state in (M.STAGED, M.QUEUED)
            person = message.state in (M.HELD, M.UNCERTAIN, M.DRAFT)
            driven = message.state is M.SUBMITTING and any(job.message.id == id for job in self.jobs.values())
            assert message.ended_at is not None or waits or person or driven
            if waits:
                assert message.release_at is not None
                assert message.valid_until is not None
                assert (outbox.next_moment(self.db) or 0) <= message.valid_until

    @invariant()
    def a_held_message_says_why(self) -> None:
        for id in getattr(self, "known", {}):
            message = self.find(id)
            if message.state is M.HELD:
                assert message.holds
                assert message.error == message.holds[0].code
            elif message.state in (M.STAGED, M.QUEUED):
                assert not holds.is_open(self.db, id)

    @invariant()
    def counts_agree_with_a_scan(self) -> None:
        if not hasattr(self, "known"):
            return
        counts = messages.counts(self.db, NOW)
        states = [self.find(id).state for id in self.known]
        assert counts["needs_you"] == sum(s in (M.HELD, M.UNCERTAIN) for s in states)
        assert counts["on_air"] == sum(s in (M.QUEUED, M.SUBMITTING) for s in states)
        assert counts["burning"] == states.count(M.STAGED)
        assert counts["drafts"] == states.count(M.DRAFT)
        assert counts["done_today"] == sum(self.find(id).ended_at is not None for id in self.known)

    @invariant()
    def history_is_made_of_arrows(self) -> None:
        if not hasattr(self, "known"):
            return
        for id in self.known:
            now: str | None = None
            for event in events.of_message(self.db, id):
                if event.kind == "state":
                    assert event.new is not None
                    if now is not None:
                        assert event.old == now
                        assert MessageState(event.new) in MESSAGE_TRANSITIONS[MessageState(now)]
                    now = event.new
                elif event.kind == "part":
                    assert PartState(event.new or "") in PART_TRANSITIONS[PartState(event.old or "")]
            assert now is None or now == self.find(id).state


Outbox.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestOutbox = Outbox.TestCase
