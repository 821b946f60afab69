"""Records as figures and as charts: `charts.cost(records)` draws, in a notebook or to a file.

>>> from langchain_respmeta import charts
>>> charts.cost(handler, by="model").save("cost.png")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.late_imports import lazy_names

if TYPE_CHECKING:
    from langchain_respmeta.charts.draw_calls import expensive, rate_limits
    from langchain_respmeta.charts.draw_compare import compare
    from langchain_respmeta.charts.draw_groups import cache, callers, retries
    from langchain_respmeta.charts.draw_speed import first_token, latency
    from langchain_respmeta.charts.draw_time import cost, finish_reasons, refusals
    from langchain_respmeta.charts.figures import Group, Sums, groups, over_time, totals
    from langchain_respmeta.charts.source import Source, source_of

__all__ = [
    "Group",
    "Source",
    "Sums",
    "cache",
    "callers",
    "compare",
    "cost",
    "expensive",
    "finish_reasons",
    "first_token",
    "groups",
    "latency",
    "over_time",
    "rate_limits",
    "refusals",
    "retries",
    "source_of",
    "totals",
]

_HOMES: Final = {
    "Group": "charts.figures",
    "Source": "charts.source",
    "Sums": "charts.figures",
    "cache": "charts.draw_groups",
    "callers": "charts.draw_groups",
    "compare": "charts.draw_compare",
    "cost": "charts.draw_time",
    "expensive": "charts.draw_calls",
    "finish_reasons": "charts.draw_time",
    "first_token": "charts.draw_speed",
    "groups": "charts.figures",
    "latency": "charts.draw_speed",
    "over_time": "charts.figures",
    "rate_limits": "charts.draw_calls",
    "refusals": "charts.draw_time",
    "retries": "charts.draw_groups",
    "source_of": "charts.source",
    "totals": "charts.figures",
}
"""Public name → module, which is loaded at its first use."""

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
