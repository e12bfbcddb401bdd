"""udev/*.rules, written from drivers/profiles.json: `make udev`."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from drivers.profiles import Device, devices

UDEV = Path(__file__).parent.parent / "udev"
RULES = UDEV / "70-modemd.rules"
IGNORE = UDEV / "70-modemd-modemmanager-ignore.rules.disabled"

NOBODY = "none"  # the role of a port that is not to be opened
_IN_A_LINE = 8  # ids

_RULES = """\
# modemd: what the serial ports of a modem are for. Written by `make udev` from drivers/profiles.json: edit that.
#
# Installed as /etc/udev/rules.d/70-modemd.rules, after 60-serial.rules, which finds out ID_PATH and ID_USB_*.
# The port to configure is /dev/modem/by-path/ID_PATH, a second one that speaks AT has -at2 at its end. What any port
# of a known modem is for is in its property MODEMD_ROLE: at, at2, diag, gps, ppp, audio or none.
# Nothing is opened here: which modem it is, only the modem can say, and only the daemon asks.

# Not "add" alone: udev makes each device anew at every event, and a link that is not made again is gone.
ACTION!="add|change|move|bind", GOTO="modemd_end"
SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", GOTO="modemd_awake"
SUBSYSTEM!="tty", GOTO="modemd_end"
KERNEL!="ttyUSB*|ttyACM*", GOTO="modemd_end"

# The numbers come from properties: as ATTRS they would stand at two parents, and one rule looks at one.
ENV{{.MODEMD_PORT}}="$env{{ID_USB_VENDOR_ID}}:$env{{ID_USB_MODEL_ID}}:$env{{ID_USB_INTERFACE_NUM}}"
SUBSYSTEMS=="usb", ATTRS{{bInterfaceClass}}=="?*", \\
  ENV{{.MODEMD_CLASS}}="$attr{{bInterfaceClass}}/$attr{{bInterfaceSubClass}}/$attr{{bInterfaceProtocol}}"

# By class, where the vendor numbers its interfaces as it likes.
{classes}

# By number, where the class has not said it.
ENV{{MODEMD_ROLE}}!="", GOTO="modemd_links"
{numbers}

LABEL="modemd_links"
ENV{{MODEMD_ROLE}}=="at", ENV{{ID_PATH}}=="?*", SYMLINK+="modem/by-path/$env{{ID_PATH}}"
ENV{{MODEMD_ROLE}}=="at2", ENV{{ID_PATH}}=="?*", SYMLINK+="modem/by-path/$env{{ID_PATH}}-at2"
GOTO="modemd_end"

# A modem that USB puts to sleep wakes up late or not at all. Once, when it comes: who sets it otherwise later may.
LABEL="modemd_awake"
ACTION!="add", GOTO="modemd_end"
ENV{{.MODEMD_DEVICE}}="$attr{{idVendor}}:$attr{{idProduct}}"
{awake}
ENV{{.MODEMD_AWAKE}}=="1", TEST=="power/control", ATTR{{power/control}}="on"

LABEL="modemd_end"
"""

_IGNORE = """\
# modemd: keeps ModemManager away from the modems that modemd knows.
# Written by `make udev` from drivers/profiles.json: edit that.
#
# Not in force as it is: somebody may want ModemManager for the mobile data of another modem. To put it in force:
#
#   install -m 644 udev/{name} /etc/udev/rules.d/{enabled}
#   udevadm control --reload
#   udevadm trigger --action=change --subsystem-match=usb --subsystem-match=tty --subsystem-match=net \\
#     --subsystem-match=usbmisc
#   systemctl try-restart ModemManager
#
# To keep it away from one modem alone, take the # off the next line and write the name of its USB port, as in
# /sys/bus/usb/devices (udevadm info --query=path /dev/ttyUSB0 shows it), in place of 1-1.2, twice.
#DEVPATH!="*/1-1.2|*/1-1.2/*", GOTO="modemd_ignore_end"

ACTION!="add|change|move|bind", GOTO="modemd_ignore_end"
SUBSYSTEM=="usb", ENV{{DEVTYPE}}!="usb_device", GOTO="modemd_ignore_end"
SUBSYSTEM!="usb|tty|net|usbmisc", GOTO="modemd_ignore_end"
SUBSYSTEMS=="usb", ATTRS{{idVendor}}=="?*", ENV{{.MODEMD_DEVICE}}="$attr{{idVendor}}:$attr{{idProduct}}"

{ignored}
ENV{{.MODEMD_IGNORED}}!="1", GOTO="modemd_ignore_end"
SUBSYSTEM=="usb", ENV{{ID_MM_DEVICE_IGNORE}}="1"
SUBSYSTEM!="usb", ENV{{ID_MM_PORT_IGNORE}}="1"

LABEL="modemd_ignore_end"
"""


def rules() -> str:
    return _RULES.format(
        classes="\n".join(_class_rules()), numbers="\n".join(_number_rules()), awake="\n".join(_device_rules("AWAKE"))
    )


def ignore() -> str:
    return _IGNORE.format(
        name=IGNORE.name, enabled=IGNORE.name.removesuffix(".disabled"), ignored="\n".join(_device_rules("IGNORED"))
    )


def _class_rules() -> Iterator[str]:
    for device in devices():
        for role, patterns in device.classes.items():
            vendor = device.usb_ids[0].partition(":")[0]
            classes = "|".join(patterns)
            yield f'ENV{{ID_USB_VENDOR_ID}}=="{vendor}", ENV{{.MODEMD_CLASS}}=="{classes}", ENV{{MODEMD_ROLE}}="{role}"'


def _number_rules() -> Iterator[str]:
    for device in devices():
        ports = dict(_ports(device))
        if ports:
            yield f"# {device.vendor} {device.name}"
        for role, endings in ports.items():
            names = [f"{usb_id}:{ending}" for usb_id in device.usb_ids for ending in endings]
            for group in _lines(names):
                yield f'ENV{{.MODEMD_PORT}}=="{group}", ENV{{MODEMD_ROLE}}="{role}"'


def _ports(device: Device) -> Iterator[tuple[str, list[str]]]:
    """(role, the interface numbers as udev writes them: two hexadecimal digits)."""
    for role, number in device.interfaces.items():
        yield role, [f"{number:02x}"]
    if device.no_at_port:
        yield NOBODY, ["*"]
    elif device.not_serial:
        yield NOBODY, [f"{number:02x}" for number in device.not_serial]


def _device_rules(mark: str) -> Iterator[str]:
    """Set .MODEMD_`mark` for each modem that can be driven; where the class says it, if one interface speaks AT."""
    then = f'ENV{{.MODEMD_{mark}}}="1"'
    for vendor, theirs in itertools.groupby(devices(), lambda device: device.vendor):
        driven = [device for device in theirs if not device.no_at_port]
        if driven:
            yield f"# {vendor}"
        for group in _lines([usb_id for device in driven for usb_id in device.usb_ids if not device.classes]):
            yield f'ENV{{.MODEMD_DEVICE}}=="{group}", {then}'
        for device in driven:
            for usb_id in device.usb_ids if device.classes else ():
                speak = "|".join(f"*:{pattern.replace('/', '')}:*" for pattern in device.classes["at"])
                yield f'ENV{{.MODEMD_DEVICE}}=="{usb_id}", ENV{{ID_USB_INTERFACES}}=="{speak}", {then}'


def _lines(names: Iterable[str]) -> Iterator[str]:
    """Alternatives for one match, a line's worth at a time."""
    left = iter(names)
    while group := list(itertools.islice(left, _IN_A_LINE)):
        yield "|".join(group)


if __name__ == "__main__":
    RULES.write_text(rules(), "utf-8")
    IGNORE.write_text(ignore(), "utf-8")
