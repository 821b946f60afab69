"""One file of records from any of their files: the same rows, each record once, and what is no record told."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from langsmith import Client, tracing_context, utils

from langchain_respmeta import RespMetaHandler, ResponseMetadata, SettingsError
from langchain_respmeta.cli.main import main
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.history import ExportProgress, export_records, table_schema
from langchain_respmeta.local import LocalServer
from langchain_respmeta.record.parts import ToolCall
from langchain_respmeta.sinks import jsonl, parquet
from langchain_respmeta.table.lines import lines_of
from langchain_respmeta.table.parquet import as_current
from langchain_respmeta.table.rows import batch_of_records
from tests.sending import send_all

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECORDS = tuple(
    ResponseMetadata(
        run_id=f"run-{number}",
        provider="openai",
        model="gpt-4o",
        received_at=DAY + timedelta(days=number),
        refused=False,
        tags=("nightly", 'a "b", c'),
        tool_calls=(ToolCall(name="look", valid=True),),
        provider_data={"big": 2**70},
    )
    for number in range(5)
)
TABLE = pa.Table.from_batches([batch_of_records(RECORDS)])


@pytest.fixture(params=["sink's folder", "sink's lines", "one file", "records", "records in lines"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same records in each of their files."""
    path = tmp_path / "source"
    if request.param == "sink's folder":
        sink: Any = parquet(path)
    elif request.param == "sink's lines":
        sink = jsonl(path := path.with_suffix(".jsonl"))
    elif request.param == "one file":
        pq.write_table(TABLE, path := path.with_suffix(".parquet"))
        return path
    elif request.param == "records":
        path = path.with_suffix(".json")
        path.write_text(json.dumps([record.to_dict() for record in RECORDS]))
        return path
    else:
        path = path.with_suffix(".jsonl")
        path.write_text("\n".join(json.dumps(record.to_dict()) for record in RECORDS))
        return path
    for record in RECORDS:
        sink(record)
    assert sink.flush(60)
    return path


def read(path: Path) -> pa.Table:
    return as_current(pq.ParquetFile(path).read()).sort_by("run_id")


def test_each_source_becomes_the_same_table_and_the_same_lines(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    report = export_records(source, out)
    assert (report.rows, report.skipped, report.replaced, report.outside) == (5, 0, 0, 0)
    assert report.bytes == out.stat().st_size
    assert read(out).equals(TABLE, check_metadata=True)
    export_records([out], tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(lines_of(read(out)))


def test_comma_separated_values_hold_every_column(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "in.parquet")
    export_records(tmp_path / "in.parquet", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [*rows[0]] == table_schema().names
    assert [row["run_id"] for row in rows] == [record.run_id for record in RECORDS]
    assert json.loads(rows[0]["tags"]) == ["nightly", 'a "b", c']
    assert json.loads(rows[0]["tool_calls"])[0]["name"] == "look"
    assert json.loads(rows[0]["record"]) == RECORDS[0].to_dict()
    assert (rows[0]["respmeta_refused"], rows[0]["respmeta_latency_s"]) == ("false", "")


def test_of_several_versions_the_last_one_is_written(tmp_path: Path) -> None:
    sink = jsonl(tmp_path / "calls.jsonl")
    for model in ("first", "second", "third"):
        sink(ResponseMetadata(run_id="a", model=model))
        sink(ResponseMetadata(model=model))  # of no run: each is a call of its own
    lines = sink.path.read_bytes().splitlines(keepends=True)
    for order in (lines, lines[::-1]):  # rotated files may be named in any order
        sink.path.write_bytes(b"".join(order))
        report = export_records(sink.path, tmp_path / "out.jsonl")
        models = [
            (row.get("run_id"), row["respmeta_model"])
            for row in map(orjson.loads, (tmp_path / "out.jsonl").read_bytes().splitlines())
        ]
        assert sorted(models, key=str) == [("a", "third"), (None, "first"), (None, "second"), (None, "third")]
        assert (report.rows, report.replaced) == (4, 2)


def test_calls_of_a_period_alone_are_written(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "in.parquet")
    out = tmp_path / "out.parquet"
    report = export_records(tmp_path / "in.parquet", out, since=DAY + timedelta(days=1), until="2026-03-05")
    assert read(out).column("run_id").to_pylist() == ["run-1", "run-2"]
    assert (report.rows, report.outside) == (2, 3)
    with pytest.raises(SettingsError, match="since is a date"):
        export_records(tmp_path / "in.parquet", out, since="soon")


def test_what_is_no_record_is_counted_and_a_file_of_nothing_else_replaces_nothing(tmp_path: Path) -> None:
    sink = jsonl(tmp_path / "calls.jsonl")
    sink(RECORDS[0])
    good = sink.path.read_bytes()
    sink.path.write_bytes(good + b'{"run_id": "cut\n{"another": "thing"}\n{"schema_version": "99.0"}\n')
    out = tmp_path / "out.parquet"
    report = export_records(sink.path, out)
    assert (report.rows, report.skipped, report.is_clean) == (1, 3, False)
    (tmp_path / "other.jsonl").write_text('{"another": "thing"}\n')
    with pytest.raises(SettingsError, match="holds no records"):
        export_records(tmp_path / "other.jsonl", out)
    assert read(out).num_rows == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "other.jsonl", "out.parquet"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.json", b"{", "is not JSON"),
        ("a.parquet", b"PAR1 no", "cannot be read as Parquet"),
        ("a.txt", b"", "ends in"),
        ("b.parquet", None, "no column respmeta_provider"),
        ("missing.jsonl", None, "there is no file"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, match: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    elif name.endswith(".parquet"):
        pq.write_table(pa.table({"a": [1]}), tmp_path / name)
    with pytest.raises(SettingsError, match=match):
        export_records(tmp_path / name, tmp_path / "out.csv")
    with pytest.raises(SettingsError, match=r"\.parquet, \.jsonl, \.csv"):
        export_records(tmp_path / name, tmp_path / "out.xlsx")


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "in.parquet")
    told: list[ExportProgress] = []
    export_records([tmp_path / "in.parquet"] * 2, tmp_path / "out.parquet", progress=told.append)
    assert [one.share for one in told] == [0.0, 0.5]
    assert [one.rows for one in told] == [5, 10]


def test_the_command_writes_the_file_and_says_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = jsonl(tmp_path / "calls.jsonl")
    for record in RECORDS:
        sink(record)
    out = str(tmp_path / "out.parquet")
    assert main(["export", str(sink.path), "-o", out, "--since", "2026-03-04", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["output"], told["rows"], told["outside"]) == (out, 3, 2)
    sink.path.write_bytes(sink.path.read_bytes() + b"cut\n")
    assert main(["export", str(sink.path), "-o", out]) == 1
    assert "1 lines are no records" in capsys.readouterr().out
    for wrong in ([], [str(sink.path), "--project", "p"]):
        assert main(["export", "-o", out, *wrong]) == 2
        assert "give files or folders of records, or --project" in capsys.readouterr().err


def test_a_project_of_the_server_becomes_a_file(
    tmp_path: Path, replay: ReplayServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenario_model(replay, demo_scenarios()["openai_responses"]["basic"])
    handler = RespMetaHandler(feedback=False, by=["user_id"])
    with LocalServer() as server:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "any")
        utils.get_env_var.cache_clear()
        client = Client(api_url=server.url, api_key="any")
        with tracing_context(enabled=True, client=client, project_name="exported"):
            for user in ("ann", "bob"):
                model.invoke("Hello", config={"metadata": {"user_id": user}, "callbacks": [handler]})
        send_all(client)
        client.cleanup()
        out = tmp_path / "out.parquet"
        assert main(["export", "--project", "exported", "-o", str(tmp_path / "out.xls")]) == 2
        assert main(["export", "--project", "exported", "--by", "user_id", "-o", str(out), "--json"]) == 0
    utils.get_env_var.cache_clear()
    assert json.loads(capsys.readouterr().out)["rows"] == 2
    rows = read(out).to_pylist()
    assert {json.loads(row["metadata"])["user_id"] for row in rows} == {"ann", "bob"}
    costs = {row["run_id"]: row["respmeta_cost_usd"] for row in rows}
    assert costs == {record.run_id: float(record.cost.total) for record in handler.records}
