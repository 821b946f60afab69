"""Values that a typed column can hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.record.plain import INT64, writable
from langchain_respmeta.table.schema import Kind


def fitting(value: Any, kind: Kind) -> Any:
    """`value`, if a column of this kind can hold it; else None. A timestamp is a number of microseconds."""
    return None if value is None else _FITTING[kind](value)


def _string(value: Any) -> str | None:
    return writable(value) if isinstance(value, str) else None


def _int64(value: Any) -> int | None:
    return value if type(value) is int and -INT64 <= value < INT64 else None


def _float64(value: Any) -> float | None:
    if type(value) not in _NUMBERS:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _bool(value: Any) -> bool | None:
    return value if type(value) is bool else None


_NUMBERS: Final = frozenset({int, float, Decimal})
_FITTING: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "string": _string,
    "int64": _int64,
    "float64": _float64,
    "bool": _bool,
    "timestamp": _int64,
}
