"""The demo's calls: every integration in several ways, a chain, a traced function, an agent."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableConfig
from langsmith import traceable

from langchain_respmeta.cli.demo.answer import Scenario
from langchain_respmeta.cli.demo.models import scenario_model, scenario_runnable
from langchain_respmeta.cli.demo.replay import ReplayServer
from langchain_respmeta.cli.demo.scenarios import demo_scenarios
from langchain_respmeta.cli.demo.tools import TOOLS

__all__ = [
    "CALLS",
    "DemoCall",
    "MadeCall",
    "make_calls",
    "run_agent",
    "run_chain",
    "run_fallback",
    "run_traced_function",
]

Mode = Literal["invoke", "stream", "ainvoke", "astream"]


@dataclass(frozen=True, slots=True)
class DemoCall:
    """One call of one integration: its scenario, and the way to call."""

    provider: str
    name: str
    mode: Mode = "invoke"

    @property
    def asynchronous(self) -> bool:
        """Whether it needs an event loop."""
        return self.mode.startswith("a")

    @property
    def scenario(self) -> Scenario:
        """The demo answers."""
        return demo_scenarios()[self.provider][self.name]


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call, and the expected error that ended it."""

    call: DemoCall
    error: Exception | None = None


CALLS: tuple[DemoCall, ...] = (
    DemoCall("openai", "headers"),
    DemoCall("openai", "cached_reasoning", "stream"),
    DemoCall("openai", "parallel_tool_calls", "ainvoke"),
    DemoCall("openai", "refusal"),
    DemoCall("openai", "service_tier_flex", "astream"),
    DemoCall("openai", "n2"),
    DemoCall("openai", "logprobs"),
    DemoCall("openai", "error_429"),
    DemoCall("openai_responses", "web_search", "stream"),
    DemoCall("openai_responses", "file_search", "ainvoke"),
    DemoCall("openai_responses", "truncated", "astream"),
    DemoCall("anthropic", "thinking", "stream"),
    DemoCall("anthropic", "cache_write"),
    DemoCall("anthropic", "web_search", "ainvoke"),
    DemoCall("anthropic", "documents"),
    DemoCall("anthropic", "refusal", "astream"),
    DemoCall("anthropic", "pause_turn"),
    DemoCall("anthropic", "stop_sequence", "stream"),
    DemoCall("google", "basic"),
    DemoCall("google", "cached_thoughts", "stream"),
    DemoCall("google", "grounding", "ainvoke"),
    DemoCall("google", "prompt_blocked"),
    DemoCall("google", "safety", "astream"),
    DemoCall("bedrock", "basic", "stream"),
    DemoCall("bedrock", "cached"),
    DemoCall("bedrock", "guardrail", "stream"),
    DemoCall("bedrock", "tool_call", "ainvoke"),
    DemoCall("mistral", "thinking", "stream"),
    DemoCall("mistral", "truncated", "ainvoke"),
    DemoCall("groq", "cached_reasoning"),
    DemoCall("groq", "service_tier_flex", "astream"),
    DemoCall("fireworks", "basic", "stream"),
    DemoCall("fireworks", "reasoning", "ainvoke"),
)


def make_calls(
    replay: ReplayServer, config: RunnableConfig, calls: tuple[DemoCall, ...] = CALLS
) -> Iterator[MadeCall]:
    """Make the synchronous calls one after the other, then the asynchronous ones at the same time."""
    for call in calls:
        if not call.asynchronous:
            yield _outcome(call, replay, config)
    yield from asyncio.run(_together(replay, config, [call for call in calls if call.asynchronous]))


def _prepared(
    call: DemoCall, replay: ReplayServer, config: RunnableConfig
) -> tuple[Runnable[Any, Any], Any, Any]:
    named = config | {"run_name": f"{call.provider} {call.name}", "tags": [call.mode]}
    return scenario_runnable(replay, call.scenario), call.scenario.messages, named


def _outcome(call: DemoCall, replay: ReplayServer, config: RunnableConfig) -> MadeCall:
    """Make a call; only a scenario of failures may fail."""
    model, messages, named = _prepared(call, replay, config)
    try:
        _SYNC[call.mode](model, messages, named)
    except Exception as error:
        if not call.scenario.failing:
            raise
        return MadeCall(call, error)
    return MadeCall(call)


async def _together(replay: ReplayServer, config: RunnableConfig, calls: list[DemoCall]) -> list[MadeCall]:
    # Models are created before: creating one blocks the loop.
    prepared = [_prepared(call, replay, config) for call in calls]
    await asyncio.gather(*(_ASYNC[call.mode](*parts) for call, parts in zip(calls, prepared, strict=True)))
    return [MadeCall(call) for call in calls]


def _invoke(model: Runnable[Any, Any], messages: Any, config: Any) -> None:
    model.invoke(messages, config)


def _stream(model: Runnable[Any, Any], messages: Any, config: Any) -> None:
    deque(model.stream(messages, config), maxlen=0)


async def _ainvoke(model: Runnable[Any, Any], messages: Any, config: Any) -> None:
    await model.ainvoke(messages, config)


async def _astream(model: Runnable[Any, Any], messages: Any, config: Any) -> None:
    async for _ in model.astream(messages, config):
        pass


_SYNC = {"invoke": _invoke, "stream": _stream}
_ASYNC = {"ainvoke": _ainvoke, "astream": _astream}


def run_chain(replay: ReplayServer, config: RunnableConfig) -> str:
    """A chain of prompt, model and parser."""
    prompt = ChatPromptTemplate.from_template("Explain {thing} to a ten-year-old.")
    model = scenario_model(replay, demo_scenarios()["openai_responses"]["basic"])
    chain = prompt | model | StrOutputParser()
    return chain.invoke({"thing": "the Antikythera mechanism"}, config | {"run_name": "explain to a child"})


def run_traced_function(replay: ReplayServer, config: RunnableConfig) -> dict[str, str]:
    """A function of two models, traced by LangSmith's decorator."""

    @traceable(name="compare two models")
    def compare(question: str) -> dict[str, str]:
        scenarios = [demo_scenarios()[provider]["basic"] for provider in ("mistral", "groq")]
        return {
            each.provider: scenario_model(replay, each).invoke(question, config).text for each in scenarios
        }

    return compare("Which sorting algorithm does Python use, and who wrote it?")


def run_fallback(replay: ReplayServer, config: RunnableConfig) -> str:
    """A rate-limited model, and a fallback that answers."""
    limited = scenario_model(replay, demo_scenarios()["anthropic"]["error_429"])
    spare = scenario_model(replay, demo_scenarios()["anthropic"]["basic"])
    scenario = demo_scenarios()["anthropic"]["basic"]
    answer = limited.with_fallbacks([spare]).invoke(
        scenario.messages, config | {"run_name": "with a spare model"}
    )
    return str(answer.text)


def run_agent(replay: ReplayServer, config: RunnableConfig) -> str:
    """A LangGraph agent with two tools: three model calls, the first with two tool calls at once."""
    from langchain.agents import create_agent

    scenario = demo_scenarios()["anthropic"]["agent"]
    tools = [TOOLS["look_up_artifact"], TOOLS["years_between"]]
    agent: Any = create_agent(scenario_model(replay, scenario), tools)
    state = agent.invoke({"messages": scenario.messages}, config | {"run_name": "museum agent"})
    return str(state["messages"][-1].text)
