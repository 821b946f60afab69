"""The JSON Lines sink: each record is a whole line once it was taken, whoever writes and whatever ends the process."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata, SettingsError
from langchain_respmeta.sinks import jsonl, line_files
from langchain_respmeta.table.lines import AMENDMENT, batches_of_lines
from langchain_respmeta.table.rows import batch_of_records
from langchain_respmeta.table.schema import table_schema
from tests.handler.echo import Echo
from tests.waiting import CEILING_S


def record(number: int | str, **fields: Any) -> ResponseMetadata:
    return ResponseMetadata(**{"run_id": f"run-{number}", "provider": "openai", **fields})


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def ids(path: Path) -> list[str]:
    return [line["run_id"] for line in lines(path)]


def test_lines_are_rows_of_the_table_of_the_handler_s_records(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    handler = RespMetaHandler(feedback=False, sinks=[jsonl(path)], by=["user_id", "tags"])
    config: Any = {"callbacks": [handler], "tags": ["t"], "metadata": {"user_id": "u", "thread_id": "x"}}
    for number in range(5):
        Echo().invoke(str(number), config)
    assert handler.flush()
    read = pa.Table.from_batches(
        batches_of_lines(path.read_bytes().splitlines(), pytest.fail), schema=table_schema()
    )
    assert read.equals(pa.Table.from_batches([batch_of_records([*handler.records])]))
    assert read.column("thread_id").to_pylist() == ["x"] * 5
    assert [json.loads(one) for one in read.column("metadata").to_pylist()] == [{"user_id": "u"}] * 5


def test_a_record_that_comes_again_is_a_line_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    sink = jsonl(path)
    for one in (
        record(1),
        record(2),
        record(1, model="m"),
        record(1, model="n"),
        record(2, candidate_index=1),
    ):
        sink(one)
    assert [(line["run_id"], line.get(AMENDMENT)) for line in lines(path)] == [
        ("run-1", None),
        ("run-2", None),
        ("run-1", 1),
        ("run-1", 2),
        ("run-2", None),
    ]


def test_lines_of_threads_and_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    sink = jsonl(path, max_bytes=40_000)
    long = {"text": "é" * 10_000}

    def write(name: str) -> None:
        for number in range(10):
            sink(record(f"{name}-{number}", provider_data=long))

    children = []
    for child in range(2):
        if (pid := os.fork()) == 0:
            write(f"child{child}")
            os._exit(0)
        children.append(pid)
    threads = [threading.Thread(target=write, args=(f"thread{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
    files = [*tmp_path.glob("calls*.jsonl")]
    assert len(files) > 3  # of 50 lines of 20 kB
    found = [one for file in files for one in ids(file)]
    assert len({*found}) == len(found) == 50


def test_a_child_of_a_busy_parent_waits_for_no_lock_of_its(tmp_path: Path) -> None:
    sink = jsonl(tmp_path / "calls.jsonl")
    with sink._lock:  # as another thread may at a fork
        pid = os.fork()
        if pid == 0:
            sink(record("child"))
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert ids(sink.path) == ["run-child"]


def test_what_was_written_survives_the_kill_of_its_process(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    program = """
        import sys
        from itertools import count
        from langchain_respmeta import ResponseMetadata
        from langchain_respmeta.sinks import jsonl

        sink = jsonl(sys.argv[1])
        for number in count():
            sink(ResponseMetadata(run_id=f"run-{number}", provider="openai"))
            print(number, flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", dedent(program), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        for _ in range(25):
            last = int(said.readline())
        process.send_signal(signal.SIGKILL)
        last = max([last, *map(int, said.read().split())])
    assert process.wait(CEILING_S) == -signal.SIGKILL
    jsonl(path)(record("later"))
    *of_killed, later = ids(path)
    assert of_killed[: last + 1] == [f"run-{number}" for number in range(last + 1)]
    assert len(of_killed) <= last + 2
    assert later == "run-later"


def test_a_line_that_a_crash_cut_is_closed_and_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    sink = jsonl(path)
    sink(record(1))
    path.write_bytes(path.read_bytes() + b'{"run_id": "cut')  # of another process, while this one goes on
    sink(record(2))
    bad: list[int] = []
    table = pa.Table.from_batches(
        batches_of_lines(path.read_bytes().splitlines(), lambda place, _: bad.append(place))
    )
    assert table.column("run_id").to_pylist() == ["run-1", "run-2"]
    assert bad == [1]


@pytest.mark.parametrize("written", [0, 10, -1])
def test_what_a_full_disk_refuses_is_written_later_once_and_flush_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, written: int
) -> None:
    path = tmp_path / "calls.jsonl"
    sink = jsonl(path)
    sink(record(0))
    with monkeypatch.context() as patch:
        real = os.write
        patch.setattr(line_files.os, "write", lambda file, data: real(file, data[:written]))
        sink(record(1))
        is_there = written == -1  # but for its end
        assert sink.flush(1) is is_there
    assert ("No space left" in caplog.text) is not is_there
    sink(record(2))
    assert sink.flush(1)
    read = pa.Table.from_batches(batches_of_lines(path.read_bytes().splitlines(), lambda *_: None))
    assert read.column("run_id").to_pylist() == ["run-0", "run-1", "run-2"]


def test_what_is_lost_beyond_the_bound_is_told_by_the_next_flush_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "calls.jsonl"
    sink = jsonl(path)
    monkeypatch.setattr(line_files, "MOST_WAITING", 3)
    with monkeypatch.context() as patch:
        patch.setattr(line_files.os, "write", lambda *_: 0)
        for number in range(5):
            sink(record(number))
    assert not sink.flush(1)
    assert sink.flush(1)
    assert ids(path) == ["run-2", "run-3", "run-4"]


def test_a_file_that_is_taken_away_is_made_again(tmp_path: Path) -> None:
    sink = jsonl(tmp_path / "calls.jsonl")
    sink(record(1))
    sink.path.rename(tmp_path / "calls.1.jsonl")
    assert sink.flush(1)
    sink(record(2))
    assert ids(sink.path) == ["run-2"]


def test_it_is_for_this_user_alone_and_can_be_pickled_with_its_handler(tmp_path: Path) -> None:
    sink = jsonl(tmp_path / "calls.jsonl", max_bytes=100)
    assert sink.path.stat().st_mode & 0o077 == 0
    handler = pickle.loads(pickle.dumps(RespMetaHandler(feedback=False, sinks=[sink])))  # noqa: S301 - ours
    (copy,) = handler.sinks
    assert (copy.path, copy.max_bytes) == (sink.path, 100)


@pytest.mark.parametrize(
    ("path", "max_bytes", "setting"),
    [("no/such.jsonl", None, "path"), (".", None, "path"), ("a", 0, "max_bytes"), ("a", True, "max_bytes")],
)
def test_what_cannot_be_used_is_told_at_once(tmp_path: Path, path: str, max_bytes: Any, setting: str) -> None:
    with pytest.raises(SettingsError) as told:
        jsonl(tmp_path / path, max_bytes=max_bytes)
    assert told.value.setting == setting
