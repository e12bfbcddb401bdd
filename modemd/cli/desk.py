"""The commands that talk to a daemon."""

import sys
from datetime import UTC, datetime
from typing import Any

import click

from drivers.words import N_
from modemd.api.client import GatewayClient, Refused, Unreachable
from modemd.api.schema import CancelView, FindingView, MessageView
from modemd.cli.common import changes, clock, day_and_clock, end, print_json, talks, words
from modemd.model.candidate import Candidate
from modemd.model.display import fit, one_line, safe
from modemd.model.labels import LABELS
from modemd.model.message import CATEGORIES

_OVER = ("submitted", "delivered", "undelivered", "cancelled", "expired", "failed", "uncertain", "held")
_MARKS = {"note": "·", "confirm": "▲", "block": "✖"}


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given


@click.command("send")
@click.option("--to", required=True, multiple=True, metavar="NUMBER", help="The recipient; may be repeated.")
@click.option("--fuse", metavar="DURATION", help="How long it can be stopped: 10s, 2m. Default: as configured.")
@click.option("--at", "send_at", metavar="TIME", help="Send at a time: 2026-11-24T09:00:00+09:00.")
@click.option("--validity", metavar="DURATION", help="Not after: 1h, 1d.")
@click.option("--modem", metavar="NAME", help="By this modem alone.")
@click.option(
    "--category",
    type=click.Choice(CATEGORIES),
    help="What it is about: policies go by it. Default: service.",
)
@click.option("--confirm", multiple=True, metavar="CODE", help="Stand by a finding that is to be confirmed.")
@click.option("--reason", metavar="WORDS", help="Why an emergency cannot wait for the usual hours.")
@click.option("--key", metavar="KEY", help="Idempotency key: the same again sends nothing twice.")
@click.option("--cool", metavar="DURATION", help="Keep it as a draft that is not staged before: then modemd stage ID.")
@click.option("--wait", is_flag=True, help="Wait until it has left, or will not.")
@click.argument("text")
@talks
async def send_command(
    client: GatewayClient,
    to: tuple[str, ...],
    text: str,
    confirm: tuple[str, ...],
    wait: bool,
    lang: str,
    as_json: bool,
    **rest: str | None,
) -> None:
    """Stage TEXT (or "-" for standard input): the fuse burns, then it leaves."""
    given: dict[str, Any] = {name: value for name, value in rest.items() if value is not None}
    given["confirm"] = list(confirm) or None
    given["by_hand"] = sys.stdin.isatty()
    if given.get("cool"):
        if len(to) > 1 or wait:
            raise click.UsageError("--cool keeps one message as a draft: not with several --to, nor with --wait.")
        _tell_cooling(await client.save_draft(to[0], _text(text), cool=given["cool"]), lang, as_json)
        return
    try:
        if len(to) > 1:
            given.pop("key", None)
            staged = (await client.stage_many(list(to), _text(text), **given)).messages
        else:
            staged = [await client.stage(to[0], _text(text), **given)]
    except Refused as refused:
        if not refused.findings:
            raise
        _print_findings([each for each in refused.findings if each.severity == "block"])
        sys.exit(1)
    if wait:
        staged = [await _wait(client, each.id) for each in staged]
    if as_json:
        print_json(staged[0] if len(staged) == 1 else staged)
        return
    for each in staged:
        _print_findings(each.findings or [])
        click.echo(_staged_line(each, lang) if not wait else _line(each, lang))


def _tell_cooling(draft: MessageView, lang: str, as_json: bool) -> None:
    if as_json:
        print_json(draft)
        return
    until = day_and_clock(draft.cool.until) if draft.cool else "-"
    said = N_("Kept as the draft {id}: it cools until {time}. Then: modemd stage {id}")
    click.echo(words(lang, said, id=draft.id, time=until))


@click.command("stage")
@click.argument("id", type=int)
@click.option("--confirm", multiple=True, metavar="CODE", help="Stand by a finding that is to be confirmed.")
@talks
async def stage_command(client: GatewayClient, id: int, confirm: tuple[str, ...], lang: str, as_json: bool) -> None:
    """Stage the draft ID: one that cools when its time is over. It is shown as it is now."""
    draft = await client.message(id)
    message = await client.edit(id, draft=False, confirm=list(confirm))
    if as_json:
        print_json(message)
        return
    click.echo(f"{safe(message.to)}  {safe(message.text)}")
    if draft.cool and draft.cool.before and any(run.op != "same" for run in draft.cool.before.text):
        click.echo(words(lang, N_("Changed while it cooled: {text}"), text=changes(draft.cool.before.text)))
    click.echo(_staged_line(message, lang))


def _staged_line(message: MessageView, lang: str) -> str:
    if message.holds:
        return "\n".join(
            (
                words(lang, N_("Held as {id}: it waits for a person. Stop it: modemd cancel {id}"), id=message.id),
                *(f"  {safe(hold.sentence)} [{hold.code}]" for hold in message.holds),
            )
        )
    return words(
        lang,
        N_("Staged as {id}: leaves at {time}, {parts} part(s). Stop it: modemd cancel {id}"),
        id=message.id,
        time=clock(message.release_at),
        parts=len(message.parts),
    )


def _print_findings(findings: list[FindingView]) -> None:
    for finding in findings:
        click.echo(f"{_MARKS.get(finding.severity, '·')} {safe(finding.message)} [{finding.code}]", err=True)


async def _wait(client: GatewayClient, id: int) -> MessageView:
    last = (await client.log(limit=1)).events
    events = client.events(last[0].id if last else 0)
    while (message := await client.message(id)).state not in _OVER:
        await anext(events)
    return message


@click.command("confirm")
@click.argument("id", type=int)
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@click.option("--batch", is_flag=True, help="ID is a batch: all of it that waits for this.")
@talks
async def confirm_command(
    client: GatewayClient, id: int, codes: tuple[str, ...], batch: bool, lang: str, as_json: bool
) -> None:
    """Stand by what the checks ask about the held message ID: it goes on when nothing else holds it."""
    if batch:
        found = await client.confirm_batch(id, codes)
        said = N_("Confirmed for {decided} messages; {waits} of them wait for something else.")
        print_json(found) if as_json else click.echo(words(lang, said, decided=found.decided, waits=found.waits))
        return
    message = await client.edit(id, confirm=list(codes))
    print_json(message) if as_json else click.echo(_staged_line(message, lang))


@click.command("cancel")
@click.argument("id", type=int)
@talks
async def cancel_command(client: GatewayClient, id: int, lang: str, as_json: bool) -> None:
    """Stop message ID, if it has not left. Exit status 1: too late."""
    _tell_outcome(await client.cancel(id), lang, as_json)


@click.command("undo")
@talks
async def undo_command(client: GatewayClient, lang: str, as_json: bool) -> None:
    """Stop the newest message of yours."""
    outcome = await client.undo()
    if outcome is None:
        end(words(lang, N_("There is nothing to undo.")))
    _tell_outcome(outcome, lang, as_json)


def _tell_outcome(outcome: CancelView, lang: str, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
    else:
        click.echo(outcome_words(outcome, lang))
    if outcome.outcome == "too_late":
        sys.exit(1)


def outcome_words(outcome: CancelView, lang: str) -> str:
    """P1's one true answer."""
    templates = {
        "cancelled": N_("Stopped. Nothing left the modem."),
        "partly": N_("Stopped after {left} of {total} parts, the last at {time}. The rest never will."),
        "too_late": N_("Too late: it left at {time}."),
    }
    values = {"left": outcome.left, "total": outcome.total, "time": clock(outcome.left_at)}
    return words(lang, templates[outcome.outcome], **values)


@click.command("settle")
@click.argument("id", type=int)
@click.argument("settle_as", metavar="sent|not_sent|resend", type=click.Choice(["sent", "not_sent", "resend"]))
@talks
async def settle_command(client: GatewayClient, id: int, settle_as: str, lang: str, as_json: bool) -> None:
    """Say what became of the uncertain message ID. `resend` may make a second copy."""
    message = await client.settle(id, settle_as)
    print_json(message) if as_json else click.echo(_line(message, lang))


@click.command("show")
@click.argument("id", type=int)
@talks
async def show_command(client: GatewayClient, id: int, lang: str, as_json: bool) -> None:
    """Message ID with its parts and its history."""
    message = await client.message(id)
    if as_json:
        print_json(message)
        return
    click.echo(_line(message, lang))
    click.echo(safe(message.text))
    for part in message.parts:
        words_of = part.tp_st_words or (part.error.sentence if part.error else "")
        label = fit(words(lang, LABELS[part.state]), 17)
        click.echo(f"  {part.sequence}/{part.total} {label} {part.modem or '':8} {words_of}".rstrip())
    for event in message.events or []:
        click.echo(f"  {day_and_clock(event.at)}  {safe(event.detail)}  {safe(event.who or '')}".rstrip())


def _line(message: MessageView, lang: str) -> str:
    when = clock(message.ended_at or message.release_at)
    text = fit(one_line(message.text), 30)
    label = fit(words(lang, LABELS[message.state]), 17)
    return f"{message.id:>6}  {label} {when}  {safe(message.to):16} {len(message.parts):>2}  {text}".rstrip()


@click.command("outbox")
@click.option("--state", help="Only this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@talks
async def outbox_command(client: GatewayClient, state: str | None, limit: int, lang: str, as_json: bool) -> None:
    """What needs you, burns, waits, is on air; and the newest that are done."""
    page = await client.messages(state=state, limit=limit)
    if as_json:
        print_json(page)
        return
    if not page.messages:
        click.echo(words(lang, N_('Nothing here. Send something: modemd send --to NUMBER "TEXT"')))
    for message in page.messages:
        click.echo(_line(message, lang))


@click.command("inbox")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@talks
async def inbox_command(client: GatewayClient, limit: int, lang: str, as_json: bool) -> None:
    """What was received, newest first."""
    page = await client.inbox(limit=limit)
    if as_json:
        print_json(page)
        return
    if not page.messages:
        click.echo(words(lang, N_("Nothing was received yet.")))
    for each in page.messages:
        said = [
            f"[{safe(each.error.sentence)}]" if each.error else "",
            one_line(each.text or each.raw or ""),
            f"({safe(each.lacking.sentence)})" if each.lacking else "",
        ]
        click.echo(
            f"{each.id:>6}  {day_and_clock(each.received_at)}  {safe(each.sender):16} {each.modem:8} "
            f"{' '.join(filter(None, said))}"
        )


@click.command("modems")
@click.option(
    "--resume",
    metavar="NAME",
    help="What it is parked for was seen to; the modem and SIM that are there now are meant.",
)
@talks
async def modems_command(client: GatewayClient, resume: str | None, lang: str, as_json: bool) -> None:
    """Each modem: its state, its network, its last error."""
    if resume is not None:
        await client.resume_modem(resume)
        if not as_json:
            click.echo(words(lang, N_("{name} goes on."), name=safe(resume)))
            return
    found = await client.modems()
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(words(lang, N_("No modem is configured: add a [[modem]] to the configuration.")))
    for each in found:
        signal = f"{each.signal_dbm} dBm" if each.signal_dbm is not None else "-"
        network = " ".join(filter(None, (each.operator, each.technology)))
        click.echo(f"{each.name:10} {each.state:9} {safe(network):16} {signal:9} {safe(each.sentence)}")
        for alert in each.alerts:
            click.echo(f"{'':10} {safe(alert.sentence)} [{alert.code}]")
        if each.last_error:
            click.echo(f"{'':10} {clock(each.last_error_at)} {safe(each.last_error.sentence)}")


@click.command("log")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@talks
async def log_command(client: GatewayClient, limit: int, lang: str, as_json: bool) -> None:
    """What happened, newest first."""
    page = await client.log(limit=limit)
    if as_json:
        print_json(page)
        return
    for event in page.events:
        subject = f"#{event.message}" if event.message else ""
        who = safe(event.who or "")
        click.echo(f"{day_and_clock(event.at)}  {subject:8} {safe(event.detail)}  {who}".rstrip())


@click.command("stop")
@talks
async def stop_command(client: GatewayClient, lang: str, as_json: bool) -> None:
    """Stop the line: nothing more leaves, on any modem."""
    line = await client.stop()
    if as_json:
        print_json(line)
    else:
        click.echo(words(lang, N_("The line is stopped: nothing leaves until modemd resume.")))


@click.command("resume")
@talks
async def resume_command(client: GatewayClient, lang: str, as_json: bool) -> None:
    """Let the line run again."""
    line = await client.resume()
    if as_json:
        print_json(line)
    else:
        click.echo(words(lang, N_("The line runs again.")))


@click.command("lint")
@click.option("--to", metavar="NUMBER", help="The recipient.")
@click.option("--category", type=click.Choice(CATEGORIES), help="What it is about.")
@click.argument("text")
@talks
async def lint_command(
    client: GatewayClient, text: str, to: str | None, category: str | None, lang: str, as_json: bool
) -> None:
    """What staging TEXT would say, without staging. Exit status 1 when a finding blocks.

    Without a daemon the checks are made here, by their defaults.
    """
    text = _text(text)
    try:
        view = await client.lint(text, to=to, category=category, by_hand=sys.stdin.isatty())
    except Unreachable:
        from modemd.api.lint import lint_view
        from modemd.checks.table import examine
        from modemd.config import Config
        from modemd.staging.examiner import Examiner

        examiner = Examiner(Config(), examine)
        look = examiner.look(Candidate(to=to or "", text=text, now=datetime.now(UTC)))
        view = lint_view(examiner, look, lang, addressed=to is not None, fuse=examiner.fuse(look.risk, None))
    if as_json:
        print_json(view)
    else:
        for finding in view.findings:
            click.echo(f"{_MARKS.get(finding.severity, '·')} {safe(finding.message)} [{finding.code}]")
        sentence = N_("{encoding}, {units} units, {parts} part(s), {room} left in the last")
        click.echo(words(lang, sentence, encoding=view.encoding, units=view.units, parts=view.parts, room=view.room))
        if view.cost is not None:
            click.echo(words(lang, N_("Cost: {cost}"), cost=safe(view.cost)))
        if view.risk is not None and view.risk.score:
            sentence = N_("Risk: {reason}. The fuse burns {seconds} s.")
            click.echo(words(lang, sentence, reason=safe(view.risk.reason), seconds=f"{view.risk.fuse:g}"))
    if any(finding.severity == "block" for finding in view.findings):
        sys.exit(1)
