"""How a modem is doing, for people: kept by its supervisor, read by the API."""

from collections import deque
from dataclasses import dataclass, field

from drivers.modem import Health, Identity
from drivers.words import N_, Sentence

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
    "puk": N_("The SIM is locked and waits for its PUK: unlock it in a phone with the operator's PUK."),
    "absent": N_("There is no SIM in the modem: insert it and restart the modem."),
    "other": N_("The SIM is locked in a way that only the operator or a phone can undo."),
}


@dataclass
class ModemStatus:
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
