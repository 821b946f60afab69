"""Rows of an Arrow batch as runs: whatever types its columns have, as plain Python data that the reading takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta.table.schema import arrow

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_BATCH: Final = 4096
"""Most rows read at once: 16 thousand parsed runs at once cost ten times the parsing."""

IDS: Final = frozenset({"id", "trace_id", "parent_run_id", "session_id", "project_id"})
"""Columns of UUIDs: as text, as 16 bytes, or as Arrow's own type."""

COLUMNS: Final = (
    *("id", "trace_id", "parent_run_id", "parent_run_ids", "session_id", "project_id", "name", "run_type"),
    *("status", "error", "start_time", "end_time", "first_token_time", "serialized", "manifest", "extra"),
    *("metadata", "inputs", "outputs", "events", "run"),
)
"""Columns that are looked at; the others need not be read. `run` holds whole runs as JSON, in place of all others."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BYTES_OF_UUID: Final = 16


def column_of(batch: pa.RecordBatch, name: str) -> list[Any] | None:
    """The values of one column; None where there is no such column.

    Texts are str, structs and maps are dicts (a struct's null fields are left out), times are datetimes in UTC.
    """
    places = batch.schema.get_all_field_indices(name)
    return values_of(batch.column(places[0]), is_id=name in IDS) if places else None


def values_of(column: pa.Array, *, is_id: bool = False) -> list[Any]:
    """The values of an array of any type."""
    pa = arrow()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    kind, types = column.type, pa.types
    if types.is_timestamp(kind) or types.is_date(kind):
        return _times(column)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return _each(column, _id_in_bytes if is_id else _text)
    if types.is_fixed_size_binary(kind):
        return _each(column, _id_in_bytes)
    if types.is_nested(kind):
        return _each(column, _plain, maps_as_pydicts="lossy")
    return _each(column, None)


def _each(column: pa.Array, of: Callable[[Any], Any] | None, **how: Any) -> list[Any]:
    """Its values, each as `of` makes it; a value that Python cannot have is the text `UNREADABLE`."""
    try:
        values = column.to_pylist(**how)
    except (
        ValueError,
        OverflowError,
    ):  # a text that is no UTF-8, a time beyond Python's years: rare, so looked for last
        values = [_one(value, how) for value in column]
    return values if of is None else [None if value is None else of(value) for value in values]


UNREADABLE: Final = "\ufffd"
"""Stands for a value that cannot be read: text that is no JSON, so the reading says that of the column."""


def _one(value: Any, how: Mapping[str, Any]) -> Any:
    try:
        return value.as_py(**how)
    except UnicodeDecodeError as fault:
        return fault.object.decode("utf-8", "replace")
    except (ValueError, OverflowError):
        return UNREADABLE


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _id_in_bytes(value: bytes) -> str:
    return str(UUID(bytes=value)) if len(value) == _BYTES_OF_UUID else _text(value)


def _plain(value: Any) -> Any:
    """Without a struct's null fields: Arrow has one for each name that any row has."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _times(column: pa.Array) -> list[datetime | None]:
    """In UTC, microseconds: what is finer is cut."""
    pa = arrow()
    ticks: Iterable[int | None] = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_pylist()
    return [None if tick is None else _time(tick) for tick in ticks]


def _time(ticks: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=ticks)
    except OverflowError:
        return None


def rows_of(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns of equal length as one mapping for each row."""
    names = (*columns,)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
