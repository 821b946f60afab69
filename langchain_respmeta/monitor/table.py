"""Figures as a table of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from langchain_respmeta.monitor.figures import Figures
from langchain_respmeta.record.views import short
from langchain_respmeta.record.views.format import one_line

_COLUMNS: Final[Sequence[tuple[str, str, Callable[[Any], str]]]] = (
    ("calls", "calls", short.count),
    ("err", "errors", short.short_count),
    ("ref", "refusals", short.short_count),
    ("cut", "truncations", short.short_count),
    ("p50", "p50_latency_s", short.seconds),
    ("p95", "p95_latency_s", short.seconds),
    ("first", "p95_first_token_s", short.seconds),
    ("in", "input_tokens", short.short_count),
    ("out", "output_tokens", short.short_count),
    ("cached", "cache_share", short.share),
    ("cost", "cost_usd", short.money),
)
"""Head, figure, and how it is written."""

_LEGEND: Final = (
    "err, ref, cut: failed, refused, cut by a token limit. p50, p95: latency.",
    "first: p95 of the time to the first token. cached: share of the input tokens.",
)
_ALL: Final = "all calls"
_WHEN: Final = {
    "all": "all that was counted",
    "minute": "last minute",
    "hour": "last hour",
    "day": "last day",
}


def table_of(by: str, groups: Sequence[Figures], totals: Figures, width: int) -> str:
    """Return a table with a line for each group, and one for all calls; a name that has no room gets a line of its own."""
    head = f"by {by}, {_WHEN[totals.window]}"
    if not totals.calls:
        return f"{head}: no calls"
    rows = [(one_line(one.value or ""), _cells(one)) for one in groups]
    rows.append((_ALL, _cells(totals)))
    heads = [title for title, _, _ in _COLUMNS]
    widths = [max(map(len, column)) for column in zip(heads, *(cells for _, cells in rows), strict=True)]
    room = max(0, width - sum(widths) - len(widths))
    names = max(len(name) for name, _ in rows)
    lines = [head, *_lines(by, heads, widths, min(names, room), is_head=True)]
    for name, cells in rows:
        lines += _lines(name, cells, widths, min(names, room))
    return "\n".join([*lines, "", *_legend(totals)])


def _lines(
    name: str, cells: Sequence[str], widths: Sequence[int], room: int, *, is_head: bool = False
) -> list[str]:
    written = " ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    if len(name) <= room:
        return [f"{name:<{room}} {written}"]
    line = f"{'':<{room}} {written}"
    return [line] if is_head else [name, line]


def _cells(one: Figures) -> list[str]:
    return [write(getattr(one, figure)) for _, figure, write in _COLUMNS]


def _legend(totals: Figures) -> list[str]:
    lines: list[str] = [*_LEGEND]
    if totals.unpriced_calls:
        lines.append(f"Calls that lack a price: {totals.unpriced_calls:,}. The cost is that of the others.")
    if totals.superseded_calls:
        spent = short.money(totals.superseded_cost_usd)
        lines.append(
            f"Calls that were tried again: {totals.superseded_calls:,}. They cost {spent}, a part of the cost."
        )
    if totals.cache_discount_usd is not None:
        lines.append(f"Caching saved {short.money(totals.cache_discount_usd)}.")
    return lines
