"""What a handler adds to one call of a model, beside its peers, interleaved in one run.

Two clocks: CPU of the calling thread (what the user's call waits for) and CPU of the whole process (what the machine
pays, background threads included). Each figure is the median over rounds of the mean over calls, less the same round's
for no handler at all. `LangChainTracer` sends to nowhere, with its usual background thread.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.enrich.prices import price

CHUNKS = 100

USAGE = {
    "input_tokens": 1117,
    "output_tokens": 223,
    "total_tokens": 1340,
    "input_token_details": {"audio": 0, "cache_read": 512},
    "output_token_details": {"audio": 0, "reasoning": 64},
}


def _metadata() -> dict[str, Any]:
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
        "model_name": "gpt-5-mini-2025-08-07",
        "system_fingerprint": "fp_34a54ae93c",
        "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
        "service_tier": "default",
        "finish_reason": "stop",
        "logprobs": None,
    }


class ChatOpenAI(BaseChatModel):
    """An answer of OpenAI's shape, without the network."""

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        message = AIMessage("Hello there", usage_metadata=USAGE, response_metadata=_metadata())
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for index in range(CHUNKS + 1):
            last = index == CHUNKS
            chunk = ChatGenerationChunk(
                message=AIMessageChunk(
                    "" if last else "word ",
                    usage_metadata=USAGE if last else None,
                    response_metadata={"model_name": "gpt-5-mini-2025-08-07", "finish_reason": "stop"}
                    if last
                    else {},
                )
            )
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


class NoOp(BaseCallbackHandler):
    """The floor: what core's dispatch itself costs."""

    run_inline = True

    def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
        pass


class Nowhere(requests.Session):
    """Takes everything and sends nothing: the wire itself is not measured."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 202
        response._content = b"{}"  # noqa: SLF001 - requests has no other way
        return response


def tracer() -> LangChainTracer:
    """LangSmith's tracer with its usual background thread, sending to nowhere."""
    return LangChainTracer(client=Client(session=Nowhere(), api_key="x", api_url="http://127.0.0.1:9"))


@dataclass(frozen=True)
class Variant:
    """One row of the table."""

    name: str
    handlers: Callable[[], list[Any]]


VARIANTS = (
    Variant("no handler", list),
    Variant("no-op handler", lambda: [NoOp()]),
    Variant("UsageMetadataCallbackHandler", lambda: [UsageMetadataCallbackHandler()]),
    Variant("RespMetaHandler", lambda: [RespMetaHandler()]),
    Variant("LangChainTracer", lambda: [tracer()]),
    Variant("LangChainTracer + RespMetaHandler", lambda: [tracer(), RespMetaHandler(feedback=False)]),
)

_LOOP = asyncio.Runner()


def _invoke(model: Any, config: Any) -> None:
    model.invoke("hi", config=config)


def _stream(model: Any, config: Any) -> None:
    for _ in model.stream("hi", config=config):
        pass


def _ainvoke(model: Any, config: Any) -> None:
    _LOOP.run(model.ainvoke("hi", config=config))


@dataclass(frozen=True)
class Way:
    """How the model is called, and how often in a round."""

    name: str
    call: Callable[[Any, Any], None]
    calls: int


WAYS = (
    Way("invoke", _invoke, 200),
    Way("ainvoke", _ainvoke, 100),
    Way(f"stream of {CHUNKS} chunks", _stream, 20),
)


@dataclass
class Measured:
    """µs added to one call, over no handler."""

    thread: float
    process: float


def measure(way: Way, *, rounds: int = 15) -> dict[str, Measured]:
    """Every variant in turn, `rounds` times."""
    price.preload()
    model = ChatOpenAI()
    handlers = {variant.name: {"callbacks": variant.handlers()} for variant in VARIANTS}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in handlers}
    for config in handlers.values():
        way.call(model, config)
    time.sleep(1.5)
    for _ in range(rounds):
        for name, config in handlers.items():
            times[name].append(_round(way, model, config))
            time.sleep(0.05)
    floor = times.pop("no handler")
    return {name: _added(rows, floor) for name, rows in times.items()}


def _added(rows: list[tuple[float, float]], floor: list[tuple[float, float]]) -> Measured:
    """The median over rounds of what was more than in the same round without a handler: a machine's mood cancels out."""
    more = [
        (thread - base[0], process - base[1]) for (thread, process), base in zip(rows, floor, strict=True)
    ]
    return Measured(*(statistics.median(column) for column in zip(*more, strict=True)))


def _round(way: Way, model: Any, config: Any) -> tuple[float, float]:
    gc.collect()
    gc.disable()
    thread, process = time.thread_time(), time.process_time()
    for _ in range(way.calls):
        way.call(model, config)
    spent = time.thread_time() - thread
    for handler in config.get("callbacks", ()):
        if isinstance(handler, RespMetaHandler):
            handler.summary()  # what waits for the reader belongs to this variant
    total = time.process_time() - process
    gc.enable()
    return spent / way.calls * 1e6, total / way.calls * 1e6
