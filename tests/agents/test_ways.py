"""The same facts for each way of running an agent: streamed, async, over HTTP, inside another agent's tool."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ClearToolUsesEdit, ContextEditingMiddleware, HumanInTheLoopMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer, chat_model
from tests.agents.bodies import BODIES, MODELS, openai
from tests.agents.fakes import QUESTION, TOOLS, Sent, State, asker, asks, executions, look_up, model

PAIR: Any = (("a", "look_up", {"word": "x"}), ("b", "delegate", {"task": "y"}))
MOVE: Any = ("c", "move", {"city": "Rome"})


def agent(answers: Any, **options: Any) -> Any:
    return create_agent(answers, list(TOOLS), **{"state_schema": State, **options})


def invoke(runnable: Any, given: Any, config: Any) -> None:
    runnable.invoke(given, config)


def stream(runnable: Any, given: Any, config: Any) -> None:
    for _ in runnable.stream(given, config, stream_mode=["messages", "updates"]):
        pass


def ainvoke(runnable: Any, given: Any, config: Any) -> None:
    asyncio.run(runnable.ainvoke(given, config))


def astream(runnable: Any, given: Any, config: Any) -> None:
    async def drain() -> None:
        async for _ in runnable.astream(given, config, stream_mode=["messages", "values"]):
            pass

    asyncio.run(drain())


def astream_events(runnable: Any, given: Any, config: Any) -> None:
    async def drain() -> None:
        async for _ in runnable.astream_events(given, config, version="v2"):
            pass

    asyncio.run(drain())


WAYS: list[Callable[[Any, Any, Any], None]] = [invoke, stream, ainvoke, astream, astream_events]
each_way = pytest.mark.parametrize("run", WAYS, ids=lambda way: way.__name__)


@each_way
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_tools_of_real_models_over_http(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler, run: Any, provider: str
):
    turns = [BODIES[provider]("", *PAIR, MOVE), BODIES[provider]("done")]
    url = replay.add(provider, f"ways-{sent.project}", turns, by="turn")
    run(agent(chat_model(provider, url, MODELS[provider])), QUESTION, sent.config())
    first, last = handler.records
    assert first.streamed is (run in {stream, astream, astream_events})
    told = {one.tool_call_id: one for one in first.tool_executions}
    assert {key: one.result for key, one in told.items()} == {"a": "x: found", "b": "Y", "c": "moved"}
    assert all(one.duration_s and one.tool_call_error is False for one in told.values())
    (inner,) = [one for one in sent.runs() if one["name"] == "inner"]
    assert told["b"].child_run_id == inner["id"]
    assert first.updated_session_state == {"city": "Rome"}
    assert last.tool_executions == ()
    stamped = {one["respmeta_tool_call_id"] for one in sent.metadata(run_type="tool")}
    assert stamped == {"a", "b", "c"}
    (root,) = sent.roots()
    assert (root["respmeta_tool_calls"], root["respmeta_tool_errors"]) == (3, 0)
    assert root["respmeta"]["rollup"]["updated_session_state"] == {"city": "changed"}


@each_way
def test_a_tool_that_raises(sent: Sent, handler: RespMetaHandler, run: Any):
    with pytest.raises(RuntimeError):
        run(agent(model(asks(("a", "explode", {"reason": "no"})))), QUESTION, sent.config())
    (told,) = executions(handler)
    assert (told.tool_call_error, told.result) == (True, "no")
    assert sent.metadata(run_type="tool")[0]["respmeta_error_type"] == "RuntimeError"


@each_way
def test_messages_taken_out(sent: Sent, handler: RespMetaHandler, run: Any):
    editing = ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=10, keep=0)])
    run(agent(model(asks(PAIR[0]), "done"), middleware=[editing]), QUESTION, sent.config())
    told = handler.records[-1].compression_stats
    assert told is not None
    assert (told["by"], told["cleared_tool_results"]) == ("context_editing", 1)
    assert {"messages_before", "messages_after", "tokens_before", "tokens_after"} <= told.keys()


class Weather(BaseModel):
    """The weather."""

    degrees: int


@each_way
@pytest.mark.parametrize("strategy", [ToolStrategy, ProviderStrategy])
def test_an_agents_object_over_http(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler, run: Any, strategy: Any
):
    by_tool = strategy is ToolStrategy
    body = openai("", ("w", "Weather", {"degrees": 7})) if by_tool else openai('{"degrees": 7}')
    url = replay.add("openai", f"object-{sent.project}", body)
    asking = create_agent(chat_model("openai", url, "gpt-5-mini"), [], response_format=strategy(Weather))
    run(asking, QUESTION, sent.config())
    (record,) = handler.records
    told = record.structured_output
    assert told is not None
    assert (told.requested, told.parsed, told.type_name) == (True, True, "Weather")
    assert executions(handler) == []


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["batched", "per_call"])
def test_reviews_in_async_code_with_a_checkpoint_on_disk(
    sent: Sent, handler: RespMetaHandler, tmp_path: Any, mode: Any
):
    async def run() -> None:
        review = HumanInTheLoopMiddleware({"look_up": True}, interrupt_mode=mode)
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "agent.db")) as saver:
            reviewed = agent(model(asks(PAIR[0]), "done"), middleware=[review], checkpointer=saver)
            await reviewed.ainvoke(QUESTION, sent.config())
            assert [one.requires_confirmation for one in executions(handler)] == [True]
            (waiting,) = (await reviewed.aget_state(sent.config())).interrupts
            decision = {"type": "approve"}
            answer = {"decisions": [decision]} if mode == "batched" else {waiting.id: decision}
            await reviewed.ainvoke(Command(resume=answer), sent.config())

    asyncio.run(run())
    (told,) = executions(handler)
    assert (told.confirmed, told.result) == (True, "x: found")
    assert [root.get("respmeta_waiting_calls") for root in sent.roots()] == [1, None]


def reviewing_graph(answers: Any, saver: Any) -> Any:
    """A graph of one's own: a node asks before the tools run."""

    def ask(state: Any) -> Any:
        return {"messages": [answers.invoke(state["messages"])]}

    def review(state: Any) -> Any:
        call = state["messages"][-1].tool_calls[0]
        said = interrupt({"action_request": {"action": call["name"], "args": call["args"]}})
        if said["type"] == "accept":
            return Command(goto="tools")
        return Command(update={"messages": [ToolMessage("no", tool_call_id=call["id"])]})

    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_node("review", review, destinations=("tools",))
    graph.add_node("tools", ToolNode([look_up]))
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "review")
    return graph.compile(checkpointer=saver)


@pytest.mark.parametrize(("word", "confirmed"), [("accept", True), ("ignore", False)])
def test_a_plain_interrupt_in_a_node(sent: Sent, handler: RespMetaHandler, word: str, *, confirmed: bool):
    from langgraph.checkpoint.memory import InMemorySaver

    graph = reviewing_graph(model(asks(PAIR[0])), InMemorySaver())
    graph.invoke(QUESTION, sent.config())
    assert [one.requires_confirmation for one in executions(handler)] == [True]
    graph.invoke(Command(resume={"type": word}), sent.config())
    (told,) = executions(handler)
    assert (told.confirmed, told.result) == (confirmed, "x: found" if confirmed else None)
    assert sent.roots()[1].get("respmeta_rejected_calls") == (None if confirmed else 1)


# --- agents in tools -------------------------------------------------------------------------------------------------


def test_an_agent_in_a_tool(sent: Sent, handler: RespMetaHandler):
    inner = create_agent(
        model(asks(("inner_a", "look_up", {"word": "y"})), "found"), [look_up], name="researcher"
    )

    @tool
    def research(question: str) -> str:
        """Have an agent find out."""
        return str(inner.invoke({"messages": [HumanMessage(question)]})["messages"][-1].content)

    outer = create_agent(model(asks(("outer_a", "research", {"question": "y?"})), "done"), [research])
    outer.invoke(QUESTION, sent.config())
    told = {one.tool_call_id: one for one in executions(handler)}
    (graph,) = [run for run in sent.runs() if run["name"] == "researcher"]
    assert told["outer_a"].child_run_id == graph["id"]
    assert (told["inner_a"].result, told["inner_a"].child_run_id) == ("y: found", None)
    (root,) = sent.roots()
    assert (root["respmeta_tool_calls"], root["respmeta_llm_calls"]) == (2, 4)


def test_a_hand_over_to_another_agent(sent: Sent, handler: RespMetaHandler):
    @tool
    def to_the_expert(topic: str) -> Command[Any]:
        """Hand over."""
        reply = ToolMessage("handed over", tool_call_id="a")
        return Command(goto="expert", graph=Command.PARENT, update={"topic": topic, "messages": [reply]})

    class Topic(MessagesState):
        topic: str

    graph = StateGraph(Topic)
    graph.add_node(
        "first", create_agent(model(asks(("a", "to_the_expert", {"topic": "x"}))), [to_the_expert])
    )
    graph.add_node("expert", create_agent(model("done"), []))
    graph.add_edge(START, "first")
    graph.compile().invoke(QUESTION, sent.config())
    (told,) = executions(handler)
    assert (told.tool_call_error, told.result) == (False, "handed over")
    assert asker(handler).updated_session_state == {"topic": "x"}
    assert sent.roots()[0]["respmeta_tool_errors"] == 0
