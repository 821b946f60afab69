"""The embedded server, the SDK's client in its two ways of sending, and a real browser."""

import warnings
from collections.abc import Callable, Iterator

import httpx
import pytest
from langsmith import Client, utils

from langchain_respmeta.local import LocalServer
from tests.browsing import browser  # noqa: F401 - a fixture

for part in ("connect", "read", "write", "pool"):  # a busy machine is no fault
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, part, 120.0)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


@pytest.fixture
def http(server: LocalServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


@pytest.fixture(params=["zstd", "plain"])
def client(request: pytest.FixtureRequest, make_client: Callable[[str], Client]) -> Client:
    return make_client(request.param)


@pytest.fixture
def make_client(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Client]]:
    made: list[Client] = []

    def make(mode: str) -> Client:
        monkeypatch.setenv("LANGSMITH_DISABLE_RUN_COMPRESSION", str(mode != "zstd").lower())
        utils.get_env_var.cache_clear()
        made.append(Client(api_url=server.url, api_key="anything"))
        return made[-1]

    warnings.simplefilter("ignore", utils.LangSmithWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    yield make
    for client in made:
        client.cleanup()
