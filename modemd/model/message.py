"""A message, its parts, and what happened to it, as the store holds them. Times: seconds, UTC."""

import re
from dataclasses import dataclass

from modemd.model.actor import CODES
from modemd.model.hold import Hold
from modemd.model.states import MessageState, PartState

_CODE = re.compile(r"\d{6}")
CATEGORIES = ("service", "promotional", "emergency")


@dataclass(frozen=True)
class Part:
    sequence: int
    state: PartState
    attempts: int = 0
    modem: str | None = None
    sim: str | None = None
    tp_mr: int | None = None  # expected until `tp_mr_known`
    tp_mr_known: bool = False
    left_at: float | None = None
    submitted_at: float | None = None
    ended_at: float | None = None
    tp_st: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Cool:
    """A draft that is not staged before `until`; what it was when that was said, at `at`."""

    until: float
    at: float
    recipient: str
    text: str


@dataclass(frozen=True)
class Message:
    id: int
    state: MessageState
    recipient: str
    text: str
    encoding: str
    author: str
    created_at: float
    validity: float
    batch_id: int | None = None
    staged_at: float | None = None
    fuse: float | None = None
    send_at: float | None = None
    release_at: float | None = None
    valid_until: float | None = None
    not_before: float = 0.0
    ended_at: float | None = None
    modem: str | None = None
    error: str | None = None
    category: str = "service"
    resends: int = 0  # how often a person, or a policy, had it sent again
    recipients: int = 1  # that it was written to together
    by_hand: bool = False  # a person wrote it and picked the recipient
    reason: str = ""  # why an emergency cannot wait
    leave_by: float | None = None  # past its fuse: when the hours of its category end
    writers: tuple[str, ...] = ()  # keys of all who had a hand in it: they do not approve it
    salt: str | None = None  # of its digests; None once it is redacted
    parts: tuple[Part, ...] = ()
    holds: tuple[Hold, ...] = ()  # that are open
    cool: Cool | None = None  # of a draft

    @property
    def shown(self) -> str:
        """The text as others than its recipient see it: a code for an approval is nobody else's."""
        return _CODE.sub("••••••", self.text) if self.writers == (CODES.key,) else self.text

    @property
    def concat_ref(self) -> int:
        """8 bits, so that a part keeps 67 characters; it differs from message to message."""
        return self.id & 0xFF


@dataclass(frozen=True)
class Event:
    id: int
    at: float
    kind: str
    message_id: int | None = None
    old: str | None = None
    new: str | None = None
    subject: str | None = None
    who: str | None = None
    code: str | None = None
    data: str | None = None


@dataclass(frozen=True)
class Inbound:
    id: int
    sender: str
    alphanumeric: bool
    text: str | None
    smsc_time: float | None
    received_at: float
    modem: str
    parts: int
    missing: tuple[int, ...]
    is_read: bool
    kind: str = "message"  # or "call"
    overdue_at: float | None = None  # when the wait for the missing parts was given up
    error: str | None = None
    raw: str | None = None
