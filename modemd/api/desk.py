"""The rest of the desk: lint, the line, modems, inbox, log, health."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from drivers.words import N_
from modemd.api import metrics, schema, views
from modemd.api.gateway import Author, Daemon, Gateway, Language, Who
from modemd.api.lint import lint_view
from modemd.api.outbox import LARGEST, Recipient, Short, Text, today
from modemd.api.routes import Route
from modemd.engine import status
from modemd.i18n import say
from modemd.model.actor import Actor
from modemd.model.candidate import Category
from modemd.model.durations import parse_duration
from modemd.model.errors import Invalid
from modemd.staging.desk import Wish
from modemd.store import events, inbox, line, messages

router = APIRouter(route_class=Route)

Before = Annotated[int | None, Query(ge=0, le=LARGEST)]


class LintIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Text
    to: Recipient | None = None
    send_at: Short | None = None
    fuse: Short | None = None
    category: Category = "service"
    by_hand: bool = False
    reason: Text = ""


class ReadIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Recipient


def _json(view: Any) -> JSONResponse:
    return JSONResponse(asdict(view))


@router.post("/v1/lint", response_model=schema.LintView)
async def lint(body: LintIn, daemon: Daemon, author: Author, language: Language) -> Response:
    """What staging would answer, without staging."""
    wish = Wish(to=body.to or "", **body.model_dump(exclude={"to"}))
    examiner, look = daemon.desk.examiner, await daemon.desk.look(wish, author)
    fuse = examiner.fuse(look.risk, parse_duration(body.fuse) if body.fuse is not None else None)
    price = daemon.config.checks.price
    return _json(lint_view(examiner, look, language, addressed=body.to is not None, fuse=fuse, price=price))


@router.post("/v1/stop", response_model=schema.LineView)
async def stop(daemon: Daemon, who: Who) -> Response:
    """Stop the line: nothing more leaves, on any modem, between two parts."""
    return await _switch(daemon, who, stopped=True)


@router.post("/v1/resume", response_model=schema.LineView)
async def resume(daemon: Daemon, who: Who) -> Response:
    """Let the line run again."""
    return await _switch(daemon, who, stopped=False)


async def _switch(daemon: Gateway, who: Actor, *, stopped: bool) -> Response:
    now = await daemon.desk.switch_line(stopped, who)
    return _json(schema.LineView(now.stopped, now.who, views.moment(now.at)))


@router.get("/v1/modems")
async def modems(daemon: Daemon, author: Author, language: Language) -> Response:
    found = await daemon.modem_views(language, today())
    return JSONResponse({"modems": [asdict(each) for each in found]})


@router.post("/v1/modems/{name}/resume", status_code=204)
async def resume_modem(name: str, daemon: Daemon, who: Who) -> Response:
    """A person has seen to what the modem is parked for, and accepts the modem and the SIM that are there now."""
    await daemon.supervisor(name).resume(who)
    return Response(status_code=204)


@router.get("/v1/inbox", response_model=schema.InboxPage)
async def received(
    daemon: Daemon,
    author: Author,
    language: Language,
    q: str | None = None,
    after: Before = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Newest first."""
    found = await daemon.store.run(inbox.page, after, limit, q)
    following = str(found[-1].id) if len(found) == limit else None
    return _json(schema.InboxPage([views.inbound(each, language) for each in found], following))


@router.post("/v1/inbox/read", status_code=204)
async def read(body: ReadIn, daemon: Daemon, author: Author) -> Response:
    await daemon.store.run(inbox.mark_read, body.number)
    return Response(status_code=204)


@router.get("/v1/conversations", response_model=schema.ConversationPage)
async def conversations(
    daemon: Daemon,
    author: Author,
    q: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Everybody who has written, the newest first."""
    rows = await daemon.store.run(inbox.conversations, _after(after), limit, q)
    found = [
        schema.ConversationView(number, views.moment(at) or "", text, bool(is_in), unread, bool(alphanumeric), kind)
        for number, at, text, is_in, unread, alphanumeric, kind in rows
    ]
    following = f"{rows[-1][1]!r}|{rows[-1][0]}" if len(rows) == limit else None
    return _json(schema.ConversationPage(found, following))


def _after(cursor: str | None) -> tuple[float, str] | None:
    if cursor is None:
        return None
    at, _, number = cursor.partition("|")
    try:
        return float(at), number
    except ValueError as error:
        raise Invalid(N_('"{after}" is no cursor of this list.'), after=cursor[:40]) from error


@router.get("/v1/conversation")
async def conversation(
    number: str,
    daemon: Daemon,
    author: Author,
    language: Language,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """Both directions with one number, oldest first."""
    came = await daemon.store.run(inbox.of_sender, number, limit)
    went, _ = await daemon.store.run(messages.page, "all", None, limit, 0.0, {"to": number})
    lines = [
        (each.received_at, schema.ConversationEntry(views.moment(each.received_at) or "", inbound=shown))
        for each in came
        for shown in [views.inbound(each, language)]
    ] + [
        (each.created_at, schema.ConversationEntry(views.moment(each.created_at) or "", outbound=shown))
        for each in went
        for shown in [views.message(each, language)]
    ]
    lines.sort(key=lambda entry: entry[0])
    return JSONResponse({"entries": [asdict(entry) for _, entry in lines[-limit:]]})


@router.get("/v1/log", response_model=schema.EventPage)
async def log(
    daemon: Daemon,
    author: Author,
    language: Language,
    after: Before = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """What happened, newest first."""
    found = await daemon.store.run(events.before, after, limit)
    following = str(found[-1].id) if len(found) == limit else None
    return _json(schema.EventPage([views.event(each, language) for each in found], following))


@router.get("/healthz")
async def healthz(daemon: Daemon, language: Language) -> Response:
    """200 while the daemon can do its work, else 503; the reasons in words."""
    modems = daemon.modems()
    reasons = [
        f"{state.name}: {say(state.sentence, language)}"
        for state in modems
        if state.state not in (status.READY, status.BUSY)
    ]
    reasons += [f"{state.name}: {say(alert, language)}" for state in modems for alert in state.alerts.values()]
    if not modems:
        reasons.append(say(N_("No modem is configured: add a [[modem]] table."), language))
    stopped = await daemon.store.run(line.is_stopped)
    if stopped:
        reasons.append(say(N_("the line was stopped"), language))
    if daemon.checkpoints is not None and daemon.checkpoints.contradicted:
        reasons.append(say(N_("the audit is not the one of its checkpoint: modemd audit verify"), language))
    working = any(state.state in (status.READY, status.BUSY) for state in modems)
    healthy = working and not stopped
    return JSONResponse({"status": "ok" if healthy else "degraded", "reasons": reasons}, 200 if healthy else 503)


@router.get("/metrics")
async def prometheus(daemon: Daemon, author: Author) -> Response:
    counts = await daemon.store.run(messages.counts, today())
    body, kind = metrics.render(counts, daemon.modems())
    return Response(body, media_type=kind)
