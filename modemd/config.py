"""The configuration: TOML → frozen dataclasses, checked once. A mistake names file, key and cure."""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import phonenumbers

from drivers.errors import PduError
from drivers.parts import cut
from drivers.ports import PLACES
from drivers.words import N_
from modemd import config_checks, config_people
from modemd.checks.hours import zone_of
from modemd.config_checks import ChecksConfig
from modemd.config_people import PeopleConfig
from modemd.config_table import Table as _Table
from modemd.model.candidate import Site
from modemd.model.durations import parse_duration
from modemd.model.errors import ConfigError, Invalid
from modemd.model.opt_out import DEFAULT_RULES, Rules
from modemd.model.quota import UNLIMITED, Quota

DEFAULT_CONFIG = Path("/etc/modemd/config.toml")
DEFAULT_SOCKET = Path("/run/modemd/api.sock")
DEFAULT_STATE = Path("/var/lib/modemd")

_LONGEST_SOCKET_PATH = 107  # sun_path of unix(7)


@dataclass(frozen=True)
class ModemConfig:
    name: str
    port: str  # a path, or "auto"
    imei: str | None = None
    pin_file: Path | None = None
    result_timeout: float | None = None  # seconds; the profile's otherwise
    recovery: float = 60.0  # seconds between two steps that are to bring it back
    quota: Quota = UNLIMITED
    calls: Literal["hang_up", "ring"] = "hang_up"


@dataclass(frozen=True)
class Config:
    state_dir: Path = DEFAULT_STATE
    socket: Path = DEFAULT_SOCKET
    listen: tuple[str, int] | None = None
    token_file: Path | None = None
    fuse: float = 10.0  # seconds
    validity: float = 86400.0
    region: str | None = None
    max_parts: int = 10
    profile: Literal["open", "standard", "strict"] = "standard"
    after_hold: float = 10.0  # seconds that a fuse burns at least after the last reason to hold was cleared
    retry: tuple[float, ...] = (60.0, 300.0, 1800.0)  # seconds before each further try of a message
    over_quota: Literal["hold", "other_sim"] = "hold"
    resend_uncertain: tuple[str, ...] = ()  # categories of which a second copy is better than none
    opt_out: Rules = DEFAULT_RULES
    search: tuple[str, ...] = PLACES  # where a modem may turn up again
    modems: tuple[ModemConfig, ...] = ()
    people: PeopleConfig = field(default_factory=PeopleConfig)
    checks: ChecksConfig = field(default_factory=ChecksConfig)

    @property
    def here(self) -> Site:
        """Where it is, as the checks and rules ask."""
        # A machine in a cupboard runs on UTC: where the country has one time, that is the site's.
        site = self.checks.site
        return replace(site, region=self.region, zone=site.zone or zone_of(self.region), max_parts=self.max_parts)


def load(file: Path) -> Config:
    """Raises ConfigError."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            N_("There is no configuration at {file}: write one, or name another with --config."), file=file
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(N_("{file} cannot be read: {why}."), file=file, why=why) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(N_("{file} is not TOML: {why}."), file=file, why=error) from error
    return _read(file, values)


def fingerprint(config: Config) -> str:
    """SHA-256 of everything that is configured: the audit says when it was changed."""

    def plain(value: Any) -> Any:
        return sorted(value) if isinstance(value, frozenset) else str(value)

    return hashlib.sha256(json.dumps(asdict(config), default=plain, sort_keys=True).encode()).hexdigest()


def _read(file: Path, values: dict[str, Any]) -> Config:
    top = _Table(file, "", values)
    found: dict[str, Any] = {}
    readers: dict[str, Callable[[_Table], dict[str, Any]]] = {
        "daemon": _daemon,
        "staging": _staging,
        "policy": _policy,
        "opt_out": _opt_out,
    }
    for name, reader in readers.items():
        section = top.section(name) or _Table(file, f"[{name}]", {})
        found |= {key: value for key, value in reader(section).items() if value is not None}
        section.finish()
    rows = top.get("modem", list, N_("{place} should be one table for each modem, headed [[modem]]."))
    people = config_people.read(top, found.get("profile", Config.profile))
    checks = config_checks.read(top, found)
    top.finish()
    if "listen" in found and "token_file" not in found and not people.tokens:
        what = N_('{place} needs a token: set token_file = "/etc/modemd/token" beside it.')
        raise _Table(file, "[daemon]", {}).fail("listen", what)
    modems = _modems(file, rows or [], found.get("max_parts", Config.max_parts))
    return Config(**found, modems=modems, people=people, checks=checks)


def _daemon(table: _Table) -> dict[str, Any]:
    socket = table.path("socket")
    if socket is not None and len(os.fsencode(socket)) > _LONGEST_SOCKET_PATH:
        raise table.fail("socket", N_("{place} is too long: at most {most} bytes."), most=_LONGEST_SOCKET_PATH)
    listen = table.get("listen", str, _ADDRESS)
    token_file = table.path("token_file")
    places = N_('{place} should be a list of paths in quotes, such as ["/dev/ttyUSB*", "/dev/ttyACM*"].')
    search = table.words("search", places)
    if search is not None and not all(place.startswith("/") for place in search):
        raise table.fail("search", places)
    return {
        "state_dir": table.path("state_dir"),
        "search": search,
        "socket": socket,
        "listen": _address(table, listen) if listen is not None else None,
        "token_file": token_file,
    }


_ADDRESS = N_('{place} should be an address and a port, such as "127.0.0.1:8470".')


def _address(table: _Table, listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise table.fail("listen", _ADDRESS)
    return host.strip("[]"), int(port)


def _staging(table: _Table) -> dict[str, Any]:
    what = N_('{place} should be a country of two capital letters in quotes, such as "JP".')
    region = table.get("region", str, what)
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        raise table.fail("region", what)
    return {
        "fuse": table.duration("fuse", zero=True),
        "validity": table.duration("validity"),
        "region": region,
    }


def _policy(table: _Table) -> dict[str, Any]:
    what = N_('{place} should be "open", "standard" or "strict".')
    profile = table.get("profile", str, what)
    if profile not in (None, "open", "standard", "strict"):
        raise table.fail("profile", what)
    what = N_("{place} should be a number from 1 to 255, without quotes.")
    max_parts = table.get("max_parts", int, what)
    if max_parts is not None and not 1 <= max_parts <= 255:
        raise table.fail("max_parts", what)
    over_quota = table.get("over_quota", str, _OVER_QUOTA)
    if over_quota not in (None, "hold", "other_sim"):
        raise table.fail("over_quota", _OVER_QUOTA)
    resend = table.categories("resend_uncertain")
    return {
        "profile": profile,
        "max_parts": max_parts,
        "after_hold": table.duration("after_hold"),
        "retry": _retry(table),
        "over_quota": over_quota,
        "resend_uncertain": resend,
    }


_OVER_QUOTA = N_('{place} should be "hold" or "other_sim".')


def _retry(table: _Table) -> tuple[float, ...] | None:
    what = N_('{place} should be a list of durations in quotes, such as ["1m", "5m", "30m"].')
    values = table.words("retry", what)
    try:
        return tuple(parse_duration(value) for value in values) if values is not None else None
    except Invalid as error:
        raise table.fail("retry", what) from error


def _opt_out(table: _Table) -> dict[str, Any]:
    what = N_('{place} should be a list of words in quotes, such as ["STOP", "停止"].')
    stop, start = table.words("stop", what), table.words("start", what)
    applies_to = table.categories("applies_to")
    confirm = table.get("confirm", str, N_("{place} should be a text in quotes.")) or None
    rules = replace(DEFAULT_RULES, stop=stop or (), start=start or (), confirm=confirm)
    if applies_to is not None:
        rules = replace(rules, applies_to=applies_to)
    return {"opt_out": rules if confirm is None else _with_size(table, rules, confirm)}


def _with_size(table: _Table, rules: Rules, confirm: str) -> Rules:
    try:
        made = cut(confirm)
    except PduError as error:
        raise table.fail("confirm", N_("{place} is longer than a message can be.")) from error
    return replace(rules, encoding=made.encoding, parts=len(made.parts))


def _modems(file: Path, rows: list[Any], max_parts: int) -> tuple[ModemConfig, ...]:
    modems: list[ModemConfig] = []
    for number, row in enumerate(rows, 1):
        table = _Table(file, f"[[modem]] no. {number}", row if isinstance(row, dict) else {})
        modem = _modem(table, max_parts)
        for other in modems:
            _differ(table, modem, other)
        modems.append(modem)
    return tuple(modems)


def _differ(table: _Table, modem: ModemConfig, other: ModemConfig) -> None:
    if modem.name == other.name:
        raise table.fail("name", N_('{place}: "{name}" is given twice, and each modem needs its own.'), name=modem.name)
    if modem.port != "auto" and modem.port == other.port:
        raise table.fail("port", N_('{place}: "{port}" is given twice, and each modem has its own.'), port=modem.port)
    if modem.imei is not None and modem.imei == other.imei:
        raise table.fail("imei", N_('{place}: "{imei}" is given twice, and each modem has its own.'), imei=modem.imei)


def _quota(modem: _Table, max_parts: int) -> Quota:
    values = modem.get("quota", dict, _QUOTA, example=_QUOTA_EXAMPLE)
    table = _Table(modem.file, f"{modem.name} quota", values or {})
    # What holds a whole message must be able to hold the longest, or that would wait for ever.
    limits = {
        key: table.count(key, low)
        for key, low in (("minute", 1), ("hour", max_parts), ("day", max_parts), ("month", max_parts))
    }
    quota = Quota(table.duration("gap", zero=True) or 0.0, **limits)
    table.finish()
    return quota


def _modem(table: _Table, max_parts: int) -> ModemConfig:
    name = table.get("name", str, N_('{place} should be a short name in quotes, such as "north".'))
    port = table.get("port", str, _PORT)
    imei = table.get("imei", str, _IMEI)
    what = N_('{place} should be "hang_up" or "ring".')
    calls = table.get("calls", str, what)
    if calls not in (None, "hang_up", "ring"):
        raise table.fail("calls", what)
    modem = ModemConfig(
        name or "",
        port or "",
        imei,
        table.path("pin_file"),
        table.duration("result_timeout"),
        table.duration("recovery") or ModemConfig.recovery,
        _quota(table, max_parts),
        calls or "hang_up",
    )
    table.finish()
    if not name:
        raise table.fail("name", N_('{place} is missing: give a short name, such as "north".'))
    if len(name) > _LONGEST_NAME or not name.isprintable() or "," in name or name != name.strip():
        what = N_("{place} should be {most} characters at most, and hold no comma.")
        raise table.fail("name", what, most=_LONGEST_NAME)
    if not port:
        what = N_('{place} is missing: name the device, such as "/dev/ttyUSB2", or "auto" with an imei.')
        raise table.fail("port", what)
    if port == "auto" and not imei:
        raise table.fail("imei", N_('{place} is missing: "auto" finds a modem by the IMEI printed on it.'))
    if port != "auto" and not port.startswith("/"):
        raise table.fail("port", _PORT)
    if imei is not None and not (imei.isascii() and imei.isdecimal() and len(imei) in (14, 15, 16)):
        raise table.fail("imei", _IMEI)
    return modem


_LONGEST_NAME = 16
_PORT = N_('{place} should be an absolute path in quotes, such as "/dev/ttyUSB2", or "auto" with an imei.')
_IMEI = N_("{place} should be the 15 digits printed on the modem, in quotes.")
_QUOTA = N_("{place} should be a table, such as {example}.")
_QUOTA_EXAMPLE = '{ gap = "3s", minute = 20, day = 200 }'
