"""The Parquet sink: each record once, in its newest version, whatever ends the process; rows are those of the table."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata, SettingsError
from langchain_respmeta.sinks import line_files, parquet, parts
from langchain_respmeta.table.parquet import as_current
from langchain_respmeta.table.rows import batch_of_records
from tests.handler.echo import Echo
from tests.waiting import CEILING_S, until

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(number: int | None, **fields: Any) -> ResponseMetadata:
    run_id = None if number is None else f"run-{number}"
    return ResponseMetadata(**{"run_id": run_id, "provider": "openai", "received_at": DAY, **fields})


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("day=*/*"))


def rows(folder: Path) -> list[tuple[str, str]]:
    """Run and model of each row of each file."""
    return sorted(
        (row["run_id"], row["respmeta_model"])
        for file in files(folder)
        for row in pq.ParquetFile(file).read(columns=["run_id", "respmeta_model"]).to_pylist()
    )


def waits(folder: Path) -> list[Path]:
    return [path for path in (folder / "_journal").iterdir() if path.suffix != ".lock"]


def test_rows_are_those_of_the_table_of_the_handler_s_records(tmp_path: Path) -> None:
    handler = RespMetaHandler(feedback=False, sinks=[parquet(tmp_path / "calls")], by=["user_id", "tags"])
    config: Any = {"callbacks": [handler], "tags": ["t"], "metadata": {"user_id": "u"}}
    for number in range(5):
        Echo().invoke(str(number), config)
    assert handler.flush(CEILING_S)
    read = pa.concat_tables(as_current(pq.ParquetFile(file).read()) for file in files(tmp_path / "calls"))
    assert read.equals(pa.Table.from_batches([batch_of_records([*handler.records])]))
    day = read.column("start_time")[0].as_py().date().isoformat()
    assert {file.parent.name for file in files(tmp_path / "calls")} == {f"day={day}"}


def test_a_record_that_comes_again_replaces_its_row_wherever_it_stands(tmp_path: Path) -> None:
    sink = parquet(tmp_path)
    for one in (record(1), record(2), record(1, model="same-journal")):
        sink(one)
    assert sink.flush(1)
    sink(record(3))
    sink(record(2, model="file-before"))
    sink(record(2, model="newest", received_at=DAY.replace(day=3)))
    sink(record(2, candidate_index=1, model="another-candidate"))
    assert sink.flush(1)
    assert rows(tmp_path) == [
        ("run-1", "same-journal"),
        ("run-2", "another-candidate"),
        ("run-2", "newest"),
        ("run-3", None),
    ]


def test_records_without_a_run_are_all_kept(tmp_path: Path) -> None:
    sink = parquet(tmp_path)
    for _ in range(2):
        sink(record(None))
        sink(record(None))
        assert sink.flush(1)
    assert len(rows(tmp_path)) == 4


def test_small_files_grow_and_large_ones_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GROWN_ROWS", 3)
    sink = parquet(tmp_path)
    for number in range(7):
        sink(record(number))
        assert sink.flush(1)
    sizes = sorted(pq.ParquetFile(file).metadata.num_rows for file in files(tmp_path))
    assert sizes == [1, 3, 3]


def test_a_file_is_written_after_so_many_records_or_seconds_without_a_flush(tmp_path: Path) -> None:
    many, soon = parquet(tmp_path / "many", rows=3, seconds=3600), parquet(tmp_path / "soon", seconds=0.001)
    for number in range(3):
        many(record(number))
    soon(record(0))
    until(lambda: len(rows(many.folder)) == 3, "a file of three")
    until(lambda: len(rows(soon.folder)) == 1, "a file of one")
    assert not files(many.folder)[0].with_suffix(".tmp").exists()


def test_a_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    first = parquet(tmp_path)
    first(record(1))
    second = parquet(tmp_path)
    second(record(2))
    assert rows(tmp_path) == []
    assert second.flush(1)
    assert rows(tmp_path) == [("run-2", None)]
    assert first.flush(1)
    assert rows(tmp_path) == [("run-1", None), ("run-2", None)]
    assert waits(tmp_path) == []


def test_a_forked_child_writes_its_own_records_and_none_of_its_parent_s(tmp_path: Path) -> None:
    sink = parquet(tmp_path)
    sink(record(1))
    with sink._lock, sink._writing:  # as other threads may at a fork
        if (pid := os.fork()) == 0:
            sink(record(2))
            os._exit(0 if sink.flush(1) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert rows(tmp_path) == [("run-2", None)]
    sink(record(3))
    assert sink.flush(1)
    assert [run for run, _ in rows(tmp_path)] == ["run-1", "run-2", "run-3"]


def test_threads_and_the_writer_s_own_thread_lose_nothing_and_keep_the_newest(tmp_path: Path) -> None:
    sink = parquet(tmp_path, rows=5, seconds=0.001)

    def write(thread: int) -> None:
        for number in range(thread * 100, thread * 100 + 25):
            sink(record(number))
            sink(record(number, model="newest"))
            if number % 10 == 0:
                assert sink.flush(CEILING_S)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sink.flush(CEILING_S)
    expected = [f"run-{thread * 100 + number}" for thread in range(4) for number in range(25)]
    assert rows(tmp_path) == sorted((run, "newest") for run in expected)


def test_what_came_last_is_written_when_the_process_ends(tmp_path: Path) -> None:
    program = """
        import sys
        from langchain_respmeta import RespMetaHandler, normalize
        from langchain_respmeta.sinks import parquet
        from tests.handler.echo import Echo

        def sinks():
            return RespMetaHandler(feedback=False, sinks=[parquet(sys.argv[1])])

        for number in range(3):
            Echo().invoke(str(number), {"callbacks": [sinks()]})
    """
    subprocess.run([sys.executable, "-c", dedent(program), str(tmp_path)], timeout=CEILING_S, check=True)
    assert [model for _, model in rows(tmp_path)] == ["m"] * 3
    assert waits(tmp_path) == []


def test_nothing_acknowledged_is_lost_or_there_twice_whenever_a_process_is_killed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sinks.dying", str(tmp_path)],
        timeout=4 * CEILING_S,
        check=True,
        capture_output=True,
    )
    told = json.loads(done.stdout)
    assert [fault for one in told.values() for fault in one["faults"]] == []
    assert told["before"]["kills"] > 20
    assert told["half way"]["kills"] > 5
    assert told["any time"]["acknowledged"] > 10


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_cannot_be_written_waits_and_is_there_once_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    sink = parquet(tmp_path)
    for number in (1, 2, 3):
        sink(record(number, received_at=DAY.replace(day=number)))
    with monkeypatch.context() as patch:
        real, calls = getattr(os, call), []

        def fails_at_the_second(*args: Any, **kwargs: Any) -> Any:
            calls.append(1)
            if len(calls) > 1:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        patch.setattr(os, call, fails_at_the_second)
        assert not sink.flush(1)
        sink(record(2, model="newer", received_at=DAY.replace(day=2)))
        assert not sink.flush(1)
    assert caplog.text.count("No space left") == 1
    assert sink.flush(1)
    assert rows(tmp_path) == [("run-1", None), ("run-2", "newer"), ("run-3", None)]
    assert waits(tmp_path) == []


def test_a_journal_that_cannot_be_begun_costs_nothing_within_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = parquet(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(line_files.os, "write", lambda *_: 0)
        sink(record(1))
        assert not sink.flush(1)
    sink(record(2))
    assert sink.flush(1)
    assert [run for run, _ in rows(tmp_path)] == ["run-1", "run-2"]


@pytest.mark.parametrize("content", [None, b"no Parquet"])
def test_a_file_that_somebody_takes_away_or_writes_over_costs_itself_alone(
    tmp_path: Path, content: bytes | None
) -> None:
    sink = parquet(tmp_path)
    sink(record(1))
    assert sink.flush(1)
    (file,) = files(tmp_path)
    file.unlink()
    if content is not None:
        file.with_name("part-mine.parquet").write_bytes(content)
        file.write_bytes(content)
    sink(record(1, model="again"))
    sink(record(2))
    assert sink.flush(1)
    for one in files(tmp_path):
        if one.read_bytes() == content:
            one.unlink()
    assert rows(tmp_path) == [("run-1", "again"), ("run-2", None)]


def test_a_file_of_an_older_version_is_written_on(tmp_path: Path) -> None:
    sink = parquet(tmp_path)
    sink(record(1))
    assert sink.flush(1)
    (file,) = files(tmp_path)
    table = pq.ParquetFile(file).read()
    pq.write_table(table.drop_columns(["tags", "metadata"]), file)
    sink(record(2, tags=("t",)))
    assert sink.flush(1)
    (file,) = files(tmp_path)
    assert pq.ParquetFile(file).read(columns=["tags"]).column("tags").to_pylist() == [None, ["t"]]


def test_it_can_be_pickled_with_its_handler(tmp_path: Path) -> None:
    sink = parquet(tmp_path, rows=5, seconds=2)
    handler = pickle.loads(pickle.dumps(RespMetaHandler(feedback=False, sinks=[sink])))  # noqa: S301 - ours
    (copy,) = handler.sinks
    assert (copy.folder, copy.rows, copy.seconds) == (tmp_path, 5, 2.0)


@pytest.mark.parametrize(
    ("folder", "settings", "setting"),
    [
        ("no/such", {}, "folder"),
        ("file", {}, "folder"),
        ("a", {"rows": 0}, "rows"),
        ("a", {"rows": 2.5}, "rows"),
        ("a", {"seconds": "1"}, "seconds"),
        ("a", {"seconds": float("nan")}, "seconds"),
    ],
)
def test_what_cannot_be_used_is_told_at_once(
    tmp_path: Path, folder: str, settings: dict[str, Any], setting: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError) as told:
        parquet(tmp_path / folder, **settings)
    assert told.value.setting == setting
