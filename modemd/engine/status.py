"""How a modem is doing, for people: kept by its supervisor, read by the API."""

from collections import deque
from dataclasses import dataclass, field

from drivers.at.results import by_code
from drivers.errors import DriverError
from drivers.modem import Health, Identity
from drivers.words import N_, Sentence
from modemd.model.quota import UNLIMITED, Quota

HISTORY = 60  # looks at the signal

STARTING, READY, BUSY, WAITING, PARKED, GONE = "starting", "ready", "busy", "waiting", "parked", "gone"

SENTENCES = {
    STARTING: N_("The modem is being set up."),
    READY: N_("Ready to send."),
    BUSY: N_("Sending."),
    WAITING: N_("Not registered in the network: check SIM, antenna and coverage."),
}
SIM_SENTENCES = {
    "pin": N_("The SIM waits for its PIN: put it into the modem's pin_file."),
    "pin_tried": N_("The PIN was tried once and is not tried again: correct it in the modem's pin_file."),
    "pin_other_sim": N_(
        "Another SIM is in the modem, and waits for its PIN. Is that meant? modemd modems --resume {name}"
    ),
    "last_try": N_("One try of the PIN is left, and modemd does not take it: unlock the SIM in a phone."),
    "puk": N_("The SIM is locked and waits for its PUK: unlock it in a phone with the operator's PUK."),
    "absent": N_("There is no SIM in the modem: insert it and restart the modem."),
    "other": N_("The SIM is locked in a way that only the operator or a phone can undo."),
}

# Why a modem is parked: nothing is sent until a person says that it was seen to.
SIM_CHANGED, MODEM_CHANGED, IN_A_ROW = "sim_changed", "modem_changed", "in_a_row_"
_PARK_SENTENCES = {
    SIM_CHANGED: N_("Another SIM is in the modem. Its messages wait. Is that meant? modemd modems --resume {name}"),
    MODEM_CHANGED: N_("Another modem is at {port}. It is not used. Is that meant? modemd modems --resume {name}"),
}
_ROW = N_("Three recipients in a row failed alike: {why} When it is seen to: modemd modems --resume {name}")
_ONE = N_("{why} When it is seen to: modemd modems --resume {name}")

_QUOTA_SENTENCES = {
    "quota_gap": N_("Waiting: the next message may go at {time}."),
    "quota_minute": N_("The quota for a minute is used up: it goes on at {time}."),
    "quota_hour": N_("The quota for an hour is used up: it goes on at {time}."),
    "quota_day": N_("The quota for today is used up: it goes on at {time}."),
    "quota_month": N_("The quota for this month is used up: it goes on on {time}."),
}


@dataclass
class ModemStatus:
    """`alerts` are what a person should know while it works all the same, by code."""

    name: str
    port: str
    state: str = STARTING
    sentence: Sentence = field(default_factory=lambda: Sentence(SENTENCES[STARTING]))
    since: float = 0.0
    identity: Identity = field(default_factory=Identity)
    health: Health | None = None
    signal: deque[int | None] = field(default_factory=lambda: deque(maxlen=HISTORY))
    sim: str = ""
    storages: dict[str, tuple[int, int]] = field(default_factory=dict)  # name: (slots used, all), when last swept
    alerts: dict[str, Sentence] = field(default_factory=dict)  # by code, see alerts.py
    error_code: str | None = None  # of drivers.at.results
    error: Sentence | None = None  # where no code fits
    error_at: float | None = None
    park: str | None = None
    quota: Quota = UNLIMITED
    trouble: DriverError | None = None  # what ended the last connection, or kept it from being made

    def park_sentence(self) -> Sentence:
        code = self.park or ""
        values: dict[str, object] = {"name": self.name, "port": self.port}
        if template := _PARK_SENTENCES.get(code):
            return Sentence(template, values)
        why = by_code(code.removeprefix(IN_A_ROW)).sentence
        return Sentence(_ROW if code.startswith(IN_A_ROW) else _ONE, {**values, "why": Sentence(why)})


def quota_sentence(code: str, time: str) -> Sentence:
    return Sentence(_QUOTA_SENTENCES[code], {"time": time})
