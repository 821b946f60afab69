"""Values as people read them in a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from langchain_respmeta.charts.chapters.model import Change, Kind, Tone, Wanted
from langchain_respmeta.record.views import short

LOUD: Final = 0.005
"""Changes below it are called unchanged."""
_MANIFOLD: Final = 10
"""From here on a change is told as a factor."""


def shown(value: Any, kind: Kind) -> str:
    """Return a value as text; a dash where nothing is known."""
    return short.NOTHING if value is None else _SHOWN[kind](value)


def _time(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"


_SHOWN: Final[Mapping[Kind, Callable[[Any], str]]] = {
    "text": str,
    "count": short.count,
    "tokens": short.short_count,
    "money": short.money,
    "seconds": short.seconds,
    "share": short.share,
    "time": _time,
}


def change_of(now: Any, before: Any, kind: Kind, *, wanted: Wanted) -> Change | None:
    """Return how a figure moved; None where one of both is not known.

    Args:
        now: The figure.
        before: The same of the other period or file.
        kind: What it is; shares are compared in percentage points, all else as a ratio.
        wanted: Which change is good.
    """
    if now is None or before is None:
        return None
    text, moved = _points(now, before) if kind == "share" else _ratio(now, before, kind)
    return Change(text, _tone(moved, wanted))


def _tone(moved: int, wanted: Wanted) -> Tone:
    if not moved or wanted is None:
        return "plain"
    return "good" if (moved < 0) == (wanted == "less") else "bad"


def _points(now: float, before: float) -> tuple[str, int]:
    points = round((now - before) * 100, 1)
    return (_signed(f"{points:+.1f} points"), _sign(points)) if points else ("unchanged", 0)


def _ratio(now: Any, before: Any, kind: Kind) -> tuple[str, int]:
    if now == before:
        return "unchanged", 0
    if not before:
        return f"was {shown(before, kind)}", _sign(now)
    ratio = float(now) / float(before)
    if abs(ratio - 1) < LOUD:
        return "unchanged", 0
    text = f"\N{MULTIPLICATION SIGN}{ratio:,.0f}" if ratio >= _MANIFOLD else _signed(f"{ratio - 1:+.0%}")
    return text, _sign(ratio - 1)


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)
