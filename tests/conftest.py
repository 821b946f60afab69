"""What all tests share: the replayed providers, and an environment that traces nothing unasked."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from langsmith import utils as langsmith_utils

from langchain_respmeta._runs import RUNS
from langchain_respmeta.demo import ReplayServer, demo_scenarios


@pytest.fixture(scope="session")
def replay() -> Iterator[ReplayServer]:
    with ReplayServer(demo_scenarios()) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("LANGSMITH_", "LANGCHAIN_", "RESPMETA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    langsmith_utils.get_env_var.cache_clear()
    yield
    langsmith_utils.get_env_var.cache_clear()


@pytest.fixture(autouse=True)
def _no_runs_of_others() -> None:
    """A test that looks at what is under way sees its own runs only, whichever ran before in its process."""
    RUNS.clear()


# No timed assertions: a busy machine is no fault of the code.
settings.register_profile("respmeta", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("respmeta")
