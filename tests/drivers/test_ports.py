"""Where a modem is looked for."""

from pathlib import Path

from drivers.ports import candidates


def test_the_port_to_use_is_asked_before_the_second_one_and_each_node_once(tmp_path: Path) -> None:
    """As udev/70-modemd.rules links them; the second one may have the smaller number (19d2:0031)."""
    links = tmp_path / "dev/modem/by-path"
    links.mkdir(parents=True)
    for name in ("ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyACM0"):
        (tmp_path / "dev" / name).touch()
    (links / "usb-0:1:1.1-at2").symlink_to("../../ttyUSB0")
    (links / "usb-0:1:1.3").symlink_to("../../ttyUSB1")
    found = [Path(path).name for path in candidates(root=str(tmp_path))]
    assert found == ["usb-0:1:1.3", "usb-0:1:1.1-at2", "ttyUSB2", "ttyACM0"]
