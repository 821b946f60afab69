"""Structured output: whether the answer became the object, by every method and for agents."""

import json
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, StructuredOutputValidationError, ToolStrategy
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, MessagesState, StateGraph
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import chains, structured_output
from langchain_respmeta._process.state import STATE
from langchain_respmeta.demo import ReplayServer, chat_model
from langchain_respmeta.record.parts import StructuredOutput
from tests.agents.bodies import BODIES, MODELS, openai
from tests.agents.fakes import QUESTION, Sent, asks, executions, look_up, model


class Weather(BaseModel):
    """The weather."""

    degrees: int


GOOD, BAD = {"degrees": 7}, {"degrees": "cold"}
PARSED = StructuredOutput(requested=True, parsed=True, type_name="Weather", source="parsed")


def answered(provider: str, method: str, value: dict[str, Any]) -> dict[str, Any]:
    if method == "function_calling":
        return BODIES[provider]("", ("call", "Weather", value))
    return BODIES[provider](json.dumps(value))


@pytest.mark.parametrize("raw", ["", "include_raw"])
@pytest.mark.parametrize("shape", ["good", "bad"])
@pytest.mark.parametrize(
    ("provider", "method"),
    [
        ("openai", "function_calling"),
        ("openai", "json_mode"),
        ("openai", "json_schema"),
        ("anthropic", "function_calling"),
        ("anthropic", "json_schema"),
    ],
)
def test_every_method(
    sent: Sent,
    replay: ReplayServer,
    handler: RespMetaHandler,
    provider: str,
    method: str,
    shape: str,
    raw: str,
):
    good = shape == "good"
    url = replay.add(provider, "weather", answered(provider, method, GOOD if good else BAD))
    asking = chat_model(provider, url, MODELS[provider]).with_structured_output(
        Weather, method=method, include_raw=bool(raw)
    )
    raised = None
    try:
        asking.invoke("How is the weather? In JSON.", sent.config())
    except Exception as error:  # noqa: BLE001 - each method has an exception of its own
        raised = type(error).__name__
    (record,) = handler.records
    told = record.structured_output
    assert told is not None
    assert (told.requested, told.parsed) == (True, good)
    if good:
        assert told.type_name == "Weather"
        assert told.source == ("raw_json" if (provider, method) in TEXT else "parsed")
    else:
        assert told.error is not None
        assert raised in (None, told.error)
    assert executions(handler) == [], "the object in the shape of a call is no tool"
    parsers = [one for one in sent.metadata() if "respmeta_parsed" in one]
    # Where OpenAI's own SDK parses, it fails inside the call: then no parser runs.
    assert [one["respmeta_parsed"] for one in parsers] == (
        [] if (method, good) == ("json_schema", False) and not parsers else [good]
    )


TEXT = {("openai", "json_mode"), ("anthropic", "json_schema")}


@pytest.mark.parametrize("strategy", [ToolStrategy, ProviderStrategy])
def test_agents(handler: RespMetaHandler, strategy: Any):
    answer = asks(("a", "Weather", GOOD)) if strategy is ToolStrategy else json.dumps(GOOD)
    agent = create_agent(model(answer), [], response_format=strategy(Weather))
    assert agent.invoke(QUESTION, {"callbacks": [handler]})["structured_response"] == Weather(degrees=7)
    (record,) = handler.records
    assert record.structured_output == (
        PARSED
        if strategy is ToolStrategy
        else StructuredOutput(requested=True, parsed=True, type_name="Weather", source="raw_json")
    )
    assert record.tool_executions == ()


def test_an_agent_that_asks_again(handler: RespMetaHandler):
    agent = create_agent(
        model(asks(("a", "Weather", BAD)), asks(("b", "Weather", GOOD))),
        [],
        response_format=ToolStrategy(Weather),
    )
    agent.invoke(QUESTION, {"callbacks": [handler]})
    first, second = (record.structured_output for record in handler.records)
    assert first == StructuredOutput(requested=True, parsed=False, error="StructuredOutputError")
    assert second == PARSED
    assert executions(handler) == []


def test_an_agent_that_gives_up(handler: RespMetaHandler):
    strategy = ToolStrategy(Weather, handle_errors=False)
    agent = create_agent(model(asks(("a", "Weather", BAD))), [], response_format=strategy)
    with pytest.raises(StructuredOutputValidationError):
        agent.invoke(QUESTION, {"callbacks": [handler]})
    (record,) = handler.records
    assert record.structured_output == StructuredOutput(
        requested=True, parsed=False, error="StructuredOutputValidationError"
    )


@pytest.mark.parametrize("name", ["model", "agent"])
def test_a_node_that_runs_its_tools_itself_makes_no_object(handler: RespMetaHandler, name: str):
    asking = model(asks(("a", "look_up", {"word": "x"})))

    def think(state: MessagesState) -> dict[str, Any]:
        answer = asking.invoke(state["messages"])
        return {"messages": [answer, *(look_up.invoke(call) for call in answer.tool_calls)]}

    graph = StateGraph(MessagesState)
    graph.add_node(name, think)
    graph.add_edge(START, name)
    graph.compile().invoke(QUESTION, {"callbacks": [handler]})
    (record,) = handler.records
    assert record.structured_output is None
    assert [one.result for one in record.tool_executions] == ["x: found"]


@pytest.mark.parametrize("shape", [GOOD, BAD], ids=["good", "bad"])
def test_parsers_are_seen_without_graphs_and_tracers(
    handler: RespMetaHandler, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch, shape: dict[str, Any]
):
    monkeypatch.setattr(chains, "_modules", {})
    url = replay.add("openai", f"seen-{shape['degrees']}", openai("", ("call", "Weather", shape)))
    asking = chat_model("openai", url, "gpt-5-mini").with_structured_output(
        Weather, method="function_calling", include_raw=True
    )
    assert handler.ignore_chain
    asking.invoke("How is the weather?", {"callbacks": [handler]})
    (record,) = handler.records
    assert record.structured_output is not None
    assert record.structured_output.parsed is (shape is GOOD)
    assert handler.ignore_chain, "nobody listens to chains any more"


def test_a_streams_parser_has_started_before_and_is_not_waited_for(
    handler: RespMetaHandler, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chains, "_modules", {})
    monkeypatch.setattr(structured_output, "MAX_WAIT_S", 0.0)
    url = replay.add("openai", "streamed", openai("", ("call", "Weather", GOOD)))
    asking = chat_model("openai", url, "gpt-5-mini").with_structured_output(
        Weather, method="function_calling"
    )
    for _ in range(3):
        assert list(asking.stream("How is the weather?", {"callbacks": [handler]})) == [Weather(degrees=7)]
    assert len(STATE[structured_output.WAITING]) == 1, "prompts are let go"
    asking.first.invoke("Another call.", {"callbacks": [handler]})  # type: ignore[attr-defined]
    RunnableLambda(str.upper).invoke("any chain", {"callbacks": [handler]})
    assert handler.ignore_chain, "nobody listens to chains any more"


def test_no_parser_no_claim(handler: RespMetaHandler, replay: ReplayServer):
    url = replay.add("openai", "weather", BODIES["openai"](json.dumps(GOOD)))
    asking = chat_model("openai", url, "gpt-5-mini").bind(response_format={"type": "json_object"})
    asking.invoke("JSON, please.", {"callbacks": [handler]})
    (record,) = handler.records
    assert record.structured_output is not None
    assert (record.structured_output.requested, record.structured_output.parsed) == (True, None)
