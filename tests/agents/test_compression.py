"""What middleware took out of the messages."""

from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import ClearToolUsesEdit, ContextEditingMiddleware, SummarizationMiddleware
from langchain_core.messages import AIMessage, RemoveMessage
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph

from langchain_respmeta import RespMetaHandler
from tests.agents.fakes import QUESTION, Sent, asks, model


@tool
def read(page: int) -> str:
    """Read a page."""
    return f"page {page}: " + "word " * 400


def pages(count: int) -> list[AIMessage]:
    """Answers that ask for a page each."""
    return [asks((f"p{page}", "read", {"page": page})) for page in range(count)]


def test_summaries(sent: Sent, handler: RespMetaHandler):
    summing = SummarizationMiddleware(model(*["the gist"] * 5), trigger=("tokens", 900), keep=("messages", 2))
    create_agent(model(*pages(3), "done"), [read], middleware=[summing]).invoke(QUESTION, sent.config())
    told = [record.compression_stats for record in handler.records if record.compression_stats]
    assert told
    first = told[0]
    assert first["by"] == "SummarizationMiddleware"
    assert first["messages_before"] > first["messages_after"]
    assert first["tokens_before"] > 900 > first["tokens_after"]
    assert first["tokens_source"] == "approximate"
    assert sent.roots()[0]["respmeta"]["rollup"]["compression_stats"] == told[-1]
    stamped = [one["respmeta"].get("compression_stats") for one in sent.metadata(run_type="llm")]
    assert first in stamped


def test_context_editing(sent: Sent, handler: RespMetaHandler):
    editing = ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=900, keep=1)])
    create_agent(model(*pages(4), "done"), [read], middleware=[editing]).invoke(QUESTION, sent.config())
    told = [record.compression_stats for record in handler.records]
    assert told[:2] == [None, None]
    last = told[-1]
    assert last is not None
    assert last["cleared_tool_results"] == 3
    assert last["messages_before"] == last["messages_after"]
    assert last["tokens_before"] > last["tokens_after"]


def test_messages_removed_by_a_node_of_ones_own(handler: RespMetaHandler):
    def forget(state: Any) -> Any:
        return {"messages": [RemoveMessage(id=state["messages"][0].id)]}

    def answer(state: Any) -> Any:
        return {"messages": [asked.invoke(state["messages"])]}

    asked = model("fine")
    graph = StateGraph(MessagesState)
    graph.add_node("forget", forget)
    graph.add_node("answer", answer)
    graph.add_edge(START, "forget")
    graph.add_edge("forget", "answer")
    messages = [("user", "one"), ("ai", "two"), ("user", "three")]
    graph.compile().invoke({"messages": messages}, {"callbacks": [handler]})
    (record,) = handler.records
    assert record.compression_stats is not None
    assert (record.compression_stats["messages_before"], record.compression_stats["messages_after"]) == (3, 2)


def test_nothing_removed_nothing_told(handler: RespMetaHandler):
    create_agent(model(*pages(1), "done"), [read]).invoke(QUESTION, {"callbacks": [handler]})
    assert [record.compression_stats for record in handler.records] == [None, None]
