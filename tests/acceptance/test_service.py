"""The real daemon as systemd runs it: told when it is ready, fed while it works, given its socket."""

import asyncio
import getpass
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modemd.api.client import GatewayClient, over_socket
from tests.acceptance.site import Site
from tests.systemd import Ears, ears

pytestmark = pytest.mark.acceptance

PHONE = "+447700900003"  # never a report
# What systemd does between fork and exec: the descriptor is number 3, and its own pid is in the environment.
_HAND_OVER = """
import os, sys
given = int(sys.argv[1])
if given != 3:
    os.dup2(given, 3)
    os.close(given)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "modemd.socket"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    with ears() as (address, heard):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        yield heard


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a name short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="modemd-") as folder:
        yield Path(folder)


@pytest.fixture
def config(place: Path) -> Path:
    file = place / "config.toml"
    file.write_text(f'[daemon]\nstate_dir = "{place}/state"\nsocket = "{place}/api.sock"\n', "utf-8")
    return file


async def start(
    *words: str, log: Path, ready: bool = True, pass_fds: tuple[int, ...] = ()
) -> asyncio.subprocess.Process:
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=subprocess.PIPE, stderr=errors, pass_fds=pass_fds
        )
    assert process.stdout is not None
    if ready:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        assert b"ready" in line, f"see {log}"
    return process


async def end(process: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    status = await asyncio.wait_for(process.wait(), 6)
    process._transport.close()  # type: ignore[attr-defined]  # leaves its pipe open otherwise
    return status


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


# -- sd_notify ---------------------------------------------------------------------------------------------------


async def test_ready_is_said_when_the_socket_answers(systemd: Ears, config: Path, place: Path) -> None:
    """And it is fed from then on. Seen red: with fuses, or a dispatcher, that do not say that they go on."""
    process = await start("-m", "modemd", "run", "--config", str(config), log=place / "log", ready=False)
    await until(lambda: "READY=1" in systemd.heard)
    async with asyncio.timeout(1):
        client = GatewayClient(over_socket(str(place / "api.sock")))
        assert await client.modems() == []
        await client.close()
    await until(lambda: systemd.heard.count("WATCHDOG=1") > 3)
    assert "STATUS=no modem" in systemd.heard
    assert await end(process) == 0
    assert "STOPPING=1" in systemd.heard


async def test_a_submit_longer_than_the_watchdogs_period_is_fed_through(
    systemd: Ears, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: with modems that get no more than the period."""
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    async with Site(tmp_path, delay=4.0) as site:
        staged = await site.client.stage(PHONE, "takes its time", fuse="0s")
        await site.until(lambda: any(exchange.body_octets for exchange in site.sim.exchanges))
        before = systemd.heard.count("WATCHDOG=1")
        await site.reaches(staged.id, "submitted")
        assert systemd.heard.count("WATCHDOG=1") - before >= 2
        assert "STATUS=north: busy" in systemd.heard
    assert not [line for line in systemd.heard if "No sign of life" in line]


async def test_a_store_that_hangs_is_left_to_the_watchdog(systemd: Ears, config: Path, place: Path) -> None:
    """P4. Seen red: without a job that is carried through the store's thread. The unit's faulthandler says where."""
    words = ("-X", "faulthandler", "-m", "tests.acceptance.stuck_daemon", str(config))
    process = await start(*words, log=place / "log")
    await until(lambda: "WATCHDOG=1" in systemd.heard)
    process.send_signal(signal.SIGUSR1)
    await until(lambda: any("No sign of life" in line for line in systemd.heard))
    last = len(systemd.heard)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):  # longer than systemd waits
            await until(lambda: "WATCHDOG=1" in systemd.heard[last:])
    assert "the store" in systemd.heard[last - 1]
    assert "no sign of life from the store" in (place / "log").read_text()
    assert await end(process, signal.SIGABRT) == -signal.SIGABRT  # as systemd does
    assert "stuck_daemon.py" in (place / "log").read_text()


# -- socket activation ---------------------------------------------------------------------------------------------


def listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


async def activated(
    config: Path, listener: socket.socket, log: Path, *, ready: bool = True
) -> asyncio.subprocess.Process:
    fd = listener.fileno()
    words = ("-c", _HAND_OVER, str(fd), "-m", "modemd", "run", "--config", str(config))
    return await start(*words, log=log, ready=ready, pass_fds=(fd,))


async def test_the_socket_that_systemd_made_is_used_and_left(config: Path, place: Path) -> None:
    """P10: who asks is known on it as on our own. Seen red: with a daemon that removes the file when it stops."""
    with listening(place / "api.sock") as listener:
        inode = os.stat(place / "api.sock").st_ino
        for _ in range(2):
            process = await activated(config, listener, place / "log")
            client = GatewayClient(over_socket(str(place / "api.sock")))
            staged = await client.stage(PHONE, "x")
            assert (await client.message(staged.id)).author == getpass.getuser()
            await client.close()
            assert await end(process) == 0
            assert os.stat(place / "api.sock").st_ino == inode


async def test_who_asks_while_it_restarts_waits(config: Path, place: Path) -> None:
    """P3: a client is answered by the next daemon instead of being turned away."""
    with listening(place / "api.sock") as listener:
        assert await end(await activated(config, listener, place / "log")) == 0
        client = GatewayClient(over_socket(str(place / "api.sock")))
        asked = asyncio.create_task(client.modems())
        process = await activated(config, listener, place / "log")
        assert await asyncio.wait_for(asked, 10) == []
        await client.close()
        await end(process)


async def test_a_socket_at_another_place_is_refused(config: Path, place: Path) -> None:
    with listening(place / "other.sock") as listener:
        process = await activated(config, listener, place / "log", ready=False)
        assert await asyncio.wait_for(process.wait(), 20) == 1
    said = (place / "log").read_text()
    assert f"systemd listens at {place}/other.sock, and the configuration says {place}/api.sock" in said
    process._transport.close()  # type: ignore[attr-defined]


async def test_what_is_no_listening_unix_socket_is_refused(config: Path, place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = await activated(config, listener, place / "log", ready=False)
        assert await asyncio.wait_for(process.wait(), 20) == 1
    assert "systemd listens at ('127.0.0.1'," in (place / "log").read_text()
    process._transport.close()  # type: ignore[attr-defined]


async def test_what_was_meant_for_another_process_is_left_alone(
    config: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "1")
    process = await start("-m", "modemd", "run", "--config", str(config), log=place / "log")
    assert (place / "api.sock").is_socket()
    assert await end(process) == 0
    assert not (place / "api.sock").exists()
