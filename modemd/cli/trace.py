"""modemd trace: what was said between modemd and a modem."""

import click

from drivers.words import N_
from modemd.api.client import GatewayClient
from modemd.cli.common import day_and_clock, end, print_json, talks, words
from modemd.model.display import safe, trace_line


@click.command("trace")
@click.argument("modem", required=False)
@click.option("--last", is_flag=True, help="The newest one that was written down, whole.")
@click.option("--list", "as_list", is_flag=True, help="Which were written down, newest first: when, which modem, why.")
@talks
async def trace_command(
    client: GatewayClient, modem: str | None, last: bool, as_list: bool, lang: str, as_json: bool
) -> None:
    """What was said between modemd and MODEM, line by line.

    \b
      modemd trace north              the dialogue as it is in memory now
      modemd trace --list             what was written down when something failed
      modemd trace north --last       the newest of these, whole
      modemd trace --last > it.txt    to hand on

    The last minutes of each modem's AT dialogue are kept in memory. They are written down, into the folder
    "traces" beside the database, only when something fails: a submission is refused ("refused"), gets no
    prompt ("no_prompt") or no answer ("uncertain"), a command is not answered ("timeout"), or the modem is
    lost ("lost"). The newest 50 of each modem are kept.

    Each line has its time (UTC), the seconds since the line before, and a sign: ">" went to the modem, "<"
    came from it, "-" is a remark of modemd's.

    It may be shown to others: of numbers, IMEI and ICCID only the last four digits are left, of texts and
    PDUs only the length. A PIN is not even kept in memory.
    """
    if as_list:
        await _list(client, modem, lang, as_json)
    elif last:
        await _last(client, modem, lang, as_json)
    else:
        await _live(client, modem, lang, as_json)


async def _list(client: GatewayClient, modem: str | None, lang: str, as_json: bool) -> None:
    found = await client.traces(modem)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(words(lang, _NONE))
    for each in found:
        click.echo(f"{day_and_clock(each.at)}  {safe(each.modem):16} {each.why:10} {each.file}")


async def _last(client: GatewayClient, modem: str | None, lang: str, as_json: bool) -> None:
    found = await client.traces(modem)
    if not found:
        end(words(lang, _NONE))
    newest = await client.trace_file(found[0].file)
    print_json(newest) if as_json else click.echo(safe(newest.text or ""), nl=False)


_NONE = N_("No trace was written down: nothing has failed.")


async def _live(client: GatewayClient, modem: str | None, lang: str, as_json: bool) -> None:
    if modem is None:
        names = [each.name for each in await client.modems()]
        if len(names) != 1:
            end(words(lang, N_("Say which modem: {names}."), names=", ".join(names) or "-"))
        modem = names[0]
    trace = await client.trace(modem)
    if as_json:
        print_json(trace)
        return
    for line in trace.lines:
        click.echo(safe(trace_line(line.at, line.elapsed, line.direction, line.text)))
