"""xAI's own API (gRPC), as its SDK gives it: Chat Completions in all but the names. Laid out as that.

https://docs.x.ai/docs/grpc-reference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.chat_completions import CHAT_COMPLETIONS
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mapping, mappings, named, others

_OF_BODY: Final = frozenset({"outputs", "usage", "settings", "debug_output"})
_OF_MESSAGE: Final = frozenset({"role", "tool_calls", "content", "encrypted_content"})
_INPUT: Final = {"cached_prompt_text_tokens": "cached_tokens", "prompt_image_tokens": "image_tokens"}
_OUTPUT: Final = {"reasoning_tokens": "reasoning_tokens"}
_CLIENT: Final = (None, "TOOL_CALL_TYPE_CLIENT_SIDE_TOOL", "TOOL_CALL_TYPE_INVALID")


def is_body(body: Body) -> bool:
    """Whether it lists outputs with messages, in the words of xAI's enums."""
    return _is_output(body, "message")


def is_event(event: Body) -> bool:
    """Whether it is a chunk of such."""
    return _is_output(event, "delta")


def _is_output(body: Body, inner: str) -> bool:
    first = next(iter(mappings(body.get("outputs"))), {})
    words = (first.get("finish_reason"), mapping(first.get(inner)).get("role"))
    return inner in first and any(str(word).startswith(("REASON_", "ROLE_")) for word in words)


def answers(body: Body) -> list[Answer]:
    """One for each output."""
    return CHAT_COMPLETIONS.answers(_as_chat(body, "message"))


def join(events: Sequence[Body]) -> Joined:
    """The chunks as one body of Chat Completions."""
    return CHAT_COMPLETIONS.join([_as_chat(event, "delta") for event in events])


def _as_chat(body: Body, inner: str) -> dict[str, Any]:
    outputs = mappings(body.get("outputs"))
    choices = [{**output, inner: _message(mapping(output.get(inner)))} for output in outputs]
    usage = mapping(body.get("usage"))
    return {
        **others(body, _OF_BODY),
        "choices": choices,
        **({"usage": _usage(usage)} if usage else {}),
    }


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """The calls that xAI itself ran are blocks, the caller's are calls."""
    calls = mappings(message.get("tool_calls"))
    own = [_server_call(call) for call in calls if call.get("type") not in _CLIENT]
    asked = [{**call, "type": "function"} for call in calls if call.get("type") in _CLIENT]
    content = message.get("content")
    if own:
        content = [*own, *([{"type": "text", "text": content}] if content else [])]
    return {
        "role": "assistant",
        **others(message, _OF_MESSAGE),
        **named(content=content, tool_calls=asked or None),
    }


def _server_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = mapping(call.get("function"))
    return {
        "type": "server_tool_call",
        **named(id=call.get("id"), name=function.get("name"), args=function.get("arguments")),
    }


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    known = {*_INPUT, *_OUTPUT, "prompt_text_tokens"}
    return {
        **others(usage, known),
        "prompt_tokens_details": named(**{to: usage.get(name) for name, to in _INPUT.items()}),
        "completion_tokens_details": named(**{to: usage.get(name) for name, to in _OUTPUT.items()}),
    }


XAI_OUTPUTS: Final = Dialect("chat_completions", "xai", is_body, answers, is_event, join)
