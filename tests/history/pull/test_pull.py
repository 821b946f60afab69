"""All runs of a project come, each once, in the order of their start, whatever windows they fall into."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from langsmith import Client

from langchain_respmeta import SettingsError
from langchain_respmeta.history import PullProgress, PullReport, pull_runs
from langchain_respmeta.local import LocalServer
from tests.history.pull.seeds import FIRST, NOW, ids, in_order, parts, pulled, seed_days, seeded_run
from tests.local.seed import store_runs

Pull = Callable[..., PullReport]


def test_all_runs_come_once_in_order(server: LocalServer, project: str, pull: Pull, folder: Path) -> None:
    runs = seed_days(server, project, 600)
    report = pull()
    assert ids(folder) == in_order(runs)
    assert (report.runs, report.runs_in_folder) == (600, 600)
    assert report.unreadable == report.retries == 0


@pytest.mark.usefixtures("small_parts")
def test_full_windows_are_split_to_the_microsecond(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    same = [seeded_run(project, FIRST) for _ in range(130)]
    store_runs(server.store, same)
    runs = [*same, *seed_days(server, project, 300)]
    pull()
    found = ids(folder)
    assert sorted(found) == sorted(run["id"] for run in runs)
    starts = pulled(folder)["start_time"].to_pylist()
    assert starts == sorted(starts)
    sizes = {path.name: len(ids_of(path)) for path in parts(folder)}
    (dense,) = [name for name, size in sizes.items() if size > 40]
    assert sizes[dense] == 130
    assert sum(size for size in sizes.values()) == len(runs)


def ids_of(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=["id"], partitioning=None)["id"].to_pylist()


def test_no_window_crosses_a_day_and_its_folder_is_the_day(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    seed_days(server, project, 200)
    pull()
    for path in parts(folder):
        days = {start.date().isoformat() for start in pulled(path.parent.parent)["start_time"].to_pylist()}
        assert path.parent.name.removeprefix("day=") in days
    for path in parts(folder):
        import pyarrow.parquet as pq

        starts = pq.read_table(path, columns=["start_time"], partitioning=None)["start_time"].to_pylist()
        assert {f"day={start.date().isoformat()}" for start in starts} == {path.parent.name}


def test_a_row_is_what_the_server_has(server: LocalServer, project: str, pull: Pull, folder: Path) -> None:
    run = seeded_run(project, FIRST + timedelta(microseconds=123_456))
    store_runs(server.store, [run])
    pull()
    (row,) = pulled(folder).to_pylist()
    for name in ("inputs", "outputs", "extra", "events"):
        assert json.loads(row.pop(name)) == run[name]
    assert json.loads(row.pop("manifest")) == run["serialized"]
    assert row.pop("start_time") == FIRST + timedelta(microseconds=123_456)
    assert row.pop("end_time") == FIRST + timedelta(seconds=1.5, microseconds=123_456)
    (session,) = {one["session_id"] for one in server.store.runs(project=project)}
    assert row == {
        "id": run["id"],
        "trace_id": run["id"],
        "parent_run_ids": [],
        "session_id": session,
        "name": "ChatOpenAI",
        "run_type": "llm",
        "status": "success",
        "error": None,
        "first_token_time": None,
        "metadata": None,  # it stands in `extra`
        "tags": None,
    }


def test_only_its_owner_reads_what_is_written(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    seed_days(server, project, 30)
    pull()
    found = [folder.parent, folder, *folder.rglob("*")]
    wrong = {
        path for path in found if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }
    assert wrong == set()


def test_other_types_come_when_asked_and_prompts_stay_out_when_asked(
    server: LocalServer, project: str, pull: Pull, tmp_path: Path
) -> None:
    store_runs(
        server.store,
        [seeded_run(project, FIRST), seeded_run(project, FIRST, run_type="tool", name="search")],
    )
    pull()
    client = Client(api_url=server.url, api_key="any", auto_batch_tracing=False)
    pull_runs(project, tmp_path / "all", client=client, all_types=True, inputs=False)
    assert pulled(tmp_path / "out")["run_type"].to_pylist() == ["llm"]
    everything = pulled(tmp_path / "all")
    assert sorted(everything["run_type"].to_pylist()) == ["llm", "tool"]
    assert everything["inputs"].null_count == 2


def test_a_filter_is_the_servers(server: LocalServer, project: str, pull: Pull, folder: Path) -> None:
    wanted = seeded_run(project, FIRST, name="Other")
    store_runs(server.store, [seeded_run(project, FIRST), wanted])
    pull(filter='eq(name, "Other")')
    assert ids(folder) == [wanted["id"]]


BOUNDS = (
    (FIRST.date(), FIRST + timedelta(hours=1)),
    (FIRST.isoformat(), (FIRST + timedelta(hours=1)).isoformat()),
    (FIRST.replace(tzinfo=None).isoformat(), FIRST.astimezone().replace(microsecond=0) + timedelta(hours=1)),
)


@pytest.mark.parametrize(("since", "until"), BOUNDS)
def test_since_is_included_and_until_is_not(
    server: LocalServer, project: str, pull: Pull, folder: Path, since: Any, until: Any
) -> None:
    ends = [FIRST, FIRST + timedelta(hours=1, microseconds=-1), FIRST + timedelta(hours=1)]
    early = seeded_run(
        project, datetime.combine(FIRST.date(), datetime.min.time(), UTC) - timedelta(microseconds=1)
    )
    runs = [seeded_run(project, end) for end in ends]
    store_runs(server.store, [*runs, early])
    pull(since=since, until=until)
    assert ids(folder) == [run["id"] for run in runs[:2]]


def test_an_age_is_counted_from_now(server: LocalServer, project: str, pull: Pull, folder: Path) -> None:
    old, young = seeded_run(project, NOW - timedelta(days=2)), seeded_run(project, NOW - timedelta(hours=20))
    store_runs(server.store, [old, young])
    pull(since="1d")
    assert ids(folder) == [young["id"]]
    pull(since=timedelta(days=3))
    assert ids(folder) == [old["id"], young["id"]]


@pytest.mark.parametrize("since", ["soon", "2026-13-01", "7y", ""])
def test_what_is_no_time_is_refused(server: LocalServer, project: str, pull: Pull, since: str) -> None:
    store_runs(server.store, [seeded_run(project, FIRST)])
    with pytest.raises(SettingsError, match=r"since is a date .* or how long ago"):
        pull(since=since)
    with pytest.raises(SettingsError, match="is not before until"):
        pull(since="2026-01-02", until="2026-01-01")


def test_without_since_older_runs_than_the_project_come_too(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    """A project is made when its first run is sent, which may have begun long before."""
    runs = [seeded_run(project, NOW - timedelta(days=days)) for days in (1, 90, 390)]
    store_runs(server.store, runs)
    report = pull()
    assert ids(folder) == in_order(runs)
    assert report.requests < 80  # days without runs are passed by


def test_what_is_new_comes_with_the_next_pull(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    """Runs that come late within the grace, that end later, and that are new: all come, and none twice."""
    closed = seeded_run(project, NOW - timedelta(hours=30))
    pending = seeded_run(project, NOW - timedelta(hours=5), ended=False)
    given_up = seeded_run(project, NOW - timedelta(hours=40), ended=False)
    store_runs(server.store, [closed, pending, given_up])
    first = pull()
    assert first.again >= 1
    assert pulled(folder)["status"].to_pylist() == ["pending", "success", "pending"]

    late = seeded_run(project, NOW - timedelta(minutes=20))
    new = seeded_run(project, datetime.now(UTC))
    ended = seeded_run(project, NOW - timedelta(hours=5), id=pending["id"])
    store_runs(server.store, [late, new])
    httpx.patch(f"{server.url}/runs/{ended['id']}", json=ended, timeout=120).raise_for_status()
    server.requests.clear()
    second = pull()
    assert ids(folder) == in_order([given_up, closed, ended, late, new])
    assert pulled(folder)["status"].to_pylist() == ["pending", *["success"] * 4]
    assert second.runs_in_folder == 5
    assert second.requests < first.requests
    third = pull(grace=timedelta(0))
    assert (third.again, third.runs_in_folder) == (0, 5)


def test_a_finished_folder_is_not_asked_for_again(server: LocalServer, project: str, pull: Pull) -> None:
    seed_days(server, project, 50)
    bounds = {"since": FIRST, "until": FIRST + timedelta(days=5)}
    pull(**bounds)
    server.requests.clear()
    report = pull(**bounds)
    assert (report.windows, report.runs, report.runs_in_folder) == (0, 0, 50)
    assert server.requests.matching("POST", "/v2/runs/query") == []


def test_a_wider_span_is_added_to_the_folder(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    runs = seed_days(server, project, 150)
    pull(since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=2))
    pull(since=FIRST + timedelta(days=3, hours=1), until=FIRST + timedelta(days=4, hours=7))
    pull()
    assert ids(folder) == in_order(runs)


def test_a_part_that_is_gone_or_cut_is_pulled_again(
    server: LocalServer, project: str, pull: Pull, folder: Path
) -> None:
    runs = seed_days(server, project, 150)
    pull()
    first, last = parts(folder)[0], parts(folder)[-1]
    first.unlink()
    last.write_bytes(last.read_bytes()[:-10])
    pull()
    assert ids(folder) == in_order(runs)


def test_progress_rises_to_the_end(server: LocalServer, project: str, pull: Pull) -> None:
    seed_days(server, project, 100)
    seen: list[PullProgress] = []
    pull(progress=seen.append)
    shares = [state.done for state in seen]
    assert shares == sorted(shares)
    assert (shares[-1], seen[-1].runs) == (1.0, 100)


def test_a_project_may_be_named_by_its_id_or_hold_what_a_path_may_not(
    server: LocalServer, tmp_path: Path
) -> None:
    client = Client(api_url=f"{server.url}/api/v1/", api_key="any", auto_batch_tracing=False)
    names = ["_a/b=c", "-a-b-c", "é" * 200]
    runs = {name: seeded_run(name, FIRST) for name in names}
    store_runs(server.store, list(runs.values()))
    folders = {name: Path(pull_runs(name, tmp_path, client=client, since=FIRST).folder) for name in names}
    assert {name: ids(folder) for name, folder in folders.items()} == {
        name: [run["id"]] for name, run in runs.items()
    }
    assert not any(folder.name.startswith(("_", ".")) or "=" in folder.name for folder in folders.values())
    project_id = server.store.runs(project="-a-b-c")[0]["session_id"]
    assert pull_runs(project_id, tmp_path, client=client, since=FIRST).folder == str(folders["-a-b-c"])


def test_settings_of_the_environment_are_taken(
    server: LocalServer, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langsmith import utils

    store_runs(server.store, [seeded_run(project, FIRST)])
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    utils.get_env_var.cache_clear()
    assert pull_runs(project, tmp_path, since=FIRST).runs == 1
