"""docs/report.md: each command and each program runs as it is written."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from langsmith import Client, tracing_context, utils

from benchmarks import synthetic
from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.main import main
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from langchain_respmeta.local import LocalServer
from tests.docs.page import ROOT, blocks, run
from tests.sending import send_all

BLOCKS = blocks((ROOT / "docs" / "report.md").read_text("utf-8"))
COMMANDS = [
    line.partition("  #")[0]
    for block in BLOCKS
    if block.language == "sh"
    for line in block.text.splitlines()
    if line.startswith("respmeta")
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Calls of the last fortnight."""
    batches = list(synthetic.tables(60, days=14, first=datetime.now(UTC) - timedelta(days=14)))
    for name in ("records", "september", "october"):
        pq.write_table(pa.Table.from_batches(batches), tmp_path / f"{name}.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(replay: ReplayServer, monkeypatch: pytest.MonkeyPatch):
    """A call in the project `my-app` of the server that the environment names."""
    with LocalServer() as server:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "any")
        utils.get_env_var.cache_clear()
        client = Client(api_url=server.url, api_key="any")
        model = scenario_model(replay, demo_scenarios()["openai_responses"]["basic"])
        with tracing_context(enabled=True, client=client, project_name="my-app"):
            model.invoke("Hello", config={"metadata": {"user_id": "ann"}})
        send_all(client)
        yield
        client.cleanup()


def test_all_commands_are_tried() -> None:
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("project")
def test_a_command_writes_the_report(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    assert main() == 0
    assert "</html>" in (folder / "report.html").read_text()


def test_the_program_writes_the_report_of_a_handler(folder: Path, replay: ReplayServer) -> None:
    handler = RespMetaHandler()
    scenario_model(replay, demo_scenarios()["openai_responses"]["basic"]).invoke(
        "Hello", config={"callbacks": [handler]}
    )
    names = run(BLOCKS, handler=handler)
    assert names["written"].now.totals.calls == 1
    assert names["written"].now.totals.cost_usd == handler.records[-1].cost.total
    assert (folder / "report.html").exists()
