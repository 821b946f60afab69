"""A server that takes feedback, and a delivery of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_respmeta._delivery import service
from tests.delivery.feedback_cases import quick
from tests.delivery.feedback_server import FeedbackServer


@pytest.fixture
def server() -> Iterator[FeedbackServer]:
    with FeedbackServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _own_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    service.close(0.5)
    service.configure(quick(tmp_path))
    yield
    service.close(0.5)
    service.configure(None)
