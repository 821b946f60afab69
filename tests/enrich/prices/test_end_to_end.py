"""From the real class to the record: the request, the address and the answer decide the price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from langchain_core.messages import HumanMessage

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import Answer, ReplayServer, recorded_answer
from langchain_respmeta.enrich.prices import price
from tests.enrich.prices.at_address import ask_at
from tests.peers.bodies import chat, claude, converse, gemini, response
from tests.peers.calls import EVERY_WAY, STREAMS, ask, model_at

USAGE = {"prompt_tokens": 20_000, "completion_tokens": 100, "total_tokens": 20_100}


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    price.preload(wait=True)


def told(record: Any) -> tuple[Decimal | None, str | None]:
    return record.cost.total, record.cost.unpriced_reason


def at(model: str, usage: Any = None, **top: Any) -> dict[str, Any]:
    return chat(usage or USAGE, model=model, **top)


# --- the address ------------------------------------------------------------------------------------------------------


@EVERY_WAY
def test_openais_regions_cost_a_tenth_more_since_gpt_5_4(replay: ReplayServer, mode: str) -> None:
    body = at("gpt-5.4-mini-2026-03-17")
    here = told(ask_at(replay, "https://api.openai.com/v1", body, mode))[0]
    there = told(ask_at(replay, "https://us.api.openai.com/v1", body, mode))[0]
    assert here is not None
    assert there == here * Decimal("1.1")


def test_older_models_cost_the_same_in_openais_regions_and_unknown_ones_have_no_price(
    replay: ReplayServer,
) -> None:
    body = at("gpt-4.1-2025-04-14")
    here = told(ask_at(replay, None, body))
    assert here[0] is not None
    assert told(ask_at(replay, "https://eu.api.openai.com/v1", body)) == here
    tuned = at("gpt-chat-latest")
    assert told(ask_at(replay, "https://eu.api.openai.com/v1", tuned)) == (None, "region_not_priced")


@pytest.mark.parametrize(
    ("address", "model", "reason"),
    [
        ("https://x.openai.azure.us/openai/v1", "gpt-4o-2024-08-06", "region_not_priced"),
        ("https://api.moonshot.cn/v1", "kimi-k2-0905-preview", "region_not_priced"),
        ("https://api.z.ai/api/coding/paas/v4", "glm-4.6", "not_per_token"),
        ("https://me.direct.fireworks.ai/v1", "accounts/fireworks/models/glm-4p7", "not_per_token"),
        ("https://ollama.com/v1", "gpt-oss:120b", "unknown_provider"),
        ("https://gateway.example.com/v1", "gpt-5-mini", "unknown_provider"),
    ],
)
def test_an_address_with_prices_of_its_own_gets_no_others(
    replay: ReplayServer, address: str, model: str, reason: str
) -> None:
    assert told(ask_at(replay, address, at(model))) == (None, reason)


def test_an_address_that_costs_the_same_is_priced(replay: ReplayServer) -> None:
    usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 0}}
    assert told(ask_at(replay, "https://api.z.ai/api/paas/v4", at("glm-4.6", usage)))[0] is not None
    assert told(ask_at(replay, "http://127.0.0.1:4000/v1", at("gpt-5-mini-2025-08-07")))[0] is not None


# --- what was asked for -----------------------------------------------------------------------------------------------


@EVERY_WAY
def test_fast_mode_is_priced_as_asked_where_the_stream_does_not_say_it(
    replay: ReplayServer, mode: str
) -> None:
    usage = {"input_tokens": 2000, "output_tokens": 1000}
    body = claude({**usage, "speed": "fast"}, model="claude-opus-4-8")
    fast = told(
        ask(replay, "anthropic", body, mode, max_tokens=9, model_kwargs={"extra_body": {"speed": "fast"}})
    )
    plain = told(ask(replay, "anthropic", claude(usage, model="claude-opus-4-8"), mode, max_tokens=9))
    assert plain[0] is not None
    assert fast[0] == 2 * plain[0]


@EVERY_WAY
def test_inference_in_one_country_is_priced_as_asked(replay: ReplayServer, mode: str) -> None:
    usage = {"input_tokens": 2000, "output_tokens": 1000}
    asked = claude({**usage, "inference_geo": "us"}, model="claude-opus-4-8")
    here = told(ask(replay, "anthropic", asked, mode, max_tokens=9, inference_geo="us"))
    plain = told(ask(replay, "anthropic", claude(usage, model="claude-opus-4-8"), mode, max_tokens=9))
    assert plain[0] is not None
    assert here[0] == plain[0] * Decimal("1.1")


@pytest.mark.filterwarnings("ignore:Parameters .* should be specified explicitly")
@pytest.mark.parametrize("where", ["extra_body", "model_kwargs", "bound"])
def test_a_tier_that_was_asked_for_and_not_told_leaves_no_price(replay: ReplayServer, where: str) -> None:
    tier = {"service_tier": "priority"}
    options = {"extra_body": tier} if where == "extra_body" else {"model_kwargs": tier}
    record = ask_at(replay, None, at("gpt-5-mini-2025-08-07"), "stream", **options)
    assert told(record) == (None, "tier_not_told")
    served = ask_at(replay, None, at("gpt-5-mini-2025-08-07", service_tier="default"), "stream", **options)
    assert told(served)[0] is not None


def test_a_tier_that_serves_or_refuses_is_priced_as_asked(replay: ReplayServer) -> None:
    body = at("gpt-5-mini-2025-08-07")
    flex, plain = (told(ask_at(replay, None, body, service_tier=tier)) for tier in ("flex", "auto"))
    assert plain[0] is not None
    assert flex[0] == plain[0] / 2


@EVERY_WAY
@pytest.mark.parametrize(
    ("model", "reason"), [("us.amazon.nova-pro-v1:0", "modifier_not_priced"), ("us.anthropic.claude-3-5-haiku-20241022-v1:0", None)]
)  # fmt: skip
def test_bedrocks_optimized_latency_has_a_price_of_its_own(
    replay: ReplayServer, mode: str, model: str, reason: str | None
) -> None:
    counts = {"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200}
    body = converse(counts, performanceConfig={"latency": "optimized"})
    record = ask(replay, "bedrock", body, mode, model=model, performance_config={"latency": "optimized"})
    assert told(record) == (None if reason else Decimal("0.002"), reason)  # 1 and 5 a million
    standard = converse(counts, performanceConfig={"latency": "standard"})
    record = ask(replay, "bedrock", standard, mode, model=model, performance_config={"latency": "optimized"})
    assert told(record)[0] is not None


@STREAMS
@pytest.mark.parametrize(
    "asked", [{"plugins": [{"id": "file-parser"}]}, {"web_search_options": {}}, {"tools": [{"type": "openrouter:web_search"}]}]
)  # fmt: skip
def test_what_a_router_adds_leaves_no_price_where_the_bill_is_lost(
    replay: ReplayServer, mode: str, asked: Any
) -> None:
    body = at("openai/gpt-4o-mini", {**USAGE, "cost": 0.02}, id="gen-1780000000-AbCdEfGhIjKlMnOpQrSt")
    host = "https://openrouter.ai/api/v1"
    assert told(ask_at(replay, host, body, mode, extra_body=asked)) == (None, "modifier_not_priced")
    assert told(ask_at(replay, host, body, extra_body=asked)) == (Decimal("0.02"), None)
    assert told(ask_at(replay, host, body, mode))[0] is not None


# --- what the integration drops ---------------------------------------------------------------------------------------


@STREAMS
@pytest.mark.parametrize(
    ("address", "model", "key"),
    [
        ("https://api.deepseek.com/v1", "deepseek-v4-pro", "prompt_cache_hit_tokens"),
        ("https://api.moonshot.ai/v1", "kimi-k2-0905-preview", "cached_tokens"),
    ],
)
def test_a_vendors_own_cache_count_is_lost_in_streams(
    replay: ReplayServer, mode: str, address: str, model: str, key: str
) -> None:
    body = at(model, {**USAGE, key: 15_000})
    whole, parts = told(ask_at(replay, address, body)), told(ask_at(replay, address, body, mode))
    assert whole[0] is not None
    assert parts == (None, "cache_not_told")
    known = at(model, {**USAGE, "prompt_tokens_details": {"cached_tokens": 15_000}})
    assert told(ask_at(replay, address, known, mode)) == told(ask_at(replay, address, known)) == whole


@STREAMS
def test_no_cache_holds_so_short_an_input(replay: ReplayServer, mode: str) -> None:
    usage = {"prompt_tokens": 63, "completion_tokens": 10, "total_tokens": 73}
    record = ask_at(replay, "https://api.deepseek.com/v1", at("deepseek-v4-pro", usage), mode)
    assert told(record)[0] is not None


# --- what the answer says ---------------------------------------------------------------------------------------------


def test_every_pass_of_an_answer_is_billed_at_its_own_models_price(replay: ReplayServer) -> None:
    passes = [
        {"type": "compaction", "input_tokens": 100_000, "output_tokens": 2000},
        {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 1000, "output_tokens": 100},
        {"type": "message", "input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 1000},
    ]
    usage = {
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_read_input_tokens": 1000,
        "iterations": passes,
    }
    record = ask(replay, "anthropic", claude(usage, model="claude-haiku-4-5-20251001"), max_tokens=9)
    # Haiku 4.5 at 1, 5 and 0.1 a million, Opus 4.8 at 5 and 25.
    assert record.cost is not None
    assert record.cost.total == Decimal("0.11") + Decimal("0.0075") + Decimal("0.0016")
    assert (record.cost.input, record.cost.output) == (Decimal("0.1061"), Decimal("0.013"))
    odd = claude({**usage, "iterations": [{"type": "compaction"}]}, model="claude-haiku-4-5-20251001")
    assert told(ask(replay, "anthropic", odd, max_tokens=9)) == (None, "passes_not_told")


@STREAMS
@pytest.mark.parametrize(
    "asked",
    [
        {"context_management": {"edits": [{"type": "compact_20260112"}]}, "betas": ["compact-2026-01-12"]},
        {
            "model_kwargs": {
                "tools": [{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-4-8"}]
            }
        },
    ],
)
def test_passes_that_a_stream_loses_leave_no_price(replay: ReplayServer, mode: str, asked: Any) -> None:
    body = claude({"input_tokens": 1000, "output_tokens": 100}, model="claude-opus-4-6")
    record = ask(replay, "anthropic", body, mode, max_tokens=9, **asked)
    assert told(record) == (None, "passes_not_told")
    cleared = {
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "betas": ["context-management-2025-06-27"],
    }
    assert told(ask(replay, "anthropic", body, mode, max_tokens=9, **cleared))[0] is not None


def test_a_cache_lifetime_that_no_list_knows_leaves_no_price(replay: ReplayServer) -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": 10,
        "cache_creation_input_tokens": 900,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0, "ephemeral_24h_input_tokens": 900},
    }  # fmt: skip
    body = claude(usage, model="claude-opus-4-6")
    assert told(ask(replay, "anthropic", body, max_tokens=9)) == (None, "part_not_priced")


@EVERY_WAY
def test_models_that_search_in_every_call_have_no_price_of_their_tokens_alone(
    replay: ReplayServer, mode: str
) -> None:
    body = at("gpt-4o-mini-search-preview-2025-03-11")
    assert told(ask_at(replay, None, body, mode)) == (None, "not_per_token")


def test_a_search_of_xais_own_leaves_no_price_and_a_callers_tool_of_that_name_does(
    replay: ReplayServer,
) -> None:
    counts = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    call = {
        "id": "c1",
        "type": "custom_tool_call",
        "call_id": "c1",
        "name": "x_semantic_search",
        "input": "q",
    }
    body = response(counts, [{**call, "status": "completed"}], model="grok-4-fast-reasoning")
    assert told(ask(replay, "xai", body, use_responses_api=True)) == (None, "usage_incomplete")


# --- whose list -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["deepseek-v3", "grok-3", "kimi-k2-0905-preview"])
def test_azure_sells_others_models_at_prices_of_its_own(model: str) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100}
    for provider in ("azure.ai.openai", "azure.ai.inference"):
        assert price.price(provider, model, usage) == {"cost.unpriced_reason": "unknown_model"}


@EVERY_WAY
def test_vertex_ais_own_price(replay: ReplayServer, mode: str) -> None:
    usage = {"promptTokenCount": 1_000_000, "candidatesTokenCount": 1_000_000, "totalTokenCount": 2_000_000}
    body = gemini(usage, modelVersion="gemini-2.0-flash-001")
    here = ask(replay, "google", body, mode, model="gemini-2.0-flash-001")
    there = ask(replay, "google", body, mode, model="gemini-2.0-flash-001", vertexai=True)
    assert (told(here)[0], told(there)[0]) == (Decimal("0.5"), Decimal("0.75"))


@pytest.mark.parametrize("model", ["mistral-large-latest", "codestral-latest"])
def test_a_name_whose_price_in_the_list_is_an_older_models(model: str) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100}
    assert price.price("mistral_ai", model, usage) == {"cost.unpriced_reason": "name_moves"}
    assert "cost.total" in price.price("mistral_ai", "mistral-large-2512", usage)
    assert "cost.total" in price.price("mistral_ai", "mistral-small-latest", usage)


# --- bills and caches -------------------------------------------------------------------------------------------------


def test_on_a_key_of_ones_own_the_bill_is_the_routers_fee_and_the_vendors(replay: ReplayServer) -> None:
    details = {"cost": 0.002, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.04}}
    host = "https://openrouter.ai/api/v1"
    record = ask_at(replay, host, at("openai/gpt-4o-mini", {**USAGE, **details}))
    assert record.cost is not None
    assert (record.cost.total, record.cost.upstream_inference) == (Decimal("0.042"), Decimal("0.04"))
    assert record.cost.source == "provider"
    fee = at("openai/gpt-4o-mini", {**USAGE, "cost": 0, "is_byok": True})
    assert told(ask_at(replay, host, fee)) == (None, "key_fee_only")


@pytest.mark.parametrize(
    ("name", "hit", "miss"),
    [
        ("cf-aig-cache-status", "HIT", "MISS"),
        ("x-portkey-cache-status", "SEMANTIC HIT", "SEMANTIC MISS"),
        ("helicone-cache", "HIT", "MISS"),
        ("x-openrouter-cache-status", "hit", "MISS"),
        ("x-litellm-cache-hit", "True", "False"),
    ],
)
@EVERY_WAY
def test_an_answer_out_of_a_gateways_cache_costs_nothing(
    replay: ReplayServer, mode: str, name: str, hit: str, miss: str
) -> None:
    def cost(word: str) -> Any:
        answer = Answer(at("gpt-5-mini-2025-08-07", {**USAGE, "cost": 3}), headers={name: word})
        record = ask_at(replay, None, answer, mode, include_response_headers=True)
        assert record.http is not None
        assert record.http.headers[name] == word
        return record.cost

    assert (cost(hit).total, cost(hit).source) == (0, "computed")
    assert cost(miss).total > 0


ROUTER = "https://openrouter.ai/api/v1"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the SDK leaves its sockets
@EVERY_WAY
@pytest.mark.parametrize(("fee", "total"), [(0, "0.04"), (0.002, "0.042")])
def test_a_class_that_drops_the_word_for_a_key_of_ones_own_tells_the_vendors_charge(
    replay: ReplayServer, mode: str, fee: float, total: str
) -> None:
    details = {
        "upstream_inference_cost": 0.04,
        "upstream_inference_prompt_cost": 0.03,
        "upstream_inference_completions_cost": 0.01,
    }
    usage = {**USAGE, "cost": fee, "is_byok": True, "cost_details": details}
    body = at("anthropic/claude-opus-4.5", usage, system_fingerprint=None)
    assert told(ask(replay, "openrouter", body, mode)) == (Decimal(total), None)
    plain = {**usage, "cost": 0.0411, "is_byok": False}
    assert told(ask(replay, "openrouter", {**body, "usage": plain}, mode)) == (Decimal("0.0411"), None)


# --- what an answer shows of passes, searches and sources -------------------------------------------------------------


def streamed(*payloads: Any, done: bool = False) -> Answer:
    """A stream of server-sent events."""
    lines = [*map(orjson.dumps, payloads), *([b"[DONE]"] if done else [])]
    return recorded_answer("jsonl_events", b"\n".join(lines))


def events(*content: Any) -> Answer:
    """A stream of Anthropic's: each block as it begins, and what is added to it."""
    opened = {**claude({"input_tokens": 900, "output_tokens": 1}, model="claude-opus-4-6"), "content": []}
    usage = {"input_tokens": 900, "output_tokens": 9}
    blocks = [
        event
        for index, (block, *deltas) in enumerate(content)
        for event in (
            {"type": "content_block_start", "index": index, "content_block": block},
            *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": index},
        )
    ]
    return streamed(
        {"type": "message_start", "message": {**opened, "stop_reason": None}},
        *blocks,
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": usage,
        },
        {"type": "message_stop"},
    )


SAID = ({"type": "text", "text": ""}, {"type": "text_delta", "text": "Cuneiform."})
COMPACTED = ({"type": "compaction", "content": None}, {"type": "compaction_delta", "content": "Before."})
ADVISED = ({"type": "server_tool_use", "id": "srvtoolu_7", "name": "advisor", "input": {}},)


@STREAMS
@pytest.mark.parametrize("shown", [COMPACTED, ADVISED])
def test_passes_that_a_stream_shows_and_does_not_count_leave_no_price(
    replay: ReplayServer, mode: str, shown: Any
) -> None:
    def cost(*content: Any) -> Any:
        return told(ask(replay, "anthropic", events(*content), mode, model="claude-opus-4-6", max_tokens=9))

    assert cost(SAID)[0] is not None
    assert cost(shown, SAID) == (None, "passes_not_told")


def test_bedrock_tells_the_passes_of_claude_among_its_models_own_fields(replay: ReplayServer) -> None:
    passes = [
        {"type": "compaction", "input_tokens": 100_000, "output_tokens": 2000},
        {"type": "message", "input_tokens": 1000, "output_tokens": 100},
    ]
    body = converse(
        {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100},
        additionalModelResponseFields={"usage": {"iterations": passes}},
    )
    record = ask(replay, "bedrock", body, model="global.anthropic.claude-opus-4-6-v1")
    assert record.cost is not None
    assert record.cost.total == Decimal("0.55") + Decimal("0.0075")  # 5 and 25 a million


@EVERY_WAY
@pytest.mark.parametrize(
    ("vertexai", "grounding"),
    [
        (False, {"groundingChunks": [{"maps": {"uri": "https://maps.google.com/?cid=7", "title": "Uruk"}}]}),
        (False, {"googleMapsWidgetContextToken": "w"}),
        (False, {"imageSearchQueries": ["uruk"]}),
        (True, {"retrievalQueries": ["uruk"]}),
    ],
)
def test_what_google_searched_beside_the_web_leaves_no_price(
    replay: ReplayServer, mode: str, vertexai: Any, grounding: Any
) -> None:
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100}
    body = gemini(usage)
    plain = ask(replay, "google", body, mode, vertexai=vertexai)
    assert told(plain)[0] is not None
    candidate = {**body["candidates"][0], "groundingMetadata": grounding}
    grounded = ask(replay, "google", {**body, "candidates": [candidate]}, mode, vertexai=vertexai)
    assert told(grounded) == (None, "usage_incomplete")


@EVERY_WAY
def test_sources_of_xais_live_search_cost_beside_the_tokens(replay: ReplayServer, mode: str) -> None:
    usage = {**USAGE, "num_sources_used": 4}
    if mode == "invoke":
        assert told(ask(replay, "xai", at("grok-4", usage), mode)) == (None, "usage_incomplete")
    assert told(ask(replay, "xai", at("grok-4", {**USAGE, "num_sources_used": 0}), mode))[0] is not None


@STREAMS
@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("perplexity/sonar-pro", "unknown_provider"),
        ("openai/o4-mini-deep-research", "not_per_token"),
        ("openai/gpt-4o-search-preview", "not_per_token"),
    ],
)
def test_a_routers_list_lacks_the_fee_of_models_that_search_in_every_call(
    replay: ReplayServer, mode: str, model: str, reason: str
) -> None:
    assert told(ask_at(replay, ROUTER, at(model, {**USAGE, "cost": 0.3}), mode)) == (None, reason)


def test_azures_fee_of_a_search_is_not_openais(replay: ReplayServer) -> None:
    call = {
        "id": "ws_7",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "q"},
    }
    counts = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    body = response(counts, [call], model="gpt-5-mini-2025-08-07")
    at_azure = ask_at(replay, "https://x.openai.azure.com/openai/v1", body, use_responses_api=True)
    assert told(at_azure) == (None, "part_not_priced")
    assert told(ask_at(replay, None, body, use_responses_api=True))[0] is not None


# --- what a name or a header asks for ---------------------------------------------------------------------------------


@STREAMS
@pytest.mark.parametrize(
    "asked",
    [
        {"model": "@preset/researcher"},
        {"model": "openai/gpt-4o-mini:online:nitro"},
        {"extra_body": {"models": ["openai/gpt-4o-mini:online"]}},
        {"extra_body": {"preset": "researcher"}},
    ],
)
def test_a_router_may_be_asked_for_a_search_by_a_name(replay: ReplayServer, mode: str, asked: Any) -> None:
    body = at("openai/gpt-4o-mini", {**USAGE, "cost": 0.02})
    total, reason = told(ask_at(replay, ROUTER, body, mode, **asked))
    assert total is None
    assert reason in {"modifier_not_priced", "part_not_priced"}
    plain = ask_at(replay, ROUTER, body, mode, model="openai/gpt-4o-mini:nitro")
    assert told(plain)[0] is not None


@EVERY_WAY
def test_a_header_asks_vertex_ai_for_a_tier(replay: ReplayServer, mode: str) -> None:
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100}
    asked = {"X-Vertex-AI-LLM-Shared-Request-Type": "priority"}
    record = ask(replay, "google", gemini(usage), mode, vertexai=True, additional_headers=asked)
    assert told(record) == (None, "tier_not_told")


# --- whose list, which counts -----------------------------------------------------------------------------------------


def test_a_host_that_only_begins_like_a_sellers_is_somebody_elses(replay: ReplayServer) -> None:
    body = at("gpt-5-mini-2025-08-07")
    record = ask_at(replay, "https://api.openai.com.example.org/v1", body)
    assert told(record) == (None, "unknown_provider")


def test_open_weights_have_a_price_of_azures_own() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100}
    assert price.price("azure.ai.openai", "gpt-oss-120b", usage) == {"cost.unpriced_reason": "unknown_model"}


def test_a_profile_of_the_government_cloud_has_prices_of_its_own(replay: ReplayServer) -> None:
    counts = {"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200}
    model = "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0"
    record = ask(replay, "bedrock", converse(counts), model=model, region_name="us-east-1")
    assert told(record) == (None, "region_not_priced")


@pytest.mark.parametrize(
    "usage",
    [
        {**USAGE, "prompt_tokens_details": {"cached_tokens": 100}, "prompt_cache_hit_tokens": 5000},
        {**USAGE, "prompt_tokens_details": {"cached_tokens": 0}, "cached_tokens": 5000},
        {**USAGE, "prompt_tokens_details": {"cached_tokens": -1}},
    ],
)
def test_a_cache_that_is_told_in_two_ways_or_as_no_count_leaves_no_price(
    replay: ReplayServer, usage: Any
) -> None:
    record = ask_at(replay, "https://api.deepseek.com/v1", at("deepseek-v4-flash", usage))
    assert told(record) == (None, "usage_inconsistent")
    assert all("cache" in warning for warning in record.warnings)
    assert record.warnings
    same = {**USAGE, "prompt_tokens_details": {"cached_tokens": 5000}, "prompt_cache_hit_tokens": 5000}
    assert told(ask_at(replay, "https://api.deepseek.com/v1", at("deepseek-v4-flash", same)))[0] is not None


def test_a_whole_of_0_beside_lifetimes_is_told(replay: ReplayServer) -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": 10,
        "cache_creation_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 0},
    }
    record = ask(replay, "anthropic", claude(usage, model="claude-opus-4-6"), max_tokens=9)
    assert told(record) == (None, "usage_inconsistent")
    assert record.warnings == ("usage: cache writes by lifetime 40 are not cache_write_tokens 0",)


@STREAMS
def test_a_stream_without_a_finish_word_has_no_price_wherever_its_counts_came(
    replay: ReplayServer, mode: str
) -> None:
    """ChatOpenAI names the model with the finish reason only: the requested model may not be the one that served."""
    top = {
        key: value for key, value in at("gpt-5-mini-2025-08-07").items() if key not in {"choices", "usage"}
    }
    text = {**top, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Uruk."}}]}
    counts = {**top, "choices": [], "usage": USAGE}
    for chunks in ((text, counts), ({**text, "usage": USAGE},), (counts, text)):
        answer = streamed(*chunks, done=True)
        record = ask(replay, "openai", answer, mode, model="gpt-5-mini-2025-08-07", stream_usage=True)
        assert any("no finish reason" in warning for warning in record.warnings)
        assert told(record) == (None, "usage_incomplete")


@pytest.mark.parametrize("mode", ["invoke", "stream"])
def test_litellm_is_asked_for_passes_in_model_kwargs(replay: ReplayServer, mode: str) -> None:
    compacts = {"context_management": {"edits": [{"type": "compact_20260112"}]}}
    options = {"model": "openai/gpt-5-mini-2025-08-07", "streaming": mode == "stream"}
    body = at("gpt-5-mini-2025-08-07")
    plain = ask(replay, "litellm", body, mode, **options)
    record = ask(replay, "litellm", body, mode, **options, model_kwargs={"extra_body": compacts})
    assert told(plain)[0] is not None
    assert told(record) == (None, "passes_not_told")


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_sound_that_was_sent_and_not_counted_leaves_no_price_where_it_costs_more(
    replay: ReplayServer, kind: str
) -> None:
    def cost(model: str, *blocks: Any) -> Any:
        usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100}
        handler = RespMetaHandler(feedback=False)
        content = [{"type": "text", "text": "What is said?"}, *blocks]
        chat_model = model_at(replay, "google", gemini(usage, modelVersion=model), model=model)
        chat_model.invoke([HumanMessage(content)], {"callbacks": [handler]})
        return told(handler.records[0])

    sent = {"type": "media", "mime_type": f"{kind}/mp4", "data": "AAAA"}
    assert cost("gemini-2.5-flash", sent) == (None, "usage_incomplete")
    assert cost("gemini-2.5-flash")[0] is not None
    assert cost("gemini-2.5-pro", sent) == cost("gemini-2.5-pro")  # the same price for all input
