"""A user's process that traces to the embedded server."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from langsmith import Client

from langchain_respmeta._delivery import service
from langchain_respmeta.local import LocalServer
from tests.attachment.places import tracing_to
from tests.attachment.traced import Traced
from tests.attachment.wire import Wire

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
    project = f"project-{next(_numbers)}"
    service.close(0.5)
    with Wire(server.url) as wire:
        client = Client(api_url=wire.url, api_key="any")
        with tracing_to(client, wire.url, project, more_environment):
            yield Traced(server, wire, client, project)
        client.cleanup()
    service.close(0.5)
