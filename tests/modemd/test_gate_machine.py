"""P6, P7: whatever anybody asks of the API, in any role and any order, nothing that is held passes the mark.

Random days of an office: people and machines stage, edit, confirm, approve, reject, cool and cancel what they may and
what they may not; others' holds come and go; time passes; modems take what is queued. Beside it a model of a few
lines knows what each message would have to have been granted, for the text, the recipient and the time that it has.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlite_utils import Database

from drivers.words import Sentence
from modemd.api.app import build_app
from modemd.checks.table import examine
from modemd.config import Config
from modemd.config_people import PeopleConfig, TokenConfig
from modemd.model.actor import ROLES
from modemd.model.approval import Rule
from modemd.model.candidate import Candidate
from modemd.model.chain import verify
from modemd.model.finding import Finding
from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.store import audit, holding, holds, messages, outbox, transmit
from modemd.store.clock import Clock
from modemd.store.database import Store
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, SIM, M, P
from tests.modemd.site import REMOTE, Site

AFTER_HOLD, EXPIRES = 10.0, 3600.0
ADVERT = Rule("advert", need=2, expires=EXPIRES, category=("promotional",))
LISTS = Rule("lists", recipients=1, expires=EXPIRES)
MONEY = Rule("money", expires=EXPIRES, findings=("text_amount",))
TEXTS = ("Hello", "Pay money", "Pay more money", "A link", "never")
WORDS = {"text_amount": "money", "text_link_broken": "link"}  # what a check of this office finds, by its code
CODES = tuple(WORDS)
USERS = ("uid:0", "uid:1", "uid:2")
WHO = st.sampled_from((*USERS * 3, *(f"token:{role}" for role in ROLES)))
FEW = 3  # messages: much is to happen to each
CONFIG = Config(
    fuse=5.0,
    after_hold=AFTER_HOLD,
    people=PeopleConfig(
        tokens=tuple(TokenConfig(role, Path("/none"), frozenset({role})) for role in ROLES),
        approval=(ADVERT, LISTS, MONEY),
    ),
)


def checks(candidate: Candidate) -> list[Finding]:
    """What is there, and three that speak of words in the text."""
    found = [Finding(code, "confirm", "text", Sentence(code)) for code, word in WORDS.items() if word in candidate.text]
    blocked = [Finding("never", "block", "text", Sentence("never"))] if "never" in candidate.text else []
    return [*examine(candidate), *found, *blocked]


@dataclass
class Granted:
    """What the model knows of a message: what was said of it as it is now."""

    text: str
    to: str
    category: str
    recipients: int
    writers: set[str]
    confirmed: set[str] = field(default_factory=set)
    approved: dict[str, float] = field(default_factory=dict)  # by whom, when
    foreign: set[str] = field(default_factory=set)  # open holds that others placed
    not_before: float = 0.0  # the fuse that the last reason has lit


class Office(RuleBasedStateMachine):
    ids = Bundle("ids")

    @initialize()
    def start(self) -> None:
        self.now = NOW
        self.known: dict[int, Granted] = {}
        self.seen: list[str] = ["0" * 64]
        self.sent = 0  # after an approval
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.runner.run(self.open())

    async def open(self) -> None:
        clock = Clock(lambda: self.now, lambda: self.now)
        self.store = Store(Path(self.folder.name) / "modemd.db", clock)
        self.site = Site(self.store, CONFIG, checks)
        self.site.gateway.tokens = {role: role * 8 for role in ROLES}
        self.site.app = build_app(self.site.gateway)
        self.doors: dict[str, httpx.AsyncClient] = {f"uid:{n}": self.site.door((f"uid:{n}", 7)) for n in range(3)}
        for role in ROLES:
            self.doors[f"token:{role}"] = self.site.door(REMOTE, Authorization=f"Bearer {role * 8}")

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.close())
            self.runner.close()
            self.folder.cleanup()

    async def close(self) -> None:
        for door in self.doors.values():
            await door.aclose()
        await self.site.close()
        await self.store.close()

    def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.runner.run(self.doors[who].request(method, path, json=body))
        assert answer.status_code < 500, answer.text
        return answer.status_code, answer.json()

    def do(self, function: Any, *args: Any) -> Any:
        return self.runner.run(self.store.run(function, *args))

    def find(self, id: int) -> Message:
        found: Message = self.do(messages.find, id)
        return found

    # -- people --------------------------------------------------------------------------------------

    @rule(
        target=ids,
        who=WHO,
        text=st.sampled_from(TEXTS),
        to=st.sampled_from([ALICE, ALICE, [ALICE, BOB]]),
        category=st.sampled_from(["service", "service", "promotional"]),
        confirm=st.sampled_from([set(CODES), set(CODES), {CODES[1]}, set()]),
        fuse=st.sampled_from(["0s", "5s"]),
        draft=st.sampled_from([False, False, False, True]),
    )
    def stage(
        self, who: str, text: str, to: Any, category: str, confirm: set[str], fuse: str, draft: bool
    ) -> int | None:
        if len(self.known) >= FEW:
            return max(self.known)
        body = {"to": to, "text": text, "category": category, "confirm": sorted(confirm), "fuse": fuse, "draft": draft}
        status, answer = self.ask(who, "POST", "/v1/messages", body)
        if status != 201:
            return None
        found = answer.get("messages", [answer])
        for each in found:
            said = set() if draft else confirm
            self.known[each["id"]] = Granted(text, each["to"], category, len(found), {who}, set(said))
        return int(found[-1]["id"])

    @rule(
        id=ids,
        who=WHO,
        change=st.fixed_dictionaries(
            {},
            optional={
                "text": st.sampled_from(TEXTS),
                "to": st.sampled_from([ALICE, BOB]),
                "category": st.sampled_from(["service", "promotional"]),
                "fuse": st.sampled_from(["0s", "1m"]),
                "draft": st.sampled_from([False, False, True]),
                "cool": st.just("1m"),
                "confirm": st.sampled_from([CODES[:1], CODES[1:], CODES]),
            },
        ),
        hours=st.sampled_from([None, None, None, 1, 5]),
    )
    def edit(self, id: int | None, who: str, change: dict[str, Any], hours: int | None) -> None:
        if id is None:
            return
        if hours is not None:
            change = {**change, "send_at": datetime.fromtimestamp(self.now + 3600 * hours, UTC).isoformat()}
            change.pop("fuse", None)
        before = self.find(id)
        status, answer = self.ask(who, "PATCH", f"/v1/messages/{id}", change)
        granted = self.known[id]
        if status != 200:
            return
        if change.keys() == {"confirm"}:
            assert before.state is M.HELD
            granted.confirmed |= set(change["confirm"])
            self.lit(id)
            return
        granted.text, granted.to = answer["text"], answer["to"]
        granted.category = change.get("category", granted.category)
        granted.writers.add(who)
        granted.approved.clear()
        granted.foreign.clear()  # an edit asks everything anew
        granted.not_before = 0.0
        granted.confirmed = set() if answer["state"] == "draft" else set(change.get("confirm", ()))

    @rule(id=ids, who=WHO, extend=st.sampled_from(["5s", "2h"]))
    def extend(self, id: int | None, who: str, extend: str) -> None:
        if id is not None:
            status, answer = self.ask(who, "PATCH", f"/v1/messages/{id}", {"extend": extend})
            if status == 200 and answer["send_at"]:
                self.known[id].approved.clear()

    @rule(id=ids, who=WHO, codes=st.sampled_from([CODES[:1], CODES[1:], CODES]))
    def confirm(self, id: int | None, who: str, codes: list[str]) -> None:
        self.edit(id, who, {"confirm": codes}, None)

    @rule(id=ids, who=WHO, batch=st.booleans())
    def look(self, id: int | None, who: str, batch: bool) -> None:
        """What is seen may be used later, when it is something else."""
        if (path := self.place(id, batch)) is not None:
            status, answer = self.ask(who, "GET", f"{path}/approval")
            if status == 200:
                self.seen.append(answer["hash"])

    @rule(id=ids, who=WHO, batch=st.booleans(), old=st.sampled_from([None, None, None, 0, 1, 2, 3]))
    def approve(self, id: int | None, who: str, batch: bool, old: int | None) -> None:
        """By what the person sees, or by something that somebody saw once."""
        if (path := self.place(id, batch)) is None:
            return
        seen = self.seen[old % len(self.seen)] if old is not None else ""
        if not seen:
            _, answer = self.ask("token:approve", "GET", f"{path}/approval")
            seen = answer.get("hash", "0" * 64)
        waited = [each for each in self.members(id, batch) if any(h.needs == "approval" for h in self.find(each).holds)]
        status, _ = self.ask(who, "POST", f"{path}/approve", {"hash": seen})
        if status == 200:
            assert who in (*USERS, "token:approve")
            for each in waited:
                if who not in self.known[each].writers:
                    self.known[each].approved[who] = self.now
                    self.lit(each)

    @rule(id=ids, batch=st.booleans())
    def everybody_approves(self, id: int | None, batch: bool) -> None:
        """One after the other, whoever may."""
        for who in USERS:
            self.approve(id, who, batch, None)

    @rule(id=ids, who=WHO, batch=st.booleans())
    def reject(self, id: int | None, who: str, batch: bool) -> None:
        if (path := self.place(id, batch)) is None:
            return
        _, answer = self.ask("token:approve", "GET", f"{path}/approval")
        seen = answer.get("hash", "0" * 64)
        status, _ = self.ask(who, "POST", f"{path}/reject", {"hash": seen, "reason": "no"})
        for each in self.members(id, batch) if status == 200 else ():
            if self.find(each).state is M.DRAFT:
                granted = self.known[each]
                granted.approved.clear()
                granted.confirmed.clear()
                granted.foreign.clear()

    @rule(id=ids, who=WHO, call=st.sampled_from(["cancel", "undo", "stop", "resume", "settle", "batch"]))
    def other(self, id: int | None, who: str, call: str) -> None:
        if id is None:
            return
        batch = self.find(id).batch_id
        path = {"undo": "/v1/undo", "stop": "/v1/stop", "resume": "/v1/resume", "batch": f"/v1/batches/{batch}/cancel"}
        body = {"as": "resend"} if call == "settle" else None
        if call != "batch" or batch is not None:
            self.ask(who, "POST", path.get(call, f"/v1/messages/{id}/{call}"), body)

    def place(self, id: int | None, batch: bool) -> str | None:
        if id is None:
            return None
        of = self.find(id).batch_id
        return f"/v1/batches/{of}" if batch and of is not None else f"/v1/messages/{id}"

    def members(self, id: int | None, batch: bool) -> list[int]:
        assert id is not None
        of = self.find(id).batch_id
        return list(self.do(outbox.batch_of, of)) if batch and of is not None else [id]

    def lit(self, id: int) -> None:
        if self.find(id).state is M.STAGED:
            self.known[id].not_before = self.now + AFTER_HOLD

    # -- others, and time ----------------------------------------------------------------------------

    @rule(id=ids, code=st.sampled_from(["opted_out", "quiet_hours"]))
    def hold(self, id: int | None, code: str) -> None:
        """Another part of the daemon holds a message, wherever it is."""
        if id is not None and self.find(id).state in (M.HELD, M.STAGED, M.QUEUED, M.SUBMITTING, M.UNCERTAIN):
            self.do(holding.place, id, [NewHold(code)], self.now)
            self.known[id].foreign.add(code)

    @rule(id=ids, code=st.sampled_from(["opted_out", "quiet_hours"]))
    def lift(self, id: int | None, code: str) -> None:
        if id is None:
            return
        found = [hold for hold in self.find(id).holds if hold.code == code]
        if found:
            self.do(holding.lift, id, found, self.now, "ann", AFTER_HOLD)
            self.known[id].foreign.discard(code)
            self.lit(id)

    @rule(seconds=st.sampled_from([1.0, 6.0, 60.0, 3500.0, 7200.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for message in self.do(outbox.due, self.now):
            found = self.runner.run(self.site.desk.reasons(message))
            self.do(outbox.let_go, message.id, self.now, found.holds, found.leave_by)
        for id in self.do(outbox.overdue, self.now):
            self.do(outbox.expire, id, M.QUEUED, self.now)

    # -- the wire ------------------------------------------------------------------------------------

    @rule(how=st.sampled_from(["taken", "again", "lost"]), after=st.sampled_from([0.0, 0.0, 3.0, 15.0, 4000.0]))
    def send(self, how: str, after: float) -> None:
        """Time passes, and a modem takes what is queued then."""
        if after:
            self.wait(after)
        for _ in self.known:
            for message in self.do(transmit.claimable, ["north"], set(), self.now):
                self.try_mark(message.id, how)

    @rule(id=ids)
    def smuggle(self, id: int | None) -> None:
        """What is held is given to a modem by whatever path: the last gate asks all the same."""
        if id is None or self.find(id).state is not M.HELD:
            return
        self.do(lambda db: db.execute("update message set state = 'queued' where id = ?", (id,)))
        assert self.try_mark(id, "taken") in (Mark.HELD, Mark.STOPPED)
        self.do(transmit.let_go, id, self.now)
        assert self.find(id).state is M.HELD

    def try_mark(self, id: int, how: str) -> Mark | None:
        before = self.find(id)
        sequence = next((part.sequence for part in before.parts if part.state is P.QUEUED), None)
        if sequence is None:
            return None

        def at_the_modem(db: Database) -> Mark:
            verdict = transmit.mark(db, id, sequence, self.now, modem="north", sim=SIM, expected=None)
            if verdict is not Mark.GO:
                transmit.let_go(db, id, self.now)
            elif how == "taken":
                transmit.submitted(db, id, sequence, id % 256, self.now)
            elif how == "again":
                transmit.refused(db, id, sequence, self.now, "cms_42", retry_at=self.now)
            else:
                transmit.uncertain(db, id, sequence, self.now, "no_answer")
            return verdict

        verdict: Mark = self.do(at_the_modem)
        if verdict is Mark.GO:
            self.judge(before, self.known[id])
        return verdict

    def judge(self, sent: Message, granted: Granted) -> None:
        """It is on the wire: had it all that it needed?"""
        assert (sent.text, sent.recipient) == (granted.text, granted.to)
        assert "never" not in sent.text
        assert {code for code, word in WORDS.items() if word in sent.text} <= granted.confirmed
        assert not granted.foreign
        assert self.now >= granted.not_before
        approvers = set(granted.approved) - granted.writers
        self.sent += bool(approvers)
        one = granted.recipients > 1 or "money" in granted.text
        needed = max(2 * (granted.category == "promotional"), int(one))
        assert len(approvers) >= needed
        if needed:
            latest = max(granted.approved.values())
            assert self.now <= max(latest, sent.send_at or 0.0) + EXPIRES

    # -- always --------------------------------------------------------------------------------------

    @invariant()
    def what_may_go_is_held_by_nothing(self) -> None:
        for id in getattr(self, "known", {}):
            message = self.find(id)
            if message.state in (M.STAGED, M.QUEUED):
                assert not self.do(holds.is_open, id)
            if message.state is M.HELD:
                assert message.holds

    @invariant()
    def the_audit_is_whole(self) -> None:
        if hasattr(self, "runner"):
            assert verify(self.do(audit.since, 0, 10_000)) is None


Office.TestCase.settings = settings(
    max_examples=400 if os.environ.get("SOAK") else 20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestOffice = Office.TestCase
