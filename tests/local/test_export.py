"""A file of the runs shown: the rows that `normalize` reads of the same runs, whatever the file's form; no more memory for more runs."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from langsmith import Client, tracing_context

from langchain_respmeta import MissingExtraError, RespMetaHandler, history
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.local import LocalServer
from langchain_respmeta.local.export.reading import numbers_of, stored_records
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.table import files
from langchain_respmeta.table import schema as table_schema
from langchain_respmeta.table.lines import lines_of
from tests.local.seed import agent, calls, record, run_body, store_runs
from tests.sending import send_all

CALLS = (
    ("openai", "cached_reasoning"),
    ("openai", "refusal"),
    ("openai", "error_429"),
    ("openai_responses", "web_search"),
    ("anthropic", "thinking"),
    ("anthropic", "documents"),
    ("google", "safety"),
    ("bedrock", "guardrail"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """Calls of real integrations, each with the record that the handler put on its run."""
    scenarios, handler = demo_scenarios(), RespMetaHandler(feedback=False)
    with LocalServer() as server, ReplayServer(scenarios) as replay:
        client = Client(api_url=server.url, api_key="any")
        with tracing_context(enabled=True, client=client, project_name="real"):
            for provider, name in CALLS:
                config: Any = {"callbacks": [handler], "metadata": {"thread_id": "t-1"}, "tags": ["nightly"]}
                with suppress(Exception):  # one of them fails, as it should
                    scenario_model(replay, scenarios[provider][name]).invoke("Hello", config=config)
        send_all(client)
        client.cleanup()
        server.wait_for_runs(len(CALLS))
        yield server


@pytest.fixture(scope="module")
def seeded() -> Iterator[LocalServer]:
    with LocalServer() as server:
        store_runs(server.store, [*calls(), *agent()])
        yield server


def exported(server: LocalServer, address: str) -> bytes:
    answer = httpx.get(server.url + address, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def lines(server: LocalServer, query: str = "") -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(server, f"/export.jsonl{query}").splitlines()]


def parquet(server: LocalServer, query: str = "") -> pa.Table:
    return pq.read_table(io.BytesIO(exported(server, f"/export.parquet{query}")))


def test_the_rows_are_those_that_normalize_reads_of_the_same_runs(server: LocalServer) -> None:
    runs = [orjson.dumps(run, default=str).decode() for run in server.store.runs()]
    expected = history.normalize_batch(pa.record_batch({"run": runs}), include_content=False)
    expected = pa.Table.from_batches([expected]).sort_by("run_id")
    found = parquet(server).sort_by("run_id")
    assert found.num_rows == len(CALLS)
    assert found.column_names == expected.column_names
    assert found.schema.metadata == table_schema.table_schema().metadata
    for name in found.column_names:
        if name == "record":
            told, wanted = ([json.loads(text) for text in one[name].to_pylist()] for one in (found, expected))
            assert told == wanted
        else:
            assert found[name].to_pylist() == expected[name].to_pylist(), name


def test_lines_are_those_of_the_table_and_need_no_arrow(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [json.loads(line) for line in lines_of(parquet(server))]
    for module in ("columns", "files", "lines", "schema", "arrays"):
        monkeypatch.setattr(f"langchain_respmeta.table.{module}.arrow", _no_arrow)
    monkeypatch.setattr("langchain_respmeta.local.export.formats.arrow", _no_arrow)
    assert lines(server) == expected
    told = httpx.get(f"{server.url}/export.parquet")
    assert told.status_code == 501
    assert "pip install &#39;langchain-respmeta[export]&#39;" in told.text


def _no_arrow() -> None:
    raise MissingExtraError("A table of records", extra="export", package="pyarrow")


def test_inputs_and_outputs_come_with_lines_if_they_are_wanted(server: LocalServer) -> None:
    rows = {row["run_id"]: row for row in lines(server, "?content=true")}
    assert len(rows) == len(CALLS)
    for run in server.store.runs():
        assert rows[run["id"]]["inputs"] == run["inputs"]
        assert rows[run["id"]].get("outputs") == run["outputs"]
    assert not any({"inputs", "outputs"} & row.keys() for row in lines(server))


def test_the_filter_of_the_page_is_that_of_the_file(seeded: LocalServer) -> None:
    for query, expected in (
        ("", 9),
        ("?where=provider%3Danthropic", 3),
        ("?project=agents", 2),
        ("?view=traces&project=agents", 2),
        ("?view=all&project=agents", 2),
        ("?where=finish_reason%3Dlength&where=provider%3Danthropic", 0),
    ):
        assert len(lines(seeded, query)) == expected, query
        assert parquet(seeded, query).num_rows == expected
        table = [*csv.DictReader(io.StringIO(exported(seeded, f"/export.csv{query}").decode()))]
        assert len(table) == expected


def test_files_are_named_by_their_day_and_are_kept_not_shown(seeded: LocalServer) -> None:
    for ending in ("jsonl", "parquet", "csv"):
        headers = httpx.get(f"{seeded.url}/export.{ending}").headers
        assert headers["content-disposition"].startswith('attachment; filename="respmeta-20')
        assert headers["content-disposition"].endswith(f'.{ending}"')
        assert headers["x-content-type-options"] == "nosniff"


def test_what_cannot_be_exported_is_told_on_a_page(seeded: LocalServer) -> None:
    for address, status, words in (
        ("/export.xls", 404, "jsonl, parquet, csv"),
        ("/export.csv?where=1", 400, "no condition"),
        ("/export.jsonl?since=soon", 400, "no time"),
    ):
        answer = httpx.get(seeded.url + address)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert words in answer.text


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_text_of_a_csv_begins_as_a_formula_does(start: str) -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(name=start, metadata=record("openai", start))])
        (row,) = csv.DictReader(io.StringIO(exported(server, "/export.csv").decode(), newline=""))
    assert row["run_name"] == f"'{start}"
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


def test_a_record_that_cannot_be_read_is_a_row_that_says_so_and_hidden_ones_tell_their_flat_keys() -> None:
    broken, hidden = record("openai", "gpt-4o"), record("openai", "gpt-4o")
    broken["respmeta"] = {**broken["respmeta"], "usage": "many"}
    del hidden["respmeta"]
    with LocalServer() as server:
        store_runs(
            server.store, [run_body(metadata=broken, name="broken"), run_body(metadata=hidden, name="hidden")]
        )
        rows = {row["run_name"]: row for row in lines(server)}
        bad, good = rows["broken"], rows["hidden"]
        assert "usage" in bad["problem"]
        assert "record" not in bad
        assert (good["respmeta_model"], good["respmeta_cost_usd"]) == ("gpt-4o", 0.0125)
        problems = {row["run_name"]: row["problem"] for row in parquet(server).to_pylist()}
        assert problems == {"broken": bad["problem"], "hidden": None}


def test_a_file_of_more_runs_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(metadata=record("openai", "gpt-4o")) for _ in range(3_000)])
        with server.store.read() as connection:
            numbers = numbers_of(connection, Selection())
        tracemalloc.start()
        parts = iter(stored_records(server.store, numbers, content=True))
        next(parts)
        tracemalloc.reset_peak()
        first, _ = tracemalloc.get_traced_memory()
        assert sum(map(len, parts)) == 2_750
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak - first < 4 << 20


def test_a_file_given_up_makes_room_for_the_next(seeded: LocalServer) -> None:
    for _ in range(5):
        with httpx.stream("GET", f"{seeded.url}/export.jsonl") as answer:
            assert answer.status_code == 200
    assert len(lines(seeded)) == 9


def test_at_most_two_files_are_made_at_once(seeded: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_respmeta.local.page import export_routes

    with export_routes._PLACES, export_routes._PLACES:
        assert httpx.get(f"{seeded.url}/export.jsonl").status_code == 503
    assert len(lines(seeded)) == 9


def test_the_same_columns_whatever_the_form(seeded: LocalServer) -> None:
    header = exported(seeded, "/export.csv").decode().splitlines()[0]
    assert header.replace('"', "").split(",") == files._flat_schema().names == parquet(seeded).column_names
