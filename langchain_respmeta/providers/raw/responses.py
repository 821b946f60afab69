"""OpenAI's Responses API: typed output items as `ChatOpenAI` puts them into the content.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.asked_calls import AskedCalls
from langchain_respmeta.providers.raw.chat_completions import SOURCES
from langchain_respmeta.providers.raw.dialect import Body, Dialect, mapping, mappings, named, others, told
from langchain_respmeta.providers.raw.responses_stream import is_event, join

Item = Mapping[str, Any]

_OF_REQUEST: Final = frozenset(
    {
        "frequency_penalty",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "parallel_tool_calls",
        "presence_penalty",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "reasoning",
        "safety_identifier",
        "store",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_k",
        "top_logprobs",
        "top_p",
        "truncation",
        "verbosity",
    }
)
"""What the API repeats of its request: no part of the answer, and partly the user's own texts."""

_OF_BODY: Final = frozenset({"output", "output_text", "usage", *SOURCES})


def is_body(body: Body) -> bool:
    """Whether it has output items, and is called a response or has a status."""
    return isinstance(body.get("output"), list) and (body.get("object") == "response" or "status" in body)


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    items = mappings(body.get("output"))
    calls = AskedCalls.of(body)
    for item in items:
        _CALLS.get(str(item.get("type")), _no_call)(calls, item)
    return [
        Answer(
            metadata={
                "model_provider": "openai",
                **others(body, _OF_REQUEST | _OF_BODY),
                **named(
                    model_name=body.get("model"), token_usage=body.get("usage"), logprobs=_logprobs(items)
                ),
            },
            kwargs={**told(body, SOURCES), **named(parsed=_parsed(items), search_results=_results(items))},
            content=[block for item in items for block in _blocks(item)],
            message_id=body["id"] if isinstance(body.get("id"), str) else None,
            tool_calls=calls.tool_calls,
            invalid_tool_calls=calls.invalid_tool_calls,
            tool_call_chunks=calls.tool_call_chunks,
            asked_schema=_asked_schema(mapping(mapping(body.get("text")).get("format"))),
        )
    ]


def _asked_schema(form: Mapping[str, Any]) -> str | None:
    name = form.get("name")
    return (name if isinstance(name, str) else "") if form.get("type") in _STRUCTURED else None


_STRUCTURED: Final = ("json_schema", "json_object")
"""Formats of a text that are structured output."""


def _function(calls: AskedCalls, item: Item) -> None:
    calls.add(item.get("name"), item.get("arguments"), item.get("call_id") or item.get("id"))


def _custom(calls: AskedCalls, item: Item) -> None:
    calls.add_custom(item.get("name"), item.get("input"), item.get("call_id") or item.get("id"))


def _no_call(_calls: AskedCalls, _item: Item) -> None:
    """An item of another kind."""


_CALLS: Final[Mapping[str, Callable[[AskedCalls, Item], None]]] = {
    "function_call": _function,
    "custom_tool_call": _custom,
}


def _parts(items: list[Item]) -> list[Item]:
    """The parts of all messages."""
    return [part for item in items if item.get("type") == "message" for part in mappings(item.get("content"))]


def _blocks(item: Item) -> list[Any]:
    """An output item as LangChain puts it into the content: of a message its parts, else itself."""
    kind = str(item.get("type"))
    if kind in _BESIDE:
        return []
    if kind != "message":
        return [dict(item)]
    if isinstance(item.get("content"), str):
        return [{"type": "text", "text": item["content"], **told(item, ("id",))}]
    return [
        {**others(part, _BESIDE_TEXT), **_typed(part), **told(item, ("id", "phase"))}
        for part in mappings(item.get("content"))
    ]


_BESIDE: Final = frozenset({"search_results"})
"""Perplexity's items of sources, which its integration puts into `additional_kwargs`."""
_BESIDE_TEXT: Final = frozenset({"logprobs", "parsed"})


def _typed(part: Item) -> dict[str, Any]:
    return {"type": "text"} if part.get("type") == "output_text" else {}


def _logprobs(items: list[Item]) -> list[Any] | None:
    """Log probabilities of all texts, which stand at each of them."""
    found = [one for part in _parts(items) for one in mappings(part.get("logprobs"))]
    return found or None


def _parsed(items: list[Item]) -> Any:
    """What OpenAI's SDK made of the first text, where it was asked to parse."""
    return next((part["parsed"] for part in _parts(items) if part.get("parsed") is not None), None)


def _results(items: list[Item]) -> list[Any] | None:
    """Perplexity's sources."""
    listed = [item for item in items if str(item.get("type")) in _BESIDE]
    return [one for item in listed for one in mappings(item.get("results"))] if listed else None


RESPONSES: Final = Dialect("responses", "openai", is_body, answers, is_event, join)
