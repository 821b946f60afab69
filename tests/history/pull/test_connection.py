"""What a pull needs: the SDK's newer client wherever it is kept, and pyarrow; else one line says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from langsmith import Client

from langchain_respmeta import MissingExtraError, SettingsError
from langchain_respmeta.history import pull_runs
from langchain_respmeta.history.pull import connection
from langchain_respmeta.local import LocalServer
from tests.history.pull.seeds import FIRST, ids, seeded_run
from tests.local.seed import store_runs


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/", "/api"])
def test_any_address_that_the_sdk_takes_is_taken(
    server: LocalServer, project: str, tmp_path: Path, path: str
) -> None:
    run = seeded_run(project, FIRST)
    store_runs(server.store, [run])
    with_sessions = server.url + (path if path != "/api" else "")  # projects are asked for below /api/v1
    client = Client(api_url=with_sessions, api_key="any", auto_batch_tracing=False)
    pull_runs(project, tmp_path, client=client, since=FIRST)
    assert ids(tmp_path) == [run["id"]]
    assert connection._base_of(server.url + path) == server.url


def test_older_releases_keep_the_client_elsewhere_and_still_older_ones_have_none(
    server: LocalServer, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = seeded_run(project, FIRST)
    store_runs(server.store, [run])
    client = Client(api_url=server.url, api_key="any", auto_batch_tracing=False)
    kind = connection._generated_class()
    monkeypatch.setattr(connection, "_PLACES", ("langsmith.nowhere", kind.__module__))
    pull_runs(project, tmp_path, client=client, since=FIRST)
    assert ids(tmp_path) == [run["id"]]
    monkeypatch.setattr(connection, "_PLACES", ("langsmith.nowhere", "langsmith.utils"))
    with pytest.raises(SettingsError, match=r"pip install -U 'langsmith>=0\.12'"):
        pull_runs(project, tmp_path, client=client, since=FIRST)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[history\]"):
        pull_runs("any", tmp_path)
