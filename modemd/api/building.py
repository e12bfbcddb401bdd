"""Decoded JSON → the dataclasses of the schemas, and back to what is asked."""

import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def build(kind: type[T], value: Any) -> T:
    """A schema dataclass from decoded JSON; fields it does not know are left out."""
    return typing.cast(T, _build(kind, value))


def _build(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _build(next(k for k in typing.get_args(kind) if k is not types.NoneType), value)
    if origin is list:
        (item,) = typing.get_args(kind)
        return [_build(item, each) for each in value]
    if origin is tuple:
        return tuple(value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{f.name: _build(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    return value


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def given(**values: Any) -> dict[str, Any]:
    """Without what was left out."""
    return {name: value for name, value in values.items() if value is not None}
