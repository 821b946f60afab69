"""The embedded server, a project for each test, and waits that are short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langsmith import Client

from langchain_respmeta.history import PullReport, pull_runs
from langchain_respmeta.history.pull import patience, program
from langchain_respmeta.history.pull.parts import PartLimits
from langchain_respmeta.local import LocalServer


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture
def project() -> str:
    return f"p {uuid4()}"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_FIRST_WAIT_S", 0.001)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 40 runs, so that few runs make many."""
    monkeypatch.setattr(program, "PartLimits", lambda: PartLimits(rows=40))


@pytest.fixture
def pull(server: LocalServer, project: str, tmp_path: Path) -> Callable[..., PullReport]:
    def pull(**options: Any) -> PullReport:
        url = options.pop("url", server.url)
        client = Client(api_url=url, api_key="any", auto_batch_tracing=False)
        return pull_runs(options.pop("project", project), tmp_path / "out", client=client, **options)

    return pull


@pytest.fixture
def folder(tmp_path: Path, project: str) -> Path:
    return tmp_path / "out" / project
