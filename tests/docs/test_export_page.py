"""docs/export.md: each block runs as it is written, and prints what the page says."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import duckdb
import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.main import main
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable
from langchain_respmeta.sinks import jsonl
from tests.docs.page import run, sections
from tests.handler.echo import Echo

_PAGE = sections("docs/export.md")


@pytest.fixture
def model(replay: ReplayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model that the demo answers, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return scenario_runnable(replay, demo_scenarios()["openai"]["basic"])


@pytest.mark.parametrize("section", ["From a handler", "Parquet", "JSON Lines", "A sink of your own"])
def test_each_program_prints_what_the_page_says(model: Any, section: str) -> None:
    found = _PAGE[section]
    assert {block.language for block in found} == {"python", "text"}
    run(found, model=model)


def test_the_query_takes_the_last_version_of_each_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    handler = RespMetaHandler(feedback=False)
    for number in range(3):
        Echo().invoke(str(number), {"callbacks": [handler]})
    sink = jsonl("log.jsonl")
    for record in (*handler.records, handler.records[1], handler.records[1]):
        sink(record)
    (query,) = [block.text for block in _PAGE["Records that come again"] if block.language == "sql"]
    rows = duckdb.sql(query).fetchall()
    assert len(rows) == len({row[0] for row in rows}) == 3
    assert 2 in {cell for row in rows for cell in row if isinstance(cell, int)}


def test_each_command_is_one_that_there_is(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    handler = RespMetaHandler(feedback=False)
    model.invoke("Hello", {"callbacks": [handler]})
    Path("calls").mkdir()
    handler.records.to_parquet("calls/part-1.parquet")
    handler.records.to_jsonl("log-1.jsonl")
    (commands,) = [block.text.splitlines() for block in _PAGE["One file"] if block.language == "sh"]
    for command in commands:
        words = shlex.split(command.replace("log*.jsonl", "log-1.jsonl"))
        if "--project" in words:
            assert main([*words[1:2], "--help"]) == 0
            helped = capsys.readouterr().out
            assert all(word in helped for word in words if word.startswith("--"))
        else:
            assert main(words[1:]) == 0, command
            assert "1 rows" in capsys.readouterr().out
