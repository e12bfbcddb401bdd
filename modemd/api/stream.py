"""GET /v1/events: what happens, as it happens, resumable with Last-Event-ID."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from modemd.api import views
from modemd.api.gateway import Author, Daemon, Gateway, Language
from modemd.api.outbox import LARGEST
from modemd.api.routes import Route
from modemd.store import events

router = APIRouter(route_class=Route)

_PAGE = 200
_BREATH = 15.0  # seconds: a comment line, so that both ends notice when the other is gone


@router.get("/v1/events")
async def stream(
    daemon: Daemon,
    author: Author,
    language: Language,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST)] = None,
) -> StreamingResponse:
    """Server-sent events: `id`, `event` (the kind) and `data` (an EventView). From now on, or resumed."""
    newest = await daemon.store.run(events.last_id)  # an id beyond it is from before a backup was restored
    last = newest if last_event_id is None else min(last_event_id, newest)
    return StreamingResponse(
        _lines(daemon, last, language),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _lines(daemon: Gateway, last: int, language: str) -> AsyncIterator[str]:
    yield f": from {last}\n\n"
    while not daemon.stopping.is_set():
        rung = asyncio.ensure_future(daemon.changes.wait())  # before looking, so that nothing is missed
        try:
            found = await daemon.store.run(events.since, last, _PAGE)
            for each in found:
                data = json.dumps(asdict(views.event(each, language)))  # ASCII: some clients break lines at U+2028
                yield f"id: {each.id}\nevent: {each.kind}\ndata: {data}\n\n"
                last = each.id
            if not found and not await _rung(rung):
                yield ": \n\n"
        finally:
            rung.cancel()


async def _rung(bell: "asyncio.Future[None]") -> bool:
    done, _ = await asyncio.wait([bell], timeout=_BREATH)
    return bool(done)
