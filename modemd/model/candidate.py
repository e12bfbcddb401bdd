"""A message as it would be staged, and all that a check may know. What is not known makes a check silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Literal

from drivers.words import Sentence
from modemd.model.directory import Directory, Person
from modemd.model.finding import Severity
from modemd.model.recipient import read_recipient

Category = Literal["promotional", "service", "emergency"]


@dataclass(frozen=True)
class Hours:
    """When a category may leave: from `start` to before `end`, hours of the recipient's day."""

    start: int
    end: int
    business_days: bool = False  # neither weekends nor the country's holidays


# facts: no general statute in Japan; advertising by day, notices when nobody sleeps. Emergencies have no hours.
HOURS: Mapping[Category, Hours] = {"promotional": Hours(9, 20, business_days=True), "service": Hours(8, 21)}


@dataclass(frozen=True)
class Site:
    """What is configured. `zone` None is the machine's own."""

    region: str | None = None
    zone: tzinfo | None = None
    sender: str | None = None  # the name that advertising must carry
    numbers: tuple[str, ...] = ()  # the site's own, E.164
    hosts: tuple[str, ...] = ()  # the site's own
    short_numbers: frozenset[str] = frozenset()  # short codes that may be written to
    live: bool = False  # a modem is real: numbers reserved for tests must not reach it
    max_parts: int = 10
    most_by_hand: int = 20
    hours: Mapping[Category, Hours] = field(default_factory=lambda: HOURS)
    severities: Mapping[str, Severity | Literal["off"]] = field(default_factory=dict)  # by code, as the site wants it

    def __hash__(self) -> int:
        """Of what can be: mappings cannot."""
        return hash((self.region, self.sender, self.numbers, self.hosts, self.live, self.max_parts))


@dataclass(frozen=True)
class Knowledge:
    """What the desk knows of the recipient."""

    person: Person | None = None
    directory: Directory | None = None
    written_before: bool | None = None
    last_heard: datetime | None = None
    last_failures: int = 0  # how many sends in a row failed, up to now
    opted_out: Literal["", "recipient_opted_out", "recipient_opt_out_asked"] = ""
    last_same: datetime | None = None  # when this text last went to this recipient


@dataclass(frozen=True)
class Addressed:
    """What a check of a number may know."""

    to: str
    site: Site

    @cached_property
    def reading(self) -> str | Sentence:
        """The recipient in E.164, or why there is none."""
        return read_recipient(self.to, self.site.region, self.site.short_numbers)

    @cached_property
    def number(self) -> str | None:
        return self.reading if isinstance(self.reading, str) else None


@dataclass(frozen=True)
class Wording:
    """What a check of a text may know."""

    text: str
    category: Category | None
    release_day: date
    site: Site


@dataclass(frozen=True)
class Candidate:
    """`now` and every other time is aware.

    `meant_for` is given at release alone: the moment at which its writer meant it to leave.
    """

    to: str
    text: str
    now: datetime
    send_at: datetime | None = None
    meant_for: datetime | None = None
    category: Category | None = None
    clock_set: bool = True
    by_hand: bool | None = None  # a person wrote it and picked the recipient
    reason: str = ""  # why an emergency cannot wait
    sends_last_minute: int = 0  # by this author, and so is the last undo
    last_undo: datetime | None = None
    site: Site = field(default_factory=Site)
    known: Knowledge = field(default_factory=Knowledge)

    @property
    def release(self) -> datetime:
        return self.send_at or self.now

    @cached_property
    def release_day(self) -> date:
        return self.day_of(self.release)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.site.zone).date()

    @cached_property
    def reading(self) -> str | Sentence:
        """The recipient in E.164, or why there is none."""
        return read_recipient(self.to, self.site.region, self.site.short_numbers)

    def knowing(self, known: Knowledge, sends_last_minute: int, last_undo: datetime | None) -> "Candidate":
        """The same message, with what the store knows; the recipient is not read a second time."""
        informed = replace(self, known=known, sends_last_minute=sends_last_minute, last_undo=last_undo)
        informed.__dict__["reading"] = self.reading
        return informed

    @cached_property
    def number(self) -> str | None:
        return self.reading if isinstance(self.reading, str) else None
