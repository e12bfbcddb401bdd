"""Who has a device node, as far as this user may see."""

import grp
import os
from dataclasses import dataclass
from pathlib import Path

# Readable where other users' processes are hidden (ProtectProc=invisible): a unit that runs has its group here.
_MODEM_MANAGER = "sys/fs/cgroup/system.slice/ModemManager.service/cgroup.procs"
MODEM_MANAGER = "ModemManager"
PTY_MAJORS = range(136, 144)


@dataclass(frozen=True)
class Holder:
    """A process. `name` is its command as the kernel cuts it, 15 characters at most."""

    pid: int
    name: str
    locks: bool = True  # it holds the advisory lock, or may hold the other kind

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"

    @property
    def is_modem_manager(self) -> bool:
        return self.name == MODEM_MANAGER


def holders(path: str, root: str = "/") -> list[Holder]:
    """Other processes that have the node open; those that lock it come first.

    Of a pty only those: who stands for the modem behind it has it open as well.
    """
    real = os.path.realpath(path)
    is_pty = os.path.exists(real) and os.major(os.stat(real).st_rdev) in PTY_MAJORS
    found = []
    for process in sorted(Path(root, "proc").glob("[0-9]*"), key=lambda each: int(each.name)):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.path.realpath(fd) == real for fd in (process / "fd").iterdir()):
                name, owners = (process / "comm").read_text().strip(), _lock_owners(real, root)
                # No lock is listed for TIOCEXCL: it may be anybody's.
                found.append(Holder(int(process.name), name, process.name in owners or not (owners or is_pty)))
        except OSError:
            continue
    return sorted((each for each in found if each.locks or not is_pty), key=lambda each: not each.locks)


def _lock_owners(real: str, root: str) -> set[str]:
    inode = os.stat(real).st_ino
    locks = (line.split() for line in Path(root, "proc/locks").read_text().splitlines())
    return {lock[4] for lock in locks if lock[5].endswith(f":{inode}")}


def modem_manager(root: str = "/") -> Holder | None:
    """ModemManager, where it runs: it opens every modem that it sees."""
    try:
        pids = Path(root, _MODEM_MANAGER).read_text().split()
    except OSError:
        pids = [comm.parent.name for comm in Path(root, "proc").glob("[0-9]*/comm") if _reads(comm, MODEM_MANAGER)]
    return Holder(int(pids[0]), MODEM_MANAGER) if pids else None


def _reads(file: Path, text: str) -> bool:
    try:
        return file.read_text().strip() == text
    except OSError:
        return False


def group_of(path: str) -> str:
    """The group that may open the node, by name where it has one."""
    group = os.stat(path).st_gid
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)
