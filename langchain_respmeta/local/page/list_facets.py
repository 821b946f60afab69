"""The values to filter by, next to the list: those of the record, and of metadata of one's own that the address names."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store import tally as tallies
from langchain_respmeta.local.store.selection import Selection, is_key
from langchain_respmeta.local.store.tally import Tally
from langchain_respmeta.local.store.written import PREFIX

FACETS: Final = {
    "provider": "Provider",
    "model": "Model",
    "finish_reason": "Finish reason",
    "service_tier": "Service tier",
    "integration": "Integration",
    "upstream_provider": "Upstream",
    "error_type": "Error",
    "unpriced_reason": "Unpriced",
}
"""Keys whose values are listed next to the runs, by heading."""
TRACE_FACETS: Final = {
    "finish_reason": "Worst finish reason",
    "models": "Models",
    "model": "Model of the only call",
    "providers": "Providers",
    "provider": "Provider of the only call",
}
"""The same for traces: a model call that is its own root has no sums, so its own keys count."""
_VALUES: Final = 8
_TAGS: Final = "tags"


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to filter by; what its runs cost, where that is told for each value of the key."""

    text: str
    runs: int
    href: str
    active: bool
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of a key.

    Attributes:
        heading: What is listed.
        values: The values.
        more: How many values more there are.
        without: The address without this facet; None for those that are always there.
    """

    heading: str
    values: list[FacetValue]
    more: int = 0
    without: str | None = None


def facets_of(
    connection: sqlite3.Connection, selection: Selection, tally: Tally, query: PageQuery
) -> list[Facet]:
    """The facets of one's own, then those of the record."""
    headings = TRACE_FACETS if query.view == "traces" else FACETS
    own = [_own(connection, selection, key, query) for key in query.facets]
    costs = {key: _cost_by_model(tally, key) for key in ("model", "models")}
    return own + [
        Facet(heading, _values(key, found[:_VALUES], query, costs.get(key, {})), max(0, len(found) - _VALUES))
        for key, heading in headings.items()
        if (found := tally.values.get(key))
    ]


def keys_to_list(connection: sqlite3.Connection, query: PageQuery) -> list[str]:
    """What else could be listed: tags, and keys of one's own."""
    own = (key for key in tallies.own_keys(connection, PREFIX) if is_key(key))
    return [key for key in (_TAGS, *own) if key not in query.facets]


def _own(connection: sqlite3.Connection, selection: Selection, key: str, query: PageQuery) -> Facet:
    found = tallies.values_of(connection, selection, key, limit=_VALUES + 1) if _is_listable(key) else []
    without = query.url(facets=tuple(one for one in query.facets if one != key))
    heading = "Tags" if key == _TAGS else key
    return Facet(heading, _values(key, found[:_VALUES], query, {}), max(0, len(found) - _VALUES), without)


def _is_listable(key: str) -> bool:
    return key == _TAGS or is_key(key)


def _values(
    key: str, found: Iterable[tuple[str, int]], query: PageQuery, costs: dict[str, Decimal]
) -> list[FacetValue]:
    active = {(where.key, where.value) for where in query.where if where.operator == "="}
    return [
        FacetValue(text, runs, query.with_where(key, text), (key, text) in active, costs.get(text))
        for text, runs in found
    ]


def _cost_by_model(tally: Tally, key: str) -> dict[str, Decimal]:
    """A model's cost at all of its providers, or that of traces with the same models."""
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in tally.models:
        if one.key == key and one.model is not None and one.cost_usd is not None:
            costs[one.model] += one.cost_usd
    return costs
