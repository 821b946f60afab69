"""Charts of how long calls take: where the durations of each group lie, and its quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any, Final

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.labels import Keyed, keys_of, label, label_by, plural
from langchain_respmeta.charts.source import Records, source_of
from langchain_respmeta.charts.speeds import BY, Bin, Measure, Speed, speeds, spread
from langchain_respmeta.charts.theme import Theme, ThemeName, theme_of
from langchain_respmeta.record.views.short import count, seconds, share

ROWS: Final = 10
"""Groups that have a row of their own."""
_ROW: Final = 34
"""Pixels of a row."""


def latency(what: Records, by: str | Sequence[str] = BY, *, theme: ThemeName = "light") -> canvas.Chart:
    """Draw how long calls took, by model and tier: where they lie, and p50, p95 and p99.

    Args:
        what: Records; see `source_of`.
        by: See `cost`.
        theme: `light` or `dark`.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    return _durations(what, by, "latency_s", "from start to end", "The latency of calls", theme)


def first_token(what: Records, by: str | Sequence[str] = BY, *, theme: ThemeName = "light") -> canvas.Chart:
    """Draw how long streamed calls took to their first token, by model and tier; see `latency`.

    Raises:
        SettingsError: `what` holds no records, or a name is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    return _durations(
        what, by, "time_to_first_token_s", "from start to first token", "The time to the first token", theme
    )


def _durations(
    what: Records, by: str | Sequence[str], of: Measure, about: str, subject: str, theme: ThemeName
) -> canvas.Chart:
    source, look, keys = source_of(what), theme_of(theme), keys_of(by)
    found = speeds(source, keys, of=of, top=ROWS)
    if not found:
        return canvas.nothing(look, subject, "No call reports it.")
    found = sorted(found, key=lambda one: (one.is_other, -one.p95))
    slowest = found[0]
    calls = sum(one.calls for one in found)
    return canvas.finished(
        _strips(spread(source, keys, of=of, top=ROWS), found, look),
        look,
        f"Slowest at p95 is {label(slowest)}: {seconds(slowest.p95)}"
        if len(found) > 1
        else f"{label(slowest)}: half within {seconds(slowest.p50)}, 95% within {seconds(slowest.p95)}",
        f"Seconds {about}, by {label_by(keys)}, {plural(calls, 'call')}; logarithmic",
        "The stronger the colour, the more calls. Line: p50, diamond: p95, open diamond: p99",
        height=max(2, len(found)) * _ROW,
    )


def _strips(bins: Sequence[Bin], found: Sequence[Speed], look: Theme) -> Any:
    """Return a strip for each group: the more calls a bin holds, the stronger its colour."""
    alt = canvas.altair_package()
    y = canvas.groups_axis([label(one) for one in found])
    ends = (min(one.low for one in bins), max(one.high for one in bins))
    calls = {_key(one): one.calls for one in found}
    cells = [
        {
            "group": label(one),
            "low": one.low,
            "high": one.high,
            "share": one.calls / calls[_key(one)],
            "range": f"{seconds(one.low)} to {seconds(one.high)}",
            "calls": f"{count(one.calls)} ({share(one.calls / calls[_key(one)])})",
        }
        for one in bins
    ]
    strips = (
        alt.Chart(canvas.data(cells))
        .mark_rect(height={"band": 0.7})
        .encode(
            y=y,
            x=_axis("low", ends),
            x2="high:Q",
            color=alt.Color("share:Q", scale=alt.Scale(range=[*look.ramp]), legend=None),
            tooltip=canvas.tooltips(("group", "group:N"), ("seconds", "range:N"), ("calls", "calls:N")),
        )
    )
    return alt.layer(strips, *_marks(found, look, y, ends))  # all at once: each step copies what stands


def _marks(found: Sequence[Speed], look: Theme, y: Any, ends: tuple[float, float]) -> list[Any]:
    """Return the quantiles of each group as marks on its strip, p95 with its number."""
    alt = canvas.altair_package()
    rows = [
        {
            "group": label(one),
            **{name: getattr(one, name) for name in ("p50", "p95", "p99")},
            **{f"{name}_told": seconds(getattr(one, name)) for name in ("p50", "p90", "p95", "p99", "most")},
            "p95_label": f"p95 {seconds(one.p95)}",
            "calls": count(one.calls),
        }
        for one in found
    ]
    tips = canvas.tooltips(
        ("group", "group:N"),
        ("calls", "calls:N"),
        ("p50", "p50_told:N"),
        ("p90", "p90_told:N"),
        ("p95", "p95_told:N"),
        ("p99", "p99_told:N"),
        ("longest", "most_told:N"),
    )
    base = alt.Chart(canvas.data(rows)).encode(y=y, tooltip=tips)
    middle = base.mark_tick(thickness=3, color=look.text, height={"band": 0.7}).encode(x=_axis("p50", ends))
    high = base.mark_point(shape="diamond", filled=True, size=90, color=look.mark, opacity=1).encode(
        x=_axis("p95", ends)
    )
    higher = base.mark_point(shape="diamond", filled=False, size=70, color=look.mark).encode(
        x=_axis("p99", ends)
    )
    told = base.mark_text(align="left", dx=6).encode(x=alt.value("width"), text="p95_label:N")
    return [middle, high, higher, told]


def _axis(field: str, ends: tuple[float, float]) -> Any:
    """Return the logarithmic axis; each layer has the same, or Vega-Lite would mix them with its own."""
    alt = canvas.altair_package()
    scale = alt.Scale(type="log", domain=[*ends], nice=False)
    axis = alt.Axis(labelExpr=_SECONDS, values=_ticks(*ends), labelOverlap=True)
    return alt.X(f"{field}:Q", title=None, scale=scale, axis=axis)


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 of each power of ten between two values."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    return [
        tick for power in powers for part in (1, 2, 5) if low <= (tick := float(f"{part}e{power}")) <= high
    ]


_SECONDS: Final = (
    "datum.value < 1 ? format(datum.value * 1000, '~g') + ' ms' : format(datum.value, '~g') + ' s'"
)


def _key(one: Keyed) -> tuple[bool, tuple[str | None, ...]]:
    return one.is_other, one.keys
