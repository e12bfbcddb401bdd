"""The systemd units: they read without complaint, fit each other, and are closed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modemd.config import DEFAULT_CONFIG, DEFAULT_SOCKET, DEFAULT_STATE

UDEV = Path(__file__).parent.parent / "udev"
SERVICE, SOCKET, SYSUSERS = (UDEV / f"modemd.{kind}" for kind in ("service", "socket", "sysusers"))
INSTALLED = "/opt/modemd/bin/modemd"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def settings(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", file.read_text("utf-8"), re.MULTILINE))


@needs_systemd
def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    """Seen red: with SocketMod= in the socket."""
    assert INSTALLED in SERVICE.read_text("utf-8")
    for unit in (SERVICE, SOCKET):
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(INSTALLED, sys.executable), "utf-8")
    done = analyze("verify", "--man=no", *(str(tmp_path / unit.name) for unit in (SERVICE, SOCKET)))
    assert [line for line in done.stderr.splitlines() if "modemd." in line] == []
    assert done.returncode == 0, done.stderr


@needs_systemd
def test_the_service_is_exposed_by_1_6_at_most() -> None:
    """With the API on a socket and, where it is configured, on TCP."""
    done = analyze("security", "--offline=true", "--threshold=16", str(SERVICE))
    assert done.returncode == 0, done.stdout[-2000:]
    families = settings(SERVICE)["RestrictAddressFamilies"].split()
    assert families == ["AF_UNIX", "AF_INET", "AF_INET6"]


def test_the_units_and_the_configuration_name_the_same_places() -> None:
    service, socket = settings(SERVICE), settings(SOCKET)
    assert socket["ListenStream"] == str(DEFAULT_SOCKET)
    assert f"/var/lib/{service['StateDirectory']}" == str(DEFAULT_STATE)
    assert service["ExecStart"].endswith(f"--config {DEFAULT_CONFIG}")


def test_the_socket_outlives_the_service() -> None:
    """Seen red: a RuntimeDirectory= is removed when the service stops, and the socket's file with it."""
    service = settings(SERVICE)
    assert "RuntimeDirectory" not in service
    assert SOCKET.name in service["Requires"]
    assert SOCKET.name in service["Also"]


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
def test_the_users_and_groups_of_the_units_are_made(tmp_path: Path) -> None:
    """P10: the daemon's own group, which may read its folders, is not that of those who may use the desk."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/group").write_text("root:x:0:\ndialout:x:20:\n", "ascii")
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", "ascii")
    words = ["systemd-sysusers", f"--root={tmp_path}", str(SYSUSERS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    groups = {line.split(":")[0]: line.split(":")[3] for line in (tmp_path / "etc/group").read_text().splitlines()}
    users = {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    service, socket = settings(SERVICE), settings(SOCKET)
    assert {service["User"], socket["SocketUser"]} <= users
    assert {service["Group"], socket["SocketGroup"]} <= set(groups)
    assert groups[service["SupplementaryGroups"]] == service["User"]
    assert socket["SocketGroup"] != service["Group"]
