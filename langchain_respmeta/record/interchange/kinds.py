"""Kinds of values in other libraries' shapes: check, read and write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.plain import as_mapping

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI: Final = 3
_LARGEST_EXACT: Final = 2.0**53


class Kind(NamedTuple):
    """One kind of value: its name in errors, reader and writer. `read` raises ValueError on other kinds."""

    expected: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value


def read(kind: Kind, value: Any, field: str) -> Any:
    """`value` as the record holds it; None stays None.

    Raises:
        RecordError: it is not of the kind; `.field` is `field`.
    """
    if value is None:
        return None
    try:
        return kind.read(value)
    except (ValueError, OverflowError):
        raise wrong(field, kind.expected, value) from None


def wrong(field: str, expected: str, value: Any) -> RecordError:
    """The error for a value of another kind. It names only the value's type: the value may be content."""
    got = "nothing" if value is None else type(value).__name__
    return RecordError(f"{field}: expected {expected}, got {got}. Correct it at its source.", field=field)


def written(kind: Kind, value: Any) -> Any:
    """`value` in the other shape; None if reading it again would change it."""
    if value is None:
        return None
    told = kind.write(value)
    try:
        return told if told is not None and kind.read(told) == value else None
    except (ValueError, OverflowError):
        return None


def _only(*kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError
        return value

    return check


def _mapping(value: Any) -> Mapping[str, Any]:
    """A mapping or a pydantic object: Agno's `to_dict()` does not convert its `Citations`."""
    found = as_mapping(value)
    if found is None:
        raise ValueError
    return found


def _whole(value: Any) -> int:
    number = _only(int, float, Decimal)(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _number(value: Any) -> float:
    number = _only(int, float, Decimal)(value)
    if not math.isfinite(number):
        raise ValueError
    return float(number)


def _decimal(value: Any) -> Decimal:
    """Exact: a float counts as its shortest text, `0.1`, not as the nearest binary fraction."""
    told = _only(int, float, Decimal, str)(value)
    try:
        found = Decimal(repr(told) if isinstance(told, float) else told)
    except InvalidOperation:
        raise ValueError from None
    if not found.is_finite():
        raise ValueError
    return found


def plain_decimal(value: Decimal) -> float | str | None:
    """A decimal as JSON's number where that holds it exactly, else as text."""
    if not value.is_finite():
        return None
    number = float(value)
    return number if math.isfinite(number) and Decimal(repr(number)) == value else str(value)


def _of_milliseconds(value: Any) -> float:
    return float(Decimal(repr(_number(value))).scaleb(-_MILLI))


def _to_milliseconds(seconds: float) -> int | float | None:
    if not math.isfinite(seconds):
        return None
    found = float(Decimal(repr(float(seconds))).scaleb(_MILLI))
    return int(found) if abs(found) < _LARGEST_EXACT and found.is_integer() else found


def _of_unix(value: Any) -> datetime:
    return _EPOCH + timedelta(seconds=_number(value))


def _to_unix(value: datetime) -> int:
    return (_utc(value) - _EPOCH) // timedelta(seconds=1)


def _of_iso(value: Any) -> datetime:
    return _utc(datetime.fromisoformat(_only(str)(value)))


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


TEXT: Final = Kind("text", _only(str))
FLAG: Final = Kind("true or false", _only(bool))
WHOLE: Final = Kind("a whole number", _whole)
NUMBER: Final = Kind("a number", _number, lambda value: value if math.isfinite(value) else None)
MONEY: Final = Kind('an amount, as a number or as text such as "0.0012"', _decimal, plain_decimal)
MILLISECONDS: Final = Kind("a number of milliseconds", _of_milliseconds, _to_milliseconds)
UNIX_TIME: Final = Kind("a Unix time in seconds", _of_unix, _to_unix)
ISO_TIME: Final = Kind(
    "a time in ISO 8601, such as 2024-07-15T23:33:19+00:00", _of_iso, lambda value: _utc(value).isoformat()
)
MAPPING: Final = Kind("an object", _mapping)
LIST: Final = Kind("a list", _only(list, tuple))
