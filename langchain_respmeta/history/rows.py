"""Rows of an Arrow batch as runs: whatever types its columns have, as plain Python data that the reading takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from langchain_respmeta._runs.traced_fields import RUNS_OWN
from langchain_respmeta._runs.traced_run import MODEL_TYPES
from langchain_respmeta.record.allowed_facts import TAGS
from langchain_respmeta.table.schema import arrow
from langchain_respmeta.table.ticks import times_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_BATCH: Final = 4096
"""Most rows read at once: 16 thousand parsed runs at once cost ten times the parsing."""

IDS: Final = frozenset({"id", "trace_id", "parent_run_id", "session_id", "project_id"})
"""Columns of UUIDs: as text, as 16 bytes, or as Arrow's own type."""

RUN: Final = "run"
"""The column that holds whole runs as JSON, in place of all others."""

COLUMNS: Final = (
    *("id", "trace_id", "parent_run_id", "parent_run_ids", "session_id", "project_id", "name", "run_type"),
    *("status", "error", "start_time", "end_time", "first_token_time", "serialized", "manifest", "extra"),
    *("metadata", "inputs", "outputs", "events", TAGS, RUN),
)
"""Columns that are looked at; the others need not be read."""

UNREADABLE: Final = "\ufffd"
"""Stands for a value that Python cannot have: text that is no JSON, so the reading says that of the column."""

_BYTES_OF_UUID: Final = 16


def runs_of(batch: pa.RecordBatch) -> Iterator[Any]:
    """Each row's run as a dict; anything else where a line holds none."""
    places = {name: found[0] for name in COLUMNS if (found := batch.schema.get_all_field_indices(name))}
    if RUN in places:
        yield from map(_parsed, values_of(batch.column(places[RUN])))
        return
    columns = {
        name: values_of(batch.column(place), is_id=name in IDS)
        for name, place in places.items()
        if name in RUNS_OWN or batch.column(place).null_count < batch.num_rows
    }
    if not columns:
        yield from ({} for _ in range(batch.num_rows))
    names = [*columns]
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(names, row, strict=True))


def is_models(run: Mapping[str, Any]) -> bool:
    """Whether it is a model's, as far as its type is known."""
    kind = run.get("run_type")
    return kind.__class__ is not str or not kind or kind in MODEL_TYPES or kind.lower() in MODEL_TYPES


def has_ended(run: Mapping[str, Any]) -> bool:
    """Whether anything tells so; what is no run, or has outputs that hold nothing, is a bad one."""
    status = run.get("status")
    if isinstance(status, str) and (ended := _STATUSES.get(status.lower())) is not None:
        return ended
    return any(run.get(name) for name in ("end_time", "error", "outputs")) or RUNS_OWN.isdisjoint(run)


_STATUSES: Final = {"pending": False, "success": True, "error": True}


def _parsed(text: Any) -> Any:
    """What a line holds; the text itself where that is no JSON."""
    if not isinstance(text, str):
        return text
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text)  # which takes NaN and half an emoji, too
    except (ValueError, RecursionError):
        return text


def values_of(column: pa.Array, *, is_id: bool = False) -> list[Any]:
    """The values of an array of any type.

    Texts are str, structs and maps are dicts (a struct's null fields are left out), times are datetimes in UTC.
    """
    pa = arrow()
    types = pa.types
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if types.is_timestamp(kind) or types.is_date(kind):
        return times_of(_ticks(column).to_pylist())
    if types.is_fixed_size_binary(kind) or (is_id and _is_binary(kind)):
        return _each(column, _id)
    if _is_binary(kind):
        return _each(column, _text)
    return _each(column, _plain, maps_as_pydicts="lossy") if _holds_fields(kind) else _each(column)


def ticks_of_column(batch: pa.RecordBatch, name: str) -> pa.Array | None:
    """A column of times as `ticks`; None where it holds none of Arrow's, or whole runs do."""
    places = {one: batch.schema.get_all_field_indices(one) for one in (name, RUN)}
    if places[RUN] or not places[name] or not arrow().types.is_timestamp(batch.schema.types[places[name][0]]):
        return None
    return _ticks(batch.column(places[name][0]))


def _ticks(times: pa.Array) -> pa.Array:
    """In UTC, whole microseconds: what is finer is cut."""
    pa = arrow()
    return times.cast(pa.timestamp("us"), safe=False).cast(pa.int64())


def _is_binary(kind: pa.DataType) -> bool:
    types = arrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))


def _holds_fields(kind: pa.DataType) -> bool:
    """Whether a struct or a map is in it."""
    return bool(arrow().types.is_struct(kind) or arrow().types.is_map(kind)) or any(
        _holds_fields(kind.field(place).type) for place in range(kind.num_fields)
    )


def _each(column: pa.Array, of: Callable[[Any], Any] | None = None, **how: Any) -> list[Any]:
    """Its values, each as `of` makes it."""
    try:
        values = column.to_pylist(**how)
    except (
        ValueError,
        OverflowError,
    ):  # a text that is no UTF-8, a time beyond Python's years: rare, so looked for last
        values = [_one(value, how) for value in column]
    return values if of is None else [None if value is None else of(value) for value in values]


def _one(value: Any, how: Mapping[str, Any]) -> Any:
    try:
        return value.as_py(**how)
    except UnicodeDecodeError as fault:
        return fault.object.decode("utf-8", "replace")
    except (ValueError, OverflowError):
        return UNREADABLE


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _id(value: bytes) -> str:
    return str(UUID(bytes=value)) if len(value) == _BYTES_OF_UUID else _text(value)


def _plain(value: Any) -> Any:
    """Without a struct's null fields: Arrow has one for each name that any row has."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value
