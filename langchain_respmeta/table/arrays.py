"""Python's values as Arrow's arrays: what does not fit its column is null there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

from langchain_respmeta.table.fitting import fitting
from langchain_respmeta.table.schema import Kind, arrow, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa


def array_of(values: Sequence[Any] | pa.Array, kind: Kind) -> pa.Array:
    """An array of scalars; times are `ticks`."""
    pa = arrow()
    if isinstance(values, pa.Array):
        return pa.compute.cast(values, arrow_type(kind))
    if kind == "timestamp":
        return array_of(values, "int64").cast(arrow_type(kind))
    try:
        return pa.array(values, arrow_type(kind))
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.array([fitting(value, kind) for value in values], arrow_type(kind))


def json_of(texts: Sequence[str | bytes | None]) -> pa.Array:
    """An array of texts that JSON's writers made: UTF-8."""
    pa = arrow()
    return pa.array(texts, pa.binary()).view(pa.string())


def lists_of(lists: Sequence[Sequence[Mapping[str, Any]] | None], fields: Mapping[str, Kind]) -> pa.Array:
    """An array of lists of structs; null where there is no list."""
    pa = arrow()
    items = list(chain.from_iterable(filter(None, lists)))
    columns = [array_of([item.get(name) for item in items], kind) for name, kind in fields.items()]
    offsets = [0, *accumulate(len(one or ()) for one in lists)]
    return pa.ListArray.from_arrays(
        pa.array(_marked(offsets, lists), pa.int32()), pa.StructArray.from_arrays(columns, names=[*fields])
    )


def _marked(offsets: Sequence[int], lists: Sequence[Any]) -> Iterator[int | None]:
    """Offsets as Arrow takes them: null where there is no list."""
    yield from (None if one is None else offset for offset, one in zip(offsets, lists, strict=False))
    yield offsets[-1]
