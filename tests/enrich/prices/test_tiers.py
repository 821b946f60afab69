"""Service tiers: which words mean the standard price, and where a tier's price comes from."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from langchain_respmeta.enrich.prices.price import price
from langchain_respmeta.enrich.prices.tiers import FACTORS, STANDARD

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
USAGE = {"input_tokens": 1000, "output_tokens": 100}


@pytest.mark.parametrize(
    "tier", [None, *sorted(STANDARD), "on-demand", "ON_DEMAND", " Default ", "standard-only"]
)
def test_standard_words_are_the_standard_price(tier: str | None) -> None:
    assert price("openai", "gpt-5-mini", USAGE, service_tier=tier, at=AT) == price(
        "openai", "gpt-5-mini", USAGE, at=AT
    )


@pytest.mark.parametrize(
    ("word", "tier"), [("ON_DEMAND_FLEX", "flex"), ("on-demand-flex", "flex"), ("FLEX", "flex")]
)
def test_vertex_words_are_the_same_tiers(word: str, tier: str) -> None:
    model = ("gcp.vertex_ai", "gemini-2.5-pro")
    assert price(*model, USAGE, service_tier=word, at=AT) == price(*model, USAGE, service_tier=tier, at=AT)
    assert price(*model, USAGE, service_tier=word, at=AT)["cost.total"] == Decimal("0.001125")


def test_a_tier_never_gets_the_standard_price_by_silence() -> None:
    """genai-prices gives it for any word it does not know."""
    standard = price("openai", "gpt-5-mini", USAGE, at=AT)["cost.total"]
    for tier in ("flex", "priority", "fast", "batch", "scale", "reserved", "anything"):
        assert price("openai", "gpt-5-mini", USAGE, service_tier=tier, at=AT).get("cost.total") != standard


def test_factors_are_shares_with_a_source() -> None:
    for factor in FACTORS.values():
        assert 0 < factor.tokens <= 1
        assert factor.cache is None or 0 < factor.cache <= 1
        assert factor.source.startswith("https://")


def test_tool_fees_are_not_discounted_by_a_factor() -> None:
    usage = {**USAGE, "web_search_requests": 1}
    cost = price("anthropic", "claude-3-5-haiku-20241022", usage, service_tier="batch", at=AT)
    assert cost["cost.total"] == Decimal("0.0006") + Decimal("0.01")


def test_time_of_day_counts_where_the_price_says_so() -> None:
    model = ("deepseek", "deepseek-chat")
    day, night = (price(*model, USAGE, at=datetime(2025, 3, 1, hour, tzinfo=UTC)) for hour in (12, 20))
    assert day["cost.total"] > night["cost.total"]
    naive = price(*model, USAGE, at=datetime(2025, 3, 1, 20))  # noqa: DTZ001
    assert naive == night
