"""A stream derived from an answer gives the same facts as the answer, through the real integration class."""

import asyncio
from functools import reduce
from operator import add
from typing import Any

import pytest

from langchain_respmeta.cli.demo.wire import Request, openai_chat
from langchain_respmeta.demo import ReplayServer, Scenario, demo_scenarios, scenario_runnable
from tests.cli.demo.scenarios import by_provider, scenarios

FINISH_KEYS = ("finish_reason", "stop_reason", "stop_sequence", "stopReason", "status", "incomplete_details")

# langchain-core's merging of chunks changes these, whatever the provider sends: checked on the wire further down.
MERGED = {"n2", "invalid_tool_call"}

NOISE = [
    r"ignore:\s*Warning",  # langchain-google-genai on code execution: output may vary each run
    "ignore:The model .* is deprecated",  # the seeds are of 2025
    # Sockets and loops that other tests' clients leave to the garbage collector are found during any later test.
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
]


def said(message: Any) -> dict[str, Any]:
    finish = {key: message.response_metadata.get(key) for key in FINISH_KEYS}
    usage = message.usage_metadata or {}
    totals = [usage.get(key) for key in ("input_tokens", "output_tokens", "total_tokens")]
    return {"text": message.text, "tool_calls": message.tool_calls, "finish": finish, "tokens": totals}


@pytest.mark.filterwarnings("error", *NOISE)
@pytest.mark.parametrize("scenario", [c for c in scenarios(failing=False) if c.values[0].name not in MERGED])
def test_stream_adds_up_to_the_body(replay: ReplayServer, scenario: Scenario) -> None:
    model = scenario_runnable(replay, scenario)
    whole = said(model.invoke(scenario.messages))
    streamed = said(reduce(add, model.stream(scenario.messages)))
    if scenario.name == "prompt_blocked":  # its usage is kept by the integration in streams only
        assert whole.pop("tokens") != streamed.pop("tokens")
    assert streamed == whole


@pytest.mark.parametrize("scenario", by_provider("basic"), ids=lambda s: s.provider)
def test_several_events_reach_the_caller(replay: ReplayServer, scenario: Scenario) -> None:
    texts = [chunk.text for chunk in scenario_runnable(replay, scenario).stream(scenario.messages)]
    assert sum(1 for text in texts if text) > 5


@pytest.mark.parametrize("scenario", by_provider("basic"), ids=lambda s: s.provider)
def test_async_stream_says_the_same(replay: ReplayServer, scenario: Scenario) -> None:
    model = scenario_runnable(replay, scenario)

    async def both() -> tuple[Any, list[Any]]:
        whole = await model.ainvoke(scenario.messages)
        return whole, [chunk async for chunk in model.astream(scenario.messages)]

    # Not through a plugin that fails a test for what others leave: an SDK's client that is collected meanwhile wants
    # to close its connections on the loop of an earlier test.
    whole, chunks = asyncio.run(both())
    assert said(reduce(add, chunks)) == said(whole)


@pytest.mark.parametrize("provider", ["openai", "mistral", "fireworks"])
def test_choices_keep_apart_on_the_wire(provider: str) -> None:
    body = demo_scenarios()[provider]["n2"].answers[0].body
    texts: dict[int, str] = {}
    finishes: dict[int, str] = {}
    for choice in wire_choices(provider, body):
        texts[choice["index"]] = texts.get(choice["index"], "") + choice["delta"].get("content", "")
        if choice["finish_reason"]:
            finishes[choice["index"]] = choice["finish_reason"]
    assert texts == {c["index"]: c["message"]["content"] for c in body["choices"]}
    assert finishes == {c["index"]: c["finish_reason"] for c in body["choices"]}


def test_broken_arguments_stay_broken_on_the_wire() -> None:
    body = demo_scenarios()["openai"]["invalid_tool_call"].answers[0].body
    deltas = [choice["delta"] for choice in wire_choices("openai", body)]
    arguments = "".join(d["tool_calls"][0]["function"]["arguments"] for d in deltas if "tool_calls" in d)
    assert arguments == body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]


def wire_choices(provider: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    events = openai_chat.encode(body, Request("POST", provider, "n2", "/v1/chat/completions"))
    return [choice for event in events if event.data != "[DONE]" for choice in event.data["choices"]]


def test_usage_comes_only_where_it_was_asked_for() -> None:
    body = demo_scenarios()["openai"]["basic"].answers[0].body
    unasked = openai_chat.encode(body, Request("POST", "openai", "basic", "/v1/chat/completions"))
    assert not any("usage" in event.data for event in unasked if event.data != "[DONE]")
