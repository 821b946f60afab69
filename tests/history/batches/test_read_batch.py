"""A batch reads as its runs do, one by one; what is left out and what is bad is counted."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pyarrow as pa
import pytest

from langchain_respmeta import ProviderError, normalize_run
from langchain_respmeta.history import batches
from langchain_respmeta.history.batches import ReadOptions, normalize_batch, read_batch
from langchain_respmeta.table.schema import table_schema
from tests.history.batches.runs import as_rows, exported


@pytest.mark.parametrize("include_content", [True, False])
@pytest.mark.parametrize("prices", [True, False])
def test_records_are_those_of_normalize_run(*, include_content: bool, prices: bool) -> None:
    table = normalize_batch(exported(), include_content=include_content, prices=prices)
    records = [json.loads(text) for text in table.column("record").to_pylist()]
    assert records == [
        normalize_run(run, include_content=include_content, prices=prices).to_dict()
        for run in as_rows(exported())
    ]
    assert table.schema.equals(table_schema(), check_metadata=True)


def test_the_same_batch_gives_the_same_table_also_in_parts() -> None:
    batch = exported()
    whole = normalize_batch(batch)
    assert whole.equals(normalize_batch(batch))
    halves = [normalize_batch(batch.slice(0, 20)), normalize_batch(batch.slice(20))]
    assert pa.Table.from_batches(halves).combine_chunks().to_batches()[0].equals(whole)


def test_many_rows_are_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = normalize_batch(exported())
    monkeypatch.setattr(batches, "ROWS_OF_BATCH", 20)
    assert normalize_batch(exported()).equals(whole)
    table = normalize_batch(pa.Table.from_batches([exported()] * 2))
    assert table.combine_chunks().equals(pa.Table.from_batches([whole] * 2).combine_chunks())
    assert normalize_batch(exported().slice(0, 0)).num_rows == 0


def test_whole_runs_in_one_column_read_the_same() -> None:
    rows = as_rows(exported())
    lines = pa.RecordBatch.from_pydict({"run": [json.dumps(row, default=str) for row in rows]})
    assert normalize_batch(lines).equals(normalize_batch(exported()))


def _row(**changes: Any) -> dict[str, Any]:
    return {**as_rows(exported())[0], **changes}


def test_rows_add_up_and_bad_ones_keep_their_place_and_ids() -> None:
    rows = [
        _row(),
        _row(run_type="chain"),
        _row(outputs='{"generations": [['),
        _row(outputs=None, end_time=None, status="pending"),
        _row(outputs="{}", error=None),
        _row(extra='{"metadata": '),
    ]
    read = read_batch(pa.RecordBatch.from_pylist(rows, schema=exported().schema), ReadOptions())
    assert (read.runs, read.other_types, read.not_ended) == (4, 1, 1)
    assert [(one.row, one.run_id) for one in read.bad] == [(2, rows[0]["id"]), (4, rows[0]["id"])]
    told = read.table.to_pylist()
    assert [one["problem"] is None for one in told] == [True, False, False, True]
    assert "no JSON" in told[1]["problem"]
    assert "empty" in told[2]["problem"]
    assert told[1]["record"] is told[1]["respmeta_provider"] is None
    assert told[1]["start_time"] == told[0]["start_time"]
    assert told[1]["run_name"] == rows[0]["name"]
    assert "extra is text that is no JSON" in json.loads(told[3]["record"])["warnings"]


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "empty"), ("{", "no JSON"), ("[]", "no JSON object"), ("{}", "expected a stored run")],
)
def test_a_line_that_is_no_run_is_bad(text: str | None, said: str) -> None:
    read = read_batch(pa.RecordBatch.from_pydict({"run": pa.array([text], pa.string())}), ReadOptions())
    assert [said in one.problem for one in read.bad] == [True]
    assert read.table.column("record").null_count == 1


def test_a_wrong_provider_is_told_even_of_no_rows() -> None:
    with pytest.raises(ProviderError):
        normalize_batch(exported().slice(0, 0), provider="nobody")


def test_options_and_results_go_to_other_processes() -> None:
    options = ReadOptions(provider="openai", include_content=False)
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301
    read = read_batch(exported(), options)
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301
