"""Points in time as whole microseconds since 1970 in UTC, and how users write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

from langchain_respmeta.errors import SettingsError

Moment: TypeAlias = str | date | datetime | timedelta
"""A date, a time (UTC where it has no zone), or how long ago: `7d`."""

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_AGO: Final = re.compile(r"(\d{1,6})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def micros(moment: datetime) -> int:
    """A time with a zone in microseconds."""
    return (moment - _EPOCH) // _MICROSECOND


def micros_of(span: timedelta) -> int:
    """A span of time in microseconds."""
    return span // _MICROSECOND


def moment_of(us: int) -> datetime:
    """The time of so many microseconds, in UTC."""
    return _EPOCH + us * _MICROSECOND


def iso(us: int) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return moment_of(us).isoformat(timespec="microseconds")


def read_moment(value: Moment, now_us: int, setting: str) -> int:
    """What the user wrote for `setting`, in microseconds.

    Raises:
        SettingsError: It is no time.
    """
    try:
        return max(0, _moment(value, now_us))
    except (ValueError, OverflowError):
        raise SettingsError(
            f"{setting} is a date (2026-01-31), a time (2026-01-31T12:00:00+01:00) or how long ago "
            f"(90m, 12h, 7d, 8w), not {value!r}",
            setting=setting,
        ) from None


def _moment(value: Moment, now_us: int) -> int:
    if isinstance(value, str):
        ago = _AGO.fullmatch(value.strip())
        value = timedelta(**{_UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(value.strip())
    if isinstance(value, timedelta):
        return now_us - micros_of(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return micros(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
