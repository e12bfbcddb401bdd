"""Files of contacts over HTTP: looked at, applied as one batch, undone, and written."""

import asyncio
import base64
import binascii
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from drivers.words import N_
from modemd.api import contact_schema as schema
from modemd.api import contact_views as views
from modemd.api.contacts import Limit, Line
from modemd.api.gateway import Author, Daemon, Gateway, Language
from modemd.api.outbox import LARGEST, Id
from modemd.api.routes import Route
from modemd.contacts import exporting
from modemd.contacts.reading import Wanted, group_named, read
from modemd.model.contact import Contact, sort_key
from modemd.model.errors import Conflict, Invalid
from modemd.model.importing import Item, Sheet, fingerprint
from modemd.store import batches, contacts, events, imports
from modemd.store.imports import Do

router = APIRouter(prefix="/v1/contacts", route_class=Route)

_AT_ONCE = 100  # rows in one transaction: a long list holds up nobody's cancel


class FileIn(BaseModel):
    """`content` in base64; what is left out is read as it looks."""

    model_config = ConfigDict(extra="forbid")
    content: str
    encoding: Line | None = None
    columns: Annotated[list[Line], Field(max_length=200)] | None = None
    headed: bool | None = None
    group: Line | None = None
    zeros: bool = False
    source: Line = ""

    def wanted(self) -> Wanted:
        """Raises Invalid."""
        columns = tuple(self.columns) if self.columns is not None else None
        return group_named(Wanted(self.encoding, columns, self.headed, self.group, self.zeros))


class ApplyIn(FileIn):
    seen: Line
    decisions: Annotated[dict[str, Do], Field(max_length=20_000)] = {}


def _json(view: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(asdict(view), status)


async def _read(daemon: Gateway, body: FileIn) -> tuple[Sheet, list[Item]]:
    """The file, and what it would do. Raises Invalid."""
    try:
        data = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(N_("The file is not in base64.")) from error
    sheet = await asyncio.to_thread(read, data, body.wanted(), daemon.config.region)
    seen, items = imports.Seen(), list[Item]()
    for start in range(0, len(sheet.rows), _AT_ONCE):
        items += await daemon.store.run(imports.compare, sheet.rows[start : start + _AT_ONCE], seen)
    return sheet, items


@router.post("/import/preview", response_model=schema.ImportView)
async def preview(body: FileIn, daemon: Daemon, author: Author, language: Language) -> Response:
    """What a file would do, row by row; nothing is done."""
    sheet, items = await _read(daemon, body)
    return _json(views.preview(sheet, items, fingerprint(items), language))


@router.post("/import", response_model=schema.ImportedView)
async def apply(body: ApplyIn, daemon: Daemon, author: Author) -> Response:
    """Do what the preview has shown, as one batch that can be undone."""
    _, items = await _read(daemon, body)
    if fingerprint(items) != body.seen:
        raise Conflict(N_("The file or the contacts have changed since they were compared: look at it again."))
    now = daemon.store.clock.now()
    batch = await daemon.store.run(batches.open_batch, "import", now, author, body.source)
    done = dict.fromkeys(("added", "merged", "skipped"), 0)
    for start in range(0, len(items), _AT_ONCE):
        some = items[start : start + _AT_ONCE]
        counts = await daemon.store.run(imports.apply, some, body.decisions, now, author, batch)
        done = {name: count + counts[name] for name, count in done.items()}
    await daemon.store.run(events.record, now, "contact", who=author, code="imported", data=str(batch))
    return _json(schema.ImportedView(batch, **done))


@router.get("/batches", response_model=schema.ContactBatchPage)
async def every_batch(
    daemon: Daemon, author: Author, after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None, limit: Limit = 50
) -> Response:
    """Imports, merges and the like, newest first."""
    found = await daemon.store.run(batches.page, after, limit)
    following = str(found[-1].id) if len(found) == limit else None
    return _json(schema.ContactBatchPage([views.batch(each) for each in found], following))


@router.post("/batches/{id}/undo", response_model=schema.UndoneView)
async def undo(id: Id, daemon: Daemon, author: Author) -> Response:
    """Everything as it was before; refused where somebody's later edit would be lost."""
    return _json(schema.UndoneView(await daemon.store.run(batches.undo, id, daemon.store.clock.now(), author)))


@router.get("/export")
async def export(
    daemon: Daemon,
    author: Author,
    kind: Literal["csv", "vcard"] = "csv",
    group: Annotated[str | None, Query(max_length=1000)] = None,
    q: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """As a file that is read again as what it was; no cell of it is a formula."""
    found: list[Contact] = []
    while some := await daemon.store.run(contacts.page, _behind(found), _AT_ONCE, q, group):
        found += some
    data = await asyncio.to_thread(exporting.write, [each.card for each in found], kind)
    ending = "vcf" if kind == "vcard" else "csv"
    headers = {"Content-Disposition": f'attachment; filename="contacts.{ending}"'}
    return Response(data, media_type=exporting.TYPES[kind], headers=headers)


def _behind(found: list[Contact]) -> tuple[str, int] | None:
    return (sort_key(found[-1].card), found[-1].id) if found else None
