"""Worker processes: the same table as without, whatever happens to them; none is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from langchain_respmeta.history import normalize_files
from tests.history.bulk.files import as_lines, expected, exported, table_of, write_export
from tests.waiting import CEILING_S, until

ROWS = exported()
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed as POSIX has it")


def _inputs(folder: Path) -> Path:
    for place in range(3):
        write_export(folder, ROWS.slice(20 * place, 20), name=f"{place}.parquet")
    return folder


def test_the_table_of_two_workers_is_that_of_one(tmp_path: Path) -> None:
    inputs = _inputs(tmp_path / "in")
    (inputs / "more.jsonl").write_bytes(as_lines(ROWS)[:-5])
    reports = [normalize_files(inputs, tmp_path / f"out{n}", workers=n).to_dict() for n in (1, 2)]
    assert table_of(tmp_path / "out1") == table_of(tmp_path / "out2")
    for report in reports:
        del report["seconds"], report["output"]
    assert reports[0] == reports[1]


def _command(tmp_path: Path, times: int) -> list[str]:
    """The command, with a worker that dies at one of the files."""
    program = [
        sys.executable,
        "-m",
        "tests.history.bulk.dying",
        "1.parquet",
        str(tmp_path / "counter"),
        str(times),
    ]
    return [*program, str(_inputs(tmp_path / "in")), "-o", str(tmp_path / "out"), "--json"]


@posix
@pytest.mark.parametrize("times", [1, 2])
def test_a_unit_whose_worker_dies_is_tried_again_once(times: int, tmp_path: Path) -> None:
    done = subprocess.run(_command(tmp_path, times), capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert (tmp_path / "counter").stat().st_size == 2
    assert done.returncode == len(report["failed"]) == times - 1
    for file, reason in report["failed"].items():
        assert file.endswith("1.parquet")
        assert "killed by signal 9" in reason
        assert "memory" in reason
    assert normalize_files(tmp_path / "in", tmp_path / "out", workers=1).is_clean
    assert table_of(tmp_path / "out") == expected(ROWS)


def test_a_script_that_guards_nothing_is_told_so(tmp_path: Path) -> None:
    inputs = _inputs(tmp_path / "in")
    script = tmp_path / "script.py"
    script.write_text(
        "from langchain_respmeta.history import normalize_files\n"
        f"normalize_files({str(inputs)!r}, {str(tmp_path / 'out')!r}, workers=2)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, env=_here())
    assert "if __name__ == '__main__':" in done.stderr.splitlines()[-1]
    assert done.returncode == 1


def _here() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.getcwd()}  # noqa: PTH109


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_no_worker_outlives_its_parent(how: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        _command(tmp_path, -1), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until((tmp_path / "counter").exists, "a worker that waits for ever")
    if how == "killed":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=CEILING_S)
    until(lambda: not _alive(process.pid), "the end of all workers")
    if how == "ctrl-c":
        assert process.returncode == 130
        assert said == "respmeta: stopped: what is done stays, run the same command again to go on\n"
        assert not (tmp_path / "out" / "_tmp").exists()
    assert normalize_files(tmp_path / "in", tmp_path / "out", workers=1).is_clean
    assert table_of(tmp_path / "out") == expected(ROWS)


def _alive(session: int) -> list[str]:
    """Processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append(stat.parent.name)
    return found
