"""Charts as they stand in a page: as wide as their place, in the page's colours, with their titles in its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_HAS_VIEWS: Final = frozenset({"facet", "hconcat", "vconcat", "concat", "repeat"})
"""Of these a specification's parts have sizes of their own."""


class Drawn(NamedTuple):
    """One chart."""

    title: str
    note: str
    spec: Mapping[str, Any]


def drawn(chart: Any) -> Drawn:
    """Return an altair chart as specification, its title apart: a page breaks its lines, Vega does not."""
    spec = chart.to_dict()
    title = spec.pop("title", "")
    told = title if isinstance(title, Mapping) else {"text": title}
    if not _HAS_VIEWS & spec.keys():
        spec["width"] = "container"
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return Drawn(_words(told.get("text", "")), _words(told.get("subtitle", "")), spec)


def _words(text: Any) -> str:
    return text if isinstance(text, str) else " ".join(map(str, text))
