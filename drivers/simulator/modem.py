"""One modem: its port, power, SIM, storages and radio; what it says is conversation.py's matter."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from drivers.simulator import inbox
from drivers.simulator.call import Call
from drivers.simulator.conversation import Conversation
from drivers.simulator.dialogue import After
from drivers.simulator.faults import Faults
from drivers.simulator.network import Inbound, Network
from drivers.simulator.noise import BABBLE, GAP, URCS, Noise
from drivers.simulator.pty import Pty
from drivers.simulator.quirks import Quirks
from drivers.simulator.radio import Radio
from drivers.simulator.settings import Settings
from drivers.simulator.sim import Identity, Lock, Sim
from drivers.simulator.storage import ME_SLOTS, SR_SLOTS, Row, Storage
from drivers.simulator.wire import Exchange, WireLog

BOOT_SECONDS = 0.05
RING_SECONDS = 0.3  # five with a real network
FIRST_MEMORIES = ("SM", "SM", "SM")


class Modem:
    """Look at `sim`, `radio`, `settings`, `exchanges`; spoil with `faults` and `noise`."""

    def __init__(self, index: int, directory: Path, network: Network, wire: WireLog, seed: int) -> None:
        self.index = index
        self.name = f"modem{index}"
        self.port = directory / self.name
        self.identity = Identity.numbered(index)
        self.sim = Sim.numbered(index)
        self.radio = Radio()
        self.settings = Settings()
        self.functional = 1  # +CFUN
        self.deaf = False  # hung, or booting
        self._until = b""  # what wakes it from a hang
        self.faults = Faults(Random(f"faults {seed} {index}"))
        self.noise = Noise(random=Random(f"noise {seed} {index}"))
        self.network = network
        self.wire = wire
        self.memories = FIRST_MEMORIES  # +CPMS
        self.quirks = Quirks()
        self.call = Call()
        self.commands: Counter[str] = Counter()  # how often it was given each
        self.ack_seconds = 15.0  # how long +CNMA may take under +CSMS=1
        self.unacknowledged: Inbound | None = None
        self.held_urcs: list[str] = []  # by <mode> 0 of +CNMI
        self.last_written = 0  # index of the last +CMGW
        self._own_storages = {"ME": Storage(ME_SLOTS), "SR": Storage(SR_SLOTS)}
        self._pty: Pty | None = None
        self._conversation = Conversation(self)
        self._heard: dict[str, str] = {}

    # -- port and power --------------------------------------------------------------------------

    @property
    def plugged(self) -> bool:
        return self._pty is not None

    @property
    def exchanges(self) -> list[Exchange]:
        return [exchange for exchange in self.wire.exchanges if exchange.modem == self.name]

    def plug(self, name: str | None = None) -> None:
        """In with it, under that name; it starts anew."""
        if self._pty is None:
            port = self.port.with_name(name or self.port.name)
            self._pty = Pty(port, self._feed)
            self.port = port
            self._start()

    def unplug(self) -> None:
        if self._pty is not None:
            self._power_off()
            self._pty.close()
            self._pty = None

    def reset(self, seconds: float = BOOT_SECONDS) -> None:
        """A restart of its own: the port stays, everything set is lost."""
        self._power_off()
        self.deaf = True
        self.later(seconds, self._booted)

    def hang(self, seconds: float | None = None, until: bytes = b"") -> None:
        """Deaf and dumb for some seconds, or until it is told those octets, or until plugged anew."""
        self.deaf, self._until = True, until
        if seconds is not None:
            self.later(seconds, self._wake)

    def befall(self, after: After) -> None:
        match after.what:
            case "hang":
                self.hang(after.seconds)
            case "reboot":
                self.reset(after.seconds or BOOT_SECONDS)
            case "unplug":
                self.unplug()
                if after.seconds is not None:
                    self.later(after.seconds, lambda: self.plug(after.name))
            case "echo":
                self.settings.echo = 1

    def _power_off(self) -> None:
        self._conversation.break_off()
        self._conversation = Conversation(self)
        if self.unacknowledged is not None:
            self.network.waiting[self.sim.imsi].appendleft(self.unacknowledged)
            self.unacknowledged = None
        self.held_urcs.clear()
        self.sim.power_off()

    def _start(self) -> None:
        self.deaf = False
        self.settings = Settings()
        self.settings.csms = self.quirks.services[0]
        self.memories = FIRST_MEMORIES
        self.functional = 1
        self.radio_changed()

    def _booted(self) -> None:
        self._start()
        self.urc("RDY")

    def _wake(self) -> None:
        self.deaf = False

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Unless it restarts or is unplugged before."""
        now = self._conversation
        asyncio.get_running_loop().call_later(seconds, lambda: act() if now is self._conversation else None)

    # -- octets ----------------------------------------------------------------------------------

    def _feed(self, data: bytes) -> None:
        if self.deaf and self._until and self._until in data:
            self._wake()
        if not self.deaf:
            self._conversation.feed(data)

    def write(self, data: bytes) -> None:
        if self._pty is not None and data and not self.deaf:
            packets = self.noise.packets(data)
            self._pty.write(self.noise.spoil(data), packets, GAP)

    def urc(self, line: str) -> None:
        self._conversation.urc(line)

    def storm(self, lines: int) -> None:
        """So many URCs at once, whatever is going on."""
        for _ in range(lines):
            self.urc(self.noise.random.choice(URCS))

    def babble(self, octets: int) -> None:
        """Octets that no modem says: what a bad cable or a boot loader puts on the line."""
        self.write(bytes(self.noise.random.choice(BABBLE) for _ in range(octets)))

    # -- network and storages --------------------------------------------------------------------

    def radio_changed(self) -> None:
        """Tells those who asked by +CREG=1 or 2, and lets in what waited for service."""
        self.radio.on = self.functional == 1 and self.sim.lock is Lock.READY
        for name, detail in self.settings.registration.items():
            line = self.radio.line(name, detail)
            if detail and self._heard.get(name) != line:
                self.urc(f"{name}: {line}")
            self._heard[name] = line
        self.pump()

    def storage(self, name: str) -> Storage:
        if name == "SM":
            return self.sim.storage
        if name == "MT":
            return Row(self.sim.storage, self._own_storages["ME"])
        return self._own_storages[name]

    def receive(self, inbound: Inbound) -> bool:
        """False: no service or no room, the network has to keep it."""
        ready = self.plugged and not self.deaf and self.radio.carries_sms
        return ready and inbox.receive(self, inbound)

    def pump(self) -> None:
        """Soon: behind the answer that is just being given."""
        asyncio.get_running_loop().call_soon(self.network.pump, self.sim.imsi)

    def ring(self, caller: str | None = None, rings: int = 1) -> Call:
        """Somebody calls, and rings so often unless the call is taken off."""
        self.call = Call(caller, rings)
        self._ring(self.call)
        return self.call

    def _ring(self, call: Call) -> None:
        if call.hung_up or call.rung == call.rings:
            return
        call.rung += 1
        self.urc("+CRING: VOICE" if self.settings.crc else "RING")
        if self.settings.clip and call.caller:
            self.urc(f'+CLIP: "{call.caller}",145,,,,0')
        self.later(RING_SECONDS, lambda: self._ring(call))
