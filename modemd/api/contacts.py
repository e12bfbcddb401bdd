"""Contacts and groups over HTTP; completion, and what goes stale."""

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlite_utils import Database

from drivers.words import N_
from modemd.api import contact_schema as schema
from modemd.api import contact_views as views
from modemd.api.gateway import Author, Daemon, Language
from modemd.api.outbox import LARGEST, Id, Recipient
from modemd.api.routes import Route
from modemd.model.contact import Card, Consent, Contact, sort_key, split, tidy
from modemd.model.errors import Invalid
from modemd.store import completion, contacts, groups, hygiene, opt_outs

router = APIRouter(prefix="/v1", route_class=Route)

_CASES_AT_ONCE = 100  # contacts looked at for one page of cases
_MOST_MEMBERS = 10_000

Line = Annotated[str, Field(max_length=1000)]
Name = Annotated[str, Path(max_length=1000)]
Limit = Annotated[int, Query(ge=1, le=500)]


class ConsentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    what: Line
    on: Line
    how: Line = ""


class CardIn(BaseModel):
    """What is left out stays as it is; a new contact begins empty."""

    model_config = ConfigDict(extra="forbid")
    name: Line | None = None
    reading: Line | None = None
    numbers: Annotated[list[Recipient], Field(max_length=100)] | None = None
    language: Line | None = None
    notes: Annotated[str, Field(max_length=10_000)] | None = None
    tags: Annotated[list[Line], Field(max_length=100)] | None = None
    groups: Annotated[list[Line], Field(max_length=100)] | None = None
    consents: Annotated[list[ConsentIn], Field(max_length=100)] | None = None
    fields: dict[Line, Line] | None = None

    def over(self, card: Card, region: str | None) -> Card:
        """The card with what is given. Raises Invalid."""
        given: dict[str, Any] = self.model_dump(exclude={"revision"}, exclude_none=True)
        if "consents" in given:
            given["consents"] = tuple(Consent(**each) for each in given["consents"])
        given |= {name: tuple(given[name]) for name in ("numbers", "tags", "groups") if name in given}
        return tidy(replace(card, **given), region)


class CardChange(CardIn):
    revision: Annotated[int, Field(ge=0, le=LARGEST)] | None = None


class ChosenIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    message: Annotated[int, Field(ge=0, le=LARGEST)]
    typed: Line
    contact: Annotated[int, Field(ge=0, le=LARGEST)]


class GroupIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Line


class MembersIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    add: Annotated[list[Annotated[int, Field(ge=0, le=LARGEST)]], Field(max_length=_MOST_MEMBERS)] = []
    remove: Annotated[list[Annotated[int, Field(ge=0, le=LARGEST)]], Field(max_length=_MOST_MEMBERS)] = []


class ActIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Line
    key: Line
    action: Line
    keep: Annotated[int, Field(ge=0, le=LARGEST)] | None = None


def _json(view: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(asdict(view), status)


def _view(db: Database, found: Contact) -> schema.ContactView:
    out = [number for number in found.card.numbers if _is_out(db, number)]
    return views.contact(found, opted_out=out)


def _is_out(db: Database, number: str) -> bool:
    known = opt_outs.find(db, number)
    return known is not None and known.state != opt_outs.BACK


# -- contacts ---------------------------------------------------------------------------------------------


@router.get("/contacts", response_model=schema.ContactPage)
async def page(
    daemon: Daemon,
    author: Author,
    q: Annotated[str | None, Query(max_length=1000)] = None,
    group: Annotated[str | None, Query(max_length=1000)] = None,
    after: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Limit = 100,
) -> Response:
    """By reading, else by name. `q`: words of anything that is known of them."""

    def read(db: Database) -> schema.ContactPage:
        found = contacts.page(db, _cursor(after), limit, q, group)
        following = f"{found[-1].id}|{sort_key(found[-1].card)}" if len(found) == limit else None
        return schema.ContactPage([_view(db, each) for each in found], following, contacts.count(db))

    return _json(await daemon.store.run(read))


def _cursor(after: str | None) -> tuple[str, int] | None:
    if after is None:
        return None
    id, bar, key = after.partition("|")
    if not bar or not id.isdecimal() or int(id) > LARGEST:
        raise Invalid(N_('"{after}" is no cursor of this list.'), after=after[:40])
    return key, int(id)


@router.post("/contacts", status_code=201, response_model=schema.ContactView)
async def add(body: CardIn, daemon: Daemon, author: Author) -> Response:
    card, now = body.over(Card(), daemon.config.region), daemon.store.clock.now()

    def put(db: Database) -> schema.ContactView:
        return _view(db, contacts.find(db, contacts.add(db, card, now, author)))

    return _json(await daemon.store.run(put), 201)


@router.get("/contacts/complete", response_model=schema.CompletionView)
async def complete(
    daemon: Daemon,
    author: Author,
    q: Annotated[str, Query(max_length=1000)],
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> Response:
    """Who may be meant by a few letters, of a name or a reading, or digits, from either end of a number."""
    found, tie = await daemon.store.run(completion.complete, q, limit)
    return _json(schema.CompletionView([views.suggestion(each) for each in found], tie))


@router.post("/contacts/chosen", status_code=204)
async def chosen(body: ChosenIn, daemon: Daemon, author: Author) -> Response:
    """This message's recipient was picked by these letters: an undo demotes the pair."""
    await daemon.store.run(completion.chosen, body.message, body.typed, body.contact)
    return Response(status_code=204)


@router.get("/contacts/of")
async def of_number(number: Annotated[str, Query(max_length=64)], daemon: Daemon, author: Author) -> Response:
    """Everybody who has this number: there may be several, and none of them wins."""
    dialled = daemon.desk.dialled(number) or number

    def read(db: Database) -> list[dict[str, Any]]:
        return [asdict(_view(db, each)) for each in contacts.of_number(db, dialled)]

    return JSONResponse({"contacts": await daemon.store.run(read)})


@router.get("/contacts/{id}", response_model=schema.ContactView)
async def show(id: Id, daemon: Daemon, author: Author) -> Response:
    """A contact, and who has edited it when."""

    def read(db: Database) -> schema.ContactView:
        view, edits = _view(db, contacts.find(db, id)), contacts.history(db, id)
        return replace(view, history=[views.edit(each) for each in edits])

    return _json(await daemon.store.run(read))


@router.patch("/contacts/{id}", response_model=schema.ContactView)
async def change(id: Id, body: CardChange, daemon: Daemon, author: Author) -> Response:
    """What is given is replaced; with `revision`, only where nobody has edited it since."""
    now = daemon.store.clock.now()

    def put(db: Database) -> schema.ContactView:
        card = body.over(contacts.find(db, id).card, daemon.config.region)
        contacts.change(db, id, card, now, author, revision=body.revision)
        return _view(db, contacts.find(db, id))

    return _json(await daemon.store.run(put))


@router.delete("/contacts/{id}", status_code=204)
async def delete(id: Id, daemon: Daemon, author: Author) -> Response:
    """For good: only who has deleted it, and when, is kept."""
    await daemon.store.run(contacts.delete, id, daemon.store.clock.now(), author)
    return Response(status_code=204)


# -- groups -----------------------------------------------------------------------------------------------


@router.get("/groups")
async def every_group(daemon: Daemon, author: Author) -> Response:
    found = await daemon.store.run(groups.listed)
    return JSONResponse({"groups": [asdict(schema.GroupView(each.name, each.contacts)) for each in found]})


@router.post("/groups", status_code=204)
async def add_group(body: GroupIn, daemon: Daemon, author: Author) -> Response:
    names = split(body.name)
    if len(names) != 1:
        raise Invalid(N_("A group's name holds no comma and no semicolon."))
    await daemon.store.run(groups.add, names[0], daemon.store.clock.now(), author)
    return Response(status_code=204)


@router.post("/groups/{name}/members", status_code=204)
async def regroup(name: Name, body: MembersIn, daemon: Daemon, author: Author) -> Response:
    now = daemon.store.clock.now()

    def put(db: Database) -> None:
        groups.members(db, name)
        groups.regroup(db, name, body.add, now, author, into=True)
        groups.regroup(db, name, body.remove, now, author, into=False)

    await daemon.store.run(put)
    return Response(status_code=204)


@router.delete("/groups/{name}", response_model=schema.DoneView)
async def drop_group(name: Name, daemon: Daemon, author: Author) -> Response:
    """Its contacts stay. The answer's batch undoes it."""
    return _json(schema.DoneView(await daemon.store.run(groups.drop, name, daemon.store.clock.now(), author)))


# -- hygiene ----------------------------------------------------------------------------------------------


@router.get("/hygiene", response_model=schema.HygieneView)
async def cases(
    daemon: Daemon, author: Author, language: Language, after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None
) -> Response:
    """What is to be seen to, of so many contacts at a time: a page may be empty, and `next` lead on."""
    now = daemon.store.clock.now()
    found, following = await daemon.store.run(hygiene.cases, after or 0, _CASES_AT_ONCE, now)
    shown = [views.case(each, language) for each in found]
    return _json(schema.HygieneView(shown, None if following is None else str(following)))


@router.post("/hygiene", response_model=schema.DoneView)
async def act(body: ActIn, daemon: Daemon, author: Author) -> Response:
    """Do one of a case's actions; the answer's batch undoes it."""
    batch = await daemon.store.run(
        hygiene.act, body.kind, body.key, body.action, daemon.store.clock.now(), author, keep=body.keep
    )
    return _json(schema.DoneView(batch))
