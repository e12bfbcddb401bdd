"""profiles.json holds together."""

import re
from collections import Counter

import pytest

from drivers.at import commands
from drivers.profiles import Device, Profile, devices, families, newest_radio, pin_counter, profile_for


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_a_family(family: Profile) -> None:
    re.compile(family.manufacturer)
    re.compile(family.model)
    for line in family.init:
        assert commands.init_line(line).line == line
    assert family.reset is None or commands.init_line(family.reset)
    assert family.source
    assert family.manufacturer, "it would fit every modem"
    assert 60 <= family.result_timeout_s <= 600
    assert 5 <= family.prompt_timeout_s <= 60
    assert 0 <= family.gap_ms <= 500


@pytest.mark.parametrize("device", devices(), ids=lambda device: f"{device.vendor} {device.name}")
def test_a_device(device: Device) -> None:
    assert device.usb_ids
    for usb_id in (*device.usb_ids, *device.before_switch):
        assert re.fullmatch(r"[0-9a-f]{4}:([0-9a-f]{4}|\*)", usb_id)
    assert device.source
    assert set(device.interfaces) | set(device.classes) <= {"at", "at2", "diag", "gps", "ppp", "audio"}
    numbers = [*device.interfaces.values(), *device.not_serial]
    assert len(set(numbers)) == len(numbers), "an interface with two roles"
    assert all(0 <= number <= 0xFF for number in numbers)
    assert not device.classes or device.usb_ids[0].endswith(":*"), "classes are a vendor's"
    if device.no_at_port:
        assert not device.interfaces


def test_each_id_is_given_once() -> None:
    """Seen red: with 12d1:1506 in five rows, of which one knew its interfaces."""
    given = Counter(usb_id for device in devices() for usb_id in device.usb_ids)
    assert [usb_id for usb_id, times in given.items() if times > 1] == []


def test_names_are_given_once() -> None:
    names = [family.name for family in families()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("Quectel", "EC25", "Quectel"),
        ("Quectel", "BG96", "Quectel NB/LTE-M"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "SIMCom LTE"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIMCom 2G"),
        ("huawei", "E173", "Huawei"),
        ("ZTE INCORPORATED", "MF190", "ZTE"),
        ("u-blox", "SARA-R410M-02B", "u-blox"),
        ("Cinterion", "EHS6", "Cinterion"),
        ("SIEMENS", "MC35i", "Cinterion on RS-232"),
        ("Nobody", "Nothing", "generic"),
        (None, None, "generic"),
        ("", "", "generic"),
    ],
)
def test_the_family_of_a_modem(manufacturer: str | None, model: str | None, name: str) -> None:
    assert profile_for(manufacturer, model).name == name


def test_the_slow_radio_gets_its_time() -> None:
    """TS 24.011 §10: TR1M is up to 405 s there; giving up before is asking for a duplicate."""
    assert profile_for("Quectel", "BG95-M3").result_timeout_s > 405
    assert Profile().result_timeout_s >= 120


@pytest.mark.parametrize(
    ("manufacturer", "line"),
    [
        ("huawei", "AT^CPIN?"),
        ("ZTE INCORPORATED", "AT+ZPINPUK=?"),
        ("Quectel", "AT+QPINC?"),
        ("SIMCOM_Ltd", "AT+SPIC"),
        ("Cinterion", "AT^SPIC"),
        ("u-blox", "AT+UPINCNT"),
        ("Telit", "AT#PCT"),
        ("Nobody", None),
        (None, None),
    ],
)
def test_the_pin_counter_of_a_maker(manufacturer: str | None, line: str | None) -> None:
    command = pin_counter(manufacturer)
    assert (command.line if command else None) == line


@pytest.mark.parametrize(
    ("manufacturer", "model", "newest"),
    [
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "2G"),
        ("huawei", "E173", "3G"),
        ("huawei", "E3531", "3G"),
        ("ZTE INCORPORATED", "MF190", "3G"),
        ("huawei", "E3372", None),
        ("Quectel", "EC25", None),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", None),
        ("SIEMENS", "TC35i", "2G"),
        (None, None, None),
    ],
)
def test_models_that_no_japanese_network_takes(manufacturer: str | None, model: str | None, newest: str | None) -> None:
    assert newest_radio(manufacturer, model) == newest
