"""What is pulled says of each run what the handler put on it while it ran."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from langchain_core.tracers import LangChainTracer
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.demo.calls import CALLS, make_calls
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.history import normalize_batch, pull_runs
from langchain_respmeta.local import LocalServer
from tests.history.pull.seeds import pulled
from tests.sending import send_all

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the integrations: tests/leftovers.py


@pytest.fixture
def traced(server: LocalServer, replay: ReplayServer, project: str) -> Iterator[Client]:
    """Every other of the demo's calls of seven real integrations, traced with the handler."""
    client = Client(api_url=server.url, api_key="any")
    tracer = LangChainTracer(client=client, project_name=project)
    handler = RespMetaHandler(client=client, feedback=False)
    for _ in make_calls(replay, {"callbacks": [tracer, handler]}, CALLS[::2]):
        pass
    handler.close()
    send_all(client)
    yield client
    client.cleanup()


def test_pulled_runs_give_what_the_handler_put_on_them(traced: Client, project: str, tmp_path: Path) -> None:
    pull_runs(project, tmp_path, client=traced, since="1d")
    runs = pulled(tmp_path)
    (batch,) = runs.combine_chunks().to_batches()
    table = pa.Table.from_batches([normalize_batch(batch)])
    rows = {row["run_id"]: row for row in reversed(table.to_pylist())}  # of several answers the first
    assert len(rows) == runs.num_rows >= 7
    for run in runs.to_pylist():
        found = rows[run["id"]]
        live = {name: value for name, value in metadata_of(run).items() if name in found}
        assert live["respmeta_schema_version"]
        assert {name: found[name] for name in live} == live, run["name"]


def metadata_of(run: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(run["extra"])["metadata"]
    return metadata
