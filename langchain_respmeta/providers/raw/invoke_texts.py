"""The text models of InvokeModel: Titan, Llama, Mistral, Command, Jurassic, DeepSeek, and Claude's first API.

Each has its own names for the same three things: the text, the word for its end, and sometimes counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.raw.dialect import mapping, mappings, named, others

_Fields = Mapping[str, Any]

LISTS: Final = ("results", "outputs", "generations", "completions", "choices")
"""Where the texts are, in models that give several: Titan, Mistral, Command, Jurassic, DeepSeek."""
TEXTS: Final = ("outputText", "generation", "completion", "text")
WORDS: Final = ("completionReason", "stop_reason", "finish_reason")
INPUT: Final = ("inputTextTokenCount", "prompt_token_count")
OUTPUT: Final = ("totalOutputTextTokenCount", "generation_token_count", "tokenCount")
_SIGNS: Final = frozenset({*WORDS, *INPUT, *OUTPUT, "finishReason", "event_type", "is_finished"})
_DROPPED: Final = frozenset(
    {*TEXTS, *WORDS, *INPUT, *OUTPUT, "data", "finishReason", "prompt", "chat_history", "index", "event_type"}
    | {"is_finished", "stop", "type", "response_id", "tool_calls", "response"}
)
"""Read here, or what was asked."""


def has_text(body: _Fields) -> bool:
    """Whether it has the shape of a text model, whoever else has it too."""
    return any(_is_text(piece) for piece in pieces(body)[:1])


def is_text_model(body: _Fields) -> bool:
    """Whether it is a text model's as only Bedrock gives it."""
    piece = next(iter(pieces(body)), {})
    if not _is_text(piece):
        return False
    if "completion" in piece:  # Anthropic's own tell the model; Aleph Alpha's are in a list
        return "completion" in body and "model" not in body
    return (
        isinstance(piece.get("outputText"), str)
        or isinstance(piece.get("data"), Mapping)
        or "outputs" in body
        or ("generation" in piece and not piece.keys().isdisjoint(("prompt_token_count", "stop_reason")))
    )


def _is_text(piece: _Fields) -> bool:
    return text_of(piece) is not None and not _SIGNS.isdisjoint(piece) and "message" not in piece


def pieces(body: _Fields) -> list[_Fields]:
    """Each text, with what stands beside all of them."""
    for name in LISTS:
        if isinstance(body.get(name), list):
            beside = others(body, (name,))
            found = mappings(body[name])
            if name == "generations":
                return [_of_command(beside, item) for item in found]
            return [{**beside, **item} for item in found]
    return [body]


def _of_command(beside: _Fields, generation: _Fields) -> _Fields:
    """One of Command's, whose `id` is the request's beside the generations, and within one the generation's."""
    return {
        **others(beside, ("id",)),
        **others(generation, ("id",)),
        **named(request_id=beside.get("id"), generation_id=generation.get("id")),
    }


def text_of(piece: _Fields) -> str | None:
    """The text of a piece; None where it has none."""
    data = mapping(piece.get("data"))  # Jurassic's
    found = [value for value in (*map(piece.get, TEXTS), data.get("text")) if isinstance(value, str)]
    return found[0] if found else None


def word_of(piece: _Fields) -> str | None:
    """The word for the end; None where there is none."""
    reason = mapping(piece.get("finishReason")).get("reason")  # Jurassic's
    found = [value for value in (*map(piece.get, WORDS), reason) if isinstance(value, str)]
    return found[0] if found else None


def text_answers(body: _Fields) -> list[Answer]:
    """One for each text; the counts are those of the whole call."""
    found = pieces(body)
    usage = _usage(found)
    return [_answer(piece, usage) for piece in found]


def _answer(piece: _Fields, usage: dict[str, Any] | None) -> Answer:
    response_id = piece.get("response_id") or piece.get("id")
    if is_whole(response_id):
        response_id = str(response_id)  # Jurassic's
    asked = [call for call in mappings(piece.get("tool_calls")) if "name" in call]
    return Answer(
        metadata={
            **others(piece, _DROPPED),
            **named(stop_reason=word_of(piece), id=response_id, stop_sequence=_matched(piece)),
        },
        usage=usage,
        content=text_of(piece) or "",
        tool_calls=[
            {"type": "tool_call", "id": None, "name": call["name"], "args": call.get("parameters")}
            for call in asked
        ],
        is_message=bool(asked),
    )


def _matched(piece: _Fields) -> str | None:
    """The stop sequence that Claude's first API tells."""
    stop = piece.get("stop")
    return stop if "completion" in piece and isinstance(stop, str) and stop else None


def _usage(found: list[_Fields]) -> dict[str, Any] | None:
    given = next((count for piece in found if (count := _first_count(piece, INPUT)) is not None), None)
    counted = [count for piece in found if (count := _first_count(piece, OUTPUT)) is not None]
    if given is None and not counted:
        return None
    total = given + sum(counted) if given is not None and counted else None
    return named(input_tokens=given, output_tokens=sum(counted) if counted else None, total_tokens=total)


def _first_count(piece: _Fields, names: tuple[str, ...]) -> int | None:
    """The first that is a count, whole as it may be written: behind a guardrail Titan's have a decimal point."""
    for name in names:
        value = piece.get(name)
        if is_whole(value):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
    return None
