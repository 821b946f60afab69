"""The tables: what is called, and how often in one round."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.calls import ChatOpenAI

Config = dict[str, Any]
Block = Callable[[Config, int], None]
"""Makes so many calls with this config."""

CONCURRENT = 1_000


@dataclass(frozen=True)
class Scenario:
    """One table."""

    name: str
    title: str
    make: Callable[..., Block]
    """Takes fields of the model."""
    calls: int
    """In one round of one row."""
    rounds: int = 60
    compressing: bool = False
    """Whether LangSmith's server takes compressed runs."""


def _repeated(call: Callable[[Config], object]) -> Block:
    def block(config: Config, calls: int) -> None:
        for _ in range(calls):
            call(config)

    return block


def _plain(**fields: Any) -> Block:
    model = ChatOpenAI(**fields)
    return _repeated(lambda config: model.invoke("hi", config=config))


def _openai(**_: Any) -> Block:
    from benchmarks.openai_mock import model_of

    model = model_of()
    return _repeated(lambda config: model.invoke("hi", config=config))


def _chain(**fields: Any) -> Block:
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    chain = (
        ChatPromptTemplate.from_messages([("user", "{question}")]) | ChatOpenAI(**fields) | StrOutputParser()
    )
    return _repeated(lambda config: chain.invoke({"question": "hi"}, config=config))


def _agent(**fields: Any) -> Block:
    from langchain.agents import create_agent
    from langchain_core.tools import tool

    @tool
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    agent = create_agent(ChatOpenAI(**fields), [weather])
    return _repeated(lambda config: agent.invoke({"messages": [("user", "hi")]}, config=config))


def _stream(chunks: int) -> Callable[..., Block]:
    def make(**fields: Any) -> Block:
        model = ChatOpenAI(chunks=chunks, **fields)

        def call(config: Config) -> None:
            for _ in model.stream("hi", config=config):
                pass

        return _repeated(call)

    return make


@cache
def _loop() -> asyncio.Runner:
    """One loop for all, as a server has: its threads stay."""
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def _ainvoke(**fields: Any) -> Block:
    model = ChatOpenAI(**fields)

    async def block(config: Config, calls: int) -> None:
        for _ in range(calls):
            await model.ainvoke("hi", config=config)

    return lambda config, calls: _loop().run(block(config, calls))


def _concurrent(**fields: Any) -> Block:
    model = ChatOpenAI(**fields)

    async def block(config: Config, calls: int) -> None:
        await asyncio.gather(*(model.ainvoke("hi", config=config) for _ in range(calls)))

    return lambda config, calls: _loop().run(block(config, calls))


SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("plain", "a plain call", _plain, 20),
        Scenario("openai", "`langchain_openai.ChatOpenAI` over a mock transport", _openai, 10),
        Scenario("chain", "prompt | model | parser", _chain, 10),
        Scenario("agent", "`create_agent`: two model calls and a tool", _agent, 3),
        Scenario("stream-100", "a stream of 100 chunks", _stream(100), 3),
        Scenario("stream-1000", "a stream of 1,000 chunks", _stream(1_000), 1, rounds=30),
        Scenario("ainvoke", "`ainvoke`", _ainvoke, 20),
        Scenario("concurrent", f"{CONCURRENT:,} concurrent `ainvoke`s", _concurrent, CONCURRENT, rounds=4),
        Scenario(
            "compressed",
            "a plain call, runs compressed as LangSmith's cloud asks",
            _plain,
            20,
            compressing=True,
        ),
    )
}
