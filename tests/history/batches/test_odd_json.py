"""What JSON's writers disagree about is read as `normalize_run` reads it, in columns and in whole lines."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from langchain_respmeta.history.batches import ReadOptions, read_batch
from tests.history.batches.test_parity import check, of_cases

DEEP = "[" * 300 + "]" * 300
DEEPER = "[" * 100_000 + "]" * 100_000
OUTPUTS = '{"generations":[[{"message":{"type":"ai","content":%s,"response_metadata":{"model_name":"m","odd":%s}}}]]}'

ODD = {
    "not a number": OUTPUTS % ('"x"', "NaN"),
    "without end": OUTPUTS % ('"x"', '{"a": -Infinity}'),
    "half an emoji": OUTPUTS % ('"\\ud83d"', '"\\ud83d"'),
    "a huge number": OUTPUTS % ('"x"', "9" * 400),
    "a huge float": OUTPUTS % ('"x"', "1e999"),
    "a number beyond 64 bits": OUTPUTS % ('"x"', "18446744073709551616"),
    "deep": OUTPUTS % ('"x"', DEEP),
    "too deep": OUTPUTS % ('"x"', DEEPER),
    "a long text": OUTPUTS % (json.dumps("x" * 3_000_000), json.dumps("y" * 3_000_000)),
    "twice the same key": OUTPUTS.replace('"type":"ai"', '"type":"ai","type":"ai"') % ('"x"', "1"),
    "cut": OUTPUTS[:40],
    "two values": '{"generations": []} {"generations": []}',
    "a byte order mark": "\ufeff" + OUTPUTS % ('"x"', "1"),
    "nothing": "",
    "blanks": "  \n",
    "null": "null",
    "a number": "12",
    "a text": '"x"',
    "a list": "[1, 2]",
}


def run_with(outputs: str) -> dict[str, Any]:
    return {**of_cases()[0], "serialized": None, "outputs": outputs}


@pytest.mark.parametrize("include_content", [True, False])
@pytest.mark.parametrize("name", ODD)
def test_odd_outputs_are_read_as_one_by_one(name: str, *, include_content: bool) -> None:
    """Among good ones, which stay as they are."""
    good = run_with(OUTPUTS % ('"x"', "1"))
    runs = [good, run_with(ODD[name]), good]
    names = ("id", "name", "run_type", "outputs", "start_time", "end_time", "status")
    batch = pa.RecordBatch.from_pydict(
        {key: pa.array([run[key] for run in runs], pa.string()) for key in names}
    )
    check([{key: run[key] for key in names} for run in runs], batch, include_content=include_content)


@pytest.mark.parametrize("name", ODD)
def test_a_line_with_odd_outputs_is_read_or_is_bad(name: str) -> None:
    line = json.dumps({**run_with(""), "outputs": 0}).replace(
        '"outputs": 0', f'"outputs": {ODD[name] or "null"}'
    )
    read = read_batch(pa.RecordBatch.from_pydict({"run": [line]}), ReadOptions())
    (row,) = read.table.to_pylist()
    is_good = ODD[name].startswith('{"generations":[[{"message"') and name not in ("too deep", "cut")
    assert (row["problem"] is None) == is_good
    assert (row["record"] is not None) == is_good
    assert len(read.bad) == (not is_good)
