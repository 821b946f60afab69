"""A database file of schema version 1 is upgraded where it stands, and nothing of it is lost."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta.local import Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store import removal, tally, upgrade
from langchain_respmeta.local.store.run_parts import part_of
from langchain_respmeta.local.store.runs_write import Attachment, write_attachments
from langchain_respmeta.local.store.schema import SCHEMA_VERSION
from langchain_respmeta.local.store.selection import Selection, read_where
from tests.local.seed import new_id, record, run_body, store_runs

VERSION_1 = Path(__file__).with_name("version_1.sql")
RUN_COLUMNS = (
    "no",
    "id",
    *upgrade.rows.OWN[2:],
    "extra",
    "rest",
    "events",
    "serialized",
    "inputs",
    "outputs",
)


def content(store: Store) -> dict[str, Any]:
    with store.read() as connection:
        files = [tuple(row) for row in connection.execute("SELECT run_id, name, data FROM attachments")]
    return {"runs": store.runs(), "feedback": store.feedback(), "files": files}


def filled(path: Path) -> dict[str, Any]:
    """A database of this version with all sorts of runs; return its content."""
    answered = run_body(name="answered", metadata=record("openai", "m"), outputs={"text": "long " * 50})
    plain = run_body(name="plain", inputs=None, extra=None, tags=["a"], error="it failed", manifest_id="m-1")
    pending = run_body(
        name="pending", lasts_s=None, events=[{"name": "new_token", "time": "2026-11-20T09:00:01Z"}]
    )
    store = Store(path)
    store_runs(store, [answered, plain, pending, *(run_body(name=f"r{n}", at_s=n) for n in range(9))])
    with store.write() as connection:
        write_attachments(connection, [Attachment(answered["id"], "a.txt", "text/plain", b"bytes")])
        connection.execute(
            "INSERT INTO feedback (id, run_id, key, score, extend_trace_retention, received_by, created_us, modified_us)"
            " VALUES (?, ?, 'k', 1, 0, 'request', 1, 1)",
            (new_id(), answered["id"]),
        )
    kept = content(store)
    store.close()
    return kept


def copy(new: sqlite3.Connection, old: sqlite3.Connection, source: str, columns: str, target: str) -> None:
    for row in new.execute(f"SELECT {columns} FROM {source}"):  # noqa: S608 - names from this file
        marks = ", ".join("?" * len(row))
        old.execute(f"INSERT INTO {target} VALUES ({marks})", tuple(row))  # noqa: S608 - names from this file


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A file of version 1, and what is in it."""
    kept = filled(tmp_path / "new.db")
    store, path = Store(tmp_path / "new.db"), tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text())
    with store.read() as new:
        for table in ("sessions", "attachments", "feedback"):
            copy(new, connection, table, "*", table)
        copy(new, connection, "run_view", ", ".join(RUN_COLUMNS), f"runs ({', '.join(RUN_COLUMNS)})")
    connection.commit()
    connection.close()
    store.close()
    return path, kept


def test_a_file_of_version_1_keeps_all_it_has(old: tuple[Path, dict[str, Any]]) -> None:
    path, kept = old
    told: list[str] = []
    store = Store(path, tell=told.append)
    assert content(store) == kept
    assert len(told) == 1
    assert "its 12 runs are packed anew now" in told[0]
    new = run_body(name="after")
    store_runs(store, [new])
    assert {run["name"] for run in store.runs()} == {"after", *(run["name"] for run in kept["runs"])}
    with store.read() as connection:
        numbers = [row["no"] for row in connection.execute("SELECT no FROM runs ORDER BY no")]
        packed = connection.execute("SELECT typeof(outputs) FROM payloads WHERE no = 1").fetchone()
    assert numbers == list(range(1, 14))
    assert packed[0] == "blob"
    store.close()
    told.clear()
    Store(path, tell=told.append).close()
    assert told == [], "it is upgraded once"


def test_upgraded_runs_are_counted_found_and_removed_like_others(old: tuple[Path, dict[str, Any]]) -> None:
    path, kept = old
    store = Store(path)
    chosen = (
        Selection(view="all"),
        Selection(where=(read_where("provider=openai"),)),
        Selection(view="all", text="long"),
    )

    def counts() -> list[int]:
        with store.read() as connection:
            return [tally.tally_of(connection, selection).runs for selection in chosen]

    assert counts() == [12, 1, 1]
    trace_ids = [run["trace_id"] for run in kept["runs"]]
    assert removal.remove_traces(store, trace_ids).runs == 12
    assert counts() == [0, 0, 0]
    store.close()


def test_an_upgrade_that_was_stopped_goes_on(
    old: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept = old
    monkeypatch.setattr(upgrade, "_RUNS_AT_ONCE", 5)
    move, moved = upgrade._move_piece, []

    def stop_after_one(connection: Any) -> int:
        if moved:
            raise KeyboardInterrupt
        moved.append(move(connection))
        return 5

    monkeypatch.setattr(upgrade, "_move_piece", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        Store(path)
    monkeypatch.setattr(upgrade, "_move_piece", move)
    told: list[str] = []
    store = Store(path, tell=told.append)
    assert content(store) == kept
    assert "its 7 runs" in told[0]
    store.close()


def test_what_an_upgraded_run_lacks_can_still_arrive(old: tuple[Path, dict[str, Any]]) -> None:
    path, kept = old
    (pending,) = [run for run in kept["runs"] if run["name"] == "pending"]
    store = Store(path)
    patch = {"id": pending["id"], "end_time": "2026-11-20T09:00:02Z", "outputs": {"x": 1}}
    store_batch(store, Batch([part_of("patch", pending["id"], patch)]))
    (run,) = store.runs(id=pending["id"])
    assert (run["status"], run["outputs"], run["inputs"]) == ("success", {"x": 1}, pending["inputs"])
    store.close()


def test_a_file_of_version_2_is_upgraded_and_its_numbers_are_found(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    kept = filled(path)
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "DROP INDEX run_numbers_key;"
            "CREATE INDEX run_numbers_number ON run_numbers (key, number, no);"
            "PRAGMA user_version = 2"
        )
    store = Store(path)
    with store.read() as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        indexes = {row["name"] for row in connection.execute("PRAGMA index_list(run_numbers)")}
        found = tally.tally_of(connection, Selection(where=(read_where("input_tokens>=1"),)))
    assert content(store) == kept
    assert (version, found.runs) == (SCHEMA_VERSION, 1)
    assert "run_numbers_key" in indexes
    assert "run_numbers_number" not in indexes
    store.close()
