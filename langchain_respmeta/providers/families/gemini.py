"""The family of Google's generateContent, on the Gemini API and on Vertex AI.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import (
    IGNORE,
    KEEP,
    Cells,
    each,
    moment,
    read_count,
    read_word,
    text,
    using,
    word,
)
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import drop_zeros
from langchain_respmeta.providers.families.gemini_enums import (
    BLOCKS,
    GEMINI_HARMS,
    PROBABILITIES,
    SEVERITIES,
    VERTEX_HARMS,
    enum_word,
)
from langchain_respmeta.record.draft import CountKey
from langchain_respmeta.record.finish_words import FinishWords
from langchain_respmeta.record.plain import as_mapping

FINISH: Final[FinishWords] = {
    "stop": "stop",
    "max_tokens": "length",
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "image_prohibited_content": "content_filter",
    "image_recitation": "content_filter",
    "model_armor": "content_filter",
    "escalation": "content_filter",  # a rule of escalation filtered the request
    "pup_limited_disabled": "error",  # the account is limited or disabled, for breaches of the Prohibited Use Policy
    "language": "error",
    "malformed_function_call": "error",
    "malformed_response": "error",
    "unexpected_tool_call": "error",
    "too_many_tool_calls": "error",
    "missing_thought_signature": "error",
    "no_image": "error",
    "image_other": "error",
    "continuation": "pause",
    "other": "unknown",
    "finish_reason_unspecified": None,
    # Vertex AI's REST API can send the enum's numbers; beyond these its list and the Gemini API's differ.
    "0": None,
    "1": "stop",
    "2": "length",
    "3": "content_filter",
    "4": "content_filter",
}

_UNSPECIFIED: Final = frozenset({"BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"})


def _block_reason(value: object) -> str | None:
    reason = read_word(enum_word(value, BLOCKS))
    return None if reason in _UNSPECIFIED else reason


def google_ratings(value: object, scope: str, harms: Sequence[str] = GEMINI_HARMS) -> list[dict[str, Any]]:
    """https://ai.google.dev/api/generate-content#v1beta.SafetyRating."""
    return [
        _google_rating(item, scope, harms)
        for item in values.mappings(value)
        if values.plain_word(item.get("category"))
    ]


def _google_rating(item: Mapping[str, object], scope: str, harms: Sequence[str]) -> dict[str, Any]:
    return values.compact(
        category=enum_word(item["category"], harms),
        probability=enum_word(item.get("probability") or item.get("probability_label"), PROBABILITIES),
        severity=enum_word(item.get("severity"), SEVERITIES),
        score=values.finite(item.get("probability_score")),
        blocked=item["blocked"] if isinstance(item.get("blocked"), bool) else None,
        scope=scope,
        source="google",
    )


def _ratings(harms: Sequence[str]) -> Cells:
    """Cells of the ratings, where `harms` are the names of a cloud's categories."""
    return {
        "safety_ratings": each("safety", lambda value: google_ratings(value, "completion", harms)),
        "prompt_feedback.safety_ratings": each(
            "safety", lambda value: google_ratings(value, "prompt", harms)
        ),
    }


VERTEX_RATINGS: Final[Cells] = _ratings(VERTEX_HARMS)


GROUNDING: Final[Cells] = {
    "grounding_chunks": IGNORE,  # citations; see `_parts.grounding`
    "grounding_supports": IGNORE,
    **dict.fromkeys(
        (
            "web_search_queries",
            "image_search_queries",
            "retrieval_queries",
            "search_entry_point",
            "retrieval_metadata",
            "google_maps_widget_context_token",
            "source_flagging_uris",
        ),
        KEEP,
    ),
}


def ground(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Take the citations of a grounding search: chunks are the sources, supports their spans.

    Where the content blocks already carry them (v1 content), they are the same ones: `_reading.citations` drops the doubles.
    """
    metadata = answer.metadata.get("grounding_metadata")
    if metadata:
        draft.setdefault("_grounding", metadata)


_FILLED_IN: Final[tuple[CountKey, ...]] = (
    "usage.input_tokens",
    "usage.total_tokens",
    "usage.cache_read_tokens",
)
"""Counts that the integration sets to 0 where the wire has none: protobuf leaves zeros out."""


def drop_filled_in(draft: ReadDraft, answer: Answer, start: RunStart) -> None:
    """Remove zeros of these: they are no values."""
    drop_zeros(draft, _FILLED_IN)
    distrust_details(draft, answer, start)


def distrust_details(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Protocol streams keep the last chunk's details, and those are what it added: mostly 0, rarely the truth."""
    if answer.is_protocol:
        drop_zeros(draft, ("usage.cache_read_tokens", "usage.reasoning_tokens"))


def count_thoughts(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Google's endpoint in OpenAI's dialect counts what the model thought in the total only, and nowhere else.

    https://ai.google.dev/gemini-api/docs/openai#thinking
    """
    if answer.metadata.get("model_provider") != "openai" or "usage.reasoning_tokens" in draft:
        return
    given, made = draft.get("usage.input_tokens"), draft.get("usage.output_tokens")
    total = draft.get("usage.total_tokens")
    if given is not None and made is not None and total is not None and total > given + made:
        draft["usage.output_tokens"] = total - given


def told_count(value: object) -> int | None:
    """A count of a protobuf message, where 0 means "not reported", too."""
    return read_count(value) or None


MORE_USAGE: Final[Cells] = {
    "tool_use_prompt_token_count": using("usage.tool_use_prompt_tokens", told_count),
    "prompt_tokens_details": IGNORE,  # read by `read_modalities`
    "candidates_tokens_details": IGNORE,
    "cache_tokens_details": IGNORE,
    "tool_use_prompt_tokens_details": IGNORE,
    "traffic_type": KEEP,
    "service_tier": text("service_tier"),
}
"""Counts that LangChain's `usage_metadata` lacks."""

_MODALITIES: Final[dict[str, dict[str, CountKey]]] = {
    "prompt_tokens_details": {
        "image": "usage.input_image_tokens",
        "audio": "usage.input_audio_tokens",
        "video": "usage.input_video_tokens",
    },
    "candidates_tokens_details": {
        "image": "usage.output_image_tokens",
        "audio": "usage.output_audio_tokens",
    },
}


_KINDS: Final = {
    "2": "image",
    "3": "video",
    "4": "audio",
    "IMAGE": "image",
    "VIDEO": "video",
    "AUDIO": "audio",
}
"""Google's words, and the enum's numbers that Vertex sends (MODALITY_UNSPECIFIED 0, TEXT 1)."""


def modalities(value: object) -> dict[str, int]:
    """Counts of Google's `[{modality, token_count}]`, but for text's."""
    counts: dict[str, int] = {}
    for item in values.mappings(value) if isinstance(value, list | tuple) else ():
        kind, number = _KINDS.get(values.plain_word(item.get("modality")) or ""), item.get("token_count")
        if kind is not None and isinstance(number, int) and number > 0:
            counts[kind] = counts.get(kind, 0) + number
    return counts


def read_modalities(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Counts of pictures, sound and video, which are lists."""
    usage = as_mapping(answer.metadata.get("usage_metadata")) or {}
    for name, keys in _MODALITIES.items():
        for kind, number in modalities(usage.get(name)).items():
            if kind in keys:
                draft.setdefault(keys[kind], number)


GEMINI: Final = Reader(
    name="gcp.gemini",
    api="generate_content",
    metadata={
        "model_name": text("model"),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "finish_reason": word("native_finish_reason"),
        "finish_message": text("_filter_text"),
        "citation_metadata.citations": using("_recited", values.as_list),
        **_ratings(GEMINI_HARMS),
        "prompt_feedback.block_reason": using("_block_reason", _block_reason),
        "prompt_feedback.block_reason_message": text("_block_message"),
        **{f"grounding_metadata.{path}": cell for path, cell in GROUNDING.items()},
        # Of an API's own answer only.
        "response_id": text("response_id"),
        "create_time": moment("created_at"),
        "logprobs_result": using("logprobs", values.logprobs),
        **{f"usage_metadata.{path}": cell for path, cell in MORE_USAGE.items()},
        **dict.fromkeys(("avg_logprobs", "token_count", "url_context_metadata", "model_status"), KEEP),
    },
    kwargs={
        "parsed": using("_parsed", values.parsed_type),
        "function_call": IGNORE,
        "thinking": text("_reasoning_text"),
        "__gemini_function_call_thought_signatures__": IGNORE,
    },
    finish=FINISH,
    steps=(ground, count_thoughts, read_modalities),
    repairs=(drop_filled_in,),
    tool_names={"code_interpreter": "code_execution"},
    stop_covers_tools=True,
)
