"""Rows as columns: `batch_of`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.table.arrays import array_of, lists_of
from langchain_respmeta.table.general import values_of
from langchain_respmeta.table.kinds import classes_of_paths
from langchain_respmeta.table.row import Row
from langchain_respmeta.table.schema import (
    OF_RUN,
    PROBLEM,
    RECORD,
    arrow,
    flat_columns,
    list_columns,
    table_schema,
)
from langchain_respmeta.table.shape import Shape, Values

if TYPE_CHECKING:
    import pyarrow as pa

SHAPE_AT: Final = 4
"""Drafts of a shape in one batch for which a function is made: that takes as long as the general code for a few."""
MAX_SHAPES: Final = 512
_FEWEST: Final = 4
"""Drafts that are no longer halved to find the one that only the general code can tell."""

_SHAPES: Final[Bounded[tuple[tuple[str, ...], frozenset[str], bool], Shape]] = Bounded(MAX_SHAPES)


def batch_of(rows: Sequence[Row], *, include_content: bool) -> pa.RecordBatch:
    """The rows as one batch of the table's schema, in their order.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    columns = _Columns()
    for places, found in _parts(rows, include_content=include_content):
        columns.add(places, found)
    order = columns.order()
    arrays = [
        *_run_columns(rows),
        *(array_of(columns.values(one.name), one.kind).take(order) for one in flat_columns()),
        *(lists_of(columns.values(one.name), one.fields).take(order) for one in list_columns()),
        *(array_of(columns.values(one.name), one.kind).take(order) for one in (RECORD, PROBLEM)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=table_schema())


def _run_columns(rows: Sequence[Row]) -> list[pa.Array]:
    """What the runs themselves say, in the order of `OF_RUN`."""
    drafts, _, *others = zip(*rows, strict=True) if rows else [()] * len(Row._fields)
    ids = [[draft.get(name) for draft in drafts] for name in ("run_id", "trace_id", "parent_run_id")]
    return [array_of(values, column.kind) for values, column in zip([*ids, *others], OF_RUN, strict=True)]


_Part: TypeAlias = tuple[Sequence[int], Mapping[str, Values]]
"""Places of rows, and column of the table → their values."""


def _parts(rows: Sequence[Row], *, include_content: bool) -> Iterator[_Part]:
    """All rows, those of one shape together."""
    groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    bad: list[int] = []
    for place, row in enumerate(rows):
        if row.problem is None:
            groups[(*row.draft,)].append(place)
        else:
            bad.append(place)
    yield bad, {PROBLEM.name: [rows[place].problem for place in bad]}
    for paths, places in groups.items():
        for empty, alike in _by_emptiness(paths, places, rows).items():
            shape = _shape(paths, empty, len(alike), include_content=include_content)
            yield from _quick(shape, alike, rows, include_content=include_content)


def _by_emptiness(
    paths: Sequence[str], places: list[int], rows: Sequence[Row]
) -> Mapping[frozenset[str], list[int]]:
    """Places of drafts by which of their lists and mappings hold nothing."""
    holders = [path for path in paths if classes_of_paths().get(path) in _HOLDERS]
    if not holders:
        return {frozenset(): places}
    found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for place in places:
        draft = as_dict(rows[place].draft)
        found[frozenset([path for path in holders if not draft[path]])].append(place)
    return found


_HOLDERS: Final = (dict, list)


def _shape(
    paths: tuple[str, ...], empty: frozenset[str], drafts: int, *, include_content: bool
) -> Shape | None:
    """What tells drafts of this shape; None where it is not worth making for so few."""
    key = (paths, empty, include_content)
    shape = _SHAPES.get(key)
    if shape is None and drafts >= SHAPE_AT:
        shape = Shape(paths, empty, include_content=include_content)
        _SHAPES.keep(key, shape)
    return shape


def _quick(
    shape: Shape | None, places: Sequence[int], rows: Sequence[Row], *, include_content: bool
) -> Iterator[_Part]:
    """The rows by their shape; one of them that is odd is looked for in ever smaller parts, and told by the general code."""
    if shape is not None:
        try:
            yield places, shape.columns([rows[place].draft for place in places])
        except Exception:  # noqa: BLE001 - the general code says it, or what is wrong
            if len(places) > _FEWEST:
                middle = len(places) // 2
                for half in (places[:middle], places[middle:]):
                    yield from _quick(shape, half, rows, include_content=include_content)
                return
        else:
            return
    for place in places:
        yield [place], _general(rows[place].draft, include_content=include_content)


def _general(draft: Draft, *, include_content: bool) -> dict[str, Values]:
    try:
        values = values_of(draft, include_content=include_content)
    except Exception as fault:  # noqa: BLE001 - a draft of foreign data: whatever it is, the row says so
        values = {PROBLEM.name: f"the record could not be built ({type(fault).__name__})"}
    return {name: [value] for name, value in values.items()}


class _Columns:
    """Columns that grow part by part, each with rows from anywhere."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._found: dict[str, list[Any]] = {}

    def add(self, places: Sequence[int], found: Mapping[str, Values]) -> None:
        before = len(self._places)
        self._places += places
        for name, values in found.items():
            column = self._found.setdefault(name, [])
            column.extend(repeat(None, before - len(column)))
            column.extend(values)

    def values(self, name: str) -> list[Any]:
        column = self._found.get(name, [])
        column.extend(repeat(None, len(self._places) - len(column)))
        return column

    def order(self) -> pa.Array:
        """For each row, where its values are."""
        order = [0] * len(self._places)
        for at, place in enumerate(self._places):
            order[place] = at
        return arrow().array(order, "int64")
