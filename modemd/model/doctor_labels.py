"""What the doctor's checks are called, in the order of a message's way: from the supply to the network."""

from modemd.i18n import N_

VERDICTS = {
    "ok": N_("ok"),
    "warn": N_("look"),
    "fail": N_("fail"),
    "skip": N_("skip"),
}
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
HEADINGS = (N_("This computer"), N_("USB"))
