"""A user's process that traces to the embedded server."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from langchain_respmeta.local import LocalServer
from tests.attachment.traced import Traced, traced_to

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture
def more_environment() -> Mapping[str, str]:
    """Override to set further variables."""
    return {}


@pytest.fixture
def traced(
    server: LocalServer,
    tmp_path: Path,
    more_environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Traced]:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    with traced_to(server, f"project-{next(_numbers)}", more_environment) as traced:
        yield traced
