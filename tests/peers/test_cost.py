"""Costs that peers get wrong: zero for unknown prices, the wrong rate, or the provider's own cost dropped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.demo import Answer, ReplayServer
from langchain_respmeta.enrich.prices.price import reset_prices, set_price
from tests.enrich.prices.loaded import load_prices
from tests.peers.bodies import (
    BEDROCK_SONNET,
    CACHED_CHAT,
    FLASH,
    RESPONSE_USAGE,
    SONNET,
    chat,
    claude,
    converse,
    gemini,
    response,
    spent,
)
from tests.peers.calls import EVERY_WAY, ask, model_at

MILLION = Decimal(1_000_000)


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Prices are there: a handler never waits for them."""
    load_prices()


def dollars(*parts: tuple[int, str]) -> Decimal:
    """(tokens, USD a million) added up."""
    return sum((count * Decimal(rate) / MILLION for count, rate in parts), Decimal(0))


CACHED: dict[str, tuple[str, dict[str, Any], Decimal, dict[str, Any]]] = {
    # 400 new, 600 cached, 200 out
    "openai": ("openai", chat(CACHED_CHAT), dollars((400, "0.25"), (600, "0.025"), (200, "2")), {}),
    "responses": (
        "openai_responses",
        response(RESPONSE_USAGE),
        dollars((400, "0.25"), (600, "0.025"), (200, "2")),
        {},
    ),
    "anthropic": (
        "anthropic",
        claude({"input_tokens": 400, "cache_read_input_tokens": 600, "output_tokens": 200}),
        dollars((400, "3"), (600, "0.3"), (200, "15")),
        {},
    ),
    "gemini": (
        "google",
        gemini(
            {
                "promptTokenCount": 1000,
                "cachedContentTokenCount": 600,
                "candidatesTokenCount": 80,
                "thoughtsTokenCount": 120,
                "totalTokenCount": 1200,
            }
        ),
        dollars((400, "0.3"), (600, "0.03"), (200, "2.5")),
        {},
    ),
    "bedrock": (
        "bedrock",
        converse({"inputTokens": 400, "cacheReadInputTokens": 600, "outputTokens": 200, "totalTokens": 1200}),
        dollars((400, "3.3"), (600, "0.33"), (200, "16.5")),
        {"model": BEDROCK_SONNET},
    ),
}


@EVERY_WAY
@pytest.mark.parametrize("case", CACHED)
def test_new_and_cached_input_and_thoughts_each_cost_their_rate(
    replay: ReplayServer, case: str, mode: str
) -> None:
    """Each token at its rate, once.

    langsmith-sdk#1375 (no rate for cached), #2519 (Anthropic's new input free), langfuse#13024 and mlflow#24869 (cache
    at the full rate, 6.7 times too much), langfuse#16321 (Gemini's thoughts in the total but not in the cost),
    PostHog#39901 (negative), mlflow#24891 (never computed for classes that say `model_name`), langfuse#6655 and #13325
    (Bedrock's inference profiles without a price).
    """
    provider, body, expected, options = CACHED[case]
    cost = ask(replay, provider, body, mode, **options).cost
    assert cost is not None
    assert (cost.total, cost.source) == (expected, "computed")
    assert cost.price_version
    assert cost.input is not None
    assert cost.input > 0


@EVERY_WAY
@pytest.mark.parametrize(("tier", "factor"), [("flex", "0.5"), ("priority", "1.8")])
def test_a_service_tier_is_priced_also_its_cache_and_reasoning(
    replay: ReplayServer, tier: str, factor: str, mode: str
) -> None:
    """langsmith-sdk#1763 and litellm#13810 (flex ignored), #2615 (its reasoning dear), langfuse#13780 (priority cheap)."""
    cost = ask(replay, "openai", chat(CACHED_CHAT, service_tier=tier), mode).cost
    assert cost is not None
    assert cost.total == Decimal(factor) * dollars((400, "0.25"), (600, "0.025"), (200, "2"))


@pytest.mark.parametrize("tier", ["scale", "reserved", "some-new-tier"])
def test_a_tier_without_a_known_price_has_no_price(replay: ReplayServer, tier: str) -> None:
    """genai-prices gives the standard price for any tier it does not know."""
    cost = ask(replay, "openai", chat(CACHED_CHAT, service_tier=tier)).cost
    assert cost is not None
    assert (cost.total, cost.unpriced_reason) == (None, "tier_not_priced")


def test_cache_writes_cost_by_their_lifetime(replay: ReplayServer) -> None:
    """langsmith-sdk#2519, litellm#26919: writes doubled, or at one rate for both lifetimes."""
    usage = {
        "input_tokens": 400,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 200,
    }
    cost = ask(replay, "anthropic", claude(usage)).cost
    assert cost is not None
    assert cost.total == dollars((400, "3"), (600, "0.3"), (100, "3.75"), (200, "6"), (200, "15"))


def test_a_long_prompt_costs_the_long_rate_once(replay: ReplayServer) -> None:
    """langsmith-sdk#3003: Gemini beyond 200,000 tokens charged twice. LangSmith's wrapper marks it only if cached."""
    usage = {"promptTokenCount": 250_000, "candidatesTokenCount": 1000, "totalTokenCount": 251_000}
    body = gemini(usage, modelVersion="gemini-2.5-pro")
    cost = ask(replay, "google", body).cost
    assert cost is not None
    assert cost.total == dollars((250_000, "2.5"), (1000, "15"))


@pytest.mark.parametrize("model", ["gpt-99-turbo", "gpt-5-mini-of-next-year"])
def test_a_model_without_a_price_is_not_free(replay: ReplayServer, model: str) -> None:
    """langchain#6193, #12994, #30795: $0 for a model newer than the table."""
    cost = ask(replay, "openai", chat(CACHED_CHAT, model=model)).cost
    assert cost is not None
    assert (cost.total, cost.unpriced_reason) == (None, "unknown_model")


ARN = "arn:aws:bedrock:us-east-1:123456789012"


def test_an_inference_profile_of_ones_own_costs_what_its_model_costs(replay: ReplayServer) -> None:
    """langfuse#13325 and #6655: without a price. The integration knows the model behind it, and hands it over."""
    usage = {"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200}
    profile = f"{ARN}:application-inference-profile/a1b2c3"
    record = ask(replay, "bedrock_profile", converse(usage), model=profile)
    assert record.cost is not None
    assert record.cost.total == dollars((1000, "3.3"), (200, "16.5"))


def test_a_model_behind_an_opaque_arn_is_recorded_and_said_to_be_unpriced(replay: ReplayServer) -> None:
    """langtrace#543: a crash on splitting the ARN. langchain-community's Bedrock handler raises for unknown ids."""
    usage = {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12}
    record = ask(replay, "bedrock_profile", converse(usage), model=f"{ARN}:provisioned-model/a1b2c3")
    assert record.usage is not None
    assert record.usage.total_tokens == 12
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "opaque_model")


def test_langchains_own_cache_bills_nothing(replay: ReplayServer) -> None:
    """langfuse#2112: an answer out of LangChain's cache billed again. Without a usage OpenAICallbackHandler raises."""
    model = model_at(replay, "openai", chat(CACHED_CHAT), cache=InMemoryCache())
    handler = RespMetaHandler(feedback=False)
    for _ in range(2):
        model.invoke("the same", config={"callbacks": [handler]})
    first, second = handler.records
    assert (first.langchain_cache_hit, second.langchain_cache_hit) == (None, True)
    assert first.cost is not None
    assert second.cost is not None
    assert first.cost.total > 0
    assert second.cost.total == 0
    assert handler.summary()["cost_usd"] == first.cost.total


def test_a_cached_answer_without_a_usage_is_recorded(replay: ReplayServer) -> None:
    """Core's usage of it is `{"total_cost": 0}`: a KeyError in OpenAICallbackHandler."""
    model = model_at(replay, "openai", chat(None), cache=InMemoryCache())
    handler = RespMetaHandler(feedback=False)
    for _ in range(2):
        model.invoke("the same", config={"callbacks": [handler]})
    second = handler.records[1]
    assert second.langchain_cache_hit is True
    assert second.cost is not None
    assert second.cost.total == 0
    assert second.finish_reason == "stop"


OPENROUTER_USAGE = {
    **CACHED_CHAT,
    "cost": 0.00456,
    "is_byok": False,
    "cost_details": {
        "upstream_inference_cost": 0.00411,
        "upstream_inference_prompt_cost": 0.003,
        "upstream_inference_completions_cost": 0.00111,
    },
}


@pytest.mark.parametrize("mode", ["invoke", "stream", "v3"])
def test_what_openrouter_charged_is_the_cost(replay: ReplayServer, mode: str) -> None:
    """langchain#39333: `ChatOpenRouter`'s cost lost in streams. None of twelve handlers passes it on at all."""
    body = chat(OPENROUTER_USAGE, model="openai/gpt-5-mini", system_fingerprint=None)
    cost = ask(replay, "openrouter", body, mode).cost
    assert cost is not None
    assert (cost.total, cost.source) == (Decimal("0.00456"), "provider")
    assert cost.upstream_inference == Decimal("0.00411")


def test_what_openrouter_charged_is_the_cost_through_chatopenai(replay: ReplayServer) -> None:
    """openinference#2071 (a cost that is not computed from a list): there it stands in the raw usage."""
    body = chat(OPENROUTER_USAGE, model="openai/gpt-5-mini", id="gen-1780000000-abcDEF123")
    record = ask(replay, "openai", body)
    assert record.provider == "openrouter"
    assert record.cost is not None
    assert (record.cost.total, record.cost.source) == (Decimal("0.00456"), "provider")


@pytest.mark.parametrize("mode", ["invoke", "stream"])
def test_what_litellm_computed_is_told_with_its_source(replay: ReplayServer, mode: str) -> None:
    """langchain-litellm#201: no cost in streams; semantic-conventions-genai#443: whose number is it?"""
    record = ask(replay, "litellm", chat(CACHED_CHAT, model="gpt-5-mini"), mode, model="openai/gpt-5-mini")
    assert record.cost is not None
    assert record.cost.total is not None
    assert record.cost.source in {"provider", "computed"}
    assert (record.cost.source == "computed") is (record.cost.price_version is not None)


def test_a_search_that_costs_extra_is_not_left_out(replay: ReplayServer) -> None:
    """langsmith-sdk#1658: Perplexity's fee for a search is missing. What cannot be computed is not told."""
    record = ask(replay, "perplexity", chat(spent(10, 2, num_search_queries=3), model="sonar-pro"))
    assert record.cost is not None
    assert (record.cost.total, record.cost.unpriced_reason) == (None, "not_per_token")
    charged = {"model_name": "sonar-pro", "token_usage": spent(10, 2, cost={"total_cost": 0.018})}
    told = normalize(
        AIMessage("hi", response_metadata=charged), start={"serialized": {"id": ["ChatPerplexity"]}}
    )
    assert told.cost is not None
    assert (told.cost.total, told.cost.source) == (Decimal("0.018"), "provider")


def test_web_searches_of_anthropic_are_in_the_cost(replay: ReplayServer) -> None:
    """Ten dollars a thousand: peers price tokens only."""
    usage = {"input_tokens": 400, "output_tokens": 200, "server_tool_use": {"web_search_requests": 2}}
    cost = ask(replay, "anthropic", claude(usage)).cost
    assert cost is not None
    assert cost.total == dollars((400, "3"), (200, "15")) + Decimal("0.02")


def test_a_failed_call_has_no_cost_of_zero(replay: ReplayServer) -> None:
    """langfuse sets the cost of a failed call to 0."""
    handler = RespMetaHandler(feedback=False)
    model = model_at(replay, "openai", [_failure()])
    with pytest.raises(Exception):  # noqa: B017, PT011 - the SDK's own
        model.invoke("hi", config={"callbacks": [handler]})
    assert handler.records[0].cost is None


def _failure() -> Answer:
    return Answer({"error": {"message": "no", "type": "server_error"}}, status=500)


def test_prices_of_ones_own_are_set_in_the_code(replay: ReplayServer) -> None:
    """langsmith-sdk#2552: prices can only be managed by hand, in the browser."""
    try:
        set_price("unknown", "our-model", input_mtok=2, output_mtok=10)
        cost = ask(replay, "openai", chat(spent(1000, 200), model="our-model")).cost
    finally:
        reset_prices()
    assert cost is not None
    assert cost.total == dollars((1000, "2"), (200, "10"))


def test_the_same_answer_costs_the_same_in_and_out_of_a_stream(replay: ReplayServer) -> None:
    """ddtrace counts, and so prices, 100 tokens of a whole Anthropic answer and 7100 of the streamed one."""
    body = claude({"input_tokens": 100, "cache_read_input_tokens": 7000, "output_tokens": 50}, model=SONNET)
    whole, streamed = (ask(replay, "anthropic", body, mode).cost for mode in ("invoke", "stream"))
    assert whole is not None
    assert streamed is not None
    assert whole.total == streamed.total == dollars((100, "3"), (7000, "0.3"), (50, "15"))


def test_vertex_thoughts_are_paid(replay: ReplayServer) -> None:
    """langchain-google#1932: the output that `ChatVertexAI` tells lacks them, and a cost made of it is too low."""
    usage = {
        "promptTokenCount": 1000,
        "candidatesTokenCount": 80,
        "thoughtsTokenCount": 120,
        "totalTokenCount": 1200,
    }
    cost = ask(replay, "vertex", gemini(usage), model=FLASH).cost
    assert cost is not None
    assert cost.total == dollars((1000, "0.3"), (200, "2.5"))
