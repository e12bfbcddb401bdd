"""The part of the configuration that the checks ask: the site, its hours and severities, what it calls risky."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drivers.words import N_, Sentence
from modemd.checks.risk import RiskPolicy
from modemd.checks.table import ROWS
from modemd.config_table import Table
from modemd.model.candidate import HOURS, Category, Hours, Site
from modemd.model.finding import Severity
from modemd.model.recipient import read_recipient

# Whether the risk sets fuses: never; where nobody has named one; or as the least, whatever anybody names.
RiskRule = Literal["told", "usual", "least"]


@dataclass(frozen=True)
class Price:
    """Of one part, as the site's contract has it."""

    amount: Decimal
    currency: str

    def of(self, parts: int) -> str:
        return f"{self.amount * parts} {self.currency}"


@dataclass(frozen=True)
class ChecksConfig:
    """`links`: hosts that may be asked where a link ends; none: nobody is asked."""

    site: Site = field(default_factory=lambda: Site(hours={"promotional": HOURS["promotional"]}))
    risk: RiskPolicy = field(default_factory=RiskPolicy)
    risk_rule: RiskRule = "told"
    links: tuple[str, ...] = ()
    price: Price | None = None


def read(top: Table, given: Mapping[str, Any]) -> ChecksConfig:
    """`given`: what [staging] and [policy] say, by its names in Config. Raises ConfigError."""
    profile = given.get("profile", "standard")
    site, price = _site(top)
    is_somewhere = "region" in given or site.zone is not None or profile == "strict"
    site = replace(site, hours=_hours(top, is_somewhere), severities=_severities(top))
    rule: RiskRule = "told" if profile == "open" or "fuse" in given else "usual"
    risk = RiskPolicy(known_fuse=given.get("fuse", RiskPolicy.known_fuse))
    if (table := top.section("risk")) is not None:
        if profile == "open":
            raise top.fail("risk", N_('{place}: profile "open" holds nothing: choose "standard", or take this out.'))
        rule, risk = "least", _risk(table, risk)
    elif profile == "strict":
        rule = "least"
    return ChecksConfig(site, risk, rule, _links(top), price)


# -- the site ----------------------------------------------------------------------------------------------

_OWN_NUMBERS = N_('{place} should be a list of numbers with their country code, such as ["+81312345678"].')
_OWN_HOSTS = N_('{place} should be a list of names of hosts in quotes, such as ["example.jp"].')
_ZONE = N_('{place} should be a time zone in quotes, such as "Asia/Tokyo".')


def _site(top: Table) -> tuple[Site, Price | None]:
    if (table := top.section("site")) is None:
        return Site(), None
    sender = table.get("sender", str, N_("{place} should be the name in quotes under which you write to people."))
    numbers = table.words("numbers", _OWN_NUMBERS) or ()
    short = table.words("short_numbers", N_('{place} should be a list of short numbers in quotes, such as ["55555"].'))
    most, price = table.count("most_by_hand", 1), _price(table)
    found = Site(
        zone=_zone(table),
        sender=sender or None,
        numbers=numbers,
        hosts=_hosts(table, "hosts"),
        short_numbers=frozenset(short or ()),
        most_by_hand=most or Site.most_by_hand,
    )
    table.finish()
    if any(isinstance(read_recipient(number, None), Sentence) for number in numbers):
        raise table.fail("numbers", _OWN_NUMBERS)
    if not all(number.isascii() and number.isdecimal() and len(number) <= 8 for number in found.short_numbers):
        raise table.fail("short_numbers", N_("{place} should hold digits alone, 8 at most."))
    return found, price


_PRICE = N_('{place} should be what a part costs, with its currency, in quotes, such as "3.3 JPY".')


def _price(table: Table) -> Price | None:
    words = table.get("price", str, _PRICE)
    if words is None:
        return None
    amount, _, currency = words.partition(" ")
    if not (currency.isascii() and currency.isupper() and len(currency) == 3 and _AMOUNT.fullmatch(amount)):
        raise table.fail("price", _PRICE)
    return Price(Decimal(amount), currency)


_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,4})?")


def _hosts(table: Table, key: str) -> tuple[str, ...]:
    hosts = table.words(key, _OWN_HOSTS) or ()
    if any(not host or "/" in host or ":" in host or host != host.strip(". ") for host in hosts):
        raise table.fail(key, _OWN_HOSTS)
    return tuple(host.casefold() for host in hosts)


def _zone(table: Table) -> ZoneInfo | None:
    name = table.get("zone", str, _ZONE)
    try:
        return ZoneInfo(name) if name is not None else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.fail("zone", _ZONE) from error


def _links(top: Table) -> tuple[str, ...]:
    if (table := top.section("links")) is None:
        return ()
    hosts = _hosts(table, "allow")
    table.finish()
    if not hosts:
        raise table.fail("allow", _OWN_HOSTS)
    return hosts


# -- hours -------------------------------------------------------------------------------------------------

_SPAN = N_('{place} should be two hours in quotes, such as "8-21" or "9-20 business days", or "any".')


def _hours(top: Table, is_somewhere: bool) -> dict[Category, Hours]:
    """Notices keep hours where the site has said where it is: else nobody knows when it is night there."""
    table = top.section("hours")
    known = is_somewhere or table is not None
    hours: dict[Category, Hours] = dict(HOURS) if known else {"promotional": HOURS["promotional"]}
    if table is None:
        return hours
    for category in HOURS:
        if (span := table.get(category, str, _SPAN)) is None:
            continue
        if span == "any":
            hours.pop(category, None)
        else:
            hours[category] = _span(table, category, span)
    table.finish()
    return hours


def _span(table: Table, key: str, span: str) -> Hours:
    times, _, days = span.partition(" ")
    start, _, end = times.partition("-")
    if not (start.isdecimal() and end.isdecimal() and 0 <= int(start) < int(end) <= 24):
        raise table.fail(key, _SPAN)
    if days not in ("", "business days"):
        raise table.fail(key, _SPAN)
    return Hours(int(start), int(end), business_days=bool(days))


# -- severities --------------------------------------------------------------------------------------------

_SEVERITIES = ("note", "confirm", "block", "off")
_SEVERITY = N_('{place} should be "note", "confirm", "block" or "off".')


def _severities(top: Table) -> dict[str, Severity | Literal["off"]]:
    if (table := top.section("checks")) is None:
        return {}
    found: dict[str, Severity | Literal["off"]] = {}
    for code, row in ROWS.items():
        wanted = table.get(code, str, _SEVERITY)
        if wanted is None:
            continue
        if wanted not in _SEVERITIES:
            raise table.fail(code, _SEVERITY)
        if row.fixed and wanted != row.severity:
            raise table.fail(code, N_("{place}: this one cannot be changed: what it finds cannot or must not be sent."))
        found[code] = cast(Severity | Literal["off"], wanted)
    table.finish()
    return found


# -- risk --------------------------------------------------------------------------------------------------

_POINTS = ("risky", "new_number", "money", "link", "many_recipients", "confirm", "tier")


def _risk(table: Table, usual: RiskPolicy) -> RiskPolicy:
    fuses = {key: table.duration(key, zero=True) for key in ("known_fuse", "risky_fuse", "longest_fuse")}
    counts = {key: table.count(key, 1) for key in ("many", "bulk", "risky", "tier")}
    points = {key: table.count(key, 0) for key in _POINTS if key not in counts}
    table.finish()
    changes: dict[str, Any] = {k: v for k, v in {**fuses, **counts, **points}.items() if v is not None}
    policy = replace(usual, **changes)
    if not policy.known_fuse <= policy.risky_fuse <= policy.longest_fuse:
        what = N_("{place}: known_fuse, risky_fuse and longest_fuse should grow, or be the same.")
        raise table.fail("risky_fuse", what)
    return policy
