"""What passes by itself is waited for; what does not is told in one line that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta import SettingsError
from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history import PullProgress, PullReport, pull_runs
from langchain_respmeta.history.pull import patience, query
from langchain_respmeta.local import LocalServer
from tests.history.pull.proxy import proxy_to
from tests.history.pull.seeds import FIRST, ids, in_order, seed_days, seeded_run
from tests.local.seed import store_runs

Pull = Callable[..., PullReport]
BOUNDS = {"since": FIRST, "until": FIRST + timedelta(days=5)}
PASSING = ("limited", "limited until", "broken", "away", "gateway", "hang up", "cut", "html")


@pytest.fixture
def runs(server: LocalServer, project: str) -> list[dict[str, Any]]:
    return seed_days(server, project, 200)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MAX_PAGE", 20)
    monkeypatch.setattr(query, "_FIRST_PAGE", 20)


@pytest.mark.usefixtures("small_pages")
def test_what_passes_is_waited_for(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    """Also within a window: the page is asked for again, and no run is lost or doubled."""
    notes: list[str] = []
    with proxy_to(server.url, "", *PASSING, "", *PASSING) as proxy:
        report = pull(url=proxy.url, **BOUNDS, progress=lambda state: state.note and notes.append(state.note))
    assert ids(folder) == in_order(runs)
    assert report.retries == len(notes) == 2 * len(PASSING)
    assert notes[0].startswith('HTTP 429: {"detail": "said by the server"}; asked again in')


@pytest.mark.usefixtures("small_pages")
def test_a_cursor_that_is_forgotten_begins_its_window_again(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    with proxy_to(server.url, *["cursor"] * 3) as proxy:
        pull(url=proxy.url, **BOUNDS)
    assert ids(folder) == in_order(runs)
    assert proxy.plan == []
    busy = seeded(server, 60)
    with (
        proxy_to(server.url, *["cursor"] * 100) as proxy,
        pytest.raises(HistoryError, match="forgot its cursor 4 times"),
    ):
        pull(url=proxy.url, project=busy, **BOUNDS)


def seeded(server: LocalServer, count: int) -> str:
    name = f"cursors {count}"
    store_runs(server.store, [seeded_run(name, FIRST) for _ in range(count)])
    return name


@pytest.mark.usefixtures("small_pages")
def test_a_server_that_fails_for_long_is_given_up_and_the_next_pull_goes_on(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    with proxy_to(server.url, *[""] * 8, *["away"] * 1000) as proxy:
        with pytest.raises(HistoryError, match=r"HTTP 503.*given up after .*the same call goes on") as caught:
            pull(url=proxy.url, patience_s=0.05, **BOUNDS)
        kept = ids(folder)
        assert "\n" not in str(caught.value)
        assert in_order(runs)[: len(kept)] == kept
        assert kept
        proxy.plan.clear()
        report = pull(url=proxy.url, **BOUNDS)
    assert ids(folder) == in_order(runs)
    assert report.runs == len(runs) - len(kept)


def test_a_wait_that_is_too_long_is_not_waited(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull
) -> None:
    with (
        proxy_to(server.url, "limited long") as proxy,
        pytest.raises(HistoryError, match=r"it asks to wait 3600 s"),
    ):
        pull(url=proxy.url, **BOUNDS)


def test_waits_double_and_are_bounded_and_a_server_may_ask_for_more() -> None:
    from langchain_respmeta.history.pull.server_faults import ServerFault

    waits = patience.Patience(900, print)
    for failures, longest in ((1, 0.001), (4, 0.008), (40, 60.0)):
        wait = waits._wait_s(ServerFault(503, "", None, is_passing=True), failures)
        assert longest / 2 <= wait <= longest
    assert waits._wait_s(ServerFault(429, "", 90.0, is_passing=True), 1) == 90.0


REFUSALS = {
    "key": r"refuses the key \(HTTP 401: .*Set LANGSMITH_API_KEY .* LANGSMITH_WORKSPACE_ID",
    "forbidden": r"refuses the key \(HTTP 403: ",
    "unknown": r"does not answer POST /v2/runs/query .* since version 0\.16",
}


@pytest.mark.parametrize("fate", REFUSALS)
def test_a_refusal_says_what_to_do(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull, fate: str
) -> None:
    with proxy_to(server.url, fate) as proxy, pytest.raises(SettingsError, match=REFUSALS[fate]) as caught:
        pull(url=proxy.url, **BOUNDS)
    assert len(proxy.queries) == 1
    assert "\n" not in str(caught.value)


def test_a_bad_filter_is_told_in_the_servers_words(
    server: LocalServer, runs: list[dict[str, Any]], pull: Pull
) -> None:
    with pytest.raises(SettingsError, match=r"refuses the filter 'eq\(name': .*filter"):
        pull(filter="eq(name", **BOUNDS)
    with proxy_to(server.url, "bad") as proxy, pytest.raises(HistoryError, match="said by the server"):
        pull(url=proxy.url, **BOUNDS)


def test_a_missing_project_is_told_with_those_that_are_like_it(
    server: LocalServer, pull: Pull, tmp_path: Path
) -> None:
    store_runs(server.store, [seeded_run("production-agents", FIRST)])
    with pytest.raises(
        SettingsError, match="has no project 'production-agent'; did you mean 'production-agents'"
    ):
        pull(project="production-agent")
    with pytest.raises(SettingsError, match="has no project 'xyz'; there are '"):
        pull(project="xyz")
    with pytest.raises(SettingsError, match="has no project '0198"):
        pull(project="01980000-0000-7000-8000-000000000000")
    assert not (tmp_path / "out").exists()


def test_a_server_that_is_not_there_is_given_up_soon(
    pull: Pull, monkeypatch: pytest.MonkeyPatch, unused: str
) -> None:
    monkeypatch.setattr(patience, "_NEVER_ANSWERED_S", 0.01)
    with pytest.raises(HistoryError, match=r"LangSmith cannot be asked: no answer \(\w+\); given up"):
        pull(url=unused)


@pytest.fixture
def unused() -> str:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.usefixtures("small_pages")
def test_a_server_that_restarts_within_a_window_is_waited_for(
    project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_FIRST_WAIT_S", 0.2)
    path = tmp_path / "runs.db"
    with LocalServer(db=path) as first:
        runs = seed_days(first, project, 120)
        port = first.port
        restarted: list[LocalServer] = []

        def restart(state: PullProgress) -> None:
            if state.runs > 40 and not restarted:
                first.close()
                restarted.append(LocalServer(db=path, port=port))

        client = Client(api_url=first.url, api_key="any", auto_batch_tracing=False)
        try:
            pull_runs(project, tmp_path / "out", client=client, progress=restart, **BOUNDS)
        finally:
            for server in restarted:
                server.close()
    assert restarted
    assert ids(tmp_path / "out") == in_order(runs)


@pytest.mark.usefixtures("small_pages")
def test_runs_that_are_written_meanwhile_harm_nothing(
    server: LocalServer, project: str, runs: list[dict[str, Any]], pull: Pull, folder: Path
) -> None:
    """Each page finds more runs than the one before, older and younger than its cursor."""
    added: list[dict[str, Any]] = []

    def write(_: object) -> None:
        if len(added) < 60:
            new = seed_days(server, project, 3, seed=len(added) + 7)
            added.extend(new)

    with proxy_to(server.url) as proxy:
        proxy.on_query = write
        pull(url=proxy.url, **BOUNDS)
    found = ids(folder)
    assert len(found) == len(set(found))
    assert {run["id"] for run in runs} <= set(found) <= {run["id"] for run in (*runs, *added)}


def test_every_query_names_its_times_its_fields_and_its_workspace(
    server: LocalServer, project: str, runs: list[dict[str, Any]], tmp_path: Path
) -> None:
    with proxy_to(server.url) as proxy:
        client = Client(
            api_url=f"{proxy.url}/api/v1",
            api_key="a key",
            workspace_id="01980000-0000-7000-8000-000000000001",
            auto_batch_tracing=False,
        )
        pull_runs(project, tmp_path, client=client)
    for sent in proxy.queries:
        assert sent["min_start_time"] < sent["max_start_time"]
        assert {"ID", "START_TIME", "OUTPUTS", "INPUTS", "MANIFEST"} <= set(sent["selects"])
        assert 1 <= sent["page_size"] <= 1000
        assert sent["run_type"] == "LLM"
    for headers in proxy.headers:
        assert headers["x-api-key"] == "a key"
        assert headers["x-tenant-id"] == "01980000-0000-7000-8000-000000000001"
