"""The table that an engine made, as files: equal for every engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pyarrow.dataset as ds
import pytest

from langchain_respmeta.history import normalize_files, table_schema
from tests.history.bulk.files import by_id, table_of

COUNTS = ("rows", "runs", "records", "other_types", "not_ended", "bad", "done", "failed")


def made_by(engine: str, runs: Path, output: Path, *, workers: int = 2) -> dict[str, Any]:
    """Rows of the table one by one, rows of the side files, names of the files, and the counts."""
    report = normalize_files(runs, output, engine=engine, workers=workers)
    bad = [orjson.loads(line) for path in output.glob("_bad/*") for line in path.read_bytes().splitlines()]
    return {
        "rows": table_of(output),
        "bad": sorted(bad, key=orjson.dumps),
        "files": sorted(str(path.relative_to(output)) for path in output.rglob("*.parquet")),
        "counts": {name: getattr(report, name) for name in COUNTS},
    }


def answers_of(table: Path) -> list[dict[str, Any]]:
    """Rows of a table that another library wrote, in our types; those of bad runs are left out, as in ours."""
    found = ds.dataset(str(table), format="parquet").to_table().select(table_schema().names)
    return [row for row in by_id(found.cast(table_schema())) if row["problem"] is None]


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Let imports of a package fail, as where it is not installed."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
