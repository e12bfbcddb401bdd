"""udev/*.rules: each port of each known modem gets its role, and nothing else is touched."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from drivers.profiles import Device, devices
from tests import udev_rules
from tests.udev_language import Event, Node

RULES = udev_rules.RULES.read_text("utf-8")
IGNORE = udev_rules.IGNORE.read_text("utf-8")
HUB_PORT = "1-1.2"
DRIVEN = [device for device in devices() if not device.no_at_port]
NUMBERED = [(device, usb_id) for device in devices() for usb_id in device.usb_ids if not device.classes]
ids = [f"{device.vendor} {usb_id}" for device, usb_id in NUMBERED]


def port(
    usb_id: str,
    number: int = 2,
    *,
    cls: str = "ff/ff/ff",
    action: str = "add",
    kernel: str = "ttyUSB0",
    at: str = HUB_PORT,
) -> Event:
    """A serial port as 60-serial.rules hands it over."""
    vendor, product = usb_id.split(":")
    kind, sub, protocol = cls.split("/")
    interface = {"bInterfaceNumber": f"{number:02x}", "bInterfaceClass": kind}
    interface |= {"bInterfaceSubClass": sub, "bInterfaceProtocol": protocol}
    properties = {
        "DEVNAME": f"/dev/{kernel}",
        "ID_PATH": f"platform-fd500000.pcie-pci-0000:01:00.0-usb-0:{at[2:]}:1.{number}",
        "ID_USB_VENDOR_ID": vendor,
        "ID_USB_MODEL_ID": product,
        "ID_USB_INTERFACE_NUM": f"{number:02x}",
        "ID_USB_INTERFACES": f":{cls.replace('/', '')}:080650:",
    }
    parents = (
        Node("usb-serial", {"port_number": "0"}),
        Node("usb", interface),
        Node("usb", {"idVendor": vendor, "idProduct": product}),
        Node("usb", {"idVendor": "1d6b", "idProduct": "0002"}),
    )
    where = f"/devices/usb1/1-1/{at}/{at}:1.{number}/{kernel}/tty/{kernel}"
    return Event(action, where, Node("tty"), parents, properties)


def stick(usb_id: str, *, action: str = "add", interfaces: str = ":ffffff:", at: str = HUB_PORT) -> Event:
    """The USB device itself, as 50-udev-default.rules hands it over."""
    vendor, product = usb_id.split(":")
    node = Node("usb", {"idVendor": vendor, "idProduct": product, "power/control": "auto"})
    properties = {"DEVTYPE": "usb_device", "ID_USB_INTERFACES": interfaces}
    return Event(action, f"/devices/usb1/1-1/{at}", node, (), properties)


def role(event: Event) -> str | None:
    return event.run(RULES).properties.get("MODEMD_ROLE")


# -- the table, and that the rules say the same --------------------------------------------------------------


def test_the_rules_are_those_of_the_table() -> None:
    """Seen red: after an interface was changed in profiles.json and `make udev` was not run."""
    assert udev_rules.rules() == RULES, "run make udev"
    assert udev_rules.ignore() == IGNORE, "run make udev"


def test_each_interface_has_exactly_one_role() -> None:
    """Seen red: with the EC25's interface 1 as gps and as audio."""
    said = re.findall(r'^ENV\{\.MODEMD_PORT\}=="([^"]+)", ENV\{MODEMD_ROLE\}="(\w+)"$', RULES, re.MULTILINE)
    ports = Counter(name for names, _ in said for name in names.split("|"))
    assert {name: times for name, times in ports.items() if times > 1} == {}
    whole = {name.removesuffix(":*") for name in ports if name.endswith(":*")}
    assert not [name for name in ports if not name.endswith(":*") and name.rpartition(":")[0] in whole]


@pytest.mark.parametrize(("device", "usb_id"), NUMBERED, ids=ids)
def test_every_port_of_a_known_modem_gets_its_role_and_its_link(device: Device, usb_id: str) -> None:
    roles = {number: name for name, number in device.interfaces.items()}
    roles |= dict.fromkeys(range(16) if device.no_at_port else device.not_serial, "none")
    for number in range(16):
        event = port(usb_id, number)
        assert role(event) == roles.get(number)
        path = "modem/by-path/" + event.properties["ID_PATH"]
        assert event.links == {"at": {path}, "at2": {f"{path}-at2"}}.get(roles.get(number, ""), set())
        assert event.written == {}


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        ("ff/01/02", "at"),
        ("ff/02/02", "at"),
        ("ff/02/12", "at"),
        ("ff/03/12", "at"),
        ("ff/01/01", "ppp"),
        ("ff/03/10", "ppp"),
        ("ff/01/03", "diag"),
        ("ff/01/05", "gps"),
        ("ff/06/14", "gps"),
        ("ff/02/16", None),
        ("ff/42/01", None),  # Android's debug bridge
        ("ff/07/02", None),
        ("08/06/50", None),
        ("02/02/01", None),
        ("ff/ff/ff", None),
    ],
)
@pytest.mark.parametrize("usb_id", ["12d1:1506", "12d1:15b6", "12d1:abcd"])
def test_huawei_is_told_apart_by_class(usb_id: str, cls: str, expected: str | None) -> None:
    for number in (0, 3, 10):
        assert role(port(usb_id, number, cls=cls)) == expected


def test_the_class_counts_for_more_than_the_number() -> None:
    assert role(port("12d1:1001", 2, cls="ff/01/03")) == "diag"
    assert role(port("12d1:1001", 0, cls="ff/01/02")) == "at"
    assert role(port("12d1:1001", 2, cls="ff/ff/ff")) == "at"


def test_another_vendors_class_says_nothing() -> None:
    assert role(port("2c7c:0125", 0, cls="ff/01/02")) == "diag"
    assert role(port("0403:6001", 0, cls="ff/01/02")) is None


@pytest.mark.parametrize("action", ["add", "change", "move", "bind"])
def test_the_link_is_made_at_every_event_that_could_lose_it(action: str) -> None:
    """Seen red: with ACTION=="add", after which `udevadm trigger` takes all links away."""
    assert port("2c7c:0125", 2, action=action).run(RULES).links
    assert port("12d1:1506", 0, cls="ff/02/02", action=action).run(RULES).links


@pytest.mark.parametrize("action", ["remove", "unbind", "offline"])
def test_a_device_that_goes_is_left_alone(action: str) -> None:
    event = port("2c7c:0125", 2, action=action).run(RULES)
    assert (event.links, "MODEMD_ROLE" in event.properties) == (set(), False)


def test_two_modems_of_a_kind_are_two() -> None:
    one, other = (port("1e0e:9001", 2, at=at).run(RULES).links for at in ("1-1.2", "1-1.3"))
    assert one
    assert other
    assert not one & other


def test_only_ports_of_the_usb_serial_drivers_get_a_role() -> None:
    assert role(port("2c7c:0125", 2, kernel="ttyGS0")) is None


def test_cdc_acm_modems_count_in_hexadecimal() -> None:
    assert role(port("1546:1102", 0, cls="02/02/01", kernel="ttyACM0")) == "at"
    assert role(port("1546:1102", 10, cls="02/02/01", kernel="ttyACM5")) == "none"


@pytest.mark.parametrize(
    "event",
    [
        port("10c4:ea60", 0),
        port("0403:6001", 0),
        port("2c7c:ffff", 2),
        stick("10c4:ea60"),
        stick("12d1:107e", interfaces=":ff4201:060101:"),  # a telephone
        Event("add", "/devices/platform/serial/tty/ttyAMA0", Node("tty"), (), {}),
        Event("add", "/devices/virtual/tty/tty1", Node("tty"), (), {}),
        Event("add", "/devices/usb1/1-1/1-1:1.0", Node("usb", {}), (), {"DEVTYPE": "usb_interface"}),
    ],
    ids=lambda event: event.devpath.rpartition("/")[2],
)
def test_what_is_no_modem_of_ours_is_not_touched(event: Event) -> None:
    before = {name: value for name, value in event.properties.items() if not name.startswith(".")}
    for rules in (RULES, IGNORE):
        event.run(rules)
    assert {name: value for name, value in event.properties.items() if not name.startswith(".")} == before
    assert (event.links, event.written) == (set(), {})


# -- power ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("device", "usb_id"), NUMBERED, ids=ids)
def test_a_modem_that_can_be_driven_is_kept_awake(device: Device, usb_id: str) -> None:
    expected = {} if device.no_at_port else {"power/control": "on"}
    assert stick(usb_id).run(RULES).written == expected


def test_an_unlisted_huawei_stick_is_known_by_its_interfaces() -> None:
    assert stick("12d1:abcd", interfaces=":ff0201:ff0202:080650:").run(RULES).written == {"power/control": "on"}
    assert stick("12d1:14dc", interfaces=":020600:0a0000:").run(RULES).written == {}


def test_power_is_set_once_so_that_somebody_else_may_set_it_after() -> None:
    assert stick("2c7c:0125", action="change").run(RULES).written == {}
    without = stick("2c7c:0125")
    del without.node.attributes["power/control"]
    assert without.run(RULES).written == {}


# -- ModemManager ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("device", "usb_id"), NUMBERED, ids=ids)
def test_modemmanager_is_kept_away_where_asked(device: Device, usb_id: str) -> None:
    for action in ("add", "change", "bind"):
        ignored = stick(usb_id, action=action).run(IGNORE).properties.get("ID_MM_DEVICE_IGNORE")
        assert ignored == (None if device.no_at_port else "1")
        tty = port(usb_id, 9, action=action)
        net = Event(action, f"{tty.devpath}/net/wwan0", Node("net"), tty.parents[1:], {})
        for event in (tty, net):
            assert event.run(IGNORE).properties.get("ID_MM_PORT_IGNORE") == ignored


def test_modemmanager_is_kept_away_from_one_port_alone() -> None:
    """As the file's head says: the # off one line."""
    one = IGNORE.replace("#DEVPATH", "DEVPATH")
    assert one != IGNORE
    there, elsewhere = (stick("2c7c:0125", at=at).run(one) for at in ("1-1.2", "1-1.21"))
    assert there.properties.get("ID_MM_DEVICE_IGNORE") == "1"
    assert "ID_MM_DEVICE_IGNORE" not in elsewhere.properties
    assert port("2c7c:0125").run(one).properties.get("ID_MM_PORT_IGNORE") == "1"
    assert "ID_MM_PORT_IGNORE" not in port("2c7c:0125", at="1-1.21").run(one).properties


def test_modemmanager_is_left_alone_unless_asked() -> None:
    assert "ID_MM" not in RULES
    assert udev_rules.IGNORE.suffix == ".disabled", "udev reads *.rules alone"


def test_the_files_come_after_what_they_read_and_before_who_reads_them() -> None:
    """60-serial finds out ID_PATH, 60-autosuspend may put a modem to sleep, 80-mm-candidate is ModemManager's."""
    names = [udev_rules.RULES.name, udev_rules.IGNORE.name]
    assert all("60-serial.rules" < name < "80-mm-candidate.rules" for name in names)


# -- the language ----------------------------------------------------------------------------------------------


def test_one_rule_looks_at_one_parent() -> None:
    """The trap that our rules go around: the vendor and the interface's number stand at two."""
    trap = 'SUBSYSTEMS=="usb", ATTRS{idVendor}=="2c7c", ATTRS{bInterfaceNumber}=="02", ENV{FOUND}="1"'
    assert "FOUND" not in port("2c7c:0125", 2).run(trap).properties


def test_a_key_that_the_language_has_not_is_refused() -> None:
    for rule in ('RUN+="/bin/true"', 'ATTRS{x}=="1", PROGRAM=="x"', "ENV{A}==1", 'MODE="0666"'):
        with pytest.raises(ValueError, match="not"):
            port("2c7c:0125").run(rule)


_UDEVADM = shutil.which("udevadm")


def _version() -> int:
    if _UDEVADM is None:
        return 0
    return int(re.findall(r"\d+", subprocess.run([_UDEVADM, "--version"], capture_output=True, text=True).stdout)[0])


@pytest.mark.skipif(_version() < 254, reason=f"udevadm verify came with systemd 254, here is {_version() or 'none'}")
@pytest.mark.parametrize("rules", [RULES, IGNORE], ids=["rules", "ignore"])
def test_udev_understands_every_line(tmp_path: Path, rules: str) -> None:
    file = tmp_path / "70-modemd.rules"
    file.write_text(rules, "utf-8")
    done = subprocess.run(
        ["udevadm", "verify", "--resolve-names=never", str(file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
