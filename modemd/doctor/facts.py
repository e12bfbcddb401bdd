"""What the doctor knows when it judges: gathered by others, and nothing but values."""

from dataclasses import dataclass, field
from pathlib import Path

from drivers.at.answers import Tries
from drivers.errors import DriverError
from drivers.holders import Holder
from drivers.modem import Health, Identity
from drivers.usb import Power, UsbDevice, UsbPort
from drivers.words import Sentence
from modemd.store.inspection import Inspection

FIRST_YEAR = 2026  # nothing of ours is older: a clock that says so was never set


@dataclass(frozen=True)
class Clock:
    """`synchronized` None: nobody says. `has_battery`: it goes on while the power is off."""

    year: int
    synchronized: bool | None
    has_battery: bool


@dataclass(frozen=True)
class Disk:
    folder: Path
    free: int  # octets
    trouble: str | None = None


@dataclass(frozen=True)
class Computer:
    clock: Clock
    disk: Disk
    database: Inspection
    power: Power | None
    usb: tuple[UsbDevice, ...]
    has_rules: bool  # udev rules of ours
    can_switch: bool  # usb-modeswitch is installed
    modem_manager: Holder | None
    modem_manager_ignores_us: bool


@dataclass(frozen=True)
class Node:
    """A device node. `service_may`: None where there is no user of ours to ask about."""

    path: str
    exists: bool
    is_serial: bool = True
    user: str = ""  # who looks
    group: str = ""
    may_open: bool = True
    service_may: bool | None = None
    holders: tuple[Holder, ...] = ()
    usb: UsbPort | None = None
    stable_name: str | None = None  # of this port; see drivers.usb


@dataclass(frozen=True)
class Quota:
    """Parts that may leave in a period, and those that did."""

    period: str
    used: int
    most: int


@dataclass(frozen=True)
class ModemFacts:
    """One configured modem. `answered` None: nobody has asked it yet.

    `node` None: `port` is "auto" and was found nowhere. `lock` is a drivers.modem.SimState, or one of
    engine.status.SIM_SENTENCES. `trouble` is what ended the last connection, or kept it from being made.
    """

    name: str
    port: str
    imei: str | None = None  # as configured
    has_pin_file: bool = False
    by_daemon: bool = False  # it runs, and these are its facts; else nobody keeps the modem
    region: str | None = None
    node: Node | None = None
    answered: bool | None = None
    trouble: DriverError | None = None
    identity: Identity = field(default_factory=Identity)
    lock: str | None = None
    tries: Tries = field(default_factory=Tries)
    mcc: str | None = None
    health: Health | None = None
    storages: dict[str, tuple[int, int]] = field(default_factory=dict)  # {"SM": (used, total)}
    alerts: dict[str, Sentence] = field(default_factory=dict)  # what the daemon says of them, by code
    last_error: Sentence | None = None
    last_error_at: float | None = None
    now: float = 0.0
    quotas: tuple[Quota, ...] = ()
