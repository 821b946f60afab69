"""Answers to read. `tests/conftest.py` clears the process's compiled readers before each test."""

from __future__ import annotations

import pytest

from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.seeds import of_fixtures


@pytest.fixture(scope="session")
def fixtures() -> list[Case]:
    return list(of_fixtures())


@pytest.fixture(scope="session")
def pools(fixtures: list[Case]) -> Pools:
    return Pools(fixtures)
