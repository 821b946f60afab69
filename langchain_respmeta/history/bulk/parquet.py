"""Rows of Parquet, in batches, of the needed columns only, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from langchain_respmeta.history.bulk.job import Unit
from langchain_respmeta.history.bulk.places import place_of
from langchain_respmeta.history.rows import ROWS_OF_BATCH

_BUFFER: Final = 256 << 10
"""Bytes read ahead of each column: a row group is never loaded whole."""
_BATCH_BYTES: Final = 3 << 20
"""Unpacked bytes of a batch, about: rows of megabytes come in smaller batches."""


def read_parquet(unit: Unit, columns: frozenset[str]) -> Iterator[tuple[int, Any]]:
    """Each batch of a unit, with the place of its first row in the file.

    Args:
        unit: Of a Parquet file.
        columns: What is read, of what the file has.

    Raises:
        OSError: The file cannot be read, or is broken.
        ValueError: The same, in Arrow's words.
    """
    import pyarrow.parquet as pq

    place = place_of(unit.source)
    with place.fs.open_input_file(place.path) as stream:
        file = pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False, memory_map=False)
        if not unit.row_groups:
            return
        names = file.schema_arrow.names
        batches = file.iter_batches(
            batch_size=_rows_of_batch(file.metadata, unit),
            row_groups=list(unit.row_groups),
            columns=[name for name in names if name in columns],
            use_threads=False,
        )
        yield from _within(batches, unit)


def _rows_of_batch(footer: Any, unit: Unit) -> int:
    groups = [footer.row_group(number) for number in unit.row_groups]
    rows, size = sum(group.num_rows for group in groups), sum(group.total_byte_size for group in groups)
    return int(max(16, min(ROWS_OF_BATCH, _BATCH_BYTES * rows // max(1, size))))


def _within(batches: Iterator[Any], unit: Unit) -> Iterator[tuple[int, Any]]:
    """The unit's rows of its row groups' batches."""
    at, first, stop = 0, unit.skip, unit.skip + (unit.rows or 0)
    for batch in batches:
        start, end = max(at, first), min(at + batch.num_rows, stop)
        if start < end:
            yield unit.first_row + start, batch.slice(start - at, end - start)
        at += batch.num_rows
        if at >= stop:
            return
