"""Answers that LangSmith's wrappers change in shape, put back: Anthropic's messages, and Gemini's candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import Body, mapping, mappings, named, others

_OF_GEMINI: Final = frozenset({"content", "role", "finish_reason", "tool_calls", "usage_metadata", "output"})
_DEAR: Final = "over_200k"
_LONGEST: Final = 1_000_000
"""Characters of a tool's arguments that are parsed."""


# --- Anthropic ---------------------------------------------------------------------------------------------------------


def is_anthropics(body: Body) -> bool:
    """Whether it is a message without its type, which `wrap_anthropic` drops."""
    return (
        body.get("role") == "assistant"
        and "stop_reason" in body
        and "content" in body
        and "choices" not in body
    )


def as_message(body: Body) -> Body:
    """The message; text and calls of tools are blocks again. What `text_stream` yielded stands beside it, as `output`."""
    content = body.get("content")
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    calls = [_tool_use(call) for call in mappings(body.get("tool_calls"))]
    return {**others(body, ("tool_calls", "output")), "type": "message", "content": [*blocks, *calls]}


_CACHE: Final = ("cache_read", "cache_creation")


def with_cache(usage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Counts with those of the cache, which the API always tells and the wrapper drops where they are 0."""
    if usage is None:
        return None
    told = mapping(usage.get("input_token_details"))
    has_lifetimes = any(str(name).startswith("ephemeral_") for name in told)
    cache = dict.fromkeys(_CACHE[:1] if has_lifetimes else _CACHE, 0)
    return {**usage, "input_token_details": {**cache, **told}}


def _tool_use(call: Mapping[str, Any]) -> dict[str, Any]:
    function = mapping(call.get("function"))
    arguments = arguments_of(function.get("arguments"))
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": arguments}


def arguments_of(text: object) -> Any:
    """A tool's arguments, which OpenAI's form has as text."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


# --- Gemini ------------------------------------------------------------------------------------------------------------


def is_geminis(body: Body, usage: Mapping[str, Any]) -> bool:
    """Whether `wrap_gemini` made it: Google's words for the end, or its split counts, and nothing else that an API gives."""
    if "content" not in body or not body.keys() <= _OF_GEMINI:
        return False
    end = _word(body.get("finish_reason"))
    details = (*mapping(usage.get("input_token_details")), *mapping(usage.get("output_token_details")))
    return bool(end and end.isupper()) or any(str(name).endswith(_DEAR) for name in details)


def as_candidates(body: Body) -> Body:
    """An answer with the one candidate that the wrapper looked at."""
    content = body.get("content")
    blocks = (
        mappings(content)
        if isinstance(content, list)
        else [{"type": "text", "text": content}]
        if content
        else []
    )
    parts = [part for block in blocks if (part := _part(block))]
    calls = [_function_call(call) for call in mappings(body.get("tool_calls"))]
    candidate = {"content": {"role": "model", "parts": [*parts, *calls]}}
    return {"candidates": [{**candidate, **named(finish_reason=_word(body.get("finish_reason")))}]}


def _part(block: Mapping[str, Any]) -> dict[str, Any] | None:
    if block.get("type") == "text":
        return {"text": block.get("text")}
    url = mapping(block.get("image_url")).get("url")
    if not isinstance(url, str) or not url.startswith("data:"):
        return None
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return {"inline_data": {"mime_type": kind, "data": data}}


def _function_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = mapping(call.get("function"))
    made_up = str(call.get("id", "")).startswith("call_")  # by the wrapper, where Gemini gave none
    args = arguments_of(function.get("arguments"))
    return {
        "function_call": named(id=None if made_up else call.get("id"), name=function.get("name"), args=args)
    }


def _word(value: object) -> str | None:
    word = getattr(value, "value", value)  # of an enumeration
    return word if isinstance(word, str) else None
