"""What comes in: durable first, then deleted, acknowledged or hung up; judged by the modem's storages (P5)."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.pdu import Concat, Deliver, Encoding, encode_deliver
from drivers.simulator.faults import CmsCode, Fault, LateAnswer, LostAnswer
from drivers.simulator.modem import Modem
from drivers.simulator.quirks import Quirks
from drivers.simulator.storage import Stat, Stored
from modemd.api.schema import InboundView, ModemView
from tests.acceptance.site import Site
from tests.acceptance.test_command_line import modemd

pytestmark = pytest.mark.acceptance

ALICE, DELIVERED = "+447700900123", "+447700900001"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def inbox(site: Site) -> list[InboundView]:
    """Oldest first."""
    return (await site.client.inbox()).messages[::-1]


async def texts(site: Site) -> list[str | None]:
    return [each.text for each in await inbox(site)]


async def received(site: Site, count: int) -> list[InboundView]:
    """Once that many are there and nothing is left in the modems' storages."""

    async def there() -> bool:
        return len(await inbox(site)) >= count

    await site.until(there)
    await site.until(lambda: not any(used(modem) for modem in site.sim.modems))
    return await inbox(site)


def used(modem: Modem) -> int:
    return modem.storage("SM").used + modem.storage("ME").used + modem.storage("SR").used


async def modem_view(site: Site) -> ModemView:
    return (await site.client.modems())[0]


async def alerts(site: Site) -> list[str]:
    return [alert.code for alert in (await modem_view(site)).alerts]


async def events(site: Site, kind: str) -> list[str]:
    """Their words, oldest first."""
    found = (await site.client.log(limit=500)).events[::-1]
    return [each.detail for each in found if each.kind == kind]


def lay(modem: Modem, storage: str, *pdus: str) -> None:
    """Into the storage, as if they had come while nobody looked."""
    for pdu in pdus:
        assert modem.storage(storage).add(Stored(Stat.UNREAD, pdu, max(0, len(pdu) // 2 - 1))) is not None


def part(text: str, sequence: int, total: int, ref: int = 7, wide: bool = False) -> str:
    concat = Concat(ref, total, sequence, wide)
    return encode_deliver(Deliver(ALICE, text, AT, Encoding.GSM7, concat=concat)).hex


def quirky(site: Site, quirks: Quirks) -> Modem:
    """The modem as after power-up; the daemon is yet to start."""
    modem = site.sim.modems[0]
    modem.unplug()
    modem.quirks = quirks
    modem.plug()
    return modem


# -- store, then delete ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [LostAnswer(accepted=False), LostAnswer(accepted=True)])
async def test_p5_killed_between_keeping_and_deleting(tmp_path: Path, fault: Fault) -> None:
    """Seen red: with a delete before the store has it; and with every PDU taken for a new one."""
    async with Site(tmp_path) as site:
        site.sim.modems[0].faults.next(fault, command="+CMGD")
        await site.sim.inject(0, ALICE, "once")
        await site.until(lambda: site.sim.modems[0].commands["+CMGD"])
        await site.kill()
        await site.start()
        assert [each.text for each in await received(site, 1)] == ["once"]
        await site.sim.inject(0, ALICE, "and again")
        assert [each.text for each in await received(site, 2)] == ["once", "and again"]


async def test_p5_a_modem_that_deletes_nothing(tmp_path: Path) -> None:
    """One copy, an alert, no busy loop. Seen red: with a delete tried again at every hint."""
    async with Site(tmp_path) as site:
        modem = site.sim.modems[0]
        modem.faults.chance(CmsCode(code=500), 1.0, command="+CMGD")
        await site.sim.inject(0, ALICE, "stays")
        await site.until(lambda: alerts(site))
        for n in range(5):
            await site.sim.inject(0, ALICE, f"{n}")
            await site.until(lambda n=n: _count(site, 2 + n))  # type: ignore[misc]
        assert await texts(site) == ["stays", "0", "1", "2", "3", "4"]
        await site.until(lambda: modem.commands["+CMGD"] == 6)
        assert await alerts(site) == ["storage_stuck"]
        staged = await site.client.stage(DELIVERED, "goes all the same", fuse="0s")
        await site.reaches(staged.id, "delivered")
        assert modem.commands["+CMGD"] == 6
        modem.faults.clear()
        await site.terminate()
        await site.start()
        await received(site, 6)
        assert len(await inbox(site)) == 6
        assert await alerts(site) == []


async def _count(site: Site, count: int) -> bool:
    return len(await inbox(site)) == count


# -- what cannot be read ---------------------------------------------------------------------------------

BROKEN = ("DEADBEEF", "07", "FF" * 20, "00", "07914477", "0004FF", "xyz", "", "07914477009099F9FFFF00", "DEADBEEF")


async def test_p5_a_sim_full_of_what_nobody_can_read(tmp_path: Path) -> None:
    """Seen red: with an empty PDU taken for one that is known, deleted and not kept."""
    async with Site(tmp_path, start=False) as site:
        modem = quirky(site, Quirks(memories=(("SM",),) * 3))
        modem.sim.storage.slots = 10
        lay(modem, "SM", *BROKEN)
        await site.sim.inject(0, ALICE, "at last")
        await site.start()
        found = await received(site, len(BROKEN) + 1)
        assert sorted(each.raw or "" for each in found if each.text is None) == sorted(BROKEN)
        assert [each.text for each in found if each.text is not None] == ["at last"]
        assert {each.error.code for each in found if each.text is None and each.error} == {"undecodable"}


async def test_the_command_line_shows_what_lacks_what_cannot_be_read_and_who_called(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        await site.sim.inject_pdu(0, part("one", 1, 3))
        await site.sim.inject_pdu(0, "DEADBEEF")
        site.sim.modems[0].ring(ALICE, rings=9)
        await received(site, 3)
        at = ("--socket", str(site.socket))
        said = (await asyncio.to_thread(modemd, "inbox", *at)).stdout
        assert "one[…] (parts 2, 3 of 3 have not come)" in said
        assert "[This PDU cannot be read; it is kept as it came.] DEADBEEF" in said
        assert "[A call, which was hung up: this modem is for messages.]" in said
        assert ALICE in said
        site.sim.modems[0].faults.chance(CmsCode(code=500), 1.0, command="+CMGD")
        await site.sim.inject(0, ALICE, "stays")
        await site.until(lambda: alerts(site))
        assert (
            "does not delete what was received from ME (cms_500)"
            in (await asyncio.to_thread(modemd, "modems", *at)).stdout
        )


# -- parts -----------------------------------------------------------------------------------------------


async def test_parts_in_any_order_across_a_restart(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        await site.sim.inject_pdu(0, part("three", 3, 3, wide=True))
        await site.sim.inject_pdu(0, part("one ", 1, 3, wide=True))
        await received(site, 1)
        await site.kill()
        await site.start()
        await site.sim.inject_pdu(0, part("one ", 1, 3, wide=True))
        await site.sim.inject_pdu(0, part("two ", 2, 3, wide=True))
        await site.until(lambda: _whole(site))
        await received(site, 1)
        assert await texts(site) == ["one two three"]


async def _whole(site: Site) -> bool:
    return all(not each.missing for each in await inbox(site))


# -- full storages ---------------------------------------------------------------------------------------


async def test_a_full_storage_is_said_and_emptied(tmp_path: Path) -> None:
    async with Site(tmp_path, start=False) as site:
        modem = quirky(site, Quirks(memories=(("SM",),) * 3, announces_full=True))
        modem.sim.storage.slots = 3
        for n in range(8):
            await site.sim.inject(0, ALICE, f"{n}")
        assert modem.sim.storage.used == 3
        modem.faults.next(LateAnswer(seconds=0.3), command="+CMGL")
        await site.start(ready=False)
        found = await received(site, 8)
        assert sorted(each.text or "" for each in found) == [str(n) for n in range(8)]
        await site.until(lambda: _no_alerts(site))
        said = await events(site, "modem")
        assert any("its message storage is full: it is being emptied" in each for each in said)
        assert any("has room again" in each for each in said)


async def _no_alerts(site: Site) -> bool:
    return await alerts(site) == []


async def test_a_storage_that_others_have_filled(tmp_path: Path) -> None:
    async with Site(tmp_path, start=False) as site:
        modem = site.sim.modems[0]
        for n in range(17):
            modem.sim.storage.add(Stored(Stat.UNSENT, f"{n:04}", 1))
        await site.start()
        await site.until(lambda: alerts(site))
        view = await modem_view(site)
        assert view.alerts[0].code == "storage_high"
        assert "SM" in view.alerts[0].sentence
        assert "17 of 20" in view.alerts[0].sentence
        assert modem.sim.storage.used == 17, "what others wrote is not ours to delete"
        modem.sim.storage.remove(1)
        modem.sim.storage.remove(2)
        await site.sim.inject(0, ALICE, "x")
        await site.until(lambda: _no_alerts(site))
        said = await events(site, "modem")
        assert sum("17 of 20" in each for each in said) == 1


async def test_a_refusal_for_want_of_room_has_the_storages_swept(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        modem = site.sim.modems[0]
        lay(modem, "SM", part("lay there", 1, 1))
        modem.faults.next(CmsCode(code=322))
        await site.client.stage(DELIVERED, "x", fuse="0s")
        assert [each.text for each in await received(site, 1)] == ["lay there"]
        assert any("full" in each for each in await events(site, "modem"))
        await site.until(lambda: _no_alerts(site))


# -- data ------------------------------------------------------------------------------------------------


async def test_mms_notifications_do_not_clog(tmp_path: Path) -> None:
    """A WAP push in two parts, as most MMS notifications are."""
    async with Site(tmp_path) as site:
        for n in (1, 2):
            await site.sim.inject_pdu(0, push(n))
        await site.until(lambda: _whole_and(site, 1))
        (found,) = await received(site, 1)
        assert found.text == "01 0a 02 0a"
        assert found.error is not None
        assert found.error.code == "wap_push"


async def _whole_and(site: Site, count: int) -> bool:
    return await _count(site, count) and await _whole(site)


def push(n: int) -> str:
    """8-bit data to WAP port 2948, as part `n` of 2."""
    header = bytes.fromhex(f"0B 05 04 0B84 23F0 00 03 55 02 {n:02}")
    body = header + bytes((n, 10))
    return f"0044{len(ALICE) - 1:02X}91{digits(ALICE)}0004{'62114290000000'}{len(body):02X}{body.hex().upper()}"


def digits(number: str) -> str:
    return "".join(number[i + 1] + number[i] for i in range(1, len(number), 2))


# -- reports ---------------------------------------------------------------------------------------------


async def test_reports_are_handed_over_rather_than_stored(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].quirks.announcements["+CDSI"] = '+CDSI: "SM",0'
        assert site.sim.modems[0].settings.cnmi[3] == 1
        staged = await site.client.stage(DELIVERED, "x", fuse="0s")
        await site.reaches(staged.id, "delivered")


@pytest.mark.parametrize("said", ['+CDSI: "SR",1', '+CDSI: "SM",0', '+CDSI: "SM",-1'])
async def test_a_modem_that_only_stores_its_reports(tmp_path: Path, said: str) -> None:
    """Quirk of the EC25: they lie in SR and are announced as SM's."""
    async with Site(tmp_path, start=False) as site:
        routings = ((0, 1, 2), (0, 1), (0, 2), (0, 2), (0, 1))
        modem = quirky(site, Quirks(routings=routings, announcements={"+CDSI": said}))
        await site.start()
        for n in range(3):
            staged = await site.client.stage(DELIVERED, f"{n}", fuse="0s")
            await site.reaches(staged.id, "delivered")
        await site.until(lambda: not used(modem))


# -- routed straight through -----------------------------------------------------------------------------


async def forced(site: Site, services: tuple[int, ...] = (0, 1)) -> Modem:
    modem = quirky(site, Quirks(routings=((0, 1, 2), (2,), (0, 2), (0, 1), (0, 1)), services=services))
    await site.start()
    return modem


@pytest.mark.parametrize("services", [(0, 1), (1,)])
async def test_a_modem_that_hands_everything_over_is_acknowledged(tmp_path: Path, services: tuple[int, ...]) -> None:
    async with Site(tmp_path, start=False) as site:
        modem = await forced(site, services)
        for n in range(4):
            await site.sim.inject(0, ALICE, f"{n}")
        found = await received(site, 4)
        assert [each.text for each in found] == ["0", "1", "2", "3"]
        staged = await site.client.stage(DELIVERED, "x", fuse="0s")
        await site.reaches(staged.id, "delivered")
        assert modem.settings.csms == 1
        assert modem.settings.cnmi[:4] == (2, 2, 0, 1)
        await site.until(lambda: modem.unacknowledged is None)


async def test_p5_what_was_not_acknowledged_when_the_daemon_was_killed_comes_again(tmp_path: Path) -> None:
    async with Site(tmp_path, start=False) as site:
        modem = await forced(site)
        with sqlite3.connect(site.folder / "state" / "modemd.db") as other:
            other.execute("begin immediate")
            await site.sim.inject(0, ALICE, "not yet")
            await site.until(lambda: modem.unacknowledged)
            await site.kill()
            other.rollback()
        await site.sim.inject(0, ALICE, "second")
        modem.unplug()
        modem.plug()
        await site.start()
        assert {each.text for each in await received(site, 2)} == {"not yet", "second"}


async def test_an_acknowledgement_that_came_too_late_costs_nothing(tmp_path: Path) -> None:
    """The modem has stopped routing (TS 27.005 §3.4.4): it is told again."""
    async with Site(tmp_path, start=False) as site:
        modem = await forced(site)
        modem.ack_seconds = 0.1
        modem.faults.next(LateAnswer(seconds=0.6))
        staged = await site.client.stage(DELIVERED, "slow", fuse="0s")
        await site.until(lambda: any(exchange.body_octets for exchange in site.sim.exchanges))
        await site.sim.inject(0, ALICE, "in between")
        await site.until(lambda: modem.settings.cnmi[1] == 0)
        await site.settled(staged.id)
        await site.until(lambda: modem.settings.cnmi[1] == 2)
        modem.ack_seconds = 15.0
        await site.sim.inject(0, ALICE, "afterwards")
        assert [each.text for each in await received(site, 2)] == ["in between", "afterwards"]


# -- odd modems ------------------------------------------------------------------------------------------


async def test_a_modem_that_counts_nothing_and_numbers_from_nought(tmp_path: Path) -> None:
    """Huawei E3531, SIM7600: 0 of 20 said, index 0, an announcement without a storage, ME refused as mem3."""
    async with Site(tmp_path, start=False) as site:
        refused = frozenset({(3, "ME")})
        modem = quirky(site, Quirks(counts=False, announcements={"+CMTI": "+CMTI: ,-1"}, refused_memories=refused))
        modem.storage("ME").first = modem.storage("SM").first = 0
        lay(modem, "ME", part("in ME", 1, 1))
        await site.sim.inject(0, ALICE, "in SM")
        assert (modem.storage("ME").used, modem.storage("SM").used) == (1, 1)
        await site.start()
        await received(site, 2)
        await site.sim.inject(0, ALICE, "later")
        assert sorted(each.text or "" for each in await received(site, 3)) == ["in ME", "in SM", "later"]


async def test_an_announcement_that_names_the_wrong_storage(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        site.sim.modems[0].quirks.announcements["+CMTI"] = '+CMTI: "SM",1'
        await site.sim.inject(0, ALICE, "in ME")
        assert [each.text for each in await received(site, 1)] == ["in ME"]


# -- calls -----------------------------------------------------------------------------------------------


async def test_a_call_is_hung_up_and_can_be_returned(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        call = site.sim.modems[0].ring(ALICE, rings=20)
        await site.until(lambda: call.hung_up)
        (missed,) = await received(site, 1)
        assert (missed.kind, missed.sender, missed.text, missed.read) == ("call", ALICE, None, False)
        assert [each for each in await events(site, "inbox") if "call" in each] == ["call from …123"]
        assert (await site.client.conversations()).conversations[0].number == ALICE
        log = (site.folder / "daemon.log").read_text()
        assert "call" in log
        assert ALICE[1:] not in log


async def test_a_withheld_number_is_hung_up_as_well(tmp_path: Path) -> None:
    async with Site(tmp_path) as site:
        call = site.sim.modems[0].ring(None, rings=20)
        await site.until(lambda: call.hung_up)
        (missed,) = await received(site, 1)
        assert (missed.kind, missed.alphanumeric) == ("call", True)


async def test_calls_may_ring(tmp_path: Path) -> None:
    async with Site(tmp_path, modem='calls = "ring"') as site:
        call = site.sim.modems[0].ring(ALICE, rings=4)
        await site.until(lambda: call.rung == 4)
        await site.until(lambda: _count(site, 1))
        assert not call.hung_up
        assert [each for each in await events(site, "inbox") if "call" in each] == ["call from …123"]
