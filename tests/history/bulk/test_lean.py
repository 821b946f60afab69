"""Worker processes do without pandas; who imports it himself gets it."""

import importlib.util
import subprocess
import sys

import pytest

_PROGRAM = """
import sys
from langchain_respmeta.history.bulk.lean import leave_out_pandas
leave_out_pandas()
import pyarrow as pa
from langchain_respmeta.history import normalize_batch
table = normalize_batch(pa.RecordBatch.from_pydict({"id": ["a"], "run_type": ["llm"], "error": ["no"], "status": ["error"]}))
assert table.num_rows == 1 and "pandas" not in sys.modules
import pandas
assert pandas.DataFrame({"a": [1]}).a[0] == 1
"""


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not installed")
def test_arrow_is_used_without_pandas_and_pandas_can_still_be_imported() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
