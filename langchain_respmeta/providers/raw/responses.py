"""OpenAI's Responses API: typed output items as `ChatOpenAI` puts them into the content.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mapping, mappings, named, told

_OF_BODY: Final = (
    "id",
    "created_at",
    "incomplete_details",
    "metadata",
    "object",
    "status",
    "user",
    "model",
    "service_tier",
)


def is_body(body: Body) -> bool:
    """Whether it has output items and a status."""
    return isinstance(body.get("output"), list) and (body.get("object") == "response" or "status" in body)


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    items = mappings(body.get("output"))
    return [
        Answer(
            metadata={
                "model_provider": "openai",
                **told(body, _OF_BODY),
                **named(model_name=body.get("model")),
            },
            usage=_usage(body.get("usage")),
            content=[block for item in items for block in _blocks(item)],
            message_id=body["id"] if isinstance(body.get("id"), str) else None,
            tool_calls=[
                {
                    "type": "tool_call",
                    "id": item.get("call_id"),
                    "name": item.get("name"),
                    "args": item.get("arguments"),
                }
                for item in items
                if item.get("type") == "function_call"
            ],
        )
    ]


def _blocks(item: Mapping[str, Any]) -> list[Any]:
    """An output item as LangChain puts it into the content: of a message its parts, else itself."""
    if item.get("type") != "message":
        return [item]
    parts = mappings(item.get("content"))
    return [{**part, "type": "text"} if part.get("type") == "output_text" else part for part in parts]


def _usage(usage: object) -> dict[str, Any] | None:
    counts = mapping(usage)
    if not counts:
        return None
    given, made = mapping(counts.get("input_tokens_details")), mapping(counts.get("output_tokens_details"))
    return {
        **told(counts, ("input_tokens", "output_tokens", "total_tokens")),
        "input_token_details": named(
            cache_read=given.get("cached_tokens"), cache_creation=given.get("cache_write_tokens")
        ),
        "output_token_details": named(reasoning=made.get("reasoning_tokens")),
    }


def is_event(event: Body) -> bool:
    """Whether it is an event of a response."""
    return str(event.get("type", "")).startswith("response.")


def join(events: Sequence[Body]) -> Joined:
    """The events as one body."""
    raise NotImplementedError


RESPONSES: Final = Dialect("responses", "openai", is_body, answers, is_event, join)
