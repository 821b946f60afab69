"""The table as Parquet: how its files are written, and by which days they are parted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta.table.schema import arrow, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

NO_DAY: Final = "__HIVE_DEFAULT_PARTITION__"
"""The day of a run without any time: hive's name of null."""

_UNIQUE: Final = (
    "run_id",
    "trace_id",
    "parent_run_id",
    "start_time",
    "end_time",
    "record",
    "respmeta_response_id",
)
"""Columns whose values hardly repeat: a dictionary of them costs time and saves nothing."""


def writer_options(schema: pa.Schema) -> Mapping[str, Any]:
    """The arguments of a `ParquetWriter` for files of this schema."""
    return {"compression": "zstd", "use_dictionary": [name for name in schema.names if name not in _UNIQUE]}


def days_of(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each day (UTC) of their runs' start, else end, in their order."""
    pc = arrow().compute
    times = pc.coalesce(table.column("start_time"), table.column("end_time"))
    days = pc.fill_null(pc.cast(pc.cast(times, "date32"), "string"), NO_DAY)
    if len({*(names := days.to_pylist())}) < len([*groupby(names)]):  # not in the order of days
        order = pc.sort_indices(days)
        table, names = table.take(order), days.take(order).to_pylist()
    at = 0
    for name, same in groupby(names):
        size = len([*same])
        yield name, table.slice(at, size)
        at += size


def as_current(table: pa.Table) -> pa.Table:
    """A table of an older or newer version with this version's columns: null where it has none."""
    pa, schema = arrow(), table_schema()
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
