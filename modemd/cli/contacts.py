"""modemd contacts, modemd groups: who is known, files of them, and what goes stale."""

import os
from typing import Any, BinaryIO

import click

from drivers.words import N_
from modemd.api.client import GatewayClient
from modemd.api.contact_schema import CaseView, ContactView, ImportItemView, ImportView
from modemd.cli.common import day_and_clock, end, print_json, talks, words
from modemd.model.display import fit, one_line, safe

_KINDS = {"new": "+", "changed": "~", "conflict": "?", "bad": "✖", "same": "="}


@click.group("contacts")
def contacts_command() -> None:
    """Who is known: names, numbers, groups, consent; files of them."""


def _line(contact: ContactView, lang: str) -> str:
    card = contact.card
    names = fit(one_line(f"{card.name}  {card.reading}".strip()), 36)
    numbers = " ".join(safe(number) for number in card.numbers) or "-"
    out = words(lang, N_(" (wants no messages)")) if contact.opted_out else ""
    return f"{contact.id:>6}  {names}  {numbers}{out}"


@contacts_command.command("list")
@click.option("--search", "q", metavar="WORDS", help="Only those of whom this is known: of name, number, notes ...")
@click.option("--group", metavar="NAME", help="Only this group.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@talks
async def list_contacts(
    client: GatewayClient, q: str | None, group: str | None, limit: int, lang: str, as_json: bool
) -> None:
    """By reading, else by name."""
    page = await client.contacts(q=q, group=group, limit=limit)
    if as_json:
        print_json(page)
        return
    if not page.contacts:
        click.echo(words(lang, N_("No contact. Add one: modemd contacts add --name NAME --number NUMBER")))
    for contact in page.contacts:
        click.echo(_line(contact, lang))


@contacts_command.command("show")
@click.argument("id", type=int)
@talks
async def show(client: GatewayClient, id: int, lang: str, as_json: bool) -> None:
    """Contact ID, and who has edited it when."""
    contact = await client.contact(id)
    print_json(contact) if as_json else _print(contact, lang)


def _print(contact: ContactView, lang: str) -> None:
    card = contact.card
    click.echo(_line(contact, lang))
    consents = ["  ".join(filter(None, (each.what, each.on, each.how))) for each in card.consents]
    doubts = [f"{each.written} → {each.proposed}?" for each in contact.doubts]
    for name, values in (
        (N_("language"), [card.language]),
        (N_("groups"), card.groups),
        (N_("tags"), card.tags),
        (N_("consent"), consents),
        (N_("lost zero"), doubts),
        (N_("notes"), [card.notes]),
    ):
        if any(values):
            click.echo(f"        {fit(words(lang, name), 12)} {one_line(', '.join(values))}")
    for name, value in card.fields.items():
        click.echo(f"        {fit(one_line(name), 12)} {one_line(value)}")
    for edit in contact.history or []:
        click.echo(f"        {day_and_clock(edit.at)}  {edit.kind}  {safe(edit.who)}")


def _card_options(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--name"),
            click.option("--reading", help="In kana."),
            click.option("--number", "numbers", multiple=True, metavar="NUMBER", help="May be repeated."),
            click.option("--language", help='"ja", "en" ...'),
            click.option("--notes"),
            click.option("--tag", "tags", multiple=True, help="May be repeated."),
            click.option("--group", "groups", multiple=True, help="May be repeated."),
            click.option("--consent", "consents", multiple=True, metavar="WHAT|DATE|HOW", help="May be repeated."),
            click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="One of your own."),
        )
    ):
        command = option(command)
    return command


def _card(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, as the API takes it."""
    card = {name: value for name, value in given.items() if value not in (None, ())}
    if "consents" in card:
        rows = [(*each.split("|"), "", "")[:3] for each in card["consents"]]
        card["consents"] = [{"what": what, "on": on, "how": how} for what, on, how in rows]
    if "fields" in card:
        card["fields"] = dict(each.split("=", 1) if "=" in each else (each, "") for each in card["fields"])
    return {name: list(value) if isinstance(value, tuple) else value for name, value in card.items()}


@contacts_command.command("add")
@_card_options
@talks
async def add(client: GatewayClient, lang: str, as_json: bool, **given: Any) -> None:
    """A new contact."""
    contact = await client.add_contact(**_card(given))
    print_json(contact) if as_json else click.echo(_line(contact, lang))


@contacts_command.command("edit")
@click.argument("id", type=int)
@_card_options
@talks
async def edit(client: GatewayClient, id: int, lang: str, as_json: bool, **given: Any) -> None:
    """Replace what is given of contact ID: all numbers, all tags, all groups."""
    contact = await client.edit_contact(id, **_card(given))
    print_json(contact) if as_json else click.echo(_line(contact, lang))


@contacts_command.command("delete")
@click.argument("id", type=int)
@click.option("--yes", is_flag=True, help="It is meant: nothing of the contact is kept.")
@talks
async def delete(client: GatewayClient, id: int, yes: bool, lang: str, as_json: bool) -> None:
    """Delete contact ID for good."""
    contact = await client.contact(id)
    if not yes:
        end(words(lang, N_("{name} would be gone for good. Say --yes if that is meant."), name=safe(contact.card.name)))
    await client.delete_contact(id)
    if not as_json:
        click.echo(words(lang, N_("Deleted: {name}."), name=safe(contact.card.name)))


# -- files ------------------------------------------------------------------------------------------------


@contacts_command.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--encoding", metavar="NAME", help="utf-8, cp932, iso2022_jp, euc_jp, utf-16. Default: by a strict chain."
)
@click.option("--column", "columns", multiple=True, metavar="HEADING=FIELD", help='What a column means; "-": left out.')
@click.option("--no-heading", is_flag=True, help="The first row is a contact; columns are called 1, 2 ...")
@click.option("--group", metavar="NAME", help="Everybody of the file belongs to it.")
@click.option("--zeros", is_flag=True, help="You have seen the numbers that lack a 0, and the proposed ones are meant.")
@click.option("--decide", multiple=True, metavar="ROW=add|merge|skip", help="What to do about a conflict.")
@click.option("--apply", "go", is_flag=True, help="Do it. Without this, it is only shown.")
@talks
async def import_file(
    client: GatewayClient,
    file: BinaryIO,
    encoding: str | None,
    columns: tuple[str, ...],
    no_heading: bool,
    group: str | None,
    zeros: bool,
    decide: tuple[str, ...],
    go: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Compare FILE (CSV, XLSX or vCard) with the contacts; --apply does it, modemd contacts undo undoes it."""
    data = file.read()
    wanted: dict[str, Any] = {
        "encoding": encoding,
        "group": group,
        "zeros": zeros,
        "source": os.path.basename(file.name),
    }
    wanted["headed"] = False if no_heading else None
    seen = await client.preview_import(data, **wanted)
    if columns:
        wanted["columns"] = _mapped(seen, columns)
        seen = await client.preview_import(data, **wanted)
    if not go:
        print_json(seen) if as_json else _print_preview(seen, lang)
        return
    done = await client.apply_import(data, seen.seen, _decisions(decide), **wanted)
    if as_json:
        print_json(done)
        return
    sentence = N_("{added} added, {merged} merged, {skipped} left out. Undo it: modemd contacts undo {batch}")
    click.echo(words(lang, sentence, added=done.added, merged=done.merged, skipped=done.skipped, batch=done.batch))


def _mapped(seen: ImportView, columns: tuple[str, ...]) -> list[str]:
    given = dict(each.rpartition("=")[::2] for each in columns)
    if unknown := set(given) - {column.heading for column in seen.columns}:
        raise click.UsageError(f"{', '.join(unknown)}: no such column; there is: {_headings(seen)}")
    return [given.get(column.heading, column.means) for column in seen.columns]


def _headings(seen: ImportView) -> str:
    return ", ".join(column.heading for column in seen.columns)


def _decisions(decide: tuple[str, ...]) -> dict[int, str]:
    try:
        return {int(place): what for place, _, what in (each.partition("=") for each in decide)}
    except ValueError as error:
        raise click.UsageError("--decide ROW=add|merge|skip") from error


def _print_preview(seen: ImportView, lang: str) -> None:
    others = ", ".join(seen.encodings[1:])
    if seen.encoding:
        sentence = N_("Read as {encoding}.") if not others else N_("Read as {encoding}; it could also be {others}.")
        click.echo(words(lang, sentence, encoding=seen.encoding, others=others))
    for column in seen.columns:
        heading, means = fit(one_line(column.heading), 20), fit(column.means, 16)
        click.echo(f"  {heading} → {means} {one_line(' / '.join(column.examples))}")
    for item in seen.items:
        click.echo(_item_line(item))
    counts = seen.counts
    sentence = N_("{new} new, {changed} changed, {same} the same, {conflict} to decide, {bad} unreadable.")
    click.echo(words(lang, sentence, **counts))
    if counts["doubts"]:
        click.echo(
            words(lang, N_("{n} numbers lack a 0 in front: they are kept to be asked about."), n=counts["doubts"])
        )


def _item_line(item: ImportItemView) -> str:
    changes = "; ".join(f"{each.field}: {each.old} → {each.new}" for each in item.changes)
    why = f"({safe(item.why.sentence)})" if item.why else ""
    cells = (one_line(item.name), " ".join(item.numbers), one_line(changes), why)
    return f"{item.place:>6} {_KINDS[item.kind]} {' '.join(filter(None, cells))}"


@contacts_command.command("export")
@click.option("--kind", type=click.Choice(["csv", "vcard"]), default="csv", show_default=True)
@click.option("--group", metavar="NAME", help="Only this group.")
@click.option("--search", "q", metavar="WORDS", help="Only those of whom this is known.")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="Default: standard output.")
@talks
async def export(
    client: GatewayClient, kind: str, group: str | None, q: str | None, output: BinaryIO, lang: str, as_json: bool
) -> None:
    """Contacts as a file that is read again as what it was."""
    output.write(await client.export_contacts(kind, group=group, q=q))


@contacts_command.command("undo")
@click.argument("batch", type=int, required=False)
@talks
async def undo(client: GatewayClient, batch: int | None, lang: str, as_json: bool) -> None:
    """Undo import or merge BATCH; without it, list them."""
    if batch is None:
        page = await client.contact_batches()
        if as_json:
            print_json(page)
            return
        for each in page.batches:
            undone = words(lang, N_("undone by {who}"), who=safe(each.undone_by or "")) if each.undone_at else ""
            source = fit(one_line(each.source), 24)
            click.echo(f"{each.id:>6}  {day_and_clock(each.at)}  {each.kind:7} {source} {each.contacts:>6}  {undone}")
        return
    done = await client.undo_batch(batch)
    print_json(done) if as_json else click.echo(words(lang, N_("As before: {n} contact(s)."), n=done.contacts))


# -- hygiene ----------------------------------------------------------------------------------------------


@contacts_command.command("hygiene")
@talks
async def hygiene(client: GatewayClient, lang: str, as_json: bool) -> None:
    """What is to be seen to: duplicates, shared numbers, lost zeros, dead numbers, stale contacts."""
    cases: list[CaseView] = []
    after: str | None = None
    while True:
        page = await client.hygiene(after=after)
        cases += page.cases
        if (after := page.next) is None:
            break
    if as_json:
        print_json(cases)
        return
    if not cases:
        click.echo(words(lang, N_("Nothing to be seen to.")))
    for case in cases:
        click.echo(f"{one_line(case.sentence)}")
        for action in case.actions:
            keep = " --keep " + "|".join(str(each.id) for each in case.contacts) if action in case.keeps else ""
            click.echo(f"    modemd contacts tidy {case.kind} '{safe(case.key)}' {action}{keep}")


@contacts_command.command("tidy")
@click.argument("kind")
@click.argument("key")
@click.argument("action")
@click.option("--keep", type=int, metavar="ID", help="The contact that is kept, or keeps the number.")
@talks
async def tidy(
    client: GatewayClient, kind: str, key: str, action: str, keep: int | None, lang: str, as_json: bool
) -> None:
    """See to a case of modemd contacts hygiene."""
    done = await client.tidy_up(kind, key, action, keep=keep)
    if as_json:
        print_json(done)
    elif done.batch is not None:
        click.echo(words(lang, N_("Done. Undo it: modemd contacts undo {batch}"), batch=done.batch))
    else:
        click.echo(words(lang, N_("Noted: it is right as it is.")))


# -- groups -----------------------------------------------------------------------------------------------


@click.group("groups")
def groups_command() -> None:
    """Lists of contacts, by name."""


@groups_command.command("list")
@talks
async def list_groups(client: GatewayClient, lang: str, as_json: bool) -> None:
    """All groups, and how many contacts each has."""
    found = await client.groups()
    if as_json:
        print_json(found)
        return
    for group in found:
        click.echo(f"{group.contacts:>6}  {safe(group.name)}")


@groups_command.command("add")
@click.argument("name")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
@talks
async def add_to_group(client: GatewayClient, name: str, ids: tuple[int, ...], lang: str, as_json: bool) -> None:
    """Make group NAME, where there is none, and put contacts into it."""
    await client.add_group(name)
    if ids:
        await client.regroup(name, add=list(ids))


@groups_command.command("remove")
@click.argument("name")
@click.argument("ids", nargs=-1, type=int, required=True, metavar="ID...")
@talks
async def take_from_group(client: GatewayClient, name: str, ids: tuple[int, ...], lang: str, as_json: bool) -> None:
    """Take contacts out of group NAME."""
    await client.regroup(name, remove=list(ids))


@groups_command.command("delete")
@click.argument("name")
@talks
async def drop_group(client: GatewayClient, name: str, lang: str, as_json: bool) -> None:
    """Delete group NAME; its contacts stay."""
    done = await client.drop_group(name)
    if as_json:
        print_json(done)
    else:
        click.echo(words(lang, N_("Done. Undo it: modemd contacts undo {batch}"), batch=done.batch))
