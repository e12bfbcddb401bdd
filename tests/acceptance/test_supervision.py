"""Who a modem is, and how it comes back: judged by what each simulated modem was given to send."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.simulator.faults import CmsCode, Hang, LostAnswer, Unplug
from modemd.api.client import Refused
from modemd.api.schema import ModemView
from tests.acceptance.site import Site

pytestmark = pytest.mark.acceptance

DELIVERED = "+447700900001"


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Site]:
    async with Site(tmp_path, modems=2, modem='recovery = "300ms"') as site:
        yield site


async def modem(site: Site, name: str = "north") -> ModemView:
    return next(each for each in await site.client.modems() if each.name == name)


async def in_state(site: Site, state: str, name: str = "north", timeout: float = 20.0) -> ModemView:
    found: list[ModemView] = []

    async def there() -> bool:
        found[:] = [await modem(site, name)]
        return found[0].state == state

    await site.until(there, timeout)
    return found[0]


def texts(site: Site, index: int) -> list[str | None]:
    """What the network took from one SIM."""
    return [each.text for each in site.accepted if each.imsi == site.sim.modems[index].sim.imsi]


async def test_a_modem_that_comes_back_under_another_name_goes_on(two: Site) -> None:
    """P4. Seen red: with a supervisor that looks at the configured path alone."""
    staged = await two.client.stage(DELIVERED, "to come back", fuse="3s", modem="north")
    two.sim.modems[0].unplug()
    await in_state(two, "gone")
    two.sim.modems[0].plug("elsewhere")
    await two.reaches(staged.id, "delivered")
    assert texts(two, 0) == ["to come back"]
    assert (await modem(two)).port.endswith("elsewhere")


async def test_two_modems_that_swapped_their_names_keep_their_messages(two: Site) -> None:
    """A message that is to go by one SIM never goes by another. Seen red: without a look at IMEI and SIM."""
    await two.client.stop()
    by_north = await two.client.stage(DELIVERED, "by north", fuse="0s", modem="north")
    by_south = await two.client.stage(DELIVERED, "by south", fuse="0s", modem="south")
    two.sim.swap(0, 1)
    await two.until(lambda: _swapped(two))
    await two.client.resume()
    for each in (by_north, by_south):
        await two.reaches(each.id, "delivered")
    assert texts(two, 0) == ["by north"]
    assert texts(two, 1) == ["by south"]


async def _swapped(site: Site) -> bool:
    """Each was lost, and is ready again."""
    ports = [each.port[-6:] for each in await site.client.modems() if each.state == "ready"]
    return ports == ["modem1", "modem0"]


async def test_another_modem_in_the_place_of_ours_is_not_used_until_somebody_says_so(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, spare=1) as site:
        ours = site.sim.modems[0]
        stranger = site.sim.modems[1]
        staged = await site.client.stage(DELIVERED, "not by a stranger", fuse="0s", modem="north")
        await site.reaches(staged.id, "delivered")
        ours.unplug()
        stranger.unplug()
        stranger.plug(ours.port.name)
        shown = await in_state(site, "parked")
        assert shown.park == "modem_changed"
        waiting = await site.client.stage(DELIVERED, "accepted later", fuse="0s", modem="north")
        assert stranger.exchanges == []
        assert (await site.client.message(waiting.id)).state == "queued"
        await site.client.resume_modem("north")
        await site.reaches(waiting.id, "delivered")
        assert texts(site, 1) == ["accepted later"]


async def test_a_changed_sim_holds_what_waits_for_it_and_still_receives(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, spare=1) as site:
        north, other = site.sim.modems
        north.unplug()
        north.sim, other.sim = other.sim, north.sim
        north.plug()
        shown = await in_state(site, "parked")
        assert shown.park == "sim_changed"
        staged = await site.client.stage(DELIVERED, "by the new one", fuse="0s")
        await site.sim.inject(0, sender="+447700900123", text="come in")
        await site.until(lambda: _received(site, "come in"))
        shown_message = await site.client.message(staged.id)
        assert shown_message.state == "queued"
        assert shown_message.waits is not None
        assert shown_message.waits.code == "modem_parked"
        await site.terminate()  # it is remembered
        await site.start(ready=False)
        assert (await in_state(site, "parked")).park == "sim_changed"
        await site.client.resume_modem("north")
        await site.reaches(staged.id, "delivered")


async def _received(site: Site, text: str) -> bool:
    return text in [each.text for each in (await site.client.inbox()).messages]


async def test_the_same_failure_for_three_recipients_parks_the_modem_and_keeps_the_queue(tmp_path: Path) -> None:
    """P4. Seen red: without the streak, all ten fail."""
    async with Site(tmp_path, modems=1) as site:
        site.sim.modems[0].faults.next(CmsCode(code=21), times=3)
        ids = [(await site.client.stage(f"+4477009000{n:02d}", f"no. {n}", fuse="0s")).id for n in range(10)]
        shown = await in_state(site, "parked")
        assert shown.park == "in_a_row_cms_21"
        states = [(await site.client.message(id)).state for id in ids]
        assert states == ["failed"] * 2 + ["queued"] * 8
        await site.terminate()
        await site.start(ready=False)
        assert (await in_state(site, "parked")).park == "in_a_row_cms_21"
        await site.client.resume_modem("north")
        for id in ids[2:]:
            await site.reaches(id, "submitted", "delivered")


async def test_a_barred_sim_is_parked_and_its_messages_go_by_another(two: Site) -> None:
    two.sim.modems[0].faults.next(CmsCode(code=8), times=99)
    two.sim.modems[1].unplug()
    await in_state(two, "gone", "south")
    staged = await two.client.stage(DELIVERED, "by whoever can", fuse="0s")
    assert (await in_state(two, "parked")).park == "cms_8"
    two.sim.modems[1].plug()
    await two.reaches(staged.id, "delivered")
    assert texts(two, 1) == ["by whoever can"]


async def test_one_dead_number_holds_up_nobody(tmp_path: Path) -> None:
    """P4. Seen red: with a back-off that the worker sleeps through."""
    async with Site(tmp_path, modems=1) as site:
        site.sim.modems[0].faults.next(CmsCode(code=38))
        dead = await site.client.stage("+447700900099", "dead", fuse="0s")
        good = [(await site.client.stage(DELIVERED, f"good {n}", fuse="0s")).id for n in range(20)]
        for id in good:
            await site.reaches(id, "submitted", "delivered")
        shown = await site.client.message(dead.id)
        assert shown.state == "queued"
        assert shown.next_try_at is not None
        assert [each.text for each in site.accepted] == [f"good {n}" for n in range(20)]


async def test_a_deaf_modem_is_brought_back_step_by_step(tmp_path: Path) -> None:
    """The ladder: seen red without its rungs, the modem stays deaf."""
    async with Site(tmp_path, modems=1, modem='recovery = "300ms"\nresult_timeout = "300ms"') as site:
        north = site.sim.modems[0]
        north.hang(until=b"AT+CFUN=4")
        staged = await site.client.stage(DELIVERED, "after the ladder", fuse="100ms")
        await site.reaches(staged.id, "delivered", timeout=60)
        said = [each.detail for each in (await site.client.log(limit=50)).events if each.kind == "modem"]
        assert any("radio" in each for each in said), said


async def test_a_modem_that_nothing_helps_is_parked_and_comes_back_when_it_is_plugged_anew(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, modem='recovery = "100ms"') as site:
        north = site.sim.modems[0]
        north.hang()
        await in_state(site, "parked", timeout=90)
        north.unplug()
        north.plug()
        await in_state(site, "ready")


async def test_drop_outs_behind_a_transmit_are_named_as_weak_power(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1, modem='result_timeout = "2s"') as site:
        site.sim.modems[0].faults.next(Unplug(back_after=0.2), times=2)
        for n in range(2):
            staged = await site.client.stage(f"+44770090000{n}", f"no. {n}", fuse="0s")
            await site.reaches(staged.id, "uncertain")
            await in_state(site, "ready")
        shown = await modem(site)
        assert [alert.code for alert in shown.alerts or []] == ["power"]


async def test_three_lost_answers_in_a_row_stop_the_modem_before_the_whole_queue_is_uncertain(tmp_path: Path) -> None:
    """P2. Seen red: without the streak every message becomes uncertain."""
    async with Site(tmp_path, modems=1, modem='result_timeout = "200ms"') as site:
        site.sim.modems[0].faults.next(LostAnswer(accepted=True), times=3)
        ids = [(await site.client.stage(f"+4477009000{n:02d}", f"no. {n}", fuse="0s")).id for n in range(5)]
        assert (await in_state(site, "parked")).park == "in_a_row_no_answer"
        states = [(await site.client.message(id)).state for id in ids]
        assert states[3:] == ["queued", "queued"]


async def test_a_modem_that_hangs_at_a_message_keeps_the_others_going(two: Site) -> None:
    two.sim.modems[0].faults.next(Hang(), times=1)
    ids = [(await two.client.stage(DELIVERED, f"no. {n}", fuse="0s")).id for n in range(6)]
    await two.until(lambda: len(two.accepted) >= 5)
    del ids


async def test_only_a_known_modem_can_be_resumed(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=1) as site:
        with pytest.raises(Refused, match="There is no modem"):
            await site.client.resume_modem("nobody")
