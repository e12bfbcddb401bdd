"""Quotas, retries and second copies: what the site has decided, judged at the simulated network."""

from itertools import pairwise
from pathlib import Path

import pytest

from drivers.pdu import Direction, Submit, decode
from drivers.simulator.faults import CmsCode, LostAnswer
from drivers.simulator.network import Accepted
from tests.acceptance.site import Site

pytestmark = pytest.mark.acceptance

DELIVERED = "+447700900001"


async def test_a_quota_holds_over_a_restart_and_says_when_it_goes_on(tmp_path: Path) -> None:
    """P8. Seen red: with counts that live in memory."""
    async with Site(tmp_path, modem="quota = { minute = 3 }") as site:
        ids = [(await site.client.stage(DELIVERED, f"no. {n}", fuse="0s")).id for n in range(5)]
        await site.until(lambda: len(site.accepted) == 3)
        await site.kill()
        await site.start(ready=False)

        async def says_so() -> bool:
            return (await site.client.modems())[0].state == "waiting"

        await site.until(says_so)
        shown = (await site.client.modems())[0]
        assert "quota for a minute" in shown.sentence
        assert [(each.window, each.used, each.limit) for each in shown.quota or []] == [("minute", 3, 3)]
        assert len(site.accepted) == 3
        assert (await site.client.cancel(ids[4])).outcome == "cancelled"


async def test_failed_and_uncertain_parts_count(tmp_path: Path) -> None:
    """P8. Seen red: counting what was submitted."""
    async with Site(tmp_path, modem='quota = { minute = 2 }\nresult_timeout = "200ms"') as site:
        site.sim.modems[0].faults.next(CmsCode(code=1))
        site.sim.modems[0].faults.next(LostAnswer(accepted=False))
        for n in range(4):
            await site.client.stage(DELIVERED, f"no. {n}", fuse="0s")

        async def full() -> bool:
            quota = (await site.client.modems())[0].quota or []
            return [(each.used, each.limit) for each in quota] == [(2, 2)]

        await site.until(full)
        assert site.accepted == []


async def test_a_gap_paces_every_part(tmp_path: Path) -> None:
    async with Site(tmp_path, modem='quota = { gap = "300ms" }') as site:
        long = await site.client.stage(DELIVERED, "x" * 400, fuse="0s")
        short = await site.client.stage(DELIVERED, "y", fuse="0s")
        await site.reaches(long.id, "delivered")
        await site.reaches(short.id, "delivered")
        times = [each.at for each in site.accepted]
        assert all(later - earlier >= 0.25 for earlier, later in pairwise(times))


async def test_what_waits_for_a_sim_that_has_sent_enough_goes_by_another_where_the_site_says_so(
    tmp_path: Path,
) -> None:
    quota, policy = "quota = { hour = 10 }", 'over_quota = "other_sim"'
    async with Site(tmp_path, modems=2, modem=quota, policy=policy) as site:
        for n in range(12):
            await site.client.stage(DELIVERED, f"no. {n}", fuse="0s", modem="north")
        await site.until(lambda: len(site.accepted) == 12)
        by = [each.modem for each in site.accepted]
        assert (by.count("modem0"), by.count("modem1")) == (10, 2)


async def test_a_message_goes_whole_or_later(tmp_path: Path) -> None:
    """Seen red: asking for room part by part, the first half of the long one leaves."""
    async with Site(tmp_path, modem="quota = { hour = 10 }") as site:
        for n in range(8):
            await site.client.stage(DELIVERED, f"no. {n}", fuse="0s")
        await site.until(lambda: len(site.accepted) == 8)
        long = await site.client.stage(DELIVERED, "x" * 400, fuse="0s")
        short = await site.client.stage(DELIVERED, "y", fuse="0s")
        await site.reaches(short.id, "delivered")
        shown = await site.client.message(long.id)
        assert shown.state == "queued"
        assert shown.error is not None
        assert shown.error.code == "quota_hour"
        assert shown.next_try_at is not None
        assert len(site.accepted) == 9


async def test_retries_come_to_an_end(tmp_path: Path) -> None:
    """P4. Seen red: without the end, it is tried for ever."""
    async with Site(tmp_path, policy='retry = ["50ms", "50ms"]') as site:
        site.sim.modems[0].faults.next(CmsCode(code=38), times=9)
        staged = await site.client.stage(DELIVERED, "dead", fuse="0s")
        shown = await site.reaches(staged.id, "failed")
        assert (shown.parts[0].attempts, shown.parts[0].error and shown.parts[0].error.code) == (3, "cms_38")
        assert len(site.sim.exchanges) == 3


async def test_a_modems_own_failure_costs_no_try(tmp_path: Path) -> None:
    async with Site(tmp_path, policy='retry = ["50ms"]') as site:
        site.sim.modems[0].faults.next(CmsCode(code=322))
        site.sim.modems[0].faults.next(CmsCode(code=38), times=1)
        staged = await site.client.stage(DELIVERED, "in the end", fuse="0s")
        shown = await site.reaches(staged.id, "delivered")
        assert shown.parts[0].attempts == 2


async def test_a_network_without_validity_gets_the_message_without(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].faults.next(CmsCode(code=199))
        staged = await site.client.stage(DELIVERED, "plain", fuse="0s")
        await site.reaches(staged.id, "delivered")
        assert submit(site.accepted[0]).validity is None


async def test_a_second_copy_by_hand_asks_the_network_to_drop_duplicates(tmp_path: Path) -> None:
    async with Site(tmp_path, modem='result_timeout = "200ms"') as site:
        site.sim.modems[0].faults.next(LostAnswer(accepted=False))
        staged = await site.client.stage(DELIVERED, "again", fuse="0s")
        await site.reaches(staged.id, "uncertain")
        await site.client.settle(staged.id, "resend")
        await site.reaches(staged.id, "delivered")
        assert [submit(each).reject_duplicates for each in site.accepted] == [True]


def submit(accepted: Accepted) -> Submit:
    tpdu = decode("00" + accepted.tpdu, Direction.TO_NETWORK)
    assert isinstance(tpdu, Submit)
    return tpdu
