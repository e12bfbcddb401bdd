"""Approval by SMS: a one-time code goes to the registered number of whoever may approve, and its answer counts."""

import asyncio
import logging
import re
import sqlite3
import unicodedata
from collections.abc import Awaitable, Callable

from sqlite_utils import Database

from drivers.words import N_, Sentence
from modemd.checks.text import cut
from modemd.config import Config
from modemd.config_people import SmsConfig
from modemd.i18n import say
from modemd.model import digest
from modemd.model.actor import CODES, Actor
from modemd.model.errors import Problem
from modemd.model.message import Message
from modemd.people import People
from modemd.staging.desk import Desk
from modemd.store import approval_codes, approvals, deeds, events, messages, outbox
from modemd.store.approval_codes import Request
from modemd.store.database import Store
from modemd.store.outbox import New

logger = logging.getLogger(__name__)

_STORE_PAUSE = 1.0
_LONGEST_WAIT = 30.0
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")

_ASK = N_("Approve message {id} to {number}? Answer with {code} within {minutes} min. It says: {text}")
_ASK_BATCH = N_("Approve {count} messages (batch {id})? Answer with {code} within {minutes} min. They say: {text}")


class SmsApproval:
    """One task. What it has asked and read is in the store, so that a restart asks and reads nothing twice."""

    def __init__(self, config: Config, sms: SmsConfig, store: Store, desk: Desk, woken: Callable[[], None]) -> None:
        self._config, self._sms, self._store, self._desk, self._woken = config, sms, store, desk, woken
        self._people: People = desk.people

    async def run(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled; `changed` waits for a commit."""
        while True:
            rung = asyncio.ensure_future(changed())  # before looking, so that nothing is missed
            try:
                await self.look()
                await asyncio.wait([rung], timeout=_LONGEST_WAIT)
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
                await asyncio.sleep(_STORE_PAUSE)
            finally:
                rung.cancel()

    async def look(self) -> None:
        """Ask about what waits newly, and read what was answered."""
        now = self._store.clock.now()
        asked = await self._store.run(self._ask, now)
        answered = await self._store.run(self._read, now)
        if asked or answered:
            self._woken()

    # -- asking --------------------------------------------------------------------------------------

    def _ask(self, db: Database, at: float) -> bool:
        news = approval_codes.new_holds(db)
        if not news:
            return False
        for batch in {batch for _, _, batch in news if batch is not None}:
            self._ask_for_batch(db, batch, at)
        for message_id in {message_id for _, message_id, batch in news if batch is None}:
            self._ask_for_message(db, messages.find(db, message_id), at)
        approval_codes.read_to(db, "approvals", news[-1][0])
        return True

    def _ask_for_message(self, db: Database, message: Message, at: float) -> None:
        asked = Request(message.id, None, digest.whole(message))
        values = {"id": message.id, "number": message.recipient, "text": message.text}
        self._ask_each(db, [message], asked, Sentence(_ASK, {**values}), at)

    def _ask_for_batch(self, db: Database, batch: int, at: float) -> None:
        """One code for the batch; where its texts differ, it takes a screen to see what is approved."""
        waiting = approvals.batch_waiting(db, batch)
        if len({message.text for message in waiting}) != 1:
            return
        asked = Request(None, batch, digest.of_all(digest.whole(message) for message in waiting))
        values = {"id": batch, "count": len(waiting), "text": waiting[0].text}
        self._ask_each(db, waiting, asked, Sentence(_ASK_BATCH, {**values}), at)

    def _ask_each(self, db: Database, found: list[Message], asked: Request, words: Sentence, at: float) -> None:
        for login, number in self._sms.numbers.items():
            who = self._who(login, number)
            if who is None or not any(approvals.may_decide(db, message, who) for message in found):
                continue
            code = approval_codes.make(db, asked, login, number, at, self._sms.expires)
            more = {"code": code, "minutes": max(1, round(self._sms.expires / 60))}
            self._send(db, number, Sentence(words.template, {**words.values, **more}), at)

    def _send(self, db: Database, number: str, words: Sentence, at: float) -> None:
        """Through the outbox as any other message; a text too long to be shown whole is not asked about."""
        text = say(words, self._sms.language)
        made = cut(text)
        if len(made.parts) > self._config.max_parts:
            return
        new = New(
            recipient=number,
            text=text,
            encoding=made.encoding,
            parts=len(made.parts),
            author=CODES.name,
            validity=self._sms.expires,
            fuse=0.0,
            release_at=at,
            writer=CODES.key,
        )
        outbox.add(db, [new], at)

    def _who(self, login: str, number: str) -> Actor | None:
        return self._people.by_login(login, f"sms …{number[-4:]}")

    # -- answers -------------------------------------------------------------------------------------

    def _read(self, db: Database, at: float) -> bool:
        found = approval_codes.replies(db)
        for id, sender, text in found:
            self._answered(db, self._desk.dialled(sender) or sender, text, at)
            approval_codes.read_to(db, "replies", id)
        return bool(found)

    def _answered(self, db: Database, number: str, text: str, at: float) -> None:
        """Six digits from a registered number that was asked are a code, right or wrong."""
        login = next((login for login, each in self._sms.numbers.items() if each == number), None)
        codes = _CODE.findall(unicodedata.normalize("NFKC", text))
        if login is None or len(codes) != 1 or not approval_codes.is_asked(db, number, at):
            return
        if approval_codes.is_locked(db, number, at):
            events.record(db, at, "code", who=login, code="locked")
            return
        code = approval_codes.take(db, number, codes[0], at)
        who = self._who(login, number)
        if code is None or who is None or code.who != login:
            events.record(db, at, "code", who=login, code="wrong")
            return
        self._approve(db, code, who, at)

    def _approve(self, db: Database, code: approval_codes.Code, who: Actor, at: float) -> None:
        at_least = self._config.after_hold
        db.execute("savepoint code")
        try:
            if code.message_id is not None:
                found = [approvals.approve(db, code.message_id, who, code.digest, at, at_least)]
            else:
                found = approvals.approve_batch(db, code.batch_id or 0, who, code.digest, at, at_least)
            deeds.decided(db, at, who, "approved", found, code.digest)
        except Problem as problem:
            db.execute("rollback to code")
            events.record(db, at, "code", message_id=code.message_id, who=who.name, code=problem.code)
        db.execute("release code")
