"""Rate limits and request ids of every vendor that sends them, in failed calls as LangChain hands them over."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from langchain_respmeta import RespMetaHandler, normalize
from tests.providers.test_fields import found

OPENAI = {
    "x-request-id": "req_1",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "6m0s",
}
OPENAI_MEANS = {
    "request_id": "req_1",
    "rate_limits.requests_limit": 500,
    "rate_limits.requests_remaining": 499,
    "rate_limits.requests_reset_s": 0.12,
    "rate_limits.tokens_limit": 30_000,
    "rate_limits.tokens_remaining": 0,
    "rate_limits.tokens_reset_s": 360.0,
}

VENDORS: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "OpenAI": ("ChatOpenAI", OPENAI, OPENAI_MEANS),
    "Azure OpenAI": (
        "AzureChatOpenAI",
        {**OPENAI, "apim-request-id": "apim_1", "x-ms-region": "Sweden Central"},
        OPENAI_MEANS,
    ),
    "Groq": (
        "ChatGroq",
        {**OPENAI, "retry-after": "2", "x-groq-region": "msp"},
        {**OPENAI_MEANS, "rate_limits.retry_after_s": 2.0},
    ),
    "xAI": ("ChatXAI", OPENAI, OPENAI_MEANS),
    "Anthropic": (
        "ChatAnthropic",
        {
            "request-id": "req_011",
            "anthropic-ratelimit-requests-limit": "50",
            "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2026-11-20T10:00:30Z",
            "anthropic-ratelimit-input-tokens-limit": "50000",
            "anthropic-ratelimit-output-tokens-remaining": "8000",
            "anthropic-ratelimit-tokens-limit": "60000",
            "date": "Fri, 20 Nov 2026 10:00:00 GMT",
            "retry-after": "30",
        },
        {
            "request_id": "req_011",
            "rate_limits.requests_limit": 50,
            "rate_limits.requests_remaining": 49,
            "rate_limits.requests_reset_s": 30.0,
            "rate_limits.input_tokens_limit": 50_000,
            "rate_limits.output_tokens_remaining": 8000,
            "rate_limits.tokens_limit": 60_000,
            "rate_limits.retry_after_s": 30.0,
            "error.retry_after_s": 30.0,
        },
    ),
    "Mistral": (
        "ChatMistralAI",
        {
            "mistral-correlation-id": "corr_1",
            "x-ratelimit-limit-tokens-minute": "500000",
            "x-ratelimit-remaining-tokens-minute": "499000",
            "x-ratelimit-limit-req-minute": "60",
            "x-ratelimit-remaining-req-minute": "58",
        },
        {
            "rate_limits.tokens_limit": 500_000,
            "rate_limits.tokens_remaining": 499_000,
            "rate_limits.requests_limit": 60,
            "rate_limits.requests_remaining": 58,
        },
    ),
    "Fireworks": (
        "ChatFireworks",
        {
            "x-ratelimit-limit-requests": "600",
            "x-ratelimit-remaining-tokens-prompt": "59000",
            "x-ratelimit-limit-tokens-generated": "6000",
        },
        {
            "rate_limits.requests_limit": 600,
            "rate_limits.input_tokens_remaining": 59_000,
            "rate_limits.output_tokens_limit": 6000,
        },
    ),
    "Cerebras": (
        "ChatCerebras",
        {
            "x-ratelimit-limit-requests-day": "14400",
            "x-ratelimit-remaining-requests-day": "14399",
            "x-ratelimit-limit-tokens-minute": "60000",
            "x-ratelimit-remaining-tokens-minute": "59000",
            "x-ratelimit-reset-tokens-minute": "11.4",
        },
        {
            "rate_limits.requests_limit": 14_400,
            "rate_limits.requests_remaining": 14_399,
            "rate_limits.tokens_limit": 60_000,
            "rate_limits.tokens_remaining": 59_000,
            "rate_limits.tokens_reset_s": 11.4,
        },
    ),
    "Together": (
        "ChatTogether",
        {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "9", "x-tokenlimit-limit": "2000"},
        {
            "rate_limits.requests_limit": 10,
            "rate_limits.requests_remaining": 9,
            "rate_limits.tokens_limit": 2000,
        },
    ),
    "SambaNova": (
        "ChatSambaNova",
        {"x-ratelimit-limit-requests": "20", "x-ratelimit-remaining-requests": "19"},
        {"rate_limits.requests_limit": 20, "rate_limits.requests_remaining": 19},
    ),
    "DeepSeek": ("ChatDeepSeek", {"retry-after": "5"}, {"error.retry_after_s": 5.0}),
    "Perplexity": ("ChatPerplexity", OPENAI, OPENAI_MEANS),
    "Hugging Face": (
        "ChatHuggingFace",
        {"x-request-id": "hf_1", "retry-after": "1"},
        {"request_id": "hf_1", "error.retry_after_s": 1.0},
    ),
    "Databricks": ("ChatDatabricks", {"retry-after": "3"}, {"error.retry_after_s": 3.0}),
    "LiteLLM": ("ChatLiteLLM", OPENAI, OPENAI_MEANS),
}
"""Vendor → class, its documented headers, and their meaning."""

SECRETS = {"set-cookie": "a=secret", "authorization": "Bearer secret", "openai-organization": "secret-org"}


class Limited(Exception):  # noqa: N818 - stands for an SDK's
    """An SDK's error; what it knows comes through LangChain's `response`."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_failed_calls_headers_are_told(vendor: str) -> None:
    integration, headers, expected = VENDORS[vendor]
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    told = {"body": {"error": {"code": "rate_limit"}}, "headers": {**headers, **SECRETS}, "status_code": 429}
    response = LLMResult(
        generations=[[ChatGeneration(message=AIMessage("", response_metadata=told))]], llm_output=None
    )
    handler.on_chat_model_start({"id": [integration]}, [[]], run_id=run_id)
    handler.on_llm_error(Limited("no"), run_id=run_id, response=response)
    (record,) = handler.records
    assert {path: found(record, path) for path in expected} == expected
    assert (record.error.status_code, record.error.retryable) == (429, True)  # type: ignore[union-attr]
    assert "secret" not in str(record.to_dict())


ASKED_FOR = ("OpenAI", "Azure OpenAI", "xAI", "DeepSeek", "Together", "Cerebras")
"""Classes with `include_response_headers`."""


@pytest.mark.parametrize("vendor", ASKED_FOR)
def test_an_answers_headers_are_told_where_the_class_can_be_asked_for_them(vendor: str) -> None:
    integration, headers, expected = VENDORS[vendor]
    message = {"type": "ai", "content": "hi", "response_metadata": {"headers": {**headers, **SECRETS}}}
    record = normalize(message, start={"serialized": {"id": [integration]}})
    means = {path: value for path, value in expected.items() if not path.startswith("error.")}
    assert {path: found(record, path) for path in means} == means
    assert "secret" not in str(record.to_dict())
