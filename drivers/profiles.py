"""Vendor facts as data: profiles.json, read once."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from drivers.at import commands
from drivers.at.commands import Command

_FILE = Path(__file__).with_name("profiles.json")


@dataclass(frozen=True)
class Profile:
    """What a family of modems wants done differently. The defaults fit a modem nobody has described."""

    name: str = "generic"
    manufacturer: str = ""  # regular expressions on +CGMI and +CGMM
    model: str = ""
    init: tuple[str, ...] = ()
    result_timeout_s: float = 180.0  # from Ctrl-Z to +CMGS
    prompt_timeout_s: float = 10.0
    gap_ms: float = 0.0  # after a final result code
    rtscts: bool = False
    reset: str | None = None
    errors: str = ""  # whose codes from 512 on these are: a key of results' tables
    source: str = ""

    def fits(self, manufacturer: str, model: str) -> bool:
        return bool(
            re.search(self.manufacturer, manufacturer, re.IGNORECASE) and re.search(self.model, model, re.IGNORECASE)
        )


@dataclass(frozen=True)
class Device:
    """A USB device: its ids, and what each interface is for."""

    vendor: str
    name: str
    usb_ids: tuple[str, ...]
    before_switch: tuple[str, ...]  # ids while it still plays a CD-ROM drive
    interfaces: dict[str, int]  # at, at2, diag, gps, ppp, audio → bInterfaceNumber
    classes: dict[str, tuple[str, ...]]  # the same roles → class/subclass/protocol, where numbers say nothing
    not_serial: tuple[int, ...]  # or never to be opened
    no_at_port: bool
    source: str


@cache
def _read() -> dict[str, list[dict[str, Any]]]:
    table: dict[str, list[dict[str, Any]]] = json.loads(_FILE.read_text("utf-8"))
    return table


@cache
def families() -> tuple[Profile, ...]:
    rows = [Profile(**{**row, "init": tuple(row.get("init", ()))}) for row in _read()["families"]]
    for row in rows:
        for line in (*row.init, *([row.reset] if row.reset else [])):
            commands.init_line(line)
    return tuple(rows)


@cache
def devices() -> tuple[Device, ...]:
    return tuple(
        Device(
            vendor=row["vendor"],
            name=row["name"],
            usb_ids=tuple(row["usb_ids"]),
            before_switch=tuple(row.get("before_switch", ())),
            interfaces=row.get("interfaces", {}),
            classes={role: tuple(patterns) for role, patterns in row.get("classes", {}).items()},
            not_serial=tuple(row.get("not_serial", ())),
            no_at_port=row.get("no_at_port", False),
            source=row["source"],
        )
        for row in _read()["devices"]
    )


def profile_for(manufacturer: str | None, model: str | None) -> Profile:
    """The last row that fits: the file goes from the family to the model."""
    fitting = [row for row in families() if manufacturer and row.fits(manufacturer, model or "")]
    return fitting[-1] if fitting else Profile()


def pin_counter(manufacturer: str | None) -> Command | None:
    """What a maker had before +CPINR (or has beside it) to count the tries of PIN and PUK."""
    for row in _read()["pin_counters"]:
        if re.search(row["manufacturer"], manufacturer or "", re.IGNORECASE):
            return commands.PIN_COUNTERS[row["command"]]
    return None


def newest_radio(manufacturer: str | None, model: str | None) -> str | None:
    """ "2G" or "3G" of a model that is known to have nothing newer; None: it may have LTE."""
    for row in _read()["without_lte"]:
        maker = re.search(row["manufacturer"], manufacturer or "", re.IGNORECASE)
        if maker and re.search(row["model"], model or "", re.IGNORECASE):
            return str(row["newest"])
    return None
