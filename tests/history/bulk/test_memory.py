"""A process needs the same memory for any number of rows, also where they are one row group."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.history.bulk.files import as_lines, exported

N = 5_000
LIMIT_MB = 300
_PROGRAM = """
import re, sys
from pathlib import Path
from langchain_respmeta.history import normalize_files
report = normalize_files(sys.argv[1], sys.argv[2], workers=1)
assert report.is_clean
print(report.rows, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_memory_does_not_grow_with_the_rows(ending: str, tmp_path: Path) -> None:
    rows = exported(250)
    for name in ("start_time", "end_time"):
        first = pa.array([rows.column(name)[0]] * rows.num_rows, rows.schema.field(name).type)
        rows = rows.set_column(rows.schema.names.index(name), name, first)
    peaks = []
    for count in (N, 4 * N):
        path = tmp_path / f"{count}.{ending}"
        times = count // rows.num_rows
        if ending == "parquet":
            pq.write_table(pa.concat_tables([rows] * times), path, row_group_size=count, compression="zstd")
        else:
            path.write_bytes(as_lines(rows) * times)
        command = [sys.executable, "-c", _PROGRAM, str(path), str(tmp_path / f"out{count}")]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        read, peak = map(int, told.split())
        assert read == count
        peaks.append(peak // 1024)
    assert peaks[1] < LIMIT_MB
    assert peaks[1] < 1.2 * peaks[0]
