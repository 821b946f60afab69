"""Rows as columns: `batch_of`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langchain_respmeta.table.general import values_of
from langchain_respmeta.table.row import Row
from langchain_respmeta.table.schema import arrow, table_schema

if TYPE_CHECKING:
    import pyarrow as pa


def batch_of(rows: Sequence[Row], *, include_content: bool) -> pa.RecordBatch:
    """The rows as one batch of the table's schema, in their order.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa, schema = arrow(), table_schema()
    values = [values_of(row, include_content=include_content) for row in rows]
    arrays = [pa.array([one.get(field.name) for one in values], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
