"""Can it leave then, and should it?"""

from collections.abc import Iterator
from datetime import timedelta

from modemd.checks.hours import next_allowed, place_of
from modemd.checks.row import Hit
from modemd.model.candidate import Candidate

FARTHEST = timedelta(days=366)
AFTER_UNDO = timedelta(minutes=10)
HASTE = 5  # sends in a minute
_LATE, _EARLY = 22, 5  # o'clock


def past(candidate: Candidate) -> Iterator[Hit]:
    if candidate.send_at is not None and candidate.send_at <= candidate.now:
        yield Hit()


def far(candidate: Candidate) -> Iterator[Hit]:
    if candidate.send_at is not None and candidate.send_at - candidate.now > FARTHEST:
        yield Hit()


def clock_unset(candidate: Candidate) -> Iterator[Hit]:
    if candidate.send_at is not None and not candidate.clock_set:
        yield Hit()


def quiet(candidate: Candidate) -> Iterator[Hit]:
    """Outside the hours of its category; the fix is the first moment inside."""
    hours = candidate.site.hours.get(candidate.category) if candidate.category else None
    if hours is None:
        return
    country, zones = place_of(candidate)
    allowed = next_allowed(candidate.release, hours, country, zones)
    if allowed == candidate.release:
        return
    at = allowed.astimezone(candidate.site.zone) if allowed else None
    values: dict[str, object] = {"start": hours.start, "end": hours.end, "time": f"{at:%Y-%m-%d %H:%M}" if at else "-"}
    yield Hit(fix=at.isoformat(timespec="seconds") if at else None, values=values)


def _is_at_night(candidate: Candidate) -> bool:
    """Emergencies have no hours; outside those of notices they need two persons and a reason."""
    hours = candidate.site.hours.get("service")
    if candidate.category != "emergency" or hours is None:
        return False
    country, zones = place_of(candidate)
    return next_allowed(candidate.release, hours, country, zones) != candidate.release


def without_reason(candidate: Candidate) -> Iterator[Hit]:
    if not candidate.reason.strip() and _is_at_night(candidate):
        yield Hit()


def emergency(candidate: Candidate) -> Iterator[Hit]:
    if candidate.reason.strip() and _is_at_night(candidate):
        yield Hit(values={"reason": candidate.reason.strip()})


def haste(candidate: Candidate) -> Iterator[Hit]:
    if candidate.by_hand and candidate.sends_last_minute >= HASTE:
        yield Hit(values={"count": candidate.sends_last_minute})


def late(candidate: Candidate) -> Iterator[Hit]:
    hour = candidate.now.astimezone(candidate.site.zone).hour
    if candidate.by_hand and (hour >= _LATE or hour < _EARLY):
        yield Hit()


def after_undo(candidate: Candidate) -> Iterator[Hit]:
    undo = candidate.last_undo
    if candidate.by_hand and undo is not None and timedelta(0) <= candidate.now - undo < AFTER_UNDO:
        yield Hit()
