"""The figures of the page: every request is answered by the real server, over runs that are always the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import multipart, page, traces


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> page.Figures:
    db = tmp_path_factory.mktemp("page") / "runs.db"
    figures = page.filled(db, 300, page.TREE)
    with page.serving(db, page.TREE) as server:
        page.measure(server, figures, page.ROWS, rounds=1)
    return figures


@pytest.mark.parametrize("row", page.ROWS, ids=lambda row: row.name)
def test_every_request_is_answered(measured: page.Figures, row: page.Row) -> None:
    assert measured.cpu_ms[row.name] > 0


def test_every_run_that_is_sent_is_counted_with_its_bytes(measured: page.Figures) -> None:
    assert measured.runs == sum(map(len, traces.traces(300))) >= 300
    assert 500 < measured.bytes_a_run < 100_000
    assert measured.ingest_ms > 0


def test_the_table_has_each_size_before_and_after(measured: page.Figures) -> None:
    before = page.Figures(300, cpu_ms={"traces": 1234.5})
    lines = page.told({300: before}, {300: measured, 600: measured}).splitlines()
    assert lines[0] == "| server CPU, ms | 300 runs, before | 300 runs | 600 runs, before | 600 runs |"
    now = f"{measured.cpu_ms['traces']:,.1f}"
    assert f"| traces | 1,234.5 | {now} |  | {now} |" in lines
    assert {line.count("|") for line in lines} == {6}


def test_runs_are_the_same_each_time_and_finish_once() -> None:
    requests = [list(multipart.bodies(traces.traces(400))) for _ in range(2)]
    assert requests[0] == requests[1]
    kinds = Counter(len(trace) for trace in traces.traces(400))
    assert {1, 4} < set(kinds)
    assert sum(finished for _, finished in requests[0]) == sum(size * many for size, many in kinds.items())


def test_a_database_that_is_kept_is_not_filled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "runs.db"
    first = page.filled(db, 20, page.TREE)
    monkeypatch.setattr(page, "serving", None)
    assert page.filled(db, 20, page.TREE) == first
