"""What is called without a network: a model of ChatOpenAI's shape, and LangSmith's tracer, which sends to nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

os.environ["LANGSMITH_TRACING"] = "false"  # the tracers here are passed by hand

import requests
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tracers.langchain import LangChainTracer
from langchain_core.utils.function_calling import convert_to_openai_tool
from langsmith import Client

MODEL = "gpt-5-mini-2025-08-07"

USAGE = {
    "input_tokens": 1117,
    "output_tokens": 223,
    "total_tokens": 1340,
    "input_token_details": {"audio": 0, "cache_read": 512},
    "output_token_details": {"audio": 0, "reasoning": 64},
}


def metadata(finish_reason: str = "stop") -> dict[str, Any]:
    """What langchain-openai hands over with an answer."""
    return {
        "token_usage": {
            "completion_tokens": 223,
            "prompt_tokens": 1117,
            "total_tokens": 1340,
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0,
                "audio_tokens": 0,
                "reasoning_tokens": 64,
                "rejected_prediction_tokens": 0,
            },
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 512},
        },
        "model_provider": "openai",
        "model_name": MODEL,
        "system_fingerprint": "fp_34a54ae93c",
        "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
        "service_tier": "default",
        "finish_reason": finish_reason,
        "logprobs": None,
    }


class ChatOpenAI(BaseChatModel):
    """An answer of OpenAI's shape, without the network; with tools it asks for one first."""

    chunks: int = 100
    """Of a stream, the last one with the usage not counted."""

    asked: str | None = None
    """The model's name as it is asked for; some libraries take no notice of a model without."""

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.asked} if self.asked else {}

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        if kwargs.get("tools") and not isinstance(messages[-1], ToolMessage):
            message = AIMessage(
                "",
                tool_calls=[{"name": "weather", "args": {"city": "Paris"}, "id": "call_1"}],
                usage_metadata=USAGE,
                response_metadata=metadata("tool_calls"),
            )
        else:
            message = AIMessage("Hello there", usage_metadata=USAGE, response_metadata=metadata())
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for index in range(self.chunks + 1):
            last = index == self.chunks
            chunk = ChatGenerationChunk(
                message=AIMessageChunk(
                    "" if last else "word ",
                    usage_metadata=USAGE if last else None,
                    response_metadata={"model_name": MODEL, "finish_reason": "stop"} if last else {},
                )
            )
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


class NoOp(BaseCallbackHandler):
    """The least: what core's dispatch itself costs."""

    run_inline = True

    def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
        pass


class Nowhere(requests.Session):
    """Takes everything and sends nothing: the wire itself is not measured."""

    answer: bytes = b"{}"

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 202
        response._content = self.answer  # noqa: SLF001 - requests has no other way
        return response


class Compressing(Nowhere):
    """A server that takes compressed runs, so that the SDK packs each on the caller's thread, as LangSmith's cloud does."""

    answer = b'{"version": "1", "instance_flags": {"zstd_compression_enabled": true}}'


def tracer(*, compressing: bool = False) -> LangChainTracer:
    """LangSmith's tracer with its usual background thread, sending to nowhere."""
    session = Compressing() if compressing else Nowhere()
    client = Client(session=session, api_key="x", api_url="http://127.0.0.1:9")
    return LangChainTracer(project_name="benchmarks", client=client)
