"""Warnings at the end of a run, and connections that the integrations leave open."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

WITH_INTEGRATIONS: Final = (
    "agents",
    "attachment",
    "benchmarks",
    "cli/demo",
    "conformance",
    "enrich/openrouter",
    "handler",
    "integrations",
    "langsmith",
    "notebooks",
    "peers",
    "privacy",
    "process",
    "providers",
    "providers/raw",
    "reading",
    "record/interchange",
    "runs",
)
"""Folders whose tests call real integrations. Those keep connections open until they are collected, and most have no
method to close them, so an open connection is no error there."""

TESTS: Final = Path(__file__).parent

STRICT: Final = "NO_WARNINGS"
"""Variable that makes warnings fail a run. For the locked versions: what other versions deprecate is no fault."""


def excuse_integrations(items: list[pytest.Item]) -> None:
    """Let the tests that use integrations leave connections to the collector."""
    for item in items:
        if str(item.path.parent.relative_to(TESTS)) in WITH_INTEGRATIONS:
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@contextmanager
def collected_when_asked() -> Iterator[None]:
    """Turn the garbage collector off, except for explicit calls.

    Some SDKs leave the stream of a failed call in a cycle, and to collect it closes it: under the lock of its connection
    pool, which is not reentrant. A collection during the pool's own work, on the same thread, deadlocks.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def collect_young() -> None:
    """Collect what a test left at its end, not in the middle of another test."""
    gc.collect(0)


def collect_all() -> None:
    """Collect what outlived single tests, at a module's end.

    What is left then (modules, caches, servers of the session) stays: it is not looked through again at each later end, which
    took a good part of the run.
    """
    gc.collect()
    gc.freeze()


def fail_if_warned(terminal: pytest.TerminalReporter, session: pytest.Session) -> None:
    """Fail a run without failures that had a warning, under `NO_WARNINGS=1`."""
    warned = len(terminal.stats.get("warnings", ()))
    if os.environ.get(STRICT) == "1" and warned and session.exitstatus == pytest.ExitCode.OK:
        terminal.write_line(f"{warned} warnings, and {STRICT}=1 allows none", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
