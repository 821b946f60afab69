"""A handler's records as tables and files: one row each, with the columns of bulk normalization, and nothing unknown as 0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable
from langchain_respmeta.history import normalize_batch, table_schema
from tests.handler.echo import Echo


@pytest.fixture
def handler(replay: ReplayServer) -> RespMetaHandler:
    """Calls of real integrations, answered in several ways."""
    handler = RespMetaHandler(feedback=False, by=["user_id", "tags"])
    config: Any = {
        "callbacks": [handler],
        "tags": ["nightly"],
        "metadata": {"user_id": "u-1", "thread_id": "t-1"},
    }
    for provider, name in CALLS:
        scenario = demo_scenarios()[provider][name]
        scenario_runnable(replay, scenario).invoke(scenario.messages, config)
    return handler


CALLS = (("openai", "basic"), ("openai", "refusal"), ("anthropic", "basic"), ("groq", "basic"))


def test_each_record_is_a_row_of_the_table(handler: RespMetaHandler) -> None:
    table = handler.records.to_arrow()
    table.validate(full=True)
    assert table.schema.equals(table_schema(), check_metadata=True)
    assert table.num_rows == len(handler.records) == len(CALLS)
    assert [json.loads(text) for text in table.column("record").to_pylist()] == [
        record.to_dict() for record in handler.records
    ]
    for record, row in zip(handler.records, table.to_pylist(), strict=True):
        assert row["run_id"] == record.run_id
        assert row["respmeta_model"] == record.model
        assert (row["thread_id"], row["tags"]) == ("t-1", ["nightly"])
        assert json.loads(row["metadata"]) == {"user_id": "u-1"}
        assert row["end_time"] == record.received_at
        lasted = (row["end_time"] - row["start_time"]).total_seconds()
        assert lasted == pytest.approx(record.timing.latency_s, abs=1e-5)


def test_columns_of_live_and_of_stored_runs_are_the_same() -> None:
    empty = pa.RecordBatch.from_pylist([], schema=pa.schema([("run", pa.string())]))
    handler = RespMetaHandler(feedback=False)
    assert handler.records.to_arrow().schema.equals(normalize_batch(empty).schema, check_metadata=True)
    assert handler.records.to_arrow().num_rows == len(handler.records) == 0


@pytest.mark.parametrize("include_content", [True, False])
def test_texts_are_in_the_table_only_if_they_are_in_the_records(
    replay: ReplayServer, *, include_content: bool
) -> None:
    handler = RespMetaHandler(feedback=False, include_content=include_content)
    scenario = demo_scenarios()["openai"]["refusal"]
    scenario_runnable(replay, scenario).invoke(scenario.messages, {"callbacks": [handler]})
    told = json.loads(handler.records.to_arrow().column("record")[0].as_py())
    assert told == handler.records[0].to_dict()
    assert ("reason" in told["refusal"]) is include_content


def test_frames_keep_counts_whole_and_unknown_unknown(handler: RespMetaHandler) -> None:
    table = handler.records.to_arrow()
    pandas, polars = handler.records.to_pandas(), handler.records.to_polars()
    assert len(pandas) == len(polars) == len(handler.records)
    assert [*pandas.columns] == polars.columns == table.column_names
    for name in ("respmeta_input_tokens", "respmeta_refused", "respmeta_cache_read_tokens"):
        expected = table.column(name).to_pylist()
        assert polars[name].to_list() == expected
        assert [
            None if one is None else one
            for one in pandas[name].astype(object).where(pandas[name].notna(), None)
        ] == expected
    assert str(pandas["respmeta_input_tokens"].dtype) == "Int64"


def test_files_hold_the_same_rows_and_replace_what_was_there_only_when_they_are_whole(
    handler: RespMetaHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, columns = tmp_path / "calls.jsonl", tmp_path / "calls.parquet"
    for path in (lines, columns):
        path.write_text("before")
    count = len(handler.records)
    assert handler.records.to_jsonl(lines) == handler.records.to_parquet(str(columns)) == count
    told = [json.loads(line) for line in lines.read_bytes().splitlines()]
    assert [one["record"] for one in told] == [record.to_dict() for record in handler.records]
    read, told_now = pq.read_table(columns), handler.records.to_arrow()
    assert (read.column_names, read.to_pylist()) == (told_now.column_names, told_now.to_pylist())
    assert read.schema.metadata == table_schema().metadata
    whole = lines.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        handler.records.to_jsonl(lines)
    assert lines.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "calls.parquet"]


def test_a_record_that_cannot_be_built_is_a_row_that_says_so() -> None:
    handler = RespMetaHandler(feedback=False)
    for number in range(2):
        Echo().invoke(str(number), {"callbacks": [handler]})
    first, second = handler.records.runs()
    first.settle()[0]["safety"] = [{"no such field": 1}]  # what a user's enricher may have done
    table = handler.records.to_arrow()
    assert table.column("run_id").to_pylist() == [str(first.id), str(second.id)]
    problem, none = table.column("problem").to_pylist()
    assert "could not be built" in problem
    assert none is None
