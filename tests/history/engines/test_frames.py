"""Programs of the page for data frames that are neither Ray's nor Spark's, and that each program of the page is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.history.bulk.files import by_id
from tests.history.engines.snippets import SNIPPETS, run_snippet
from tests.history.engines.tables import answers_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Dask's, of the newest pandas


@pytest.mark.parametrize("name", ["dask", "daft"])
def test_a_frames_program_of_the_page_makes_the_same_table(
    name: str, here: Path, expected: dict[str, Any]
) -> None:
    run_snippet(f"frame of {name}", here)
    assert answers_of(here / "table") == expected["rows"]


def test_duckdbs_program_of_the_page_makes_the_same_table(
    here: Path, expected: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    run_snippet("frame of duckdb", here)
    assert answers_of(here / "table.parquet") == expected["rows"]
    assert "anthropic" in capfd.readouterr().out


def test_each_program_of_the_page_is_run_by_a_test() -> None:
    assert set(SNIPPETS) == {
        "files of spark",
        *(f"frame of {name}" for name in ("ray", "spark", "dask", "daft", "duckdb")),
    }


def test_batches_are_read_one_after_the_other() -> None:
    from langchain_respmeta.history import normalize_batch, normalize_batches
    from tests.history.bulk.files import exported

    given = exported().to_batches(max_chunksize=20)
    taken = []
    found = normalize_batches(taken.append(batch) or batch for batch in given)
    assert next(found).equals(normalize_batch(given[0]))
    assert len(taken) == 1
    assert len([*found]) == len(given) - 1


def test_a_table_is_read_as_its_batches_are() -> None:
    import pyarrow as pa

    from langchain_respmeta.history import normalize_batch
    from tests.history.bulk.files import exported

    rows = exported()
    cut = pa.Table.from_batches(rows.to_batches(max_chunksize=7))
    found = normalize_batch(cut)
    assert isinstance(found, pa.Table)
    assert by_id(found) == by_id(pa.Table.from_batches([normalize_batch(rows.to_batches()[0])]))
    assert normalize_batch(cut.slice(0, 0)).schema.equals(found.schema, check_metadata=True)
