"""Who has a port, by name: a fake /proc, and one real process."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from drivers.holders import Holder, holders, modem_manager

HOLD = "import os, sys; os.open(sys.argv[1], os.O_RDONLY); print('held', flush=True); sys.stdin.read()"


def process(root: Path, pid: int, name: str, *opened: Path) -> None:
    fds = root / f"proc/{pid}/fd"
    fds.mkdir(parents=True)
    (root / f"proc/{pid}/comm").write_text(f"{name}\n")
    for number, path in enumerate(opened):
        (fds / str(number)).symlink_to(path)


@pytest.fixture
def port(tmp_path: Path) -> Path:
    node = tmp_path / "ttyUSB2"
    node.touch()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/locks").write_text("")
    return node


def test_all_who_have_it_open_are_named(tmp_path: Path, port: Path) -> None:
    process(tmp_path, 500, "ModemManager", Path("/dev/null"), port)
    process(tmp_path, 600, "cat", port)
    process(tmp_path, 700, "sshd", Path("/dev/null"))
    process(tmp_path, os.getpid(), "modemd", port)
    found = holders(str(port), str(tmp_path))
    assert found == [Holder(500, "ModemManager"), Holder(600, "cat")]
    assert [each.is_modem_manager for each in found] == [True, False]
    assert str(found[0]) == "ModemManager (pid 500)"


def test_who_locks_it_comes_first(tmp_path: Path, port: Path) -> None:
    process(tmp_path, 500, "cat", port)
    process(tmp_path, 600, "gammu-smsd", port)
    inode = os.stat(port).st_ino
    (tmp_path / "proc/locks").write_text(f"1: FLOCK  ADVISORY  WRITE 600 00:05:{inode} 0 EOF\n")
    assert [str(each) for each in holders(str(port), str(tmp_path))] == ["gammu-smsd (pid 600)", "cat (pid 500)"]


def test_a_process_that_may_not_be_looked_into_is_passed_over(tmp_path: Path, port: Path) -> None:
    (tmp_path / "proc/800").mkdir()
    assert holders(str(port), str(tmp_path)) == []


async def test_a_real_process(port: Path) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, str(port), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    (found,) = holders(str(port))
    assert found.pid == other.pid
    await other.communicate(b"")
    assert holders(str(port)) == []


def test_modem_manager_is_found_where_processes_are_hidden(tmp_path: Path) -> None:
    assert modem_manager(str(tmp_path)) is None
    group = tmp_path / "sys/fs/cgroup/system.slice/ModemManager.service"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("611\n")
    assert modem_manager(str(tmp_path)) == Holder(611, "ModemManager")


def test_modem_manager_is_found_without_systemd(tmp_path: Path, port: Path) -> None:
    process(tmp_path, 500, "ModemManager")
    assert modem_manager(str(tmp_path)) == Holder(500, "ModemManager")
