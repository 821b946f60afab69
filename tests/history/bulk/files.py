"""Files of runs for the tests, and the table that they become."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.history.rows import FIRST, export_rows
from langchain_respmeta.history import normalize_batch

PROJECT = "22222222-2222-4222-8222-222222222222"
HIVE = f"export_id=a1/tenant_id=b2/session_id={PROJECT}/runs/year=2026/month=1/day=1"


@cache
def exported(count: int = 60, *, days: int = 3) -> pa.Table:
    """Rows of an export, spread over so many days."""
    rows = pa.Table.from_batches(export_rows(count)).combine_chunks()
    for name in ("start_time", "end_time", "first_token_time"):
        at, kind = rows.schema.names.index(name), rows.schema.field(name).type
        year = [time and FIRST + (time - FIRST) * days / 365 for time in rows.column(name).to_pylist()]
        rows = rows.set_column(at, name, pa.array(year, kind))
    return rows


def write_export(folder: Path, rows: pa.Table, *, name: str = "data_0.parquet", group: int = 20) -> Path:
    """A bulk export's file in its folders."""
    path = folder / HIVE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path, compression="zstd", row_group_size=group)
    return path


def as_lines(rows: pa.Table) -> bytes:
    """One run a line, as a client's program would store it."""
    return b"".join(json.dumps(_parsed(row), default=str).encode() + b"\n" for row in rows.to_pylist())


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    texts = ("inputs", "outputs", "extra", "events")
    return {name: json.loads(value) if name in texts and value else value for name, value in row.items()}


_DAYS = ds.partitioning(pa.schema([("day", pa.string())]), flavor="hive")


def table_of(output: Path | str) -> list[dict[str, Any]]:
    """The rows of the table, sorted. As any reader sees it: files that begin with `_` or `.` are left out."""
    found = ds.dataset(str(output), format="parquet", partitioning=_DAYS)
    return by_id(found.to_table().drop_columns("day"))


def expected(rows: pa.Table) -> list[dict[str, Any]]:
    """What the table of these rows is."""
    return by_id(pa.Table.from_batches([normalize_batch(rows.combine_chunks().to_batches()[0])]))


def by_id(table: pa.Table) -> list[dict[str, Any]]:
    rows = table.to_pylist()
    return sorted(rows, key=lambda row: (row["run_id"] or "", row["respmeta_candidate_index"] or 0))


def visible(output: Path) -> set[str]:
    """Files that a reader of the table sees."""
    return {path.name for path in output.rglob("*") if path.is_file() and not _is_hidden(path, output)}


def _is_hidden(path: Path, output: Path) -> bool:
    return any(part[0] in "_." for part in path.relative_to(output).parts)
