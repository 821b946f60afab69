"""What a chapter holds, before it is drawn: the same for pages and for pictures of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["text", "count", "tokens", "money", "seconds", "share", "time", "change"]
"""How a value is shown. A share is of one; seconds and dollars are numbers, times are datetimes in UTC."""

_TEXTS: Final = frozenset({"text", "time"})


Tone: TypeAlias = Literal["good", "bad", "plain"]
Wanted: TypeAlias = Literal["less", "more"] | None
"""Which change of a figure is good; None where neither is."""


class Change(NamedTuple):
    """How a figure moved since the period or the file beside it."""

    text: str
    tone: Tone


class Column(NamedTuple):
    """One column of a table."""

    title: str
    kind: Kind

    @property
    def is_number(self) -> bool:
        """Whether its values stand at the right."""
        return self.kind not in _TEXTS


class Row(NamedTuple):
    """One row; the first cell is its name."""

    cells: Sequence[Any]
    """None where nothing is known."""
    link: str | None = None
    bar: float | None = None
    """Its part of the whole, from 0 to 1."""
    is_rest: bool = False
    """Whether it sums up what has no row of its own."""


class Table(NamedTuple):
    """Numbers, readable without the charts."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    more: str = ""
    """What the table leaves out, as a sentence."""


class Figure(NamedTuple):
    """One chart, as a Vega-Lite specification."""

    spec: Mapping[str, Any]
    description: str
    label: str = ""
    """Which of two periods it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One statement with its charts and numbers."""

    title: str
    notes: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    table: Table | None = None
    is_wide: bool = False
    is_folded: bool = True
    """Whether the table stands folded below the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter."""

    anchor: str
    title: str
    lead: str = ""
    cards: Sequence[Card] = ()
    facts: Sequence[tuple[str, str]] = ()


class Tile(NamedTuple):
    """One headline figure."""

    label: str
    value: str
    change: Change | None = None
    note: str = ""
