"""How much a SIM may send, in parts: what failed and what is uncertain counts as well. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True)
class Quota:
    """`gap`: seconds from one part to the next. The others: parts, None for no limit.

    Minute and hour slide; day and month are the calendar's, in local time, as operators count.
    """

    gap: float = 0.0
    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    month: int | None = None

    @property
    def sliding(self) -> tuple[tuple[str, int, float], ...]:
        """(code, parts, seconds) of each that is set, the pace first."""
        rows = (("quota_gap", 1 if self.gap else None, self.gap), ("quota_minute", self.minute, MINUTE))
        return tuple((code, most, span) for code, most, span in (*rows, ("quota_hour", self.hour, HOUR)) if most)

    def calendar(self, now: float) -> tuple[tuple[str, int, float, float], ...]:
        """(code, parts, from, to) of each that is set, for the day and the month of `now`."""
        today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        first = today.replace(day=1)
        next_month = (first + timedelta(days=32)).replace(day=1)
        rows = (
            ("quota_day", self.day, today, today + timedelta(days=1)),
            ("quota_month", self.month, first, next_month),
        )
        return tuple((code, most, _local(start), _local(end)) for code, most, start, end in rows if most)


def _local(day: datetime) -> float:
    """Midnight of that date, whatever daylight saving does in between."""
    return day.replace(tzinfo=None).timestamp()


UNLIMITED = Quota()
PACE = ("quota_gap", "quota_minute")  # these hold up a part for a moment, the others a message
