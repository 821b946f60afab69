"""A server of generations, enrichers with waits short enough for tests, and a user's process that traces."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.enrich.openrouter.enricher import OpenRouterEnricher
from langchain_respmeta.local import LocalServer
from tests.attachment.traced import Traced, traced_to
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
    with traced_to(langsmith, f"openrouter-{next(_numbers)}") as traced:
        yield traced
