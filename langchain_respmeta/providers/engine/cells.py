"""The cells of a provider's table: where a value goes in the record, and how it is read.

A table maps a dotted path in the provider's data to a `Cell`. Several paths may name one destination: the first that
holds a value wins, in the order `usage_metadata`, `response_metadata`, `additional_kwargs`; within one of them a cell
made with `spare(...)` counts only where no other holds one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, cast

from langchain_respmeta.providers.engine.symbols import noted
from langchain_respmeta.record.plain import INT64

Read: TypeAlias = Callable[[Any], Any]
Mode: TypeAlias = Literal["set", "extend", "keep", "ignore"]


class Unreadable(ValueError):  # noqa: N818 - it becomes a warning of the record, never an error
    """A value is not what its cell expects; the text names what was expected."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One row's right side."""

    to: str
    """Destination: a dotted path in the record; empty for `keep` and `ignore`."""
    read: Read
    mode: Mode = "set"
    spare: bool = False


Cells: TypeAlias = Mapping[str, Cell]


# --- readers of one value -------------------------------------------------------------------------------------------


def read_text(value: object) -> str:
    """A string; enums give their value."""
    if type(value) is str:
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return str(value)
    raise Unreadable("text")


def read_word(value: object) -> str:
    """A string, or a number that stands for one (Vertex sends enums as integers)."""
    if isinstance(value, int) and not isinstance(value, bool | Enum):
        if not -INT64 <= value < INT64:
            raise Unreadable("a word, or a number that stands for one")
        return str(value)
    return read_text(value)


def read_count(value: object) -> int:
    """A whole number of things, never negative; `12.0` and `"12"` are whole numbers too."""
    number: Any
    if value.__class__ is int:
        number = value
    elif isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable("a count")
    else:
        number = noted(_whole, value)
    if number < 0:
        raise Unreadable("a count of 0 or more")
    if number >= INT64:  # one such number keeps the whole run out of LangSmith
        raise Unreadable("a count that JSON can carry")
    return cast("int", number)


def _whole(value: float | str) -> int:
    if isinstance(value, str):
        if not value.strip().isdecimal() or len(value) > 30:
            raise Unreadable("a count")
        return int(value)
    if not math.isfinite(value) or value != int(value):
        raise Unreadable("a whole number")
    return int(value)


def read_number(value: object) -> float:
    """A finite number; a list of one number counts as that number (Bedrock)."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable("a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Unreadable("a number") from None
    if not math.isfinite(number):
        raise Unreadable("a finite number")
    return number


def read_duration(value: object) -> float:
    """A duration, not negative, in the unit that came."""
    number = read_number(value)
    if number < 0:
        raise Unreadable("a duration of 0 or more")
    return number


def _scaled(factor: float) -> Read:
    return lambda value: read_duration(value) / factor


MAX_DIGITS: Final = 40
"""Of an amount of money, before or behind the point."""


def read_money(value: object) -> Decimal:
    """A finite amount, exactly as written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Unreadable("an amount of money")
    try:
        amount = Decimal(str(value))
    except (InvalidOperation, ValueError):  # the latter for a whole number of thousands of digits
        raise Unreadable("an amount of money") from None
    if not amount.is_finite():
        raise Unreadable("a finite amount of money")
    if abs(amount.adjusted()) > MAX_DIGITS or len(amount.as_tuple().digits) > 2 * MAX_DIGITS:
        raise Unreadable("an amount of money that somebody could pay")
    return amount


def read_flag(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise Unreadable("true or false")


def read_time(value: object) -> datetime:
    """Seconds since 1970 or ISO 8601 text, as UTC."""
    try:
        if isinstance(value, datetime):
            return _in_utc(value)
        if isinstance(value, str):
            # Ollama sends nanoseconds; datetime takes six digits at most.
            return _in_utc(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value)))
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            # A few vendors count in milliseconds.
            return datetime.fromtimestamp(value / 1e3 if value >= _MILLIS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Unreadable("a time")


_MILLIS_FROM: Final = 1e11


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_SPAN_UNITS: Final = (86400.0, 3600.0, 60.0, 1.0, 0.001)


def read_span(value: object) -> float:
    """Seconds from a number or from text such as `6m0s`, `120ms`, `1h2m3.5s` (rate-limit headers)."""
    if not isinstance(value, str):
        return read_duration(value)
    text = value.strip()
    try:
        return read_duration(text)
    except Unreadable:
        match = _SPAN.fullmatch(text)
        if not text or match is None:
            raise Unreadable("a duration") from None
        return sum(float(part) * unit for part, unit in zip(match.groups(), _SPAN_UNITS, strict=True) if part)


# --- cells -----------------------------------------------------------------------------------------------------------


def text(to: str) -> Cell:
    """Text, unchanged; empty text is no value."""
    return Cell(to, _text_or_none)


def verbatim(to: str) -> Cell:
    """Text as it came, empty text too: for fields where empty is what some providers always send."""
    return Cell(to, read_text)


def _text_or_none(value: object) -> str | None:
    return value or None if type(value) is str else read_text(value) or None


def word(to: str) -> Cell:
    """A word of the provider's vocabulary; empty text is no value."""
    return Cell(to, _word_or_none)


def _word_or_none(value: object) -> str | None:
    return value or None if type(value) is str else read_word(value) or None


AS_IT_IS: Final[Mapping[Read, type]] = {_text_or_none: str, _word_or_none: str, read_count: int}
"""Reader of a value → the type of which most values are taken as they come: text that is not empty, a count in range."""


def count(to: str) -> Cell:
    """A count."""
    return Cell(to, read_count)


def seconds(to: str) -> Cell:
    """A duration in seconds."""
    return Cell(to, read_duration)


def millis(to: str) -> Cell:
    """A duration in milliseconds."""
    return Cell(to, _scaled(1e3))


def nanos(to: str) -> Cell:
    """A duration in nanoseconds."""
    return Cell(to, _scaled(1e9))


def number(to: str) -> Cell:
    """Any finite number."""
    return Cell(to, read_number)


def money(to: str) -> Cell:
    """An amount in USD."""
    return Cell(to, read_money)


def flag(to: str) -> Cell:
    """True or false."""
    return Cell(to, read_flag)


def moment(to: str) -> Cell:
    """A point in time; 0 and empty text are no value."""
    return Cell(to, _time_or_none)


def _time_or_none(value: object) -> datetime | None:
    return read_time(value) if value else None


def using(to: str, read: Read) -> Cell:
    """A value that needs a small function of its own; it returns None where there is no value."""
    return Cell(to, read)


def each(to: str, read: Callable[[Any], list[dict[str, Any]]]) -> Cell:
    """A value that adds items to one of the record's lists."""
    return Cell(to, read, mode="extend")


def spare(cell: Cell) -> Cell:
    """The same, counted only where no other path gave a value."""
    return replace(cell, spare=True)


def _as_is(value: object) -> Any:
    return value


CONTENT: Final = Cell("", _as_is, mode="ignore")
"""Known, and text of the answer: it stays in the message, records hold facts."""

KEEP: Final = Cell("", _as_is, mode="keep")
"""Known, without a field of its own: it stays in `provider_data`."""

IGNORE: Final = Cell("", _as_is, mode="ignore")
"""Known, and already in the record by another way."""
