"""Rows as columns: `batch_of`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.table.arrays import array_of, json_of, lists_of
from langchain_respmeta.table.general import values_of
from langchain_respmeta.table.kinds import classes_of_paths
from langchain_respmeta.table.schema import (
    IDS,
    OF_RUN,
    OWN_METADATA,
    PROBLEM,
    RECORD,
    TAGS,
    Column,
    ListColumn,
    arrow,
    arrow_type,
    flat_columns,
    list_columns,
    table_schema,
)
from langchain_respmeta.table.shape import Shape, Values

if TYPE_CHECKING:
    import pyarrow as pa

SHAPE_AT: Final = 4
"""Drafts of a shape for which it is looked into: that takes as long as the general code for a few."""
MAX_SHAPES: Final = 512
_MAX_SIGHTS: Final = 2_048
_FEWEST: Final = 4
"""Drafts that are no longer halved to find the one that only the general code can tell."""

_Key: TypeAlias = tuple[tuple[str, ...], frozenset[str], bool]
_SHAPES: Final[Bounded[_Key, Shape]] = Bounded(MAX_SHAPES)
_SIGHTS: Final[Bounded[_Key, int]] = Bounded(_MAX_SIGHTS)


def batch_of(
    drafts: Sequence[Draft],
    of_run: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    *,
    problems: Mapping[int, str] = MappingProxyType({}),
    include_content: bool,
) -> pa.RecordBatch:
    """Drafts as one batch of the table's schema, one row each, in their order.

    Args:
        drafts: Records in the making, with their texts. Of a run that could not be read: its ids.
        of_run: Column of `OF_RUN` → its values, in the order of the drafts: lists (times as `ticks`) or arrays. The ids are
            the drafts' own.
        problems: Place of a run that could not be read, from 0 → why, as it may be told.
        include_content: Whether texts (refusal, quotes, reasoning, error messages) stand in the table.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    columns = _Columns()
    for places, found in _parts(drafts, problems, include_content=include_content):
        columns.add(places, found)
    order = columns.order()
    arrays = {
        **{one.name: columns.array(one) for one in (*OF_RUN, *flat_columns(), PROBLEM)},
        **{one.name: columns.lists(one) for one in list_columns()},
        TAGS: arrow().array(columns.values(TAGS), arrow().list_(arrow().string())),
        **{one.name: json_of(columns.values(one.name)) for one in (OWN_METADATA, RECORD)},
    }
    in_order = {name: array.take(order) for name, array in arrays.items()}
    told = {one.name: array_of(of_run[one.name], one.kind) for one in OF_RUN if one.name in of_run}
    return arrow().RecordBatch.from_pydict(in_order | told, schema=table_schema())


_Part: TypeAlias = tuple[Sequence[int], Mapping[str, Values]]
"""Places of rows, and column of the table → their values."""


def _parts(drafts: Sequence[Draft], problems: Mapping[int, str], *, include_content: bool) -> Iterator[_Part]:
    """All rows, those of one shape together."""
    groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, draft in enumerate(drafts):
        if place not in problems:
            groups[(*draft,)].append(place)
    yield [*problems], {PROBLEM.name: [*problems.values()], **_ids([drafts[place] for place in problems])}
    for paths, places in groups.items():
        for empty, alike in _by_emptiness(paths, places, drafts).items():
            shape = _shape(paths, empty, len(alike), include_content=include_content)
            yield from _quick(shape, alike, drafts, include_content=include_content)


def _by_emptiness(
    paths: Sequence[str], places: list[int], drafts: Sequence[Draft]
) -> Mapping[frozenset[str], list[int]]:
    """Places of drafts by which of their lists and mappings hold nothing."""
    holders = [path for path in paths if classes_of_paths().get(path) in _HOLDERS]
    if all(as_dict(drafts[place])[path] for path in holders for place in places):
        return {_NONE: places}
    found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for place in places:
        draft = as_dict(drafts[place])
        found[frozenset([path for path in holders if not draft[path]])].append(place)
    return found


_NONE: Final = frozenset[str]()
_HOLDERS: Final = (dict, list)


def _shape(
    paths: tuple[str, ...], empty: frozenset[str], drafts: int, *, include_content: bool
) -> Shape | None:
    """What tells drafts of this shape; None where it is not worth making for so few."""
    key = (paths, empty, include_content)
    shape = _SHAPES.get(key)
    if shape is None:
        sights = _SIGHTS.get(key, 0) + drafts
        if sights < SHAPE_AT:
            _SIGHTS.keep(key, sights)
            return None
        shape = Shape(paths, empty, include_content=include_content)
        _SHAPES.keep(key, shape)
    return shape if shape.is_whole else None


def _quick(
    shape: Shape | None, places: Sequence[int], drafts: Sequence[Draft], *, include_content: bool
) -> Iterator[_Part]:
    """The rows by their shape; one of them that is odd is looked for in ever smaller parts, and told by the general code."""
    if shape is not None:
        try:
            yield places, shape.columns([drafts[place] for place in places])
        except Exception:  # noqa: BLE001 - the general code says it, or what is wrong
            if len(places) > _FEWEST:
                middle = len(places) // 2
                for half in (places[:middle], places[middle:]):
                    yield from _quick(shape, half, drafts, include_content=include_content)
                return
        else:
            return
    for place in places:
        yield [place], _general(drafts[place], include_content=include_content)


def _general(draft: Draft, *, include_content: bool) -> dict[str, Values]:
    try:
        values = values_of(draft, include_content=include_content)
    except Exception as fault:  # noqa: BLE001 - a draft of foreign data: whatever it is, the row says so
        values = {PROBLEM.name: f"the record could not be built ({type(fault).__name__})"}
    return {name: [value] for name, value in values.items()} | _ids([draft])


def _ids(drafts: Sequence[Draft]) -> dict[str, Values]:
    return {name: [as_dict(draft).get(name) for draft in drafts] for name in IDS}


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
            if len(column) < before:
                column.extend(repeat(None, before - len(column)))
            column.extend(values)

    def values(self, name: str) -> list[Any]:
        """One column; None where no part had it."""
        column = self._found.get(name, [])
        column.extend(repeat(None, len(self._places) - len(column)))
        return column

    def array(self, column: Column) -> pa.Array:
        """One column of scalars."""
        if column.name not in self._found:
            return arrow().nulls(len(self._places), arrow_type(column.kind))
        return array_of(self.values(column.name), column.kind)

    def lists(self, column: ListColumn) -> pa.Array:
        """One column of lists."""
        if column.name not in self._found:
            return arrow().nulls(len(self._places), table_schema().field(column.name).type)
        return lists_of(self.values(column.name), column.fields)

    def order(self) -> pa.Array:
        """For each row, where its values are."""
        order = [0] * len(self._places)
        for at, place in enumerate(self._places):
            order[place] = at
        return arrow().array(order, "int64")
