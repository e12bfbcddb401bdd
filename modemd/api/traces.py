"""AT dialogues: the one in memory, and those that were written down because something failed. All masked."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from drivers.words import N_
from modemd.api import schema, views
from modemd.api.gateway import Author, Daemon
from modemd.api.routes import Route
from modemd.engine.traces import Kept
from modemd.model.errors import NotFound

router = APIRouter(prefix="/v1", route_class=Route)


@router.get("/modems/{name:path}/trace", response_model=schema.TraceView)
async def live(
    name: str, daemon: Daemon, author: Author, last: Annotated[int, Query(ge=1, le=10_000)] = 10_000
) -> Response:
    """The last lines of the dialogue with a modem, oldest first."""
    try:
        snapshot = daemon.traces.live(name)
    except KeyError as error:
        raise NotFound(name[:40], N_("There is no modem {what}.")) from error
    lines = (await asyncio.to_thread(snapshot.lines))[-last:]
    shown = [
        schema.TraceLineView(views.moment(each.wall) or "", round(each.elapsed, 6), each.direction.value, each.text)
        for each in lines
    ]
    return JSONResponse(asdict(schema.TraceView(name, shown)))


@router.get("/traces")
async def kept(daemon: Daemon, author: Author, modem: str | None = None) -> Response:
    """The files, newest first."""
    found = await asyncio.to_thread(daemon.traces.files, modem)
    return JSONResponse({"traces": [asdict(_view(each)) for each in found]})


@router.get("/traces/{file}", response_model=schema.TraceFileView)
async def one(file: str, daemon: Daemon, author: Author) -> Response:
    traces = daemon.traces
    for each in await asyncio.to_thread(traces.files):
        if each.file == file:
            with suppress(FileNotFoundError):  # a newer one has taken its place
                return JSONResponse(asdict(_view(each, await asyncio.to_thread(traces.read, each))))
    raise NotFound(file[:80], N_("There is no trace {what}."))


def _view(kept: Kept, text: str | None = None) -> schema.TraceFileView:
    at = views.moment(kept.at) or ""
    return schema.TraceFileView(kept.file, kept.modem, at, kept.why, kept.octets, text)
