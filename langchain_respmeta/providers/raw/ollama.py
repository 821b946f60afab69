"""Ollama's own chat and generate, and their streams, as `ChatOllama` and `OllamaLLM` hand them over.

https://docs.ollama.com/api/chat, https://docs.ollama.com/api/generate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mapping, mappings, named, others

_VENDOR: Final = "ollama"
_OF_CHAT: Final = frozenset({"message"})
_OF_GENERATE: Final = frozenset({"response", "context"})
_MOST: Final = 200_000
"""Log probabilities and calls that are put together."""


def is_chat(body: Body) -> bool:
    """Whether it has a message, and says whether that is all."""
    return isinstance(body.get("message"), Mapping) and isinstance(body.get("done"), bool)


def chat_answers(body: Body) -> list[Answer]:
    """The one answer."""
    message = mapping(body.get("message"))
    content = message.get("content")
    return [
        Answer(
            metadata=_about(body, _OF_CHAT),
            usage=_usage(body),
            kwargs=named(reasoning_content=message.get("thinking") or None),
            content=content if isinstance(content, str) else "",
            tool_calls=[_call(call) for call in mappings(message.get("tool_calls"))],
        )
    ]


def is_generate(body: Body) -> bool:
    """Whether it has a text in place of the message."""
    return isinstance(body.get("response"), str) and isinstance(body.get("done"), bool)


def generate_answers(body: Body) -> list[Answer]:
    """The one answer."""
    return [
        Answer(
            metadata=_about(body, _OF_GENERATE),
            usage=_usage(body),
            content=body.get("response") or "",
            is_message=False,
        )
    ]


def _about(body: Body, inner: frozenset[str]) -> dict[str, Any]:
    about = others(body, inner)
    return {"model_provider": _VENDOR, **about, **named(model_name=about.get("model"))}


def _usage(body: Body) -> dict[str, Any] | None:
    """The sum, as LangChain's integration makes it; the counts themselves have cells."""
    given, made = body.get("prompt_eval_count"), body.get("eval_count")
    return {"total_tokens": given + made} if is_whole(given) and is_whole(made) else None


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = mapping(call.get("function"))
    return {
        "type": "tool_call",
        "id": call.get("id") or None,
        "name": function.get("name"),
        "args": function.get("arguments") or {},
    }


def join_chat(events: Sequence[Body]) -> Joined:
    """The lines as one body: pieces of the message, then a last line with all counts."""
    body = _last(events)
    messages = [mapping(event.get("message")) for event in events]
    calls = [call for message in messages for call in mappings(message.get("tool_calls"))]
    body["message"] = {
        "role": "assistant",
        **{name: _text(messages, name) for name in ("content", "thinking")},
        "tool_calls": calls[:_MOST],
    }
    return Joined(body, body["done"] is True)


def join_generate(events: Sequence[Body]) -> Joined:
    """The same of texts."""
    body = _last(events)
    body["response"] = _text(events, "response")
    if thinking := _text(events, "thinking"):
        body["thinking"] = thinking
    return Joined(body, body["done"] is True)


def _last(events: Sequence[Body]) -> dict[str, Any]:
    """What stands beside the pieces, by the latest line that says it."""
    body: dict[str, Any] = {"done": False}
    for event in events:
        body.update(others(event, ("message", "response", "thinking", "logprobs")))
    if logprobs := [token for event in events for token in mappings(event.get("logprobs"))]:
        body["logprobs"] = logprobs[:_MOST]
    return body


def _text(pieces: Sequence[Mapping[str, Any]], name: str) -> str:
    return "".join(piece[name] for piece in pieces if isinstance(piece.get(name), str))


OLLAMA_CHAT: Final = Dialect("chat", _VENDOR, is_chat, chat_answers, is_chat, join_chat)
OLLAMA_GENERATE: Final = Dialect(
    "generate", _VENDOR, is_generate, generate_answers, is_generate, join_generate
)
