"""Facts of an answer other than its tokens decide its price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_respmeta import RunStart
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.enrich.prices import price_draft as costs
from langchain_respmeta.enrich.prices.price_draft import price_draft

_START = RunStart(integration="ChatCohere", ls_provider="cohere", requested_model="command-a-03-2025")


def _streamed(counts: dict[str, Any]) -> dict[str, Any]:
    message = AIMessageChunk("hi", response_metadata={"finish_reason": "COMPLETE", "token_count": counts})
    price.preload(wait=True)
    return price_draft(draft_of(message, _START), _START)


def test_a_stream_of_cohere_is_priced_by_its_billed_units() -> None:
    cost = _streamed({"input_tokens": 400.0, "output_tokens": 100.0, "total_tokens": 500.0})
    assert (cost["cost.input"], cost["cost.output"]) == (Decimal("0.001"), Decimal("0.001"))
    assert cost["cost.total"] == Decimal("0.002")


@pytest.mark.parametrize("count", [None, "400", -1, float("nan"), float("inf")])
def test_a_bill_that_cannot_be_read_is_no_price(count: Any) -> None:
    cost = _streamed({"input_tokens": count, "output_tokens": 100.0, "total_tokens": 500.0})
    assert "cost.total" not in cost
    assert cost["cost.unpriced_reason"]


def _priced(message: AIMessage, requested: str) -> dict[str, Any]:
    start = RunStart(requested_model=requested)
    price.preload(wait=True)
    return price_draft(draft_of(message, start), start)


def _answer(model: str, provider: str, block: dict[str, Any], **facts: Any) -> AIMessage:
    return AIMessage(
        [block, {"type": "text", "text": "hi"}],
        response_metadata={"model_provider": provider, "model_name": model, **facts},
        usage_metadata={
            "input_tokens": 1000,
            "output_tokens": 200,
            "total_tokens": 1200,
            "input_token_details": {"cache_read": 0, "cache_creation": 0},
        },
    )


CLAUDE_SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}}


@pytest.mark.parametrize(
    ("model", "provider", "block", "reason"),
    [
        ("gpt-5-mini", "openai", {"type": "web_search_call", "id": "ws_1"}, "usage_incomplete"),
        ("gpt-5-mini", "openai", {"type": "file_search_call", "id": "fs_1"}, "usage_incomplete"),
        ("gpt-5-mini", "openai", {"type": "code_interpreter_call", "id": "ci_1"}, "part_not_priced"),
        ("gpt-5-mini", "openai", {"type": "image_generation_call", "id": "ig_1"}, "part_not_priced"),
        ("claude-sonnet-4-5-20250929", "anthropic", CLAUDE_SEARCH, "usage_incomplete"),
        ("gpt-5-mini", "openai", {"type": "mcp_call", "id": "mcp_1", "name": "roll"}, None),
    ],
)
def test_tools_that_are_billed_by_use_but_not_counted_leave_no_price(
    model: str, provider: str, block: dict[str, Any], reason: str | None
) -> None:
    cost = _priced(_answer(model, provider, block), model)
    assert cost.get("cost.unpriced_reason") == reason
    assert ("cost.total" in cost) == (reason is None)


def test_searches_that_the_usage_counts_are_priced() -> None:
    usage = {"input_tokens": 1000, "output_tokens": 200, "server_tool_use": {"web_search_requests": 2}}
    model = "claude-sonnet-4-5-20250929"
    cost = _priced(_answer(model, "anthropic", CLAUDE_SEARCH, usage=usage), model)
    assert cost["cost.total"] == Decimal("0.003") + Decimal("0.003") + Decimal("0.02")


def test_a_grounded_answer_of_gemini_has_no_price_of_its_tokens_alone() -> None:
    block = {"type": "text", "text": "so"}
    searched = _answer(
        "gemini-2.5-flash", "google_genai", block, grounding_metadata={"web_search_queries": ["q"]}
    )
    plain = _answer("gemini-2.5-flash", "google_genai", block, grounding_metadata={"web_search_queries": []})
    assert _priced(searched, "gemini-2.5-flash") == {"cost.unpriced_reason": "usage_incomplete"}
    assert "cost.total" in _priced(plain, "gemini-2.5-flash")


def test_a_price_that_the_user_set_holds_for_searches_too() -> None:
    price.set_price("openai", "gpt-5-mini", input_mtok=1, output_mtok=1)
    try:
        cost = _priced(
            _answer("gpt-5-mini", "openai", {"type": "web_search_call", "id": "ws_1"}), "gpt-5-mini"
        )
    finally:
        price.reset_prices()
    assert cost["cost.total"] == Decimal("0.0012")


def test_a_part_of_the_name_that_is_no_text_is_an_unknown_model() -> None:
    told: Any = True
    usage = {"input_tokens": 1, "output_tokens": 1}
    assert price.price("anthropic", "claude-sonnet-4-5", usage, inference_geo=told) == {
        "cost.unpriced_reason": "unknown_model"
    }


@pytest.mark.parametrize(
    "asked", [{"cache_control": {"ttl": "1h"}}, {"tools": [{"cache_control": {"ttl": "1h"}}]}]
)
def test_cache_writes_for_an_hour_that_a_stream_lost_leave_no_price(asked: dict[str, Any]) -> None:
    model = "claude-sonnet-4-5-20250929"
    facts = {"model_provider": "anthropic", "model_name": model}
    counts = {"input_tokens": 1000, "output_tokens": 200, "total_tokens": 1200}
    price.preload(wait=True)

    def cost(params: dict[str, Any], **details: int) -> dict[str, Any]:
        usage: Any = {**counts, "input_token_details": {"cache_read": 0, **details}}
        message = AIMessageChunk("hi", response_metadata=facts, usage_metadata=usage)
        start = RunStart(requested_model=model, params=params)
        return price_draft(draft_of(message, start), start)

    assert cost(asked, cache_creation=500) == {"cost.unpriced_reason": "usage_incomplete"}
    assert "cost.total" in cost(asked, cache_creation=0)
    assert "cost.total" in cost({"cache_control": {"ttl": "5m"}}, cache_creation=500)
    hour = cost(asked, ephemeral_1h_input_tokens=500)
    assert hour["cost.input"] == Decimal("0.0015") + Decimal("0.003")


@pytest.mark.parametrize("odd", [float("inf"), 1e300, -1, "5", None])
def test_a_bill_that_is_no_count_is_left_out(odd: Any) -> None:
    assert costs._counts({"input_tokens": odd, "output_tokens": 2.0}) == {"output_tokens": 2}


@pytest.mark.parametrize(("vendor", "reason"), [("mistral", "cache_not_told"), ("openai", None)])
def test_what_litellm_loses_of_a_vendor_s_own_count_leaves_no_price(vendor: str, reason: str | None) -> None:
    model = {"mistral": "mistral/mistral-medium-2508", "openai": "openai/gpt-5-mini"}[vendor]
    usage: Any = {"input_tokens": 1000, "output_tokens": 200, "total_tokens": 1200}
    message = AIMessageChunk("hi", response_metadata={"model_name": model}, usage_metadata=usage)
    start = RunStart(integration="ChatLiteLLM", llm_type="litellm-chat", requested_model=model)
    price.preload(wait=True)
    cost = price_draft({**draft_of(message, start), "streamed": True}, start)
    assert cost.get("cost.unpriced_reason") == reason
    assert ("cost.total" in cost) == (reason is None)


@pytest.mark.parametrize(
    ("told", "environment", "reason"),
    [
        ("ChatOllama(model='gpt-oss:120b', base_url='https://ollama.com')", "", "unknown_provider"),
        ("ChatOllama(model='gpt-oss:120b')", "https://ollama.com", "unknown_provider"),
        ("ChatOllama(model='gpt-oss:120b', base_url='http://10.0.0.4')", "https://ollama.com", "local_model"),
        ("ChatOllama(model='gpt-oss:120b')", "", "local_model"),
    ],
)
def test_ollamas_class_at_its_makers_machines(
    told: str, environment: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class is shown by its `repr` alone."""
    monkeypatch.setenv("OLLAMA_HOST", environment)
    serialized = {"type": "not_implemented", "id": ["langchain_ollama", "ChatOllama"], "repr": told}
    message = {
        "type": "ai",
        "content": "x",
        "usage_metadata": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
        "response_metadata": {"model": "gpt-oss:120b", "done_reason": "stop"},
    }
    start = RunStart.from_mapping({"serialized": serialized})
    assert price_draft(draft_of(message, start), start) == {"cost.unpriced_reason": reason}


@pytest.mark.parametrize(
    ("model", "size", "details", "reason"),
    [
        ("gpt-6-luna", 5_000, {"cache_read": 0}, "cache_not_told"),
        ("gpt-6-luna", 5_000, {"cache_read": 0, "cache_creation": 0}, None),
        ("gpt-6-luna", 1_000, {"cache_read": 0}, None),  # too short to be cached
        ("gpt-4.1-mini", 5_000, {"cache_read": 0}, None),  # writing costs what reading anew does
    ],
)
def test_where_nobody_counted_what_was_written_into_a_cache_there_is_no_price(
    model: str, size: int, details: dict[str, int], reason: str | None
) -> None:
    """LangSmith's wrapper of OpenAI drops the count."""
    usage: Any = {
        "input_tokens": size,
        "output_tokens": 10,
        "total_tokens": size + 10,
        "input_token_details": details,
    }
    facts = {"model_provider": "openai", "model_name": model}
    cost = _priced(AIMessage("hi", usage_metadata=usage, response_metadata=facts), model)
    assert cost.get("cost.unpriced_reason") == reason
    assert ("cost.total" in cost) == (reason is None)
