"""Dialogues are written down for failures alone, soon, few and small; and asked for over the API."""

import asyncio
import logging
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from drivers.modem import Identity
from drivers.trace import Trace
from modemd.api.client import Refused
from modemd.engine import traces as module
from modemd.engine.status import ModemStatus
from modemd.engine.traces import LAST_LINES, MOST_FILES, Traces
from tests.drivers.simulator_client import eventually
from tests.modemd.site import Site


@asynccontextmanager
async def running(folder: Path, *names: str, patience: float = 0.01) -> AsyncIterator[tuple[Traces, dict[str, Trace]]]:
    made = {name: Trace() for name in names or ("north",)}
    states = [
        ModemStatus(
            name, "/dev/ttyUSB2", identity=Identity(manufacturer="Quectel", model="EC25", imei="350000000000006")
        )
        for name in made
    ]
    traces = Traces(folder, made, lambda: states, patience=patience)
    task = asyncio.create_task(traces.run())
    await asyncio.sleep(0)
    try:
        yield traces, made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def refused(trace: Trace) -> None:
    trace.sent(b"AT+CMGS=18\r")
    trace.received(b"\r\n+CMS ERROR: 38\r\n")
    trace.fail("refused", "+CMS ERROR: 38")


async def test_nothing_is_written_while_nothing_fails(tmp_path: Path) -> None:
    async with running(tmp_path / "traces") as (traces, made):
        made["north"].sent(b"AT\r")
        made["north"].received(b"\r\nOK\r\n")
    assert not (tmp_path / "traces").exists()
    assert traces.files() == []


async def test_a_failure_is_written_with_what_led_to_it_and_what_followed(tmp_path: Path) -> None:
    async with running(tmp_path / "traces", patience=0.1) as (traces, made):
        refused(made["north"])
        made["north"].received(b"\r\n+CMGS: 4\r\n")  # late
        await eventually(traces.files)
        (kept,) = traces.files()
        assert (kept.modem, kept.why) == ("north", "refused")
        text = traces.read(kept)
        file = traces.folder / kept.file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(traces.folder.stat().st_mode) == 0o700
        assert [entry.name for entry in traces.folder.iterdir()] == [kept.file], "nothing unfinished"
    assert "model    Quectel EC25\n" in text
    assert [line[36:] for line in text.splitlines()[-4:]] == [
        "> AT+CMGS=18",
        "< +CMS ERROR: 38",
        "- refused: +CMS ERROR: 38",
        "< +CMGS: 4",
    ]


async def test_each_modem_has_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, "north", "so/uth") as (traces, made):
        refused(made["north"])
        refused(made["so/uth"])
        await eventually(lambda: len(traces.files()) == 2)
        assert [kept.modem for kept in traces.files("so/uth")] == ["so_uth"]
        assert len(traces.files("north")) == 1
        assert traces.files("nobody") == []


async def test_a_modem_that_fails_again_and_again_does_not_fill_the_disk(tmp_path: Path) -> None:
    """One file, then none for a while; what came meanwhile is in the next."""
    async with running(tmp_path, "north", "south", patience=0.1) as (traces, made):
        refused(made["north"])
        await eventually(traces.files)
        for _ in range(1000):
            refused(made["north"])
        refused(made["south"])
        await eventually(lambda: traces.files("south"))
        assert len(traces.files("north")) == 1
    assert len(traces.files("north")) <= 2
    assert len(traces.read(traces.files("north")[0]).splitlines()) < LAST_LINES + 10


async def test_another_failure_does_not_wait_for_the_first_ones_pause(tmp_path: Path) -> None:
    async with running(tmp_path, patience=0.1) as (traces, made):
        refused(made["north"])
        await eventually(traces.files)
        refused(made["north"])
        made["north"].fail("uncertain", "no_answer")
        await eventually(lambda: len(traces.files()) == 2)
        assert {kept.why for kept in traces.files()} == {"refused", "uncertain"}


async def test_a_port_that_never_opens_has_nothing_to_tell(tmp_path: Path) -> None:
    async with running(tmp_path, "north", "south") as (traces, made):
        made["north"].fail("lost", "/dev/ttyUSB2 is not there")
        refused(made["south"])
        await eventually(lambda: traces.files("south"))
        assert traces.files("north") == []


async def test_the_oldest_make_room(tmp_path: Path) -> None:
    for day in range(10, 10 + MOST_FILES // 5):
        for hour in range(8):
            (tmp_path / f"north-202601{day}T{hour:02}0000Z-lost.txt").write_text("old")
    (tmp_path / "south-20250101T000000Z-lost.txt").write_text("another's")
    (tmp_path / "notes.txt").write_text("somebody's own")
    async with running(tmp_path) as (traces, made):
        refused(made["north"])
        await eventually(lambda: traces.files("north")[0].why == "refused")
        assert len(traces.files("north")) == MOST_FILES
        assert min(kept.at for kept in traces.files("north")) > min(kept.at for kept in traces.files())
    assert (tmp_path / "notes.txt").exists()
    assert len(traces.files("south")) == 1


async def test_a_disk_that_takes_nothing_costs_a_trace_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "traces").write_text("no folder")
    with caplog.at_level(logging.WARNING, module.__name__):
        async with running(tmp_path / "traces") as (traces, made):
            refused(made["north"])
            await eventually(lambda: caplog.records)
            assert "no trace was written" in caplog.text
            (tmp_path / "traces").unlink()
            made["north"].sent(b"AT\r")
            made["north"].fail("timeout", "AT")
            await eventually(traces.files)


async def test_what_is_due_at_the_end_is_written_before_it(tmp_path: Path) -> None:
    async with running(tmp_path, patience=10.0) as (traces, made):
        refused(made["north"])
        await asyncio.sleep(0)
    assert [kept.why for kept in traces.files()] == ["refused"]


# -- the API ------------------------------------------------------------------------------------------


async def test_the_api_shows_the_living_and_the_kept(site: Site, tmp_path: Path) -> None:
    async with running(tmp_path / "traces", "north", "so/uth") as (traces, made):
        site.gateway.traces = traces
        made["so/uth"].sent(b"AT\r")
        refused(made["north"])
        await eventually(traces.files)
        live = await site.client.trace("north")
        assert [(line.direction, line.text) for line in live.lines] == [
            ("sent", "AT+CMGS=18"),
            ("received", "+CMS ERROR: 38"),
            ("note", "refused: +CMS ERROR: 38"),
        ]
        assert [line.text for line in (await site.client.trace("so/uth")).lines] == ["AT"]
        assert len((await site.http.get("/v1/modems/north/trace?last=1")).json()["lines"]) == 1
        (kept,) = await site.client.traces("north")
        assert (kept.modem, kept.why, kept.text) == ("north", "refused", None)
        assert "+CMS ERROR: 38" in str((await site.client.trace_file(kept.file)).text)


@pytest.mark.parametrize("file", ["../modemd.db", "..%2fmodemd.db", "north-20260101T000000Z-lost.txt", "/etc/passwd"])
async def test_p10_no_other_file_can_be_asked_for(site: Site, tmp_path: Path, file: str) -> None:
    site.gateway.traces = Traces(tmp_path / "traces", {})
    with pytest.raises(Refused) as refused:
        await site.client.trace_file(file)
    assert refused.value.status == 404


async def test_a_modem_that_is_none(site: Site) -> None:
    with pytest.raises(Refused, match="There is no modem nowhere"):
        await site.client.trace("nowhere")
    assert await site.client.traces() == []
