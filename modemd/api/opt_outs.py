"""Who wants no more messages, over HTTP: the list, by hand, and lifted."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlite_utils import Database

from drivers.words import N_
from modemd.api import contact_schema as schema
from modemd.api import contact_views as views
from modemd.api.contacts import Limit, Line
from modemd.api.gateway import Author, Daemon, Gateway, Who
from modemd.api.outbox import Recipient
from modemd.api.routes import Route
from modemd.model.contact import dialled
from modemd.model.errors import NotFound
from modemd.store import audit, contacts, inbox, opt_outs
from modemd.store.opt_outs import OUT, OptOut

router = APIRouter(prefix="/v1/opt-outs", route_class=Route)

Number = Annotated[str, Path(max_length=64)]


class OptOutIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Recipient
    note: Line | None = None


def _json(view: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(asdict(view), status)


def _view(db: Database, found: OptOut, *, whole: bool = False) -> schema.OptOutView:
    return views.opt_out(
        found,
        said=inbox.text_of(db, found.inbound_id) if found.inbound_id is not None else None,
        names=[each.card.shown for each in contacts.of_number(db, found.number)],
        held=opt_outs.held(db, found.number),
        history=opt_outs.history(db, found.number) if whole else None,
    )


@router.get("", response_model=schema.OptOutPage)
async def page(
    daemon: Daemon,
    author: Author,
    state: Literal["out", "asked"] | None = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 100,
) -> Response:
    """By number. `asked`: a person reads what was written; nothing leaves meanwhile."""

    def read(db: Database) -> schema.OptOutPage:
        found = opt_outs.page(db, after, limit, state=state)
        following = found[-1].number if len(found) == limit else None
        return schema.OptOutPage([_view(db, each) for each in found], following)

    return _json(await daemon.store.run(read))


@router.get("/{number}", response_model=schema.OptOutView)
async def show(number: Number, daemon: Daemon, author: Author) -> Response:
    """One number with its history: when it was out, and when back again."""
    return _json(await _shown(daemon, number))


async def _shown(daemon: Gateway, number: str) -> schema.OptOutView:
    wanted = daemon.desk.dialled(number) or number

    def read(db: Database) -> schema.OptOutView:
        found = opt_outs.find(db, wanted)
        if found is None:
            raise NotFound(wanted[:40], N_("{what} has not asked for anything."))
        return _view(db, found, whole=True)

    return await daemon.store.run(read)


@router.post("", status_code=201, response_model=schema.OptOutView)
async def add(body: OptOutIn, daemon: Daemon, who: Who) -> Response:
    """Somebody has said so in another way. What has not left to that number is held."""
    number = dialled(body.number, daemon.config.region)
    now = daemon.store.clock.now()

    def put(db: Database) -> None:
        if opt_outs.put(db, number, OUT, now, who=who.name, note=body.note):
            audit.record(db, now, who, "opted_out", _subject(number))

    await daemon.store.run(put)
    return _json(await _shown(daemon, number), 201)


@router.delete("/{number}", status_code=204)
async def lift(
    number: Number, daemon: Daemon, who: Who, note: Annotated[str | None, Query(max_length=1000)] = None
) -> Response:
    """Messages are wanted again, or were never unwanted. What is held stays so until somebody looks at it."""
    wanted = daemon.desk.dialled(number) or number
    now = daemon.store.clock.now()

    def put_back(db: Database) -> None:
        opt_outs.lift(db, wanted, now, who=who.name, note=note)
        audit.record(db, now, who, "opted_in", _subject(wanted))

    await daemon.store.run(put_back)
    return Response(status_code=204)


def _subject(number: str) -> str:
    """The audit holds no number; the history of the opt-out does."""
    return f"number …{number[-4:]}"
