"""The database stays within its bounds while runs stream in: by age, by size, and of all traces the oldest go."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import shake_128
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from langchain_respmeta import SettingsError
from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.api.keeping import Keeping
from langchain_respmeta.local.store import space
from langchain_respmeta.local.store.removal import PurgeCounts
from langchain_respmeta.local.store.retention import Bounds, Keeper, read_bounds, remove_oldest
from langchain_respmeta.local.times import parse
from tests.local.seed import START, record, run_body, store_runs

DAY_S = 86_400.0
BOUND = 4_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs.db")
    yield made
    made.close()


def clock(day: float) -> Callable[[], int]:
    return lambda: parse((START + timedelta(days=day)).isoformat())


def trace(at_s: float, **fields: Any) -> list[dict[str, Any]]:
    """A root with two calls of texts that hardly can be packed."""
    root = run_body(run_type="chain", at_s=at_s, lasts_s=5, inputs={"say": text()}, **fields)
    made = record("openai", "gpt-5-mini")
    calls = [run_body(at_s=at_s + n, parent=root, metadata=made, outputs={"said": text()}) for n in (1, 2)]
    return [root, *calls]


def text(size: int = 2_000) -> str:
    """Another one each time, which hardly can be packed."""
    return shake_128(str(next(_numbers)).encode()).hexdigest(size // 2)


_numbers = count()


def whole(store: Store) -> int:
    """Bytes of all files, as the disk has them."""
    return sum(file.stat().st_size for file in store.path.parent.iterdir() if not file.name.endswith("-shm"))


def starts(store: Store) -> list[int]:
    with store.read() as connection:
        return [row[0] for row in connection.execute("SELECT start_us FROM runs ORDER BY start_us")]


def bounded(store: Store, max_bytes: int = BOUND) -> Keeper:
    keeper = Keeper(store, Bounds(max_bytes=max_bytes))
    store.after_write = keeper.written
    return keeper


def test_two_days_of_load_leave_the_files_within_their_bound_at_every_moment(store: Store) -> None:
    bounded(store)
    sizes, traces = [], 1_200
    for number in range(0, traces, 4):
        store_runs(store, [run for n in range(4) for run in trace((number + n) * 2 * DAY_S / traces)])
        sizes.append(whole(store))
    assert max(sizes) <= BOUND
    assert min(sizes[-100:]) > BOUND / 2  # and what fits is kept
    kept = starts(store)
    sent = [parse((START + timedelta(days=2 * n / traces)).isoformat()) for n in range(traces)]
    assert len(kept) % 3 == 0
    assert min(kept) == sent[-len(kept) // 3]  # the newest ones, whole, and nothing between them is missing


def test_the_bound_holds_while_readers_and_the_thread_are_busy(store: Store) -> None:
    keeping, stopped, sizes = Keeping(store, Bounds(max_bytes=BOUND)).start(), threading.Event(), []

    def read() -> None:
        while not stopped.is_set():
            with store.read() as connection:
                connection.execute("SELECT COUNT(*), SUM(LENGTH(outputs)) FROM run_view").fetchone()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(150):
        store_runs(store, [run for n in range(8) for run in trace(number * 8.0 + n)])
        sizes.append(whole(store))
    stopped.set()
    reader.join()
    keeping.stop()
    assert max(sizes) <= BOUND
    assert starts(store)


def test_a_file_beyond_its_bound_is_shrunk_by_the_next_look(store: Store) -> None:
    for number in range(12):
        store_runs(store, [run for n in range(60) for run in trace(number * 60.0 + n)])
    assert whole(store) > BOUND
    Keeper(store, Bounds(max_bytes=BOUND)).remove_too_much()
    with store.read() as connection:
        found = space.space_of(store, connection)
    assert found.file <= Bounds(max_bytes=BOUND).file_bytes
    assert min(starts(store)) > parse(START.isoformat())


def test_a_file_that_cannot_be_shrunk_in_steps_is_written_anew(tmp_path: Path) -> None:
    """As files of earlier versions are."""
    path = tmp_path / "runs.db"
    old = sqlite3.connect(path)
    old.execute("PRAGMA auto_vacuum = NONE")
    old.execute("CREATE TABLE sessions (id TEXT PRIMARY KEY)")
    old.execute("DROP TABLE sessions")
    old.commit()
    old.close()
    store = Store(path)
    with store.read() as connection:
        assert not space.shrinks_in_steps(connection)
    for number in range(12):
        store_runs(store, [run for n in range(60) for run in trace(number * 60.0 + n)])
    assert whole(store) > BOUND
    Keeper(store, Bounds(max_bytes=BOUND)).remove_too_much()
    assert whole(store) <= BOUND
    store.close()
    store = Store(path)
    with store.read() as connection:
        assert space.shrinks_in_steps(connection)
    store.close()


def test_what_is_too_old_goes_and_its_room_is_given_back(store: Store) -> None:
    for day in range(10):
        store_runs(store, [run for n in range(40) for run in trace(day * DAY_S + n)])
    with store.read() as connection:
        before = space.space_of(store, connection)
    keeper = Keeper(store, Bounds(keep=timedelta(days=3)), now=clock(10))
    assert keeper.remove_old() == PurgeCounts(traces=280, runs=840)
    assert min(starts(store)) == clock(7)()
    with store.read() as connection:
        after = space.space_of(store, connection)
    assert after.file < before.file / 2
    assert not after.free
    assert keeper.remove_old() == keeper.remove_too_much() == PurgeCounts()


def test_a_trace_that_goes_on_outlives_those_that_began_with_it(store: Store) -> None:
    long = trace(0)
    long.append(run_body(at_s=2 * DAY_S, parent=long[0]))
    store_runs(store, [*long, *(run for n in range(100) for run in trace(60.0 + n))])
    with store.read() as connection:
        used = space.space_of(store, connection).used
    removed = remove_oldest(store, used - 1)
    assert 0 < removed.traces < 100
    assert {run["trace_id"] for run in store.runs()} >= {long[0]["id"]}


def test_one_write_larger_than_the_bound_goes_as_well(store: Store) -> None:
    bounded(store, 1_000_000)
    store_runs(store, [run_body(at_s=n, inputs={"say": text(300_000)}) for n in range(20)])
    with store.read() as connection:
        assert space.space_of(store, connection).used <= 1_000_000
    store_runs(store, trace(DAY_S))
    assert max(starts(store)) > clock(1)()


def test_a_lock_of_somebody_else_is_no_fault_of_who_writes(store: Store) -> None:
    def locked(_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    keeping = Keeping(store, Bounds(max_bytes=BOUND)).start()
    keeping._keeper.written = locked  # type: ignore[method-assign]
    store_runs(store, [run_body()])
    keeping.stop()
    assert len(store.runs()) == 1
    assert store.after_write is None


def test_a_server_keeps_what_it_is_told_and_says_so_on_its_pages(tmp_path: Path) -> None:
    before = Store(tmp_path / "runs.db")
    store_runs(before, [run_body(at_s=-400 * DAY_S)])
    before.close()
    with LocalServer(tmp_path / "runs.db", keep="52w", max_size="1.5GB") as server:
        server.wait(lambda store: not store.runs())
        assert "kept for 364 days, in 1.5 GB at most" in httpx.get(server.url).text
    with LocalServer() as server:
        store_runs(server.store, [run_body()])
        page = httpx.get(f"{server.url}/?view=all").text
        assert "runs since" in page
        assert "2026-11-20" in page
        assert "kept without a bound" in page


def test_bounds_are_those_told_else_those_of_the_environment() -> None:
    environ = {"RESPMETA_SERVER_KEEP": "12h", "RESPMETA_SERVER_MAX_SIZE": "2 GiB"}
    assert read_bounds(None, None, environ) == Bounds(timedelta(hours=12), 2 << 30)
    assert read_bounds("8w", None, environ) == Bounds(timedelta(weeks=8), 2 << 30)
    assert read_bounds("none", "", environ) == Bounds()
    assert read_bounds(None, "500mb", {}) == Bounds(None, 500_000_000)
    assert not Bounds().are_any


@pytest.mark.parametrize(
    ("keep", "max_size", "words"),
    [
        ("30", None, "keep must be how long runs are kept"),
        ("0d", None, "keep must be how long runs are kept"),
        (None, "1MB", "max_size must be a size of 16MB or more"),
        (None, "big", "max_size must be a size of 16MB or more"),
    ],
)
def test_what_is_no_bound_is_told(keep: str | None, max_size: str | None, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_bounds(keep, max_size, {})
    with pytest.raises(SettingsError, match=words):
        LocalServer(keep=keep, max_size=max_size)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(timedelta(days=1)), "for 1 day"),
        (Bounds(timedelta(minutes=90)), "for 90 minutes"),
        (Bounds(timedelta(hours=36), 16_000_000), "for 36 hours, in 16 MB at most"),
        (Bounds(None, 2 << 30), "in 2.147 GB at most"),
    ],
)
def test_bounds_are_told_in_words(bounds: Bounds, words: str) -> None:
    assert bounds.describe() == words


def test_serve_says_its_bounds_and_refuses_what_is_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "langchain_respmeta", "serve", "--port", "0", "--db", tmp_path / "r.db"]
    refused = subprocess.run([*command, "--keep", "soon"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert (
        "keep must be how long runs are kept (90m, 12h, 30d, 8w; none for always), got 'soon'"
        in refused.stderr
    )
    serving = subprocess.Popen(
        [*command, "--keep", "30d", "--max-size", "2GB"], stdout=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    first = serving.stdout.readline()
    serving.kill()
    serving.communicate()
    assert first.endswith("r.db, for 30 days, in 2 GB at most\n")
