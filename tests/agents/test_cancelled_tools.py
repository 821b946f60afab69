"""A cancelled or abandoned tool run has neither a result nor an error of its own, however it was cancelled."""

import asyncio
import concurrent.futures
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import graph_places
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._process.state import STATE
from tests.agents.fakes import QUESTION, Sent, asks, executions, look_up, model

CEILING_S = 120
CALL: Any = ("a", "wait", {"word": "x"})


class Waiting:
    """A tool that signals its start and ends only when released."""

    def __init__(self) -> None:
        self.started = asyncio.Event()

    def tool(self) -> BaseTool:
        @tool
        async def wait(word: str) -> str:
            """Wait."""
            self.started.set()
            await asyncio.sleep(CEILING_S)
            return word

        return wait


def told_of(sent: Sent, handler: RespMetaHandler) -> None:
    """The facts of a cancelled tool on a record, the tool's run and the root."""
    (told,) = executions(handler)
    assert (told.tool_name, told.cancelled, told.result, told.tool_call_error) == ("wait", True, None, None)
    assert told.external_execution_required is None
    (stamped,) = sent.metadata(run_type="tool")
    assert (stamped["respmeta_event"], stamped["respmeta_cancelled"]) == ("tool_call_cancelled", True)
    assert "respmeta_tool_error" not in stamped
    assert "respmeta_error_type" not in stamped
    (root,) = sent.roots()
    assert (root["respmeta_tool_calls"], root["respmeta_cancelled_tools"], root["respmeta_tool_errors"]) == (
        1,
        1,
        0,
    )
    (listed,) = root["respmeta"]["rollup"]["tool_executions"]
    assert listed["cancelled"] is True


async def cancel_task(agent: Any, config: Any, started: asyncio.Event) -> None:
    task = asyncio.create_task(agent.ainvoke(QUESTION, config))
    await asyncio.wait_for(started.wait(), CEILING_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def time_out(agent: Any, config: Any, started: asyncio.Event) -> None:
    async def until_it_waits() -> None:
        async with asyncio.timeout(CEILING_S) as limit:
            task = asyncio.create_task(started.wait())
            task.add_done_callback(lambda _: limit.reschedule(0))
            await agent.ainvoke(QUESTION, config)

    with pytest.raises(TimeoutError):
        await until_it_waits()


async def leave_stream(agent: Any, config: Any, started: asyncio.Event) -> None:
    async def read() -> None:
        async for _ in agent.astream(QUESTION, config, stream_mode="values"):
            pass

    task = asyncio.create_task(read())
    await asyncio.wait_for(started.wait(), CEILING_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("stop", [cancel_task, time_out, leave_stream])
def test_cancelled_from_outside(sent: Sent, handler: RespMetaHandler, stop: Callable[..., Any]) -> None:
    async def run() -> None:
        waiting = Waiting()
        agent = create_agent(model(asks(CALL)), [waiting.tool()])
        await stop(agent, sent.config(), waiting.started)

    asyncio.run(run())
    told_of(sent, handler)


def test_a_graphs_own_time_limit(sent: Sent, handler: RespMetaHandler) -> None:
    """`step_timeout` cancels the node with the tool in it."""

    async def run() -> None:
        agent = create_agent(model(asks(CALL)), [Waiting().tool()])
        agent.step_timeout = 2
        with pytest.raises(TimeoutError):
            await agent.ainvoke(QUESTION, sent.config())

    asyncio.run(run())
    told_of(sent, handler)


@pytest.mark.parametrize(
    "stop",
    [KeyboardInterrupt, concurrent.futures.CancelledError, asyncio.CancelledError, GeneratorExit],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_stopped_from_inside(sent: Sent, handler: RespMetaHandler, stop: type[BaseException]) -> None:
    """Ctrl-C while it runs; a task or a future that it waits for was cancelled."""

    @tool
    def wait(word: str) -> str:
        """Wait."""
        raise stop

    def run(_: Any) -> Any:
        asking = model(asks(CALL)).invoke("?")
        return wait.invoke(asking.tool_calls[0])

    with pytest.raises(BaseException) as raised:  # noqa: PT011 - it is looked at below
        RunnableLambda(run).invoke("?", sent.config())
    assert isinstance(raised.value, stop)
    told_of(sent, handler)


def test_a_tool_of_a_thread_whose_caller_is_cancelled(sent: Sent, handler: RespMetaHandler) -> None:
    """Its caller is gone but its thread runs on: it counts as cancelled until it reports its end."""
    under_way, go_on = threading.Event(), threading.Event()

    @tool
    def wait(word: str) -> str:
        """Wait."""
        under_way.set()
        go_on.wait(CEILING_S)
        return word

    async def run() -> None:
        task = asyncio.create_task(create_agent(model(asks(CALL)), [wait]).ainvoke(QUESTION, sent.config()))
        assert await asyncio.to_thread(under_way.wait, CEILING_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (told,) = executions(handler)
        assert (told.cancelled, told.result, told.tool_call_error) == (True, None, None)
        go_on.set()

    asyncio.run(run())  # waits for the thread
    (told,) = executions(handler)
    assert (told.cancelled, told.result, told.tool_call_error) == (None, "x", False)
    (stamped,) = sent.metadata(run_type="tool")
    assert stamped["respmeta_event"] == "tool_call_completed"


def test_a_tool_beside_one_that_fails(sent: Sent, handler: RespMetaHandler) -> None:
    """LangGraph cancels the others: they have not failed."""
    waiting = Waiting()

    @tool
    async def fail(word: str) -> str:
        """Fail."""
        await asyncio.wait_for(waiting.started.wait(), CEILING_S)
        raise RuntimeError(word)

    async def run() -> None:
        agent = create_agent(model(asks(CALL, ("b", "fail", {"word": "no"}))), [waiting.tool(), fail])
        with pytest.raises(RuntimeError):
            await agent.ainvoke(QUESTION, sent.config())

    asyncio.run(run())
    told = {one.tool_name: one for one in executions(handler)}
    assert (told["wait"].cancelled, told["wait"].result, told["wait"].tool_call_error) == (True, None, None)
    assert (told["fail"].cancelled, told["fail"].result, told["fail"].tool_call_error) == (None, "no", True)
    (root,) = sent.roots()
    assert (root["respmeta_tool_errors"], root["respmeta_cancelled_tools"]) == (1, 1)


@pytest.mark.parametrize("error", [TimeoutError(), ValueError(), RuntimeError("")], ids=repr)
def test_an_error_without_words_is_no_empty_result(
    sent: Sent, handler: RespMetaHandler, error: Exception
) -> None:
    """A tool that raises CancelledError itself has failed, without an error text."""

    @tool
    def look(word: str) -> str:
        """Look."""
        raise error

    with pytest.raises(type(error)):
        create_agent(model(asks(("a", "look", {"word": "x"}))), [look]).invoke(QUESTION, sent.config())
    (told,) = executions(handler)
    assert (told.tool_call_error, told.result, told.cancelled) == (True, None, None)
    (stamped,) = sent.metadata(run_type="tool")
    assert stamped["respmeta_error_type"] == type(error).__name__
    assert "message" not in stamped["respmeta"]["error"]


def test_a_cancelled_call_that_is_made_again(sent: Sent, handler: RespMetaHandler) -> None:
    """The next run of the tool belongs to the same call, and what becomes of it is what the root counts."""
    fails = [asyncio.CancelledError()]

    @tool
    def wait(word: str) -> str:
        """Wait."""
        if fails:
            raise fails.pop()
        return f"{word}: waited"

    def run(_: Any) -> Any:
        asking = model(asks(CALL)).invoke("?")
        with pytest.raises(asyncio.CancelledError):
            wait.invoke(asking.tool_calls[0])
        return wait.invoke(asking.tool_calls[0])

    RunnableLambda(run).invoke("?", sent.config())
    first, second = executions(handler)
    assert (first.cancelled, first.attempt, second.cancelled, second.attempt) == (True, 1, None, 2)
    assert second.result == "x: waited"
    (root,) = sent.roots()
    assert (root["respmeta_tool_calls"], root["respmeta_tool_errors"]) == (1, 0)
    assert "respmeta_cancelled_tools" not in root


# --- an older core, which does not report the tool's end ---------------------------------------------------------------


def started(handler: RespMetaHandler) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Root, node and tool of an agent, each under way."""
    root, node, run = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    handler.on_chain_start(None, {}, run_id=root, metadata={})
    handler.on_chain_start(None, {}, run_id=node, parent_run_id=root, tags=["graph:step:2"], metadata={})
    handler.on_tool_start({"name": "wait"}, "", run_id=run, parent_run_id=node, inputs={}, tool_call_id="a")
    return root, node, run


def outcome(run: uuid.UUID) -> dict[str, Any]:
    tool_run = STATE[CALLS].run(run)
    assert tool_run is not None
    return tool_run.facts()


def test_of_a_tool_that_nobody_tells_of_the_cancelled_chain_around_it_tells(handler: RespMetaHandler) -> None:
    root, node, run = started(handler)
    handler.on_chain_error(asyncio.CancelledError(), run_id=node, parent_run_id=root)
    assert outcome(run)["cancelled"] is True
    assert run not in STATE[CALLS].live


def test_a_tool_that_ends_after_its_chain_was_cancelled_tells_its_own_end(handler: RespMetaHandler) -> None:
    root, node, run = started(handler)
    handler.on_chain_error(KeyboardInterrupt(), run_id=node, parent_run_id=root)
    before = outcome(run)["duration_s"]
    handler.on_tool_end(ToolMessage("done", tool_call_id="a"), run_id=run)
    told = outcome(run)
    assert (told.get("cancelled"), told["result"], told["tool_call_error"]) == (None, "done", False)
    assert told["duration_s"] > before
    handler.on_tool_error(ValueError("late"), run_id=run)
    assert outcome(run) == told, "its first own end counts"


def test_a_chain_that_fails_cancels_none_of_its_tools(handler: RespMetaHandler) -> None:
    root, node, run = started(handler)
    handler.on_chain_error(ValueError(), run_id=node, parent_run_id=root)
    assert "cancelled" not in outcome(run)
    assert run in STATE[CALLS].live


def test_a_chain_remembers_so_many_tools_and_none_that_ended(handler: RespMetaHandler) -> None:
    _, node, run = started(handler)
    for _ in range(graph_places.MAX_TOOLS + 10):
        handler.on_tool_start(
            {"name": "x"}, "", run_id=uuid.uuid4(), parent_run_id=node, tool_call_id=str(uuid.uuid4())
        )
    place = STATE[graph_places.PLACES][node]
    assert len(place.tools) == graph_places.MAX_TOOLS
    handler.on_tool_end("done", run_id=run)
    assert run not in place.tools


def test_a_node_of_tools_in_a_graph_of_ones_own(sent: Sent, handler: RespMetaHandler) -> None:
    async def run() -> None:
        waiting = Waiting()
        graph = StateGraph(MessagesState)
        answers = model(asks(CALL))
        graph.add_node("ask", lambda state: {"messages": [answers.invoke(state["messages"])]})
        graph.add_node("tools", ToolNode([waiting.tool(), look_up]))
        graph.add_edge(START, "ask")
        graph.add_edge("ask", "tools")
        await cancel_task(graph.compile(), sent.config(), waiting.started)

    asyncio.run(run())
    told_of(sent, handler)
