"""Make foreign values safe for JSON, with as little loss as possible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from langchain_respmeta.record.bounds import (
    INT64,
    MAX_DEPTH,
    Budget,
    LeftOut,
    copied,
    is_tame,
    key_text,
    type_name,
    writable,
)

__all__ = ["INT64", "MAX_DEPTH", "as_mapping", "json_safe", "key_text", "writable"]

_CONSTANT: Final = frozenset({bool, type(None)})
_PLAIN: Final = _CONSTANT | {str}


def json_safe(value: Any, budget: Budget | None = None) -> Any:
    """A copy of `value` of dict, list, str, int, float, bool and None only.

    NaN and infinities become text, integers beyond 64 bits become text, bytes become their length, enums their
    value, pydantic objects their fields, unknown objects the name of their type; texts are valid UTF-8. What exceeds the
    budget or is nested too deep is replaced by a mark.
    Never raises.
    """
    kind = type(value)
    if kind is str and budget is None:
        return writable(value)
    if _is_json(value, kind):
        return value
    if budget is None:
        budget = Budget()
    return plain_copy(value) if is_tame([value], budget) else copied(value, budget, _leaf)


def plain_copy(value: Any) -> Any:
    """The same for plain data (see `is_tame`), faster."""
    kind = value.__class__
    if kind is str:
        return value if value.isascii() else writable(value)
    if kind is dict:
        return {key if key.isascii() else writable(key): plain_copy(item) for key, item in value.items()}
    if kind is list:
        return [plain_copy(item) for item in value]
    return value if _is_json(value, kind) else copied(value, Budget(), _leaf)


def _is_json(value: Any, kind: type[Any]) -> bool:
    """Whether a value that is neither holder nor text is JSON."""
    if kind is int:
        return bool(-INT64 <= value < INT64)
    return math.isfinite(value) if kind is float else kind in _CONSTANT


def _leaf(value: object, budget: Budget) -> object:
    try:
        text = _leaf_text(value)
    except Exception:  # noqa: BLE001 - a foreign object may raise anything: its type has a name
        text = f"<{type_name(value)}>"
    if type(text) is not str:
        return text
    return writable(text) if budget.take_text(len(text)) else f"<text of {len(text)} characters left out>"


def _leaf_text(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else str(value)
    if kind is LeftOut:
        return value.what
    if issubclass(kind, Enum):
        inner = value.value
        return f"<{type_name(value)}>" if issubclass(type(inner), Enum) else json_safe(inner)
    if issubclass(kind, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if issubclass(kind, datetime | date):
        return value.isoformat()
    return str(value) if issubclass(kind, int | Decimal | UUID) else f"<{type_name(value)}>"


def as_mapping(value: Any) -> Mapping[Any, Any] | None:
    """`value` as a mapping, if it is one or a pydantic object; else None."""
    if type(value) is dict or issubclass(type(value), Mapping):  # the first test is the quick one
        mapping: Mapping[Any, Any] = value
        return mapping
    if type(value) in _PLAIN or type(value) is LeftOut:
        return None
    try:
        dump = getattr(value, "model_dump", None)
        if not callable(dump) or isinstance(value, type):
            return None
        dumped = dump()
    except Exception:  # noqa: BLE001 - a foreign dump may raise anything: then it is no mapping
        return None
    return dumped if isinstance(dumped, Mapping) else None
