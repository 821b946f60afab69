"""The family of OpenAI's Chat Completions API, which most vendors speak.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers import _parts
from langchain_respmeta.providers._fields import IGNORE, KEEP, Cells, count, each, moment, spare, text, using, word
from langchain_respmeta.providers._reader import FinishWords, Reader

FINISH: Final[FinishWords] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "tool_call": "tool_calls",  # DeepSeek's models on Azure
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "refusal",
    "error": "error",
    "null": None,  # DashScope, on chunks before the last
}

TOKEN_USAGE: Final[Cells] = {
    "prompt_tokens": count("usage.input_tokens"),
    "completion_tokens": count("usage.output_tokens"),
    "total_tokens": count("usage.total_tokens"),
    "prompt_tokens_details.cached_tokens": count("usage.cache_read_tokens"),
    "prompt_tokens_details.cache_write_tokens": count("usage.cache_write_tokens"),
    "prompt_tokens_details.audio_tokens": count("usage.input_audio_tokens"),
    "prompt_tokens_details.image_tokens": count("usage.input_image_tokens"),
    "prompt_tokens_details.video_tokens": count("usage.input_video_tokens"),
    "prompt_tokens_details.text_tokens": KEEP,
    "completion_tokens_details.reasoning_tokens": count("usage.reasoning_tokens"),
    "completion_tokens_details.audio_tokens": count("usage.output_audio_tokens"),
    "completion_tokens_details.image_tokens": count("usage.output_image_tokens"),
    "completion_tokens_details.accepted_prediction_tokens": count("usage.accepted_prediction_tokens"),
    "completion_tokens_details.rejected_prediction_tokens": count("usage.rejected_prediction_tokens"),
    "completion_tokens_details.text_tokens": KEEP,
    # Not OpenAI's own, but many speakers of this dialect send them.
    "cached_tokens": spare(count("usage.cache_read_tokens")),
    "reasoning_tokens": spare(count("usage.reasoning_tokens")),
    "cost": using("cost.total", _parts.read_cost),
}


def token_usage(cells: Cells, *, under: str = "token_usage") -> Cells:
    """`cells` at the place where the integration keeps the raw usage."""
    return {f"{under}.{path}": cell for path, cell in cells.items()}


OPENAI_CHAT: Final = Reader(
    name="unknown",
    api="chat_completions",
    metadata={
        "id": text("response_id"),
        "model_name": text("model"),
        "model": spare(text("model")),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "finish_reason": word("native_finish_reason"),
        "created": moment("created_at"),
        "object": KEEP,
        "service_tier": text("service_tier"),
        "system_fingerprint": text("system_fingerprint"),
        "logprobs": using("logprobs", _parts.logprobs),
        "headers": using("_headers", _parts.headers),
        "content_filter_results": each("safety", _parts.azure_completion_filter),
        "prompt_filter_results": each("safety", _parts.azure_prompt_filter),
        "lc_gateway_metadata": KEEP,
        **token_usage(TOKEN_USAGE),
    },
    kwargs={
        "refusal": text("_refusal_text"),
        "tool_calls": IGNORE,
        "function_call": IGNORE,
        "parsed": using("_parsed", _parts.parsed_type),
        "audio": each("media", _parts.openai_audio),
        "reasoning_content": text("_reasoning_text"),
        "annotations": using("_annotations", _parts.as_list),
    },
    finish=FINISH,
)
