"""The period of a report, and the one before it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from langchain_respmeta.charts.source import Source
from langchain_respmeta.charts.times import period
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.moments import Moment, moment_of, read_moment

LONGEST_CALL: Final = timedelta(hours=1)
"""A call that ended in a period began at most so long before it."""
_MICROSECONDS: Final = 1_000


def within(source: Source, since: Moment | None, until: Moment | None) -> Source:
    """Return the calls of a period; what has no zone is a time of the source's.

    Raises:
        SettingsError: One is no time, or the period ends before it begins.
    """
    first, last = (_read(value, name, source.zone) for value, name in ((since, "since"), (until, "until")))
    if first is not None and last is not None and first >= last:
        raise SettingsError(
            f"until is after since: {first:%Y-%m-%d %H:%M} is not before {last:%Y-%m-%d %H:%M}",
            setting="until",
        )
    return source.between(first, last)


def reach(
    since: Moment | None, until: Moment | None, zone: str, *, with_previous: bool
) -> tuple[datetime | None, datetime | None]:
    """Return from when to when calls have to start so that all that ended in a period are among them.

    Args:
        since: Beginning of the period.
        until: Its end.
        zone: Of times that have none.
        with_previous: Whether the period before is to be compared.

    Raises:
        SettingsError: One is no time, or `zone` no zone.
    """
    first, last = (_read(value, name, zone) for value, name in ((since, "since"), (until, "until")))
    if first is None:
        return None, last
    length = (last or datetime.now(tz=UTC)) - first
    return first - (length if with_previous else timedelta()) - LONGEST_CALL, last


def previous(source: Source) -> Source:
    """Return the calls of the period before a source's, as long as it.

    Raises:
        SettingsError: The source has all calls: nothing is before them.
    """
    if source.since is None:
        raise SettingsError(
            "the previous period needs a period: tell since when, as --since 7d", setting="since"
        )
    ends = None if source.until else period(source)
    until = source.until or (ends[1] if ends else source.since)
    return source.between(source.since - (until - source.since), source.since)


def _read(value: Moment | None, setting: str, zone: str) -> datetime | None:
    if value is None:
        return None
    found = moment_of(read_moment(value, time.time_ns() // _MICROSECONDS, setting))
    return found.replace(tzinfo=ZoneInfo(zone)) if _lacks_zone(value) else found


def _lacks_zone(value: Moment) -> bool:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:  # how long ago
            return False
    return value.tzinfo is None if isinstance(value, datetime) else isinstance(value, date)
