"""One row of the table before it is columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from langchain_respmeta.record.draft import Draft


class Row(NamedTuple):
    """One record, or a run that could not be read."""

    draft: Draft
    """With texts. Of a run that could not be read: its ids."""
    problem: str | None = None
    """Why it could not be read, as it may be told."""
    project_id: str | None = None
    run_name: str | None = None
    start_time: int | None = None
    """Microseconds since 1970 in UTC: see `ticks_of`."""
    end_time: int | None = None


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def ticks_of(time: datetime | None) -> int | None:
    """Microseconds since 1970 of a time with its zone."""
    return None if time is None else (time - _EPOCH) // _TICK


def time_of(ticks: int | None) -> datetime | None:
    """The time of `ticks_of`; None beyond the years of Python."""
    try:
        return None if ticks is None else _EPOCH + timedelta(microseconds=ticks)
    except OverflowError:
        return None
