"""A handler's records as tables and files, with the columns that `respmeta normalize` writes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.late_imports import loading, needing

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.fields import RecordFields


def table_of(drafts: Sequence[Draft], *, include_content: bool) -> pa.Table:
    """Drafts as a table, one row each.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    with loading:
        from langchain_respmeta.table.rows import batch_of_live
        from langchain_respmeta.table.schema import arrow

    return arrow().Table.from_batches([batch_of_live(drafts, include_content=include_content)])


def pandas_of(table: pa.Table) -> pd.DataFrame:
    """The table as a frame of pandas. Counts and flags have its nullable types: unknown stays unknown, 7 stays 7.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    with needing("to_pandas()", extra="pandas", package="pandas"):
        import pandas as pd
    with loading:
        import pyarrow as pa
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    return frame


def polars_of(table: pa.Table) -> pl.DataFrame:
    """The table as a frame of polars.

    Raises:
        MissingExtraError: polars is not installed.
    """
    with needing("to_polars()", extra="polars", package="polars"):
        import polars as pl
    frame: Any = pl.from_arrow(table)
    return frame  # type: ignore[no-any-return]


def write_lines(records: Iterable[RecordFields], path: str | os.PathLike[str]) -> int:
    """Write a line of JSON for each record; return how many. It needs no Arrow.

    Raises:
        OSError: The file cannot be written.
    """
    with loading:
        from langchain_respmeta.table.files import whole_file
        from langchain_respmeta.table.lines import line_of

    count = 0
    with whole_file(Path(path)) as file:
        for record in records:
            file.write(line_of(record))
            count += 1
    return count


def write_parquet(table: pa.Table, path: str | os.PathLike[str]) -> int:
    """Write the table as one Parquet file; return how many rows it has.

    Raises:
        OSError: The file cannot be written.
    """
    with loading:
        from langchain_respmeta.table.files import parquet_file, whole_file

    with whole_file(Path(path)) as file, parquet_file(file) as write:
        for batch in table.to_batches():
            write(batch)
    return int(table.num_rows)
