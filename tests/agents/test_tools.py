"""Tool runs: joined to the calls that asked for them, on their own runs and on the root."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ToolRetryMiddleware
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from langchain_respmeta import RespMetaHandler, UnreadableAnswer, normalize
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.background import BACKGROUND
from tests.agents.fakes import QUESTION, TOOLS, Sent, State, asker, asks, executions, look_up, model
from tests.waiting import auntil


def agent(*messages: Any, **options: Any) -> Any:
    return create_agent(model(*messages), list(TOOLS), **{"state_schema": State, **options})


def test_parallel_tools_stand_in_the_record_that_asked_and_on_their_runs(
    sent: Sent, handler: RespMetaHandler
):
    answer = asks(("a", "look_up", {"word": "x"}), ("b", "delegate", {"task": "y"}))
    agent(answer, "done").invoke(QUESTION, sent.config())
    first, second = asker(handler).tool_executions
    assert (first.tool_call_id, first.tool_name, first.tool_args) == ("a", "look_up", {"word": "x"})
    assert (first.result, first.tool_call_error, first.child_run_id) == ("x: found", False, None)
    (inner,) = [run for run in sent.runs() if run["name"] == "inner"]
    assert (second.result, second.child_run_id) == ("Y", inner["id"])
    assert first.duration_s
    assert second.duration_s
    told = {one["respmeta_tool_call_id"]: one for one in sent.metadata(run_type="tool")}
    assert told.keys() == {"a", "b"}
    assert told["a"]["respmeta_tool_error"] is False
    assert told["b"]["respmeta_child_run_id"] == inner["id"]
    nested = told["b"]["respmeta"]
    assert (nested["event"], nested["tool_executions"][0]["result"]) == ("tool_call_completed", "Y")
    (root,) = sent.roots()
    assert (root["respmeta_tool_calls"], root["respmeta_tool_errors"]) == (2, 0)
    listed = root["respmeta"]["rollup"]["tool_executions"]
    assert {one["tool_call_id"] for one in listed} == {"a", "b"}
    assert not any("result" in one or "tool_args" in one for one in listed)
    assert all(run["posts"] == 1 and run["patches"] <= 1 for run in sent.runs())


def test_a_tool_that_raises_ends_the_agent_and_is_told(sent: Sent, handler: RespMetaHandler):
    with pytest.raises(RuntimeError):
        agent(asks(("a", "explode", {"reason": "no"}))).invoke(QUESTION, sent.config())
    (told,) = executions(handler)
    assert (told.tool_call_error, told.result) == (True, "no")
    (run,) = sent.metadata(run_type="tool")
    assert (run["respmeta_event"], run["respmeta_error_type"]) == ("tool_call_error", "RuntimeError")
    (root,) = sent.roots()
    assert root["respmeta_tool_errors"] == 1


def test_an_error_that_the_tool_returns_counts_as_one(sent: Sent, handler: RespMetaHandler):
    agent(asks(("a", "look_up", {"wrong": 1})), "done").invoke(QUESTION, sent.config())
    (told,) = executions(handler)
    assert told.tool_call_error is True
    assert sent.roots()[0]["respmeta_tool_errors"] == 1


def test_retries_of_a_tool_are_numbered(sent: Sent, handler: RespMetaHandler):
    retry = ToolRetryMiddleware(max_retries=2, initial_delay=0, jitter=False)
    agent(asks(("a", "explode", {"reason": "no"})), "done", middleware=[retry]).invoke(
        QUESTION, sent.config()
    )
    assert [(one.attempt, one.tool_call_error) for one in executions(handler)] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert sorted(one.get("respmeta_attempt", 1) for one in sent.metadata(run_type="tool")) == [1, 2, 3]
    assert sent.roots()[0]["respmeta_tool_calls"] == 1


def test_an_id_that_is_used_twice_in_a_trace_is_two_calls(sent: Sent, handler: RespMetaHandler):
    first, second = asks(("a", "look_up", {"word": "x"})), asks(("a", "look_up", {"word": "y"}))
    agent(first, second, "done").invoke(QUESTION, sent.config())
    assert [[one.result for one in record.tool_executions] for record in handler.records] == [
        ["x: found"],
        ["y: found"],
        [],
    ]
    assert sent.roots()[0]["respmeta_tool_calls"] == 2


def test_traces_with_the_same_ids_at_the_same_time_do_not_mix(make_handler: Callable[..., RespMetaHandler]):
    def ask(number: int) -> bool:
        own = make_handler(include_content=True)
        answer = asks(("a", "look_up", {"word": str(number)}))
        agent(answer, "done").invoke(QUESTION, {"callbacks": [own]})
        return [one.result for one in executions(own)] == [f"{number}: found"]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))


def test_many_traces_with_the_same_ids_at_the_same_time_do_not_lose_their_tools(handler: RespMetaHandler):
    tools_run = threading.Event()

    @tool
    async def wait(word: str) -> str:
        """Wait until all have come so far."""
        await auntil(lambda: tools_run.is_set() or len(STATE[CALLS].live) == 40, "all 40 tools")
        tools_run.set()
        return word

    async def ask(number: int) -> None:
        waiting = create_agent(model(asks(("a", "wait", {"word": str(number)})), "done"), [wait])
        await waiting.ainvoke(QUESTION, {"callbacks": [handler]})

    async def ask_all() -> None:
        await asyncio.gather(*map(ask, range(40)))

    asyncio.run(ask_all())
    told = [[one.result for one in record.tool_executions] for record in handler.records if record.tool_calls]
    assert sorted(told) == sorted([str(number)] for number in range(40))


def test_traces_of_one_thread_with_the_same_ids_at_the_same_time_do_not_mix(
    make_handler: Callable[..., RespMetaHandler],
):
    handlers = [make_handler(include_content=True) for _ in range(2)]

    def run(tools: list[Any], name: str, handler: RespMetaHandler) -> None:
        running = create_agent(model(asks(("a", name, {"word": name})), "done"), tools)
        running.invoke(QUESTION, {"callbacks": [handler], "configurable": {"thread_id": "shared"}})

    @tool
    def meanwhile(word: str) -> str:
        """Another agent runs at the same time."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(run, [look_up], "look_up", handlers[1]).result()
        return word

    run([meanwhile], "meanwhile", handlers[0])
    assert [[one.result for one in executions(handler)] for handler in handlers] == [
        ["meanwhile"],
        ["look_up: found"],
    ]


def test_state_that_a_tool_changed(sent: Sent, handler: RespMetaHandler):
    agent(asks(("a", "move", {"city": "Rome"})), "done").invoke(QUESTION, sent.config())
    assert asker(handler).updated_session_state == {"city": "Rome"}
    assert executions(handler)[0].result == "moved"
    (run,) = sent.metadata(run_type="tool")
    assert run["respmeta"]["updated_session_state"] == {"city": "Rome"}
    assert sent.roots()[0]["respmeta"]["rollup"]["updated_session_state"] == {"city": "changed"}


def test_media_in_a_result_is_described_not_copied(sent: Sent, handler: RespMetaHandler):
    agent(asks(("a", "draw", {"what": "cat"})), "done").invoke(QUESTION, sent.config())
    (media,) = asker(handler).media
    assert (media.kind, media.mime_type, media.size_bytes, media.origin) == ("image", "image/png", 5, "tool")
    assert executions(handler)[0].result == "a cat"
    (run,) = sent.metadata(run_type="tool")
    assert run["respmeta"]["media"] == [
        {"kind": "image", "mime_type": "image/png", "size_bytes": 5, "origin": "tool"}
    ]


def test_texts_are_left_out_unless_asked_for(make_handler: Callable[..., RespMetaHandler]):
    quiet = make_handler(include_content=False)
    answer = asks(("a", "look_up", {"word": "x"}), ("b", "move", {"city": "Rome"}))
    agent(answer, "done").invoke(QUESTION, {"callbacks": [quiet]})
    record = asker(quiet)
    assert [(one.tool_args, one.result) for one in record.tool_executions] == [(None, None)] * 2
    assert record.updated_session_state == {"city": "<str>"}


def test_calls_that_the_caller_runs(handler: RespMetaHandler):
    config: Any = {"callbacks": [handler]}
    answer = model(asks(("a", "look_up", {"word": "x"}))).invoke("Please.", config)
    (told,) = executions(handler)
    assert (told.external_execution_required, told.result) == (True, None)
    look_up.invoke(answer.tool_calls[0], config)
    (told,) = executions(handler)
    assert (told.external_execution_required, told.result) == (True, "x: found")


def test_the_callers_tool_may_run_before_the_answer_was_read(handler: RespMetaHandler):
    config: Any = {"callbacks": [handler]}
    first, second = (model(asks(("a", "look_up", {"word": word}))) for word in "xy")
    with BACKGROUND._busy:  # the reader's own thread waits
        for one in (first, second):
            look_up.invoke(one.invoke("Please.", config).tool_calls[0], config)
    assert [[one.result for one in record.tool_executions] for record in handler.records] == [
        ["x: found"],
        ["y: found"],
    ]


def test_calls_of_one_answer_that_share_an_id_are_told_once_each(sent: Sent, handler: RespMetaHandler):
    answer = asks(("a", "look_up", {"word": "x"}), ("a", "look_up", {"word": "y"}))
    agent(answer, "done").invoke(QUESTION, sent.config())
    assert sorted(str(one.result) for one in executions(handler)) == ["x: found", "y: found"]


def test_a_call_that_a_node_made_on_its_own_and_the_graph_ran_is_not_the_callers(handler: RespMetaHandler):
    config: Any = {"callbacks": [handler]}
    asking = model(asks(("a", "look_up", {"word": "x"})))
    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [asking.invoke(state["messages"], config)]})
    graph.add_node("tools", ToolNode([look_up]))
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "tools")
    with BACKGROUND._busy:  # the answer is read after its tool ran
        graph.compile().invoke(QUESTION, config)
    (told,) = executions(handler)
    assert (told.external_execution_required, told.result) == (None, "x: found")


def test_a_core_that_tells_the_id_with_the_result_only():
    class Handler(RespMetaHandler):
        def on_tool_start(self, *args: Any, **kwargs: Any) -> None:
            super().on_tool_start(*args, **{**kwargs, "tool_call_id": None})

    asking = model(asks(("a", "look_up", {"word": "x"}), ("b", "look_up", {"word": "y"})))
    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [asking.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([look_up]))
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "tools")
    handler = Handler(include_content=True, feedback=False)
    graph.compile().invoke(QUESTION, {"callbacks": [handler]})
    assert {one.tool_call_id: one.result for one in asker(handler).tool_executions} == {
        "a": "x: found",
        "b": "y: found",
    }


def test_calls_returned_by_a_chain_are_told_on_its_run(sent: Sent, handler: RespMetaHandler):
    chain = RunnableLambda(lambda words: words) | model(asks(("a", "look_up", {"word": "x"})))
    chain.invoke("Please.", sent.config())
    (listed,) = sent.roots()[0]["respmeta"]["rollup"]["tool_executions"]
    assert listed == {"tool_call_id": "a", "tool_name": "look_up", "external_execution_required": True}


def test_an_agent_stopped_before_its_tools_returns_their_calls(sent: Sent, handler: RespMetaHandler):
    from langgraph.checkpoint.memory import InMemorySaver

    stopping = agent(
        asks(("a", "look_up", {"word": "x"})),
        "done",
        interrupt_before=["tools"],
        checkpointer=InMemorySaver(),
    )
    stopping.invoke(QUESTION, sent.config())
    assert [one.external_execution_required for one in executions(handler)] == [True]
    (listed,) = sent.roots()[0]["respmeta"]["rollup"]["tool_executions"]
    assert listed["external_execution_required"] is True
    stopping.invoke(None, sent.config())
    (told,) = executions(handler)
    assert (told.external_execution_required, told.result) == (None, "x: found")


def test_a_tool_that_no_model_asked_for(sent: Sent):
    look_up.invoke({"word": "x"}, sent.config())
    (told,) = sent.metadata(run_type="tool")
    assert told["respmeta_tool_name"] == "look_up"
    assert "respmeta_tool_call_id" not in told


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (
            [
                {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "s",
                    "content": {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
                },
            ],
            ("s", "web_search", True),
        ),
        (
            [
                {"type": "server_tool_use", "id": "s", "name": "bash_code_execution", "input": {}},
                {
                    "type": "bash_code_execution_tool_result",
                    "tool_use_id": "s",
                    "content": {"type": "bash_code_execution_result", "return_code": 0, "stdout": "4"},
                },
            ],
            ("s", "bash_code_execution", False),
        ),
        (
            [{"type": "web_search_call", "id": "w", "status": "completed", "action": {}}],
            ("w", "web_search", False),
        ),
        (
            [{"type": "mcp_call", "id": "m", "name": "roll", "arguments": "{}", "error": "no"}],
            ("m", "roll", True),
        ),
        (
            [
                {"type": "server_tool_call", "id": "s", "name": "web_search", "args": {}},
                {"type": "server_tool_result", "tool_call_id": "s", "status": "success", "output": []},
            ],
            ("s", "web_search", False),
        ),
        ([{"type": "web_search_call", "id": "w", "action": {}}], None),
    ],
)
def test_tools_of_the_provider(blocks: list[Any], expected: tuple[Any, ...] | None):
    record = normalize(AIMessage(content=blocks, response_metadata={"model_provider": "anthropic"}))
    told = [(one.tool_call_id, one.tool_name, one.tool_call_error) for one in record.tool_executions]
    assert told == ([expected] if expected else [])


def test_a_tools_message_is_no_answer():
    with pytest.raises(UnreadableAnswer, match="tool"):
        normalize(ToolMessage("x", tool_call_id="a"))


def test_async_agents(handler: RespMetaHandler):
    answer = asks(("a", "look_up", {"word": "x"}), ("b", "delegate", {"task": "y"}))
    asyncio.run(agent(answer, "done").ainvoke(QUESTION, {"callbacks": [handler]}))
    assert [(one.result, bool(one.child_run_id)) for one in executions(handler)] == [
        ("x: found", False),
        ("Y", True),
    ]


def test_hidden_outputs_leave_only_scalars(server: Any, handler: RespMetaHandler):
    from langchain_core.tracers.langchain import LangChainTracer
    from langsmith import Client

    client = Client(api_url=server.url, api_key="any", hide_outputs=True)
    hiding = Sent([handler, LangChainTracer(client=client, project_name="hiding")], client, server, "hiding")
    agent(asks(("a", "look_up", {"word": "secret"})), "done").invoke(QUESTION, hiding.config())
    (told,) = hiding.metadata(run_type="tool")
    assert "respmeta" not in told
    assert told["respmeta_tool_name"] == "look_up"
    assert "tool_executions" not in hiding.roots()[0]["respmeta"]["rollup"]
    client.cleanup()
