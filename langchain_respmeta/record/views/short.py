"""Short words for numbers, where people look at many at once: 12.3k, $0.00052, 840 ms, 9.1%.

Shorter than `format`, whose text is exact and ASCII.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final, TypeGuard

NOTHING: Final = "\N{EN DASH}"
"""What stands where nothing is known."""

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


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
