"""The table that an engine made, as files: equal for every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from langchain_respmeta.history import NormalizeReport, normalize_files
from tests.history.bulk.files import table_of

COUNTS = ("rows", "runs", "records", "other_types", "not_ended", "bad", "done", "failed")


def made_by(engine: str, runs: Path, output: Path) -> tuple[NormalizeReport, dict[str, Any]]:
    """Normalize with two workers; what is in the output, in the form that is compared."""
    report = normalize_files(runs, output, engine=engine, workers=2)
    return report, contents(output, report)


def contents(output: Path, report: NormalizeReport) -> dict[str, Any]:
    """Rows of the table one by one, rows of the side files, names of the files, and the counts."""
    bad = [
        orjson.loads(line) for path in output.glob("_bad/*") for line in path.read_bytes().splitlines()
    ]
    return {
        "rows": table_of(output),
        "bad": sorted(bad, key=orjson.dumps),
        "files": sorted(str(path.relative_to(output)) for path in output.rglob("*.parquet")),
        "counts": {name: getattr(report, name) for name in COUNTS},
    }
