"""Format values for the page: numbers, durations, money, times, tones of badges.

Shorter than `record.views.format`, whose text is exact and ASCII.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeGuard
from zlib import crc32

from langchain_respmeta.local import times
from langchain_respmeta.record.vocabulary import FINISHES

NOTHING: Final = "\N{EN DASH}"

_HUES: Final = ("green", "blue", "indigo", "violet", "magenta", "red", "clay", "orange", "amber", "teal")

# From where on a unit is used (before rounding would give 1000 of the one below), the unit, its letter.
_UNITS: Final = ((999.5e6, 1e9, "B"), (999.5e3, 1e6, "M"), (1e4, 1e3, "k"))


def count(value: object) -> str:
    """A whole number with separators."""
    return f"{value:,.0f}" if is_number(value) else NOTHING


def short_count(value: object) -> str:
    """A large number in three digits: 12.3k, 4.56M."""
    if not is_number(value):
        return NOTHING
    for least, unit, letter in _UNITS:
        if abs(value) >= least:
            scaled = value / unit
            return f"{scaled:,.0f}{letter}" if abs(scaled) >= 999.5 else f"{scaled:.3g}{letter}"
    return f"{value:,.0f}"


def money(value: object) -> str:
    """US dollars, with as many decimals as small amounts need."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return NOTHING
    if not amount.is_finite():
        return NOTHING
    if amount == 0:
        return "$0"
    if abs(amount) >= 1:
        return f"${amount:,.2f}"
    # Three significant digits, however small.
    digits = min(12, 2 - amount.adjusted())
    return f"${amount:.{digits}f}"


def seconds(value: object) -> str:
    """A duration: 840 ms, 1.24 s, 2 m 05 s."""
    if not is_number(value):
        return NOTHING
    if abs(value) < 1:
        return f"{value * 1000:.0f} ms" if abs(value) >= 0.01 or value == 0 else f"{value * 1000:.2g} ms"
    if abs(value) < 100:
        return f"{value:.2f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} m {rest:02d} s"


def share(value: object) -> str:
    """A share of one as a percentage."""
    if not is_number(value):
        return NOTHING
    percent = value * 100
    return f"{percent:.1f}%" if 0 < percent < 10 else f"{percent:.0f}%"


def size(value: object) -> str:
    """Bytes."""
    if not is_number(value):
        return NOTHING
    return f"{value:,.0f} B" if value < 10_000 else f"{value / 1000:,.0f} kB"


def moment(micros: int | None) -> str:
    """A time of today as hours, an older one with its date; in UTC, like everything on the page."""
    if micros is None:
        return NOTHING
    when = datetime.fromtimestamp(micros / 1e6, tz=UTC)
    today = datetime.now(tz=UTC).date()
    return when.strftime("%H:%M:%S" if when.date() == today else "%d %b %H:%M")


def full_moment(micros: int | None) -> str:
    """A time to the millisecond."""
    if micros is None:
        return NOTHING
    return datetime.fromtimestamp(micros / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def written_moment(text: str) -> str:
    """A time from its text in the record, or the text if it is no time."""
    try:
        return full_moment(times.parse(text))
    except ValueError:
        return text


def finish_tone(word: object) -> str:
    """The colour of a finish reason."""
    finish = FINISHES.get(str(word))
    return "grey" if finish is None else finish.tone


def provider_hue(provider: object) -> str:
    """The colour of a provider, fixed by its name."""
    return _HUES[crc32(str(provider).encode()) % len(_HUES)]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
