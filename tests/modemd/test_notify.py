"""What systemd hears: READY, STATUS, and the watchdog's food while every owner task makes progress."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modemd.notify import Watchdog, notify
from tests.systemd import Ears, ears


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    with ears(abstract=request.param == "abstract") as (address, heard):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield heard


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def watchdog(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Watchdog:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    return Watchdog(hands)


def test_systemd_is_told_over_a_path_and_over_an_abstract_socket(systemd: Ears) -> None:
    """Seen red: a path with an @ in its middle was taken for an abstract socket."""
    notify("READY=1", "STATUS=ああ")
    assert systemd.heard == ["READY=1", "STATUS=ああ"]


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_systemd_that_does_not_hear_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for address in (str(tmp_path / "gone"), "vsock:2:1234", "@nobody"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("STOPPING=1")
    assert caplog.text.count("does not hear STOPPING=1") == 3


def test_it_is_fed_while_everybody_is_heard_of(systemd: Ears, watchdog: Watchdog, hands: Hands) -> None:
    north, fuses = watchdog.watch("north"), watchdog.watch("the fuses")
    for _ in range(5):
        hands.now += 50
        north(0.0)
        fuses(0.0)
        watchdog.look("north: ready")
    assert systemd.heard == ["WATCHDOG=1", "STATUS=north: ready", *["WATCHDOG=1"] * 4]


def test_it_starves_when_one_is_silent_and_says_who(
    systemd: Ears, watchdog: Watchdog, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    """P4. Seen red: with a look that feeds though somebody is overdue."""
    north, _ = watchdog.watch("modem north"), watchdog.watch("the store")
    watchdog.look("")
    hands.now += 61
    north(0.0)
    for _ in range(3):
        watchdog.look("")
    assert systemd.heard == ["WATCHDOG=1", "STATUS=", "STATUS=No sign of life: the store"]
    assert [record.getMessage() for record in caplog.records] == [
        "no sign of life from the store: the watchdog is not fed until there is one"
    ]


def test_who_never_said_anything_is_missed_too(watchdog: Watchdog, hands: Hands) -> None:
    watchdog.watch("the fuses")
    hands.now += 61
    assert watchdog.overdue() == ["the fuses"]


def test_it_is_fed_again_when_the_silent_one_speaks(systemd: Ears, watchdog: Watchdog, hands: Hands) -> None:
    north = watchdog.watch("modem north")
    hands.now += 61
    watchdog.look("on")
    north(0.0)
    watchdog.look("on")
    assert systemd.heard == ["STATUS=No sign of life: modem north", "WATCHDOG=1", "STATUS=on"]


def test_a_submit_that_takes_minutes_is_progress(watchdog: Watchdog, hands: Hands) -> None:
    """Seen red: with one deadline for all, 60 s after the last sign."""
    north = watchdog.watch("modem north")
    north(300.0)
    hands.now += 200
    north(0.0)  # another of its tasks: what was promised longest holds
    hands.now += 159
    assert watchdog.overdue() == []
    hands.now += 2
    assert watchdog.overdue() == ["modem north"]


def test_the_period_is_systemds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert Watchdog().period == 60
    monkeypatch.setenv("WATCHDOG_USEC", "90000000")
    assert Watchdog().period == 90
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert Watchdog().period == 90
    monkeypatch.setenv("WATCHDOG_PID", "1")  # meant for another process
    assert Watchdog().period == 60


async def test_it_is_fed_three_times_in_a_period(watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, slept = 0, []

    def status() -> str:
        nonlocal looks
        looks += 1
        return ""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await watchdog.feed(status)
    assert (looks, slept) == (4, [20.0] * 4)
