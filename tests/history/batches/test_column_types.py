"""A column may have any of Arrow's types that can hold it: the table is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_respmeta.history.batches import ReadOptions, normalize_batch, read_batch
from langchain_respmeta.history.rows import COLUMNS
from langchain_respmeta.table.schema import table_schema
from tests.history.batches.runs import exported

TEXTS = ("inputs", "outputs", "extra", "events")
IDS = ("id", "trace_id", "session_id")
TIMES = ("start_time", "end_time", "first_token_time")

Change = Callable[[pa.Array], pa.Array]


def changed(names: tuple[str, ...], change: Change) -> pa.RecordBatch:
    """The export with some columns of other types."""
    batch = exported()
    arrays = {name: batch.column(name) for name in batch.schema.names}
    return pa.RecordBatch.from_pydict(arrays | {name: change(arrays[name]) for name in names})


def cast(kind: pa.DataType) -> Change:
    return lambda column: column.cast(kind)


def parsed(column: pa.Array) -> pa.Array:
    return pa.array([None if text is None else json.loads(text) for text in column.to_pylist()])


def of_bytes(column: pa.Array) -> list[bytes | None]:
    return [None if text is None else UUID(text).bytes for text in column.to_pylist()]


def as_text(column: pa.Array) -> pa.Array:
    return pa.array([None if time is None else time.isoformat() for time in column.to_pylist()])


KINDS: dict[str, tuple[tuple[str, ...], Change]] = {
    "large strings": (TEXTS, cast(pa.large_string())),
    "string views": (TEXTS, cast(pa.string_view())),
    "dictionaries": ((*TEXTS, "name", "run_type", "status"), lambda column: column.dictionary_encode()),
    "bytes": (TEXTS, cast(pa.binary())),
    "large bytes": (TEXTS, cast(pa.large_binary())),
    "structs": (("extra", "events"), parsed),
    "ids of 16 bytes": (IDS, lambda column: pa.array(of_bytes(column), pa.binary(16))),
    "ids in bytes": (IDS, lambda column: pa.array(of_bytes(column), pa.binary())),
    "ids of Arrow": (IDS, lambda column: pa.array(of_bytes(column), pa.uuid())),
    "nanoseconds": (TIMES, cast(pa.timestamp("ns", "UTC"))),
    "times without a zone": (TIMES, cast(pa.timestamp("us"))),
    "times elsewhere": (TIMES, cast(pa.timestamp("us", "Asia/Tokyo"))),
    "times in text": (TIMES, as_text),
    "slices": (TEXTS, lambda column: pa.concat_arrays([column, column]).slice(len(column))),
    "large lists": (("parent_run_ids",), cast(pa.large_list(pa.string()))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_is_the_same_for_columns_of_other_types(kind: str) -> None:
    assert normalize_batch(changed(*KINDS[kind])).equals(normalize_batch(exported()))


def test_columns_that_are_not_looked_at_may_hold_anything() -> None:
    batch = exported().append_column("feedback_stats", pa.array([b"\xff"] * exported().num_rows))
    assert normalize_batch(batch).equals(normalize_batch(exported()))


def test_a_structs_null_fields_are_as_good_as_missing() -> None:
    outputs = parsed(exported().column("outputs"))
    batch = exported().set_column(exported().schema.get_field_index("outputs"), "outputs", outputs)
    told, plain = normalize_batch(batch), normalize_batch(exported())
    for name in ("respmeta_input_tokens", "respmeta_cost_usd", "respmeta_finish_reason", "respmeta_model"):
        assert told.column(name).equals(plain.column(name))


def test_a_map_is_a_mapping() -> None:
    metadata = pa.array(
        [[("ls_provider", "openai"), ("ls_model_name", "gpt-4o")]] * 2, pa.map_(pa.string(), pa.string())
    )
    message = {
        "content": "x",
        "type": "ai",
        "usage_metadata": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    }
    outputs = json.dumps({"generations": [[{"message": message}]]})
    batch = pa.RecordBatch.from_pydict(
        {"metadata": metadata, "outputs": [outputs] * 2, "end_time": ["2026-01-01"] * 2}
    )
    assert normalize_batch(batch).column("respmeta_provider").to_pylist() == ["openai"] * 2


def test_text_that_is_no_utf8_is_a_bad_row_among_good_ones() -> None:
    texts = [text and text.encode() for text in exported().column("outputs").to_pylist()]
    broken, odd = (place for place in (3, 5) if texts[place])
    texts[broken] = b'{"generations": "\xff\xfe'
    texts[odd] = texts[odd].replace(b"generation_info", b"generation\xffinfo")
    outputs = pa.array(texts, pa.binary()).view(pa.string())
    batch = exported().set_column(exported().schema.get_field_index("outputs"), "outputs", outputs)
    read = read_batch(batch, ReadOptions())
    assert [one.row for one in read.bad] == [broken]


def test_times_beyond_pythons_years_are_null() -> None:
    times = pa.array([2**62] * exported().num_rows, pa.timestamp("us", "UTC"))
    batch = exported().set_column(
        exported().schema.get_field_index("first_token_time"), "first_token_time", times
    )
    batch = batch.set_column(
        batch.schema.get_field_index("start_time"), "start_time", times.cast(pa.timestamp("us"))
    )
    table = normalize_batch(batch)
    assert table.column("respmeta_latency_s").null_count == table.num_rows
    assert table.column("problem").null_count == table.num_rows


# --- any columns -----------------------------------------------------------------------------------------------------

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "generations",
                    "message",
                    "content",
                    "usage_metadata",
                    "input_tokens",
                    "response_metadata",
                    "metadata",
                    "model",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
_texts = st.none() | st.text(max_size=12) | _json.map(json.dumps)
_columns: list[st.SearchStrategy[pa.Array]] = [
    st.lists(_texts, min_size=3, max_size=3).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | st.binary(max_size=16), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.binary())
    ),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.int64())
    ),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.int64()).cast(pa.timestamp("us", "UTC"))
    ),
    st.lists(st.none() | st.floats(), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.float64())
    ),
    st.lists(
        st.none() | st.dictionaries(st.sampled_from("abc"), st.text(max_size=3)), min_size=3, max_size=3
    ).map(lambda values: pa.array(values, pa.struct([(name, pa.string()) for name in "abc"]))),
    st.lists(st.none() | st.lists(st.text(max_size=3), max_size=2), min_size=3, max_size=3).map(
        lambda values: pa.array(values, pa.list_(pa.string()))
    ),
]


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(_columns), min_size=1, max_size=8), st.booleans())
def test_whatever_the_columns_hold_is_a_table_and_adds_up(columns: dict[str, pa.Array], content: Any) -> None:
    batch = pa.RecordBatch.from_pydict(columns)
    read = read_batch(batch, ReadOptions(include_content=content))
    read.table.validate(full=True)
    assert read.table.schema.equals(table_schema(), check_metadata=True)
    assert read.runs + read.other_types + read.not_ended == 3
    assert read.table.column("problem").null_count == read.table.num_rows - len(read.bad)
    assert read.table.column("record").null_count == len(read.bad)
    assert read.table.num_rows >= read.runs
    for record in read.table.column("record").drop_null().to_pylist():
        assert json.loads(record)["schema_version"]


def test_times_keep_their_microseconds() -> None:
    start = datetime(2026, 3, 4, 5, 6, 7, 250_001, tzinfo=UTC)
    rows = [{**exported().slice(0, 1).to_pylist()[0], "start_time": start}]
    table = normalize_batch(pa.RecordBatch.from_pylist(rows, schema=exported().schema))
    assert table.column("start_time").to_pylist() == [start]
