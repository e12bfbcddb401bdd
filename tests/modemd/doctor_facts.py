"""A computer and a modem that are well, to be spoilt one fact at a time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from drivers import usb
from drivers.at.answers import Tries
from drivers.modem import Health, Identity, Registration
from drivers.profiles import devices
from modemd.doctor.facts import Clock, Computer, Disk, ModemFacts, Node
from modemd.store.inspection import Inspection

LINK = "/dev/modem/by-path/pci-0000:00:14.0-usb-0:1"


def device(
    usb_id: str = "2c7c:0125",
    ttys: dict[int, str] | None = None,
    *,
    interface_class: int = 0xFF,
    autosuspend: bool = False,
) -> usb.UsbDevice:
    """An EC25 unless told otherwise; `ttys`: interface number → port."""
    known = next((row for row in devices() if usb_id in (*row.usb_ids, *row.before_switch)), None)
    ports = {0: "ttyUSB0", 1: "ttyUSB1", 2: "ttyUSB2", 3: "ttyUSB3"} if ttys is None else ttys
    interfaces = [usb.Interface(number, interface_class, 0xFF, 0xFF, (tty,)) for number, tty in ports.items()]
    return usb.UsbDevice(
        place="1-1",
        usb_id=usb_id,
        name=f"{known.vendor} {known.name}" if known else usb_id,
        interfaces=tuple(interfaces) or (usb.Interface(0, interface_class, 0, 0),),
        autosuspend=autosuspend,
        known=known,
    )


def port(number: int = 2) -> usb.UsbPort:
    its = device()
    return usb.UsbPort(its.interfaces[number].ttys[0], its, its.interfaces[number])


def computer(**changes: Any) -> Computer:
    well = Computer(
        clock=Clock(2026, synchronized=True, has_battery=False),
        disk=Disk(Path("/var/lib/modemd"), 12_300_000_000),
        database=Inspection(450_000_000),
        power=usb.Power(low_now=False, low_before=False),
        usb=(device(),),
        has_rules=True,
        can_switch=False,
        modem_manager=None,
        modem_manager_ignores_us=False,
    )
    return replace(well, **changes)


def node(**changes: Any) -> Node:
    return replace(Node(LINK, exists=True, user="taro", group="dialout", usb=port(), stable_name=LINK), **changes)


def health(**changes: Any) -> Health:
    well = Health(Registration.HOME, -79, "Example Mobile", "LTE", "+447700900998")
    return replace(well, **changes)


def modem(**changes: Any) -> ModemFacts:
    well = ModemFacts(
        name="north",
        port=LINK,
        region="GB",
        by_daemon=True,
        node=node(),
        answered=True,
        identity=Identity(imei="490154203237518", manufacturer="Quectel", model="EC25"),
        lock="ready",
        tries=Tries(3, 10),
        mcc="234",
        health=health(),
        storages={"ME": (0, 100), "SM": (1, 20)},
        now=1_000_000.0,
    )
    return replace(well, **changes)
