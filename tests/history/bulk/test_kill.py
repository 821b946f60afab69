"""A program that is killed loses nothing that it had done, and the next goes on: the same table, nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_respmeta.history import normalize_files
from tests.history.bulk.files import as_lines, expected, exported, table_of, visible, write_export

ROWS = exported()
TIMES = 20
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed as POSIX has it")


def _inputs(folder: Path) -> Path:
    """Files of both kinds, with rows that cannot be read."""
    lines = as_lines(ROWS.slice(40))
    write_export(folder, ROWS.slice(0, 20), name="a.parquet")
    write_export(folder, ROWS.slice(20, 20), name="b.parquet")
    (folder / "c.jsonl").write_bytes(lines + b'{"id": \n')
    return folder


def _program(*arguments: object, is_ended: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.history.bulk.killing", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=is_ended, start_new_session=True)


def _names(output: Path) -> set[str]:
    kept = (path for path in output.rglob("*") if path.is_file())
    return {str(path.relative_to(output)) for path in kept}


def test_killed_at_any_step_and_gone_on_with_the_table_is_the_same(tmp_path: Path) -> None:
    told = _program("forks", _inputs(tmp_path / "in"), tmp_path, TIMES).stdout.splitlines()
    whole = tmp_path / "whole"
    assert table_of(whole) == expected(ROWS)
    assert len(told) == TIMES
    for line in told:
        place, *parts = line.split()
        output = tmp_path / f"killed-{place}"
        assert set(parts) <= visible(whole), "only finished files are visible after a kill"
        assert _names(output) == _names(whole)
        assert table_of(output) == table_of(whole)
        bad = [path.read_text() for path in (output / "_bad").iterdir()]
        assert bad == [path.read_text() for path in (whole / "_bad").iterdir()]
    assert len({tuple(line.split()[1:]) for line in told}) > 3, "the places are early and late ones"


def test_all_processes_killed_again_and_again_the_table_is_the_same(tmp_path: Path) -> None:
    inputs, output, counter = _inputs(tmp_path / "in"), tmp_path / "out", tmp_path / "counter"
    for at in (25, 60):
        counter.unlink(missing_ok=True)
        killed = _program("tree", inputs, output, counter, at, is_ended=False)
        assert killed.returncode == -signal.SIGKILL
    counter.unlink()
    _program("tree", inputs, output, counter, 1 << 30)
    report = json.loads((output / "_report.json").read_text())
    assert report["rows"] == ROWS.num_rows + 1
    assert table_of(output) == expected(ROWS)
    normalize_files(inputs, tmp_path / "whole", workers=1)
    assert _names(output) == _names(tmp_path / "whole")
