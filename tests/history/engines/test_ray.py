"""`--engine ray`, on a real Ray: the same table as local, whatever becomes of its workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.errors import HistoryError, MissingExtraError
from langchain_respmeta.history import normalize_files
from langchain_respmeta.history.bulk.engines import ray as engine
from tests.history.engines.snippets import run_snippet
from tests.history.engines.tables import answers_of, made_by, without


def test_its_table_is_the_local_one_row_by_row(
    ray_here: Any, runs: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    assert made_by("ray", runs, tmp_path / "ray") == expected


def test_a_unit_whose_worker_was_killed_is_done_again_and_nothing_is_there_twice(
    ray_here: Any,
    runs: Path,
    expected: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark, do = tmp_path / "killed", engine._do

    def do_and_be_killed(batch: Any, job: dict[str, Any]) -> Any:
        done = do(batch, job)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), 9)
        return done

    monkeypatch.setattr(engine, "_do", do_and_be_killed)
    assert made_by("ray", runs, tmp_path / "ray") == expected
    assert mark.exists()


def test_what_fails_on_a_worker_is_told_in_one_line(
    ray_here: Any, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batch: Any, job: dict[str, Any]) -> Any:
        raise ModuleNotFoundError("No module named 'langchain_respmeta'")

    monkeypatch.setattr(engine, "_do", fail)
    with pytest.raises(HistoryError, match=r"(?s)Ray failed: Module.*on the workers") as told:
        normalize_files(runs, tmp_path / "ray", engine="ray")
    assert "\n" not in str(told.value)


def test_the_page_program_for_a_dataset_makes_the_same_table(
    ray_here: Any, here: Path, expected: dict[str, Any]
) -> None:
    run_snippet("frame of ray", here)
    assert answers_of(here / "table") == expected["rows"]


def test_without_the_package_the_error_names_the_extra(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "ray")
    with pytest.raises(MissingExtraError, match=r"pip install 'langchain-respmeta\[ray\]'"):
        normalize_files(runs, tmp_path / "ray", engine="ray")


def test_a_ray_of_its_own_ends_with_the_command_and_reports_no_usage(
    runs: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    program = (
        "import os, sys; from langchain_respmeta.cli.main import main\n"
        "code = main()\n"
        "assert not sys.modules['ray'].is_initialized()\n"
        "assert os.environ['RAY_USAGE_STATS_ENABLED'] == '0'\n"
        "sys.exit(code)\n"
    )
    table = tmp_path / "table"
    command = [sys.executable, "-c", program, "normalize", runs, "-o", table, "--engine", "ray"]
    marked = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    marked["RESPMETA_TEST"] = str(tmp_path)
    done = subprocess.run(command, env=marked, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1, done.stderr  # some rows are bad
    assert list(_processes(str(tmp_path))) == []
    assert made_by("local", runs, table) == expected


def _processes(mark: str) -> Any:
    """Processes that were started with this mark in their environment."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"RESPMETA_TEST={mark}".encode() in (process / "environ").read_bytes():
                yield (process / "cmdline").read_bytes()
        except OSError:
            continue
