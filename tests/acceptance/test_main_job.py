"""The main job through the API: staged, burning, gone, reported, answered; judged by the network."""

from pathlib import Path

import pytest

from drivers.simulator.faults import CmsCode, LateAnswer, LostAnswer, NoPrompt
from drivers.simulator.radio import Stat
from modemd.api.client import Refused
from tests.acceptance.site import Site

pytestmark = pytest.mark.acceptance

DELIVERED, DEAD, SILENT, HALF, ANSWERS = (f"+44770090000{n}" for n in (1, 2, 3, 4, 6))
LONG = "本日の作業は午後三時に終わる予定です。終わりましたら改めてお知らせします。" * 2 + "よろしくお願いします🙂"


async def test_a_message_leaves_after_its_fuse_and_its_report_comes_back(tmp_path: Path) -> None:
    """P7: it reaches the network once, as written."""
    async with Site(tmp_path) as site:
        staged = await site.client.stage(DELIVERED, "Hello @ 10:00 {now}", fuse="300ms")
        assert staged.state == "staged"
        assert site.accepted == []
        message = await site.reaches(staged.id, "delivered")
        assert [each.text for each in site.accepted] == ["Hello @ 10:00 {now}"]
        assert message.parts[0].tp_st == 0
        assert message.parts[0].tp_mr is not None


async def test_two_parts_with_an_emoji_arrive_whole(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        staged = await site.client.stage(DELIVERED, LONG, fuse="0s")
        assert (staged.encoding, len(staged.parts)) == ("ucs2", 2)
        message = await site.reaches(staged.id, "delivered")
        assert "".join(each.text or "" for each in site.accepted) == LONG
        assert [part.state for part in message.parts] == ["delivered", "delivered"]


async def test_a_reply_of_several_parts_comes_into_the_inbox_once(tmp_path: Path) -> None:
    """P5."""
    async with Site(tmp_path) as site:
        await site.client.stage(ANSWERS, LONG, fuse="0s")

        async def whole() -> bool:
            found = (await site.client.inbox()).messages
            return bool(found) and found[0].missing == []

        await site.until(whole)
        found = (await site.client.inbox()).messages
        assert len(found) == 1
        assert LONG in (found[0].text or "")
        assert (await site.client.conversations()).conversations[0].number == ANSWERS


async def test_what_became_of_it_is_told_part_by_part(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        dead = await site.client.stage(DEAD, "x", fuse="0s")
        half = await site.client.stage(HALF, LONG, fuse="0s")
        silent = await site.client.stage(SILENT, "x", fuse="0s")
        assert (await site.reaches(dead.id, "undelivered")).parts[0].tp_st == 67
        shown = await site.reaches(half.id, "undelivered")
        await site.until(lambda: _ended(site, half.id))
        shown = await site.client.message(half.id)
        assert [part.state for part in shown.parts] == ["delivered", "undelivered"]
        assert (await site.settled(silent.id)).state == "submitted"


async def _ended(site: Site, id: int) -> bool:
    return all(part.tp_st is not None for part in (await site.client.message(id)).parts)


async def test_a_cancel_in_time_leaves_no_octet_at_the_modem(tmp_path: Path) -> None:
    """P1. Seen red: with a cancel that only answers."""
    async with Site(tmp_path) as site:
        staged = await site.client.stage(DELIVERED, "not this", fuse="1s")
        assert (await site.client.cancel(staged.id)).outcome == "cancelled"
        after = await site.client.stage(DELIVERED, "but this", fuse="1s")
        await site.reaches(after.id, "delivered")
        assert [each.text for each in site.accepted] == ["but this"]
        assert len(site.sim.exchanges) == 1


async def test_a_stopped_line_lets_nothing_leave_and_resumes(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        await site.client.stop()
        staged = await site.client.stage(DELIVERED, "waits", fuse="0s")
        await site.terminate()
        await site.start()
        assert (await site.client.message(staged.id)).state == "queued"
        assert (await site.client.outbox()).line.stopped
        assert site.sim.exchanges == []
        await site.client.resume()
        await site.reaches(staged.id, "delivered")


async def test_a_message_killed_between_ctrl_z_and_its_answer_is_never_sent_twice(tmp_path: Path) -> None:
    """P2. Seen red: with a recovery that puts marked parts back into the queue."""
    async with Site(tmp_path, delay=0.5) as site:
        staged = await site.client.stage(SILENT, "once", fuse="0s")
        await site.until(lambda: any(exchange.body_octets for exchange in site.sim.exchanges))
        await site.kill()
        await site.start()
        message = await site.reaches(staged.id, "uncertain", "submitted")
        after = await site.client.stage(DELIVERED, "after", fuse="0s")
        await site.reaches(after.id, "delivered")
        assert [each.text for each in site.accepted].count("once") == 1
        if message.state == "uncertain":
            settled = await site.client.settle(staged.id, "sent")
            assert settled.state == "submitted"


async def test_a_report_settles_what_was_uncertain(tmp_path: Path) -> None:
    """P4: matched by SIM, recipient, time and the tp_mr that was to be expected."""
    async with Site(tmp_path, report_delay=2.0, modem='result_timeout = "500ms"') as site:
        first = await site.client.stage(SILENT, "gives a tp_mr", fuse="0s")
        await site.settled(first.id)
        site.sim.modems[0].faults.next(LostAnswer(accepted=True))
        lost = await site.client.stage(DELIVERED, "no answer", fuse="0s")
        await site.reaches(lost.id, "uncertain")
        settled = await site.reaches(lost.id, "delivered")
        assert settled.parts[0].attempts == 1
        assert len(site.accepted) == 2


async def test_sigterm_in_mid_send_waits_for_the_answer(tmp_path: Path) -> None:
    async with Site(tmp_path, delay=1.0) as site:
        staged = await site.client.stage(SILENT, "in the air", fuse="0s")
        await site.until(lambda: any(exchange.body_octets for exchange in site.sim.exchanges))
        assert await site.terminate() == 0
        await site.start()
        assert (await site.client.message(staged.id)).state == "submitted"


async def test_sigterm_ends_in_time_though_no_answer_comes(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].faults.next(LostAnswer(accepted=True))
        staged = await site.client.stage(SILENT, "in the air", fuse="0s")
        await site.until(lambda: len(site.accepted) == 1)
        assert await site.terminate() == 0
        await site.start()
        assert (await site.client.message(staged.id)).state == "uncertain"
        assert len(site.accepted) == 1


async def test_a_late_answer_settles_by_itself(tmp_path: Path) -> None:
    async with Site(tmp_path, modem='result_timeout = "500ms"') as site:
        first = await site.client.stage(SILENT, "gives a tp_mr", fuse="0s")
        await site.settled(first.id)
        site.sim.modems[0].faults.next(LateAnswer(seconds=1.2))
        staged = await site.client.stage(SILENT, "late", fuse="0s")
        await site.reaches(staged.id, "uncertain", "submitted")
        await site.reaches(staged.id, "submitted")
        assert len(site.accepted) == 2


async def test_one_bad_recipient_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """P4."""
    async with Site(tmp_path) as site:
        site.sim.modems[0].faults.next(CmsCode(code=38))
        bad = await site.client.stage(DELIVERED, "fails for now", fuse="0s")
        good = [await site.client.stage(DELIVERED, f"good {n}", fuse="0s") for n in range(5)]
        for each in good:
            await site.reaches(each.id, "delivered")
        waiting = await site.client.message(bad.id)
        assert waiting.state == "queued"
        assert waiting.error is not None
        assert waiting.error.code == "cms_38"


async def test_a_permanent_error_fails_the_message_with_its_sentence(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].faults.next(CmsCode(code=1))
        staged = await site.client.stage(DELIVERED, "x", fuse="0s")
        failed = await site.reaches(staged.id, "failed")
        assert failed.error is not None
        assert failed.error.sentence == "This number is not in use."
        assert site.accepted == []


async def test_a_modem_without_network_gets_nothing_until_it_is_back(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        modem = site.sim.modems[0]
        modem.radio.stat = Stat.SEARCHING
        modem.radio_changed()
        await site.until(lambda: _state_is(site, "waiting"))
        staged = await site.client.stage(DELIVERED, "later", fuse="0s")
        assert (await site.client.message(staged.id)).state == "queued"
        assert site.sim.exchanges == []
        modem.radio.stat = Stat.HOME
        modem.radio_changed()
        await site.reaches(staged.id, "delivered")


async def _state_is(site: Site, state: str) -> bool:
    return all(modem.state == state for modem in await site.client.modems())


async def test_an_unplugged_modem_is_missed_and_comes_back(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].unplug()
        await site.until(lambda: _state_is(site, "gone"))
        staged = await site.client.stage(DELIVERED, "after the plug", fuse="0s")
        site.sim.modems[0].plug()
        await site.reaches(staged.id, "delivered")


async def test_the_other_modem_takes_over_when_one_never_prompts(tmp_path: Path) -> None:
    async with Site(tmp_path, modems=2) as site:
        staged = await site.client.stage(DELIVERED, "by south", fuse="0s", modem="south")
        message = await site.reaches(staged.id, "delivered")
        assert message.parts[0].modem == "south"
        assert [each.modem for each in site.accepted] == ["modem1"]
        site.sim.modems[1].faults.next(NoPrompt())
        with pytest.raises(Refused, match="There is no modem"):
            await site.client.stage(DELIVERED, "x", modem="nowhere")


async def test_a_pin_is_tried_once_and_never_again(tmp_path: Path) -> None:
    """P8. Seen red: with a guard that forgets at a restart."""
    async with Site(tmp_path) as site:
        await site.terminate()
        site.sim.modems[0].sim.pin = "4711"
        site.sim.modems[0].reset()
        pin = tmp_path / "pin"
        pin.write_text("1234", "ascii")
        site.config.write_text(site.config.read_text("utf-8") + f'\npin_file = "{pin}"\n', "utf-8")
        for _ in range(3):
            await site.start(ready=False)
            await site.until(lambda: _state_is(site, "parked"))
            await site.terminate()
        tries = site.sim.modems[0].sim.pin_tries
        assert tries == 2, "one of three is gone"
        pin.write_text("4711", "ascii")
        await site.start()


async def test_the_same_key_sends_once(tmp_path: Path) -> None:
    """P2."""
    async with Site(tmp_path) as site:
        first = await site.client.stage(SILENT, "x", fuse="0s", key="k1")
        again = await site.client.stage(SILENT, "x", fuse="0s", key="k1")
        assert first == again
        await site.settled(first.id)
        assert len(site.accepted) == 1
