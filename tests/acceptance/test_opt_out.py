"""A STOP reaches everything that has not left, by whatever SIM it came; judged by what the network took."""

import asyncio
import json
from pathlib import Path

import pytest

from drivers.simulator.faults import LateAnswer, LatePrompt
from modemd.api.client import Refused
from tests.acceptance.site import Site
from tests.acceptance.test_command_line import modemd, refused

pytestmark = pytest.mark.acceptance

DELIVERED, OTHER, SAYS_STOP = "+447700900001", "+447700900123", "+447700900005"


async def opted_out(site: Site) -> bool:
    return bool((await site.client.opt_outs()).opt_outs)


async def test_p6_a_stop_suspends_a_burning_message(tmp_path: Path) -> None:
    """Seen red: without holding in the transaction that receives; the schedule went on."""
    async with Site(tmp_path, modems=2) as site:
        burning = await site.client.stage(DELIVERED, "not any more", fuse="1500ms")
        scheduled = await site.client.stage(DELIVERED, "nor later", fuse="1h", modem="north")
        await site.sim.inject(1, sender=DELIVERED, text="Stop.")  # by another SIM than they would leave by
        held = await site.reaches(burning.id, "held")
        assert [each.code for each in held.holds or []] == ["recipient_opted_out"]
        assert (await site.client.message(scheduled.id)).state == "held"
        after = await site.client.stage(OTHER, "after", fuse="1600ms")
        await site.reaches(after.id, "delivered")
        with pytest.raises(Refused) as blocked:
            await site.client.stage(DELIVERED, "again", fuse="0s")
        assert [each.code for each in blocked.value.findings if each.severity == "block"] == ["recipient_opted_out"]
        await site.sim.inject(0, sender=DELIVERED, text="START")
        await site.until(lambda: _nobody(site))
        assert (await site.client.message(burning.id)).state == "held"  # a person looks at it first
        back = await site.client.edit(burning.id, fuse="0s")
        await site.reaches(back.id, "delivered")
        assert [each.text for each in site.accepted] == ["after", "not any more"]


async def _nobody(site: Site) -> bool:
    return not await opted_out(site)


async def test_p6_a_stop_that_comes_at_the_prompt_leaves_no_octet(tmp_path: Path) -> None:
    """P1's way out, taken by the recipient. Seen red: without the hook where messages come in."""
    async with Site(tmp_path, modems=2) as site:
        site.sim.modems[0].faults.next(LatePrompt(seconds=2.0))
        staged = await site.client.stage(DELIVERED, "on the tip of the tongue", fuse="0s", modem="north")
        await site.until(lambda: _asks_for_the_prompt(site))
        await site.sim.inject(1, sender=DELIVERED, text="停止")
        await site.until(lambda: opted_out(site))
        assert site.sim.exchanges == []  # the prompt is still to come
        await site.reaches(staged.id, "held")
        await site.until(lambda: site.sim.exchanges and site.sim.exchanges[0].ended)
        assert site.sim.exchanges[0].ended == "esc"
        after = await site.client.stage(OTHER, "after", fuse="0s", modem="north")
        await site.reaches(after.id, "delivered")
        assert [each.text for each in site.accepted] == ["after"]
        assert [each.body_octets > 0 for each in site.sim.exchanges] == [False, True]


async def _asks_for_the_prompt(site: Site) -> bool:
    return (await site.client.modems())[0].state == "busy"


async def test_p6_between_two_parts_the_rest_never_leaves(tmp_path: Path) -> None:
    """Seen red: without the question in `transmit.mark`."""
    async with Site(tmp_path, modems=2) as site:
        site.sim.modems[0].faults.next(LateAnswer(seconds=1.5))
        staged = await site.client.stage(DELIVERED, "x" * 400, fuse="0s", modem="north")
        await site.until(lambda: any(each.body_octets for each in site.sim.exchanges))
        await site.sim.inject(1, sender=DELIVERED, text="STOP")
        held = await site.reaches(staged.id, "held")
        assert held.error is not None
        assert held.error.code == "recipient_opted_out"
        after = await site.client.stage(OTHER, "after", fuse="0s", modem="north")
        await site.reaches(after.id, "delivered")
        assert len(site.accepted) == 2
        assert (await site.client.cancel(staged.id)).outcome == "partly"


async def test_one_confirmation_where_the_site_has_written_one(tmp_path: Path) -> None:
    policy = '[opt_out]\nconfirm = "You will get no more messages."\nstop = ["basta"]'
    async with Site(tmp_path, policy=policy) as site:
        await site.sim.inject(0, sender=DELIVERED, text="Basta!")
        await site.until(lambda: opted_out(site))
        (told,) = (await site.client.messages(to=DELIVERED)).messages
        assert (told.state, told.author, told.text) == ("staged", "opt-out", "You will get no more messages.")
        await site.sim.inject(0, sender=DELIVERED, text="STOP")
        await site.client.edit(told.id, extend="1s")  # wakes the fuses, which else look after half a minute
        await site.reaches(told.id, "delivered", timeout=30)
        assert [each.text for each in site.accepted] == ["You will get no more messages."]


async def test_the_phone_that_answers_stop_and_a_person_who_reads(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        at = ("--socket", str(site.socket))
        await site.client.stage(SAYS_STOP, "Hello", fuse="0s")
        await site.until(lambda: opted_out(site))
        refused(await asyncio.to_thread(modemd, "send", "--to", SAYS_STOP, "again", *at), "asked for no more messages")
        await site.sim.inject(0, sender=OTHER, text="もう送らないでください")
        await site.until(lambda: _asked(site))
        listed = await asyncio.to_thread(modemd, "opt-out", "list", "--json", *at)
        assert [(each["number"], each["state"]) for each in json.loads(listed.stdout)] == [
            (SAYS_STOP, "out"),
            (OTHER, "asked"),
        ]
        shown = await asyncio.to_thread(modemd, "opt-out", "list", "--asked", *at)
        assert "もう送らないでください" in shown.stdout
        assert (await asyncio.to_thread(modemd, "opt-out", "remove", OTHER, *at)).returncode == 0
        assert (
            await asyncio.to_thread(modemd, "opt-out", "add", DELIVERED, "--note", "by letter", *at)
        ).returncode == 0
        history = await asyncio.to_thread(modemd, "opt-out", "show", DELIVERED, *at)
        assert "by letter" in history.stdout
        refused(
            await asyncio.to_thread(modemd, "opt-out", "remove", "+447700900999", *at), "has not asked for anything"
        )


async def _asked(site: Site) -> bool:
    return bool((await site.client.opt_outs(state="asked")).opt_outs)
