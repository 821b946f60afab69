"""OpenAI's Chat Completions, which most vendors speak: a body's choices as `ChatOpenAI` hands them over.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.dialect import Body, Dialect, Joined, mapping, mappings, named, others

_OF_BODY: Final = frozenset({"choices", "usage", "model", "object"})
_OF_CHOICE: Final = frozenset({"index", "message", "delta", "text"})
_OF_MESSAGE: Final = frozenset({"role", "content"})


def is_body(body: Body) -> bool:
    """Whether it has choices that are whole."""
    choices = mappings(body.get("choices"))
    return bool(choices) and "delta" not in choices[0]


def answers(body: Body) -> list[Answer]:
    """One for each choice."""
    return [_answer(body, choice) for choice in mappings(body.get("choices"))]


def _answer(body: Body, choice: Mapping[str, Any]) -> Answer:
    message = mapping(choice.get("message"))
    return Answer(
        metadata={
            "model_provider": "openai",
            **others(body, _OF_BODY),
            **others(choice, _OF_CHOICE),
            **named(token_usage=body.get("usage"), model_name=body.get("model")),
        },
        kwargs=others(message, _OF_MESSAGE),
        content=message.get("content") or choice.get("text") or "",
    )


def is_event(event: Body) -> bool:
    """Whether it is a chunk."""
    choices = mappings(event.get("choices"))
    return event.get("object") == "chat.completion.chunk" or bool(choices and "delta" in choices[0])


def join(events: Sequence[Body]) -> Joined:
    """The chunks as one body."""
    raise NotImplementedError


CHAT_COMPLETIONS: Final = Dialect("chat_completions", "openai", is_body, answers, is_event, join)
