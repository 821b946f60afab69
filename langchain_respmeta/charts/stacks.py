"""Groups over time as stacked bars, with colours that a group keeps from chart to chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.figures import Group, Sums, groups
from langchain_respmeta.charts.labels import OTHERS, end_of, label, moment, palette
from langchain_respmeta.charts.source import Source
from langchain_respmeta.charts.theme import Theme
from langchain_respmeta.charts.times import LENGTHS, Every, period, stretch
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.views.short import count, money, share

SERIES: Final = 8
"""Groups that have a colour of their own; the others are one, in grey."""
_GAP: Final = 0.08
"""Part of a bar's width that stays free."""


def drawable(source: Source, every: Every) -> Every:
    """Return the length of a stretch of time, as `times.stretch` does.

    Raises:
        SettingsError: `every` is unknown, or makes more bars than a picture has place for.
    """
    each, ends = stretch(source, every), period(source)
    bars = 0 if ends is None else (ends[1] - ends[0]) / LENGTHS[each]
    if bars > _MOST_BARS:
        raise SettingsError(
            f"every={each!r} makes {bars:,.0f} bars: take a longer one, or 'auto'", setting="every"
        )
    return each


_MOST_BARS: Final = 1_000


def scale_of(source: Source, keys: Sequence[str], names: Sequence[str], theme: Theme) -> Any:
    """Return the scale of the colours of groups, which are the same on every chart by these keys."""
    ranked = [label(one) for one in groups(source, keys, top=SERIES) if not one.is_other]
    return canvas.colours(names, palette(names, ranked, theme))


def stacked(
    found: Sequence[Group],
    every: Every,
    value: Callable[[Sums], float],
    *,
    named: Callable[[Group], str] = label,
    order: Sequence[str] = (),
    is_share: bool = False,
) -> tuple[list[canvas.Row], list[str]]:
    """Return the rows of `canvas.bars_over_time`, and the names of the groups in them, from the bottom up.

    Args:
        found: Groups over time.
        every: Length of a stretch.
        value: What the height of a bar shows.
        named: A group's name. Groups of one name are one.
        order: Names from the bottom up; the greatest group is at the bottom unless told.
        is_share: Whether the height is a share of the stretch's whole.
    """
    of_time: defaultdict[datetime, dict[str, Sums]] = defaultdict(dict)
    of_name: dict[str, float] = {}
    for one in found:
        if one.time is not None and value(one.sums) > 0:
            name = named(one)
            before = of_time[one.time].get(name)
            of_time[one.time][name] = one.sums if before is None else before + one.sums
            of_name[name] = of_name.get(name, 0) + value(one.sums)
    names = [*order] or sorted(of_name, key=lambda name: (name == OTHERS, -of_name[name]))
    rows: list[canvas.Row] = []
    for start, parts in of_time.items():
        whole = sum(map(value, parts.values())) if is_share else 1
        low = 0.0
        for name in filter(parts.__contains__, names):
            high = low + value(parts[name]) / whole
            rows.append(_row(parts[name], name, start, every, low, high))
            low = high
    return rows, names


def _row(sums: Sums, name: str, start: datetime, every: Every, low: float, high: float) -> dict[str, Any]:
    end = end_of(start, every)
    return {
        "start": start.isoformat(),
        "end": (end - (end - start) * _GAP).isoformat(),
        "low": low,
        "high": high,
        "group": name,
        "moment": moment(start, every),
        "calls": count(sums.calls),
        "answers": count(sums.answers),
        "refused": count(sums.refusals),
        "cost": "not known" if sums.cost_usd is None else money(sums.cost_usd),
        "share": share(high - low),
    }
