"""What is looked at before a request is read: who asks, whether that person may, and the size of the body.

And what leaves by it: numbers masked, for those who may not see them.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from drivers.words import N_, Sentence
from modemd.api import roles
from modemd.api.errors import answer
from modemd.api.identity import Identities
from modemd.api.masks import MaskedSend
from modemd.model.actor import Actor, Role

MOST_OCTETS = 2 * 2**20  # a list of 10,000 recipients, with room
MOST_OF_A_FILE = 12 * 2**20  # 20,000 contacts, in base64
ACTOR = "modemd.actor"  # where handlers find who asks


class Door:
    """Nobody without a token makes us read a body (P10); nobody at all makes us read for ever."""

    def __init__(self, app: ASGIApp, identities: Identities) -> None:
        self._app, self._identities = app, identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        who = self._identities.of(scope["client"], headers)
        scope[ACTOR] = who
        if (no := self._refusal(scope, who, headers)) is not None:
            status, code, sentence = no
            await answer(Request(scope), status, code, sentence)(scope, receive, send)
            return
        shows_numbers = who is None or "numbers" in who.roles
        await self._app(scope, receive, send if shows_numbers else MaskedSend(send))

    def _refusal(self, scope: Scope, who: Actor | None, headers: Headers) -> tuple[int, str, Sentence] | None:
        role = roles.needed(scope["method"], scope["path"])
        if who is None and role is not None:
            return 401, "unauthorized", Sentence(_TOKEN)
        length = headers.get("content-length", "0")
        most = MOST_OF_A_FILE if scope["path"].startswith("/v1/contacts/import") else MOST_OCTETS
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > most:
            return 413, "too_large", Sentence(_SIZE, {"most": most})
        if who is not None and role is not None and role not in who.roles:
            return 403, "forbidden", _lacks(who, role)
        return None


_TOKEN = N_("This address needs a token: send it as Authorization: Bearer ….")
_SIZE = N_("A request holds {most} octets at most, and says how many.")
LACKS: dict[Role, str] = {
    "read": N_("{who} may not look here: the role read is missing ([roles] in the configuration)."),
    "numbers": N_("{who} may not see whole numbers: the role numbers is missing ([roles] in the configuration)."),
    "write": N_("{who} may look, not send: the role write is missing ([roles] in the configuration)."),
    "approve": N_("{who} may not approve: the role approve is missing ([roles] in the configuration)."),
    "admin": N_("{who} may not do this: the role admin is missing ([roles] in the configuration)."),
}


def _lacks(who: Actor, role: Role) -> Sentence:
    return Sentence(LACKS[role], {"who": who.name})
