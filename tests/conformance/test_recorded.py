"""Recorded answers of real providers, through the real integrations: nothing wrong, nothing invented, little missing."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import _table
from tests.conformance._rows import RECORDED
from tests.conformance._run import Report, run

OF_REACHABLE = 0.995
OF_EACH_FIELD = 0.97

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not RECORDED.exists(), reason="the recorded provider answers are not beside the checkout"
    ),
]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One run for all tests, and for all workers of pytest-xdist."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return run()
    return _shared_run(tmp_path_factory.getbasetemp().parent / "conformance.pickle")


def _shared_run(kept: Path) -> Report:
    """The first worker runs, the others wait for what it found."""
    try:
        kept.with_suffix(".claim").touch(exist_ok=False)
    except FileExistsError:
        while not kept.exists():
            time.sleep(0.5)
        found: Report = pickle.loads(kept.read_bytes())  # noqa: S301 - written by another worker of this very run
        return found
    found = run()
    unfinished = kept.with_suffix(".part")
    unfinished.write_bytes(pickle.dumps(found))
    unfinished.rename(kept)
    return found


@pytest.fixture(scope="session", autouse=True)
def _print_table(report: Report, pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line("\n" + _table.text(report))


def test_no_value_contradicts_the_raw_answer(report: Report) -> None:
    assert [str(bad) for bad in report.bad if bad.finding.verdict == "wrong"] == []


def test_no_value_is_invented(report: Report) -> None:
    assert [str(bad) for bad in report.bad if bad.finding.verdict == "invented"] == []


def test_what_a_callback_can_reach_is_in_the_record(report: Report) -> None:
    sums = _table.overall(report)
    missing = [str(bad) for bad in report.bad if bad.finding.verdict == "missing"]
    assert sums.share >= OF_REACHABLE, missing


def test_each_single_field_is_there_too(report: Report) -> None:
    poor = {
        name: f"{sums.share:.1%}"
        for name, sums in _table.by_field(report).items()
        if sums.share < OF_EACH_FIELD
    }
    assert poor == {}


def test_most_answers_were_really_compared(report: Report) -> None:
    """A harness that reads nothing finds nothing wrong."""
    calls = sum(report.calls.values())
    assert calls > 0
    assert len(report.unread) / calls < 0.05
    assert _table.overall(report).right > 10 * calls
