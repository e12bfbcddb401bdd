"""One table of the configuration under reading. A mistake names file, key and cure."""

from pathlib import Path
from typing import Any

from drivers.words import N_
from modemd.model.durations import parse_duration
from modemd.model.errors import ConfigError, Invalid
from modemd.model.message import CATEGORIES


class Table:
    """One TOML table under reading: what is asked for, and what nobody asked for."""

    def __init__(self, file: Path, name: str, values: dict[str, Any]) -> None:
        self.file, self.name = file, name
        self._place, self._values = f"{file}: {name}".rstrip(), values
        self._known: list[str] = []

    def fail(self, key: str, template: str, **values: object) -> ConfigError:
        """`template` begins with {place}, so that it is translated whole."""
        return ConfigError(template, place=f"{self._place} {key}", **values)

    def get(self, key: str, kind: type, otherwise: str, **values: object) -> Any:
        """Raises ConfigError: `otherwise`, which says what it should be."""
        self._known.append(key)
        value = self._values.get(key)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise self.fail(key, otherwise, **values)
        return value

    def section(self, key: str) -> "Table | None":
        """A table in this one."""
        values = self.get(key, dict, N_("{place} should be a table, headed by its name in [ ]."))
        return None if values is None else Table(self.file, f"[{key}]", values)

    def path(self, key: str) -> Path | None:
        value = self.get(key, str, N_('{place} should be a path in quotes, such as "/var/lib/modemd".'))
        if value is not None and not value.startswith("/"):
            raise self.fail(key, N_("{place} should be an absolute path, beginning with /."))
        return Path(value) if value is not None else None

    def words(self, key: str, what: str) -> tuple[str, ...] | None:
        """A list of strings. Raises ConfigError: `what`."""
        values = self.get(key, list, what)
        if values is not None and not all(isinstance(value, str) for value in values):
            raise self.fail(key, what)
        return tuple(values) if values is not None else None

    def categories(self, key: str) -> tuple[str, ...] | None:
        what = N_('{place} should be a list out of "service", "promotional" and "emergency".')
        found = self.words(key, what)
        if found is not None and not set(found) <= set(CATEGORIES):
            raise self.fail(key, what)
        return found

    def count(self, key: str, low: int) -> int | None:
        what = N_("{place} should be a number from {low} on, without quotes.")
        value = self.get(key, int, what, low=low)
        if value is not None and value < low:
            raise self.fail(key, what, low=low)
        return value if value is None else int(value)

    def flag(self, key: str) -> bool | None:
        self._known.append(key)
        value = self._values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.fail(key, N_("{place} should be true or false, without quotes."))
        return value

    def duration(self, key: str, *, zero: bool = False) -> float | None:
        what = N_('{place} should be a duration in quotes, such as "10s", "300ms", "2m" or "1h".')
        value = self.get(key, str, what)
        try:
            seconds = parse_duration(value) if value is not None else None
        except Invalid as error:
            raise self.fail(key, what) from error
        if seconds == 0 and not zero:
            raise self.fail(key, N_("{place} should be more than 0."))
        return seconds

    def finish(self) -> None:
        """Refuse what nobody knows, with the nearest key that exists."""
        for key in self._values:
            if key not in self._known:
                import difflib  # for whoever has mistyped

                near = difflib.get_close_matches(key, self._known, 1, cutoff=0.5)
                if near:
                    raise self.fail(key, N_("{place} is unknown. Did you mean {near}?"), near=near[0])
                known = ", ".join(self._known)
                raise self.fail(key, N_("{place} is unknown. Known here: {known}."), known=known)
