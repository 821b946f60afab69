"""Stored runs are removed whole, and nothing else is: by age, by project, while a server goes on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.store import removal
from langchain_respmeta.local.store.purge import Purge, count, remove
from langchain_respmeta.local.store.removal import PurgeCounts
from langchain_respmeta.local.times import parse
from tests.local.seed import START, run_body, store_runs

DAY_S = 86_400.0
SECRET = "the-prompt-of-a-purged-run"
TABLES = ("runs", "run_metadata", "attachments", "feedback")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs.db")
    yield made
    made.close()


def micros(day: float) -> int:
    return parse((START + timedelta(days=day)).isoformat())


def trace(day: float, *, project: str = "demo", last_day: float | None = None) -> list[dict[str, Any]]:
    """A root of that day with a call beneath it, which may be of a later day."""
    root = run_body(
        run_type="chain", at_s=day * DAY_S, project=project, metadata={"k": 1}, inputs={"say": SECRET}
    )
    later = (day if last_day is None else last_day) * DAY_S + 1
    return [root, run_body(at_s=later, parent=root, project=project, metadata={"k": 2})]


def stored(store: Store, *traces: list[dict[str, Any]]) -> None:
    """Store the runs, each with feedback and a file."""
    runs = [run for one in traces for run in one]
    store_runs(store, runs)
    with store.write() as connection:
        for run in runs:
            connection.execute("INSERT INTO attachments VALUES (?, 'a', 'text/plain', x'00')", (run["id"],))
            give_feedback(connection, run["id"], day=0)


def give_feedback(connection: sqlite3.Connection, run_id: str | None, day: float) -> None:
    session = connection.execute("SELECT session_id FROM runs WHERE id = ?", (run_id,)).fetchone()
    connection.execute(
        "INSERT INTO feedback (id, run_id, session_id, key, extend_trace_retention, received_by, created_us,"
        " modified_us) VALUES (hex(randomblob(16)), ?, ?, 'k', 0, 'request', ?, 0)",
        (run_id, session and session[0], micros(day)),
    )


def left(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608


def session_id(store: Store, project: str) -> str:
    with store.read() as connection:
        return str(connection.execute("SELECT id FROM sessions WHERE name = ?", (project,)).fetchone()[0])


def test_old_traces_go_with_all_that_is_theirs_and_young_ones_stay(store: Store) -> None:
    young = trace(10)
    stored(store, trace(0), trace(1), young)
    purge = Purge(before_us=micros(5))
    expected = PurgeCounts(traces=2, runs=4, attachments=4, feedback=4)
    assert count(store, purge) == expected
    assert remove(store, purge) == expected
    assert {run["id"] for run in store.runs()} == {run["id"] for run in young}
    assert left(store) == {"runs": 2, "run_metadata": 2, "attachments": 2, "feedback": 2}
    assert not count(store, purge).is_any


def test_a_trace_is_as_old_as_its_newest_run(store: Store) -> None:
    stored(store, trace(0, last_day=9))
    assert not count(store, Purge(before_us=micros(5))).is_any
    assert remove(store, Purge(before_us=micros(10))).runs == 2


def test_the_moment_itself_is_not_old(store: Store) -> None:
    stored(store, [run_body(at_s=0)])
    assert not count(store, Purge(before_us=micros(0))).is_any
    assert count(store, Purge(before_us=micros(0) + 1)).runs == 1


def test_of_a_project_only_its_runs_go(store: Store) -> None:
    stored(store, trace(0, project="mine"), trace(9, project="mine"), trace(0, project="other"))
    mine = session_id(store, "mine")
    assert remove(store, Purge(micros(5), mine)).runs == 2
    assert remove(store, Purge(session_id=mine)) == PurgeCounts(1, 1, 2, 2, 2)
    assert [project["name"] for project in projects(store)] == ["other"]
    assert left(store) == {"runs": 2, "run_metadata": 2, "attachments": 2, "feedback": 2}


def projects(store: Store) -> list[Any]:
    with store.read() as connection:
        return connection.execute("SELECT name FROM sessions").fetchall()


def test_feedback_of_runs_that_are_not_here_goes_by_its_own_age(store: Store) -> None:
    with store.write() as connection:
        for run_id, day in (("gone", 1.0), ("gone", 9.0), (None, 1.0)):
            give_feedback(connection, run_id, day)
    purge = Purge(before_us=micros(5))
    assert count(store, purge).feedback == 1
    assert remove(store, purge) == PurgeCounts(feedback=1)
    assert left(store)["feedback"] == 2


def test_the_room_is_given_back_and_the_texts_are_gone_from_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db")
    stored(store, *(trace(0) for _ in range(100)))
    before = size(tmp_path)
    remove(store, Purge(before_us=micros(1)))
    assert store.give_back_space()
    assert size(tmp_path) < before / 3
    assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir())
    store.close()


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_the_room_stays_while_a_reader_holds_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "runs.db")
    stored(store, trace(0))
    other = sqlite3.connect(store.path)
    other.execute("BEGIN")
    other.execute("SELECT * FROM runs").fetchone()
    store._writer.execute("PRAGMA busy_timeout = 10")
    remove(store, Purge(before_us=micros(1)))
    assert not store.give_back_space()
    other.close()
    assert store.give_back_space()
    store.close()


def test_it_goes_in_pieces_and_tells_how_far_it_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "TRACES_AT_ONCE", 2)
    stored(store, *(trace(0) for _ in range(5)))
    told: list[int] = []
    remove(store, Purge(before_us=micros(1)), lambda now: told.append(now.traces))
    assert told == [2, 4, 5]


def test_stopped_in_between_the_next_one_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "TRACES_AT_ONCE", 2)
    stored(store, *(trace(0) for _ in range(5)))

    def stop(_: PurgeCounts) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remove(store, Purge(before_us=micros(1)), stop)
    assert remove(store, Purge(before_us=micros(1))).traces == 3
    assert set(left(store).values()) == {0}


def test_a_server_of_the_same_file_goes_on_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection, as another process has it: its runs are stored, and none of them is lost."""
    monkeypatch.setattr(removal, "TRACES_AT_ONCE", 5)
    with LocalServer(tmp_path / "runs.db") as server:
        stored(server.store, *(trace(0) for _ in range(100)))
        young = [trace(10) for _ in range(20)]
        writing = threading.Thread(target=lambda: [store_runs(server.store, one) for one in young])
        beside = Store(tmp_path / "runs.db")
        writing.start()
        removed = remove(beside, Purge(before_us=micros(5)))
        writing.join()
        assert beside.give_back_space()
        assert removed.traces == 100
        assert {run["id"] for run in server.store.runs()} == {run["id"] for one in young for run in one}
        beside.close()
