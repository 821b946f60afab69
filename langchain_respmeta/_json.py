"""Anything a provider or user hands over, made safe for JSON without losing what it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

MAX_DEPTH: Final = 40
"""Deeper nesting is cut and says so: JSON libraries give up between 250 and 1000 levels."""

INT64: Final = 2**63
"""The first whole number that is too large for most who read JSON."""
_PLAIN: Final = frozenset({str, bool, type(None)})


def json_safe(value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one line for each plain kind
    """A copy of `value` built of dict, list, str, int, float, bool and None only.

    NaN and infinities become text, integers beyond 64 bits become text, bytes become their length, enums their
    value, pydantic objects their fields, unknown objects the name of their type. Never raises.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        return value if -INT64 <= value < INT64 else str(value)
    if kind is float:
        return value if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return f"<nested deeper than {MAX_DEPTH} levels>"
    if isinstance(value, Enum):
        return json_safe(value.value, depth + 1)
    for base, convert in _CONVERTERS:
        if isinstance(value, base):
            return convert(value, depth + 1)
    return _object(value, depth + 1)


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
    if value.__class__ is dict or isinstance(value, Mapping):
        return value  # the first test is the quick one
    dump = getattr(value, "model_dump", None)
    if not callable(dump) or isinstance(value, type):
        return None
    try:
        dumped = dump()
    except Exception:  # noqa: BLE001 - a stranger's object: whatever its dump raises, it is not a mapping for us
        return None
    return dumped if isinstance(dumped, Mapping) else None


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {key if type(key) is str else _key(key): json_safe(item, depth) for key, item in value.items()}


def _key(key: Any) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)


def _sequence(value: Any, depth: int) -> list[Any]:
    return [json_safe(item, depth) for item in value]


def _object(value: Any, depth: int) -> Any:
    fields = as_mapping(value)
    if fields is not None:
        return _mapping(fields, depth)
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


_CONVERTERS: Final[tuple[tuple[Any, Callable[[Any, int], Any]], ...]] = (
    (Mapping, _mapping),
    ((list, tuple, set, frozenset), _sequence),
    (str, lambda value, _: str(value)),
    (int, lambda value, depth: json_safe(int(value), depth)),
    (float, lambda value, depth: json_safe(float(value), depth)),
    ((bytes, bytearray, memoryview), lambda value, _: f"<{len(value)} bytes>"),
    ((datetime, date), lambda value, _: value.isoformat()),
    ((Decimal, UUID), lambda value, _: str(value)),
)
