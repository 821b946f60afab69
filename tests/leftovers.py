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
    "reading",
    "record/interchange",
    "runs",
)
"""Folders whose tests call real integrations. Those keep connections open until they are collected, and most have no
method that would close them: there alone, what is left open is no news."""

TESTS: Final = Path(__file__).parent

STRICT: Final = "NO_WARNINGS"
"""Variable that makes a run fail that warned. For the locked versions: what newer or older ones deprecate is no fault."""


def excuse_integrations(items: list[pytest.Item]) -> None:
    """Let the tests that use integrations leave connections to the collector."""
    for item in items:
        if str(item.path.parent.relative_to(TESTS)) in WITH_INTEGRATIONS:
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@contextmanager
def collected_when_asked() -> Iterator[None]:
    """Nothing is collected unless somebody asks for it.

    Some SDKs leave the stream of a failed call in a cycle, and to collect it closes it: under the lock of its connection
    pool, which is not reentrant. A collection in the midst of the pool's own work, on the same thread, hangs for ever.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def collect_young() -> None:
    """At a test's end: what it left is collected there, and not in the middle of another's."""
    gc.collect(0)


def collect_all() -> None:
    """At a module's end: what outlived single tests, too."""
    gc.collect()


def fail_if_warned(terminal: pytest.TerminalReporter, session: pytest.Session) -> None:
    """With `NO_WARNINGS=1` a run without failures fails where there was a warning."""
    warned = len(terminal.stats.get("warnings", ()))
    if os.environ.get(STRICT) == "1" and warned and session.exitstatus == pytest.ExitCode.OK:
        terminal.write_line(f"{warned} warnings, and {STRICT}=1 allows none", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
