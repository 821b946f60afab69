"""Numbers and foreign texts for people: ASCII around whatever the provider said, so that any terminal can print it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final
from urllib.parse import urlsplit

MAX_TEXT: Final = 300
"""Characters of one foreign text in a line."""

_FIXED_NOTATION: Final = 40
_SIGNS: Final = {"USD": "$"}


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without line breaks, control characters and direction marks, cut to `limit`."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= limit else f"{plain[: limit - 3]}..."


def money(value: Decimal, currency: str, digits: int = 6) -> str:
    """An amount with at most `digits` significant digits, without exponents: `$0.000512`, `12.5 EUR`."""
    size = min(value.adjusted(), _FIXED_NOTATION)
    # A context of its own: the user's may trap what rounding signals.
    rounded = Context(prec=max(digits, size + 3), rounding=ROUND_HALF_EVEN).plus(value)
    text = f"{rounded:f}" if abs(size) < _FIXED_NOTATION else str(rounded)
    if "." in text and "E" not in text:
        text = text.rstrip("0").rstrip(".")
    sign = _SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{text} {one_line(currency, 12)}"


def seconds(value: float) -> str:
    """`1.32 s`; three decimals below a second."""
    return f"{value:.3f} s" if abs(value) < 1 else f"{value:.2f} s"


def share(part: int | None, whole: int | None) -> str:
    """`, 92%`, or nothing where there is no whole. More than 100 % is shown as it is: the numbers are not bent."""
    return f", {part / whole:.0%}" if part is not None and whole else ""


def instant(value: datetime) -> str:
    """`2025-01-15 10:30:00 UTC`."""
    in_utc = value.astimezone(UTC) if value.tzinfo else value
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
