"""Anthropic's Messages API, as `ChatAnthropic` hands its answers over.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mappings, named, told

_OF_BODY: Final = ("id", "model", "stop_reason", "stop_sequence", "stop_details", "usage", "container")


def is_body(body: Body) -> bool:
    """Whether it is a message with content blocks."""
    return body.get("type") == "message" and isinstance(body.get("content"), list)


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    return [
        Answer(
            metadata={
                "model_provider": "anthropic",
                **told(body, _OF_BODY),
                **named(model_name=body.get("model")),
            },
            content=body["content"],
            message_id=body["id"] if isinstance(body.get("id"), str) else None,
            tool_calls=[
                {
                    "type": "tool_call",
                    "id": block.get("id"),
                    "name": block.get("name"),
                    "args": block.get("input"),
                }
                for block in mappings(body["content"])
                if block.get("type") == "tool_use"
            ],
        )
    ]


def is_event(event: Body) -> bool:
    """Whether it is an event of a message."""
    return event.get("type") == "message_start"


def join(events: Sequence[Body]) -> Joined:
    """The events as one body."""
    raise NotImplementedError


MESSAGES: Final = Dialect("messages", "anthropic", is_body, answers, is_event, join)
