"""Parts of the record that count and measure: tokens, money, times, limits, and the transport."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from langchain_respmeta.record.parts import STRICT
from langchain_respmeta.record.vocabulary import (
    CostSource,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts of tokens (and of a few other billed things). A detail is always a part of its whole."""

    __pydantic_config__ = STRICT

    input_tokens: int | None = None
    """All tokens of the prompt, cache reads and writes included."""
    output_tokens: int | None = None
    """All tokens of the answer, reasoning included."""
    total_tokens: int | None = None
    """The provider's own sum."""
    cache_read_tokens: int | None = None
    """Part of `input_tokens`."""
    cache_write_tokens: int | None = None
    """Part of `input_tokens`; all lifetimes together."""
    cache_write_5m_tokens: int | None = None
    """Part of `cache_write_tokens`."""
    cache_write_1h_tokens: int | None = None
    """Part of `cache_write_tokens`."""
    reasoning_tokens: int | None = None
    """Part of `output_tokens`."""
    input_audio_tokens: int | None = None
    """Part of `input_tokens`."""
    output_audio_tokens: int | None = None
    """Part of `output_tokens`."""
    input_image_tokens: int | None = None
    """Part of `input_tokens`."""
    output_image_tokens: int | None = None
    """Part of `output_tokens`."""
    input_video_tokens: int | None = None
    """Part of `input_tokens`."""
    accepted_prediction_tokens: int | None = None
    """Part of `output_tokens`: predicted output that was used."""
    rejected_prediction_tokens: int | None = None
    """Part of `output_tokens`: predicted output that was billed but not used."""
    tool_use_prompt_tokens: int | None = None
    """Part of `input_tokens`: results of the provider's own tools (Gemini)."""
    web_search_requests: int | None = None
    """Searches that the provider's own tool ran; most providers bill each."""
    num_search_results: int | None = None
    """Search results that the router fed to the model (OpenRouter)."""
    num_media_prompt: int | None = None
    """Media in the prompt, as the router counted them (OpenRouter)."""
    num_media_completion: int | None = None
    """Media in the answer, as the router counted them (OpenRouter)."""
    native_input_tokens: int | None = None
    """As counted by the vendor's own tokenizer behind a router; so the next four."""
    native_output_tokens: int | None = None
    """The vendor's own count of the answer's tokens."""
    native_reasoning_tokens: int | None = None
    """The vendor's own count of reasoning tokens."""
    native_cached_tokens: int | None = None
    """The vendor's own count of tokens read from its cache."""
    native_output_image_tokens: int | None = None
    """The vendor's own count of tokens of images in the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the call cost, in `currency`."""

    __pydantic_config__ = STRICT

    total: Decimal | None = None
    """All of it."""
    input: Decimal | None = None
    """Part of `total`: the prompt, cache reads and writes included."""
    output: Decimal | None = None
    """Part of `total`: the answer, reasoning included."""
    tools: Decimal | None = None
    """Fees of the provider's own tools (web and file searches), which are neither `input` nor `output`."""
    cache_read: Decimal | None = None
    """Part of `input`."""
    cache_write: Decimal | None = None
    """Part of `input`."""
    input_audio: Decimal | None = None
    """Part of `input`."""
    reasoning: Decimal | None = None
    """Part of `output`."""
    output_audio: Decimal | None = None
    """Part of `output`."""
    cache_discount: Decimal | None = None
    """What the cache saved (below 0: what writing it added): the router's number (OpenRouter), else from list prices."""
    upstream_inference: Decimal | None = None
    """What the vendor behind a router charged."""
    currency: str = "USD"
    """ISO 4217 code."""
    source: CostSource | None = None
    """`provider`: the provider's own number. `computed`: from `price_version`."""
    price_version: str | None = None
    """Which price data was used: package and version."""
    unpriced_reason: str | None = None
    """Why there is no `total`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, also where the provider uses another unit."""

    __pydantic_config__ = STRICT

    latency_s: float | None = None
    """Wall clock from the start to the end of the run, seen by the handler."""
    time_to_first_chunk_s: float | None = None
    """From the start of the run to the first chunk of a stream, with any content."""
    time_to_first_token_s: float | None = None
    """To the first chunk that holds text, reasoning or a tool call."""
    generation_s: float | None = None
    """How long the answer was being generated, in the router's number (OpenRouter)."""
    queue_s: float | None = None
    """Waiting at the provider before it started."""
    prompt_s: float | None = None
    """Reading the prompt, in the provider's number."""
    completion_s: float | None = None
    """Producing the answer, in the provider's number."""
    provider_total_s: float | None = None
    """The provider's own total."""
    moderation_s: float | None = None
    """The router's moderation (OpenRouter)."""
    load_s: float | None = None
    """Loading the model (Ollama)."""
    tokens_per_second: float | None = None
    """Output tokens a second of generation: the provider's number, else output over the time that producing it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits after this call, from the provider's headers."""

    __pydantic_config__ = STRICT

    requests_limit: int | None = None
    """Requests allowed in the provider's window."""
    requests_remaining: int | None = None
    """Requests left of them."""
    requests_reset_s: float | None = None
    """Seconds until the limit is reset."""
    tokens_limit: int | None = None
    """Tokens allowed in the provider's window."""
    tokens_remaining: int | None = None
    """Tokens left of them."""
    tokens_reset_s: float | None = None
    """Seconds until the limit is reset."""
    input_tokens_limit: int | None = None
    """Input tokens allowed in the provider's window."""
    input_tokens_remaining: int | None = None
    """Input tokens left of them."""
    input_tokens_reset_s: float | None = None
    """Seconds until the limit is reset."""
    output_tokens_limit: int | None = None
    """Output tokens allowed in the provider's window."""
    output_tokens_remaining: int | None = None
    """Output tokens left of them."""
    output_tokens_reset_s: float | None = None
    """Seconds until the limit is reset."""
    retry_after_s: float | None = None
    """Seconds to wait before the next request, by the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The transport's own facts."""

    __pydantic_config__ = STRICT

    status_code: int | None = None
    """HTTP status of the answer."""
    retry_attempts: int | None = None
    """Retries of the vendor's SDK before this answer."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """From a fixed list of names; never authorization, cookies or organization."""
