"""The one door (P7): whatever is to leave is staged, edited, held back or cancelled here."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

from sqlite_utils import Database

from drivers.errors import PduError
from drivers.pdu import Encoding
from drivers.words import N_, Sentence
from modemd.checks.risk import ReadBack
from modemd.checks.table import examine, examine_list
from modemd.checks.text import cut
from modemd.config import Config
from modemd.model.actor import Actor
from modemd.model.candidate import Candidate, Category
from modemd.model.durations import parse_duration
from modemd.model.errors import Blocked, Conflict, Invalid
from modemd.model.finding import Finding
from modemd.model.message import Message
from modemd.model.recipient import read_recipient
from modemd.model.states import MessageState
from modemd.people import People
from modemd.staging.approvals import Approvals
from modemd.staging.examiner import Examiner, Look
from modemd.staging.fuses import Release
from modemd.staging.holdback import Holdback
from modemd.staging.links import Links
from modemd.store import audit, cooling, deeds, holding, idempotency, line, messages, opt_outs, outbox, reports
from modemd.store.database import Store
from modemd.store.line import Line
from modemd.store.outbox import New, Outcome

UNDO_WINDOW = 60.0  # seconds for which `undo` still speaks of a message that has left
_MOST_RECIPIENTS = 10_000
_BREATH = 25  # messages between two looks at what else there is to do


@dataclass(frozen=True)
class Wish:
    """What somebody asks to be sent. None: as configured."""

    to: str
    text: str
    fuse: str | None = None
    send_at: str | None = None
    validity: str | None = None
    modem: str | None = None
    draft: bool = False
    category: Category = "service"
    confirm: tuple[str, ...] = ()  # codes of findings that whoever asks stands by
    cool: str | None = None  # how long a draft is not to be staged
    by_hand: bool = False  # a person wrote it and picked the recipient
    reason: str = ""  # why an emergency cannot wait


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key, and the request that it stands for."""

    key: str
    request: str


class Desk:
    """`woken` is called after every commit that gives the fuses or the queue something to look at."""

    def __init__(
        self,
        config: Config,
        store: Store,
        woken: Callable[[], None],
        checks: Callable[[Candidate], list[Finding]] = examine,
    ) -> None:
        self._config, self._store, self._woken = config, store, woken
        self._here = config.here
        self.examiner = Examiner(config, checks)
        self.links = Links(config.checks.links)
        self.people = People(config.people)
        self._holdback = Holdback(config, self.people)
        self.approvals = Approvals(store, config.after_hold, woken)

    # -- what a message would be ---------------------------------------------------------------------

    def candidate(self, wish: Wish) -> Candidate:
        """The wish as the checks see it, without what the store knows. Raises Invalid."""
        if wish.fuse is not None:
            parse_duration(wish.fuse)
        return self.examiner.told(
            Candidate(
                to=wish.to,
                text=wish.text,
                now=datetime.fromtimestamp(self._store.clock.now(), UTC),
                send_at=_moment(wish.send_at) if wish.send_at is not None else None,
                category=wish.category,
                by_hand=wish.by_hand,
                reason=wish.reason,
            )
        )

    async def look(self, wish: Wish, author: str) -> Look:
        """What staging would say. Raises Invalid where a time or duration cannot be read."""
        candidate = self.candidate(wish)
        await self.links.ask([candidate.text])
        return await self._store.run(self._look, candidate, author)

    async def look_again(self, message: Message) -> Look:
        """What speaks against a message as it waits, and at release."""
        candidate = self._candidate_of(message)
        await self.links.ask([candidate.text])
        return await self._store.run(self._look, candidate, message.author, message.id, message.recipients)

    def _candidate_of(self, message: Message) -> Candidate:
        """Once its time has come, that is not asked any more."""
        wish = _wish_of(message)
        candidate = self.candidate(replace(wish, fuse=None, send_at=None))
        send_at = _as_moment(message.send_at)
        if send_at is not None and send_at > candidate.now:
            return replace(candidate, send_at=send_at)
        return replace(candidate, meant_for=send_at or _as_moment(message.staged_at))

    def _look(
        self, db: Database, candidate: Candidate, author: str, message_id: int | None = None, recipients: int = 1
    ) -> Look:
        informed = self.examiner.informed(db, candidate, author, message_id)
        return self.examiner.look(informed, recipients, self.links.findings(informed))

    async def looks(self, wishes: Sequence[Wish], author: str) -> list[Look]:
        """Of a list; one that is long holds up nobody's cancel."""
        candidates: list[Candidate] = []
        for start in range(0, len(wishes), _BREATH):
            these = [self.candidate(wish) for wish in wishes[start : start + _BREATH]]
            candidates += await self._store.run(self._informed, these, author)
        await self.links.ask([candidate.text for candidate in candidates])
        of_list: dict[int, list[Finding]] = {}
        for finding in examine_list(candidates) if len(candidates) > 1 else ():
            of_list.setdefault(finding.row or 0, []).append(finding)
        looks = []
        for row, candidate in enumerate(candidates):
            more = [*of_list.get(row, ()), *self.links.findings(candidate)]
            looks.append(self.examiner.look(candidate, len(candidates), more))
            if row % _BREATH == 0:
                await asyncio.sleep(0)
        return looks

    def _informed(self, db: Database, candidates: Sequence[Candidate], author: str) -> list[Candidate]:
        return [self.examiner.informed(db, candidate, author) for candidate in candidates]

    async def prepare(self, due: Sequence[Message]) -> None:
        """Before release: what only others know."""
        await self.links.ask([message.text for message in due])

    async def reasons(self, message: Message) -> Release:
        """At release: all that must have been cleared for the message as it is, and by when it has to leave."""
        look = await self.look_again(message)
        holds = self._holdback.of(
            look.findings,
            _writers(message),
            recipients=message.recipients,
            category=message.category,
            release_at=self._store.clock.now(),
        )
        return Release(holds, self.examiner.leave_by(look.candidate))

    def read_back(self, look: Look, message: Message) -> ReadBack | None:
        """How a person confirms what holds this message."""
        codes = {hold.code for hold in message.holds if hold.needs == "confirm"}
        return self.examiner.read_back(look, codes)

    def dialled(self, to: str) -> str | None:
        """The recipient as it would be dialled, None where it cannot be read."""
        reading = read_recipient(to, self._here.region, self._here.short_numbers)
        return None if isinstance(reading, Sentence) else reading

    def _new(
        self, wish: Wish, look: Look | None, author: str, writers: Sequence[str], now: float, recipients: int
    ) -> New:
        """`look` None: a draft. `writers`: the keys of all who have had a hand in it, whoever asks last."""
        if wish.modem is not None and wish.modem not in (known := [m.name for m in self._config.modems]):
            raise Invalid(
                N_('There is no modem "{modem}"; there is: {known}.'),
                modem=wish.modem,
                known=", ".join(known) or "-",
            )
        if wish.fuse is not None and wish.send_at is not None:
            raise Invalid(N_("Give a fuse or a time to send at, not both."))
        validity = parse_duration(wish.validity) if wish.validity is not None else self._config.validity
        if validity <= 0:
            raise Invalid(N_('With a validity of 0 it would expire at once: give one such as "1h".'))
        if look is None:
            return replace(self._draft(wish, author, validity), writer=writers[-1], recipients=recipients)
        if any(finding.severity == "block" for finding in look.findings):
            raise Blocked(look.findings)
        made = cut(wish.text)
        send_at = _moment(wish.send_at).timestamp() if wish.send_at is not None else None
        fuse = self.examiner.fuse(look.risk, parse_duration(wish.fuse) if wish.fuse is not None else None)
        release_at = max(send_at, self.examiner.not_before(look.risk, now)) if send_at is not None else now + fuse
        holds = self._holdback.of(
            look.findings,
            writers,
            recipients=recipients,
            category=wish.category,
            release_at=release_at,
            confirmed=wish.confirm,
        )
        return New(
            recipient=look.candidate.number or "",
            text=wish.text,
            encoding=made.encoding,
            parts=len(made.parts),
            author=author,
            validity=validity,
            fuse=None if send_at is not None else fuse,
            send_at=send_at,
            release_at=release_at,
            modem=wish.modem,
            category=wish.category,
            writer=writers[-1],
            holds=tuple(holds),
            recipients=recipients,
            by_hand=wish.by_hand,
            reason=wish.reason,
            leave_by=self.examiner.leave_by(look.candidate),
        )

    def _draft(self, wish: Wish, author: str, validity: float) -> New:
        try:
            encoding = cut(wish.text).encoding
        except PduError:
            encoding = Encoding.UCS2
        fuse = parse_duration(wish.fuse) if wish.fuse is not None else None
        send_at = _moment(wish.send_at).timestamp() if wish.send_at is not None else None
        text = wish.text.encode("utf-8", "replace").decode()
        new = New(wish.to, text, encoding, 0, author, validity, fuse, send_at, None, wish.modem, wish.category)
        return replace(new, by_hand=wish.by_hand, reason=wish.reason)

    # -- what is done with it ------------------------------------------------------------------------

    async def stage(
        self,
        wishes: Sequence[Wish],
        author: Actor,
        render: Callable[[list[Message]], str],
        *,
        batch: bool = False,
        key: Key | None = None,
        told: Callable[[Look | None], object] = lambda look: None,
    ) -> str:
        """Stage all or none; returns what `render` makes of them, for the same key the same again.

        Before `render`, `told` is called with what was seen of each wish, in their order; None for a draft.
        Raises Blocked, Invalid or KeyReused.
        """
        if not 1 <= len(wishes) <= _MOST_RECIPIENTS:
            raise Invalid(N_("A list holds 1 to {most} recipients."), most=_MOST_RECIPIENTS)
        looks: Sequence[Look | None] = [None] * len(wishes)
        one = None
        if not wishes[0].draft:
            if len(wishes) == 1:
                one = self.candidate(wishes[0])
                await self.links.ask([one.text])
            else:
                looks = await self.looks(wishes, author.name)
        now = self._store.clock.now()
        news = await self._news(wishes, looks, author, now, told) if one is None else []

        def put(db: Database) -> str:
            if one is not None and not news:  # a message alone is looked at where it is written: one way, not two
                look = self._look(db, one, author.name)
                news.append(self._new(wishes[0], look, author.name, [author.key], now, 1))
                told(look)
            if key and (answer := idempotency.find(db, key.key, author.name, key.request)):
                return answer
            opt_outs.refuse(db, [(new.recipient, new.category) for new in news if new.release_at is not None])
            found = outbox.put(db, news, now, batch=batch)
            if wishes[0].cool is not None:
                _cool(db, [each.id for each in found], wishes[0].cool, now)
                found = messages.find_many(db, [each.id for each in found])
            deeds.staged(db, now, author, found)
            answer = render(found)
            if key:
                idempotency.keep(db, key.key, author.name, key.request, answer, now)
            return answer

        answer = await self._store.run(put)
        self._woken()
        return answer

    async def _news(
        self,
        wishes: Sequence[Wish],
        looks: Sequence[Look | None],
        author: Actor,
        now: float,
        told: Callable[[Look | None], object],
    ) -> list[New]:
        """Of a list; one that is long holds up nobody's cancel."""
        news = []
        for number, (wish, look) in enumerate(zip(wishes, looks, strict=True), 1):
            news.append(self._new(wish, look, author.name, [author.key], now, len(wishes)))
            told(look)
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return news

    async def replay(self, key: Key, author: Actor) -> str | None:
        """The answer that a key got before, whatever the checks would say today. Raises KeyReused."""
        return await self._store.run(idempotency.find, key.key, author.name, key.request)

    async def edit(self, message_id: int, changes: dict[str, object], who: Actor) -> Message:
        """Change what is given, relight the fuse. Raises NotFound, TooLate, Conflict, Blocked, Invalid.

        `confirm` alone is no change: findings are confirmed, and what was approved stays so.
        """
        now = self._store.clock.now()
        if "extend" in changes and len(changes) > 1:
            raise Invalid(N_("Give extend alone: every other change lights the fuse anew."))
        if self.links.are_asked:
            old = await self._store.run(messages.find, message_id)
            await self.links.ask([str(changes.get("text", old.text))])

        def change(db: Database) -> Message:
            if changes.keys() == {"confirm"}:
                codes = cast(Sequence[str], changes["confirm"])
                found = holding.confirm(db, message_id, codes, now, who.name, self._config.after_hold)
                deeds.confirmed(db, now, who, f"message {message_id}", found)
                return messages.find(db, message_id)
            old = outbox.editable(db, message_id)
            if "extend" in changes:
                outbox.extend(db, message_id, parse_duration(str(changes["extend"])), now, who.name)
            else:
                writers, wish = [*_writers(old), who.key], _changed(old, changes)
                look = None
                if not wish.draft:
                    look = self._look(db, self.candidate(wish), old.author, message_id, old.recipients)
                new = self._new(wish, look, old.author, writers, now, old.recipients)
                opt_outs.refuse(db, [(new.recipient, new.category)] if new.release_at is not None else [])
                outbox.edit(db, message_id, new, now, who.name)
            _cool(db, [message_id], cast(str | None, changes.get("cool")), now)
            message = messages.find(db, message_id)
            deeds.edited(db, now, who, old, message, changes)
            return message

        message = await self._store.run(change)
        self._woken()
        return message

    async def confirm_batch(self, batch_id: int, codes: Sequence[str], who: Actor) -> list[Message]:
        """Of a batch what waits for these codes, in one transaction. Raises NotFound, Conflict."""
        now = self._store.clock.now()

        def confirm_all(db: Database) -> list[Message]:
            found = messages.find_many(db, outbox.batch_of(db, batch_id))
            waiting = [each for each in found if any(h.needs == "confirm" and h.code in codes for h in each.holds)]
            if not waiting:
                raise Conflict(N_("Batch {id} waits for no such confirmation."), id=batch_id)
            for each in waiting:
                holding.confirm(db, each.id, codes, now, who.name, self._config.after_hold)
            deeds.confirmed(db, now, who, f"batch {batch_id}", sorted(set(codes)))
            return messages.find_many(db, [each.id for each in waiting])

        confirmed = await self._store.run(confirm_all)
        self._woken()
        return confirmed

    async def cancel(self, message_id: int, who: Actor) -> Outcome:
        """P1's one true answer. Raises NotFound."""
        now = self._store.clock.now()

        def stop(db: Database) -> Outcome:
            outcome = outbox.cancel(db, message_id, now, who.name)
            deeds.cancelled(db, now, who, [outcome])
            return outcome

        outcome = await self._store.run(stop)
        self._woken()
        return outcome

    async def cancel_batch(self, batch_id: int, who: Actor) -> list[Outcome]:
        """Every message of a batch, in one transaction. Raises NotFound."""
        now = self._store.clock.now()

        def cancel_all(db: Database) -> list[Outcome]:
            outcomes = [outbox.cancel(db, id, now, who.name) for id in outbox.batch_of(db, batch_id)]
            deeds.cancelled(db, now, who, outcomes)
            return outcomes

        outcomes = await self._store.run(cancel_all)
        self._woken()
        return outcomes

    async def undo(self, who: Actor) -> Outcome | None:
        """Cancel this person's newest message, with the rest of its batch; None: nothing to undo.

        One that has just left is answered with the truth about it: undo never reaches past it for an
        older one that nobody meant.
        """
        now = self._store.clock.now()

        def newest(db: Database) -> Outcome | None:
            message_id = messages.newest_of(db, who.name, now - UNDO_WINDOW)
            if message_id is None:
                return None
            batch = messages.find(db, message_id).batch_id
            others = outbox.batch_of(db, batch) if batch is not None else [message_id]
            outcomes = {other: outbox.cancel(db, other, now, who.name) for other in others}
            deeds.cancelled(db, now, who, list(outcomes.values()))
            return outcomes[message_id]

        outcome = await self._store.run(newest)
        self._woken()
        return outcome

    async def settle(self, message_id: int, settle_as: str, who: Actor) -> Message:
        """A person knows, or decides, what became of an uncertain message. Raises NotFound, Conflict."""
        now = self._store.clock.now()

        def settle(db: Database) -> Message:
            reports.settle_by_hand(db, message_id, settle_as, now, who.name)
            audit.record(db, now, who, "settled", f"message {message_id}", {"as": settle_as})
            return messages.find(db, message_id)

        message = await self._store.run(settle)
        self._woken()
        return message

    async def switch_line(self, stopped: bool, who: Actor) -> Line:
        """Stop the line, or let it run again; doing it twice is one deed."""
        now = self._store.clock.now()

        def switch(db: Database) -> Line:
            if line.is_stopped(db) != stopped:
                audit.record(db, now, who, "stopped" if stopped else "resumed", "line")
            return line.switch(db, stopped, who.name, now)

        now_running = await self._store.run(switch)
        self._woken()
        return now_running


def _cool(db: Database, ids: list[int], cool: str | None, at: float) -> None:
    """Raises Invalid, Conflict."""
    for draft in messages.find_many(db, ids) if cool is not None else ():
        if draft.state is not MessageState.DRAFT:
            raise Invalid(N_("Only a draft cools: say draft as well."))
        cooling.start(db, draft, parse_duration(cool or ""), at)


def _writers(message: Message) -> Sequence[str]:
    """What an older version wrote knows its author by name alone."""
    return message.writers or (message.author,)


def _changed(message: Message, changes: dict[str, object]) -> Wish:
    """A new fuse takes the place of a time to send at, and the other way round."""
    wish = replace(_wish_of(message), **changes)  # type: ignore[arg-type]
    wish = replace(wish, confirm=tuple(wish.confirm))
    if "fuse" in changes and "send_at" not in changes:
        return replace(wish, send_at=None)
    if "send_at" in changes and "fuse" not in changes:
        return replace(wish, fuse=None)
    return wish


def _wish_of(message: Message) -> Wish:
    """The wish that this message came from, to be changed and asked again."""
    send_at = message.send_at
    return Wish(
        to=message.recipient,
        text=message.text,
        fuse=f"{message.fuse:.3f}s" if message.fuse is not None and send_at is None else None,
        send_at=datetime.fromtimestamp(send_at, UTC).isoformat() if send_at is not None else None,
        validity=f"{message.validity:.3f}s",
        modem=message.modem,
        category=cast(Category, message.category),
        by_hand=message.by_hand,
        reason=message.reason,
        draft=message.state is MessageState.DRAFT,
    )


def _as_moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _moment(text: str) -> datetime:
    """An RFC 3339 time with its offset. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(N_('"{text}" is no time: write it as 2026-11-24T09:00:00+09:00.'), text=text[:40])
