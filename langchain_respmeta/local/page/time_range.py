"""A time range in an address: `since` and `until`, each a time or how long ago (`24h`, `7d`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException

from langchain_respmeta.local import times

_AGO: Final = re.compile(r"(\d{1,6})([mhdw])")
_UNIT_US: Final = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Runs that started from `since` on and before `until`, as the address has them; empty is open."""

    since: str = ""
    until: str = ""

    def bounds(self) -> tuple[int | None, int | None]:
        """Both in microseconds; what is relative, from now."""
        return _micros(self.since), _micros(self.until)


ANY_TIME: Final = TimeRange()


def read_time_range(since: str, until: str) -> TimeRange:
    """Read both.

    Raises:
        HTTPException: 400 with the form of a time.
    """
    for text in (since, until):
        _micros(text)
    return TimeRange(since.strip(), until.strip())


def _micros(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if ago := _AGO.fullmatch(text):
        return times.now() - int(ago[1]) * _UNIT_US[ago[2]]
    try:
        return times.parse(text)
    except (ValueError, OverflowError, OSError) as exc:
        raise HTTPException(
            400,
            f"{text!r} is no time: write 2026-11-28, 2026-11-28T09:30 (in UTC unless it says otherwise), or 24h, 7d",
        ) from exc
