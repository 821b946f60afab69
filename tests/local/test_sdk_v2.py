"""Version 2 of LangSmith's API as the SDK's generated client calls it, in both of its forms."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langsmith import APIStatusError, AsyncLangsmith, Client, Langsmith, NotFoundError

from langchain_respmeta.local import LocalServer
from tests.local import seed

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sdk(server: LocalServer) -> Iterator[Langsmith]:
    with Langsmith(base_url=server.url, api_key="anything", max_retries=0) as client:
        yield client


def _turns(server: LocalServer) -> tuple[str, list[dict[str, Any]]]:
    """A thread of three traces, the second of which failed, and a trace of no thread."""
    turns = [
        seed.run_body(
            name=f"turn {index}",
            run_type="chain",
            at_s=60 * index,
            lasts_s=index + 1,
            metadata={"thread_id": "t/1", "usage_metadata": {"total_tokens": 10, "total_cost": 0.5}},
            inputs={"question": index},
            outputs={"answer": index},
            error="boom" if index == 1 else None,
        )
        for index in range(3)
    ]
    child = seed.run_body(name="inside", at_s=61, parent=turns[1])
    seed.store_runs(server.store, [*turns, child, seed.run_body(name="alone", run_type="chain")])
    with server.store.read() as connection:
        return str(connection.execute("SELECT id FROM sessions").fetchone()[0]), turns


def test_a_project_is_created_read_and_changed(sdk: Langsmith) -> None:
    made = sdk.sessions.create_v2(type="PROJECT", name="p", extra={"a": 1, "b": 2}, description="d")
    assert (made.name, made.type, made.description) == ("p", "PROJECT", "d")
    again = sdk.sessions.create_v2(type="PROJECT", name="p", description="e", upsert=True)
    assert (again.id, again.description) == (made.id, "e")
    changed = sdk.sessions.update_v2(made.id, extra={"a": None, "c": 3}, description=None)
    assert (changed.extra, changed.description) == ({"b": 2, "c": 3}, None)
    read = sdk.sessions.retrieve_v2(made.id, include_stats=True)
    assert (read.name, read.run_count) == ("p", 0)
    with pytest.raises(NotFoundError, match="not found"):
        sdk.sessions.retrieve_v2(str(uuid.uuid4()))


def test_traces_are_paged_with_their_sums_apart(server: LocalServer, sdk: Langsmith) -> None:
    project, turns = _turns(server)
    page = sdk.traces.query(
        project_id=project, min_start_time=LONG_AGO, selects=["ID", "NAME", "TOTAL_TOKENS"], page_size=2
    )
    traces = list(page)
    assert [trace.root_run.name for trace in traces if trace.root_run] == [
        "turn 2",
        "turn 1",
        *sorted(["turn 0", "alone"], key=lambda name: _id_of(server, name), reverse=True),
    ]
    first = traces[0]
    assert first.root_run is not None
    assert first.root_run.total_tokens is None
    assert first.trace_aggregates is not None
    assert first.trace_aggregates.total_tokens == 10
    assert (
        len(list(sdk.traces.query(project_id=project, min_start_time=LONG_AGO, trace_ids=[turns[0]["id"]])))
        == 1
    )
    end = datetime.fromisoformat(turns[2]["start_time"])
    early = sdk.traces.query(project_id=project, min_start_time=LONG_AGO, max_start_time=end)
    assert len(list(early)) == 3
    found = sdk.traces.query(
        project_id=project, min_start_time=LONG_AGO, tree_filter='eq(name, "inside")', selects=["NAME"]
    )
    assert [trace.root_run.name for trace in found if trace.root_run] == ["turn 1"]


def _id_of(server: LocalServer, name: str) -> str:
    return str(server.store.runs(name=name)[0]["id"])


def test_the_runs_of_a_trace_come_in_their_order(server: LocalServer, sdk: Langsmith) -> None:
    project, turns = _turns(server)
    listed = sdk.traces.list_runs(turns[1]["id"], project_id=project, selects=["NAME", "STATUS"])
    assert [(run.name, run.status) for run in listed.items or []] == [
        ("turn 1", "ERROR"),
        ("inside", "SUCCESS"),
    ]


def test_threads_are_counted_and_their_traces_listed(server: LocalServer, sdk: Langsmith) -> None:
    project, turns = _turns(server)
    (thread,) = sdk.threads.query(project_id=project, min_start_time=LONG_AGO)
    assert (thread.thread_id, thread.count, thread.num_errored_turns) == ("t/1", 3, 1)
    assert (thread.first_trace_id, thread.last_trace_id) == (turns[0]["id"], turns[2]["id"])
    assert (thread.total_tokens, thread.total_cost, thread.last_error) == (30, 1.5, "boom")
    assert (thread.first_inputs, thread.last_outputs) == ('{"question":0}', '{"answer":2}')
    assert thread.latency_p50 == 2
    listed = sdk.threads.list_traces("t/1", project_id=project, page_size=2, selects=["NAME", "LATENCY"])
    assert [(turn.trace_id, turn.name, turn.latency) for turn in listed] == [
        (turn["id"], turn["name"], index + 1) for index, turn in reversed([*enumerate(turns)])
    ]


def test_threads_are_paged_without_loss(server: LocalServer, sdk: Langsmith) -> None:
    seed.store_runs(
        server.store,
        [
            seed.run_body(name="r", run_type="chain", at_s=index // 2, metadata={"session_id": f"t{index}"})
            for index in range(7)
        ],
    )
    project, _ = _turns(server)
    found = [
        one.thread_id for one in sdk.threads.query(project_id=project, min_start_time=LONG_AGO, page_size=2)
    ]
    assert sorted(str(one) for one in found) == ["t/1", *(f"t{index}" for index in range(7))]
    assert len(found) == len(set(found))


def test_the_asynchronous_client_reads_the_same(server: LocalServer) -> None:
    project, turns = _turns(server)

    async def ask() -> tuple[list[str | None], str | None]:
        async with AsyncLangsmith(base_url=server.url, api_key="anything") as client:
            traces = client.traces.query(project_id=project, min_start_time=LONG_AGO, selects=["NAME"])
            names = [trace.root_run.name async for trace in traces if trace.root_run]
            run_id = str(turns[0]["id"])
            url = await client.runs.get_url(
                run_id, project_id=project, trace_id=run_id, start_time=turns[0]["start_time"]
            )
            return names, url.url

    names, url = asyncio.run(ask())
    assert sorted(str(name) for name in names) == ["alone", "turn 0", "turn 1", "turn 2"]
    assert url == f"{server.url}/run/{turns[0]['id']}"


def test_what_only_langsmith_has_is_told(server: LocalServer, sdk: Langsmith) -> None:
    project, _ = _turns(server)
    with pytest.raises(APIStatusError, match="sem_filter: only LangSmith itself has this") as refused:
        list(sdk.traces.query(project_id=project, sem_filter="angry users"))
    assert refused.value.status_code == 501
    with pytest.raises(NotFoundError, match="is not part of the embedded server"):
        sdk.threads.stats("t/1", session_id=project, selects=["TOTAL_TOKENS"])


def test_the_last_day_is_meant_unless_told(server: LocalServer, make_client: Callable[[str], Client]) -> None:
    client = make_client("plain")
    now = datetime.now(UTC)
    for name, start in (("old", now - timedelta(days=2)), ("new", now)):
        client.create_run(
            name, {}, "chain", id=uuid.uuid4(), start_time=start, end_time=start, project_name="p"
        )
    client.flush()
    server.wait_for_runs(2)
    with Langsmith(base_url=server.url, api_key="anything") as sdk:
        found = sdk.traces.query(project_id=str(client.read_project(project_name="p").id), selects=["NAME"])
        assert [trace.root_run.name for trace in found if trace.root_run] == ["new"]
