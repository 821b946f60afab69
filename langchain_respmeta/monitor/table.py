"""Figures as a table of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from langchain_respmeta.monitor.figures import Figures
from langchain_respmeta.record.views import short
from langchain_respmeta.record.views.format import one_line


class Column(NamedTuple):
    """A figure in the table."""

    head: str
    figure: str
    write: Callable[[Any], str]
    meaning: str | None = None
    """In the legend, where the head does not say it."""


_COLUMNS: Final = (
    Column("calls", "calls", short.count),
    Column("err", "errors", short.short_count, "failed"),
    Column("ref", "refusals", short.short_count, "refused"),
    Column("cut", "truncations", short.short_count, "cut by a token limit"),
    Column("p50", "p50_latency_s", short.seconds, "median latency"),
    Column("p95", "p95_latency_s", short.seconds, "its 95th percentile"),
    Column("first", "p95_first_token_s", short.seconds, "p95 of the time to the first token"),
    Column("in", "input_tokens", short.short_count, "input tokens"),
    Column("out", "output_tokens", short.short_count, "output tokens"),
    Column("cache", "cache_share", short.share, "share of the input tokens"),
    Column("cost", "cost_usd", short.money),
)
"""Those that no call reported are left out."""

_ALL: Final = "all calls"
_WHEN: Final = {
    "all": "all that was counted",
    "minute": "last minute",
    "hour": "last hour",
    "day": "last day",
}


def table_of(by: str, groups: Sequence[Figures], totals: Figures, width: int) -> str:
    """Return a table with a line for each group, and one for all calls; a name that has no room gets a line of its own."""
    title = f"by {by}, {_WHEN[totals.window]}"
    if not totals.calls:
        return f"{title}: no calls"
    columns = [one for one in _COLUMNS if getattr(totals, one.figure) is not None]
    rows = [(by, [one.head for one in columns])]
    rows += [(one_line(one.value or ""), _cells(one, columns)) for one in groups]
    rows += [(_ALL, _cells(totals, columns))]
    widths = [max(map(len, cells)) for cells in zip(*(cells for _, cells in rows), strict=True)]
    room = min(max(len(name) for name, _ in rows), max(0, width - sum(widths) - len(widths)))
    lines = [line for name, cells in rows for line in _lines(name, cells, widths, room)]
    return "\n".join([title, *lines, "", *_legend(columns, width), *_notes(totals)])


def _lines(name: str, cells: Sequence[str], widths: Sequence[int], room: int) -> list[str]:
    written = " ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    if len(name) > room:
        return [name, f"{'':<{room}} {written}"]
    return [f"{name:<{room}} {written}"]


def _cells(one: Figures, columns: Sequence[Column]) -> list[str]:
    return [column.write(getattr(one, column.figure)) for column in columns]


def _legend(columns: Sequence[Column], width: int) -> list[str]:
    lines = [""]
    for one in (f"{column.head}: {column.meaning}." for column in columns if column.meaning):
        if len(lines[-1]) + len(one) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {one}".lstrip()
    return lines


def _notes(totals: Figures) -> list[str]:
    lines: list[str] = []
    if totals.unpriced_calls:
        lines.append(f"Calls that lack a price: {totals.unpriced_calls:,}. The cost is that of the others.")
    if totals.superseded_calls:
        spent = short.money(totals.superseded_cost_usd)
        lines.append(f"Calls that were tried again: {totals.superseded_calls:,}, for {spent} of the cost.")
    if totals.cache_discount_usd is not None:
        lines.append(f"Saved by caching: {short.money(totals.cache_discount_usd)}.")
    return lines
