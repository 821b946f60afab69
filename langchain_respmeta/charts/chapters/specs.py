"""Charts as they stand in a page: as wide as their place, in the page's colours, with their titles in its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from langchain_respmeta.charts.chapters import colours

_HAS_VIEWS: Final = frozenset({"facet", "hconcat", "vconcat", "concat", "repeat"})
"""Of these a specification's parts have sizes of their own."""


class Drawn(NamedTuple):
    """One chart."""

    title: str
    notes: Sequence[str]
    spec: Mapping[str, Any]


def drawn(chart: Any) -> Drawn:
    """Return an altair chart as specification, its title apart: a page breaks its lines, Vega does not."""
    spec = chart.to_dict(validate=False)  # the tests of charts do: here it would take half of the time
    spec["config"] = {**spec.get("config", {}), "background": None}
    title = spec.pop("title", "")
    told = title if isinstance(title, Mapping) else {"text": title}
    if not _HAS_VIEWS & spec.keys():
        spec["width"] = "container"
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return Drawn(" ".join(_lines(told.get("text"))), _lines(told.get("subtitle")), spec)


def _lines(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else [*map(str, text or ())]


def for_page(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification for a page: colours by name, legends and labels that fit a phone."""
    named: dict[str, Any] = colours.by_name(_as_domains(spec))
    config = dict(named["config"])
    config["legend"] = {**config.get("legend", {}), "columns": {"expr": _COLUMNS}}
    config["axisX"] = {**config.get("axisX", {}), "labelSeparation": 8}
    config["axisY"] = {**config.get("axisY", {}), "labelLimit": {"expr": _LABELS}}
    return {**named, "config": config}


def _as_domains(part: Any) -> Any:
    """Return a part whose orders of names are domains: of an order Vega makes an expression, which fails for some names."""
    if isinstance(part, list):
        return [_as_domains(inner) for inner in part]
    if not isinstance(part, Mapping):
        return part
    found = {key: inner if key in colours.DATA else _as_domains(inner) for key, inner in part.items()}
    if isinstance(found.get("sort"), list):
        found |= {"scale": {**(found.get("scale") or {}), "domain": found["sort"]}, "sort": None}
    return found


_COLUMNS: Final = "max(1, floor(containerSize()[0] / 210))"
_LABELS: Final = "min(230, containerSize()[0] * 0.45)"
"""Vega's expressions of the width that the chart has."""
