"""The family of OpenAI's Chat Completions API, which most vendors speak.

Besides OpenAI's own keys the tables hold what other speakers of the dialect add to it, since `ChatOpenAI` can be
pointed at any of them, and gateways pass on what their vendors say.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import (
    CONTENT,
    IGNORE,
    KEEP,
    Cells,
    Unreadable,
    count,
    each,
    flag,
    millis,
    moment,
    money,
    nanos,
    number,
    read_count,
    read_money,
    seconds,
    spare,
    text,
    using,
    word,
)
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families import azure_content_filter
from langchain_respmeta.providers.families.langchain_usage import lifetimes
from langchain_respmeta.providers.families.langsmith_gateway import GATEWAY
from langchain_respmeta.record.finish_words import OPENAI_FINISH
from langchain_respmeta.record.plain import as_mapping

_NO_CALL_COSTS: Final = 1000
"""USD. A larger whole number is of an unknown unit."""


def read_cost(value: object) -> Decimal | None:
    """`usage.cost`: a number of USD (OpenRouter), or an object with `total_cost` (Perplexity)."""
    if (parts := as_mapping(value)) is not None:
        value = parts.get("total_cost")
    if isinstance(value, int) and value >= _NO_CALL_COSTS:
        raise Unreadable("a cost in USD")
    return None if value is None else read_money(value)


_TICKS: Final = 10_000_000_000
"""xAI's ticks in a dollar."""


def ticks(value: object) -> Decimal:
    """XAI's `cost_in_usd_ticks`, in USD."""
    return _EXACT.divide(Decimal(read_count(value)), Decimal(_TICKS))


_EXACT: Final = Context(prec=40)
"""Of our own, because the caller's decimal context may round."""


def _audio(value: object) -> list[dict[str, Any]]:
    """`message.audio` of audio models: id, base64 data, transcript."""
    fields = as_mapping(value)
    if fields is None:
        raise Unreadable("an audio object")
    if not any(map(fields.get, ("id", "data", "transcript"))):
        return []  # Snowflake's, of answers in text
    return [
        values.compact(
            kind="audio",
            id=values.plain_word(fields.get("id")),
            size_bytes=values.base64_size(fields.get("data")),
        )
    ]


_DETAILS: Final[Cells] = {
    "prompt_tokens_details.cached_tokens": count("usage.cache_read_tokens"),
    "prompt_tokens_details.cache_write_tokens": count("usage.cache_write_tokens"),
    "prompt_tokens_details.audio_tokens": count("usage.input_audio_tokens"),
    "prompt_tokens_details.image_tokens": count("usage.input_image_tokens"),
    "prompt_tokens_details.video_tokens": count("usage.input_video_tokens"),
    "prompt_tokens_details.text_tokens": KEEP,
    "prompt_tokens_details.cache_creation_tokens": spare(count("usage.cache_write_tokens")),
    "prompt_tokens_details.cache_creation_input_tokens": spare(count("usage.cache_write_tokens")),
    "prompt_tokens_details.cache_type": KEEP,
    # OpenAI's lifetimes are 30 minutes and 12 hours, which have no field of their own.
    "prompt_tokens_details.cache_write_tokens_details": KEEP,
    "input_tokens_details.cache_write_tokens_details": KEEP,
    "completion_tokens_details.reasoning_tokens": count("usage.reasoning_tokens"),
    "completion_tokens_details.audio_tokens": count("usage.output_audio_tokens"),
    "completion_tokens_details.image_tokens": count("usage.output_image_tokens"),
    "completion_tokens_details.accepted_prediction_tokens": count("usage.accepted_prediction_tokens"),
    "completion_tokens_details.rejected_prediction_tokens": count("usage.rejected_prediction_tokens"),
    "completion_tokens_details.text_tokens": KEEP,
    # Writer writes both in the singular, OpenAI's Responses names appear on a few gateways' chat answers.
    "prompt_token_details.cached_tokens": spare(count("usage.cache_read_tokens")),
    "completion_token_details.reasoning_tokens": spare(count("usage.reasoning_tokens")),
    "input_tokens_details.cached_tokens": spare(count("usage.cache_read_tokens")),
    "input_tokens_details.cache_write_tokens": spare(count("usage.cache_write_tokens")),
    "output_tokens_details.reasoning_tokens": spare(count("usage.reasoning_tokens")),
}

SPEEDS: Final[Cells] = {
    "time_to_first_token_ms": millis("timing.time_to_first_token_s"),
    "time_to_first_token": spare(seconds("timing.time_to_first_token_s")),
    "tokens_per_second": number("timing.tokens_per_second"),
    "completion_tokens_per_second": spare(number("timing.tokens_per_second")),
    "completion_tokens_per_sec": spare(number("timing.tokens_per_second")),
    "total_latency": spare(seconds("timing.provider_total_s")),
    "timing_prompt_processing": millis("timing.prompt_s"),
    "timing_token_generation": millis("timing.completion_s"),
    "prompt_tokens_per_sec": KEEP,
    "total_tokens_per_sec": KEEP,
    "time_per_output_token_ms": KEEP,
    "prompt_tokens_per_second": KEEP,
    "draft_tokens": KEEP,
    "draft_tokens_acceptance": KEEP,
    # Open WebUI, in front of Ollama: nanoseconds (backend/open_webui/utils/response.py), and the same once more in words.
    "total_duration": spare(nanos("timing.provider_total_s")),
    "load_duration": nanos("timing.load_s"),
    "prompt_eval_duration": spare(nanos("timing.prompt_s")),
    "eval_duration": spare(nanos("timing.completion_s")),
    "prompt_eval_count": spare(count("usage.input_tokens")),
    "eval_count": spare(count("usage.output_tokens")),
    "response_token/s": KEEP,
    "prompt_token/s": KEEP,
    "approximate_total": KEEP,
    # mistral.rs: seconds.
    "total_time_sec": spare(seconds("timing.provider_total_s")),
    "total_prompt_time_sec": spare(seconds("timing.prompt_s")),
    "total_completion_time_sec": spare(seconds("timing.completion_s")),
    "avg_compl_tok_per_sec": spare(number("timing.tokens_per_second")),
    "avg_prompt_tok_per_sec": KEEP,
    "avg_tok_per_sec": KEEP,
}
"""What servers that people run themselves measure, inside the usage: GPUStack and LocalAI in milliseconds, others in
seconds or nanoseconds (https://docs.gpustack.ai, https://localai.io/features, https://github.com/EricLBuehler/mistral.rs).
"""

_OTHERS: Final[Cells] = {
    "input_tokens": spare(count("usage.input_tokens")),
    "output_tokens": spare(count("usage.output_tokens")),
    "cached_tokens": spare(count("usage.cache_read_tokens")),  # Together, Hugging Face's router, Moonshot
    "num_cached_tokens": spare(count("usage.cache_read_tokens")),  # Mistral
    "prompt_cache_hit_tokens": spare(count("usage.cache_read_tokens")),  # DeepSeek
    "prompt_cache_miss_tokens": KEEP,
    "cache_read_input_tokens": spare(count("usage.cache_read_tokens")),  # Anthropic's words, through gateways
    "cache_creation_input_tokens": spare(count("usage.cache_write_tokens")),
    **lifetimes("cache_creation."),
    # Azure's Grok, and the words of xAI's own protocol.
    "audio_prompt_tokens": spare(count("usage.input_audio_tokens")),
    "image_prompt_tokens": spare(count("usage.input_image_tokens")),
    "text_prompt_tokens": KEEP,
    "audio_completion_tokens": spare(count("usage.output_audio_tokens")),
    "prompt_audio_tokens": spare(count("usage.input_audio_tokens")),
    "prompt_image_tokens": spare(count("usage.input_image_tokens")),
    "prompt_text_tokens": KEEP,
    "cached_prompt_text_tokens": spare(count("usage.cache_read_tokens")),
    "completion_audio_tokens": spare(count("usage.output_audio_tokens")),
    "reasoning_tokens": spare(count("usage.reasoning_tokens")),
    "service_tier": text("service_tier"),
    "inference_geo": KEEP,
    "speed": KEEP,
    "prompt_audio_seconds": KEEP,
    # Costs: OpenRouter, Vercel's gateway, Avian (a number), Perplexity (an object), xAI (ticks).
    "cost": using("cost.total", read_cost),
    "cost_details.upstream_inference_cost": money("cost.upstream_inference"),
    "cost_details.upstream_inference_prompt_cost": KEEP,
    "cost_details.upstream_inference_completions_cost": KEEP,
    "cost_details.upstream_inference_input_cost": KEEP,
    "cost_details.upstream_inference_output_cost": KEEP,
    "cost_in_usd_ticks": using("cost.total", ticks),
    "market_cost": KEEP,
    "estimated_cost": KEEP,
    "is_byok": flag("routing.is_byok"),
    "num_sources_used": count("usage.num_search_results"),
    "num_search_queries": count("usage.web_search_requests"),
    "search_context_size": KEEP,
    "citation_tokens": KEEP,
    "server_tool_use.web_search_requests": count("usage.web_search_requests"),
    # https://openrouter.ai/docs/client-sdks/python/components/bodyservertooluse
    "server_tool_use_details.web_search_requests": spare(count("usage.web_search_requests")),
    "server_tool_use_details.tool_calls_executed": KEEP,
    "server_tool_use_details.tool_calls_requested": KEEP,
    # Groq's and Cerebras's timings, in seconds.
    "queue_time": seconds("timing.queue_s"),
    "prompt_time": seconds("timing.prompt_s"),
    "completion_time": seconds("timing.completion_s"),
    "total_time": seconds("timing.provider_total_s"),
    "latency_checkpoint": KEEP,  # Azure's own stages, in milliseconds
    **SPEEDS,
}

_TIMES: Final[Cells] = {
    # Cerebras, seconds: https://inference-docs.cerebras.ai/api-reference/chat-completions
    "time_info.queue_time": spare(seconds("timing.queue_s")),
    "time_info.prompt_time": spare(seconds("timing.prompt_s")),
    "time_info.completion_time": spare(seconds("timing.completion_s")),
    "time_info.total_time": spare(seconds("timing.provider_total_s")),
    "time_info.created": KEEP,
    # llama.cpp, milliseconds: https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    "timings.prompt_ms": spare(millis("timing.prompt_s")),
    "timings.predicted_ms": spare(millis("timing.completion_s")),
    "timings.predicted_per_second": spare(number("timing.tokens_per_second")),
    "timings.cache_n": KEEP,
    "timings.prompt_n": KEEP,
    "timings.prompt_per_token_ms": KEEP,
    "timings.prompt_per_second": KEEP,
    "timings.predicted_n": KEEP,
    "timings.predicted_per_token_ms": KEEP,
    "timings.draft_n": KEEP,
    "timings.draft_n_accepted": KEEP,
    "latency_checkpoint": KEEP,  # Azure's
}
"""What servers measure, beside the usage."""

_BESIDE: Final[Cells] = {
    "error": using("_told_error", values.as_is),
    "request_id": text("request_id"),  # Z.ai's
    "x_groq": KEEP,
    "usage_breakdown": KEEP,  # Groq's systems, by model
    "generationId": KEEP,  # Vercel's
    "seed": KEEP,  # Together's, like the next
    "prompt": CONTENT,
    "token_id": KEEP,
    "__verbose": CONTENT,  # llama.cpp's, with the whole prompt
    "native_finish_reason": text("_told_finish_reason"),  # OpenRouter's, and of those who are built like it
    **_TIMES,
}
"""What stands in an API's own answer beside OpenAI's keys; most integrations drop it."""

TOKEN_USAGE: Final[Cells] = {
    "prompt_tokens": count("usage.input_tokens"),
    "completion_tokens": count("usage.output_tokens"),
    "total_tokens": count("usage.total_tokens"),
    **_DETAILS,
    **_OTHERS,
}


def token_usage(cells: Cells, *, under: str = "token_usage") -> Cells:
    """`cells` at the place where the integration keeps the raw usage."""
    return {f"{under}.{path}": cell for path, cell in cells.items()}


_MATCHED: Final = ("stop_reason", "matched_stop")
"""vLLM and SGLang add to the finish reason the text that matched, or a token's number."""


def tell_matched(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """The stop sequence that matched, where a server of this dialect reports it.

    Gateways use the same key for their vendor's own finish word, which is none.
    """
    if "finish_reason" in answer.metadata:
        for name in _MATCHED:
            matched = answer.metadata.get(name)
            if isinstance(matched, str) and matched and matched.casefold() not in OPENAI_FINISH:
                draft.setdefault("stop_sequence", matched)


OPENAI_CHAT: Final = Reader(
    name="unknown",
    api="chat_completions",
    metadata={
        "id": text("response_id"),
        "model_name": text("model"),
        "model": spare(text("model")),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "role": IGNORE,
        "finish_reason": word("native_finish_reason"),
        "created": moment("created_at"),
        "object": KEEP,
        "service_tier": text("service_tier"),
        "system_fingerprint": text("system_fingerprint"),
        "logprobs": using("logprobs", values.logprobs),
        "headers": using("_headers", values.headers),
        "content_filter_results": each("safety", azure_content_filter.completion_filter),
        "prompt_filter_results": each("safety", azure_content_filter.prompt_filter),
        GATEWAY: KEEP,
        "provider_metadata": KEEP,  # Vercel's
        **_BESIDE,
        **dict.fromkeys(_MATCHED, KEEP),
        **token_usage(TOKEN_USAGE),
    },
    kwargs={
        "refusal": text("_refusal_text"),
        "tool_calls": IGNORE,
        "function_call": IGNORE,
        "parsed": using("_parsed", values.parsed_type),
        "audio": each("media", _audio),
        "reasoning_content": text("_reasoning_text"),
        "reasoning": using("_reasoning_item", values.as_is),
        "reasoning_details": CONTENT,
        "annotations": using("_annotations", values.as_list),
        "name": IGNORE,
        "channel": KEEP,  # gpt-oss's, where a server shows it
        "token_id": KEEP,
        # Perplexity's and xAI's sources, which stand beside the choices.
        "citations": using("_listed_citations", values.as_list),
        "search_results": using("_listed_results", values.as_list),
        "related_questions": CONTENT,
        "graph_data": CONTENT,  # Writer's
    },
    finish=OPENAI_FINISH,
    steps=(tell_matched,),
)
"""Reads any speaker of the dialect; a vendor's own reader is `OPENAI_CHAT.extended(name, …)`."""
