"""Records that the tests of text, HTML and attributes share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from langchain_respmeta.record.measures import Cost, Http, Timing, Usage
from langchain_respmeta.record.parts import (
    Citation,
    ErrorInfo,
    Refusal,
    Routing,
    SafetyRating,
    StructuredOutput,
    ToolCall,
)
from langchain_respmeta.record.record import ResponseMetadata

SEARCH = ResponseMetadata(
    run_id="0197f3c2-0000-7000-8000-000000000001",
    response_id="chatcmpl-abc123",
    provider="openai",
    integration="ChatOpenAI",
    api="chat_completions",
    model="gpt-5-mini-2025-08-07",
    model_source="response",
    requested_model="gpt-5-mini",
    created_at=datetime(2025, 1, 15, 10, 30, tzinfo=UTC),
    received_at=datetime(2025, 1, 15, 10, 30, 2, 250000, tzinfo=UTC),
    service_tier="default",
    system_fingerprint="fp_44709d6fcb",
    streamed=True,
    finish_reason="stop",
    native_finish_reason="stop",
    citations=(
        Citation(type="url", start_index=0, end_index=3, url="https://example.com/ai", title="AI News Today"),
        Citation(type="url", url="https://arxiv.org/abs/1", title="Research Paper"),
        Citation(type="file", filename="q4.pdf", file_id="file-1"),
    ),
    usage=Usage(
        input_tokens=1117, output_tokens=223, total_tokens=1340, cache_read_tokens=1024, reasoning_tokens=192
    ),
    cost=Cost(total=Decimal("0.000512"), source="computed", price_version="genai-prices 0.2.3"),
    timing=Timing(
        latency_s=1.32, time_to_first_chunk_s=0.3, time_to_first_token_s=0.41, tokens_per_second=168.94
    ),
    http=Http(status_code=200, headers={"x-request-id": "req_1"}),
    provider_data={"metadata": {"nested": [1, 2.5, None, 2**80]}},
)
"""A streamed answer with a web search, cached and reasoning tokens."""

REFUSED = ResponseMetadata(
    response_id="msg_1",
    provider="openrouter",
    api="messages",
    model="claude-sonnet-4-5",
    finish_reason="content_filter",
    native_finish_reason="SAFETY",
    refused=True,
    truncated=True,
    refusal=Refusal(source="content_filter", category="violence", reason="I can't help with\nthat."),
    routing=Routing(upstream_provider="Anthropic", is_byok=True, attempts=2),
    safety=(
        SafetyRating(category="violence", severity="high", blocked=True, source="azure_content_filter"),
        SafetyRating(category="hate", blocked=False, source="azure_content_filter"),
    ),
    tool_calls=(
        ToolCall(id="c1", name="get_weather", valid=False),
        ToolCall(id="c2", name="web_search", server_side=True),
    ),
    structured_output=StructuredOutput(requested=True, parsed=False, type_name="Article", error="bad JSON"),
    usage=Usage(input_tokens=10, output_tokens=0),
    cost=Cost(unpriced_reason="no price for this model"),
    warnings=("total_tokens 12 is not input_tokens + output_tokens 10",),
    unmapped=("usage.novelty",),
)
"""Everything that should raise an alarm."""

FAILED = ResponseMetadata(
    provider="groq",
    requested_model="llama-4",
    finish_reason="error",
    attempt=2,
    superseded=True,
    error=ErrorInfo(
        type="RateLimitError", status_code=429, code="rate_limit", retry_after_s=7.5, retryable=True
    ),
    timing=Timing(latency_s=0.052),
)
"""A call that failed and was tried again."""

CACHED = ResponseMetadata(
    provider="mistral_ai",
    model="mistral-small-latest",
    model_source="request",
    finish_reason="unknown",
    native_finish_reason="novel_word",
    langchain_cache_hit=True,
    usage=Usage(input_tokens=0, output_tokens=5, cache_read_tokens=0),
    cost=Cost(total=Decimal(0), currency="EUR", source="provider"),
)
"""Answered from LangChain's own cache."""

BARE = ResponseMetadata()
"""Nothing was reported."""
