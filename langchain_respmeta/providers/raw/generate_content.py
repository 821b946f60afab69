"""Google's generateContent, of the Gemini API and of Vertex AI, as `ChatGoogleGenerativeAI` hands its answers over.

Which of the two answered, the answer does not always show: `providers.google_genai.by_backend` decides.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import MAX_CANDIDATES
from langchain_respmeta.providers.families.gemini_enums import enum_word
from langchain_respmeta.providers.raw.body import LIST
from langchain_respmeta.providers.raw.dialect import (
    Body,
    Dialect,
    Joined,
    mapping,
    mappings,
    named,
    others,
    told,
)
from langchain_respmeta.providers.raw.generate_content_parts import calls_of, content_of
from langchain_respmeta.providers.raw.generate_content_stream import joined_chunks
from langchain_respmeta.providers.raw.snake_case import snake

_OF_BODY: Final = frozenset(
    {
        "candidates",
        "usage_metadata",
        "model_version",
        "parsed",
        "sdk_http_response",
        "automatic_function_calling_history",
    }
)
_OF_CANDIDATE: Final = frozenset({"content", "index", "citation_metadata"})
_COUNTED: Final = frozenset(
    {
        "prompt_token_count",
        "candidates_token_count",
        "response_token_count",
        "total_token_count",
        "thoughts_token_count",
        "cached_content_token_count",
    }
)
"""Counts that `usage_metadata` of LangChain's holds."""

_SIGNS: Final = ("usageMetadata", "usage_metadata", "modelVersion", "model_version")


def is_body(body: Body) -> bool:
    """Whether it has candidates, or says why there are none; or is a whole stream, as the API lists it without `alt=sse`."""
    if LIST in body:
        return is_body(body[LIST][0])
    candidates = body.get("candidates")
    if isinstance(candidates, list | tuple) and candidates:
        return isinstance(candidates[0], Mapping) and not {
            "content",
            "finishReason",
            "finish_reason",
        }.isdisjoint(candidates[0])
    feedback = body.get("promptFeedback", body.get("prompt_feedback"))
    return isinstance(feedback, Mapping) or (
        "choices" not in body
        and all(any(sign in body for sign in signs) for signs in (_SIGNS[:2], _SIGNS[2:]))
    )


def answers(body: Body) -> list[Answer]:
    """One for each candidate; one for a prompt that was blocked."""
    whole = join(body[LIST]).body if LIST in body else snake(body)
    shared = {
        "model_provider": "google_genai",
        **others(whole, _OF_BODY),
        **named(model_name=whole.get("model_version")),
    }
    usage = mapping(whole.get("usage_metadata"))
    if rest := others(usage, _COUNTED):
        shared["usage_metadata"] = rest
    kwargs = named(parsed=whole.get("parsed"))
    candidates = mappings(whole.get("candidates"))[:MAX_CANDIDATES]
    return [_answer(candidate, shared, _usage(usage), kwargs) for candidate in candidates or [{}]]


def _answer(
    candidate: Mapping[str, Any], shared: dict[str, Any], usage: dict[str, Any] | None, kwargs: dict[str, Any]
) -> Answer:
    content = candidate.get("content")
    parts = mappings(mapping(content).get("parts"))
    return Answer(
        metadata={
            **shared,
            **others(candidate, _OF_CANDIDATE),
            **named(finish_reason=_finish_word(candidate.get("finish_reason"))),
            **_recited(candidate.get("citation_metadata")),
        },
        usage=usage,
        kwargs=kwargs,
        content=content if isinstance(content, str) else content_of(parts),
        tool_calls=calls_of(parts),
    )


_NUMBERED: Final = ("FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER")
"""Names of the enum's first numbers, which Vertex AI can send; beyond them its list and the Gemini API's differ."""


def _finish_word(reason: object) -> str | None:
    return enum_word(reason, _NUMBERED)


def _recited(metadata: object) -> dict[str, Any]:
    """Vertex AI's list of citations, and the Gemini API's, which is called otherwise."""
    fields = mapping(metadata)
    citations = fields.get("citations") or fields.get("citation_sources")
    return {"citation_metadata": {"citations": citations}} if citations else {}


def _usage(counts: Mapping[str, Any]) -> dict[str, Any] | None:
    """As LangChain counts: what tools gave the model is input, and its thoughts are output. None that was not told."""
    if not counts:
        return None
    made = _sum(counts, "candidates_token_count", "thoughts_token_count")
    return named(
        input_tokens=_sum(counts, "prompt_token_count", "tool_use_prompt_token_count"),
        output_tokens=_sum(counts, "response_token_count", "thoughts_token_count") if made is None else made,
        total_tokens=counts.get("total_token_count"),
        input_token_details=named(cache_read=counts.get("cached_content_token_count")),
        output_token_details=named(reasoning=counts.get("thoughts_token_count")),
    )


def _sum(counts: Mapping[str, Any], *names: str) -> Any:
    """The sum of those that are told; of one that is no whole number, it itself."""
    found = list(told(counts, names).values())
    odd = [count for count in found if not isinstance(count, int) or isinstance(count, bool)]
    return odd[0] if odd else sum(found) if found else None


def is_event(event: Body) -> bool:
    """Whether it is a chunk: each has the shape of an answer."""
    return is_body(event)


def join(events: Sequence[Body]) -> Joined:
    """The chunks as one body."""
    return joined_chunks([snake(event) for event in events])


GENERATE_CONTENT: Final = Dialect("generate_content", "google_genai", is_body, answers, is_event, join)
