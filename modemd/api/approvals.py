"""Approvals: what waits for whoever asks, and the yes or no to it."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from modemd.api import schema, views
from modemd.api.gateway import Daemon, Gateway, Language, Who
from modemd.api.outbox import Id
from modemd.api.routes import Route
from modemd.model import approval
from modemd.model.message import Message
from modemd.model.states import MessageState
from modemd.staging.approvals import Asked

router = APIRouter(prefix="/v1", route_class=Route)

_EXAMPLES = 3

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ApproveIn(BaseModel):
    """`hash`: of what was looked at. When it is another by now, nothing is approved."""

    model_config = ConfigDict(extra="forbid")
    hash: Hash


class RejectIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    hash: Hash
    reason: Annotated[str, Field(max_length=2000)]


def _json(view: Any) -> JSONResponse:
    return JSONResponse(asdict(view))


@router.get("/approvals", response_model=schema.ApprovalList)
async def waiting(daemon: Daemon, who: Who, language: Language) -> Response:
    """All that waits for the decision of whoever asks, the oldest first; a batch is one."""
    found = await daemon.desk.approvals.waiting(who)
    return _json(schema.ApprovalList([await view(daemon, each, language) for each in found]))


@router.get("/messages/{id}/approval", response_model=schema.ApprovalView)
async def of_message(id: Id, daemon: Daemon, who: Who, language: Language) -> Response:
    """What is to be approved of one message. Whoever asks has seen it from now on."""
    return _json(await view(daemon, await daemon.desk.approvals.of_message(id, who), language))


@router.get("/batches/{id}/approval", response_model=schema.ApprovalView)
async def of_batch(id: Id, daemon: Daemon, who: Who, language: Language) -> Response:
    return _json(await view(daemon, await daemon.desk.approvals.of_batch(id, who), language))


@router.post("/messages/{id}/approve", response_model=schema.MessageView)
async def approve(id: Id, body: ApproveIn, daemon: Daemon, who: Who, language: Language) -> Response:
    """A yes of another person than those who wrote it. With the last one that is needed the fuse is lit."""
    return _json(views.message(await daemon.desk.approvals.approve(id, who, body.hash), language))


@router.post("/messages/{id}/reject", response_model=schema.MessageView)
async def reject(id: Id, body: RejectIn, daemon: Daemon, who: Who, language: Language) -> Response:
    """A no, with its reason: the message is a draft again."""
    return _json(views.message(await daemon.desk.approvals.reject(id, who, body.hash, body.reason), language))


@router.post("/batches/{id}/approve", response_model=schema.DecidedView)
async def approve_batch(id: Id, body: ApproveIn, daemon: Daemon, who: Who) -> Response:
    """One yes for the batch: for what of it waits, and is this person's to approve."""
    return _json(_decided(await daemon.desk.approvals.approve_batch(id, who, body.hash)))


@router.post("/batches/{id}/reject", response_model=schema.DecidedView)
async def reject_batch(id: Id, body: RejectIn, daemon: Daemon, who: Who) -> Response:
    return _json(_decided(await daemon.desk.approvals.reject_batch(id, who, body.hash, body.reason)))


def _decided(found: list[Message]) -> schema.DecidedView:
    waits = sum(message.state is MessageState.HELD for message in found)
    return schema.DecidedView(len(found), waits)


async def view(daemon: Gateway, found: Asked, language: str) -> schema.ApprovalView:
    first = found.messages[0]
    examples = (*found.messages[:_EXAMPLES], *found.messages[_EXAMPLES:][-1:])
    findings = (await daemon.desk.look_again(first)).findings
    return schema.ApprovalView(
        message=first.id if found.batch is None else None,
        batch=found.batch,
        count=len(found.messages),
        hash=found.digest,
        to=first.recipient,
        text=first.text,
        parts=len(first.parts),
        author=first.author,
        category=first.category,
        asked_at=views.moment(min(hold.placed_at for hold, _ in found.asked)) or "",
        lapses_at=views.moment(min(approval.lapses_at(hold) for hold, _ in found.asked)) or "",
        rules=[
            schema.RuleView(
                str(hold.data["rule"]["name"]),
                approval.needed(hold),
                [vote.name for vote in votes],
                list(hold.data["rule"]["by"]),
            )
            for hold, votes in found.asked
        ],
        findings=[views.finding(each, language) for each in findings],
        confirmed=[f"{hold.code}: {hold.cleared_by}" for hold in found.confirmed],
        examples=[message.recipient for message in examples] if found.batch is not None else [],
        texts=len({message.text for message in found.messages}),
        may=found.may,
        send_at=views.moment(first.send_at),
        before=views.change(found.before, first) if found.before else None,
    )
