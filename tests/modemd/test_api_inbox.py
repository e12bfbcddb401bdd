"""What the API says of the inbox besides the texts: what lacks, what cannot be read, who called, what is full."""

from typing import Any

from drivers.pdu import Concat
from drivers.words import Sentence
from modemd.engine import alerts, inbound
from modemd.engine.inbound import GAP
from modemd.engine.status import ModemStatus
from modemd.store import inbox
from modemd.store.inbox import OVERDUE
from tests.modemd.outbox_at_hand import NOW
from tests.modemd.site import ALICE, Site
from tests.modemd.test_inbox import SOURCE, deliver


async def take(site: Site, pdu: str) -> None:
    await site.store.run(inbound.take, pdu, SOURCE, NOW)


async def newest(site: Site, language: str = "en") -> Any:
    answer = await site.http.get("/v1/inbox", headers={"Accept-Language": language})
    return answer.json()["messages"][0]


async def log(site: Site) -> list[str]:
    return [each["detail"] for each in (await site.http.get("/v1/log")).json()["events"]]


async def test_parts_that_have_not_come_are_named(site: Site) -> None:
    for n in (1, 3, 4, 6):
        await take(site, deliver(f"{n} ", concat=Concat(9, 6, n)))
    shown = await newest(site)
    assert (shown["missing"], shown["text"]) == ([2, 5], f"1 {GAP}3 4 {GAP}6 ")
    assert shown["lacking"] == {"code": "awaited", "sentence": "parts 2, 5 of 6 have not come"}
    await site.store.run(inbox.give_up_waiting, NOW + OVERDUE)
    assert (await newest(site))["lacking"]["code"] == "incomplete"
    assert (await log(site))[0] == f"message from {ALICE}: parts 2, 5 of 6 have not come"
    await take(site, deliver("2 ", concat=Concat(9, 6, 2)))
    assert (await newest(site))["lacking"]["sentence"] == "part 5 of 6 has not come"
    await take(site, deliver("5 ", concat=Concat(9, 6, 5)))
    assert (await newest(site))["lacking"] is None


async def test_what_cannot_be_read_is_shown_as_it_came(site: Site) -> None:
    await take(site, "DEADBEEF")
    shown = await newest(site)
    assert (shown["text"], shown["raw"], shown["error"]["code"]) == (None, "DEADBEEF", "undecodable")


async def test_a_repeat_is_said_in_the_log(site: Site) -> None:
    for _ in range(2):
        await take(site, deliver())
    assert (await log(site))[0] == f"message from {ALICE}: it came again, and is kept once"


async def test_a_call_is_shown_whole_to_people_and_masked_in_the_log(site: Site) -> None:
    """P10."""
    await site.store.run(inbox.add_call, ALICE, NOW, modem="north", hung_up=True)
    shown = await newest(site)
    assert (shown["kind"], shown["sender"], shown["text"], shown["raw"]) == ("call", ALICE, None, None)
    assert shown["error"]["code"] == "call_refused"
    assert await log(site) == ["call from …001"]
    (spoken,) = (await site.http.get("/v1/conversations")).json()["conversations"]
    assert (spoken["number"], spoken["last_kind"], spoken["unread"]) == (ALICE, "call", 1)


async def test_an_alert_is_shown_told_once_and_over(site: Site) -> None:
    state = ModemStatus("north", "/dev/ttyUSB2", state="ready", sentence=Sentence("Ready to send."))
    state.storages["SM"] = (17, 20)
    site.modems.append(state)
    raised = alerts.Alerts(state, site.store)
    for used in (17, 18):
        await raised.set("storage_high", storage="SM", used=used, total=20)
    (shown,) = (await site.http.get("/v1/modems")).json()["modems"]
    assert shown["alerts"][0]["code"] == "storage_high"
    assert shown["storages"] == [{"name": "SM", "used": 17, "slots": 20}]
    assert "SM is full but for little: 18 of 20" in shown["alerts"][0]["sentence"]
    health = await site.http.get("/healthz")
    assert health.status_code == 200
    assert "18 of 20" in health.json()["reasons"][0]
    await raised.over("storage_high")
    await raised.over("storage_high")
    assert (await site.http.get("/healthz")).json()["reasons"] == []
    told = await log(site)
    assert len(told) == 2
    assert told[0] == "north: The modem's message storage has room again."
    assert "17 of 20" in told[1]
