"""The states of a message and of its parts, and every arrow between them."""

from collections.abc import Iterable
from enum import StrEnum


class MessageState(StrEnum):
    DRAFT = "draft"  # being written
    HELD = "held"  # waits for a person, with named reasons
    STAGED = "staged"  # the fuse burns
    QUEUED = "queued"  # the fuse is spent: waits for a modem
    SUBMITTING = "submitting"  # at least one part is past the mark, more may follow
    SUBMITTED = "submitted"  # the network took every part
    DELIVERED = "delivered"  # every part has a report that says so
    UNDELIVERED = "undelivered"  # the network gave up on a part
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # its validity ended before it left
    FAILED = "failed"  # did not leave, and will not
    UNCERTAIN = "uncertain"  # the outcome of a part is lost


class PartState(StrEnum):
    QUEUED = "queued"  # has not left; waits with its message
    SUBMITTING = "submitting"  # past the mark; outcome not yet known
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # never resent unasked


M, P = MessageState, PartState

MESSAGE_TRANSITIONS: dict[MessageState, frozenset[MessageState]] = {
    M.DRAFT: frozenset({M.STAGED, M.HELD, M.CANCELLED}),
    M.HELD: frozenset({M.DRAFT, M.STAGED, M.CANCELLED, M.EXPIRED}),
    M.STAGED: frozenset({M.DRAFT, M.HELD, M.QUEUED, M.CANCELLED, M.EXPIRED}),
    M.QUEUED: frozenset({M.HELD, M.SUBMITTING, M.UNDELIVERED, M.CANCELLED, M.EXPIRED, M.FAILED, M.UNCERTAIN}),
    M.SUBMITTING: frozenset(
        {M.HELD, M.QUEUED, M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.CANCELLED, M.EXPIRED, M.FAILED, M.UNCERTAIN}
    ),
    M.SUBMITTED: frozenset({M.DELIVERED, M.UNDELIVERED}),
    M.DELIVERED: frozenset(),
    M.UNDELIVERED: frozenset(),
    M.CANCELLED: frozenset({M.UNDELIVERED}),  # a part that had left before the cancel
    M.EXPIRED: frozenset({M.UNDELIVERED}),
    M.FAILED: frozenset(),
    M.UNCERTAIN: frozenset(
        {M.HELD, M.QUEUED, M.SUBMITTED, M.DELIVERED, M.UNDELIVERED, M.CANCELLED, M.EXPIRED, M.FAILED}
    ),
}

PART_TRANSITIONS: dict[PartState, frozenset[PartState]] = {
    # Uncertain without having been submitted: restored from a backup, it may have left since that was made.
    P.QUEUED: frozenset({P.SUBMITTING, P.CANCELLED, P.EXPIRED, P.FAILED, P.UNCERTAIN}),
    P.SUBMITTING: frozenset({P.QUEUED, P.SUBMITTED, P.FAILED, P.UNCERTAIN}),
    P.SUBMITTED: frozenset({P.DELIVERED, P.UNDELIVERED}),
    P.DELIVERED: frozenset(),
    P.UNDELIVERED: frozenset(),
    P.CANCELLED: frozenset(),
    P.EXPIRED: frozenset(),
    P.FAILED: frozenset(),
    P.UNCERTAIN: frozenset({P.QUEUED, P.SUBMITTED, P.DELIVERED, P.UNDELIVERED, P.FAILED}),
}

FINAL = frozenset(state for state, after in MESSAGE_TRANSITIONS.items() if not after)
LEFT = frozenset({P.SUBMITTING, P.SUBMITTED, P.DELIVERED, P.UNDELIVERED, P.UNCERTAIN})
NEVER = frozenset({P.CANCELLED, P.EXPIRED, P.FAILED})

# The worst first: a message whose parts ended differently is called by it.
_WORST_FIRST = (
    (P.UNCERTAIN, M.UNCERTAIN),
    (P.FAILED, M.FAILED),
    (P.UNDELIVERED, M.UNDELIVERED),
    (P.EXPIRED, M.EXPIRED),
    (P.CANCELLED, M.CANCELLED),
    (P.SUBMITTED, M.SUBMITTED),
    (P.DELIVERED, M.DELIVERED),
)


def message_state(parts: Iterable[PartState]) -> MessageState:
    """The state of a message whose fuse is spent, by its parts.

    An uncertain part stops the rest until it is settled; else what has not left is still to go.
    """
    found = set(parts)
    if not found:
        raise ValueError("a message that is past its fuse has parts")
    if P.SUBMITTING in found:
        return M.SUBMITTING
    if P.UNCERTAIN in found:
        return M.UNCERTAIN
    if P.QUEUED in found:
        return M.QUEUED
    return next(state for part, state in _WORST_FIRST if part in found)
