"""Tags and metadata of runs come through the pull and `respmeta normalize --by` into the table in files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from langchain_core.tracers import LangChainTracer
from langsmith import Client

from langchain_respmeta import RespMetaHandler, SettingsError
from langchain_respmeta.cli.main import main
from langchain_respmeta.history import normalize_files, pull_runs
from langchain_respmeta.local import LocalServer
from tests.handler.echo import Echo
from tests.sending import send_all


@pytest.fixture
def pulled(server: LocalServer, project: str, tmp_path: Path) -> Path:
    """The folder of six pulled runs of three users."""
    client = Client(api_url=server.url, api_key="any")
    both: list[Any] = [LangChainTracer(client=client, project_name=project), RespMetaHandler(feedback=False)]
    for number in range(6):
        metadata = {"user_id": f"u{number % 3}", "thread_id": f"t{number}", "plan": "free"}
        Echo().invoke(str(number), {"callbacks": both, "metadata": metadata, "tags": ["prod"]})
    send_all(client)
    pull_runs(project, tmp_path / "runs", client=client, since="1d")
    client.cleanup()
    return tmp_path / "runs"


def test_the_table_has_the_columns_that_the_command_names(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "table"
    line = ["normalize", str(pulled), "-o", str(out), "--by", "user_id, tags"]
    monkeypatch.setattr(sys, "argv", ["respmeta", *line])
    assert main() == 0
    assert capsys.readouterr().out
    rows = pq.read_table(out).to_pylist()
    told = sorted((row["thread_id"], row["metadata"], tuple(row["tags"]), row["run_name"]) for row in rows)
    assert told == [(f"t{one}", f'{{"user_id":"u{one % 3}"}}', ("prod",), "Echo") for one in range(6)]
    assert {json.loads(row["record"])["metadata"]["user_id"] for row in rows} == {"u0", "u1", "u2"}


def test_one_table_is_made_with_one_choice(pulled: Path, tmp_path: Path) -> None:
    out = tmp_path / "table"
    normalize_files(pulled, out, by=("user_id",))
    normalize_files(pulled, out, by="user_id")
    with pytest.raises(SettingsError, match=r"--by was user_id\): use the same options"):
        normalize_files(pulled, out, by=("user_id", "tags"))
    with pytest.raises(SettingsError, match="names a secret"):
        normalize_files(pulled, tmp_path / "other", by=("password",))
