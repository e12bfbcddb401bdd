"""The systemd unit: it reads without complaint, and is closed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "udev" / "modemd.service"
INSTALLED = "/opt/modemd/bin/modemd"

pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "modemd.service"
    assert INSTALLED in UNIT.read_text("utf-8")
    unit.write_text(UNIT.read_text("utf-8").replace(INSTALLED, sys.executable), "utf-8")
    done = analyze("verify", "--man=no", str(unit))
    complaints = [line for line in done.stderr.splitlines() if "modemd.service" in line]
    assert complaints == []
    assert done.returncode == 0, done.stderr


def test_the_unit_is_exposed_by_1_6_at_most() -> None:
    done = analyze("security", "--offline=true", "--threshold=16", str(UNIT))
    assert done.returncode == 0, done.stdout[-2000:]
