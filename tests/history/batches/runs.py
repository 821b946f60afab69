"""Stored runs to read in batches: the rows that the measurements read, as columns of JSON in text."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa

from benchmarks.history.rows import export_rows


@cache
def exported(count: int = 48) -> pa.RecordBatch:
    """Rows of an export."""
    return pa.Table.from_batches(export_rows(count)).combine_chunks().to_batches()[0]


def as_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Its rows as `normalize_run` takes them."""
    return list(batch.to_pylist())
