"""A clean slate for each test, a server to trace to, and models that answer from a list."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.local import LocalServer
from tests.agents.fakes import Sent

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _own_state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture
def handler() -> Iterator[RespMetaHandler]:
    made = RespMetaHandler(include_content=True, feedback=False)
    before = made.summary()["faults"]  # the process's: other tests make faults on purpose
    yield made
    assert made.summary()["faults"] == before, "a callback of ours failed"


@pytest.fixture(params=["tracer first", "handler first"])
def sent(request: pytest.FixtureRequest, server: LocalServer, handler: RespMetaHandler) -> Iterator[Sent]:
    """A handler and a tracer, in both orders."""
    client = Client(api_url=server.url, api_key="any")
    project = f"agents-{next(_numbers)}"
    tracer = LangChainTracer(client=client, project_name=project)
    both: list[Any] = [tracer, handler] if request.param == "tracer first" else [handler, tracer]
    yield Sent(both, client, server, project)
    client.cleanup()


@pytest.fixture
def make_handler() -> Callable[..., RespMetaHandler]:
    return lambda **options: RespMetaHandler(**{"feedback": False, **options})
