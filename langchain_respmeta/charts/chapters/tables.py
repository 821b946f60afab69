"""The numbers, as tables: readable without a chart, and beside those of the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta.charts.chapters.model import Column, Kind, Row, Table, Wanted
from langchain_respmeta.charts.chapters.shown import change_of
from langchain_respmeta.charts.chapters.sides import Sides
from langchain_respmeta.charts.figures import Group, Sums, groups
from langchain_respmeta.charts.labels import label, label_by
from langchain_respmeta.charts.source import Source

GONE: Final = "(only before)"
"""What stands for groups that only the other side has."""


class Told(NamedTuple):
    """One column of a table of sums."""

    title: str
    kind: Kind
    value: Callable[[Sums], Any]


CALLS: Final = Told("calls", "count", lambda sums: sums.calls)
COST: Final = Told("cost", "money", lambda sums: sums.cost_usd)
SPENT: Final = (
    CALLS,
    Told("input", "tokens", lambda sums: sums.input_tokens),
    Told("output", "tokens", lambda sums: sums.output_tokens),
    Told("a call", "money", lambda sums: sums.cost_per_call_usd),
    Told("unpriced", "count", lambda sums: sums.unpriced),
)
CACHED: Final = (
    Told("input", "tokens", lambda sums: sums.input_tokens),
    Told("written", "tokens", lambda sums: sums.cache_write_tokens),
    Told("read", "tokens", lambda sums: sums.cache_read_tokens),
    Told("share", "share", lambda sums: sums.cache_share),
)
SAVED: Final = Told("saved", "money", lambda sums: sums.cache_discount_usd)
FAILED: Final = (
    CALLS,
    Told("failed", "count", lambda sums: sums.errors),
    Told("rate", "share", lambda sums: sums.error_rate),
    Told("retries", "count", lambda sums: sums.retries),
    Told("in vain", "count", lambda sums: sums.superseded),
)
IN_VAIN: Final = Told("paid in vain", "money", lambda sums: sums.superseded_cost_usd)
ERRORS: Final = Told("calls", "count", lambda sums: sums.errors)
ANSWERS: Final = Told("answers", "count", lambda sums: sums.answers)


class Asked(NamedTuple):
    """What a table of sums shows."""

    title: str
    by: Sequence[str]
    told: Sequence[Told]
    main: Told
    """The figure that orders the rows, is compared, and is drawn as a bar."""
    rank: str
    """Its name among the sums."""
    wanted: Wanted = None
    top: int = 10


ToGroup: TypeAlias = Callable[[Sequence[str], Sequence[str | None]], str | None]
"""Keys and a group's values of them → the address of its calls; None where there is none."""


def table_of(sides: Sides, asked: Asked, to_group: ToGroup | None = None) -> Table:
    """Return the sums of each group, with those of the other side where there is one.

    Args:
        sides: What it is about.
        asked: What it shows.
        to_group: Where the calls of a group can be looked at.

    Raises:
        SettingsError: A key is unknown, or the files behind a side cannot be read.
    """
    found = groups(sides.now, asked.by, top=asked.top, rank=asked.rank)
    past = None if sides.before is None else _past(sides.before, asked, found)
    columns = [Column(label_by(asked.by), "text"), Column(asked.main.title, asked.main.kind)]
    if past is not None:
        columns += [Column("before", asked.main.kind), Column("change", "change")]
    columns += [Column(one.title, one.kind) for one in asked.told]
    whole = _whole(asked.main.value(one.sums) for one in found)
    rows = [_row(one, asked, whole, past) for one in found]
    if to_group is not None:
        rows = [
            row if one.is_other else row._replace(link=to_group(asked.by, one.keys))
            for row, one in zip(rows, found, strict=True)
        ]
    if past is not None and None in past and not any(one.is_other for one in found):
        rows.append(Row([GONE, None, past[None], None, *(None for _ in asked.told)], is_rest=True))
    return Table(asked.title, columns, rows)


def _past(before: Source, asked: Asked, found: Sequence[Group]) -> dict[tuple[str | None, ...] | None, Any]:
    """Return group → its figure on the other side; of None: of all that have no row here."""
    value = asked.main.value
    named = {one.keys for one in found if not one.is_other}
    past: dict[tuple[str | None, ...] | None, Any] = {}
    for one in groups(before, asked.by, top=None, rank=asked.rank):
        place = one.keys if one.keys in named else None
        past[place] = _sum(past.get(place), value(one.sums))
    return past


def _sum(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else one + other


def _row(
    one: Group, asked: Asked, whole: Decimal, past: dict[tuple[str | None, ...] | None, Any] | None
) -> Row:
    main = asked.main.value(one.sums)
    cells = [label(one), main]
    if past is not None:
        was = past.get(None if one.is_other else one.keys)
        cells += [was, change_of(main, was, asked.main.kind, wanted=asked.wanted)]
    cells += [told.value(one.sums) for told in asked.told]
    bar = float(Decimal(main) / whole) if main is not None and whole > 0 and main >= 0 else None
    return Row(cells, bar=bar, is_rest=one.is_other)


def _whole(values: Iterator[Any]) -> Decimal:
    return sum((Decimal(value) for value in values if value is not None and value > 0), Decimal(0))
