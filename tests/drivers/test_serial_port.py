"""The port opens, tells why it does not, and is never waited for without an end."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.errors import PortBusy, PortError, PortForbidden, PortMissing
from drivers.serial_port import SerialPort
from tests.drivers.scripted_modem import ScriptedModem
from tests.drivers.simulator_client import eventually

MUCH = b"\xaa" * 1_000_000  # no pty takes that

HOLD = """
import fcntl, os, sys
held = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(held, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

AS_NOBODY = """
import asyncio, os, sys
from drivers.errors import PortError
from drivers.serial_port import SerialPort

async def main():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    try:
        SerialPort(sys.argv[1], print, print)
    except PortError as error:
        print(type(error).__name__, error)

asyncio.run(main())
"""


class Ends:
    """What a port told."""

    def __init__(self) -> None:
        self.heard = b""
        self.lost: list[PortError] = []

    def open(self, path: str) -> SerialPort:
        return SerialPort(path, self._hear, self.lost.append)

    def _hear(self, chunk: bytes) -> None:
        self.heard += chunk


@pytest.fixture
async def modem() -> AsyncIterator[ScriptedModem]:
    async with ScriptedModem() as scripted:
        yield scripted


@pytest.fixture
def ends() -> Ends:
    return Ends()


async def test_octets_both_ways(modem: ScriptedModem, ends: Ends) -> None:
    port = ends.open(modem.port)
    await port.write(b"AT\r")
    await eventually(lambda: ends.heard == b"\r\nOK\r\n")
    port.close()


async def test_a_missing_node(tmp_path: Path, ends: Ends) -> None:
    with pytest.raises(PortMissing, match="modem9 is not there"):
        ends.open(str(tmp_path / "modem9"))


async def test_what_is_no_serial_port(tmp_path: Path, ends: Ends) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path, Path("/dev/null")):
        with pytest.raises(PortMissing, match="no serial port"):
            ends.open(str(path))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
async def test_a_port_that_this_user_may_not_open(modem: ScriptedModem) -> None:
    os.chmod(modem.port, 0o600)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", AS_NOBODY, modem.port, stdout=asyncio.subprocess.PIPE
    )
    said = (await other.communicate())[0].decode()
    assert said.startswith(f"{PortForbidden.__name__} This user may not open {modem.port}: add it to the group ")
    assert "usermod -aG" in said


async def test_a_port_that_another_program_has(modem: ScriptedModem, ends: Ends) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, modem.port, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    with pytest.raises(PortBusy, match=rf"in use by python\S* \(pid {other.pid}\)"):
        ends.open(modem.port)
    await other.communicate(b"")
    ends.open(modem.port).close()


async def test_a_port_is_opened_once(modem: ScriptedModem, ends: Ends) -> None:
    """Defect 18 of the library: a second connect read beside the first, from the same port."""
    port = ends.open(modem.port)
    with pytest.raises(PortBusy, match="another program"):
        ends.open(modem.port)
    port.close()
    ends.open(modem.port).close()


async def test_a_port_that_vanishes_says_so_at_once(modem: ScriptedModem, ends: Ends) -> None:
    """Defect 45 of the library: nobody waiting was told."""
    port = ends.open(modem.port)
    modem.unplug()
    await eventually(lambda: ends.lost)
    with pytest.raises(PortError, match="is gone"):
        await port.write(b"AT\r")
    port.close()
    assert len(ends.lost) == 1


async def test_a_modem_that_takes_no_more_is_not_waited_for_without_an_end(modem: ScriptedModem, ends: Ends) -> None:
    """Defect 16 of the library: with flow control stuck, a write blocked for ever."""
    asyncio.get_running_loop().remove_reader(modem._master)
    port = ends.open(modem.port)
    with pytest.raises(PortError, match="takes no more bytes"):
        await port.write(MUCH, timeout=0.1)
    assert len(ends.lost) == 1


async def test_a_port_that_vanishes_under_a_write(modem: ScriptedModem, ends: Ends) -> None:
    asyncio.get_running_loop().remove_reader(modem._master)
    port = ends.open(modem.port)
    writing = asyncio.create_task(port.write(MUCH, timeout=30.0))
    await asyncio.sleep(0)
    modem.unplug()
    async with asyncio.timeout(2.0):
        with pytest.raises(PortError, match="is gone"):
            await writing


async def test_a_long_write_goes_through_in_pieces(modem: ScriptedModem, ends: Ends) -> None:
    port = ends.open(modem.port)
    await port.write(b"A" * 100_000 + b"\r")
    await eventually(lambda: modem.heard == ["A" * 100_000])
    port.close()


async def test_closing_twice(modem: ScriptedModem, ends: Ends) -> None:
    """Defect 46 of the library: close raised, whichever way one came to it."""
    port = ends.open(modem.port)
    port.close()
    port.close()
    port.flow_control(True)
    with pytest.raises(PortError, match="closed"):
        await port.write(b"AT\r")
    assert ends.lost == []


async def test_flow_control_is_a_choice(modem: ScriptedModem, ends: Ends) -> None:
    """Defect 17 of the library: RTS/CTS could not be switched off."""
    port = ends.open(modem.port)
    port.flow_control(True)
    port.flow_control(False)
    port.close()
