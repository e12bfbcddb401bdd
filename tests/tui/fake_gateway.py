"""A daemon in memory: the same methods as GatewayClient, with a state that tests look at.

Its clock is injected; fuses are spent when it is moved. It can go away and come back.
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from modemd.api.client import Refused, Unreachable
from modemd.api.schema import (
    ApprovalView,
    AuditCheckView,
    AuditPage,
    AuditView,
    CancelView,
    ChangeView,
    ConversationEntry,
    ConversationPage,
    ConversationView,
    CoolView,
    DiagnosisView,
    ErrorView,
    EventPage,
    EventView,
    FindingView,
    InboundView,
    InboxPage,
    LineView,
    LintView,
    LookView,
    MessagePage,
    MessageView,
    MeView,
    ModemView,
    OutboxView,
    PartView,
    ReadBackView,
    RiskView,
    RunView,
)
from tests.tui.fake_contacts import FakeContacts

START = datetime(2026, 11, 24, 8, 14, 2, tzinfo=UTC)
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
DONE = {"submitted", "delivered", "undelivered", "cancelled", "expired", "failed"}


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(text: str) -> float:
    number = text.rstrip("msh")
    return float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[text[len(number) :]]


@dataclass
class FakeClock:
    """Moved by hand; the TUI's clock and the fake's are the same."""

    at: datetime = START
    ran: float = 0.0

    def monotonic(self) -> float:
        return self.ran

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.ran)

    def move(self, seconds: float) -> None:
        self.ran += seconds


@dataclass
class FakeGateway(FakeContacts):
    clock: FakeClock = field(default_factory=FakeClock)
    messages_by_id: dict[int, MessageView] = field(default_factory=dict)
    inbound: list[InboundView] = field(default_factory=list)
    modem_list: list[ModemView] = field(default_factory=list)
    history: list[EventView] = field(default_factory=list)
    line: LineView = field(default_factory=lambda: LineView(False))
    away: bool = False
    extra_findings: list[FindingView] = field(default_factory=list)
    where: str = "/run/modemd/api.sock"
    waiting: list[ApprovalView] = field(default_factory=list)  # for this user's approval
    decided: list[tuple[str, str]] = field(default_factory=list)  # (hash, "approved" or the reason)
    me: MeView | None = None
    audit_rows: list[AuditView] = field(default_factory=list)
    audit_check: AuditCheckView = field(default_factory=lambda: AuditCheckView(True, 2, "2:" + "a" * 64))
    read_back: ReadBackView | None = None
    risk: RiskView | None = None
    left_before_cancel: int = 0  # parts that a cancel comes too late for
    diagnoses: list[DiagnosisView] = field(default_factory=list)
    heard: list[int | None] = field(default_factory=list)  # dBm, look after look; the last one stays
    looks: int = 0
    confirmed: list[str] = field(default_factory=list)  # by the last that was staged
    _listeners: list[asyncio.Queue[EventView | None]] = field(default_factory=list)

    # -- what tests do to it -------------------------------------------------------------------------

    def go_away(self) -> None:
        self.away = True
        for queue in self._listeners:
            queue.put_nowait(None)

    def come_back(self) -> None:
        self.away = False

    def add(self, to: str, text: str, state: str = "staged", *, ago: float = 0, **rest: Any) -> MessageView:
        id = max(self.messages_by_id, default=0) + 1
        lint = measure(text)
        count = rest.pop("count", lint.parts)
        parts = rest.pop("parts", None) or [
            PartView(n, count, state if state in ("submitted", "delivered", "failed") else "queued")
            for n in range(1, count + 1)
        ]
        fuse = rest.pop("fuse", 10.0)
        created = self.clock.now() - timedelta(seconds=ago)
        burns_until = None if state == "draft" else stamp(created + timedelta(seconds=fuse))
        message = MessageView(
            id, state, to, text, lint.encoding, parts, stamp(created), rest.pop("author", "desk1"),
            release_at=rest.pop("release_at", None) or burns_until,
            fuse=fuse, ended_at=stamp(created) if state in DONE else None, **rest,
        )  # fmt: skip
        self.messages_by_id[id] = message
        return message

    def receive(self, sender: str, text: str | None, *, ago: float = 0, **rest: Any) -> None:
        at = stamp(self.clock.now() - timedelta(seconds=ago))
        given: dict[str, Any] = {"parts": 1, "missing": [], "alphanumeric": not sender.lstrip("+").isdigit()} | rest
        if missing := given["missing"]:
            parts = ", ".join(str(n) for n in missing)
            given["lacking"] = ErrorView("awaited", f"parts {parts} of {given['parts']} have not come")
        self.inbound.append(InboundView(len(self.inbound) + 1, sender, text, at, at, "north", **given))
        self.happen("inbox", f"a message from {sender}", subject=sender)

    def happen(self, kind: str, detail: str, message: int | None = None, **rest: Any) -> None:
        event = EventView(len(self.history) + 1, stamp(self.clock.now()), kind, message, detail, **rest)
        self.history.append(event)
        for queue in self._listeners:
            queue.put_nowait(event)

    def put(self, id: int, detail: str = "changed", **changes: Any) -> MessageView:
        """A message moves on, and everybody is told."""
        old = self.messages_by_id[id]
        state = changes.get("state", old.state)
        if state in DONE and old.state not in DONE:
            changes.setdefault("ended_at", stamp(self.clock.now()))
        if state in ("submitted", "delivered", "uncertain", "submitting") and "parts" not in changes:
            changes["parts"] = [
                replace(part, state=state, modem="north", left_at=part.left_at or stamp(self.clock.now()))
                for part in old.parts
            ]
        self.messages_by_id[id] = new = replace(old, **changes)
        self.happen("state", detail, id, old=old.state, new=state)
        return new

    # -- what the client asks ------------------------------------------------------------------------

    def _answer(self) -> None:
        if self.away:
            raise Unreachable(f"modemd does not answer at {self.where}. Is the daemon running?")

    def _find(self, id: int) -> MessageView:
        self._answer()
        if id not in self.messages_by_id:
            raise Refused(404, {"code": "not_found", "detail": f"There is no message {id}."})
        return self.messages_by_id[id]

    async def close(self) -> None:
        self._listeners.clear()

    async def stage(self, to: str, text: str, **rest: Any) -> MessageView:
        self._answer()
        self._check(to, text)
        self.confirmed = rest.get("confirm") or []
        message = self.add(to, text, **self._fuse(rest))
        self.happen("state", "staged", message.id, old="", new="staged", who="desk1")
        return message

    def _check(self, to: str, text: str) -> None:
        blocking = [each for each in self._findings(to, text) if each.severity == "block"]
        if blocking:
            raise Refused(422, {"code": "blocked", "detail": "A check is in the way.",
                                "findings": [vars(each) for each in blocking]})  # fmt: skip

    def _fuse(self, rest: dict[str, Any]) -> dict[str, Any]:
        if send_at := rest.get("send_at"):
            return {"send_at": send_at, "release_at": send_at, "fuse": 10.0}
        return {"fuse": duration(rest.get("fuse") or "10s")}

    async def save_draft(self, to: str, text: str, *, id: int | None = None, cool: str | None = None) -> MessageView:
        self._answer()
        view = self.add(to, text, "draft") if id is None else await self.edit(id, to=to, text=text)
        if cool is not None:
            until = self.clock.now() + timedelta(seconds=duration(cool))
            before = ChangeView(stamp(self.clock.now()), [RunView("same", text)])
            view = self.messages_by_id[view.id] = replace(view, cool=CoolView(stamp(until), False, before))
        return view

    async def edit(self, id: int, **changes: Any) -> MessageView:
        message = self._find(id)
        if message.state not in ("draft", "held", "staged"):
            raise Refused(409, {"code": "too_late", "detail": "It has left."})
        if extend := changes.get("extend"):
            late = datetime.fromisoformat(message.release_at or "") + timedelta(seconds=duration(extend))
            return self.put(id, "a minute more", release_at=stamp(late), fuse=(message.fuse or 0) + duration(extend))
        if set(changes) == {"confirm"}:
            holds = [hold for hold in message.holds or [] if hold.code not in changes["confirm"]]
            return self.put(id, "confirmed", holds=holds, state="held" if holds else "staged")
        fresh = {key: changes[key] for key in ("to", "text") if key in changes}
        if changes.get("draft") is True:
            return self.put(id, "taken back", state="draft", release_at=None)
        if changes.get("draft") is False:
            self._check(fresh.get("to", message.to), fresh.get("text", message.text))
            fuse = self._fuse(changes)
            fuse.setdefault("release_at", stamp(self.clock.now() + timedelta(seconds=fuse["fuse"])))
            count = measure(fresh.get("text", message.text)).parts
            parts = [PartView(n, count, "queued") for n in range(1, count + 1)]
            self.confirmed = changes.get("confirm") or []
            return self.put(id, "staged", state="staged", parts=parts, **fuse, **fresh)
        self.messages_by_id[id] = replace(message, **fresh)
        return self.messages_by_id[id]

    async def cancel(self, id: int) -> CancelView:
        message = self._find(id)
        total, left = len(message.parts), min(self.left_before_cancel, len(message.parts))
        if message.state in DONE | {"uncertain"} or left == total > 0:
            at = stamp(self.clock.now() - timedelta(milliseconds=600))
            gone = message if message.state in DONE else self.put(id, "submitted", state="submitted")
            return CancelView("too_late", gone, total, total, at)
        at = stamp(self.clock.now())
        parts = [
            replace(
                part,
                state="submitted" if part.sequence <= left else "cancelled",
                left_at=at if part.sequence <= left else None,
            )
            for part in message.parts
        ]
        view = self.put(id, "cancelled", state="cancelled", parts=parts)
        return CancelView("partly" if left else "cancelled", view, left, total, at if left else None)

    async def undo(self) -> CancelView | None:
        self._answer()
        waiting = [m.id for m in self.messages_by_id.values() if m.state in ("held", "staged", "queued", "submitting")]
        return await self.cancel(max(waiting)) if waiting else None

    async def settle(self, id: int, settle_as: str) -> MessageView:
        self._find(id)
        state = {"sent": "submitted", "not_sent": "failed", "resend": "queued"}[settle_as]
        return self.put(id, f"settled as {settle_as}", state=state)

    async def stop(self) -> LineView:
        self._answer()
        self.line = LineView(True, "desk1", stamp(self.clock.now()))
        self.happen("line", "stopped the line", who="desk1")
        return self.line

    async def resume(self) -> LineView:
        self._answer()
        self.line = LineView(False, "desk1", stamp(self.clock.now()))
        self.happen("line", "resumed the line", who="desk1")
        return self.line

    async def resume_modem(self, name: str) -> None:
        self._answer()
        self.modem_list = [
            replace(each, state="ready", sentence="Ready.", park=None) if each.name == name else each
            for each in self.modem_list
        ]
        self.happen("modem", f"{name} goes on", subject=name)

    async def mark_read(self, number: str) -> None:
        self._answer()
        self.inbound = [replace(m, read=m.read or m.sender == number) for m in self.inbound]

    # -- approvals -----------------------------------------------------------------------------------

    async def approvals(self) -> list[ApprovalView]:
        self._answer()
        return self.waiting

    async def approval(self, id: int, *, batch: bool = False) -> ApprovalView:
        self._answer()
        for view in self.waiting:
            if id == (view.batch if batch else view.message):
                return view
        raise Refused(409, {"code": "conflict", "detail": f"Message {id} waits for no approval."})

    async def approve(self, id: int, hash: str, *, batch: bool = False) -> None:
        await self._decide(id, hash, "approved", batch)

    async def reject(self, id: int, hash: str, reason: str, *, batch: bool = False) -> None:
        await self._decide(id, hash, reason, batch)

    async def _decide(self, id: int, hash: str, what: str, batch: bool) -> None:
        view = await self.approval(id, batch=batch)
        if view.hash != hash:
            raise Refused(409, {"code": "changed", "detail": "It was changed since you looked: look again."})
        self.waiting.remove(view)
        self.decided.append((hash, what))
        self.happen("approve", what, id)

    async def audit(self, *, after: str | None = None, limit: int = 100) -> AuditPage:
        self._answer()
        return AuditPage(self.audit_rows, None)

    async def verify_audit(self) -> AuditCheckView:
        self._answer()
        return self.audit_check

    # -- groups --------------------------------------------------------------------------------------

    def _group(self, name: str) -> list[MessageView]:
        everything = list(self.messages_by_id.values())
        match name:
            case "needs_you":
                return [m for m in everything if m.state in ("held", "uncertain")]
            case "burning":
                found = [m for m in everything if m.state == "staged" and not m.send_at]
                return sorted(found, key=lambda m: m.release_at or "")
            case "scheduled":
                found = [m for m in everything if m.state == "staged" and m.send_at]
                return sorted(found, key=lambda m: m.release_at or "")
            case "on_air":
                return [m for m in everything if m.state in ("queued", "submitting")]
            case "done_today":
                found = [m for m in everything if m.state in DONE]
                return sorted(found, key=lambda m: (m.ended_at or "", m.id), reverse=True)
            case "drafts":
                return sorted((m for m in everything if m.state == "draft"), key=lambda m: -m.id)
        raise Refused(422, {"code": "group", "detail": f"There is no group {name}."})

    async def outbox(self) -> OutboxView:
        self._answer()
        counts = {
            name: len(self._group(name))
            for name in ("needs_you", "burning", "scheduled", "on_air", "done_today", "drafts")
        }
        unread = sum(not m.read for m in self.inbound)
        return OutboxView(now=stamp(self.clock.now()), unread=unread, line=self.line, modems=self.modem_list,
                          fuse=10.0, max_parts=10, approvals=len(self.waiting), me=self.me,
                          **counts)  # fmt: skip

    async def messages(self, *, group: str | None = None, state: str | None = None, to: str | None = None,
                       q: str | None = None, after: str | None = None, limit: int = 100) -> MessagePage:  # fmt: skip
        self._answer()
        if group:
            found = self._group(group)
        else:
            found = [m for m in reversed(self.messages_by_id.values()) if m.state != "draft"]
        found = [m for m in found if (not q or q in m.text or q in m.to) and (not to or to in m.to)]
        start = int(after or 0)
        more = start + limit < len(found)
        return MessagePage(found[start : start + limit], str(start + limit) if more else None)

    async def message(self, id: int) -> MessageView:
        return replace(self._find(id), events=[e for e in self.history if e.message == id])

    def _findings(self, to: str | None, text: str) -> list[FindingView]:
        found = [each for each in self.extra_findings if each.subject != "text" or text]
        if to is not None and not to.strip().lstrip("+").replace(" ", "").isdigit():
            found.append(FindingView("number", "block", "recipient", f"“{to}” is not a number that can be dialled."))
        return found

    async def lint(
        self, text: str, *, to: str | None = None, send_at: str | None = None, fuse: str | None = None, **rest: Any
    ) -> LintView:
        self._answer()
        dialled = to.replace(" ", "") if to and to.strip().lstrip("+").replace(" ", "").isdigit() else None
        found = self._findings(to, text)
        return replace(measure(text), findings=found, to=dialled, read_back=self.read_back, risk=self.risk)

    async def modems(self) -> list[ModemView]:
        self._answer()
        return self.modem_list

    async def doctor(self) -> list[DiagnosisView]:
        self._answer()
        return self.diagnoses

    async def look(self, modem: str) -> LookView:
        self._answer()
        self.looks += 1
        it = next(each for each in self.modem_list if each.name == modem)
        dbm = self.heard.pop(0) if len(self.heard) > 1 else (self.heard or [it.signal_dbm])[0]
        return LookView(it.name, it.state, it.sentence, dbm, it.operator, it.technology, it.registration)

    async def inbox(self, *, after: str | None = None, limit: int = 100) -> InboxPage:
        self._answer()
        return InboxPage(list(reversed(self.inbound)), None)

    async def conversations(
        self, *, q: str | None = None, after: str | None = None, limit: int = 100
    ) -> ConversationPage:
        self._answer()
        last: dict[str, ConversationView] = {}
        for m in sorted(self.inbound, key=lambda m: m.received_at):
            unread = sum(not each.read for each in self.inbound if each.sender == m.sender)
            last[m.sender] = ConversationView(
                m.sender, m.received_at, m.text or "", True, unread, m.alphanumeric, m.kind
            )
        found = sorted(last.values(), key=lambda c: c.last_at, reverse=True)
        start = int(after or 0)
        return ConversationPage(
            found[start : start + limit], str(start + limit) if start + limit < len(found) else None
        )

    async def conversation(self, number: str, *, limit: int = 200) -> list[ConversationEntry]:
        self._answer()
        entries = [ConversationEntry(m.received_at, inbound=m) for m in self.inbound if m.sender == number]
        entries += [ConversationEntry(m.created_at, outbound=m) for m in self.messages_by_id.values()
                    if m.to == number and m.state != "draft"]  # fmt: skip
        return sorted(entries, key=lambda e: e.at)[-limit:]

    async def log(self, *, after: str | None = None, limit: int = 100) -> EventPage:
        self._answer()
        newest = list(reversed(self.history))
        start = int(after or 0)
        return EventPage(newest[start : start + limit], str(start + limit) if start + limit < len(newest) else None)

    async def events(self, last: int | None = None) -> AsyncIterator[EventView]:
        self._answer()
        queue: asyncio.Queue[EventView | None] = asyncio.Queue()
        for event in self.history:
            if last is not None and event.id > last:
                queue.put_nowait(event)
        self._listeners.append(queue)
        try:
            while (event := await queue.get()) is not None:  # type: ignore[assignment]
                yield event
        finally:
            if queue in self._listeners:
                self._listeners.remove(queue)
        raise Unreachable(f"modemd does not answer at {self.where}. Is the daemon running?")


def measure(text: str) -> LintView:
    forcing = [c for c in dict.fromkeys(text) if c not in GSM7]
    if forcing:
        units, one, many, encoding = len(text.encode("utf-16-be", "surrogatepass")) // 2, 70, 67, "UCS-2"
    else:
        units, one, many, encoding = len(text), 160, 153, "GSM-7"
    parts = 1 if units <= one else -(-units // many)
    per_part = one if parts == 1 else many
    forcing = [unicodedata.normalize("NFC", c) for c in forcing]
    return LintView([], encoding, parts, units, per_part, per_part * parts - units, forcing, None)
