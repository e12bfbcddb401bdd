"""The proof behind modemd doctor --send: a message through the outbox (P7), watched until its report."""

import asyncio
import time
from datetime import datetime

import click

from drivers.words import N_
from modemd.api.client import ClientError, GatewayClient
from modemd.api.schema import DiagnosisView, MessageView
from modemd.cli.common import clock, words
from modemd.cli.desk import outcome_words
from modemd.model.display import safe

FUSE = "5s"  # long enough to think better of it
LEFT_WITHIN = 200.0  # seconds: the fuse, and the longest that a network may take
REPORT_WITHIN = 120.0  # seconds that a report may take after that
_EVERY = 0.2  # seconds between looks

_WAITS = ("draft", "staged", "queued", "submitting")
_PROGRESS = {
    "staged": N_("Staged as {id}: it leaves at {time}. Ctrl-C stops it."),
    "queued": N_("The fuse is spent: a modem may take it."),
    "submitting": N_("It is on its way: nothing can call it back."),
    "submitted": N_("The network has taken it. Waiting for the report ..."),
}
# Without these a modem sends nothing.
_NEEDED = ("port", "answers", "imei", "sim", "network", "smsc")


async def prove(
    client: GatewayClient, number: str, modem: str | None, lang: str, found: list[DiagnosisView], *, quiet: bool
) -> DiagnosisView:
    """Stage, wait, say. A Ctrl-C stops the message if that can still be, and says what became of it."""
    proof = _Proof(client, lang, quiet=quiet)
    if in_the_way := await proof.in_the_way(found, modem):
        return in_the_way
    text = words(lang, N_("modemd: a test, {time}"), time=f"{datetime.now().astimezone():%H:%M:%S}")
    staging = asyncio.ensure_future(client.stage(number, text, fuse=FUSE, modem=modem))
    try:
        message = await asyncio.shield(staging)
        return await proof.watch(message)
    except ClientError as error:
        return proof.says("fail", "{error}", N_("Correct that, then again."), error=safe(str(error)))
    except asyncio.CancelledError:
        await proof.stop(staging)
        raise


class _Proof:
    def __init__(self, client: GatewayClient, lang: str, *, quiet: bool) -> None:
        self._client, self._lang, self._quiet = client, lang, quiet

    def says(self, verdict: str, finding: str, next_step: str = "", value: str = "", **values: object) -> DiagnosisView:
        said = words(self._lang, finding, **values)
        following = words(self._lang, next_step, **values) if next_step else None
        self._tell(said)
        if following:
            self._tell(f"  {following}")
        return DiagnosisView("send", verdict, said, following, value=value or None)

    def _tell(self, line: str) -> None:
        if not self._quiet:
            click.echo(line)

    async def in_the_way(self, found: list[DiagnosisView], modem: str | None) -> DiagnosisView | None:
        """What makes sending hopeless: then nothing is staged."""
        if any(each.check == "daemon" and each.verdict == "fail" for each in found):
            return self.says("fail", N_("Not sent: a message goes through modemd, which does not answer."))
        names = {each.modem for each in found if each.modem and modem in (None, each.modem)}
        unable = {each.modem for each in found if each.check in _NEEDED and each.verdict == "fail"}
        if modem is not None and not names:
            return self.says("fail", N_('There is no modem "{what}".'), what=modem)
        if not names - unable:
            return self.says("fail", N_("Not sent: no modem could take it. Begin with the first that fails above."))
        if (await self._client.outbox()).line.stopped:
            return self.says("fail", N_("Not sent: the line is stopped."), N_("Let it run: modemd resume"))
        return None

    async def watch(self, message: MessageView) -> DiagnosisView:
        told, end = "", time.monotonic() + LEFT_WITHIN
        while True:
            if message.state != told:
                told = message.state
                if progress := _PROGRESS.get(told):
                    self._tell(words(self._lang, progress, id=message.id, time=clock(message.release_at)))
                if told == "submitted":
                    end = time.monotonic() + REPORT_WITHIN
            if told not in (*_WAITS, "submitted") or time.monotonic() > end:
                return await self._judge(message)
            await asyncio.sleep(_EVERY)
            message = await self._client.message(message.id)

    async def _judge(self, message: MessageView) -> DiagnosisView:
        state, why = message.state, _why(message)
        values: dict[str, object] = {"id": message.id, "number": message.to, "why": why, "modem": message.modem or "?"}
        values["seconds"] = _seconds(message)
        if state in ("staged", "queued"):
            outcome = await self._client.cancel(message.id)
            values["outcome"] = outcome_words(outcome, self._lang)
        verdict, finding, next_step = _ENDS.get(state, _ENDS["failed"])
        return self.says(verdict, finding, next_step, state, **values)

    async def stop(self, staging: "asyncio.Future[MessageView]") -> None:
        """Ctrl-C: the truth, whichever it is."""
        try:
            message = await self._client.message((await staging).id)
            if message.state in _WAITS:
                click.echo(outcome_words(await self._client.cancel(message.id), self._lang), err=True)
                sentence = N_("All that happened to it: modemd show {id}")
            else:
                sentence = N_("It has left; what becomes of it: modemd show {id}")
            click.echo(words(self._lang, sentence, id=message.id), err=True)
        except ClientError as error:
            click.echo(words(self._lang, N_("It is not known what became of it: modemd outbox")), err=True)
            click.echo(str(error), err=True)


_NOT_LEFT = (
    "fail",
    N_("It has not left by now, and was stopped. {outcome}"),
    N_("See what the modems say: modemd doctor, modemd log"),
)
_ENDS: dict[str, tuple[str, str, str]] = {
    "delivered": ("ok", N_("Delivered to {number} by {modem}, {seconds} s after it left. SMS works."), ""),
    "submitted": (
        "warn",
        N_("The network has taken it, but no report has come."),
        N_("Ask the recipient whether it is there; some networks give no reports. Later: modemd show {id}"),
    ),
    "undelivered": (
        "fail",
        N_("It left, but the network did not deliver it: {why}."),
        N_("Is the number right, the phone on and in coverage? modemd show {id}"),
    ),
    "failed": ("fail", N_("It did not leave. {why}"), N_("All that happened to it: modemd show {id}")),
    "uncertain": (
        "fail",
        N_("It may have left: the modem gave no answer. {why}"),
        N_("Ask the recipient, then say it: modemd settle {id} sent (or not_sent)"),
    ),
    "held": (
        "fail",
        N_("It waits for a person. {why}"),
        N_("Decide in the terminal UI, modemd tui, or: modemd cancel {id}"),
    ),
    "cancelled": ("fail", N_("Somebody has stopped it."), ""),
    "submitting": ("fail", N_("It is still on its way."), N_("What becomes of it: modemd show {id}")),
    "staged": _NOT_LEFT,
    "queued": _NOT_LEFT,
}


def _why(message: MessageView) -> str:
    """What is said of it, or of its first part that has something to say."""
    if message.holds:
        return safe(message.holds[0].sentence)
    if message.error:
        return safe(message.error.sentence)
    for part in message.parts:
        if part.error:
            return safe(part.error.sentence)
        if part.tp_st_words:
            return safe(part.tp_st_words)
    return ""


def _seconds(message: MessageView) -> str:
    left = [part.left_at for part in message.parts if part.left_at]
    ended = [part.ended_at for part in message.parts if part.ended_at]
    if not left or not ended:
        return "?"
    return f"{(datetime.fromisoformat(max(ended)) - datetime.fromisoformat(min(left))).total_seconds():.0f}"
