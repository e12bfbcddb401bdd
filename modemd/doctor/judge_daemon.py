"""Pure: the settings, and whether somebody runs by them."""

import os
from importlib.metadata import version
from pathlib import Path

from drivers.words import N_
from modemd.doctor.sentences import fail, ok, warn
from modemd.model.doctor import Diagnosis
from modemd.model.errors import ConfigError


def settings(modems: int, file: Path | None = None) -> Diagnosis:
    """They could be read; `file` None: by the daemon that runs by them."""
    if modems == 0:
        return warn(
            "config", N_("No modem is configured."), N_("Add a [[modem]] to the configuration: name, port."), value=0
        )
    if file is None:
        return ok("config", N_("modemd runs with {modems} modem(s)."), {"modems": modems}, value=modems)
    return ok("config", N_("{file} is right: {modems} modem(s)."), {"file": file, "modems": modems}, value=modems)


def settings_wrong(error: ConfigError) -> Diagnosis:
    next_step = N_("When that is done, ask again: modemd config check")
    return fail("config", "{error}", next_step, {"error": error.sentence})


def runs() -> Diagnosis:
    """Said by the daemon itself."""
    values = {"version": version("modemd"), "pid": os.getpid()}
    return ok("daemon", N_("modemd {version} runs (pid {pid})."), values, value=os.getpid())


def away(socket: Path) -> Diagnosis:
    return fail(
        "daemon",
        N_("modemd does not run: nothing is sent. What follows was looked at from here."),
        N_("systemctl start modemd; if it does not stay: journalctl -u modemd -n 50"),
        value=str(socket),
    )


def forbidden(socket: Path, group: str) -> Diagnosis:
    return fail(
        "daemon",
        N_("modemd runs, but this user may not talk to it at {socket}."),
        N_("usermod -aG {group} USER, then log in anew; or: sudo modemd doctor"),
        {"socket": socket, "group": group},
        value=str(socket),
    )


def hangs(socket: Path) -> Diagnosis:
    return fail(
        "daemon",
        N_("modemd runs, but does not answer at {socket}."),
        N_("journalctl -u modemd -n 50 shows why; then: systemctl restart modemd"),
        {"socket": socket},
        value=str(socket),
    )
