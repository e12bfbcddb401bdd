"""The commands of the second pair of eyes."""

import sys

import click

from drivers.words import N_
from modemd.api.client import GatewayClient
from modemd.api.schema import ApprovalView, DecidedView, MessageView
from modemd.cli.common import changes, day_and_clock, end, print_json, talks, words
from modemd.model.display import safe

of_batch = click.option("--batch", is_flag=True, help="ID is a batch: one decision for all that waits of it.")


@click.command("approvals")
@talks
async def approvals_command(client: GatewayClient, lang: str, as_json: bool) -> None:
    """What waits for your decision, the oldest first."""
    found = await client.approvals()
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(words(lang, N_("Nothing waits for your approval.")))
    for each in found:
        click.echo("\n".join(_lines(each, lang)))


def _lines(view: ApprovalView, lang: str) -> list[str]:
    """What an approver has to know, the way to approve it last."""
    whom = ", ".join(safe(number) for number in view.examples) if view.batch is not None else safe(view.to)
    what = f"#{view.message}" if view.batch is None else words(lang, N_("batch {id}"), id=view.batch)
    lines = [f"{what}  {whom}  ({view.count})" if view.count > 1 else f"{what}  {whom}"]
    lines.append("  " + safe(view.text).replace("\n", "\n  "))
    if view.texts > 1:
        lines.append("  " + words(lang, N_("The batch holds {n} different texts."), n=view.texts))
    when = day_and_clock(view.send_at) if view.send_at else words(lang, N_("when its fuse is spent"))
    lines.append("  " + words(lang, N_("By {who}; leaves: {when}"), who=safe(view.author), when=when))
    for rule in view.rules:
        lines.append(
            f"  {safe(rule.name)}: {len(rule.given)}/{rule.needed} {', '.join(map(safe, rule.given))}".rstrip()
        )
    lines += [f"  {safe(finding.message)} [{finding.code}]" for finding in view.findings]
    if view.before:
        lines.append("  " + words(lang, N_("Changed since {time}:"), time=day_and_clock(view.before.at)))
        lines.append("    " + changes(view.before.text))
        lines += [f"    {safe(view.before.to)} → {safe(view.to)}"] if view.before.to else []
        lines += [f"    {day_and_clock(view.before.send_at)} → {when}"] if view.before.moved else []
    return lines


@click.command("approve")
@click.argument("id", type=int)
@of_batch
@click.option(
    "--read-back", metavar="DIGITS", help="The last four digits of the number; of a batch, how many messages."
)
@talks
async def approve_command(
    client: GatewayClient, id: int, batch: bool, read_back: str | None, lang: str, as_json: bool
) -> None:
    """Approve what another person wrote. It is shown first, and asks for digits: they say that it was read."""
    view = await client.approval(id, batch=batch)
    if read_back is None:
        click.echo("\n".join(_lines(view, lang)), err=True)
        read_back = _asked(view, lang)
    if read_back.strip() != _expected(view):
        end(words(lang, N_("These are not the digits: nothing was approved.")))
    _tell(await client.approve(id, view.hash, batch=batch), lang, as_json)


def _expected(view: ApprovalView) -> str:
    return str(view.count) if view.batch is not None else view.to[-4:]


def _asked(view: ApprovalView, lang: str) -> str:
    if not sys.stdin.isatty():
        end(words(lang, N_("Say what you have read: --read-back and the last four digits (of a batch: how many).")))
    question = N_("How many messages?") if view.batch is not None else N_("The last four digits of the number?")
    return str(click.prompt(words(lang, question), err=True))


@click.command("reject")
@click.argument("id", type=int)
@of_batch
@click.option("--reason", required=True, metavar="TEXT", help="Why: whoever wrote it reads it.")
@talks
async def reject_command(client: GatewayClient, id: int, batch: bool, reason: str, lang: str, as_json: bool) -> None:
    """Say no to what another person wrote: it is a draft again."""
    view = await client.approval(id, batch=batch)
    _tell(await client.reject(id, view.hash, reason, batch=batch), lang, as_json)


def _tell(answer: MessageView | DecidedView, lang: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    if isinstance(answer, DecidedView):
        said = N_("Decided on {decided} messages; {waits} of them wait for more.")
        click.echo(words(lang, said, decided=answer.decided, waits=answer.waits))
        return
    sentences = {
        "held": N_("Approved. It still waits: {why}"),
        "draft": N_("Not approved: it is a draft again."),
        "staged": N_("Approved: it leaves at {time}."),
    }
    why = " ".join(safe(hold.sentence) for hold in answer.holds or [])
    click.echo(words(lang, sentences[answer.state], why=why, time=day_and_clock(answer.release_at)))
