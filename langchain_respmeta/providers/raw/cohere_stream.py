"""Events of Cohere's streams, put together.

https://docs.cohere.com/docs/streaming
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, others
from langchain_respmeta.providers.raw.pieces import MAX_BLOCKS, Pieces

_KINDS: Final = frozenset(
    {
        "message-start",
        "content-start",
        "content-delta",
        "tool-plan-delta",
        "tool-call-start",
        "citation-start",
    }
)


def is_chat_event(event: Body) -> bool:
    """Whether it is one of version 2."""
    return event.get("type") in _KINDS and isinstance(event.get("type"), str)


def join_chat(events: Sequence[Body]) -> Joined:
    """The events as one body of version 2."""
    body: dict[str, Any] = {}
    plan: list[str] = []
    blocks, calls = Pieces(), Pieces()
    citations: list[Any] = []
    is_whole = False
    for event in events:
        kind, delta = event.get("type"), mapping(event.get("delta"))
        message = mapping(delta.get("message"))
        if kind == "message-start":
            body.update(others(event, ("type", "delta")))
        elif kind in ("content-start", "content-delta"):
            _add_content(blocks, event.get("index"), mapping(message.get("content")))
        elif kind == "tool-plan-delta" and isinstance(message.get("tool_plan"), str):
            plan.append(message["tool_plan"])
        elif kind in ("tool-call-start", "tool-call-delta"):
            _add_call(calls, event.get("index"), mapping(message.get("tool_calls")))
        elif kind == "citation-start" and len(citations) < MAX_BLOCKS:
            citations.append(message.get("citations"))
        elif kind == "message-end":
            body.update(others(delta, ()))
            is_whole = True
    asked = [_asked(call) for call in calls.joined()]
    told = {"tool_plan": "".join(plan), "tool_calls": asked, "citations": _flat(citations)}
    body["message"] = {
        "role": "assistant",
        "content": blocks.joined(),
        **{name: value for name, value in told.items() if value},
    }
    body.setdefault("finish_reason", None)
    return Joined(body, is_whole)


def _add_content(blocks: Pieces, index: object, piece: Mapping[str, Any]) -> None:
    kind = "thinking" if "thinking" in piece and not piece.get("text") else "text"
    blocks.block(index, {"type": piece.get("type") or kind})
    for name in ("text", "thinking"):
        if piece.get(name):
            blocks.add(index, name, piece[name])


def _add_call(calls: Pieces, index: object, piece: Mapping[str, Any]) -> None:
    call = calls.block(index, {})
    function = mapping(piece.get("function"))
    for name, value in (("id", piece.get("id")), ("name", function.get("name"))):
        if value and call.get(name) is None:
            call[name] = value
    calls.add(index, "arguments", function.get("arguments"))


def _asked(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": call.get("id"), "function": {"name": call.get("name"), "arguments": call.get("arguments")}}


def _flat(citations: list[Any]) -> list[Any]:
    """One citation comes alone, several in a list."""
    return [one for item in citations for one in (item if isinstance(item, list) else [item]) if one]


# --- version 1 -------------------------------------------------------------------------------------------------------


def is_v1_event(event: Body) -> bool:
    """Whether it is one of version 1."""
    kind = event.get("event_type")
    return isinstance(kind, str) and kind in _V1_KINDS


_V1_KINDS: Final = frozenset(
    {
        "stream-start",
        "search-queries-generation",
        "search-results",
        "tool-input",
        "text-generation",
        "citation-generation",
        "tool-calls-chunk",
        "tool-calls-generation",
        "stream-end",
        "debug",
    }
)
"""https://docs.cohere.com/v1/docs/streaming; Google's interactions have an `event_type`, too."""


def join_v1(events: Sequence[Body]) -> Joined:
    """The whole answer, which stands in the last event; what came before, where that is missing."""
    body: dict[str, Any] = {}
    texts: list[str] = []
    told: dict[str, list[Any]] = {}
    is_whole = False
    for event in events:
        kind = event.get("event_type")
        if kind == "stream-start":
            body.update(others(event, ("event_type",)))
        elif kind == "text-generation" and isinstance(event.get("text"), str):
            texts.append(event["text"])
        elif kind == "stream-end":
            response = mapping(event.get("response"))
            if "generations" in response:  # Generate's events have these names, too
                return Joined(response, is_whole=True)
            body.update(others(response, ()))
            body.update(others(event, ("event_type", "response", "is_finished")))
            is_whole = True
        elif isinstance(kind, str):
            for name in ("citations", "search_results", "documents", "search_queries", "tool_calls"):
                if isinstance(event.get(name), list) and len(told.setdefault(name, [])) < MAX_BLOCKS:
                    told[name].extend(event[name])
    body.pop("is_finished", None)
    body.setdefault("generation_id", None)
    body.setdefault("text", "".join(texts))
    return Joined({**told, **body}, is_whole)


def is_generate_event(event: Body) -> bool:
    """Whether it is a piece of Generate's stream."""
    return isinstance(event.get("is_finished"), bool) and ("text" in event or "response" in event)


def join_generate(events: Sequence[Body]) -> Joined:
    """The whole answer of the last event; the texts before it, where that is missing."""
    last = mapping(events[-1].get("response")) if events else {}
    if last:
        return Joined(last, is_whole=True)
    texts = "".join(event["text"] for event in events if isinstance(event.get("text"), str))
    return Joined({"generations": [{"text": texts}]}, is_whole=False)
