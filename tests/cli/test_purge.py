"""`respmeta purge`: it counts, asks, removes and tells."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.cli.main import main
from langchain_respmeta.local import Store
from langchain_respmeta.local.store import purge as purging
from tests.local.seed import run_body, store_runs

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    store = Store(tmp_path / "runs.db")
    store_runs(store, [run_body(at_s=at, project=name) for at in (0, 1) for name in ("mine", "other")])
    store.close()
    return tmp_path / "runs.db"


@pytest.fixture
def purge(db: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["purge", "--db", str(db), *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def projects(db: Path) -> list[str]:
    with sqlite3.connect(db) as connection:
        rows = connection.execute(
            "SELECT s.name FROM runs r JOIN sessions s ON s.id = r.session_id"
        ).fetchall()
    connection.close()
    return sorted(name for (name,) in rows)


def test_a_dry_run_removes_nothing(db: Path, purge: Told) -> None:
    code, out, err = purge("--older-than", "2026-11-21", "--dry-run")
    assert (code, out, err) == (0, "would be removed: 4 traces, 4 runs\n", "")
    assert len(projects(db)) == 4


def test_a_yes_removes_and_tells_how_large_the_file_is(db: Path, purge: Told) -> None:
    code, out, err = purge("-p", "mine", "--yes")
    assert (code, err) == (0, "")
    assert out.startswith(f"removed: 1 project, 2 traces, 2 runs\n{db}: ")
    assert projects(db) == ["other", "other"]


def test_the_counts_as_json_stand_alone(db: Path, purge: Told) -> None:
    code, out, err = purge("-p", "mine", "--older-than", "0d", "--yes", "--json")
    told: dict[str, Any] = json.loads(out)
    assert (code, err, told["db"], told["dry_run"]) == (0, "", str(db), False)
    assert {key: told[key] for key in ("projects", "traces", "runs")} == {
        "projects": 0,
        "traces": 2,
        "runs": 2,
    }
    assert told["bytes_after"] == db.stat().st_size


def test_without_a_yes_and_a_terminal_nothing_is_removed(db: Path, purge: Told) -> None:
    code, out, err = purge("--older-than", "0d")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "add --yes" in err
    assert len(projects(db)) == 4


@pytest.mark.parametrize(("answer", "code", "kept"), [("y\n", 0, 0), ("n\n", 1, 4)], ids=["yes", "no"])
def test_on_a_terminal_it_asks(
    db: Path, purge: Told, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, kept: int
) -> None:
    ours, theirs = pty.openpty()
    with open(ours, "wb", buffering=0) as keys, open(theirs) as terminal:  # noqa: PTH123 - a terminal has no path
        monkeypatch.setattr("sys.stdin", terminal)
        keys.write(answer.encode())
        assert purge("--older-than", "0d")[0] == code
    assert len(projects(db)) == kept


def test_where_there_is_nothing_it_does_not_ask(purge: Told) -> None:
    assert purge("--older-than", "2020-01-01")[0] == 0


def test_a_file_in_use_keeps_its_room_and_the_exit_code_tells(
    purge: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "give_back_space", lambda _: False)
    code, out, err = purge("--older-than", "0d", "--yes")
    assert (code, out.partition("\n")[0]) == (1, "removed: 4 traces, 4 runs")
    assert err.startswith("respmeta: the file is in use")


def test_ctrl_c_tells_that_it_goes_on(db: Path, purge: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(purging, "remove", stop)
    code, out, err = purge("--older-than", "0d", "--yes")
    assert (code, out) == (130, "")
    assert err == "respmeta: stopped. What was removed is gone; the same command goes on\n"


def test_the_server_of_the_state_directory_is_meant_by_default(
    db: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", os.fspath(db.parent))
    assert main(["purge", "-p", "mine", "--dry-run"]) == 0
    assert capsys.readouterr().out == "would be removed: 1 project, 2 traces, 2 runs\n"


def test_the_oldest_go_until_the_file_has_the_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = tmp_path / "runs.db"
    store, runs = Store(db), [run_body(at_s=at) for at in range(30)]
    store_runs(store, runs)
    with store.write() as connection:
        for run in runs:
            connection.execute(
                "INSERT INTO attachments VALUES (?, 'a', 'text/plain', randomblob(1000000))", (run["id"],)
            )
    store.close()
    assert main(["purge", "--db", str(db), "--max-size", "20MB", "--dry-run"]) == 0
    assert "would be removed: about 11 traces, 11 runs" in capsys.readouterr().out
    assert main(["purge", "--db", str(db), "--max-size", "20MB", "--yes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes_after"] == db.stat().st_size <= 20_000_000
    store = Store(db)
    kept = [run["id"] for run in store.runs()]
    store.close()
    assert kept == [run["id"] for run in runs[-len(kept) :]]
    assert len(kept) == 30 - told["runs"] == 15
    assert main(["purge", "--db", str(db), "--max-size", "20MB", "--yes"]) == 0
    assert "removed: 0 runs" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--older-than", "1d"], ["--project", "mine"]])
def test_a_size_goes_alone(purge: Told, more: list[str]) -> None:
    code, _, err = purge("--max-size", "20MB", *more)
    assert code == 2
    assert "--max-size 2GB alone" in err
