"""Recorded answers of real providers, through the real integrations: nothing wrong, nothing invented, little missing."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import _table
from tests.conformance._rows import RECORDED
from tests.conformance._run import Report
from tests.conformance._suite import ABOUT, all_reports
from tests.conformance._targets import all_targets
from tests.waiting import CEILING_S, until

OF_REACHABLE = 0.995
OF_EACH_FIELD = 0.97
CALLS_OF_EACH = 10
"""At the least, of each class that is installed and replayed, on average."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not RECORDED.exists(), reason="the recorded provider answers are not beside the checkout"
    ),
]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """One run for all tests, and for all workers of pytest-xdist."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return all_reports()
    return _shared_run(tmp_path_factory.getbasetemp().parent / "conformance.pickle")


def _shared_run(kept: Path) -> dict[str, Report]:
    """The first worker runs, the others wait for what it found."""
    try:
        kept.with_suffix(".claim").touch(exist_ok=False)
    except FileExistsError:
        until(kept.exists, "the reports of the worker that runs", 30 * CEILING_S)
        found: dict[str, Report] = pickle.loads(kept.read_bytes())  # noqa: S301 - another worker of this run wrote it
        return found
    found = all_reports()
    unfinished = kept.with_suffix(".part")
    unfinished.write_bytes(pickle.dumps(found))
    unfinished.rename(kept)
    return found


@pytest.fixture(scope="session", autouse=True)
def _print_tables(reports: dict[str, Report], pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line("\n" + _table.text(reports))


def _told(reports: dict[str, Report], verdict: str) -> list[str]:
    return [str(bad) for report in reports.values() for bad in report.bad if bad.finding.verdict == verdict]


def test_no_value_contradicts_the_raw_answer(reports: dict[str, Report]) -> None:
    assert _told(reports, "wrong") == []


def test_no_value_is_invented(reports: dict[str, Report]) -> None:
    assert _told(reports, "invented") == []


@pytest.mark.parametrize("part", ABOUT)
def test_what_a_callback_can_reach_is_in_the_record(reports: dict[str, Report], part: str) -> None:
    assert _table.overall(reports[part]).share >= OF_REACHABLE, _told({part: reports[part]}, "missing")


@pytest.mark.parametrize("part", ABOUT)
def test_each_single_field_is_there_too(reports: dict[str, Report], part: str) -> None:
    by_field = _table.by_field(reports[part])
    assert {name: f"{sums.share:.1%}" for name, sums in by_field.items() if sums.share < OF_EACH_FIELD} == {}


def test_every_integration_took_part() -> None:
    missing = sorted({target.module for target in all_targets() if target.replayed and not target.installed})
    if missing:
        pytest.skip(f"answers of integrations that are not installed were not replayed: {', '.join(missing)}")


@pytest.mark.parametrize("part", ABOUT)
def test_answers_were_really_compared(reports: dict[str, Report], part: str) -> None:
    """A harness that reads nothing finds nothing wrong."""
    report = reports[part]
    calls = sum(report.calls.values())
    assert calls > CALLS_OF_EACH * sum(target.replayed and target.installed for target in all_targets())
    assert len(report.unread) < 0.05 * calls
    assert _table.overall(report).right > 10 * calls
