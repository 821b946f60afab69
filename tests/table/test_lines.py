"""Lines of JSON hold what the table holds, whoever writes them; what is no row is left out and told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import orjson
import pyarrow as pa
import pytest

from langchain_respmeta.record.typed import record_of
from langchain_respmeta.table.lines import AMENDMENT, batches_of_lines, line_of, lines_of
from langchain_respmeta.table.rows import batch_of_live, batch_of_records
from langchain_respmeta.table.schema import table_schema
from tests.table.drafts import of_seeds, plain_draft

both = pytest.mark.parametrize("include_content", [True, False])

OWN: dict[str, Any] = {
    "run_name": "ask",
    "thread_id": "t-1",
    "agent_name": "supervisor",
    "graph_node": "agent",
    "graph_step": 3,
    "tags": ["nightly", "é"],
    "metadata": {"user_id": "u-7", "vip": True, "record": 1, "share": 0.25},
}
"""Facts of a run's own."""


def drafts() -> list[Any]:
    """What providers answer, and one of a run that carries facts of its own."""
    return [*of_seeds(), plain_draft() | OWN]


def read(lines: list[bytes]) -> tuple[pa.Table, list[tuple[int, str]]]:
    bad: list[tuple[int, str]] = []
    found = batches_of_lines(lines, lambda place, why: bad.append((place, why)))
    return pa.Table.from_batches(found, schema=table_schema()), bad


@both
def test_what_lines_hold_reads_as_the_same_table(*, include_content: bool) -> None:
    batch = batch_of_live(drafts(), include_content=include_content)
    table, bad = read([*lines_of(batch)])
    assert table.equals(pa.Table.from_batches([batch]), check_metadata=True)
    assert bad == []


@both
def test_a_record_without_arrow_is_the_line_of_its_row(*, include_content: bool) -> None:
    records = [record_of(draft, include_content=include_content) for draft in drafts()]
    batch = batch_of_live(drafts(), include_content=include_content)
    assert [line_of(record) for record in records] == [*lines_of(batch)]
    assert batch_of_records(records).equals(batch)


def test_the_run_s_times_are_those_of_its_record() -> None:
    line = json.loads(line_of(record_of(cast("Any", plain_draft()), include_content=True)))
    assert line["start_time"] == "2026-03-03T23:59:58.500000+00:00"
    assert line["end_time"] == "2026-03-04T00:00:00+00:00"
    assert line["record"]["usage"] == {"input_tokens": 10, "cache_read_tokens": 5}


def test_an_end_without_its_zone_is_no_time() -> None:
    record = record_of(cast("Any", plain_draft()), include_content=True)
    assert record.received_at is not None
    naive = replace(record, received_at=record.received_at.replace(tzinfo=None))
    assert json.loads(line_of(naive)).keys().isdisjoint({"start_time", "end_time"})


def test_what_is_no_row_is_told_with_its_place() -> None:
    good = line_of(record_of(cast("Any", plain_draft()), include_content=True))
    table, bad = read([good, good[:100], b"\n", b"[1]", b'{"a": 1}', good])
    assert table.num_rows == 2
    assert [place for place, _ in bad] == [1, 3, 4]


def test_whole_numbers_beyond_64_bits_stay_whole() -> None:
    draft = cast("Any", plain_draft(provider_data={"big": 2**70, "n": 12345678901234567890}))
    table, _ = read([line_of(record_of(draft, include_content=True))])
    kept = json.loads(table.column("record")[0].as_py())
    assert kept == record_of(draft, include_content=True).to_dict()


def test_what_other_versions_wrote_reads_as_null_or_is_left_out() -> None:
    row = orjson.loads(line_of(record_of(cast("Any", plain_draft()), include_content=True)))
    del row["respmeta_model"]
    row |= {"of_tomorrow": [1], AMENDMENT: 2, "start_time": "soon", "tool_calls": "none"}
    table, bad = read([orjson.dumps(row)])
    assert bad == []
    found = table.to_pylist()[0]
    assert found["respmeta_model"] is found["start_time"] is found["tool_calls"] is None
    assert found["respmeta_input_tokens"] == 10


def test_an_amendment_says_the_how_maniest_it_is() -> None:
    record = record_of(cast("Any", plain_draft()), include_content=True)
    assert AMENDMENT not in json.loads(line_of(record))
    assert json.loads(line_of(record, 3))[AMENDMENT] == 3
