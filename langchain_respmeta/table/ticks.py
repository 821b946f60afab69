"""Times as the table counts them: microseconds since 1970 in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def ticks_of(time: datetime | None) -> int | None:
    """A time with its zone as ticks."""
    return None if time is None else (time - _EPOCH) // _TICK


def time_of(ticks: int | None) -> datetime | None:
    """The time of `ticks_of`, in UTC; None beyond the years of Python."""
    try:
        return None if ticks is None else _EPOCH + timedelta(microseconds=ticks)
    except OverflowError:
        return None


def times_of(column: Iterable[int | None]) -> list[datetime | None]:
    """The times of many; they lie near each other as a rule, and are counted from the first."""
    ticks = [*column]
    first = next((tick for tick in ticks if tick is not None), None)
    base = time_of(first)
    if first is None or base is None:
        return [time_of(tick) for tick in ticks]
    try:
        return [None if tick is None else base + timedelta(0, 0, tick - first) for tick in ticks]
    except OverflowError:
        return [time_of(tick) for tick in ticks]
