"""The USB devices of this computer that are modems, as sysfs shows them."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path

from drivers.profiles import Device, devices
from drivers.words import N_, Sentence

_MASS_STORAGE = 0x08  # bInterfaceClass
_CRASHED = "05c6:9008"  # Qualcomm's download mode: the firmware has crashed (ModemManager 80-mm-candidate.rules)


class Mode(StrEnum):
    MODEM = "modem"  # it has serial ports
    STORAGE = "storage"  # it still plays the CD-ROM drive with its driver for Windows
    NETWORK = "network"  # it is a network card with a web page: no AT port
    NO_PORTS = "no_ports"  # a modem to which the kernel has given no serial port
    CRASHED = "crashed"


NO_MODEM = {
    Mode.STORAGE: N_("{name} ({id}) still plays the CD-ROM drive with its Windows software: it has no modem port yet."),
    Mode.NETWORK: N_("{name} ({id}) is a network card with a web page (HiLink): no AT port, so no SMS from here."),
    Mode.NO_PORTS: N_("{name} ({id}) is plugged in, but the kernel gives it no serial port."),
    Mode.CRASHED: N_("The modem at USB port {place} has crashed and waits for new firmware ({id})."),
}


@dataclass(frozen=True)
class Interface:
    number: int
    interface_class: int
    subclass: int
    protocol: int
    ttys: tuple[str, ...] = ()  # "ttyUSB2"


@dataclass(frozen=True)
class UsbDevice:
    """`place` is its hub port ("1-1.2"), `known` the row of profiles.json that says most of its interfaces."""

    place: str
    usb_id: str  # "2c7c:0125"
    name: str
    interfaces: tuple[Interface, ...]
    autosuspend: bool
    known: Device | None

    @property
    def ttys(self) -> list[str]:
        return [tty for interface in self.interfaces for tty in interface.ttys]

    @property
    def mode(self) -> Mode:
        if self.usb_id == _CRASHED:
            return Mode.CRASHED
        if self.ttys:
            return Mode.MODEM
        if self.known is not None and self.known.no_at_port and self.usb_id in self.known.usb_ids:
            return Mode.NETWORK
        stores = any(each.interface_class == _MASS_STORAGE for each in self.interfaces)
        return Mode.STORAGE if stores else Mode.NO_PORTS

    def role(self, interface: Interface) -> str | None:
        """at, at2, diag, gps, ppp, audio or none; None: the table does not say."""
        if (role := _role_by_class(self.usb_id, interface)) is not None:
            return role
        if self.known is None:
            return None
        if interface.number in self.known.not_serial:
            return "none"
        roles = {number: role for role, number in reversed(self.known.interfaces.items())}
        return roles.get(interface.number)

    @property
    def trouble(self) -> Sentence | None:
        """Why it is no modem as it is now."""
        values: dict[str, object] = {"name": self.name, "id": self.usb_id, "place": self.place}
        return Sentence(NO_MODEM[self.mode], values) if self.mode in NO_MODEM else None

    @property
    def at_tty(self) -> str | None:
        """The port to talk to, where the table knows it."""
        return next((tty for each in self.interfaces if self.role(each) == "at" for tty in each.ttys), None)


@dataclass(frozen=True)
class UsbPort:
    """A serial port as a part of its USB device."""

    tty: str
    device: UsbDevice
    interface: Interface

    @property
    def role(self) -> str | None:
        return self.device.role(self.interface)


@dataclass(frozen=True)
class Power:
    """What a Raspberry Pi says of its supply, now and since its start."""

    low_now: bool
    low_before: bool


def modems(root: str = "/") -> list[UsbDevice]:
    """Everything that the table knows, in whatever mode, and everything else with a serial port."""
    folders = sorted(Path(root, "sys/bus/usb/devices").glob("*"))
    found = [device for folder in folders if (device := _device(folder)) is not None]
    return [device for device in found if device.known or device.ttys or device.usb_id == _CRASHED]


def port_of(path: str, root: str = "/") -> UsbPort | None:
    """The USB side of a device node, whatever links lead to it; None for a pty or a UART."""
    tty = Path(os.path.realpath(path)).name
    for device in modems(root):
        for interface in device.interfaces:
            if tty in interface.ttys:
                return UsbPort(tty, device, interface)
    return None


def switch_of(path: str, root: str = "/") -> Path | None:
    """The file that takes a port's device off the bus and puts it back; None where we may not."""
    port = port_of(path, root)
    file = Path(root, "sys/bus/usb/devices", port.device.place, "authorized") if port else None
    return file if file is not None and os.access(file, os.W_OK) else None


def switch_off_and_on(file: Path) -> None:
    """As if it were unplugged and plugged in. Raises OSError."""
    for word in ("0", "1"):
        file.write_text(word, "ascii")


def stable_name(tty: str, root: str = "/") -> str | None:
    """The link that leads to this port wherever it is counted: by its place on the hub."""
    for place in ("dev/modem/by-path", "dev/serial/by-path"):
        for link in sorted(Path(root, place).glob("*")):
            if Path(os.path.realpath(link)).name == tty:
                return f"/{link.relative_to(root)}"
    return None


def power(root: str = "/") -> Power | None:
    """None: this is no Raspberry Pi, or it does not say."""
    for file in sorted(Path(root, "sys/devices/platform").glob("soc*/*/get_throttled")):
        if (bits := _number(file)) is not None:
            return Power(low_now=bool(bits & 1 << 0), low_before=bool(bits & 1 << 16))
    return None


def _device(folder: Path) -> UsbDevice | None:
    vendor, product = _text(folder / "idVendor"), _text(folder / "idProduct")
    if not vendor or not product:
        return None
    usb_id = f"{vendor}:{product}".lower()
    rows = _rows(usb_id)
    interfaces = [each for path in folder.glob(f"{folder.name}:*") if (each := _interface(path)) is not None]
    return UsbDevice(
        place=folder.name,
        usb_id=usb_id,
        name=_name(usb_id, _text(folder / "product"), rows),
        interfaces=tuple(sorted(interfaces, key=lambda each: each.number)),
        autosuspend=_text(folder / "power/control") == "auto",
        known=rows[0] if rows else None,
    )


def _interface(folder: Path) -> Interface | None:
    number = _number(folder / "bInterfaceNumber")
    if number is None:
        return None
    return Interface(
        number=number,
        interface_class=_number(folder / "bInterfaceClass") or 0,
        subclass=_number(folder / "bInterfaceSubClass") or 0,
        protocol=_number(folder / "bInterfaceProtocol") or 0,
        ttys=tuple(sorted({each.name for each in (*folder.glob("ttyUSB*"), *folder.glob("tty/ttyACM*"))})),
    )


def _rows(usb_id: str) -> list[Device]:
    """The rows that name this id, those that know its ports first, then its maker's row."""
    own = [row for row in devices() if usb_id in (*row.usb_ids, *row.before_switch)]
    makers = [row for row in devices() if f"{usb_id[:4]}:*" in row.usb_ids]
    return sorted(own, key=lambda row: not (row.interfaces and usb_id in row.usb_ids)) + makers


def _role_by_class(usb_id: str, interface: Interface) -> str | None:
    """Where many models share an id (Huawei) this goes before the numbers of the table."""
    triple = f"{interface.interface_class:02x}/{interface.subclass:02x}/{interface.protocol:02x}"
    for row in devices():
        if row.classes and f"{usb_id[:4]}:*" in row.usb_ids:
            for role, patterns in row.classes.items():
                if any(fnmatch(triple, pattern) for pattern in patterns):
                    return role
    return None


def _name(usb_id: str, product: str, rows: list[Device]) -> str:
    """The table's name where one row alone has this id: products call themselves "Android"."""
    models = [row for row in rows if usb_id in row.usb_ids]
    if len(models) == 1:
        return f"{models[0].vendor} {models[0].name}"
    return rows[0].vendor if rows else product or usb_id


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int | None:
    """Hexadecimal, as sysfs writes what has no unit."""
    text = _text(file)
    return int(text, 16) if re.fullmatch("[0-9a-fA-F]+", text) else None
