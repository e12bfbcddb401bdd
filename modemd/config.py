"""The configuration: TOML → frozen dataclasses, checked once. A mistake names file, key and cure."""

import difflib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import phonenumbers

from drivers.words import N_
from modemd.model.durations import parse_duration
from modemd.model.errors import ConfigError, Invalid

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
    modems: tuple[ModemConfig, ...] = ()


class _Table:
    """One TOML table under reading: what is asked for, and what nobody asked for."""

    def __init__(self, file: Path, name: str, values: dict[str, Any]) -> None:
        self._file, self._name, self._values = file, name, values
        self._known: list[str] = []

    def fail(self, key: str, template: str, **values: object) -> ConfigError:
        place = f"{self._file}: [{self._name}] {key}"
        return ConfigError("{place}: " + template, place=place, **values)

    def get(self, key: str, kind: type, what: str) -> Any:
        self._known.append(key)
        value = self._values.get(key)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise self.fail(key, N_("should be {what}."), what=what)
        return value

    def path(self, key: str) -> Path | None:
        value = self.get(key, str, 'a path in quotes, such as "/var/lib/modemd"')
        if value is not None and not value.startswith("/"):
            raise self.fail(key, N_("should be an absolute path, beginning with /."))
        return Path(value) if value is not None else None

    def duration(self, key: str) -> float | None:
        value = self.get(key, str, 'a duration in quotes, such as "10s", "300ms", "2m" or "1h"')
        try:
            return parse_duration(value) if value is not None else None
        except Invalid as error:
            raise self.fail(key, "{why}", why=error) from error

    def finish(self) -> None:
        """Refuse what nobody knows, with the nearest key that exists."""
        for key in self._values:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                if near:
                    raise self.fail(key, N_("is unknown. Did you mean {near}?"), near=near[0])
                raise self.fail(key, N_("is unknown. Known here: {known}."), known=", ".join(self._known))


def load(file: Path) -> Config:
    """Raises ConfigError."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            N_("There is no configuration at {file}: write one, or name another with --config."), file=file
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(N_("{file} cannot be read: {why}."), file=file, why=error) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(N_("{file} is not TOML: {why}."), file=file, why=error) from error
    return _read(file, values)


def _read(file: Path, values: dict[str, Any]) -> Config:
    top = _Table(file, "", values)
    found: dict[str, Any] = {}
    readers: dict[str, Callable[[_Table], dict[str, Any]]] = {
        "daemon": _daemon,
        "staging": _staging,
        "policy": _policy,
    }
    for name, reader in readers.items():
        section = _Table(file, name, top.get(name, dict, f"a table: [{name}]") or {})
        found |= {key: value for key, value in reader(section).items() if value is not None}
        section.finish()
    found["modems"] = _modems(file, top.get("modem", list, "a list of tables: [[modem]]") or [])
    top.finish()
    return Config(**found)


def _daemon(table: _Table) -> dict[str, Any]:
    socket = table.path("socket")
    if socket is not None and len(str(socket)) > _LONGEST_SOCKET_PATH:
        raise table.fail("socket", N_("is too long: at most {most} characters."), most=_LONGEST_SOCKET_PATH)
    listen = table.get("listen", str, 'an address and a port, such as "127.0.0.1:8470"')
    token_file = table.path("token_file")
    if listen is not None and token_file is None:
        raise table.fail("listen", N_('needs a token: set token_file = "/etc/modemd/token" beside it.'))
    return {
        "state_dir": table.path("state_dir"),
        "socket": socket,
        "listen": _address(table, listen) if listen is not None else None,
        "token_file": token_file,
    }


def _address(table: _Table, listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise table.fail("listen", N_('should be an address and a port, such as "127.0.0.1:8470".'))
    return host.strip("[]"), int(port)


def _staging(table: _Table) -> dict[str, Any]:
    region = table.get("region", str, 'a country in quotes, such as "JP"')
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        raise table.fail("region", N_('should be a country of two letters, such as "JP".'))
    return {"fuse": table.duration("fuse"), "validity": table.duration("validity"), "region": region}


def _policy(table: _Table) -> dict[str, Any]:
    profile = table.get("profile", str, '"open", "standard" or "strict"')
    if profile not in (None, "open", "standard", "strict"):
        raise table.fail("profile", N_('should be "open", "standard" or "strict".'))
    max_parts = table.get("max_parts", int, "a number from 1 to 255")
    if max_parts is not None and not 1 <= max_parts <= 255:
        raise table.fail("max_parts", N_("should be a number from 1 to 255."))
    return {"profile": profile, "max_parts": max_parts}


def _modems(file: Path, rows: list[Any]) -> tuple[ModemConfig, ...]:
    modems: list[ModemConfig] = []
    for row in rows:
        table = _Table(file, "[modem]", row if isinstance(row, dict) else {})
        modem = _modem(table)
        if any(modem.name == other.name for other in modems):
            raise table.fail("name", N_('"{name}" is given twice: each modem needs its own.'), name=modem.name)
        if modem.port != "auto" and any(modem.port == other.port for other in modems):
            raise table.fail("port", N_('"{port}" is given twice.'), port=modem.port)
        modems.append(modem)
    return tuple(modems)


def _modem(table: _Table) -> ModemConfig:
    name = table.get("name", str, 'a short name in quotes, such as "north"')
    port = table.get("port", str, 'a path in quotes, or "auto" with an imei')
    imei = table.get("imei", str, "15 digits in quotes")
    modem = ModemConfig(name or "", port or "", imei, table.path("pin_file"), table.duration("result_timeout"))
    table.finish()
    if not name or len(name) > 16 or not name.isprintable() or "," in name:
        raise table.fail("name", N_("is missing, or longer than 16 characters."))
    if not port:
        raise table.fail("port", N_('is missing: name the device, such as "/dev/ttyUSB2", or "auto" with an imei.'))
    if port == "auto" and not imei:
        raise table.fail("imei", N_('is missing: "auto" finds a modem by the IMEI printed on it.'))
    if port != "auto" and not port.startswith("/"):
        raise table.fail("port", N_("should be an absolute path, beginning with /."))
    if imei is not None and not (imei.isdecimal() and len(imei) in (14, 15, 16)):
        raise table.fail("imei", N_("should be 15 digits."))
    return modem
