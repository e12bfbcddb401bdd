"""What is looked at before a request is read: a token on TCP, and the size of the body."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from drivers.words import N_, Sentence
from modemd.api.errors import answer
from modemd.api.identity import name_of, token_fits

MOST_OCTETS = 2 * 2**20  # a list of 10,000 recipients, with room
MOST_OF_A_FILE = 12 * 2**20  # 20,000 contacts, in base64
_OPEN = ("/healthz",)


class Door:
    """Nobody without a token makes us read a body (P10); nobody at all makes us read for ever."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        known = name_of(scope["client"]) is not None or token_fits(headers, self._token)
        if not known and scope["path"] not in _OPEN:
            sentence = Sentence(N_("This address needs a token: send it as Authorization: Bearer …."))
            await answer(Request(scope), 401, "unauthorized", sentence)(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        most = MOST_OF_A_FILE if scope["path"].startswith("/v1/contacts/import") else MOST_OCTETS
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > most:
            sentence = Sentence(N_("A request holds {most} octets at most, and says how many."), {"most": most})
            await answer(Request(scope), 413, "too_large", sentence)(scope, receive, send)
            return
        await self._app(scope, receive, send)
