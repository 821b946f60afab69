"""OpenAI chat completions as a stream, also in the forms of Mistral, Groq and Fireworks.

Source: https://platform.openai.com/docs/api-reference/chat-streaming
"""

from collections.abc import Iterator
from typing import Any

from langchain_respmeta.cli.demo.wire.base import (
    Event,
    JsonObject,
    Request,
    argument_pieces,
    only,
    pieces,
    without,
)

_DONE = Event("[DONE]")
_NOT_IN_CHUNKS = ("choices", "usage", "object", "x_groq")
_REASONING_KEYS = ("reasoning_content", "reasoning")
_WHOLE_KEYS = ("executed_tools", "annotations", "audio")

# Providers that send usage without a request for it, and where.
# OpenAI: only with stream_options.include_usage, in a last chunk without choices.
# https://docs.mistral.ai/api/#tag/chat : in the chunk with the finish reason.
# https://console.groq.com/docs/api-reference#chat : in x_groq of the chunk with the finish reason.
_USAGE_ON_FINISH = frozenset({"mistral", "groq"})
# Both send a tool call in one chunk.
_WHOLE_TOOL_CALLS = frozenset({"mistral", "groq"})


def encode(body: JsonObject, request: Request) -> Iterator[Event]:
    """Yield the ``chat.completion.chunk`` events that add up to a ``chat.completion`` body."""
    frame = {**without(body, *_NOT_IN_CHUNKS), "object": "chat.completion.chunk"}
    choices = body.get("choices", [])
    for number, choice in enumerate(choices, start=1):
        for delta, extra in _deltas(choice, request):
            yield _chunk(frame, choice, delta, extra)
        beside = _on_finish(body, request) if number == len(choices) else {}
        yield _chunk({**frame, **beside}, choice, {}, {}, choice.get("finish_reason"))
    if _asked_for_usage(request) and "usage" in body and request.provider not in _USAGE_ON_FINISH:
        yield Event({**frame, "choices": [], "usage": body["usage"]})
    yield _DONE


def _chunk(
    frame: JsonObject,
    choice: JsonObject,
    delta: JsonObject,
    extra: JsonObject,
    finish_reason: str | None = None,
) -> Event:
    head = {"index": choice.get("index", 0), "delta": delta, "logprobs": None}
    return Event({**frame, "choices": [{**head, **extra, "finish_reason": finish_reason}]})


def _on_finish(body: JsonObject, request: Request) -> dict[str, object]:
    if request.provider not in _USAGE_ON_FINISH or "usage" not in body:
        return {}
    if request.provider == "groq":
        return {"x_groq": {**body.get("x_groq", {}), "usage": body["usage"]}}
    return {"usage": body["usage"]}


def _asked_for_usage(request: Request) -> bool:
    return bool((request.body.get("stream_options") or {}).get("include_usage"))


def _deltas(choice: JsonObject, request: Request) -> Iterator[tuple[dict[str, object], JsonObject]]:
    """Yield (delta, other keys of the choice): role, reasoning, content, refusal, tools."""
    message = choice.get("message", {})
    yield {"role": "assistant", "content": "", **only(message, *_WHOLE_KEYS)}, {}
    for key in _REASONING_KEYS:
        for piece in pieces(message.get(key) or ""):
            yield {key: piece}, {}
    yield from _content(message.get("content"), choice.get("logprobs"))
    for piece in pieces(message.get("refusal") or ""):
        yield {"refusal": piece}, {}
    for index, call in enumerate(message.get("tool_calls") or ()):
        if request.provider in _WHOLE_TOOL_CALLS:
            yield {"tool_calls": [{**call, "index": index}]}, {}
        else:
            yield from _tool_call(index, call)


def _content(content: Any, logprobs: JsonObject | None) -> Iterator[tuple[dict[str, object], JsonObject]]:
    if logprobs and logprobs.get("content"):
        # With logprobs each chunk is one token with its own entry.
        for token in logprobs["content"]:
            yield {"content": token["token"]}, {"logprobs": {**logprobs, "content": [token]}}
    elif isinstance(content, list):
        # Mistral's content blocks (thinking, references) come whole, one a chunk.
        for block in content:
            yield {"content": [block]}, {}
    else:
        for piece in pieces(content or ""):
            yield {"content": piece}, {}


def _tool_call(index: int, call: JsonObject) -> Iterator[tuple[dict[str, object], JsonObject]]:
    function = call["function"]
    head = {**without(call, "function"), "index": index}
    yield {"tool_calls": [{**head, "function": {"name": function["name"], "arguments": ""}}]}, {}
    for piece in argument_pieces(function["arguments"]):
        yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, {}
