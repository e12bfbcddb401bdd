"""Pure: what this computer's facts mean for sending. A function a check; a row of the table each."""

from collections.abc import Callable

from drivers.words import N_
from modemd.doctor.facts import FIRST_YEAR, Computer
from modemd.doctor.sentences import fail, ok, skip, warn
from modemd.model.doctor import Diagnosis

_MEGA = 1_000_000
_FULL, _SCARCE = 20 * _MEGA, 200 * _MEGA  # octets free


def clock(computer: Computer) -> Diagnosis:
    found = computer.clock
    if found.year < FIRST_YEAR:
        return fail(
            "clock",
            N_("The clock says {year}: it was not set since the power came. Times and schedules are wrong."),
            N_("Connect the network and wait a minute, or set it: date -s '2026-11-24 08:00'"),
            {"year": found.year},
            value=found.year,
        )
    if found.synchronized:
        return ok("clock", N_("It is set over the network."), value=found.year)
    if found.has_battery:
        return ok("clock", N_("It runs on its battery; the network does not check it."), value=found.year)
    if found.synchronized is None:
        return skip("clock", N_("Nobody here says whether it is right."))
    return warn(
        "clock",
        N_("Nothing sets this clock, and it has no battery: after a power cut it is wrong."),
        N_("Let the network set it (timedatectl set-ntp true), or add a clock module with a battery."),
        value=found.year,
    )


def disk(computer: Computer) -> Diagnosis:
    found = computer.disk
    values = {"folder": found.folder, "free": _size(found.free), "why": found.trouble}
    if found.trouble:
        finding, next_step = N_("The disk at {folder} cannot be read: {why}."), N_("Is it mounted? findmnt -T {folder}")
        return fail("disk", finding, next_step, values)
    make_room = N_("Make room. What takes most: du -xh {folder} /var/log | sort -h | tail")
    if found.free < _FULL:
        finding = N_("The disk at {folder} is full ({free} left): no new message is taken.")
        return fail("disk", finding, make_room, values, value=found.free)
    if found.free < _SCARCE:
        return warn("disk", N_("Only {free} are left on the disk at {folder}."), make_room, values, value=found.free)
    return ok("disk", N_("{free} are free at {folder}."), values, value=found.free)


def database(computer: Computer) -> Diagnosis:
    found = computer.database
    if found.hidden:
        return skip("database", N_("This user may not read it: sudo modemd doctor"))
    if found.trouble and found.recovered:
        return warn(
            "database",
            N_("It works now, but has failed since modemd was started. {trouble}"),
            N_("Look at the disk, a failing SD card shows itself so; make a backup now: modemd backup FILE"),
            {"trouble": found.trouble},
        )
    if found.trouble:
        return fail(
            "database",
            "{trouble}",
            N_("Stop modemd, keep a copy of its state folder, then restore the last backup."),
            {"trouble": found.trouble},
        )
    if found.octets is None:
        return ok("database", N_("There is none yet: modemd makes it at its first start."))
    return ok("database", N_("It opens; {size}."), {"size": _size(found.octets)}, value=found.octets)


_SUPPLY = N_("Use the supply made for this Pi, and give the modems a USB hub with a supply of its own.")


def power(computer: Computer) -> Diagnosis | None:
    if computer.power is None:
        return None
    if computer.power.low_now:
        finding = N_("This Raspberry Pi gets too little voltage right now: modems drop out when they transmit.")
        return fail("power", finding, _SUPPLY, value="low")
    if computer.power.low_before:
        finding = N_("This Raspberry Pi has had too little voltage since its start: modems may drop out.")
        return warn("power", finding, _SUPPLY, value="was_low")
    return ok("power", N_("This Raspberry Pi has had its full voltage since its start."), value="ok")


CHECKS: tuple[Callable[[Computer], Diagnosis | None], ...] = (clock, disk, database, power)


def _size(octets: int) -> str:
    """As disks are sold: 12.3 GB, 450 MB, 4 kB."""
    if octets >= 1000 * _MEGA:
        return f"{octets / (1000 * _MEGA):.1f} GB"
    return f"{octets / _MEGA:.0f} MB" if octets >= _MEGA else f"{octets / 1000:.0f} kB"
