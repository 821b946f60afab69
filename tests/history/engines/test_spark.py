"""`--engine spark`, on a real Spark: the same table as local, whatever becomes of its workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.errors import HistoryError, MissingExtraError
from langchain_respmeta.history import normalize_files
from langchain_respmeta.history.bulk.engines import spark as engine
from tests.history.engines.java import reason_to_skip
from tests.history.engines.snippets import run_snippet
from tests.history.engines.tables import answers_of, made_by, without


def test_its_table_is_the_local_one_row_by_row(
    spark_here: Any, runs: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    assert made_by("spark", runs, tmp_path / "spark") == expected


def test_a_unit_whose_worker_was_killed_is_done_again_and_nothing_is_there_twice(
    spark_here: Any,
    runs: Path,
    expected: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark, do = tmp_path / "killed", engine._do

    def do_and_be_killed(
        batches: Iterator[Any], tasks: list[list[str]], job: dict[str, Any]
    ) -> Iterator[Any]:
        for done in do(batches, tasks, job):
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), 9)
            yield done

    monkeypatch.setattr(engine, "_do", do_and_be_killed)
    assert made_by("spark", runs, tmp_path / "spark") == expected
    assert mark.exists()


def test_what_fails_on_a_worker_is_told_in_one_line(
    spark_here: Any, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batches: Iterator[Any], tasks: list[list[str]], job: dict[str, Any]) -> Iterator[Any]:
        raise ModuleNotFoundError("No module named 'langchain_respmeta'")

    monkeypatch.setattr(engine, "_do", fail)
    with pytest.raises(HistoryError, match=r"Spark failed: Module.*on the workers") as told:
        normalize_files(runs, tmp_path / "spark", engine="spark", workers=1)
    assert "\n" not in str(told.value)


def test_the_page_program_for_a_data_frame_makes_the_same_table(
    spark_here: Any, here: Path, expected: dict[str, Any]
) -> None:
    run_snippet("frame of spark", here)
    assert answers_of(here / "table") == expected["rows"]


def test_the_page_program_for_files_prints_its_report(
    spark_here: Any, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_snippet("files of spark", here)
    assert "files 3 = done 3 + failed 0" in capsys.readouterr().out


def test_without_the_package_the_error_names_the_extra(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "pyspark")
    with pytest.raises(MissingExtraError, match=r"pip install 'langchain-respmeta\[spark\]'"):
        normalize_files(runs, tmp_path / "spark", engine="spark")


def test_without_java_the_error_says_what_to_install(runs: Path, tmp_path: Path) -> None:
    done = _respmeta(runs, tmp_path, JAVA_HOME=str(tmp_path))
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("respmeta:")]
    assert "apt-get install default-jre-headless" in line


@pytest.mark.skipif(reason_to_skip() is not None, reason=str(reason_to_skip()))
def test_a_session_of_its_own_does_the_work_of_the_command_line(
    runs: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    done = _respmeta(runs, tmp_path)
    assert done.returncode == 1, done.stderr  # some rows are bad
    assert made_by("local", runs, tmp_path / "table") == expected


def _respmeta(runs: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from langchain_respmeta.cli.main import main; sys.exit(main())"
    arguments = ("normalize", runs, "-o", folder / "table", "--engine", "spark")
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
