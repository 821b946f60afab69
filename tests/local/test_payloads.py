"""Texts of runs are packed, and nothing shows it but the size of the file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta.local import Store
from langchain_respmeta.local.store import packed, payloads
from langchain_respmeta.local.store.connection import connect
from tests.local.seed import record, run_body, store_runs

TEXT = "The Kish tablet is the older of the two. "


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs.db")
    yield made
    made.close()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 30))
def test_a_text_comes_back_as_it_was(text: str, times: int) -> None:
    packer = packed.Packer(sqlite3.connect(":memory:"))
    assert packer.unpack(packer.pack(text * times)) == text * times


def test_a_run_takes_a_third_of_its_texts(store: Store) -> None:
    runs = [run_body(metadata=record("openai", f"m-{n}"), outputs={"text": TEXT * 5}) for n in range(20)]
    store_runs(store, runs)
    columns = ", ".join(f"length({{}}{name})" for name in payloads.COLUMNS)
    with store.read() as connection:
        stored = connection.execute(f"SELECT {columns.format(*[''] * 6)} FROM payloads")  # noqa: S608 - constants
        small = sum(size or 0 for row in stored for size in row)
        read = connection.execute(f"SELECT {columns.format(*['r.'] * 6)} FROM run_view r")  # noqa: S608 - constants
        large = sum(size or 0 for row in read for size in row)
    assert small < large / 3


def test_a_file_packed_with_an_earlier_dictionary_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = zstandard.train_dictionary(2_000, [f"{n} {TEXT * 20} {n * n}".encode() for n in range(200)])
    with monkeypatch.context() as patch:
        patch.setattr(packed, "_own", lambda: (earlier.dict_id(), earlier))
        old = Store(tmp_path / "runs.db")
        store_runs(old, [run_body(name="old", outputs={"text": TEXT * 3})])
        old.close()
    store = Store(tmp_path / "runs.db")
    store_runs(store, [run_body(name="new", outputs={"text": TEXT * 3})])
    assert [run["outputs"] for run in store.runs()] == [{"text": TEXT * 3}] * 2
    with store.read() as connection:
        frames = [row["outputs"] for row in connection.execute("SELECT outputs FROM payloads ORDER BY no")]
    used = [zstandard.get_frame_parameters(frame).dict_id for frame in frames]
    assert used[0] == earlier.dict_id() != used[1]
    store.close()


def test_a_connection_of_any_thread_reads_packed_texts_in_sql(store: Store) -> None:
    store_runs(store, [run_body(name="long", outputs={"answer": TEXT * 3})])
    other = connect(store.path)
    found = other.execute(
        "SELECT json_extract(outputs, '$.answer') FROM run_view WHERE inputs LIKE '%hello%'"
    )
    assert [row[0] for row in found] == [TEXT * 3]
    other.close()


def test_the_number_of_a_removed_run_is_not_given_again(store: Store) -> None:
    store_runs(store, [run_body(), run_body()])
    with store.write() as connection:
        connection.execute("DELETE FROM runs")
    store_runs(store, [run_body()])
    with store.read() as connection:
        numbers = [row["no"] for row in connection.execute("SELECT no FROM runs")]
        left = [row["no"] for row in connection.execute("SELECT no FROM payloads")]
        counters = dict(
            connection.execute("SELECT name, value FROM counters WHERE name <> 'search_to'").fetchall()
        )
    assert numbers == left == [3]
    assert {name: counters[name] for name in ("last_no", "writes", "removals")} == {
        "last_no": 3,
        "writes": 2,
        "removals": 2,
    }
