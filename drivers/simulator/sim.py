"""A SIM card with its PIN, PUK and storage; and who the modem around it is."""

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.simulator.dialogue import Refusal
from drivers.simulator.storage import SM_SLOTS, Storage

PIN_TRIES = 3
PUK_TRIES = 10
SMSC = "+447700900999"


class Lock(StrEnum):
    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    DEAD = "DEAD"  # the PUK is spent as well
    ABSENT = "ABSENT"


# (CME, CMS) code of every command that needs an open card (TS 27.007 §9.2.1, TS 27.005 §3.2.5).
CLOSED = {Lock.PIN: (11, 311), Lock.PUK: (12, 316), Lock.DEAD: (13, 313), Lock.ABSENT: (10, 310)}


def luhn(digits: str) -> str:
    """The digits and their check digit."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    plain = (int(digit) for digit in digits[-2::-2])
    return digits + str(-(sum(doubled) + sum(plain)) % 10)


@dataclass(frozen=True)
class Identity:
    imei: str
    manufacturer: str = "modemd"
    model: str = "SIM-ULATOR"
    revision: str = "1.0"

    @classmethod
    def numbered(cls, index: int) -> "Identity":
        return cls(luhn(f"00101700{index:06d}"))  # 00: a test IMEI


@dataclass
class Sim:
    iccid: str
    imsi: str
    own_number: str
    pin: str | None = None  # None: the card asks for none
    puk: str = "12345678"
    smsc: str = SMSC
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    unlocked: bool = False
    present: bool = True
    last_tp_mr: int = 255
    storage: Storage = field(default_factory=lambda: Storage(SM_SLOTS))

    @classmethod
    def numbered(cls, index: int, pin: str | None = None) -> "Sim":
        """Test network 001-01; numbers kept for drama."""
        return cls(
            iccid=luhn(f"89001010000000{index:04d}"),
            imsi=f"00101{index + 1:010d}",
            own_number=f"+4477009009{index % 100:02d}",
            pin=pin,
        )

    @property
    def lock(self) -> Lock:
        if not self.present:
            return Lock.ABSENT
        if self.puk_tries == 0:
            return Lock.DEAD
        if self.pin_tries == 0:
            return Lock.PUK
        return Lock.READY if self.unlocked or self.pin is None else Lock.PIN

    def need_open(self, domain: str) -> None:
        """Raises Refusal while the card is closed."""
        if codes := CLOSED.get(self.lock):
            raise Refusal(domain, codes[domain == "CMS"])

    def enter(self, code: str, new_pin: str | None = None) -> None:
        """+CPIN=: a PIN, or a PUK and the new PIN. Raises Refusal, and counts."""
        match self.lock:
            case Lock.PIN if code == self.pin:
                self.pin_tries, self.unlocked = PIN_TRIES, True
            case Lock.PIN:
                self.pin_tries -= 1
                raise Refusal.cme(16)
            case Lock.PUK if code == self.puk and new_pin:
                self.pin, self.pin_tries, self.puk_tries, self.unlocked = new_pin, PIN_TRIES, PUK_TRIES, True
            case Lock.PUK:
                self.puk_tries -= 1
                raise Refusal.cme(16)
            case Lock.READY:
                raise Refusal.cme(3)
            case lock:
                raise Refusal.cme(CLOSED[lock][0])

    def power_off(self) -> None:
        self.unlocked = False

    def next_tp_mr(self) -> int:
        """EF_SMSS: the last TP-MR used, kept on the card (TS 31.102 §4.2.9)."""
        self.last_tp_mr = (self.last_tp_mr + 1) % 256
        return self.last_tp_mr
