"""What the daemon asks of any modem."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.at.answers import Tries
from drivers.pdu import Pdu


class SimState(StrEnum):
    READY = "ready"
    PIN = "pin"
    PUK = "puk"
    ABSENT = "absent"
    OTHER = "other"  # PIN2, personalisation locks, failures: a person's matter
    UNKNOWN = "unknown"  # the modem does not say


class Registration(StrEnum):
    HOME = "home"
    ROAMING = "roaming"
    SMS_ONLY = "sms_only"
    SEARCHING = "searching"
    DENIED = "denied"
    NONE = "none"
    UNKNOWN = "unknown"  # the modem does not say: try

    @property
    def carries_sms(self) -> bool:
        return self in (Registration.HOME, Registration.ROAMING, Registration.SMS_ONLY, Registration.UNKNOWN)


@dataclass(frozen=True)
class Identity:
    imei: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    own_number: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    revision: str | None = None


@dataclass(frozen=True)
class Health:
    """One look at the network. `signal_dbm` None: not known."""

    registration: Registration
    signal_dbm: int | None
    operator: str | None
    technology: str | None  # "GSM", "UMTS", "LTE", "NR"
    smsc: str | None
    without_lte: bool = False  # it has no +CEREG


@dataclass(frozen=True)
class Sim:
    """One look at the card. `mcc`: the country it is at home in (TS 23.003 §2.2), known once it is open."""

    state: SimState
    tries: Tries
    mcc: str | None = None


@dataclass(frozen=True)
class StoredPdu:
    """A PDU as it lies in a storage, not yet decoded."""

    storage: str
    index: int
    pdu: str


@dataclass(frozen=True)
class Listing:
    """What lies in one storage. `use` is (slots used, all slots) before anything was deleted, if it is said."""

    stored: tuple[StoredPdu, ...]
    use: tuple[int, int] | None


@dataclass(frozen=True)
class Arrived:
    """A PDU routed straight to us (+CMT, +CDS): in no storage."""

    pdu: str
    is_report: bool


@dataclass(frozen=True)
class InboxChanged:
    """Something lies in a storage (+CMTI, +CDSI), or one is full: sweep."""

    storage: str | None = None  # None: the modem does not say which
    full: bool = False


@dataclass(frozen=True)
class LateResult:
    """A +CMGS that came after its time-out."""

    tp_mr: int


@dataclass(frozen=True)
class Restarted:
    """The modem booted under our hands: initialise again."""


@dataclass(frozen=True)
class NetworkChanged:
    """Registered, or no longer: look at the network again."""


@dataclass(frozen=True)
class Ringing:
    caller: str | None


ModemEvent = Arrived | InboxChanged | LateResult | Restarted | NetworkChanged | Ringing


class Modem(Protocol):
    identity: Identity

    async def submit(
        self,
        pdu: Pdu,
        mark: Callable[[], Awaitable[bool]],
        *,
        more_follow: bool = False,
        owed: Callable[[], frozenset[int | None]] = frozenset,
    ) -> int | None:
        """Send one TPDU in two steps.

        After the prompt and before the body `mark` is asked, the last word on a cancel: False leaves by
        ESC and returns None. Otherwise returns tp_mr. Before the body: PromptTimeout, CommandTimeout,
        PortError or CommandError, and nothing was sent. After it: CommandError (the network refused) or
        OutcomeUnknown (it may have left).

        `owed`, asked after `mark`: the tp_mr of older parts whose answer never came, None where it is not known.
        Some modems go on while it is out: what may be theirs is not taken for this part's before the modem had
        time for another.
        """

    async def health(self) -> Health: ...

    async def signal(self) -> int | None:
        """dBm, by one short question."""

    @property
    def storages(self) -> tuple[str, ...]:
        """The names of all that must be swept. One may lie within another: sweep and delete one by one."""

    async def sweep(self, storage: str) -> Listing:
        """Everything received that lies in a storage; nothing is deleted."""

    async def delete(self, stored: StoredPdu) -> None:
        """Raises CommandError when it stays; not when it is gone already."""

    async def acknowledge(self) -> None:
        """What has just Arrived is durable: the network need not keep it."""

    async def renew(self) -> None:
        """Set up anew what the modem refused at first (its SIM was busy), or has forgotten."""

    async def hang_up(self) -> None:
        """Refuse the call that rings."""

    def close(self) -> None: ...

    def events(self) -> AsyncIterator[ModemEvent]:
        """Until the port is lost (raises PortError)."""
