"""A server of generations, enrichers with waits short enough for tests, and a user's process that traces."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta._delivery import service
from langchain_respmeta.enrich.openrouter.enricher import OpenRouterEnricher
from langchain_respmeta.local import LocalServer
from tests.attachment.places import tracing_to
from tests.attachment.traced import Traced
from tests.attachment.wire import Wire
from tests.enrich.openrouter.generation_server import KEY, GenerationServer
from tests.waiting import CEILING_S

_numbers = itertools.count(1)


@pytest.fixture
def server() -> Iterator[GenerationServer]:
    with GenerationServer() as running:
        yield running


@pytest.fixture
def make(server: GenerationServer) -> Iterator[Callable[..., OpenRouterEnricher]]:
    made = []

    def enricher(**changes: Any) -> OpenRouterEnricher:
        given = {
            "base_url": server.url,
            "first_backoff_s": 0.02,
            "max_wait_s": CEILING_S,
            "timeout_s": CEILING_S,
            "requests_per_minute": 100_000,
        }
        made.append(OpenRouterEnricher(KEY, **given | changes))
        return made[-1]

    yield enricher
    server.released.set()
    for one in made:
        one._close()


@pytest.fixture(scope="session")
def langsmith() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture
def traced(langsmith: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    project = f"openrouter-{next(_numbers)}"
    service.close(0.5)
    with Wire(langsmith.url) as wire:
        client = Client(api_url=wire.url, api_key="any")
        with tracing_to(client, wire.url, project):
            yield Traced(langsmith, wire, client, project)
        client.cleanup()
    service.close(0.5)
