"""The embedded server, the SDK's client in its two ways of sending, and a real browser."""

import shutil
import warnings
from collections.abc import Callable, Iterator

import httpx
import pytest
from langsmith import Client, utils
from playwright.sync_api import Browser, sync_playwright

from langchain_respmeta.local import LocalServer

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]

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


@pytest.fixture(
    scope="module"
)  # no longer than needed: Playwright keeps an event loop running in the main thread
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield launched
        launched.close()
