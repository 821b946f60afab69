"""A server, a client of it, and a state directory of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import Client

from tests.delivery.feedback_cases import client as client_of
from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.history.feedback.stored import made, write


@pytest.fixture
def server() -> Iterator[FeedbackServer]:
    with FeedbackServer() as running:
        yield running


@pytest.fixture
def client(server: FeedbackServer) -> Client:
    return client_of(server.url)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("RESPMETA_FEEDBACK_PER_MINUTE", "1000000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight calls of the project that the server knows: two ended by length, two by a filter."""
    session = str(project_id("default"))
    return write((made(number, session) for number in range(8)), tmp_path / "runs")
