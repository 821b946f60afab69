"""`respmeta show`: the record of a run is what the live handler has, from a server and from every kind of file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from langsmith import Client, tracing_context, utils
from pyarrow import parquet

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.cli.demo import calls
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.cli.main import main
from langchain_respmeta.history import pull_runs
from langchain_respmeta.local import LocalServer
from langchain_respmeta.table.lines import batch_of_rows, line_of
from langchain_respmeta.table.rows import row_of

NO_RUN = "0197a000-0000-4000-8000-000000000001"
PROJECT = "shown"


@dataclass
class Made:
    """What an agent of three model calls left: on the server, and in the handler."""

    server: LocalServer
    records: list[ResponseMetadata] = field(default_factory=list)

    @property
    def root_id(self) -> str:
        return str(self.records[0].trace_id)

    def facts(self) -> list[tuple[Any, ...]]:
        return [facts(record.to_dict()) for record in self.records]


def facts(record: dict[str, Any]) -> tuple[Any, ...]:
    """What identifies a call, and what only the answer or only the live side can know."""
    return (
        *(record[key] for key in ("run_id", "model", "response_id", "finish_reason")),
        *(record["usage"]["total_tokens"], record["cost"]["total"], record["timing"]["latency_s"]),
    )


@pytest.fixture(scope="module")
def made(replay: ReplayServer) -> Iterator[Made]:
    with LocalServer() as server:
        handler = RespMetaHandler()
        client = Client(api_url=server.url, api_key="any")
        with tracing_context(enabled=True, client=client, project_name=PROJECT):
            calls.run_agent(replay, {"callbacks": [handler]})
        client.flush()
        handler.flush()
        server.wait_for_runs(3)
        yield Made(server, list(handler.records))
        client.cleanup()


Shown = Callable[..., Any]


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("LANGSMITH_", "LANGCHAIN_"))]:
        monkeypatch.delenv(name)
    utils.get_env_var.cache_clear()
    yield
    utils.get_env_var.cache_clear()


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    """The JSON of `respmeta show`, which exits with 0 and says nothing else."""

    def show(*arguments: str) -> Any:
        assert main(["show", *arguments, "--json"]) == 0
        told = capsys.readouterr()
        assert told.err == ""
        return json.loads(told.out)

    return show


def test_a_run_of_a_model_is_its_live_record(made: Made, shown: Shown) -> None:
    for record, expected in zip(made.records, made.facts(), strict=True):
        assert facts(shown(str(record.run_id), "--server", made.server.url)) == expected


@pytest.mark.parametrize("more", [(), ("--project", PROJECT)], ids=["by id", "by project"])
def test_a_run_above_shows_the_calls_beneath_it_in_their_order(
    made: Made, shown: Shown, more: tuple[str, ...]
) -> None:
    found = shown(made.root_id, "--server", made.server.url, *more)
    assert [facts(record) for record in found] == made.facts()


def test_the_server_is_that_of_the_environment(
    made: Made, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_ENDPOINT", made.server.url)
    assert len(shown(made.root_id)) == 3


def test_without_any_environment_it_is_the_embedded_server(
    made: Made, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_respmeta.cli.server_runs._EMBEDDED", made.server.url)
    assert len(shown(made.root_id)) == 3


def test_for_people_each_record_is_its_description(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", made.root_id, "--server", made.server.url]) == 0
    out = capsys.readouterr().out
    assert out.count("Response Analysis") == 3
    assert out.count("Cost: $") == 3


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([NO_RUN], 2, "has no run"),
        ([NO_RUN, "-p", PROJECT], 2, f"has no run {NO_RUN} in project '{PROJECT}'"),
        ([NO_RUN, "-p", "other"], 2, f"has no project 'other'; there are '{PROJECT}'"),
    ],
)
def test_what_the_server_has_not_is_told(
    made: Made, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert main(["show", *arguments, "--server", made.server.url]) == code
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert says in told.err


def test_a_tool_has_no_calls_beneath_it(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    tool = next(run for run in made.server.store.runs(run_type="tool"))
    assert main(["show", tool["id"], "--server", made.server.url]) == 2
    assert "is no model's, and there is none beneath it" in capsys.readouterr().err


def test_a_refused_key_is_named(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    from langchain_respmeta.local import Fault

    made.server.requests.fail(Fault("GET", "/runs", status=401))
    assert main(["show", NO_RUN, "--server", made.server.url]) == 2
    assert "LANGSMITH_API_KEY" in capsys.readouterr().err


# --- files ------------------------------------------------------------------------------------------------------------


def written(made: Made, kind: str, folder: Path) -> Path:
    """The three records in a file of a kind."""
    file = folder / f"records.{kind}"
    if kind == "json":
        file.write_text(json.dumps([record.to_dict() for record in made.records]))
    elif kind == "jsonl":
        file.write_bytes(b"".join(line_of(record) for record in made.records))
    elif kind == "records.jsonl":
        file.write_text("".join(f"{json.dumps(record.to_dict())}\n" for record in made.records))
    else:
        table = pa.Table.from_batches([batch_of_rows([dict(row_of(record)) for record in made.records])])
        if kind == "parquet":
            parquet.write_table(table, file)
        else:
            (file / "day=2026-11-28").mkdir(parents=True)
            parquet.write_table(table, file / "day=2026-11-28" / "part.parquet")
    return file


KINDS = ["json", "jsonl", "records.jsonl", "parquet", "folder"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_many_shows_each(made: Made, shown: Shown, tmp_path: Path, kind: str) -> None:
    found = shown(str(written(made, kind, tmp_path)))
    assert [facts(record) for record in found] == made.facts()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_one_of_many_is_shown_by_its_run(made: Made, shown: Shown, tmp_path: Path, kind: str) -> None:
    found = shown(str(written(made, kind, tmp_path)), "--run-id", str(made.records[1].run_id))
    assert facts(found) == made.facts()[1]


def test_pulled_runs_are_read(made: Made, shown: Shown, tmp_path: Path) -> None:
    client = Client(api_url=made.server.url, api_key="any", auto_batch_tracing=False)
    pull_runs(PROJECT, tmp_path, client=client)
    found = shown(str(next(tmp_path.rglob("*.parquet"))))
    assert sorted(map(facts, found)) == sorted(made.facts())


def test_of_lines_about_one_record_the_last_counts(made: Made, shown: Shown, tmp_path: Path) -> None:
    record = made.records[0]
    later = ResponseMetadata.from_dict({**record.to_dict(), "model": "known-later"})
    file = tmp_path / "records.jsonl"
    file.write_bytes(line_of(record) + line_of(later, amendment=1))
    assert [one["model"] for one in shown(str(file))] == ["known-later"]
    assert shown(str(file), "--run-id", str(record.run_id))["model"] == "known-later"


def test_a_line_that_a_crash_cut_is_told_and_the_others_are_shown(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(line_of(made.records[0]) + line_of(made.records[1])[:-40])
    assert main(["show", str(file), "--json"]) == 1
    told = capsys.readouterr()
    assert [facts(record) for record in json.loads(told.out)] == made.facts()[:1]
    assert told.err == f"respmeta: {file}: line 2 is not JSON\n"


def test_too_many_to_be_shown_are_not(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = json.dumps({"content": "x", "response_metadata": {"finish_reason": "stop"}})
    file = tmp_path / "answers.jsonl"
    file.write_text(f"{line}\n" * 101)
    assert main(["show", str(file)]) == 2
    assert "--run-id" in capsys.readouterr().err


def test_a_pipe_is_read_once(made: Made, shown: Shown, tmp_path: Path) -> None:
    """As the shell's `<(command)` gives one: looking what it is must not take its first bytes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = json.dumps(made.records[0].to_dict())
    writer = threading.Thread(target=lambda: pipe.write_text(text))
    writer.start()
    assert facts(shown(str(pipe))) == made.facts()[0]
    writer.join()
