"""Calls through LangSmith's wrappers with the real SDKs, answered by the replay server."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import anthropic
import openai
from google import genai
from langsmith import wrappers

from langchain_respmeta.demo import ReplayServer, demo_scenarios

SCENARIOS: Final = demo_scenarios()
Call: TypeAlias = Callable[[ReplayServer, str, str], Any]
"""Server, provider and scenario → what the SDK gives; a stream is read to its end."""


def _options(provider: str, scenario: str) -> dict[str, Any]:
    one = SCENARIOS[provider][scenario]
    return {"model": one.model, "messages": one.messages, **one.bind}


def openai_client(replay: ReplayServer, provider: str, scenario: str) -> Any:
    url = f"{replay.base_url(provider, scenario)}/v1"
    return wrappers.wrap_openai(openai.OpenAI(base_url=url, api_key="any", max_retries=0))


def _async_openai(replay: ReplayServer, provider: str, scenario: str) -> Any:
    url = f"{replay.base_url(provider, scenario)}/v1"
    return wrappers.wrap_openai(openai.AsyncOpenAI(base_url=url, api_key="any", max_retries=0))


_STREAMED: Final[Mapping[str, Any]] = {"stream": True, "stream_options": {"include_usage": True}}


def chat(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`chat.completions.create`."""
    return openai_client(replay, provider, scenario).chat.completions.create(**_options(provider, scenario))


def chat_parse(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`chat.completions.parse`."""
    return openai_client(replay, provider, scenario).chat.completions.parse(**_options(provider, scenario))


def chat_raw(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`with_raw_response`."""
    client = openai_client(replay, provider, scenario)
    return client.chat.completions.with_raw_response.create(**_options(provider, scenario)).parse()


def chat_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`stream=True`."""
    client = openai_client(replay, provider, scenario)
    return list(client.chat.completions.create(**_options(provider, scenario), **_STREAMED))


def chat_async(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """The same with `AsyncOpenAI`."""

    async def ask() -> Any:
        async with _async_openai(replay, provider, scenario) as client:
            return await client.chat.completions.create(**_options(provider, scenario))

    return asyncio.run(ask())


def chat_async_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """Its stream."""

    async def ask() -> Any:
        async with _async_openai(replay, provider, scenario) as client:
            stream = await client.chat.completions.create(**_options(provider, scenario), **_STREAMED)
            return [chunk async for chunk in stream]

    return asyncio.run(ask())


def responses(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`responses.create`."""
    one = SCENARIOS[provider][scenario]
    return openai_client(replay, provider, scenario).responses.create(model=one.model, input=one.messages)


def responses_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """Its stream."""
    one = SCENARIOS[provider][scenario]
    client = openai_client(replay, provider, scenario)
    return list(client.responses.create(model=one.model, input=one.messages, stream=True))


def messages(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`messages.create`."""
    url = replay.base_url(provider, scenario)
    client = wrappers.wrap_anthropic(anthropic.Anthropic(base_url=url, api_key="any", max_retries=0))
    return client.messages.create(max_tokens=64, **_options(provider, scenario))


def messages_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`stream=True`."""
    url = replay.base_url(provider, scenario)
    client = wrappers.wrap_anthropic(anthropic.Anthropic(base_url=url, api_key="any", max_retries=0))
    return list(client.messages.create(max_tokens=64, stream=True, **_options(provider, scenario)))


def messages_text_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`messages.stream`, read as text."""
    url = replay.base_url(provider, scenario)
    client = wrappers.wrap_anthropic(anthropic.Anthropic(base_url=url, api_key="any", max_retries=0))
    with client.messages.stream(max_tokens=64, **_options(provider, scenario)) as stream:
        return list(stream.text_stream)


def messages_async(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """The same with `AsyncAnthropic`."""
    url = replay.base_url(provider, scenario)

    async def ask() -> Any:
        client = anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0)
        async with wrappers.wrap_anthropic(client) as wrapped:
            return await wrapped.messages.create(max_tokens=64, **_options(provider, scenario))

    return asyncio.run(ask())


def _gemini(replay: ReplayServer, provider: str, scenario: str) -> Any:
    options: Any = {"base_url": replay.base_url(provider, scenario)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wrapper is in beta
        return wrappers.wrap_gemini(genai.Client(api_key="any", http_options=options))


def generate(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """`generate_content`."""
    with _gemini(replay, provider, scenario) as client:
        return client.models.generate_content(model=SCENARIOS[provider][scenario].model, contents="Why?")


def generate_stream(replay: ReplayServer, provider: str, scenario: str) -> Any:
    """Its stream."""
    with _gemini(replay, provider, scenario) as client:
        model = SCENARIOS[provider][scenario].model
        return list(client.models.generate_content_stream(model=model, contents="Why?"))
