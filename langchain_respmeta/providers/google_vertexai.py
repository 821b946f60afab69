"""Vertex AI: Gemini by Google's older integration, and Anthropic's models; the former gives the asked model's name.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import IGNORE, KEEP, Cells, count, read_count, using
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC
from langchain_respmeta.providers.families.gemini import GEMINI
from langchain_respmeta.record.draft import CountKey
from langchain_respmeta.record.plain import as_mapping


def _told(value: object) -> int | None:
    """A count of a protobuf message, where 0 means "not reported", too."""
    return read_count(value) or None


USAGE: Final[Cells] = {
    "prompt_token_count": count("usage.input_tokens"),
    "candidates_token_count": count("usage.output_tokens"),
    "total_token_count": count("usage.total_tokens"),
    "thoughts_token_count": using("usage.reasoning_tokens", _told),
    "cached_content_token_count": using("usage.cache_read_tokens", _told),
    "tool_use_prompt_token_count": using("usage.tool_use_prompt_tokens", _told),
    "prompt_tokens_details": IGNORE,  # read by `read_modalities`
    "candidates_tokens_details": IGNORE,
    "cache_tokens_details": IGNORE,
    "tool_use_prompt_tokens_details": IGNORE,
    "traffic_type": KEEP,
}

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


def drop_filled_in(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """Remove protobuf's defaults for the missing fields of a rating."""
    for rating in draft.get("safety", ()):
        for name in ("blocked", "score"):
            if not rating.get(name):
                rating.pop(name, None)
        for name in ("severity", "probability"):
            if rating.get(name, "").endswith("_UNSPECIFIED"):
                del rating[name]


VERTEX_AI: Final = GEMINI.extended(
    "gcp.vertex_ai",
    metadata={
        "is_blocked": IGNORE,
        "avg_logprobs": KEEP,
        "logprobs_result": using("logprobs", values.logprobs),
        **{f"usage_metadata.{path}": cell for path, cell in USAGE.items()},
    },
    steps=(read_modalities,),
    repairs=(drop_filled_in,),
    model_is_request=True,
)


def distrust_empty_arguments(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Protocol streams of `ChatAnthropicVertex` lose the arguments of tool calls: `{}` may have been any."""
    for call in draft.get("tool_calls", ()) if answer.is_protocol else ():
        if call.get("args_size_bytes") == _EMPTY_OBJECT:
            del call["args_size_bytes"]


_EMPTY_OBJECT: Final = len("{}")

VERTEX_AI_ANTHROPIC: Final = ANTHROPIC.extended("gcp.vertex_ai", steps=(distrust_empty_arguments,))
