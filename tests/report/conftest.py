"""Calls of a fortnight in one file, reports of them, and a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import synthetic
from langchain_respmeta.report import WrittenReport, write_report
from tests.browsing import browser  # noqa: F401 - a fixture

CALLS = 800
DAYS = 14
LINKS = "http://localhost:2727/run/{run_id}"
FIRST, MIDDLE, LAST = (f"{synthetic.FIRST + timedelta(days=day):%Y-%m-%d}" for day in (0, DAYS // 2, DAYS))
"""Days at which two weeks begin and end."""


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of calls in a file."""
    path = tmp_path_factory.mktemp("records") / "calls.parquet"
    pq.write_table(pa.Table.from_batches(list(synthetic.tables(CALLS, days=DAYS))), path)
    return path


@pytest.fixture(scope="session")
def written(records: Path, tmp_path_factory: pytest.TempPathFactory) -> WrittenReport:
    """A report of them."""
    page = tmp_path_factory.mktemp("report") / "report.html"
    return write_report(records, page, by=["model", "user_id"], links=LINKS)


@pytest.fixture(scope="session")
def compared(records: Path, tmp_path_factory: pytest.TempPathFactory) -> WrittenReport:
    """A report of the second week beside the first."""
    page = tmp_path_factory.mktemp("compared") / "report.html"
    return write_report(
        records, page, by=["model", "user_id"], links=LINKS, since=MIDDLE, until=LAST, previous=True
    )
