"""Gathers what there is to know of this computer. Reads files below `root`, so that tests bring their own."""

import ctypes
import os
import pwd
import shutil
from datetime import UTC, datetime
from pathlib import Path

from drivers import usb
from drivers.holders import modem_manager
from modemd.doctor.facts import FIRST_YEAR, Clock, Computer, Disk
from modemd.store.inspection import Inspection

SERVICE_USER = "modemd"
_RULES = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
_OURS, _PORTS = "*modemd*.rules", "*modemd.rules"
_IGNORE = "ID_MM_DEVICE_IGNORE"
_BOARD = "sys/firmware/devicetree/base/model"  # a Raspberry Pi and the like
_TIME_SYNCHRONIZED = "run/systemd/timesync/synchronized"  # systemd-timesyncd(8)
_UNSYNCHRONIZED = 0x40  # STA_UNSYNC of adjtimex(2)


def gather(state_dir: Path, database: Inspection, *, root: str = "/") -> Computer:
    rules = [file for folder in _RULES for file in sorted(Path(root, folder).glob(_OURS))]
    return Computer(
        clock=_clock(root),
        disk=disk(state_dir),
        database=database,
        power=usb.power(root),
        usb=tuple(usb.modems(root)),
        has_rules=any(file.match(_PORTS) for file in rules),
        can_switch=any(Path(root, place, "usb_modeswitch").exists() for place in ("usr/sbin", "usr/bin")),
        modem_manager=modem_manager(root),
        modem_manager_ignores_us=any(_IGNORE in _text(file) for file in rules),
    )


def service_user() -> str | None:
    """The user that the unit runs as; None where it is not installed."""
    try:
        return pwd.getpwnam(SERVICE_USER).pw_name
    except KeyError:
        return None


def disk(folder: Path) -> Disk:
    """Of the folder, or of the nearest one above it that is there."""
    there = next(each for each in (folder, *folder.parents) if os.path.exists(each))
    try:
        return Disk(folder, shutil.disk_usage(there).free)
    except OSError as error:
        return Disk(folder, 0, str(error.strerror))


def clock_is_set(root: str = "/") -> bool:
    """False where the time is surely none: before our time, or on a board that has no battery and asks nobody.

    A container sees neither its host's battery nor always who keeps the clock: there it is believed.
    """
    found = _clock(root)
    is_board = Path(root, _BOARD).exists()
    return found.year >= FIRST_YEAR and not (is_board and not found.has_battery and found.synchronized is False)


def _clock(root: str) -> Clock:
    told = Path(root, _TIME_SYNCHRONIZED).exists() or None
    return Clock(
        year=datetime.now(UTC).year,
        synchronized=told if told is not None else kernel_synchronized(),
        has_battery=any(Path(root, "sys/class/rtc").glob("rtc*")),
    )


class _Timex(ctypes.Structure):
    """The head of struct timex; the rest is only room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def kernel_synchronized() -> bool | None:
    """Whether somebody keeps the kernel's clock right: chrony, ntpd, timesyncd. None where that may not be asked."""
    timex = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex)) < 0:
        return None
    return not timex.status & _UNSYNCHRONIZED


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
