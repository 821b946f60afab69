"""Format numbers and foreign texts for people: our own characters are ASCII, so any terminal can print them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from math import inf
from typing import Final
from urllib.parse import urlsplit

MAX_TEXT: Final = 300
"""Characters of one foreign text in a line."""

_BLANKS: Final = 20
"""Characters that are read for each one shown."""

_FIXED_NOTATION: Final = 40
_SIGNS: Final = {"USD": "$"}


MAX_ENTRIES: Final = 200
"""Entries of one list that are shown."""


def more_than(shown: int, count: int) -> str:
    """The note after the first `shown` of `count` things; empty if these are all."""
    return f"... and {count - shown:,} more" if count > shown else ""


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without line breaks, control characters and direction marks, cut to `limit`."""
    head = text[: limit * _BLANKS]  # do not read megabytes to show a line
    plain = " ".join("".join(char if char.isprintable() else " " for char in head).split())
    return plain if len(plain) <= limit else f"{plain[: limit - 3]}..."


def money(value: Decimal, currency: str, digits: int = 6) -> str:
    """An amount with at most `digits` significant digits, without exponents: `$0.000512`, `12.5 EUR`."""
    size = min(value.adjusted(), _FIXED_NOTATION)
    # Its own context: the user's may trap signals of rounding, or have a smaller range.
    rounded = Context(
        prec=max(digits, size + 3), rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[]
    ).plus(value)
    text = f"{rounded:f}" if abs(size) < _FIXED_NOTATION else str(rounded)
    if "." in text and "E" not in text:
        text = text.rstrip("0").rstrip(".")
    sign = _SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{text} {one_line(currency, 12)}"


def seconds(value: float) -> str:
    """`1.32 s`; three decimals below a second."""
    return f"{value:.3f} s" if abs(value) < 1 else f"{value:.2f} s"


def share(part: int | None, whole: int | None) -> str:
    """`, 92%`, or nothing without a whole. More than 100 % is shown as is."""
    return f", {_ratio(part, whole):.0%}" if part is not None and whole else ""


def _ratio(part: int, whole: int) -> float:
    try:
        return part / whole
    except OverflowError:
        return inf


def instant(value: datetime) -> str:
    """`2025-01-15 10:30:00 UTC`."""
    try:
        in_utc = value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:  # within a day of the calendar's ends
        return value.isoformat(" ", "seconds")
    return f"{in_utc:%Y-%m-%d %H:%M:%S} UTC"


def web_url(url: str | None) -> str | None:
    """`url` if it is an http(s) address with a host, and nothing a browser could read otherwise; else None."""
    if not url or not url.isprintable() or any(char.isspace() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None
