"""The one client of the daemon's API: the CLI's and the terminal UI's."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from modemd.api.building import build, given
from modemd.api.contact_calls import ContactCalls
from modemd.api.schema import (
    ApprovalList,
    ApprovalView,
    AuditCheckView,
    AuditPage,
    BackupView,
    BatchCancelView,
    BatchView,
    CancelView,
    ConversationEntry,
    ConversationPage,
    DecidedView,
    DiagnosisView,
    DoctorView,
    EventPage,
    EventView,
    FindingView,
    InboxPage,
    LineView,
    LintView,
    LookView,
    MessagePage,
    MessageView,
    ModemView,
    OutboxView,
    TraceFileView,
    TraceView,
)
from modemd.i18n import N_, say


class ClientError(Exception):
    """The daemon could not be asked, or said no."""


class Unreachable(ClientError):
    """Nobody answers at the socket: the daemon is away. str() says where and what to do."""


class Refused(ClientError):
    """The daemon said no: `code` for machines, str() for people, `findings` where checks blocked."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or status))
        self.status = status
        self.code = str(problem.get("code", "refused"))
        self.findings = [build(FindingView, finding) for finding in problem.get("findings", [])]


def over_socket(path: str) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(uds=path, retries=0)


class GatewayClient(ContactCalls):
    """One connection pool to one daemon. Every call raises Unreachable or Refused, nothing else."""

    def __init__(self, transport: httpx.AsyncBaseTransport, *, where: str = "", language: str = "en") -> None:
        self.where, self._language = where, language
        self._http = httpx.AsyncClient(
            transport=transport,
            base_url="http://modemd",
            headers={"Accept-Language": language},
            timeout=httpx.Timeout(30.0, connect=5.0),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    # -- writing ---------------------------------------------------------------------------------

    async def stage(
        self,
        to: str,
        text: str,
        *,
        fuse: str | None = None,
        send_at: str | None = None,
        validity: str | None = None,
        modem: str | None = None,
        category: str | None = None,
        confirm: list[str] | None = None,
        key: str | None = None,
        reason: str | None = None,
        by_hand: bool | None = None,
    ) -> MessageView:
        rest = {"fuse": fuse, "send_at": send_at, "validity": validity, "modem": modem, "category": category}
        body = given(to=to, text=text, confirm=confirm, reason=reason, by_hand=by_hand, **rest)
        headers = {"Idempotency-Key": key} if key else {}
        return build(MessageView, await self._ask("POST", "/v1/messages", json=body, headers=headers))

    async def stage_many(self, to: list[str], text: str, *, key: str | None = None, **rest: Any) -> BatchView:
        body, headers = given(to=to, text=text, **rest), {"Idempotency-Key": key} if key else {}
        return build(BatchView, await self._ask("POST", "/v1/messages", json=body, headers=headers))

    async def save_draft(self, to: str, text: str, *, id: int | None = None, cool: str | None = None) -> MessageView:
        """Keep what is being written: a new draft, or the one that is there. `cool`: not to be staged for so long."""
        if id is None:
            body = given(to=to, text=text, draft=True, cool=cool)
            return build(MessageView, await self._ask("POST", "/v1/messages", json=body))
        return await self.edit(id, **given(to=to, text=text, cool=cool))

    async def edit(self, id: int, **changes: Any) -> MessageView:
        """Change `to`, `text`, `fuse`, `send_at`, `validity`, `modem`, `extend` ("60s"), `draft`, `confirm`,
        `cool` ("30m", of a draft), `category`, `reason`, `by_hand`.

        draft=False stages a draft; draft=True takes a staged or held message back to be edited
        (Refused with code "too_late" when it has left).
        """
        return build(MessageView, await self._ask("PATCH", f"/v1/messages/{id}", json=changes))

    async def cancel(self, id: int) -> CancelView:
        return build(CancelView, await self._ask("POST", f"/v1/messages/{id}/cancel", allow=(409,)))

    async def cancel_batch(self, id: int) -> BatchCancelView:
        return build(BatchCancelView, await self._ask("POST", f"/v1/batches/{id}/cancel"))

    async def confirm_batch(self, id: int, codes: Sequence[str]) -> DecidedView:
        """Stand by findings of all that waits for them in a batch."""
        body = {"codes": list(codes)}
        return build(DecidedView, await self._ask("POST", f"/v1/batches/{id}/confirm", json=body))

    async def undo(self) -> CancelView | None:
        """Cancel the newest message of this user; None when there is nothing to undo."""
        answer = await self._ask("POST", "/v1/undo", allow=(409,))
        return build(CancelView, answer) if answer.get("outcome") else None

    async def settle(self, id: int, settle_as: str) -> MessageView:
        """`sent`, `not_sent` or `resend`, of an uncertain message."""
        return build(MessageView, await self._ask("POST", f"/v1/messages/{id}/settle", json={"as": settle_as}))

    async def approvals(self) -> list[ApprovalView]:
        """What waits for this user's decision."""
        return build(ApprovalList, await self._ask("GET", "/v1/approvals")).approvals

    async def approval(self, id: int, *, batch: bool = False) -> ApprovalView:
        """Of a message, or of a batch: this user has seen it from now on."""
        return build(ApprovalView, await self._ask("GET", f"{_place(id, batch)}/approval"))

    async def approve(self, id: int, hash: str, *, batch: bool = False) -> MessageView | DecidedView:
        """`hash` of what was seen: Refused with code "changed" when it is another by now."""
        answer = await self._ask("POST", f"{_place(id, batch)}/approve", json={"hash": hash})
        return build(DecidedView, answer) if batch else build(MessageView, answer)

    async def reject(self, id: int, hash: str, reason: str, *, batch: bool = False) -> MessageView | DecidedView:
        answer = await self._ask("POST", f"{_place(id, batch)}/reject", json={"hash": hash, "reason": reason})
        return build(DecidedView, answer) if batch else build(MessageView, answer)

    async def stop(self) -> LineView:
        return build(LineView, await self._ask("POST", "/v1/stop"))

    async def resume(self) -> LineView:
        return build(LineView, await self._ask("POST", "/v1/resume"))

    async def resume_modem(self, name: str) -> None:
        """What it is parked for was seen to; the modem and the SIM that are there now are meant."""
        await self._ask("POST", f"/v1/modems/{quote(name, safe='')}/resume")

    async def mark_read(self, number: str) -> None:
        await self._ask("POST", "/v1/inbox/read", json={"number": number})

    # -- reading ---------------------------------------------------------------------------------

    async def outbox(self) -> OutboxView:
        return build(OutboxView, await self._ask("GET", "/v1/outbox"))

    async def messages(
        self,
        *,
        group: str | None = None,
        state: str | None = None,
        to: str | None = None,
        q: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> MessagePage:
        """`group`: needs_you, burning, scheduled, on_air, done_today, drafts, in that group's order.

        Without a group: newest first.
        """
        params = given(group=group, state=state, to=to, q=q, after=after, limit=limit)
        return build(MessagePage, await self._ask("GET", "/v1/messages", params=params))

    async def message(self, id: int) -> MessageView:
        return build(MessageView, await self._ask("GET", f"/v1/messages/{id}"))

    async def lint(
        self, text: str, *, to: str | None = None, send_at: str | None = None, fuse: str | None = None, **rest: Any
    ) -> LintView:
        """`rest`: category, reason, by_hand."""
        body = given(text=text, to=to, send_at=send_at, fuse=fuse, **rest)
        return build(LintView, await self._ask("POST", "/v1/lint", json=body))

    async def modems(self) -> list[ModemView]:
        answer = await self._ask("GET", "/v1/modems")
        return [build(ModemView, each) for each in answer["modems"]]

    async def doctor(self) -> list[DiagnosisView]:
        """What the daemon finds when it looks at itself, its computer and its modems."""
        return build(DoctorView, await self._ask("GET", "/v1/doctor")).findings

    async def look(self, modem: str) -> LookView:
        """The signal now: asked of the modem at most once a second, and never while it sends."""
        return build(LookView, await self._ask("POST", f"/v1/modems/{quote(modem, safe='')}/look"))

    async def inbox(self, *, q: str | None = None, after: str | None = None, limit: int = 100) -> InboxPage:
        params = given(q=q, after=after, limit=limit)
        return build(InboxPage, await self._ask("GET", "/v1/inbox", params=params))

    async def conversations(
        self, *, q: str | None = None, after: str | None = None, limit: int = 100
    ) -> ConversationPage:
        """Newest first."""
        params = given(q=q, after=after, limit=limit)
        return build(ConversationPage, await self._ask("GET", "/v1/conversations", params=params))

    async def conversation(self, number: str, *, limit: int = 200) -> list[ConversationEntry]:
        """The last `limit` lines with one number, oldest first."""
        params = {"number": number, "limit": limit}
        answer = await self._ask("GET", "/v1/conversation", params=params)
        return [build(ConversationEntry, each) for each in answer["entries"]]

    async def log(self, *, after: str | None = None, limit: int = 100) -> EventPage:
        """What happened, newest first."""
        params = given(after=after, limit=limit)
        return build(EventPage, await self._ask("GET", "/v1/log", params=params))

    async def trace(self, modem: str) -> TraceView:
        """The modem's AT dialogue as it is in memory, masked."""
        return build(TraceView, await self._ask("GET", f"/v1/modems/{quote(modem, safe='')}/trace"))

    async def traces(self, modem: str | None = None) -> list[TraceFileView]:
        """What was written down because something failed, the newest first."""
        answer = await self._ask("GET", "/v1/traces", params=given(modem=modem))
        return [build(TraceFileView, each) for each in answer["traces"]]

    async def trace_file(self, file: str) -> TraceFileView:
        return build(TraceFileView, await self._ask("GET", f"/v1/traces/{quote(file, safe='')}"))

    async def backup(self, write: Callable[[bytes], object]) -> str:
        """A checked copy of the database, handed to `write` piece by piece; returns its SHA-256 in hex.

        What `write` raises ends it.
        """
        try:
            async with self._http.stream("POST", "/v1/backup", timeout=_BACKUP) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise Refused(answer.status_code, _decode(await answer.aread()))
                async for piece in answer.aiter_bytes():
                    write(piece)
                return base64.b64decode(answer.headers["repr-digest"].split(":")[1]).hex()
        except httpx.HTTPError as error:
            raise Unreachable(self._away()) from error

    async def backup_progress(self) -> BackupView:
        return build(BackupView, await self._ask("GET", "/v1/backup"))

    async def audit(self, *, after: str | None = None, limit: int = 100) -> AuditPage:
        """What was decided, newest first."""
        return build(AuditPage, await self._ask("GET", "/v1/audit", params=given(after=after, limit=limit)))

    async def verify_audit(self, checkpoint: str | None = None) -> AuditCheckView:
        params = given(checkpoint=checkpoint)
        return build(AuditCheckView, await self._ask("GET", "/v1/audit/verify", params=params, timeout=_LONG))

    async def export_audit(self, format: str) -> AsyncIterator[str]:
        """All of it in pieces, as it comes: `jsonl` or `csv`."""
        try:
            async with self._http.stream("GET", "/v1/audit/export", params={"format": format}, timeout=_LONG) as answer:
                if not answer.is_success:
                    raise Refused(answer.status_code, _decode(await answer.aread()))
                async for piece in answer.aiter_text():
                    yield piece
        except httpx.HTTPError as error:
            raise Unreachable(self._away()) from error

    async def events(self, last: int | None = None) -> AsyncIterator[EventView]:
        """What happens, as it happens (SSE). Ends with Unreachable; call again with the last id seen."""
        headers = {"Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        try:
            async with self._http.stream("GET", "/v1/events", headers=headers, timeout=_STREAM) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise Refused(answer.status_code, _decode(await answer.aread()))
                async for line in answer.aiter_lines():
                    if line.startswith("data:"):
                        yield build(EventView, json.loads(line[5:]))
        except httpx.HTTPError as error:
            raise Unreachable(self._away()) from error
        raise Unreachable(self._away())

    async def _ask(self, method: str, path: str, *, allow: tuple[int, ...] = (), **rest: Any) -> dict[str, Any]:
        answer = await self._answer(method, path, **rest)
        if answer.is_success:
            return _decode(answer.content)
        problem = _decode(answer.content)
        if answer.status_code in allow and "outcome" in problem:
            return problem
        raise Refused(answer.status_code, problem)

    async def _fetch(self, path: str, params: dict[str, Any]) -> bytes:
        """A file."""
        answer = await self._answer("GET", path, params=params)
        if not answer.is_success:
            raise Refused(answer.status_code, _decode(answer.content))
        return answer.content

    async def _answer(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **rest)
        except httpx.HTTPError as error:
            raise Unreachable(self._away()) from error

    def _away(self) -> str:
        """Why nobody answers, as far as it can be seen from here."""
        path = self.where
        if path and not os.path.exists(path):
            sentence = N_("modemd does not run: there is no socket at {path}. Start it: systemctl start modemd.")
        elif path and not os.access(path, os.W_OK):
            sentence = N_("This user may not talk to modemd at {path}: add it to the socket's group.")
        else:
            sentence = N_("modemd does not answer at {path}: is it running? systemctl status modemd")
        return say(sentence, self._language, path=path)


# The daemon says something at least every 15 s, if only a comment line.
_STREAM = httpx.Timeout(45.0, connect=5.0)
# Nothing comes while the copy is made and checked, which takes minutes on a memory card.
_BACKUP = httpx.Timeout(None, connect=5.0)
_LONG = httpx.Timeout(600.0, connect=5.0)


def _place(id: int, batch: bool) -> str:
    return f"/v1/{'batches' if batch else 'messages'}/{id}"


def _decode(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}
