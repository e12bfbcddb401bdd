"""As much of udev(7)'s rule language as our rules use, run over a device that is not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

_TOKEN = re.compile(r'\s*([A-Z]+)(?:\{([^}]+)\})?\s*(==|!=|\+=|=)\s*"([^"]*)"\s*(?:,|$)')
_KEYS = {"ACTION", "KERNEL", "DEVPATH", "SUBSYSTEM", "SUBSYSTEMS", "ATTRS", "ENV", "TEST"}
_KEYS |= {"ATTR", "SYMLINK", "GOTO", "LABEL"}  # these are set, or jumped to
_VALUE = re.compile(r"\$(env|attr)\{([^}]+)\}")

Rule = list[tuple[str, str, str, str]]  # (key, name in braces or "", operator, value) of each token


@dataclass(frozen=True)
class Node:
    """A device in sysfs."""

    subsystem: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Event:
    """What udev knows when the rules begin, and what they make of it."""

    action: str
    devpath: str
    node: Node
    parents: tuple[Node, ...]  # the nearest first
    properties: dict[str, str]
    links: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)  # attribute → what was written to it
    _parent: Node | None = None  # the one that the rule under way has matched

    def run(self, rules: str) -> "Event":
        """Raises ValueError for what this language has not."""
        lines = _lines(rules)
        labels = {value: at for at, rule in enumerate(lines) for key, _, _, value in rule if key == "LABEL"}
        at = 0
        while at < len(lines):
            rule, at = lines[at], at + 1
            if self._matches(rule):
                for key, name, operator, value in rule:
                    if key == "GOTO":
                        at = labels[value]
                    elif operator in ("=", "+="):
                        self._set(key, name, operator, self._expanded(value))
        return self

    def _matches(self, rule: Rule) -> bool:
        tests = [token for token in rule if token[2] in ("==", "!=")]
        upwards = [token for token in tests if token[0] in ("SUBSYSTEMS", "ATTRS")]
        self._parent = None
        if upwards:  # all of one rule at one and the same device
            nodes = (self.node, *self.parents)
            self._parent = next((node for node in nodes if all(_holds(node, *token) for token in upwards)), None)
        found = self._parent is not None or not upwards
        return found and all(self._is(*token) for token in tests if token not in upwards)

    def _is(self, key: str, name: str, operator: str, pattern: str) -> bool:
        match key:
            case "ACTION":
                value = self.action
            case "KERNEL":
                value = self.devpath.rpartition("/")[2]
            case "DEVPATH":
                value = self.devpath
            case "SUBSYSTEM":
                value = self.node.subsystem
            case "ENV":
                value = self.properties.get(name, "")
            case "TEST":
                return (pattern in self.node.attributes) is (operator == "==")
            case _:
                raise ValueError(f"{key} is not compared here")
        return _fits(value, operator, pattern)

    def _set(self, key: str, name: str, operator: str, value: str) -> None:
        match key, operator:
            case "LABEL", "=":
                pass
            case "ENV", "=":
                self.properties[name] = value
            case "ATTR", "=":
                self.written[name] = value
            case "SYMLINK", "+=":
                self.links.add(value)
            case _:
                raise ValueError(f"{key} is not set by {operator} here")

    def _expanded(self, value: str) -> str:
        def one(found: re.Match[str]) -> str:
            kind, name = found.groups()
            if kind == "env":
                return self.properties.get(name, "")
            places = [node for node in (self.node, self._parent) if node is not None]
            return next((node.attributes[name] for node in places if name in node.attributes), "")

        return _VALUE.sub(one, value)


def _holds(node: Node, key: str, name: str, operator: str, pattern: str) -> bool:
    if key == "SUBSYSTEMS":
        return _fits(node.subsystem, operator, pattern)
    return name in node.attributes and _fits(node.attributes[name], operator, pattern)


def _fits(value: str, operator: str, pattern: str) -> bool:
    return any(fnmatchcase(value, each) for each in pattern.split("|")) is (operator == "==")


@cache
def _lines(rules: str) -> list[Rule]:
    return list(_parsed(rules))


def _parsed(rules: str) -> Iterator[Rule]:
    for line in rules.replace("\\\n", "").splitlines():
        if line.strip() and not line.startswith("#"):
            tokens = [tuple(found.groups("")) for found in _TOKEN.finditer(line)]
            if _TOKEN.sub("", line).strip() or not {key for key, *_ in tokens} <= _KEYS:
                raise ValueError(f"not understood: {line}")
            yield [(key, name, operator, value) for key, name, operator, value in tokens]
