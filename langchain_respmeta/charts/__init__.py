"""Records as figures and as charts: `charts.cost(records)` draws, in a notebook or to a file.

>>> from langchain_respmeta import charts
>>> charts.cost(handler, by="model").save("cost.png")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

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
    "Group": "figures",
    "Source": "source",
    "Sums": "figures",
    "cache": "draw_groups",
    "callers": "draw_groups",
    "compare": "draw_compare",
    "cost": "draw_time",
    "expensive": "draw_calls",
    "finish_reasons": "draw_time",
    "first_token": "draw_speed",
    "groups": "figures",
    "latency": "draw_speed",
    "over_time": "figures",
    "rate_limits": "draw_calls",
    "refusals": "draw_time",
    "retries": "draw_groups",
    "source_of": "source",
    "totals": "figures",
}
"""Public name → module, which is loaded at its first use."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with loading:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
