"""Our arithmetic against `genai_prices.calc_price`, over every model of its data."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers as genai_providers
from genai_prices.types import ModelInfo, ModelPrice, Provider
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_respmeta.enrich.prices.price import PricedCost, price
from langchain_respmeta.enrich.prices.sellers import ENDED
from langchain_respmeta.enrich.prices.units import UNITS
from langchain_respmeta.providers.vendors import PRICE_LISTS

GENAI_KEYS = {unit.field: unit.genai_key for unit in UNITS}
PRICE_KEYS = {unit.price_key for unit in UNITS}
WORDS = {genai: word for word, genai in PRICE_LISTS.items()} | {"google": "gcp.gemini"}
"""Of several words for one list, the last; Google's list is the Gemini API's, of which not all holds at Vertex AI."""

ALWAYS_BILLED = {
    "web_search_requests",
    "file_search_requests",
    "cache_write_1h_tokens",
    "output_audio_tokens",
    "output_image_tokens",
    "output_video_tokens",
}
PARTS_AT_THE_PLAIN_RATE = {"google": {"input_audio_tokens"}}

SAME_EVERYWHERE = ("anthropic/claude", "openai/gpt-4", "openai/gpt-5", "google/gemini", "x-ai/grok")
"""What OpenRouter sells at one price; of other models, each of the hosts behind it has its own."""

MODELS = [
    (provider, model)
    for provider in genai_providers
    for model in provider.models
    if provider.id != "openrouter" or model.id.startswith(SAME_EVERYWHERE)
]
TIERS = [
    (provider, model, dict(variant.when))
    for provider, model in MODELS
    for variant in model.price_variants or ()
    if variant.when.keys() <= {"service_tier", "processing", "speed"}
]
NOW = datetime(2026, 11, 15, tzinfo=UTC)
TIMES = st.datetimes(datetime(2023, 1, 1), datetime(2027, 6, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
SIZES = (
    st.integers(1, 5000)
    | st.integers(1, 2_000_000)
    | st.sampled_from([128_000, 200_000, 200_001, 272_000, 272_001])
)


@st.composite
def usages(draw: st.DrawFn) -> dict[str, int]:
    """Counts that add up, with or without each kind of detail."""
    total = draw(SIZES)
    usage = {"input_tokens": total, "output_tokens": draw(st.integers(0, 70_000))}
    kind = draw(st.sampled_from(["plain", "cache", "lifetimes", "audio", "image"]))
    part = draw(st.integers(0, total))
    if kind in {"audio", "image"}:
        usage[f"input_{kind}_tokens"] = part
        usage[f"output_{kind}_tokens"] = draw(st.integers(0, usage["output_tokens"]))
    elif kind != "plain":
        usage["cache_read_tokens"] = part
        usage["cache_write_tokens"] = draw(st.integers(0, total - part))
    if kind == "lifetimes":
        usage["cache_write_1h_tokens"] = draw(st.integers(0, usage["cache_write_tokens"]))
        usage["cache_write_5m_tokens"] = usage["cache_write_tokens"] - usage["cache_write_1h_tokens"]
    if draw(st.booleans()):
        usage["reasoning_tokens"] = draw(st.integers(0, usage["output_tokens"]))
    if draw(st.integers(0, 3)) == 0:
        usage["web_search_requests"] = draw(st.integers(0, 9))
    return usage


def genai_usage(usage: dict[str, int]) -> Usage:
    return Usage(**{GENAI_KEYS[field]: count for field, count in usage.items()})


def ours(provider: Provider, name: str, usage: dict[str, int], at: datetime, **options: Any) -> PricedCost:
    return price(WORDS.get(provider.id, provider.id), name, usage, at=at, billed=True, **options)


def is_equal(cost: PricedCost, theirs: Any) -> bool:
    found = (cost["cost.total"], cost["cost.input"], cost["cost.output"])
    return found == (theirs.total_price, theirs.input_price, theirs.output_price)


def why_not(provider: Provider, model: ModelInfo, prices: ModelPrice, usage: dict[str, int]) -> set[str]:
    """Reasons that may replace a price, from the price list alone: where `calc_price` returns too little."""
    listed = {key for key, value in vars(prices).items() if value is not None}
    if not listed:
        is_free = (
            model.id.endswith(":free") or provider.id == "google"
        )  # the Gemini API's Gemma costs nothing
        return set() if is_free else {"unknown_model"}
    if listed - PRICE_KEYS or "input_mtok" not in listed:
        return {"not_per_token"}
    used = {field for field, count in usage.items() if count}
    billed = ALWAYS_BILLED | ({"input_audio_tokens"} - PARTS_AT_THE_PLAIN_RATE.get(provider.id, set()))
    billed |= {"cache_read_tokens"} if provider.id == "fireworks" else set()
    reasons = set()
    for unit in UNITS:
        if unit.price_key in listed and unit.side == "output" and unit.field not in usage:
            reasons.add("usage_incomplete")
        if unit.price_key not in listed and unit.field in used & billed:
            reasons.add("part_not_priced")
    return reasons


def compare(provider: Provider, model: ModelInfo, usage: dict[str, int], at: datetime) -> bool:
    """Check one price; whether there was one."""
    name = next(iter(names_of(provider, model)), None)
    if name is None or (provider.id, model.id) in ENDED:
        return False
    cost = ours(provider, name, usage, at)
    reasons = why_not(provider, model, model.get_prices(at), usage)
    if reasons:
        assert cost.get("cost.unpriced_reason") in reasons
        return False
    theirs = calc_price(genai_usage(usage), name, provider_id=provider.id, genai_request_timestamp=at)
    assert is_equal(cost, theirs), (provider.id, name, cost, theirs)
    return True


def names_of(provider: Provider, model: ModelInfo) -> list[str]:
    """The model's own id, where it leads to the model."""
    return [model.id] if provider.find_model(model.id) is model else []


def test_every_model_of_the_data_costs_what_calc_price_says() -> None:
    usage = {"input_tokens": 3000, "output_tokens": 400, "cache_read_tokens": 700, "reasoning_tokens": 90}
    media = {
        "output_image_tokens": 11,
        "output_audio_tokens": 0,
        "output_video_tokens": 0,
        "citation_tokens": 0,
    }
    priced = 0
    for provider, model in MODELS:
        plain = any(compare(provider, model, usage, NOW + timedelta(hours=hour)) for hour in (0, 9, 17))
        priced += plain or compare(provider, model, {**usage, **media}, NOW)
    assert priced > 0.85 * len(MODELS), f"only {priced} of {len(MODELS)} models were compared"


@settings(max_examples=1500, deadline=None)
@given(which=st.sampled_from(range(len(MODELS))), usage=usages(), at=TIMES)
def test_any_usage_at_any_time_costs_what_calc_price_says(
    which: int, usage: dict[str, int], at: datetime
) -> None:
    compare(*MODELS[which], usage, at)


@settings(max_examples=600, deadline=None)
@given(which=st.sampled_from(range(len(TIERS))), usage=usages(), at=TIMES)
def test_tiers_cost_what_calc_price_says(which: int, usage: dict[str, int], at: datetime) -> None:
    """Before a tier's rates were verified, they hold as long as the standard price was the same."""
    provider, model, context = TIERS[which]
    variants = [variant for variant in model.price_variants or () if variant.when == context]
    verified = at
    if not any(variant.constraint is None or variant.constraint.active(at) for variant in variants):
        days = [variant.constraint.start_date for variant in variants]
        verified = datetime.combine(min(days), time(), UTC)
    if not names_of(provider, model) or why_not(provider, model, model.get_prices(at), usage):
        return
    tier = (
        {"speed": context["speed"]} if "speed" in context else {"service_tier": next(iter(context.values()))}
    )
    cost = ours(provider, model.id, usage, at, **tier)
    if model.get_prices(at) != model.get_prices(verified):
        assert (
            cost.get("cost.unpriced_reason") == "tier_not_priced" or "tiers of" in cost["cost.price_version"]
        )
        return
    theirs = calc_price(
        genai_usage(usage),
        model.id,
        provider_id=provider.id,
        genai_request_timestamp=verified,
        price_context=context,
    )
    assert is_equal(cost, theirs), (provider.id, model.id, context, cost, theirs)


@pytest.mark.parametrize("usage", [{"input_tokens": 7, "output_tokens": 1, "input_audio_tokens": 3}])
def test_calc_price_refuses_what_we_call_incomplete(usage: dict[str, int]) -> None:
    both = {**usage, "cache_read_tokens": 3}
    with pytest.raises(ValueError, match="require explicit"):
        calc_price(genai_usage(both), "gemini-2.5-flash", provider_id="google")
    assert price("gcp.gemini", "gemini-2.5-flash", both) == {"cost.unpriced_reason": "usage_incomplete"}


def test_costs_are_exact_decimals() -> None:
    cost = price("openai", "gpt-5-mini", {"input_tokens": 1, "output_tokens": 0}, at=NOW)
    assert cost["cost.total"] == Decimal("2.5E-7")
