"""Memory stays bounded where one microsecond, which no window splits, has far more runs than are held."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.history.pull.flood import flood
from tests.history.pull.seeds import ids

RUNS = 16_000


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not tell a process's size so"
)
def test_a_microsecond_with_many_runs_takes_no_more_than_300_mb(tmp_path: Path) -> None:
    """They are some 30 MB of text; held as one table, sorted, they would take several times that."""
    with flood(RUNS, 1_200) as url:
        command = [sys.executable, "-m", "tests.history.pull.flood", url, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["report"]["runs"] == RUNS
    assert len(set(ids(tmp_path))) == RUNS
    assert told["peak_mb"] <= 300, told
