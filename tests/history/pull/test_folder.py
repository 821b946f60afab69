"""A folder is one pull's: it survives kills, full disks and other pulls, and is never mixed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import SettingsError
from langchain_respmeta.history import PullReport
from langchain_respmeta.history.pull.lock import LOCK, folder_lock
from langchain_respmeta.history.pull.manifest import MANIFEST
from langchain_respmeta.history.pull.parts import ASIDE
from langchain_respmeta.local import LocalServer
from tests.history.pull.seeds import FIRST, ids, in_order, parts, pulled, seed_days, seeded_run
from tests.local.seed import store_runs

Pull = Callable[..., PullReport]
BOUNDS = {"since": FIRST, "until": FIRST + timedelta(days=2)}


@pytest.fixture
def runs(server: LocalServer, project: str) -> list[dict[str, Any]]:
    return [run for run in seed_days(server, project, 120) if run["start_time"] < BOUNDS["until"].isoformat()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_at_twenty_points_the_result_is_the_same(
    server: LocalServer, project: str, runs: list[dict[str, Any]], tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.history.pull.killed",
        server.url,
        project,
        str(tmp_path),
        "3",
        "20",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["held"]) == 20
    for held in told["held"]:
        assert len(held) == len(set(held))
    order = [("start_time", "ascending"), ("id", "ascending")]
    whole = pulled(tmp_path / "whole").sort_by(order)
    until = (FIRST + timedelta(days=1)).isoformat()
    assert whole.num_rows == len([run for run in runs if run["start_time"] < until])
    for number in range(told["folders"]):
        assert pulled(tmp_path / f"killed-{number}").sort_by(order).equals(whole)


def test_what_was_not_noted_is_removed_and_pulled_again(
    runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    """As after a kill between a part and its line: the line is gone, or half of it is there."""
    pull(**BOUNDS)
    journal = folder / MANIFEST
    lines = journal.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'"part":"' in line)
    journal.write_bytes(b"".join(lines[:last]) + lines[last][:20])
    (folder / ASIDE).write_bytes(b"half a part")
    pull(**BOUNDS)
    assert ids(folder) == in_order(runs)
    assert not (folder / ASIDE).exists()


DIFFERENT = {
    "the filter was None and is now": {"filter": 'eq(run_type, "llm")'},
    "the run type was 'LLM' and is now None": {"all_types": True},
    "having prompts was True and is now False": {"inputs": False},
}


@pytest.mark.parametrize("words", DIFFERENT)
def test_other_options_do_not_go_into_the_same_folder(
    runs: list[dict[str, Any]], pull: Pull, folder: Path, words: str
) -> None:
    pull(**BOUNDS)
    before = {path: path.read_bytes() for path in parts(folder)}
    with pytest.raises(SettingsError, match=f"{words}.*Choose another folder"):
        pull(**BOUNDS, **DIFFERENT[words])
    assert {path: path.read_bytes() for path in parts(folder)} == before


def test_another_project_of_the_same_name_does_not_go_into_the_same_folder(
    server: LocalServer, project: str, runs: list[dict[str, Any]], pull: Pull
) -> None:
    pull(**BOUNDS)
    with LocalServer() as other:
        store_runs(other.store, [seeded_run(project, FIRST)])
        with pytest.raises(SettingsError, match="holds runs of another pull"):
            pull(url=other.url, **BOUNDS)


@pytest.mark.parametrize(
    "damage", [b"nothing\n", b"[1]\n{}\n", b'{"format": 99}\n', b'{"format": 1}\n{"start": 1}\n']
)
def test_a_damaged_journal_is_told(
    runs: list[dict[str, Any]], pull: Pull, folder: Path, damage: bytes
) -> None:
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(damage)
    with pytest.raises(SettingsError, match=r"cannot be read\. Remove the folder"):
        pull(**BOUNDS)


def test_two_pulls_at_once_are_refused_and_the_lock_of_a_dead_one_is_taken(
    runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    folder.mkdir(parents=True)
    with (
        folder_lock(folder),
        pytest.raises(SettingsError, match=rf"another pull \(process {os.getpid()} on "),
    ):
        pull(**BOUNDS)
    (folder / LOCK).write_text('{"pid": 1, "host": "elsewhere"}')
    pull(**BOUNDS)
    assert ids(folder) == in_order(runs)
    assert json.loads((folder / LOCK).read_text())["pid"] == os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process")
def test_a_full_disk_keeps_what_was_pulled(
    server: LocalServer, project: str, pull: Pull, tmp_path: Path
) -> None:
    """A process that may write files of 16 kB: the parts of the first days fit, that of the third does not."""
    texts = [seeded_run(project, FIRST + timedelta(days=day)) for day in (0, 1)]
    large = seeded_run(project, FIRST + timedelta(days=2), error=os.urandom(20_000).hex())
    store_runs(server.store, [*texts, large])
    command = f"ulimit -f 16; exec {sys.executable} -m langchain_respmeta.cli.main pull -p '{project}' -o out"
    environment = {**os.environ, "LANGSMITH_ENDPOINT": server.url, "LANGSMITH_API_KEY": "any"}
    span = ["--since", FIRST.isoformat(), "--until", (FIRST + timedelta(days=3)).isoformat()]
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)

    def shell(words: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", words]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
        )

    full = shell(f"{command} {' '.join(span)}")
    assert full.returncode == 1, full.stderr
    assert "make room" in full.stderr
    assert full.stderr.count("\n") == 1
    folder = tmp_path / "out"
    assert ids(folder) == [run["id"] for run in texts]
    assert not list(folder.rglob(ASIDE))
    assert pull(since=FIRST, until=FIRST + timedelta(days=3)).runs == 1
    assert ids(folder) == [run["id"] for run in (*texts, large)]


def test_a_url_or_a_file_is_no_folder(
    runs: list[dict[str, Any]], tmp_path: Path, server: LocalServer, project: str
) -> None:
    from langsmith import Client

    from langchain_respmeta.history import pull_runs

    client = Client(api_url=server.url, api_key="any", auto_batch_tracing=False)
    (tmp_path / "file").write_text("")
    for output, words in (("s3://bucket/runs", "local folder"), (tmp_path / "file", "is a file")):
        with pytest.raises(SettingsError, match=words):
            pull_runs(project, output, client=client, **BOUNDS)
