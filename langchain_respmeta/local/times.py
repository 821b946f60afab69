"""Times as whole microseconds since 1970 in UTC: exact, sortable and cheap to index."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A number above this cannot be seconds (it would be after the year 2600): it is milliseconds.
_LARGEST_SECONDS = 2e10
_DOTTED_STAMP = re.compile(r"(\d{8}T\d{6})(\d{1,6})Z")


def now() -> int:
    """The present moment."""
    return time.time_ns() // 1000


def parse(value: object) -> int:
    """Read an ISO 8601 text (naive means UTC), or epoch seconds or milliseconds.

    Raises:
        ValueError: When `value` is none of these.
        OverflowError: When it lies outside the years 1 to 9999 of UTC.
    """
    if isinstance(value, str):
        return _from_datetime(datetime.fromisoformat(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value if abs(value) < _LARGEST_SECONDS else value / 1000
        return _from_datetime(datetime.fromtimestamp(seconds, tz=UTC))
    raise ValueError(f"{value!r} is not a time")


def iso(micros: int | None) -> str | None:
    """ISO 8601 in UTC, or None for None."""
    if micros is None:
        return None
    return (_EPOCH + micros * _MICROSECOND).isoformat(timespec="microseconds")


def of_dotted_order(dotted_order: str) -> int | None:
    """The start time that the last segment of a `dotted_order` carries."""
    match = _DOTTED_STAMP.match(dotted_order.rsplit(".", 1)[-1])
    if match is None:
        return None
    try:
        stamp = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return _from_datetime(stamp) + int(match[2].ljust(6, "0"))


def dotted_segment(micros: int, run_id: str) -> str:
    """One segment of a `dotted_order`, as the LangSmith SDK writes it."""
    return (_EPOCH + micros * _MICROSECOND).strftime("%Y%m%dT%H%M%S%fZ") + run_id


def _from_datetime(moment: datetime) -> int:
    aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND
