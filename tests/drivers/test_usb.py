"""What is plugged in, in which mode, and which of its ports is which: on a fake /sys."""

from pathlib import Path

import pytest

from drivers import usb
from drivers.usb import Mode
from tests.drivers.fake_sysfs import FakeSysfs

STORAGE = {0: (0x08, 0x06, 0x50)}
ETHERNET = {0: (0x02, 0x06, 0x00), 1: (0x0A, 0x00, 0x00)}
EC25 = {0: "ttyUSB0", 1: "ttyUSB1", 2: "ttyUSB2", 3: "ttyUSB3"}


@pytest.fixture
def sysfs(tmp_path: Path) -> FakeSysfs:
    return FakeSysfs(tmp_path)


def only(sysfs: FakeSysfs) -> usb.UsbDevice:
    (device,) = usb.modems(str(sysfs.root))
    return device


def test_a_computer_without_usb(tmp_path: Path) -> None:
    assert usb.modems(str(tmp_path)) == []
    assert usb.port_of("/dev/ttyUSB0", str(tmp_path)) is None
    assert usb.power(str(tmp_path)) is None


def test_what_is_no_modem_is_not_shown(sysfs: FakeSysfs) -> None:
    sysfs.plug("1d6b:0002", place="usb1", classes={0: (0x09, 0, 0)})
    sysfs.plug("046d:c31c", place="1-2", classes={0: (0x03, 1, 1)})
    sysfs.plug("0781:5567", place="1-3", classes=STORAGE)
    assert usb.modems(str(sysfs.root)) == []


@pytest.mark.parametrize(
    ("usb_id", "ttys", "classes", "mode", "name"),
    [
        ("2c7c:0125", EC25, None, Mode.MODEM, "Quectel EC25/EG25-G"),
        ("12d1:1f01", None, STORAGE, Mode.STORAGE, "Huawei"),
        ("12d1:1446", None, STORAGE, Mode.STORAGE, "Huawei"),
        ("12d1:1003", None, STORAGE, Mode.STORAGE, "Huawei E220/E230/E270"),  # the same id before and after
        ("12d1:1003", {0: "ttyUSB0", 1: "ttyUSB1"}, STORAGE, Mode.MODEM, "Huawei E220/E230/E270"),
        ("12d1:14db", None, ETHERNET, Mode.NETWORK, "Huawei E3372h/E3331/E353 HiLink"),
        ("12d1:14dc", None, {**ETHERNET, 2: (0x08, 0x06, 0x50)}, Mode.NETWORK, "Huawei E3372h/E3331/E353 HiLink"),
        ("19d2:1405", None, ETHERNET, Mode.NETWORK, "ZTE MF823/MF825 (ethernet mode)"),
        ("19d2:1225", None, STORAGE, Mode.STORAGE, "ZTE"),
        (
            "1e0e:9001",
            None,
            {0: (0xFF, 0xFF, 0xFF)},
            Mode.NO_PORTS,
            "SIMCom SIM7000/SIM7100/SIM7500/SIM7600 (1e0e:9001)",
        ),
        (
            "05c6:9008",
            None,
            {0: (0xFF, 0xFF, 0xFF)},
            Mode.CRASHED,
            "Qualcomm a module that failed to start (QDL, recovery)",
        ),
        ("0403:6001", {0: "ttyUSB0"}, None, Mode.MODEM, "Android"),  # a serial adapter
    ],
)
def test_the_mode_of_a_device(
    sysfs: FakeSysfs,
    usb_id: str,
    ttys: dict[int, str] | None,
    classes: dict[int, tuple[int, int, int]] | None,
    mode: Mode,
    name: str,
) -> None:
    """Seen red: with 12d1:1003 told by its id alone, a stick that plays CD-ROM passes for a modem."""
    sysfs.plug(usb_id, ttys, classes=classes)
    device = only(sysfs)
    assert (device.usb_id, device.mode, device.name) == (usb_id, mode, name)


def test_the_ports_of_a_modem_have_the_roles_of_the_table(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", {**EC25, 4: "wwan"})
    device = only(sysfs)
    roles = {each.number: device.role(each) for each in device.interfaces}
    assert roles == {0: "diag", 1: "gps", 2: "at", 3: "at2", 4: None}
    assert device.at_tty == "ttyUSB2"


def test_huawei_tells_its_ports_by_class_whatever_their_number(sysfs: FakeSysfs) -> None:
    """12d1:1506 belongs to a dozen models with different numbers."""
    sysfs.plug(
        "12d1:1506",
        {0: "ttyUSB0", 2: "ttyUSB1"},
        classes={0: (0xFF, 0x02, 0x01), 2: (0xFF, 0x02, 0x02)},
    )
    device = only(sysfs)
    assert [device.role(each) for each in device.interfaces] == ["ppp", "at"]
    assert device.at_tty == "ttyUSB1"
    assert device.name.startswith("Huawei")


def test_interface_numbers_are_hexadecimal(sysfs: FakeSysfs) -> None:
    sysfs.plug("1546:1102", {0: "ttyACM0", 2: "ttyACM1", 10: "ttyACM5"})
    device = only(sysfs)
    assert [(each.number, device.role(each)) for each in device.interfaces] == [(0, "at"), (2, "at2"), (10, "none")]


def test_a_port_knows_its_device_and_its_siblings(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", EC25)
    sysfs.plug("0403:6001", {0: "ttyUSB7"}, place="1-2")
    link = sysfs.link("modem/by-path/pci-0000:00:14.0-usb-0:1:1.0", "ttyUSB0")
    for path in ("/dev/ttyUSB0", link):
        port = usb.port_of(path, str(sysfs.root))
        assert port is not None
        assert (port.tty, port.role, port.interface.number) == ("ttyUSB0", "diag", 0)
        assert port.device.ttys == ["ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3"]
    assert usb.port_of("/dev/ttyS0", str(sysfs.root)) is None


def test_the_name_that_outlives_a_replug(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", EC25)
    root = str(sysfs.root)
    assert usb.stable_name("ttyUSB2", root) is None
    sysfs.link("serial/by-path/pci-0000:00:14.0-usb-0:1:1.2-port0", "ttyUSB2")
    assert usb.stable_name("ttyUSB2", root) == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.2-port0"
    sysfs.link("modem/by-path/pci-0000:00:14.0-usb-0:1", "ttyUSB2")
    assert usb.stable_name("ttyUSB2", root) == "/dev/modem/by-path/pci-0000:00:14.0-usb-0:1"
    assert usb.stable_name("ttyUSB3", root) is None


def test_autosuspend(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", EC25, control="auto")
    assert only(sysfs).autosuspend


@pytest.mark.parametrize(
    ("bits", "now", "before"),
    [("0", False, False), ("50000", False, True), ("50005", True, True), ("80008", False, False)],
)
def test_the_supply_of_a_pi(sysfs: FakeSysfs, bits: str, now: bool, before: bool) -> None:
    sysfs.write("sys/devices/platform/soc/soc:firmware/get_throttled", bits)
    assert usb.power(str(sysfs.root)) == usb.Power(now, before)


def test_a_device_that_goes_while_it_is_looked_at(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", EC25)
    (sysfs.root / "sys/bus/usb/devices/1-1/1-1:1.2/bInterfaceNumber").unlink()
    (sysfs.root / "sys/bus/usb/devices/1-2").mkdir()
    assert only(sysfs).ttys == ["ttyUSB0", "ttyUSB1", "ttyUSB3"]


def test_a_device_is_taken_off_the_bus_and_put_back_where_we_may(sysfs: FakeSysfs) -> None:
    sysfs.plug("2c7c:0125", EC25)
    assert usb.switch_of("/dev/ttyUSB2", str(sysfs.root)) is None
    sysfs.write("sys/bus/usb/devices/1-1/authorized", "1")
    switch = usb.switch_of("/dev/ttyUSB2", str(sysfs.root))
    assert switch is not None
    usb.switch_off_and_on(switch)
    assert switch.read_text() == "1"


def test_a_stick_that_is_no_modem_says_why(sysfs: FakeSysfs) -> None:
    sysfs.plug("12d1:1f01", None, classes=STORAGE)
    trouble = only(sysfs).trouble
    assert trouble is not None
    assert "CD-ROM" in str(trouble)
