"""Runs through the real SDK: what was sent can be read back, compressed or not, merged or split."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import LangChainTracer
from langsmith import Client, traceable, tracing_context
from langsmith.schemas import Attachment
from langsmith.utils import LangSmithNotFoundError

from langchain_respmeta.local import LocalServer
from tests.sending import send_all


def trace_chain(client: Client, project: str) -> None:
    chain = FakeListChatModel(responses=["hello"]) | RunnableLambda(lambda message: message.content)
    tracer = LangChainTracer(client=client, project_name=project)
    chain.invoke("hi", {"callbacks": [tracer], "metadata": {"mine": 1}, "tags": ["t"]})
    send_all(client)


def create(client: Client, *, name: str = "run", project: str = "p", **fields: Any) -> uuid.UUID:
    """A run in a request of its own, finished by default."""
    run_id = uuid.uuid4()
    start = fields.pop("start_time", datetime.now(UTC))
    finished = {"end_time": start + timedelta(seconds=2), "outputs": {"answer": 42}}
    client.create_run(
        name,
        {"question": "?"},
        fields.pop("run_type", "llm"),
        id=run_id,
        project_name=project,
        start_time=start,
        **{**finished, **fields},
    )
    return run_id


def test_a_traced_chain_is_stored_whole_and_in_its_tree(server: LocalServer, client: Client) -> None:
    trace_chain(client, "chain")
    runs = {run["name"]: run for run in server.wait_for_runs(3)}
    root, llm = runs["RunnableSequence"], runs["FakeListChatModel"]
    assert [run["status"] for run in runs.values()] == ["success"] * 3
    assert llm["parent_run_id"] == root["id"]
    assert llm["trace_id"] == root["trace_id"] == root["id"]
    assert llm["parent_run_ids"] == [root["id"]]
    assert root["extra"]["metadata"]["mine"] == 1
    assert root["tags"] == ["t"]
    assert llm["outputs"]["generations"][0][0]["text"] == "hello"
    assert {run["posts"] for run in runs.values()} == {1}


def test_a_traceable_tree_keeps_inputs_outputs_and_errors(server: LocalServer, client: Client) -> None:
    @traceable(run_type="tool", client=client, project_name="t")
    def inner(x: int) -> int:
        if x < 0:
            raise ValueError("negative")
        return x + 1

    @traceable(client=client, project_name="t")
    def outer(x: int) -> int:
        return inner(x)

    with tracing_context(enabled=True):
        assert outer(1) == 2
        with pytest.raises(ValueError, match="negative"):
            outer(-1)
    send_all(client)
    runs = server.wait_for_runs(4)
    good, bad = ([run for run in runs if run["status"] == status] for status in ("success", "error"))
    assert sorted(run["name"] for run in good) == ["inner", "outer"]
    assert [run["inputs"] for run in good] == [{"x": 1}] * 2
    assert all(run["outputs"] == {"output": 2} for run in good)
    assert len(bad) == 2
    assert all("negative" in run["error"] for run in bad)


def test_a_run_written_by_hand_is_read_back_by_the_sdk(server: LocalServer, client: Client) -> None:
    run_id = create(client, extra={"metadata": {"k": "v"}}, tags=["a"], end_time=None, outputs=None)
    client.update_run(run_id, outputs={"answer": 1}, end_time=datetime.now(UTC))
    send_all(client)
    server.wait_for_runs(1)
    run = client.read_run(run_id)
    assert (run.name, run.inputs, run.outputs, run.status) == (
        "run",
        {"question": "?"},
        {"answer": 1},
        "success",
    )
    assert run.metadata["k"] == "v"
    assert run.tags == ["a"]
    assert run.app_path == f"/run/{run_id}"
    assert run.session_id == client.read_project(project_name="p").id


def test_an_unknown_run_is_not_found(client: Client) -> None:
    with pytest.raises(LangSmithNotFoundError, match="not found"):
        client.read_run(uuid.uuid4())


def test_child_runs_are_loaded_with_their_root(server: LocalServer, client: Client) -> None:
    trace_chain(client, "chain")
    root = next(run for run in server.wait_for_runs(3) if run["parent_run_id"] is None)
    loaded = client.read_run(root["id"], load_child_runs=True)
    assert [child.name for child in loaded.child_runs or []] == ["FakeListChatModel", "RunnableLambda"]


def test_list_runs_pages_through_everything_newest_first(make_client: Callable[[str], Client]) -> None:
    client = make_client("plain")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    # Pairs share a start time: the cursor must not lose the second of a pair.
    ids = [create(client, start_time=start + timedelta(seconds=n // 2)) for n in range(25)]
    send_all(client)
    project = client.read_project(project_name="p").id
    found = [run.id for run in client.list_runs(project_id=project, limit=None)]
    paged = list(
        client._get_cursor_paginated_list("/runs/query", body={"session": [str(project)], "limit": 4})
    )
    assert sorted(found) == sorted(ids)
    assert [run["id"] for run in paged] == [str(one) for one in found]
    starts = [run["start_time"] for run in paged]
    assert starts == sorted(starts, reverse=True)
    ascending = list(client.list_runs(project_id=project, order="asc"))
    assert [run.start_time for run in ascending] == sorted(run.start_time for run in ascending)
    assert len(list(client.list_runs(project_id=project, limit=7))) == 7


def test_list_runs_takes_each_of_its_arguments(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    example = uuid.uuid4()
    root = create(client, name="root", run_type="chain", start_time=early)
    child = create(client, name="child", parent_run_id=root, trace_id=root, start_time=late)
    bad = create(client, name="bad", error="boom", start_time=late, reference_example_id=example)
    send_all(client)
    server.wait_for_runs(3)

    def names(**arguments: Any) -> list[str]:
        return sorted(run.name for run in client.list_runs(project_name="p", **arguments))

    assert names() == ["bad", "child", "root"]
    assert names(run_type="chain") == ["root"]
    assert names(trace_id=root) == ["child", "root"]
    assert names(parent_run_id=root) == ["child"]
    assert names(is_root=True) == ["bad", "root"]
    assert names(is_root=False) == ["child"]
    assert names(error=True) == ["bad"]
    assert names(error=False) == ["child", "root"]
    assert names(run_ids=[child, bad]) == ["bad", "child"]
    assert names(start_time=datetime(2026, 3, 1, tzinfo=UTC)) == ["bad", "child"]
    assert names(reference_example_id=example) == ["bad"]
    assert names(query="boom") == ["bad"]
    assert names(filter='eq(name, "child")') == ["child"]
    assert names(trace_filter='eq(name, "root")') == ["child", "root"]
    assert names(tree_filter='eq(name, "child")') == ["child", "root"]
    assert names(select=["name"], is_root=False) == ["child"]
    with pytest.raises(LangSmithNotFoundError):
        list(client.list_runs(project_name="nope"))


def test_the_v2_api_gives_runs_in_its_own_words(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("zstd")
    trace_chain(client, "v2")
    server.wait_for_runs(3)
    project = str(client.read_project(project_name="v2").id)

    async def ask() -> tuple[list[Any], Any]:
        names = ["ID", "NAME", "RUN_TYPE", "STATUS", "METADATA", "LATENCY_SECONDS", "IS_ROOT", "PROJECT_ID"]
        async with client.runs._client:
            found = [
                run async for run in client.runs.query(project_ids=[project], selects=names, page_size=2)
            ]
            root = next(run for run in found if run.is_root)
            only = await client.runs.retrieve(run_id=root.id, project_id=project, selects=["OUTPUTS"])
        return found, only

    found, only = asyncio.run(ask())
    runs = {run.name: run for run in found}
    root, llm = runs["RunnableSequence"], runs["FakeListChatModel"]
    assert len(found) == 3
    assert (llm.run_type, llm.status, llm.is_root, llm.project_id) == ("LLM", "SUCCESS", False, project)
    assert root.latency_seconds > 0
    assert root.metadata["mine"] == 1
    assert root.outputs is None
    assert only.outputs == {"output": "hello"}
    assert only.name is None


@pytest.mark.parametrize("size", [0, 1001])
def test_v2_refuses_a_page_size_that_langsmith_refuses(server: LocalServer, size: int) -> None:
    body = {"project_ids": [str(uuid.uuid4())], "page_size": size}
    answer = httpx.post(f"{server.url}/api/v2/runs/query", json=body, timeout=120)
    assert answer.status_code == 400
    assert "page_size must be a whole number from 1 to 1000" in answer.text


def test_tokens_and_costs_are_summed_over_the_tree(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    usage = {
        "input_tokens": 10,
        "output_tokens": 5,
        "total_tokens": 15,
        "input_token_details": {"cache_read": 4},
        "total_cost": 0.002,
    }
    start = datetime(2026, 1, 1, tzinfo=UTC)
    root = uuid.uuid4()
    order = f"20260101T000000000000Z{root}"
    client.create_run(
        "root",
        {},
        "chain",
        id=root,
        trace_id=root,
        dotted_order=order,
        start_time=start,
        end_time=start,
        project_name="p",
    )
    for _ in range(2):
        child = uuid.uuid4()
        client.create_run(
            "child",
            {},
            "llm",
            id=child,
            trace_id=root,
            parent_run_id=root,
            dotted_order=f"{order}.20260101T000001000000Z{child}",
            start_time=start,
            end_time=start,
            extra={"metadata": {"usage_metadata": usage}},
            project_name="p",
        )
    send_all(client)
    server.wait_for_runs(3)
    summed = client.read_run(root)
    assert (summed.prompt_tokens, summed.completion_tokens, summed.total_tokens) == (20, 10, 30)
    assert float(summed.total_cost or 0) == pytest.approx(0.004)
    own = client.read_run(child)
    assert own.total_tokens == 15
    assert own.prompt_token_details == {"cache_read": 4}
    named = [run.name for run in client.list_runs(project_name="p", filter="gt(total_tokens, 20)")]
    assert named == ["root"]


def test_streamed_tokens_give_the_time_of_the_first(server: LocalServer, client: Client) -> None:
    tracer = LangChainTracer(client=client, project_name="p")
    list(FakeListChatModel(responses=["hello"]).stream("hi", {"callbacks": [tracer]}))
    send_all(client)
    server.wait_for_runs(1)
    (run,) = client.list_runs(project_name="p")
    assert run.first_token_time is not None
    assert run.start_time.replace(tzinfo=UTC) <= run.first_token_time <= run.end_time.replace(tzinfo=UTC)


def test_attachments_come_back_byte_for_byte(server: LocalServer, client: Client) -> None:
    data = bytes(range(256)) * 50

    @traceable(client=client, project_name="p")
    def look(x: int, picture: Attachment) -> int:
        return x

    with tracing_context(enabled=True):
        look(1, Attachment(mime_type="image/png", data=data))
    send_all(client)
    (stored,) = server.wait_for_runs(1)
    picture = client.read_run(stored["id"]).attachments["picture"]
    assert picture["mime_type"] == "image/png"
    assert picture["reader"].read() == data


def test_projects_are_made_by_their_first_run_and_can_be_managed(server: LocalServer, client: Client) -> None:
    create(client, project="one", error="boom")
    create(client, project="one")
    create(client, project="two")
    send_all(client)
    server.wait_for_runs(3)
    one = client.read_project(project_name="one", include_stats=True)
    assert (one.run_count, one.error_rate) == (2, 0.5)
    assert one.latency_p50 == timedelta(seconds=2)
    assert client.read_project(project_id=str(one.id)).name == "one"
    assert sorted(project.name or "" for project in client.list_projects()) == ["one", "two"]
    assert [project.name for project in client.list_projects(name_contains="W")] == ["two"]
    assert client.has_project("three") is False
    made = client.create_project("three", description="d", metadata={"team": "x"})
    assert [project.id for project in client.list_projects(metadata={"team": "x"})] == [made.id]
    client.update_project(made.id, name="four", end_time=datetime.now(UTC))
    assert client.read_project(project_name="four").description == "d"
    client.delete_project(project_name="one")
    assert [run["name"] for run in server.store.runs()] == ["run"]
    with pytest.raises(LangSmithNotFoundError):
        client.read_project(project_name="one")


def test_an_agents_address_stands_for_a_project(
    server: LocalServer, make_client: Callable[[str], Client]
) -> None:
    client = make_client("plain")
    address = {"address": "lrn:agents/shop-bot/environments/production"}
    body = {"id": str(uuid.uuid4()), "name": "r", "run_type": "chain", **address}
    client.request_with_retries("POST", "/runs", request_kwargs={"data": json.dumps(body)})
    session = client._get_langsmith_api_sync().sessions.resolve(
        kind="AGENT", id="shop-bot", environment="PRODUCTION"
    )
    assert server.store.runs()[0]["session_id"] == session.session_id


def test_the_prefix_api_v1_is_the_same_server(server: LocalServer) -> None:
    client = Client(api_url=f"{server.url}/api/v1", api_key="k")
    run_id = create(client)
    send_all(client)
    server.wait_for_runs(1)
    assert client.request_with_retries("GET", f"/runs/{run_id}").json()["name"] == "run"
    assert {record.path for record in server.requests if record.method == "POST"} <= {
        "/runs",
        "/runs/multipart",
    }
    client.cleanup()


def test_without_multipart_the_client_falls_back_to_batches() -> None:
    info = {
        "batch_ingest_config": {"use_multipart_endpoint": False},
        "instance_flags": {"zstd_compression_enabled": False},
    }
    with LocalServer(info=info) as server:
        client = Client(api_url=server.url, api_key="k")
        trace_chain(client, "batches")
        server.wait_for_runs(3)
        assert server.requests.matching("POST", "/runs/batch")
        assert not server.requests.matching("POST", "/runs/multipart")
        client.cleanup()
