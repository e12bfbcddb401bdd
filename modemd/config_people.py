"""The part of the configuration that is about people: who may what, who approves, what is forgotten when."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, cast

from drivers.words import N_
from modemd.checks.table import ROWS
from modemd.config_table import Table
from modemd.model.actor import ROLES, Role
from modemd.model.approval import Rule
from modemd.model.durations import parse_duration
from modemd.model.errors import Invalid
from modemd.model.recipient import read_recipient

TOKEN = "token:"  # before the name of a token: no login has a colon in it
_WEEK = 7 * 86400.0  # what is younger is still needed: for reports, for a key that is sent again


@dataclass(frozen=True)
class TokenConfig:
    name: str
    file: Path
    roles: frozenset[Role] = frozenset({"read", "write"})
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SmsConfig:
    """Approval by SMS: the number of each person, by login name, and how long a code is good for, in seconds."""

    numbers: Mapping[str, str]
    expires: float = 900.0
    language: str = "en"


@dataclass(frozen=True)
class Retention:
    """Seconds after which texts and numbers of what is over are forgotten; None: never."""

    texts: float | None = None
    numbers: float | None = None


@dataclass(frozen=True)
class PeopleConfig:
    """`roles` None: everybody who may open the socket may everything."""

    roles: Mapping[Role, tuple[str, ...]] | None = None
    tokens: tuple[TokenConfig, ...] = ()
    approval: tuple[Rule, ...] = ()
    approval_sms: SmsConfig | None = None
    retention: Retention = field(default_factory=Retention)

    def named(self) -> set[str]:
        """Every user, @group and token that is named anywhere."""
        lists = [*(self.roles or {}).values(), *(rule.who for rule in self.approval)]
        lists += [*(rule.by for rule in self.approval), tuple(self.approval_sms.numbers if self.approval_sms else ())]
        return {name for names in lists for name in names}


def read(top: Table, profile: str) -> PeopleConfig:
    """Raises ConfigError."""
    tokens = tuple(_token(each) for each in _rows(top, "token", _TOKENS))
    _once([token.name for token in tokens], top, "token")
    rules = tuple(_rule(each) for each in _rows(top, "approval", _APPROVALS))
    _once([rule.name for rule in rules], top, "approval")
    if rules and profile == "open":
        raise top.fail("approval", N_('{place}: profile "open" holds nothing: choose "standard", or take this out.'))
    return PeopleConfig(_roles(top), tokens, rules, _sms(top), _retention(top))


_TOKENS = N_("{place} should be one table for each token, headed [[token]].")
_APPROVALS = N_("{place} should be one table for each rule, headed [[approval]].")
_NAMES = N_('{place} should be a list of users and @groups in quotes, such as ["@office", "anna"].')


def _rows(top: Table, key: str, what: str) -> list[Table]:
    rows = top.get(key, list, what) or []
    if not all(isinstance(row, dict) for row in rows):
        raise top.fail(key, what)
    return [Table(top.file, f"[[{key}]] no. {number}", row) for number, row in enumerate(rows, 1)]


def _once(names: list[str], top: Table, key: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise top.fail(key, N_('{place}: "{name}" is given twice, and each needs its own name.'), name=name)


def _name(table: Table, what: str) -> str:
    name = table.get("name", str, what)
    if not name or len(name) > 32 or not name.isprintable() or ":" in name or name != name.strip():
        raise table.fail("name", what)
    return str(name)


def _names(table: Table, key: str) -> tuple[str, ...] | None:
    names = table.words(key, _NAMES)
    if names is not None and not all(name.strip("@ ") and name.isprintable() for name in names):
        raise table.fail(key, _NAMES)
    return names


# -- who may what ------------------------------------------------------------------------------------------


def _roles(top: Table) -> dict[Role, tuple[str, ...]] | None:
    if (table := top.section("roles")) is None:
        return None
    roles = {role: _names(table, role) or () for role in ROLES}
    table.finish()
    if not roles["write"]:
        raise table.fail("write", N_("{place} is missing: nobody could send. Name users and @groups."))
    return roles


_ROLES = N_('{place} should be a list out of "read", "write", "approve", "admin" and "numbers".')


def _token(table: Table) -> TokenConfig:
    name = _name(table, N_('{place} should be a short name in quotes, without a colon, such as "booking".'))
    file = table.path("file")
    roles = table.words("roles", _ROLES)
    if roles is not None and not set(roles) <= set(ROLES):
        raise table.fail("roles", _ROLES)
    groups = table.words("groups", N_('{place} should be a list of names in quotes, such as ["office"].'))
    table.finish()
    if file is None:
        raise table.fail("file", N_("{place} is missing: name the file that holds the token."))
    given = TokenConfig.roles if roles is None else frozenset(cast(tuple[Role, ...], roles))
    return TokenConfig(name, file, given, frozenset(groups or ()))


# -- who approves ------------------------------------------------------------------------------------------

_WHEN = N_("{place} should be a table, such as {example}.")
_WHEN_EXAMPLE = '{ recipients = 20 } / { findings = ["recipient_new"] } / { always = true }'
_HOURS = N_('{place} should be two times of day in quotes, such as "18:00-08:00".')
_NEED = N_('{place} should be "any", "all" or a number from 1 on.')


def _rule(table: Table) -> Rule:
    name = _name(table, N_('{place} should be a short name in quotes, such as "large lists".'))
    who, by = _names(table, "who") or (), _names(table, "by") or ()
    conditions = _when(table)
    need = _need(table)
    expires = table.duration("expires")
    table.finish()
    rule = Rule(name, who, by, need, expires or Rule.expires, **conditions)
    _check_possible(table, rule)
    return rule


def _when(rule: Table) -> dict[str, Any]:
    values = rule.get("when", dict, _WHEN, example=_WHEN_EXAMPLE)
    table = Table(rule.file, f"{rule.name} when", values or {})
    always = table.flag("always")
    conditions: dict[str, Any] = {
        "recipients": table.count("recipients", 1),
        "findings": _codes(table),
        "category": table.categories("category"),
        "hours": _hours(table),
    }
    table.finish()
    given = {key: value for key, value in conditions.items() if value is not None}
    if bool(always) == bool(given):
        what = N_("{place} should say when: {example}. always stands alone.")
        raise rule.fail("when", what, example=_WHEN_EXAMPLE)
    return given


def _codes(table: Table) -> tuple[str, ...] | None:
    """A rule for what no check finds would never ask anybody."""
    found = table.words("findings", N_("{place} should be a list of the codes of findings, in quotes."))
    for code in found or ():
        if code not in ROWS:
            near = difflib.get_close_matches(code, ROWS, 3, cutoff=0.0)
            what = N_('{place}: no check finds "{code}". Near to it: {near}.')
            raise table.fail("findings", what, code=code, near=", ".join(near))
    return found


def _hours(table: Table) -> tuple[time, time] | None:
    value = table.get("hours", str, _HOURS)
    if value is None:
        return None
    start, _, end = value.partition("-")
    try:
        hours = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise table.fail("hours", _HOURS) from error
    if hours[0] == hours[1]:
        raise table.fail("hours", _HOURS)
    return hours


def _need(table: Table) -> Any:
    value = table.get("need", object, _NEED)
    if value in (None, "any"):
        return 1
    if value == "all":
        return "all"
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise table.fail("need", _NEED)
    return value


def _check_possible(table: Table, rule: Rule) -> None:
    """A rule that nobody can meet holds for ever; of groups only the operating system knows."""
    if rule.need == "all" and not rule.by:
        raise table.fail("by", N_('{place} is missing: need = "all" asks for everybody who is named here.'))
    if not rule.by or any(name.startswith("@") for name in (*rule.by, *rule.who)):
        return
    need = 1 if rule.need == "all" else rule.need
    for author in rule.who or ("",):
        if len({*rule.by} - {author}) < need:
            what = N_("{place} names too few: nobody approves what is their own, and {need} are needed.")
            raise table.fail("by", what, need=need)


_NUMBERS = N_("{place} should be a table of logins and their numbers, such as {example}.")
_NUMBERS_EXAMPLE = '{ anna = "+819012345678" }'


def _sms(top: Table) -> SmsConfig | None:
    if (table := top.section("approval_sms")) is None:
        return None
    numbers = table.get("numbers", dict, _NUMBERS, example=_NUMBERS_EXAMPLE) or {}
    expires, what = table.duration("expires"), N_('{place} should be "en" or "ja".')
    language = table.get("language", str, what)
    table.finish()
    if not numbers or not all(_is_e164(number) for number in numbers.values()):
        raise table.fail("numbers", _NUMBERS, example=_NUMBERS_EXAMPLE)
    if len(set(numbers.values())) < len(numbers):
        raise table.fail("numbers", N_("{place}: a number is given twice, and stands for one person."))
    if language not in (None, "en", "ja"):
        raise table.fail("language", what)
    return SmsConfig(numbers, expires or SmsConfig.expires, language or SmsConfig.language)


def _is_e164(number: object) -> bool:
    return isinstance(number, str) and read_recipient(number, None) == number


# -- what is forgotten -------------------------------------------------------------------------------------


def _retention(top: Table) -> Retention:
    if (table := top.section("retention")) is None:
        return Retention()
    found = Retention(_period(table, "texts"), _period(table, "numbers"))
    table.finish()
    return found


def _period(table: Table, key: str) -> float | None:
    what = N_('{place} should be a duration of a week or more in quotes, such as "90d" or "2y".')
    value = table.get(key, str, what)
    if value is None:
        return None
    try:
        seconds = parse_duration(value, longest=100 * 366 * 86400.0)
    except Invalid as error:
        raise table.fail(key, what) from error
    if seconds < _WEEK:
        raise table.fail(key, what)
    return seconds
