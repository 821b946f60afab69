"""What all tests share: replayed providers, no tracing unless a test turns it on, and no state from other tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from langsmith import utils as langsmith_utils

from langchain_respmeta._process.state import STATE
from langchain_respmeta.demo import ReplayServer, demo_scenarios
from tests.leftovers import (
    collect_all,
    collect_young,
    collected_when_asked,
    excuse_integrations,
    fail_if_warned,
)
from tests.offline import refuse_others


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    excuse_integrations(items)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        fail_if_warned(reporter, session)


@pytest.fixture(scope="session", autouse=True)
def _collects_between_tests() -> Iterator[None]:
    with collected_when_asked():
        yield


@pytest.fixture(scope="module", autouse=True)
def _collects_all() -> Iterator[None]:
    yield
    collect_all()


@pytest.fixture(autouse=True)
def _collects_young() -> Iterator[None]:
    yield
    collect_young()


@pytest.fixture(scope="session")
def replay() -> Iterator[ReplayServer]:
    with ReplayServer(demo_scenarios()) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory of the test run. It stays set, because delivery at exit runs after the last test."""
    directory = tmp_path_factory.mktemp("state")
    os.environ["RESPMETA_STATE_DIR"] = str(directory)
    return directory


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        refuse_others(patch)
        yield


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch, _state: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("LANGSMITH_", "LANGCHAIN_", "RESPMETA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(_state))
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    langsmith_utils.get_env_var.cache_clear()
    yield
    langsmith_utils.get_env_var.cache_clear()


@pytest.fixture(autouse=True)
def _no_runs_of_others() -> None:
    """A test that looks at what is under way sees its own runs only, whichever ran before in its process."""
    STATE.clear()


# No timed assertions: a busy machine is no fault of the code.
settings.register_profile("respmeta", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("respmeta")
