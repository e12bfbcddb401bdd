"""What the doctor says: one diagnosis a check, and what the checks are called."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.words import N_, Sentence


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"  # not looked at, or nothing to look at: no fault


@dataclass(frozen=True)
class Diagnosis:
    """`check` is stable, a key of LABELS. `next_step` is what a person does now, where there is something."""

    check: str
    verdict: Verdict
    finding: Sentence
    next_step: Sentence | None = None
    modem: str | None = None
    value: str | int | None = None


VERDICTS = {
    "ok": N_("ok"),
    "warn": N_("look"),
    "fail": N_("fail"),
    "skip": N_("skip"),
}
# In the order of a message's way: from the supply to the network.
COMPUTER = {
    "config": N_("settings"),
    "daemon": N_("daemon"),
    "clock": N_("clock"),
    "disk": N_("disk"),
    "database": N_("database"),
    "power": N_("supply"),
}
USB = {
    "usb": N_("modem"),
    "udev": N_("udev rules"),
    "others": N_("others"),
}
MODEM = {
    "port": N_("port"),
    "answers": N_("answers"),
    "imei": N_("IMEI"),
    "sim": N_("SIM"),
    "network": N_("network"),
    "signal": N_("signal"),
    "smsc": N_("SMSC"),
    "storage": N_("storages"),
    "quota": N_("quota"),
    "last_error": N_("last error"),
    "send": N_("test SMS"),
}
LABELS = COMPUTER | USB | MODEM
HEADINGS = ((COMPUTER, N_("This computer")), (USB, N_("USB")))
