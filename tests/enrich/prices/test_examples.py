"""Prices checked by hand: dollars per million tokens times tokens, written out for each."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from langchain_respmeta.enrich.prices.price import price

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
CACHED = {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 600, "total_tokens": 1200}
PLAIN = {"input_tokens": 1000, "output_tokens": 100}
BY_TTL = {
    "input_tokens": 3100, "output_tokens": 500, "cache_read_tokens": 1000, "cache_write_tokens": 2000,
    "cache_write_5m_tokens": 1000, "cache_write_1h_tokens": 1000,
}  # fmt: skip
SONNET = "claude-sonnet-4-5-20250929"

EXACT: list[tuple[str, str, str, dict[str, int], dict[str, Any], str, str, str]] = [
    # 400 * 0.25 + 600 * 0.025, 200 * 2
    ("cache read", "openai", "gpt-5-mini-2025-08-07", CACHED, {}, "0.000515", "0.000115", "0.0004"),
    ("reasoning is output", "openai", "gpt-5-mini", {**CACHED, "reasoning_tokens": 120}, {}, "0.000515", "0.000115", "0.0004"),
    ("0 is no audio", "openai", "gpt-5-mini", {**CACHED, "input_audio_tokens": 0}, {}, "0.000515", "0.000115", "0.0004"),
    # 400 * 0.125 + 600 * 0.0125, 200 * 1
    ("flex", "openai", "gpt-5-mini", CACHED, {"service_tier": "flex"}, "0.0002575", "0.0000575", "0.0002"),
    ("batch", "openai", "gpt-5-mini", CACHED, {"service_tier": "batch"}, "0.0002575", "0.0000575", "0.0002"),
    # 400 * 0.45 + 600 * 0.045, 200 * 3.6
    ("priority", "openai", "gpt-5-mini", CACHED, {"service_tier": "priority"}, "0.000927", "0.000207", "0.00072"),
    # 100 * 3 + 1000 * 0.3 + 1000 * 3.75 + 1000 * 6, 500 * 15
    ("5m and 1h writes", "anthropic", SONNET, BY_TTL, {}, "0.01785", "0.01035", "0.0075"),
    # the same and 2 searches at 10 a thousand, which are neither input nor output
    ("web search", "anthropic", SONNET, {**BY_TTL, "web_search_requests": 2}, {}, "0.03785", "0.01035", "0.0075"),
    # a tenth more than 1000 * 3 and 100 * 15
    ("US inference", "anthropic", "claude-sonnet-4-6", PLAIN, {"inference_geo": "us"}, "0.00495", "0.0033", "0.00165"),
    ("anywhere", "anthropic", "claude-sonnet-4-6", PLAIN, {"inference_geo": "global"}, "0.0045", "0.003", "0.0015"),
    # (1000 * 0.8 + 100 * 4) / 2: a retired model, which the data has no batch rates of
    ("batch by factor", "anthropic", "claude-3-5-haiku-20241022", PLAIN, {"service_tier": "batch"}, "0.0006", "0.0004", "0.0002"),
    # 250000 * 2.5, 1000 * 15; at 200000 still 1.25 and 10
    ("above 200k", "gcp.gemini", "gemini-2.5-pro", {"input_tokens": 250_000, "output_tokens": 1000}, {}, "0.64", "0.625", "0.015"),
    ("at 200k", "gcp.gemini", "gemini-2.5-pro", {"input_tokens": 200_000, "output_tokens": 1000}, {}, "0.26", "0.25", "0.01"),
    ("just above", "gcp.gemini", "gemini-2.5-pro", {"input_tokens": 200_001, "output_tokens": 0}, {}, "0.5000025", "0.5000025", "0"),
    # 600 * 0.3 + 400 * 1, 100 * 2.5
    ("audio in", "gcp.gemini", "gemini-2.5-flash", {**PLAIN, "input_audio_tokens": 400}, {}, "0.00083", "0.00058", "0.00025"),
    # 500 * 0.3 + 300 * 1 + 100 * 0.03 + 100 * 0.1: of 400 audio and 200 cached, 100 are both
    ("cached audio", "gcp.gemini", "gemini-2.5-flash",
     {**PLAIN, "input_audio_tokens": 400, "cache_read_tokens": 200, "cache_audio_read_tokens": 100}, {},
     "0.000713", "0.000463", "0.00025"),
    # 1000 * 3.3, 100 * 16.5: a geography costs a tenth more than anywhere
    ("Bedrock US", "aws.bedrock", f"us.anthropic.{SONNET}-v1:0", PLAIN, {}, "0.00495", "0.0033", "0.00165"),
    ("Bedrock global", "aws.bedrock", f"global.anthropic.{SONNET}-v1:0", PLAIN, {}, "0.0045", "0.003", "0.0015"),
    ("Vertex region", "gcp.vertex_ai", "claude-sonnet-4-5@20250929", PLAIN, {"api_url": "us-east5-aiplatform.googleapis.com"}, "0.00495", "0.0033", "0.00165"),
    ("Vertex global", "gcp.vertex_ai", "claude-sonnet-4-5@20250929", PLAIN, {"api_url": "https://aiplatform.googleapis.com"}, "0.0045", "0.003", "0.0015"),
    ("old in a region", "gcp.vertex_ai", "claude-3-5-sonnet-v2@20241022", PLAIN, {"api_url": "https://us-east5-aiplatform.googleapis.com"}, "0.0045", "0.003", "0.0015"),
    # Groq's flex is the standard price: 1000 * 0.075, 100 * 0.3
    ("Groq flex", "groq", "openai/gpt-oss-20b", PLAIN, {"service_tier": "flex"}, "0.000105", "0.000075", "0.00003"),
    ("free", "gcp.gemini", "gemma-3-27b-it", PLAIN, {}, "0", "0", "0"),
    # 1000 * 2.5, 100 * 10
    ("Azure", "azure.ai.openai", "gpt-4o-2024-08-06", PLAIN, {"requested_model": "our-deployment"}, "0.0035", "0.0025", "0.001"),
    # 1000 * 2.5, 100 * 10
    ("Cohere's billed units", "cohere", "command-a-03-2025", PLAIN, {"billed": True}, "0.0035", "0.0025", "0.001"),
    # 1000 * 10, 100 * 50: fast mode is twice the price of Opus 5
    ("fast mode", "anthropic", "claude-opus-5", PLAIN, {"speed": "fast"}, "0.015", "0.01", "0.005"),
    # no output to pay
    ("embedding", "openai", "text-embedding-3-small", {"input_tokens": 1000}, {}, "0.00002", "0.00002", "0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "model", "usage", "options", "total", "paid_in", "paid_out"),
    [row[1:] for row in EXACT],
    ids=[row[0] for row in EXACT],
)
def test_price_is_what_the_list_says(
    provider: str,
    model: str,
    usage: dict[str, int],
    options: dict[str, Any],
    total: str,
    paid_in: str,
    paid_out: str,
) -> None:
    cost = price(provider, model, usage, at=AT, **options)
    version = cost.pop("cost.price_version")
    assert version.startswith("genai-prices ")
    assert cost == {
        "cost.total": Decimal(total),
        "cost.input": Decimal(paid_in),
        "cost.output": Decimal(paid_out),
        "cost.currency": "USD",
        "cost.source": "computed",
    }


def test_price_version_names_our_own_tables_when_they_were_used() -> None:
    listed = price("anthropic", SONNET, PLAIN, at=AT, service_tier="batch")
    by_factor = price("anthropic", "claude-3-5-haiku-20241022", PLAIN, at=AT, service_tier="batch")
    surcharged = price("anthropic", "claude-sonnet-4-6", PLAIN, at=AT, inference_geo="us")
    assert "tiers of" not in listed["cost.price_version"]
    assert "tiers of" in by_factor["cost.price_version"]
    assert "tiers of" in surcharged["cost.price_version"]


def test_flex_before_its_rates_were_verified_costs_the_same_while_the_standard_price_did() -> None:
    early = price("openai", "gpt-5-mini", CACHED, at=datetime(2025, 9, 1, tzinfo=UTC), service_tier="flex")
    assert early["cost.total"] == Decimal("0.0002575")


def test_the_callers_decimal_context_does_not_round() -> None:
    with localcontext() as context:
        context.prec = 2
        cost = price(
            "openai", "gpt-5-nano-2025-08-07", {"input_tokens": 123_457, "output_tokens": 7891}, at=AT
        )
    # 123457 * 0.05, 7891 * 0.4
    assert cost["cost.total"] == Decimal("0.00932925")
