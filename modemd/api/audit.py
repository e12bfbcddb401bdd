"""The audit over the API: read, verified, exported."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, astuple, fields
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from drivers.words import N_, Sentence
from modemd.api import schema, views
from modemd.api.gateway import Daemon, Gateway, Language, Who
from modemd.api.outbox import LARGEST
from modemd.api.routes import Route
from modemd.contacts.formulas import covered
from modemd.i18n import say
from modemd.model.chain import Break, Checkpoint, Row, Verifier, as_lines, read_checkpoint
from modemd.model.errors import Invalid
from modemd.store import audit

router = APIRouter(prefix="/v1/audit", route_class=Route)

_PAGE = 2000

# What each deed is called. Whoever adds a deed adds its row.
DEEDS = {
    "staged": N_("staged"),
    "edited": N_("edited"),
    "taken_back": N_("taken back to be edited"),
    "cancelled": N_("cancelled"),
    "confirmed": N_("confirmed what a check asked"),
    "approved": N_("approved"),
    "rejected": N_("not approved"),
    "settled": N_("settled what became of it"),
    "resent": N_("sent again, as the rules say"),
    "stopped": N_("stopped the line"),
    "resumed": N_("let the line run again"),
    "modem_resumed": N_("let a parked modem go on"),
    "configured": N_("started with other rules"),
    "opted_out": N_("took a number off the lists"),
    "opted_in": N_("put a number back on the lists"),
    "exported": N_("took a copy of the audit"),
    "backed_up": N_("took a backup"),
    "restored": N_("brought a backup back"),
    "forgotten": N_("forgot texts and numbers, as the rules say"),
}
BREAKS = {
    "changed": N_("Row {row} is not as it was written: it, or one before it, was changed."),
    "missing": N_("Row {row} is missing."),
    "cut": N_("Rows from {row} on are missing: the audit was longer. Was a backup brought back?"),
}


@router.get("", response_model=schema.AuditPage)
async def page(
    daemon: Daemon,
    who: Who,
    language: Language,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Newest first."""
    found = await daemon.store.run(audit.before, after, limit)
    following = str(found[-1].id) if len(found) == limit else None
    return JSONResponse(asdict(schema.AuditPage([view(each, language) for each in found], following)))


def view(row: Row, language: str) -> schema.AuditView:
    return schema.AuditView(
        id=row.id,
        at=views.moment(row.at) or "",
        who=row.who,
        uid=row.uid,
        origin=row.origin,
        deed=row.deed,
        words=say(DEEDS.get(row.deed, row.deed), language),
        subject=row.subject,
        data=row.data,
        hash=row.hash,
    )


@router.get("/verify", response_model=schema.AuditCheckView)
async def verify(daemon: Daemon, who: Who, language: Language, checkpoint: str | None = None) -> Response:
    """Every row against the one before it, and against the checkpoints that are known."""
    known = [given] if (given := _checkpoint(checkpoint)) else []
    if daemon.checkpoints is not None and (kept := await asyncio.to_thread(daemon.checkpoints.read)):
        known.append(kept)
    found, head = await _verify(daemon, known)
    sentence = say(Sentence(BREAKS[found.why], {"row": found.row}), language) if found else None
    return JSONResponse(
        asdict(schema.AuditCheckView(found is None, head.id, str(head), found.row if found else None, sentence))
    )


def _checkpoint(given: str | None) -> Checkpoint | None:
    try:
        return read_checkpoint(given) if given is not None else None
    except ValueError as error:
        raise Invalid(
            N_('"{text}" is no checkpoint: it is a number, a colon and 64 hex digits.'), text=str(given)[:40]
        ) from error


async def _verify(daemon: Gateway, known: list[Checkpoint]) -> tuple[Break | None, Checkpoint]:
    """In pages, so that nobody's cancel waits for it."""
    verifier = Verifier(known)
    while rows := await daemon.store.run(audit.since, verifier.head.id, _PAGE):
        if found := verifier.feed(rows):
            return found, verifier.head
    if found := verifier.end():
        return found, verifier.head
    cut = await daemon.store.run(audit.ever) > (await daemon.store.run(audit.head)).id
    return Break(verifier.head.id + 1, "cut") if cut else None, verifier.head


@router.get("/export")
async def export(daemon: Daemon, who: Who, format: Literal["jsonl", "csv"] = "jsonl") -> StreamingResponse:
    """All of it, oldest first. That it was taken is written down, as its last row."""
    now = daemon.store.clock.now()
    await daemon.store.run(audit.record, now, who, "exported", "audit", {"format": format})
    last = (await daemon.store.run(audit.head)).id
    kind = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}[format]
    return StreamingResponse(_lines(daemon, last, format), media_type=kind)


async def _lines(daemon: Gateway, last: int, format: str) -> AsyncIterator[str]:
    if format == "csv":
        yield _as_csv([[field.name for field in fields(Row)]])
    done = 0
    while done < last and (rows := await daemon.store.run(audit.since, done, min(_PAGE, last - done))):
        if format == "csv":
            yield _as_csv([astuple(row) for row in rows])
        else:
            yield "".join(f"{line}\n" for line in as_lines(rows))
        done = rows[-1].id


def _as_csv(rows: Sequence[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([covered(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue()
