"""The comparison of the engines' tables finds what differs, and their memory is that of their processes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.history.engines import run, unequal, write_rows
from benchmarks.history.processes import run_watched


def _write(table: Path, **files: list[int]) -> Path:
    table.mkdir()
    for name, values in files.items():
        pq.write_table(pa.table({"value": values}), table / f"{name}.parquet")
    return table


def test_a_row_that_differs_or_a_file_too_many_is_found(tmp_path: Path) -> None:
    one = _write(tmp_path / "one", a=[1, 2], b=[3])
    assert unequal(one, _write(tmp_path / "same", a=[1, 2], b=[3])) == []
    assert unequal(one, _write(tmp_path / "other", a=[1, 2], b=[4])) == ["b.parquet"]
    assert unequal(one, _write(tmp_path / "more", a=[1, 2], b=[3], c=[])) == ["c.parquet"]


def test_all_rows_are_written_and_read(tmp_path: Path) -> None:
    (runs := tmp_path / "runs").mkdir()
    write_rows(runs, 50)
    done = run(runs, tmp_path / "table", "local", 1)
    assert done.rows == 50
    assert done.peaks.worker > 10_000_000


def test_memory_that_was_used_and_given_back_counts() -> None:
    program = "import time; x = bytearray(300_000_000); del x; time.sleep(1); print('done')"
    printed, peaks = run_watched(program)
    assert printed == "done\n"
    assert peaks.worker > 300_000_000
