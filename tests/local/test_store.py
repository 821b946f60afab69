"""The database: private, indexed, and safe under many writers and readers at once."""

import re
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store.run_parts import part_of
from langchain_respmeta.local.store.selection import read_where
from tests.local.seed import record, run_body, store_runs


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


def test_the_files_are_readable_for_their_owner_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "runs.db")
    store_runs(store, [run_body()])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {"runs.db": 0o600, "runs.db-wal": 0o600, "runs.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    store.close()


def test_runs_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "runs.db")
    store_runs(first, [run_body(name="kept")])
    first.close()
    first.close()
    second = Store(tmp_path / "runs.db")
    assert [run["name"] for run in second.runs()] == ["kept"]
    second.close()


def test_a_temporary_database_leaves_nothing_behind() -> None:
    store = Store(":memory:")
    assert store.path.exists()
    store.close()
    assert not store.path.parent.exists()


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database" * 100)
    with pytest.raises(SettingsError, match=r"notes\.txt"):
        Store(text)
    newer = tmp_path / "newer.db"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(SettingsError, match="newer version"):
        Store(newer)


def test_a_failed_batch_leaves_no_part_of_itself(store: Store) -> None:
    good, bad = run_body(), run_body(tags="not a list")
    parts = [part_of("post", run["id"], run) for run in (good, bad)]
    with pytest.raises(Exception, match="list of strings"):
        store_batch(store, Batch(parts))
    assert store.runs() == []


def test_writers_and_readers_at_once_lose_nothing(store: Store) -> None:
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(store.runs()))

    reader = threading.Thread(target=read)
    reader.start()
    batches = [[run_body(name=f"{batch}-{n}") for n in range(10)] for batch in range(30)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda batch: store_runs(store, batch), batches))
    done.set()
    reader.join()
    assert len({run["name"] for run in store.runs()}) == 300
    assert all(count % 10 == 0 for count in seen), "a reader never sees half a batch"


def test_readers_cannot_write(store: Store) -> None:
    with store.read() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM runs")


@pytest.mark.parametrize("text", ["provider=openai", "cost_usd>=0.01", "service_tier"])
def test_any_flat_key_is_filtered_through_an_index(store: Store, text: str) -> None:
    condition = PageQuery(where=(read_where(text),)).selection().condition()
    with store.read() as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT r.id FROM runs r WHERE {condition.sql}",  # noqa: S608
            condition.parameters,
        ).fetchall()
    scanned = [row["detail"] for row in plan if row["detail"].startswith("SCAN")]
    assert not any(
        name in detail for detail in scanned for name in ("run_words", "run_numbers", "SCAN e", "SCAN w")
    )


def test_numbers_truths_and_texts_are_indexed_each_in_its_way(store: Store) -> None:
    values = {"text": "a", "count": 3, "share": 0.25, "yes": True, "nested": {"x": 1}, "none": None}
    run = run_body(metadata=values)
    store_runs(store, [run])
    with store.read() as connection:
        rows = connection.execute("SELECT key, text, number FROM run_metadata ORDER BY key").fetchall()
    assert [tuple(row) for row in rows] == [
        ("count", None, 3.0),
        ("share", None, 0.25),
        ("text", "a", None),
        ("yes", "true", None),
    ]
    assert store.metadata(run["id"]) == values


def test_helpers_refuse_columns_they_do_not_compare(store: Store) -> None:
    with pytest.raises(TypeError, match="colour"):
        store.runs(colour="red")
    with pytest.raises(TypeError, match="colour"):
        store.feedback(colour="red")


def test_helpers_select_by_project_and_type(store: Store) -> None:
    store_runs(store, [run_body(name="a", project="one"), run_body(name="b", run_type="tool", project="two")])
    assert [run["name"] for run in store.runs(project="two")] == ["b"]
    assert [run["name"] for run in store.runs(run_type="llm")] == ["a"]
    assert store.metadata("00000000-0000-0000-0000-000000000000") == {}


def test_counts_too_large_for_the_database_do_not_lose_the_run(store: Store) -> None:
    metadata = record("openai", "m") | {"usage_metadata": {"input_tokens": 2**63 + 5}, "big": 2**64 - 1}
    store_runs(store, [run_body(metadata=metadata)])
    assert store.runs()[0]["prompt_tokens"] == float(2**63 + 5)


def test_a_tool_run_with_metadata_is_no_model_call(tmp_path: Path) -> None:
    called: dict[str, str] = {}
    with LocalServer(db=tmp_path / "runs.db") as server:
        for name, kind, key in (
            ("model", "llm", "respmeta_provider"),
            ("tool", "tool", "respmeta_tool_name"),
        ):
            metadata = {key: "x", "respmeta_schema_version": "1.0"}
            called[name] = str(uuid4())
            run = {"id": called[name], "name": name, "run_type": kind, "extra": {"metadata": metadata}}
            stamp = "2026-11-21T00:00:00+00:00"
            answer = httpx.post(
                f"{server.url}/runs", json={**run, "inputs": {}, "start_time": stamp, "end_time": stamp}
            )
            assert answer.status_code < 300, answer.text
        page = httpx.get(f"{server.url}/").text
    linked = set(re.findall(r'href="/run/([0-9a-f-]+)', page))
    assert linked == {called["model"]}
