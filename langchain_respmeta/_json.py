"""Anything a provider or user hands over, made safe for JSON without losing what it says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from langchain_respmeta._bounds import INT64, MAX_DEPTH, Budget, LeftOut, copied, is_tame, key_text, type_name

__all__ = ["INT64", "MAX_DEPTH", "as_mapping", "json_safe", "key_text", "writable"]

_PLAIN: Final = frozenset({str, bool, type(None)})


def json_safe(value: Any, budget: Budget | None = None) -> Any:
    """A copy of `value` built of dict, list, str, int, float, bool and None only.

    NaN and infinities become text, integers beyond 64 bits become text, bytes become their length, enums their
    value, pydantic objects their fields, unknown objects the name of their type. What is beyond the budget of values
    and characters, or nested too deep, is left out, with a mark in its place. Never raises.
    """
    kind = type(value)
    if kind in _PLAIN and (kind is not str or budget is None):
        return value
    if kind is int and -INT64 <= value < INT64:
        return value
    if kind is float and math.isfinite(value):
        return value
    if budget is None:
        budget = Budget()
    return _plain_copy(value) if is_tame(value, budget) else copied(value, budget, _leaf)


def _plain_copy(value: Any) -> Any:
    """The same of plain data within the budget: quick, as nothing can happen by the way."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _PLAIN else _plain_copy(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _PLAIN else _plain_copy(item) for item in value]
    return str(value) if kind is float and not math.isfinite(value) else value


def _leaf(value: Any, budget: Budget) -> Any:
    try:
        text = _leaf_text(value)
    except Exception:  # noqa: BLE001 - a stranger's object: whatever it raises, its type still has a name
        text = f"<{type_name(value)}>"
    if type(text) is str and not budget.take_text(len(text)):
        return f"<text of {len(text)} characters left out>"
    return text


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


def writable(text: str) -> str:
    """`text` as UTF-8 can hold it: half a surrogate pair, which a cut stream can leave, becomes `\ufffd`."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def as_mapping(value: Any) -> Mapping[Any, Any] | None:
    """`value` as a mapping if it is one, or a pydantic object; None otherwise."""
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
    except Exception:  # noqa: BLE001 - a stranger's object: whatever its dump raises, it is not a mapping for us
        return None
    return dumped if isinstance(dumped, Mapping) else None
