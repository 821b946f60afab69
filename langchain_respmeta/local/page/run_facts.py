"""Values of a record on the page of a run, in groups and tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page import present
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store.selection import as_text
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.views import short

_RUN_IDS: Final = frozenset({"child_run_id", "previous_run_id", "run_id"})

_FLAT_KEYS: Final = {"schema_version": "schema_version", **{path: key for key, path in FLAT.items()}}
_UNIT: Final = re.compile(r"_(s|bytes|usd)$")
"""Units in names: the value shows its unit itself."""
_MONEY: Final = (
    "total",
    "input",
    "output",
    "cache_discount",
    "upstream_inference",
    "cost_usd",
    "cost",
    "superseded_cost_usd",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a group."""

    label: str
    text: str
    kind: str
    """number, word, flag, long or badges: its layout."""
    href: str | None = None
    """The list filtered by this value, or the run that it names."""
    under: str | None = None
    """A second, smaller line."""
    badges: Sequence[tuple[str, str]] = ()
    """Labels and tones, in place of the text."""
    value: object = None
    """What the text was made of."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column, of words or numbers."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects; cells are facts, None where the object lacks the field."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Fact | None]]


def fact(label: str, value: object, path: str) -> Fact:
    """A value as shown; `path` is its field in the record."""
    name = path.rsplit(".", 1)[-1]
    text, kind = _shown(
        name, value, in_money=path.startswith(("cost.", "cost_")) or name.endswith("cost_usd")
    )
    return Fact(label_of(label), text, kind, _filter_href(path, value), value=value)


def label_of(name: str) -> str:
    """A field's name as heading, without its unit, which the values show."""
    return _UNIT.sub("", name).replace("_", " ")


def _shown(name: str, value: object, *, in_money: bool) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), "flag"
    if in_money and name in _MONEY:
        return short.money(value), "number"
    if short.is_number(value):
        return _NUMBERS.get(_suffix(name), _plain_number)(value), "number"
    if isinstance(value, str) and name.endswith("_at"):
        return present.written_moment(value), "word"
    if isinstance(value, str):
        return value, "long" if len(value) > 60 or "\n" in value else "word"
    return json_text.dumps(value), "long"


def _suffix(name: str) -> str:
    return name.rsplit("_", 1)[-1]


def _plain_number(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"


_NUMBERS: Final[dict[str, Callable[[object], str]]] = {
    "s": short.seconds,
    "tokens": short.count,
    "bytes": present.size,
    "share": short.share,
}


def _filter_href(path: str, value: object) -> str | None:
    """The list filtered by this value, if it is a flat key; the page of the run, if it is a run's id."""
    if not isinstance(value, (str, bool)) or (isinstance(value, str) and len(value) > 100):
        return None
    if path.rsplit(".", 1)[-1] in _RUN_IDS:
        return f"/run/{value}"
    key = _FLAT_KEYS.get(path)
    return PageQuery().with_where(key, as_text(value)) if key else None
