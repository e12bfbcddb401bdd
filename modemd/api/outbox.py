"""Messages: staged, read, edited, cancelled, settled."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from drivers.words import N_
from modemd.api import plain, schema, views
from modemd.api.door import LACKS
from modemd.api.gateway import Author, Daemon, Gateway, Language, Who
from modemd.api.plain import ViewResponse
from modemd.api.routes import Route
from modemd.model.candidate import Category
from modemd.model.errors import Forbidden, Invalid
from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.staging.desk import Key, Wish
from modemd.staging.examiner import Look
from modemd.store import approvals, events, inbox, line, messages
from modemd.store.outbox import Outcome

router = APIRouter(prefix="/v1", route_class=Route)

LONGEST_KEY = 200
LARGEST = 2**63 - 1  # that SQLite can be asked for

Text = Annotated[str, Field(max_length=40_000)]
Recipient = Annotated[str, Field(max_length=64)]
Short = Annotated[str, Field(max_length=64)]
Id = Annotated[int, Path(ge=0, le=LARGEST)]
_STATES = ", ".join(MessageState)


class MessageIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    to: Recipient | Annotated[list[Recipient], Field(max_length=10_000)]
    text: Text
    fuse: Short | None = None
    send_at: Short | None = None
    validity: Short | None = None
    modem: Short | None = None
    draft: bool = False
    category: Category = "service"
    confirm: list[Short] | None = None
    cool: Short | None = None
    by_hand: bool = False
    reason: Text = ""


class MessageChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    to: Recipient | None = None
    text: Text | None = None
    fuse: Short | None = None
    send_at: Short | None = None
    validity: Short | None = None
    modem: Short | None = None
    category: Category | None = None
    draft: bool | None = None
    extend: Short | None = None
    confirm: list[Short] | None = None
    cool: Short | None = None
    by_hand: bool | None = None
    reason: Text | None = None


class CodesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    codes: list[Short]


class SettleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    settle_as: Literal["sent", "not_sent", "resend"] = Field(alias="as")


def today() -> float:
    """The start of the day, by the site's clock."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _json(view: Any, status: int = 200) -> Response:
    return ViewResponse(view, status)


@router.post("/messages", status_code=201, response_model=schema.MessageView | schema.BatchView)
async def stage(
    body: MessageIn,
    daemon: Daemon,
    author: Who,
    language: Language,
    idempotency_key: Annotated[str | None, Header(max_length=LONGEST_KEY)] = None,
) -> Response:
    """Stage one message, or one for each of a list. 201 means: on disk."""
    recipients = body.to if isinstance(body.to, list) else [body.to]
    key = _key(idempotency_key, body)
    if key and (given := await daemon.desk.replay(key, author)):
        return Response(given, 201, media_type="application/json")
    rest = body.model_dump(exclude={"to", "confirm"})
    wishes = [Wish(to=to, confirm=tuple(body.confirm or ()), **rest) for to in recipients]
    looks: list[Look | None] = []

    def render(found: list[Message]) -> str:
        shown = [_shown(daemon, each, look, language) for each, look in zip(found, looks, strict=True)]
        if isinstance(body.to, list):
            return plain.text(schema.BatchView(found[0].batch_id or 0, shown))
        return plain.text(shown[0])

    answer = await daemon.desk.stage(
        wishes, author, render, batch=isinstance(body.to, list), key=key, told=looks.append
    )
    return Response(answer, 201, media_type="application/json")


def _key(given: str | None, body: MessageIn) -> Key | None:
    return Key(given, sha256(body.model_dump_json().encode()).hexdigest()) if given else None


def _shown(daemon: Gateway, found: Message, look: Look | None, language: str) -> schema.MessageView:
    if look is None:
        return views.message(found, language, findings=[])
    return views.message(found, language, findings=look.findings, asked=daemon.desk.read_back(look, found))


@router.get("/messages", response_model=schema.MessagePage)
async def page(
    daemon: Daemon,
    who: Who,
    language: Language,
    group: str = "all",
    state: str | None = None,
    to: str | None = None,
    q: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """A page by cursor: of a group in its order, else newest first."""
    states = [each for each in (state or "").split(",") if each]
    for each in states:
        if each not in list(MessageState):
            raise Invalid(N_('There is no state "{state}"; there is: {known}.'), state=each[:40], known=_STATES)
    if "draft" in states and group == "all":
        group = "with_drafts"
    if group not in messages.GROUPS and group not in messages.COMPOUND:
        raise Invalid(N_('There is no group "{group}".'), group=group[:40])
    if to and "numbers" not in who.roles:  # who may not see a number finds nobody by it
        raise Forbidden(LACKS["numbers"], who=who.name)
    to = (daemon.desk.dialled(to) or to) if to else None
    sought = {"state": state, "to": to, "q" if "numbers" in who.roles else "words": q}
    try:
        found, following = await daemon.store.run(messages.page, group, after, limit, today(), sought)
    except (ValueError, OverflowError) as error:
        raise Invalid(N_('"{after}" is no cursor of this list.'), after=str(after)[:40]) from error
    return _json(schema.MessagePage([views.message(each, language) for each in found], following))


@router.get("/messages/{id}", response_model=schema.MessageView)
async def show(id: Id, daemon: Daemon, author: Author, language: Language) -> Response:
    """A message with its parts and events."""
    found = await daemon.store.run(messages.find, id)
    history = await daemon.store.run(events.of_message, id)
    look = await daemon.desk.look_again(found) if found.state is MessageState.HELD else None
    waits = await daemon.waits_for(found) if found.state is MessageState.QUEUED else None
    rejected = await daemon.store.run(approvals.rejection, id) if found.error == "rejected" else None
    shown = views.message(
        *(found, language),
        events=history,
        findings=look.findings if look else None,
        waits=waits,
        rejected=rejected,
        asked=daemon.desk.read_back(look, found) if look else None,
    )
    return _json(shown)


@router.patch("/messages/{id}", response_model=schema.MessageView)
async def edit(id: Id, body: MessageChange, daemon: Daemon, author: Who, language: Language) -> Response:
    """Edit while draft, held or staged; the fuse burns anew. `confirm` alone confirms findings, and edits nothing."""
    changes = body.model_dump(exclude_unset=True)
    if not changes:
        raise Invalid(N_("Nothing was given to change."))
    for name in ("to", "text", "draft", "extend", "category", "confirm", "cool", "by_hand", "reason"):
        if name in changes and changes[name] is None:
            raise Invalid(N_("{name} cannot be null: leave it out, or give a value."), name=name)
    found = await daemon.desk.edit(id, changes, author)
    look = None if found.state is MessageState.DRAFT else await daemon.desk.look_again(found)
    return _json(_shown(daemon, found, look, language))


@router.post("/messages/{id}/cancel", response_model=schema.CancelView, responses={409: {"model": schema.CancelView}})
async def cancel(id: Id, daemon: Daemon, author: Who, language: Language) -> Response:
    """One true answer: cancelled, partly, or 409 too_late."""
    return _outcome(await daemon.desk.cancel(id, author), language)


def _outcome(outcome: Outcome, language: str) -> Response:
    return _json(views.cancel(outcome, language), 409 if outcome.outcome == "too_late" else 200)


@router.post("/batches/{id}/cancel", response_model=schema.BatchCancelView)
async def cancel_batch(id: Id, daemon: Daemon, author: Who) -> Response:
    outcomes = [outcome.outcome for outcome in await daemon.desk.cancel_batch(id, author)]
    return _json(schema.BatchCancelView(*(outcomes.count(each) for each in ("cancelled", "partly", "too_late"))))


@router.post("/batches/{id}/confirm", response_model=schema.DecidedView)
async def confirm_batch(id: Id, body: CodesIn, daemon: Daemon, who: Who) -> Response:
    """Stand by findings of all that waits for them in a batch."""
    found = await daemon.desk.confirm_batch(id, body.codes, who)
    waits = sum(each.state is MessageState.HELD for each in found)
    return _json(schema.DecidedView(len(found), waits))


@router.post("/undo", response_model=schema.CancelView, responses={409: {"model": schema.CancelView}})
async def undo(daemon: Daemon, author: Who, language: Language) -> Response:
    """Cancel the newest message of whoever asks; 200 with outcome null when there is nothing to undo."""
    outcome = await daemon.desk.undo(author)
    if outcome is None:
        return JSONResponse({"outcome": None})
    return _outcome(outcome, language)


@router.post("/messages/{id}/settle", response_model=schema.MessageView)
async def settle(id: Id, body: SettleIn, daemon: Daemon, who: Who, language: Language) -> Response:
    """A person settles an uncertain message."""
    return _json(views.message(await daemon.desk.settle(id, body.settle_as, who), language))


@router.get("/outbox", response_model=schema.OutboxView)
async def outbox(daemon: Daemon, who: Who, language: Language) -> Response:
    """Counts, the line and the modems: all that the top line of a screen shows."""
    since = today()
    counts = await daemon.store.run(messages.counts, since)
    switch = await daemon.store.run(line.read)
    view = schema.OutboxView(
        now=views.moment(daemon.store.clock.now()) or "",
        needs_you=counts["needs_you"],
        burning=counts["burning"],
        scheduled=counts["scheduled"],
        on_air=counts["on_air"],
        done_today=counts["done_today"],
        drafts=counts["drafts"],
        unread=await daemon.store.run(inbox.unread),
        line=schema.LineView(switch.stopped, switch.who, views.moment(switch.at)),
        modems=await daemon.modem_views(language, since),
        fuse=daemon.config.fuse,
        max_parts=daemon.config.max_parts,
        approvals=await daemon.store.run(approvals.count_for, who),
        me=schema.MeView(who.name, sorted(who.roles)),
    )
    return _json(view)
