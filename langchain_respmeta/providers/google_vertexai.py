"""Vertex AI: Gemini by Google's older integration, and Anthropic's models; the former gives the asked model's name.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import IGNORE, Cells, count, using
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC
from langchain_respmeta.providers.families.gemini import GEMINI, VERTEX_RATINGS, told_count

USAGE: Final[Cells] = {
    "prompt_token_count": count("usage.input_tokens"),
    "candidates_token_count": count("usage.output_tokens"),
    "total_token_count": count("usage.total_tokens"),
    "thoughts_token_count": using("usage.reasoning_tokens", told_count),
    "cached_content_token_count": using("usage.cache_read_tokens", told_count),
}


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
        **VERTEX_RATINGS,
        **{f"usage_metadata.{path}": cell for path, cell in USAGE.items()},
    },
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
