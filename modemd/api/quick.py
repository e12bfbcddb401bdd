"""A shorter way to the one call that machines make again and again: POST /v1/messages.

FastAPI looks for a handler's dependencies anew with each request, which takes longer than the accept itself. Here the
same model reads the body and the same handler answers; whatever is not as it should be goes FastAPI's way after all,
so that it is told in the same words.
"""

import json

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modemd.api import outbox
from modemd.api.door import ACTOR
from modemd.api.errors import language_of

_LONG_WAY = "modemd.long_way"


class QuickStage(Route):
    """In front of FastAPI's own routes."""

    def __init__(self) -> None:
        super().__init__("/v1/messages", _stage, methods=["POST"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] != "POST" or _LONG_WAY in scope:
            return Match.NONE, {}
        return super().matches(scope)


async def _stage(request: Request) -> ASGIApp:
    try:
        octets = await request.body()
    except ClientDisconnect as error:
        raise HTTPException(400, "There was an error parsing the body") from error  # FastAPI's words, to nobody
    key = request.headers.get("idempotency-key")
    try:
        if request.headers.get("content-type") != "application/json" or len(key or "") > outbox.LONGEST_KEY:
            raise ValueError
        body = outbox.MessageIn.model_validate(json.loads(octets))
    except (ValueError, RecursionError):
        return _again(request.app, octets)
    return await outbox.stage(body, request.app.state.gateway, request.scope[ACTOR], language_of(request), key)


def _again(app: ASGIApp, octets: bytes) -> ASGIApp:
    """The same request, its body read already."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        unread: list[Message] = [{"type": "http.request", "body": octets, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await app.router({**scope, _LONG_WAY: True}, replay, send)  # type: ignore[attr-defined]

    return answer
