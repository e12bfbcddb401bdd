"""modemd opt-out: who wants no more messages."""

import click

from drivers.words import N_
from modemd.api.client import GatewayClient
from modemd.api.contact_schema import OptOutView
from modemd.cli.common import day_and_clock, print_json, talks, words
from modemd.model.display import one_line, safe


@click.group("opt-out")
def opt_out_command() -> None:
    """Who wants no more messages, whoever asks and whatever the SIM."""


_STATES = {
    "out": N_("no messages"),
    "asked": N_("a person reads it"),
    "back": N_("messages again"),
}


def _line(found: OptOutView, lang: str) -> str:
    state = words(lang, _STATES[found.state])
    names = one_line(", ".join(found.names))
    said = f'"{one_line(found.said)}"' if found.said else one_line(found.note or "")
    held = words(lang, N_("{n} held"), n=len(found.held)) if found.held else ""
    who = safe(found.who or "")
    cells = (safe(found.number), day_and_clock(found.at), state, names, said, who, held)
    return "  ".join(filter(None, cells))


@opt_out_command.command("list")
@click.option("--asked", is_flag=True, help="Only those that a person has to read.")
@talks
async def list_opt_outs(client: GatewayClient, asked: bool, lang: str, as_json: bool) -> None:
    """Every number that wants no more messages, or may want none."""
    found: list[OptOutView] = []
    after: str | None = None
    while True:
        page = await client.opt_outs(state="asked" if asked else None, after=after)
        found += page.opt_outs
        if (after := page.next) is None:
            break
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(words(lang, N_("Nobody has asked for no more messages.")))
    for each in found:
        click.echo(_line(each, lang))


@opt_out_command.command("show")
@click.argument("number")
@talks
async def show(client: GatewayClient, number: str, lang: str, as_json: bool) -> None:
    """NUMBER with its history."""
    found = await client.opt_out(number)
    if as_json:
        print_json(found)
        return
    click.echo(_line(found, lang))
    for step in found.history or []:
        who = safe(step.who or "")
        click.echo(f"  {day_and_clock(step.at)}  {words(lang, _STATES[step.what])}  {who}  {one_line(step.note or '')}")


@opt_out_command.command("add")
@click.argument("number")
@click.option("--note", help="How it was said: on the phone, by letter.")
@talks
async def add(client: GatewayClient, number: str, note: str | None, lang: str, as_json: bool) -> None:
    """NUMBER wants no more messages: what has not left is held at once."""
    found = await client.add_opt_out(number, note)
    print_json(found) if as_json else click.echo(_line(found, lang))


@opt_out_command.command("remove")
@click.argument("number")
@click.option("--note", help="Why.")
@talks
async def remove(client: GatewayClient, number: str, note: str | None, lang: str, as_json: bool) -> None:
    """NUMBER wants messages again, or never meant it. What is held stays so until somebody looks at it."""
    await client.lift_opt_out(number, note)
    if not as_json:
        click.echo(words(lang, N_("{number} may be written to again."), number=safe(number)))
