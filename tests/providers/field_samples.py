"""One fixture for each key that a provider documents: what it sends there, and what the record must hold of it.

Written from the vendors' references, not from the tables: a table that reads a key into the wrong field, or in the
wrong unit, disagrees with this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Data = dict[str, Any]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    made: dict[str, Any] = {}
    for path, value in flat.items():
        *way, last = path.split(".")
        place = made
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return made


class Sample(NamedTuple):
    """A value, the values that it needs beside it, and the fields that it fills."""

    value: Any
    expected: Data
    """Dotted path → value; a string of digits for a Decimal."""
    beside: Data = {}  # noqa: RUF012 - a tuple's default, never written to
    """Further dotted paths of the same place."""


def one(value: Any, field: str, expected: Any = None, **beside: Any) -> Sample:
    """A value that fills one field, unchanged by default."""
    return Sample(value, {field: value if expected is None else expected}, beside)


MODEL = "gpt-5-mini-2025-08-07"
ID = "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs"
TIME = "2026-06-01T08:00:00+00:00"
RATING = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}
SOURCE = {"url": "https://a.example", "title": "A"}
FILTER = {"violence": {"filtered": True, "severity": "high"}}
GUARDRAIL = {
    "inputAssessment": {"g": {"topicPolicy": {"topics": [{"name": "Finance", "action": "BLOCKED"}]}}}
}
TOKENS = {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.5}]}

USAGE: dict[str, Sample] = {
    "prompt_tokens": one(120, "usage.input_tokens"),
    "completion_tokens": one(34, "usage.output_tokens"),
    "total_tokens": one(154, "usage.total_tokens"),
    "input_tokens": one(121, "usage.input_tokens"),
    "output_tokens": one(35, "usage.output_tokens"),
    "reasoning_tokens": one(21, "usage.reasoning_tokens"),
    "cached_tokens": one(64, "usage.cache_read_tokens"),
    "num_cached_tokens": one(65, "usage.cache_read_tokens"),
    "prompt_cache_hit_tokens": one(66, "usage.cache_read_tokens"),
    "cache_read_input_tokens": one(67, "usage.cache_read_tokens"),
    "cache_creation_input_tokens": one(31, "usage.cache_write_tokens"),
    "cache_write_input_tokens": one(32, "usage.cache_write_tokens"),
    "cache_creation.ephemeral_5m_input_tokens": one(11, "usage.cache_write_5m_tokens"),
    "cache_creation.ephemeral_1h_input_tokens": one(12, "usage.cache_write_1h_tokens"),
    "cache_creation.ephemeral_30m_input_tokens": one(15, "usage.cache_write_tokens"),
    "cache_creation.ephemeral_12h_input_tokens": one(16, "usage.cache_write_tokens"),
    "cache_creation.ephemeral_24h_input_tokens": one(17, "usage.cache_write_tokens"),
    "audio_prompt_tokens": one(10, "usage.input_audio_tokens"),
    "prompt_audio_tokens": one(12, "usage.input_audio_tokens"),
    "image_prompt_tokens": one(13, "usage.input_image_tokens"),
    "prompt_image_tokens": one(14, "usage.input_image_tokens"),
    "audio_completion_tokens": one(15, "usage.output_audio_tokens"),
    "completion_audio_tokens": one(16, "usage.output_audio_tokens"),
    "cached_prompt_text_tokens": one(62, "usage.cache_read_tokens"),
    "prompt_eval_count": one(301, "usage.input_tokens"),
    "eval_count": one(302, "usage.output_tokens"),
    "prompt_tokens_details.cached_tokens": one(61, "usage.cache_read_tokens"),
    "prompt_tokens_details.cache_write_tokens": one(41, "usage.cache_write_tokens"),
    "prompt_tokens_details.cache_creation_tokens": one(42, "usage.cache_write_tokens"),
    "prompt_tokens_details.cache_creation_input_tokens": one(43, "usage.cache_write_tokens"),
    "prompt_tokens_details.audio_tokens": one(7, "usage.input_audio_tokens"),
    "prompt_tokens_details.image_tokens": one(8, "usage.input_image_tokens"),
    "prompt_tokens_details.video_tokens": one(9, "usage.input_video_tokens"),
    "prompt_tokens_details.web_search_requests": one(2, "usage.web_search_requests"),
    "prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens": one(
        13, "usage.cache_write_5m_tokens"
    ),
    "prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens": one(
        14, "usage.cache_write_1h_tokens"
    ),
    **{
        f"prompt_tokens_details.cache_creation_token_details.ephemeral_{life}_input_tokens": one(
            18, "usage.cache_write_tokens"
        )
        for life in ("30m", "12h", "24h")
    },
    "completion_tokens_details.reasoning_tokens": one(22, "usage.reasoning_tokens"),
    "completion_tokens_details.audio_tokens": one(5, "usage.output_audio_tokens"),
    "completion_tokens_details.image_tokens": one(6, "usage.output_image_tokens"),
    "completion_tokens_details.accepted_prediction_tokens": one(3, "usage.accepted_prediction_tokens"),
    "completion_tokens_details.rejected_prediction_tokens": one(4, "usage.rejected_prediction_tokens"),
    "prompt_token_details.cached_tokens": one(62, "usage.cache_read_tokens"),
    "completion_token_details.reasoning_tokens": one(23, "usage.reasoning_tokens"),
    "input_tokens_details.cached_tokens": one(63, "usage.cache_read_tokens"),
    "input_tokens_details.cache_read_input_tokens": one(64, "usage.cache_read_tokens"),
    "input_tokens_details.cache_creation_input_tokens": one(65, "usage.cache_write_tokens"),
    "tool_calls_details.search_web.invocation": one(3, "usage.web_search_requests"),
    "input_tokens_details.cache_write_tokens": one(44, "usage.cache_write_tokens"),
    "output_tokens_details.reasoning_tokens": one(24, "usage.reasoning_tokens"),
    "output_tokens_details.thinking_tokens": one(25, "usage.reasoning_tokens"),
    "server_tool_use.web_search_requests": one(3, "usage.web_search_requests"),
    "server_tool_use_details.web_search_requests": one(6, "usage.web_search_requests"),
    "num_search_queries": one(4, "usage.web_search_requests"),
    "num_sources_used": one(5, "usage.num_search_results"),
    "service_tier": one("priority", "service_tier"),
    "is_byok": one(True, "routing.is_byok"),  # noqa: FBT003 - a value of a key
    "cost": one(0.00456, "cost.total", "0.00456"),
    "cost_details.upstream_inference_cost": one(0.00411, "cost.upstream_inference", "0.00411"),
    "cost_in_usd_ticks": one(45_600_000, "cost.total", "0.00456"),
    # Seconds.
    "queue_time": one(0.193, "timing.queue_s"),
    "prompt_time": one(0.002, "timing.prompt_s"),
    "completion_time": one(0.245, "timing.completion_s"),
    "total_time": one(0.247, "timing.provider_total_s"),
    "total_latency": one(4.3, "timing.provider_total_s"),
    "time_to_first_token": one(0.12, "timing.time_to_first_token_s"),
    "time_to_first_token_ms": one(59.5, "timing.time_to_first_token_s", 0.0595),
    "completion_tokens_per_sec": one(87.6, "timing.tokens_per_second"),
    "completion_tokens_per_second": one(87.7, "timing.tokens_per_second"),
    "tokens_per_second": one(87.8, "timing.tokens_per_second"),
    "total_duration": one(4_400_000_000, "timing.provider_total_s", 4.4),
    "load_duration": one(300_000_000, "timing.load_s", 0.3),
    "prompt_eval_duration": one(150_000_000, "timing.prompt_s", 0.15),
    "eval_duration": one(250_000_000, "timing.completion_s", 0.25),
    "total_time_sec": one(4.5, "timing.provider_total_s"),
    "total_prompt_time_sec": one(0.16, "timing.prompt_s"),
    "total_completion_time_sec": one(0.26, "timing.completion_s"),
    "avg_compl_tok_per_sec": one(87.9, "timing.tokens_per_second"),
    "timing_prompt_processing": one(120.5, "timing.prompt_s", 0.1205),
    "timing_token_generation": one(2400, "timing.completion_s", 2.4),
}

ANNOTATIONS = Sample(
    [{"type": "url_citation", "url_citation": {**SOURCE, "start_index": 0, "end_index": 2}}],
    {"citations.0.url": SOURCE["url"], "citations.0.title": "A", "citations.0.end_index": 2},
)

METADATA: dict[str, Sample] = {
    "annotations": ANNOTATIONS,
    **{f"token_usage.{path}": sample for path, sample in USAGE.items()},
    **{f"usage.{path}": sample for path, sample in USAGE.items()},
    # Databricks spreads the usage over the metadata.
    **USAGE,
    # --- who and when ---
    "id": one(ID, "response_id"),
    "response_id": one(ID, "response_id"),
    "create_time": one("2026-06-01T08:00:00.000000Z", "created_at", TIME),
    "model_name": one(MODEL, "model"),
    "model": one(MODEL, "model"),
    "model_id": one(MODEL, "model"),
    "created": one(1_780_300_800, "created_at", TIME),
    "created_at": one(1_780_300_800.0, "created_at", TIME),
    "service_tier": one("flex", "service_tier"),
    "usage_metadata.service_tier": one("flex", "service_tier"),
    "serviceTier.type": one("flex", "service_tier"),
    "system_fingerprint": one("fp_34a54ae93c", "system_fingerprint"),
    "provider": one("Anthropic", "routing.upstream_provider"),
    "is_byok": one(True, "routing.is_byok"),  # noqa: FBT003 - a value of a key
    "trace.promptRouter.invokedModelId": one("amazon.nova-lite-v1:0", "model"),
    # --- the end ---
    "finish_reason": one("length", "native_finish_reason"),
    "stop_reason": one("max_tokens", "native_finish_reason"),
    "stopReason": one("max_tokens", "native_finish_reason"),
    "done_reason": one("length", "native_finish_reason"),
    "completionReason": one("LENGTH", "native_finish_reason"),
    "native_finish_reason": Sample(
        "refusal", {"native_finish_reason": "refusal", "finish_reason": "refusal"}, {"finish_reason": "stop"}
    ),
    "status": Sample("failed", {"native_finish_reason": "failed", "finish_reason": "error"}),
    "incomplete_details.reason": Sample(
        "max_output_tokens",
        {"native_finish_reason": "max_output_tokens", "finish_reason": "length", "truncated": True},
        {"status": "incomplete"},
    ),
    "stop_sequence": one("END", "stop_sequence"),
    "additionalModelResponseFields.stop_sequence": one("END", "stop_sequence"),
    # --- refusals and filters ---
    "refusal": Sample("No.", {"refusal.reason": "No.", "refusal.source": "message"}),
    "stop_details.category": Sample("cyber", {"refusal.category": "cyber"}, {"stop_reason": "refusal"}),
    "stop_details.explanation": Sample("No.", {"refusal.reason": "No."}, {"stop_reason": "refusal"}),
    "additionalModelResponseFields.stop_details.category": Sample(
        "cyber", {"refusal.category": "cyber"}, {"stopReason": "refusal"}
    ),
    "additionalModelResponseFields.stop_details.explanation": Sample(
        "No.", {"refusal.reason": "No."}, {"stopReason": "refusal"}
    ),
    "finish_message": Sample("Blocked.", {"refusal.reason": "Blocked."}, {"finish_reason": "SAFETY"}),
    "prompt_feedback.block_reason": Sample(
        "PROHIBITED_CONTENT",
        {"refusal.category": "PROHIBITED_CONTENT", "refusal.source": "prompt_block"},
    ),
    "prompt_feedback.block_reason_message": Sample(
        "Not this.", {"refusal.reason": "Not this."}, {"prompt_feedback.block_reason": "SAFETY"}
    ),
    "prompt_feedback.safety_ratings": Sample(
        [RATING], {"safety.0.scope": "prompt", "safety.0.probability": "HIGH", "safety.0.blocked": True}
    ),
    "safety_ratings": Sample(
        [RATING], {"safety.0.scope": "completion", "safety.0.category": RATING["category"]}
    ),
    "content_filter_results": Sample(
        FILTER,
        {"safety.0.category": "violence", "safety.0.severity": "high", "safety.0.scope": "completion"},
    ),
    "prompt_filter_results": Sample(
        [{"prompt_index": 0, "content_filter_results": FILTER}],
        {"safety.0.category": "violence", "safety.0.blocked": True, "safety.0.scope": "prompt"},
    ),
    "trace.guardrail": Sample(
        GUARDRAIL,
        {"safety.0.category": "Finance", "safety.0.blocked": True, "safety.0.scope": "prompt"},
        {"stopReason": "guardrail_intervened"},
    ),
    "amazon-bedrock-trace.guardrail": Sample(
        {"input": GUARDRAIL["inputAssessment"]},
        {"safety.0.category": "Finance", "safety.0.blocked": True},
        {"amazon-bedrock-guardrailAction": "INTERVENED"},
    ),
    "amazon-bedrock-guardrailAction": Sample("INTERVENED", {"refusal.source": "guardrail", "refused": True}),
    "content_filters": Sample(
        [{"blocked": True, "source_type": "prompt", "content_filter_results": FILTER}],
        {"safety.0.category": "violence", "safety.0.blocked": True, "safety.0.scope": "prompt"},
    ),
    "error": Sample(
        {"code": "server_error", "message": "Overloaded."},
        {"error.code": "server_error", "error.message": "Overloaded.", "finish_reason": "error"},
    ),
    # --- beside the choices ---
    "request_id": one("20260601080000abc", "request_id"),
    "time_info.queue_time": one(0.0011, "timing.queue_s"),
    "time_info.prompt_time": one(0.0022, "timing.prompt_s"),
    "time_info.completion_time": one(0.0033, "timing.completion_s"),
    "time_info.total_time": one(0.0077, "timing.provider_total_s"),
    "timings.prompt_ms": one(58.5, "timing.prompt_s", 0.0585),
    "timings.predicted_ms": one(391.0, "timing.completion_s", 0.391),
    "timings.predicted_per_second": one(119.9, "timing.tokens_per_second"),
    "perf_metrics.server-time-to-first-token": one(0.21, "timing.time_to_first_token_s"),
    "perf_metrics.server-processing-time": one(1.04, "timing.provider_total_s"),
    "tool_usage.web_search.num_requests": one(2, "usage.web_search_requests"),
    # --- what else ---
    "logprobs": Sample(TOKENS, {"logprobs.mean": -1.0, "logprobs.min": -1.5, "logprobs.tokens": 2}),
    "logprobs_result": Sample(
        {"chosen_candidates": [{"token": "a", "log_probability": -0.5}]}, {"logprobs.mean": -0.5}
    ),
    "citations": Sample(
        [
            {
                "start": 0,
                "end": 2,
                "text": "hi",
                "sources": [{"type": "document", "id": "d", "document": SOURCE}],
            }
        ],
        {"citations.0.url": SOURCE["url"], "citations.0.start_index": 0, "citations.0.end_index": 2},
    ),
    "citation_metadata.citations": Sample(
        [{"start_index": 0, "end_index": 2, "uri": SOURCE["url"]}],
        {"citations.0.url": SOURCE["url"], "citations.0.text": "hi"},
    ),
    "reasoning_content": one("Hm.", "reasoning.text"),
    "thinking": one("Hm.", "reasoning.text"),
    "headers": Sample(
        {"x-ratelimit-remaining-requests": "7", "x-request-id": "req_1", "set-cookie": "no"},
        {"rate_limits.requests_remaining": 7, "request_id": "req_1"},
    ),
    "ResponseMetadata.HTTPHeaders": Sample(
        {"x-amzn-requestid": "req_1", "date": "Mon, 01 Jun 2026 08:00:00 GMT"},
        {"http.headers": {"x-amzn-requestid": "req_1", "date": "Mon, 01 Jun 2026 08:00:00 GMT"}},
    ),
    "ResponseMetadata.RequestId": one("req_2", "request_id"),
    "ResponseMetadata.HTTPStatusCode": one(200, "http.status_code"),
    "ResponseMetadata.RetryAttempts": one(1, "http.retry_attempts"),
    "cost": one(0.00456, "cost.total", "0.00456"),
    "cost_details.upstream_inference_cost": one(0.00411, "cost.upstream_inference", "0.00411"),
    "response_cost": one(0.0067, "cost.total", "0.0067"),
    "num_search_queries": one(3, "usage.web_search_requests"),
    # --- Bedrock's milliseconds ---
    "metrics.latencyMs": one([551], "timing.provider_total_s", 0.551),
    "additionalModelResponseFields.usage.output_tokens_details.thinking_tokens": one(
        20, "usage.reasoning_tokens"
    ),
    "inputTextTokenCount": one(13, "usage.input_tokens"),
    "totalOutputTextTokenCount": one(100, "usage.output_tokens"),
    "amazon-bedrock-invocationMetrics.inputTokenCount": one(13, "usage.input_tokens"),
    "amazon-bedrock-invocationMetrics.outputTokenCount": one(100, "usage.output_tokens"),
    "amazon-bedrock-invocationMetrics.cacheReadInputTokenCount": one(60, "usage.cache_read_tokens"),
    "amazon-bedrock-invocationMetrics.cacheWriteInputTokenCount": one(30, "usage.cache_write_tokens"),
    "amazon-bedrock-invocationMetrics.invocationLatency": one(4075, "timing.provider_total_s", 4.075),
    # --- Ollama's nanoseconds ---
    "total_duration": one(4_321_000_000, "timing.provider_total_s", 4.321),
    "load_duration": one(111_000_000, "timing.load_s", 0.111),
    "prompt_eval_duration": one(222_000_000, "timing.prompt_s", 0.222),
    "eval_duration": one(333_000_000, "timing.completion_s", 0.333),
    "prompt_eval_count": one(29, "usage.input_tokens"),
    "prompt_eval_cached_count": one(12, "usage.cache_read_tokens"),
    "eval_count": one(20, "usage.output_tokens"),
    # --- Vertex AI ---
    "usage_metadata.prompt_token_count": one(100, "usage.input_tokens"),
    "usage_metadata.candidates_token_count": one(10, "usage.output_tokens"),
    "usage_metadata.thoughts_token_count": one(20, "usage.reasoning_tokens"),
    "usage_metadata.cached_content_token_count": one(60, "usage.cache_read_tokens"),
    "usage_metadata.tool_use_prompt_token_count": one(7, "usage.tool_use_prompt_tokens"),
    "usage_metadata.total_token_count": one(130, "usage.total_tokens"),
    # --- Cohere's floats ---
    "token_count.input_tokens": one(12.0, "usage.input_tokens", 12),
    "token_count.output_tokens": one(4.0, "usage.output_tokens", 4),
    "token_count.image_tokens": one(3.0, "usage.input_image_tokens", 3),
    "token_count.reasoning_tokens": one(2.0, "usage.reasoning_tokens", 2),
    "token_count.cached_tokens": one(5.0, "usage.cache_read_tokens", 5),
}
"""Path in `response_metadata` → fixture."""

KWARGS: dict[str, Sample] = {
    "refusal": Sample("No.", {"refusal.reason": "No.", "refusal.source": "message", "refused": True}),
    "annotations": ANNOTATIONS,
    "audio": Sample({"id": "audio_1", "data": "AAAA"}, {"media.0.kind": "audio", "media.0.size_bytes": 3}),
    "parsed": Sample({"a": 1}, {"structured_output.parsed": True, "structured_output.source": "parsed"}),
    "reasoning": one("Hm.", "reasoning.text"),
    "reasoning_content": one("Hm.", "reasoning.text"),
    "thinking": one("Hm.", "reasoning.text"),
    "citations": Sample(["https://a.example"], {"citations.0.url": "https://a.example"}),
    "search_results": Sample([SOURCE], {"citations.0.url": SOURCE["url"], "citations.0.title": "A"}),
    "images": Sample(
        [{"image_url": "https://i.example/1.png"}],
        {"media.0.kind": "image", "media.0.url": "https://i.example/1.png", "media.0.origin": "tool"},
    ),
    "videos": Sample([{"url": "https://v.example/1"}], {"media.0.kind": "video"}),
    "executed_tools": Sample(
        [{"type": "search", "arguments": "{}"}],
        {"tool_calls.0.name": "search", "tool_calls.0.server_side": True},
    ),
    "tool_outputs": Sample(
        [{"type": "web_search_call", "id": "ws_1"}],
        {"tool_calls.0.id": "ws_1", "tool_calls.0.server_side": True},
    ),
}
"""Key in `additional_kwargs` → fixture."""

COHERE_CITATIONS = METADATA["citations"]
"""Cohere says the same in both places; xAI and Perplexity list addresses."""

WORDS: dict[str, dict[str, str]] = {
    "openai": {
        "stop": "stop",
        "length": "length",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "content_filter": "content_filter",
    },
    "responses": {
        "completed": "stop",
        "incomplete": "unknown",
        "failed": "error",
        "cancelled": "cancelled",
    },
    "anthropic": {
        "end_turn": "stop",
        "max_tokens": "length",
        "stop_sequence": "stop_sequence",
        "tool_use": "tool_calls",
        "pause_turn": "pause",
        "compaction": "pause",
        "refusal": "refusal",
        "model_context_window_exceeded": "length",
    },
    "converse": {
        "end_turn": "stop",
        "tool_use": "tool_calls",
        "max_tokens": "length",
        "stop_sequence": "stop_sequence",
        "guardrail_intervened": "content_filter",
        "content_filtered": "content_filter",
        "malformed_model_output": "error",
        "malformed_tool_use": "error",
        "model_context_window_exceeded": "length",
    },
    "gemini": {
        "STOP": "stop",
        "MAX_TOKENS": "length",
        **dict.fromkeys(
            (
                "SAFETY",
                "RECITATION",
                "BLOCKLIST",
                "PROHIBITED_CONTENT",
                "SPII",
                "IMAGE_SAFETY",
                "IMAGE_PROHIBITED_CONTENT",
                "IMAGE_RECITATION",
            ),
            "content_filter",
        ),
        **dict.fromkeys(
            (
                "LANGUAGE",
                "MALFORMED_FUNCTION_CALL",
                "MALFORMED_RESPONSE",
                "UNEXPECTED_TOOL_CALL",
                "TOO_MANY_TOOL_CALLS",
                "MISSING_THOUGHT_SIGNATURE",
                "NO_IMAGE",
                "IMAGE_OTHER",
            ),
            "error",
        ),
        "CONTINUATION": "pause",
        "OTHER": "unknown",
    },
    "cohere": {
        "COMPLETE": "stop",
        "STOP_SEQUENCE": "stop_sequence",
        "MAX_TOKENS": "length",
        "TOOL_CALL": "tool_calls",
        "ERROR": "error",
        "TIMEOUT": "error",
    },
    "mistral": {"model_length": "length", "error": "error"},
    "deepseek": {"insufficient_system_resource": "error", "tool_call": "tool_calls"},
    "together": {"eos": "stop"},
    "huggingface": {"eos_token": "stop", "stop_sequence": "stop_sequence"},
    "watsonx": {
        "time_limit": "length",
        "cancelled": "cancelled",
        "error": "error",
        "max_tokens": "length",
        "eos_token": "stop",
        "stop_sequence": "stop_sequence",
    },
    "ollama": {"stop": "stop", "length": "length", "load": "error"},
    "openrouter": {"error": "error"},
    "vllm": {"abort": "cancelled", "error": "error", "repetition": "error"},
    "zai": {
        "sensitive": "content_filter",
        "network_error": "error",
        "model_context_window_exceeded": "length",
    },
}
"""Whose documentation → word → the record's word."""

CLASS: dict[str, tuple[str, str]] = {
    "openai": ("ChatOpenAI", "finish_reason"),
    "responses": ("ChatOpenAI", "status"),
    "anthropic": ("ChatAnthropic", "stop_reason"),
    "converse": ("ChatBedrockConverse", "stopReason"),
    "gemini": ("ChatGoogleGenerativeAI", "finish_reason"),
    "cohere": ("ChatCohere", "finish_reason"),
    "mistral": ("ChatMistralAI", "finish_reason"),
    "deepseek": ("ChatDeepSeek", "finish_reason"),
    "together": ("ChatTogether", "finish_reason"),
    "huggingface": ("ChatHuggingFace", "finish_reason"),
    "watsonx": ("ChatWatsonx", "finish_reason"),
    "ollama": ("ChatOllama", "done_reason"),
    "openrouter": ("ChatOpenRouter", "finish_reason"),
    "vllm": ("ChatOpenAI", "finish_reason"),
    "zai": ("ChatOpenAI", "finish_reason"),
}
"""Whose documentation → class and key by which the word comes."""
