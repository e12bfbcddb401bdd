"""The doctor and the look at the signal over the API."""

import os
import pty
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.at.answers import Tries
from drivers.errors import CommandTimeout, SimLocked
from drivers.modem import Health, Identity, Registration
from drivers.words import Sentence
from modemd.api.client import GatewayClient, Refused
from modemd.config import ModemConfig
from modemd.engine import status
from modemd.engine.status import ModemStatus
from modemd.model.doctor_labels import LABELS, VERDICTS
from tests.modemd.site import LOCAL, REMOTE, Site, problem

HEALTH = Health(Registration.HOME, -79, "Example Mobile", "LTE", "+447700900998")


@pytest.fixture
def tty() -> Iterator[str]:
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.fixture
async def ward(site: Site, tmp_path: Path, tty: str) -> AsyncIterator[Site]:
    """One modem that is well."""
    made = site.configured(modems=(ModemConfig("north", tty),), state_dir=tmp_path)
    north = ModemStatus("north", tty, status.READY, Sentence(status.SENTENCES[status.READY]), health=HEALTH)
    north.storages = {"SM": (1, 20)}
    north.identity = Identity(imei="490154203237518", imsi="234101234567890", manufacturer="Quectel", model="EC25")
    made.modems.append(north)
    yield made
    await made.close()


async def test_the_doctor_answers_in_a_shape_that_stays(ward: Site) -> None:
    findings = (await ward.http.get("/v1/doctor")).json()["findings"]
    for each in findings:
        assert set(each) == {"check", "verdict", "finding", "next_step", "modem", "value"}
        assert each["check"] in LABELS
        assert each["verdict"] in VERDICTS
        assert each["finding"]
    of_north = {each["check"]: each["verdict"] for each in findings if each["modem"] == "north"}
    assert of_north == {
        **dict.fromkeys(("port", "answers", "imei", "sim", "network", "signal", "smsc", "storage", "last_error"), "ok"),
        "quota": "skip",
    }
    assert [each["check"] for each in findings[:2]] == ["config", "daemon"]


async def test_no_whole_number_of_a_card_or_a_modem_is_told(ward: Site) -> None:
    """P10."""
    body = (await ward.http.get("/v1/doctor")).text
    assert "7518" in body
    for secret in ("490154203237518", "234101234567890"):
        assert secret not in body


async def test_a_modem_in_trouble(ward: Site) -> None:
    north = ward.modems[0]
    north.state, north.trouble = status.PARKED, SimLocked("puk", Tries(0, 9))
    client = GatewayClient(ward.transport(LOCAL))
    found = {each.check: each for each in await client.doctor() if each.modem}
    assert (found["sim"].verdict, found["sim"].value) == ("fail", "puk")
    assert "Tries left: 9" in found["sim"].finding
    assert found["sim"].next_step
    assert found["network"].verdict == "skip"
    await client.close()


async def test_the_doctor_speaks_the_readers_language(ward: Site) -> None:
    answer = await ward.http.get("/v1/doctor", headers={"Accept-Language": "ja"})
    assert answer.status_code == 200


async def test_a_daemon_without_modems(site: Site) -> None:
    empty = site.configured(modems=())
    findings = (await empty.http.get("/v1/doctor")).json()["findings"]
    assert (findings[0]["check"], findings[0]["verdict"]) == ("config", "warn")
    await empty.close()


async def test_only_who_belongs_may_ask(ward: Site) -> None:
    """P10."""
    stranger = ward.door(REMOTE)
    problem(await stranger.get("/v1/doctor"), 401, "unauthorized")
    problem(await stranger.post("/v1/modems/north/look"), 401, "unauthorized")
    await stranger.aclose()


# -- the look ----------------------------------------------------------------------------------------------


async def test_a_look_asks_the_modem_and_tells_what_it_hears(ward: Site) -> None:
    north = ward.modems[0]

    async def look(name: str) -> None:
        assert name == "north"
        north.health = replace(HEALTH, signal_dbm=-61)

    ward.gateway.look = look
    client = GatewayClient(ward.transport(LOCAL))
    seen = await client.look("north")
    assert (seen.name, seen.signal_dbm, seen.technology, seen.state) == ("north", -61, "LTE", "ready")
    with pytest.raises(Refused, match='There is no modem "nowhere/x y"'):
        await client.look("nowhere/x y")
    await client.close()


async def test_of_a_modem_that_is_gone_nothing_is_heard(ward: Site) -> None:
    async def deaf(name: str) -> None:
        ward.modems[0].state = status.GONE
        raise CommandTimeout()

    ward.gateway.look = deaf
    seen = (await ward.http.post("/v1/modems/north/look")).json()
    assert (seen["signal_dbm"], seen["state"]) == (None, "gone")
