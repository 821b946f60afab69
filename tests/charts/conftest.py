"""One month of records in all forms that charts read, made once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.charts.source import Source, source_of
from tests.charts.month import month, table_of, write_lines


@pytest.fixture(scope="session")
def records() -> list[ResponseMetadata]:
    return month(600)


@pytest.fixture(scope="session")
def source(records: list[ResponseMetadata]) -> Source:
    return source_of(records)


@pytest.fixture(scope="session")
def forms(records: list[ResponseMetadata], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Name of a form → the same month in it."""
    import orjson
    import polars as pl
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("month")
    table = table_of(records)
    whole, array = folder / "all.parquet", folder / "all.json"
    pq.write_table(table, whole)
    array.write_bytes(orjson.dumps([one.to_dict() for one in records]))
    _by_day(table, folder / "days")
    return {
        "dicts": [one.to_dict() for one in records],
        "table": table,
        "reader": table.to_reader(),
        "pandas": table.to_pandas(),
        "polars": pl.from_arrow(table),
        "parquet": whole,
        "folder": str(folder / "days"),
        "lines": write_lines(records, folder / "all.jsonl"),
        "array": array,
        "two files": _halves(table, folder),
    }


def _by_day(table: Any, folder: Path) -> None:
    """Write the folder of a Parquet sink, with what it keeps for itself."""
    import pyarrow.parquet as pq

    for number, start in enumerate(range(0, table.num_rows, 250)):
        day = folder / f"day=2026-10-{5 + number:02d}"
        day.mkdir(parents=True)
        pq.write_table(table.slice(start, 250), day / "part-0.parquet")
    (folder / "_journal").mkdir()
    (folder / "_journal" / "open.jsonl").write_bytes(b"{}\n")


def _halves(table: Any, folder: Path) -> list[Path]:
    import pyarrow.parquet as pq

    middle = table.num_rows // 2
    paths = [folder / "first [1].parquet", folder / "second?.parquet"]
    for path, half in zip(paths, (table.slice(0, middle), table.slice(middle)), strict=True):
        pq.write_table(half, path)
    return paths
