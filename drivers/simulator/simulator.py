"""Modems, a network and their phones in one directory, for as long as a block of code lasts."""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path
from string import hexdigits
from types import TracebackType
from typing import Self

from drivers.simulator.errors import SimulatorError
from drivers.simulator.modem import Modem
from drivers.simulator.network import Inbound, Network
from drivers.simulator.wire import Exchange, WireLog

MOST_MODEMS = 64


class Simulator:
    """`async with Simulator(directory, modems=2) as sim:`"""

    def __init__(
        self,
        directory: Path | str,
        modems: int = 1,
        network_delay: float = 0.05,
        report_delay: float | None = None,
        seed: int = 1,
        pin: str | None = None,
        wire_log: bool = False,
    ) -> None:
        if not 1 <= modems <= MOST_MODEMS:
            raise SimulatorError(f"A simulator has 1 to {MOST_MODEMS} modems, not {modems}.")
        self.directory = Path(directory).absolute()
        self.modems: list[Modem] = []
        self.network: Network
        self._wanted = modems
        self._delays = (network_delay, report_delay)
        self._seed = seed
        self._pin = pin
        self._wire = WireLog(self.directory / "wire.jsonl" if wire_log else None)
        self._undo = ExitStack()

    @property
    def exchanges(self) -> list[Exchange]:
        """Every submit begun, of all modems."""
        return self._wire.exchanges

    @property
    def ports(self) -> list[str]:
        return [str(modem.port) for modem in self.modems]

    def modem(self, index: int) -> Modem:
        if not 0 <= index < len(self.modems):
            raise SimulatorError(f"There is no modem {index}: they are 0 to {len(self.modems) - 1}.")
        return self.modems[index]

    async def __aenter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(os.close, take_directory(self.directory))
            self.network = Network(self.directory / "accepted.jsonl", *self._delays)
            undo.callback(self.network.close)
            for index in range(self._wanted):
                modem = Modem(index, self.directory, self.network, self._wire, self._seed)
                modem.sim.pin = self._pin
                self.modems.append(modem)
                self.network.terminals.append(modem)
                undo.callback(modem.unplug)
                modem.plug()
            self._undo = undo.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    async def inject(self, modem: int, sender: str, text: str) -> int:
        """Somebody writes to that modem's SIM; long texts come in parts. How many. Raises PduError."""
        return self.network.send_text(self.modem(modem).sim.imsi, sender, text)

    async def inject_pdu(self, modem: int, pdu: str, length: int | None = None, report: bool = False) -> None:
        """Any octets, as hex with the SMSC in front; also such as nobody can decode."""
        if length is None:
            smsc = int(pdu[:2], 16) if set(pdu[:2]) <= set(hexdigits) else 0
            length = max(0, len(pdu) // 2 - 1 - smsc)
        self.network.send(self.modem(modem).sim.imsi, Inbound(pdu, length, report))

    def swap(self, one: int, other: int) -> None:
        """Both are pulled and come back under each other's name."""
        first, second = self.modem(one), self.modem(other)
        names = first.port.name, second.port.name
        first.unplug()
        second.unplug()
        second.plug(names[0])
        first.plug(names[1])


def take_directory(directory: Path) -> int:
    """Make it if need be, and hold it: one simulator a directory. Raises SimulatorError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise SimulatorError(f"The simulator cannot use {directory}: {why}.") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        raise SimulatorError(f"Another simulator runs in {directory}.") from error
    for link in directory.glob("modem*"):
        if link.is_symlink() and not link.exists():  # left by one that was killed
            link.unlink()
    return held
