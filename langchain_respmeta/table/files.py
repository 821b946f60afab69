"""One file of a table: written beside its place and renamed, so that there is a whole file or the one before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias
from uuid import uuid4

import orjson

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.table.lines import lines_of
from langchain_respmeta.table.parquet import writer_options
from langchain_respmeta.table.schema import arrow, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

Write: TypeAlias = "Callable[[pa.RecordBatch], None]"
"""Writes some rows."""
Format: TypeAlias = Callable[[BinaryIO], AbstractContextManager[Write]]
"""How a file is written: for as long as the context lasts."""

_GROUP_BYTES: Final = 64 << 20
"""Unpacked bytes of a row group, about: large ones are read faster."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that takes its name when it is whole and on the disk. After an error nothing is left of it.

    Raises:
        OSError: It cannot be written.
    """
    aside = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def parquet_file(file: BinaryIO) -> Iterator[Write]:
    """Write rows of the table as Parquet."""
    with loading:
        import pyarrow.parquet as pq
    schema = table_schema()
    held: list[pa.RecordBatch] = []
    with pq.ParquetWriter(file, schema, **writer_options(schema)) as writer:

        def write_held() -> None:
            writer.write_table(arrow().Table.from_batches(held, schema))
            held.clear()

        def write(batch: pa.RecordBatch) -> None:
            held.append(batch)
            if sum(one.nbytes for one in held) >= _GROUP_BYTES:
                write_held()

        yield write
        if held:
            write_held()


@contextmanager
def lines_file(file: BinaryIO) -> Iterator[Write]:
    """Write rows of the table as lines of JSON."""
    yield lambda batch: file.writelines(lines_of(batch))


@contextmanager
def csv_file(file: BinaryIO) -> Iterator[Write]:
    """Write rows of the table as comma-separated values: lists are JSON, null is empty, times are in UTC.

    A text that a spreadsheet would take for a formula has an apostrophe before it: models and strangers write such texts.
    """
    with loading:
        import pyarrow.csv
    with pyarrow.csv.CSVWriter(file, _flat_schema()) as writer:
        yield lambda batch: writer.write_batch(_flat(batch))


FORMATS: Final[Mapping[str, Format]] = {
    ".parquet": parquet_file,
    ".jsonl": lines_file,
    ".csv": csv_file,
}
"""Ending of a file's name → how it is written."""


@cache
def _flat_schema() -> pa.Schema:
    pa = arrow()
    return pa.schema(
        [field.with_type(pa.string()) if pa.types.is_list(field.type) else field for field in table_schema()]
    )


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    pa = arrow()
    columns = [
        pa.array(map(_json, column.to_pylist()), pa.string())
        if pa.types.is_list(column.type)
        else _defused(column)
        if pa.types.is_string(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_flat_schema())


def _defused(column: pa.Array) -> pa.Array:
    """Texts of which none begins as a formula does."""
    return arrow().compute.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")


_FORMULA: Final = "\\A([=+\\-@\t\r])"
"""What Excel, Calc and Sheets take for the beginning of one."""


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
