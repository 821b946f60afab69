"""A generation merged into the record of its answer: which value wins, and where the other is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta.enrich.enricher import with_facts
from langchain_respmeta.enrich.openrouter.facts import facts_for
from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.interchange.openrouter import PAGE
from tests.enrich.openrouter.generation_server import GENERATION

OPENROUTER = {"provider": "openrouter"}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a computed cost gives way with all that went with it": (
        {"cost.total": Decimal("0.1"), "cost.input": Decimal("0.04"), "cost.output": Decimal("0.06"),
         "cost.source": "computed", "cost.price_version": "1"},
        {"total_cost": 0.2},
        {"cost.total": Decimal("0.2"), "cost.source": "provider", "cost.currency": "USD"},
    ),
    "a missing price is missing no more": (
        {"cost.unpriced_reason": "unknown_model"},
        {"total_cost": 0.2},
        {"cost.total": Decimal("0.2"), "cost.source": "provider", "cost.currency": "USD"},
    ),
    "usage is a charge too, and kept where it differs": (
        {},
        {"total_cost": 0.2, "usage": 0.1},
        {"cost.total": Decimal("0.2"), "cost.source": "provider", "cost.currency": "USD",
         "provider_data": {"openrouter": {"usage": 0.1}}},
    ),
    "the charge stands where there is no total": (
        {},
        {"usage": 0.1},
        {"cost.total": Decimal("0.1"), "cost.source": "provider", "cost.currency": "USD"},
    ),
    "on a key of one's own the vendor's charge comes on top of the fee": (
        {},
        {"total_cost": 0.002, "usage": 0.002, "upstream_inference_cost": 0.04, "is_byok": True},
        {"cost.total": Decimal("0.042"), "cost.upstream_inference": Decimal("0.04"), "cost.source": "provider",
         "cost.currency": "USD", "routing.is_byok": True},
    ),
    "also where the answer told the charge, and the same sum": (
        {"cost.total": Decimal("0.042"), "cost.source": "provider", "cost.upstream_inference": Decimal("0.04"),
         "routing.is_byok": True},
        {"total_cost": 0.002, "is_byok": True},
        {"cost.total": Decimal("0.042"), "cost.upstream_inference": Decimal("0.04"), "cost.source": "provider",
         "cost.currency": "USD", "routing.is_byok": True},
    ),
    "a fee without the vendor's charge is no price": (
        {"cost.total": Decimal("0.1"), "cost.source": "computed", "cost.currency": "USD"},
        {"total_cost": 0, "usage": 0, "is_byok": True},
        {"cost.unpriced_reason": "key_fee_only", "routing.is_byok": True},
    ),
    "the answer's own counts stand": (
        {"usage.input_tokens": 12, "usage.output_tokens": 5},
        {"tokens_prompt": 10, "tokens_completion": 5},
        {"usage.input_tokens": 12, "usage.output_tokens": 5, "provider_data": {"openrouter": {"tokens_prompt": 10}}},
    ),
    "where the answer has no counts the generation's are taken": (
        {},
        {"tokens_prompt": 10, "native_tokens_prompt": 0},
        {"usage.input_tokens": 10, "usage.native_input_tokens": 0},
    ),
    "another model is kept, not believed": (
        {"model": "a", "model_source": "request"},
        {"model": "b"},
        {"model": "a", "model_source": "request", "provider_data": {"openrouter": {"model": "b"}}},
    ),
    "a model fills a gap": ({}, {"model": "b"}, {"model": "b", "model_source": "response"}),
    "what was in provider_data stays there": (
        {"provider_data": {"object": "chat.completion"}},
        {"router": "openrouter/auto"},
        {"provider_data": {"object": "chat.completion", "openrouter": {"router": "openrouter/auto"}}},
    ),
    "tries are counted and kept": (
        {},
        {"provider_responses": [{"status": 429}, {"status": 200}]},
        {"routing.attempts": 2,
         "provider_data": {"openrouter": {"provider_responses": [{"status": 429}, {"status": 200}]}}},
    ),
    "the vendor's word says more": (
        {"finish_reason": "stop", "native_finish_reason": "stop"},
        {"finish_reason": "stop", "native_finish_reason": "refusal"},
        {"finish_reason": "refusal", "native_finish_reason": "refusal", "refused": True, "truncated": False,
         "refusal.source": "stop_reason"},
    ),
    "an end that nobody told is told": (
        {}, {"finish_reason": "length"}, {"finish_reason": "length", "truncated": True, "refused": False},
    ),
    "a cancelled one": (
        {}, {"cancelled": True}, {"cancelled": True, "finish_reason": "cancelled", "truncated": False, "refused": False},
    ),
    "another end is kept, not believed": (
        {"finish_reason": "tool_calls"},
        {"finish_reason": "stop"},
        {"finish_reason": "tool_calls", "provider_data": {"openrouter": {"finish_reason": "stop"}}},
    ),
    "a word that no table knows": (
        {"unmapped": ["a"]},
        {"finish_reason": "brand_new"},
        {"finish_reason": "unknown", "unmapped": ["a", "finish_reason=brand_new"], "truncated": False,
         "refused": False},
    ),
    "speed, where nobody measured it": (
        {"usage.output_tokens": 30},
        {"generation_time": 1500},
        {"usage.output_tokens": 30, "timing.generation_s": 1.5, "timing.tokens_per_second": 20.0},
    ),
    "speed that was measured stays": (
        {"usage.output_tokens": 30, "timing.tokens_per_second": 7.0},
        {"generation_time": 1500},
        {"usage.output_tokens": 30, "timing.generation_s": 1.5, "timing.tokens_per_second": 7.0},
    ),
}  # fmt: skip
"""Draft, generation, and the draft that comes of it (all with provider openrouter)."""


@pytest.mark.parametrize("case", CASES)
def test_the_word_that_stands(case: str) -> None:
    draft, generation, expected = CASES[case]
    before = {**draft, **OPENROUTER}
    assert with_facts(before, facts_for(before, generation)) == {**expected, **OPENROUTER}
    assert before == {**draft, **OPENROUTER}, "a draft that somebody may be reading is not changed"


def test_two_costs_of_openrouters_own_that_differ_are_told() -> None:
    draft = {"cost.total": Decimal("0.1"), "cost.source": "provider", "warnings": ["odd"], **OPENROUTER}
    facts = facts_for(draft, {"total_cost": 0.2})
    assert facts["warnings"] == ["odd", "cost: the answer said 0.1, OpenRouter later 0.2"]
    assert "warnings" not in facts_for(draft, {"total_cost": 0.1})


def test_whoever_names_a_generation_of_openrouters_came_from_there() -> None:
    assert facts_for({"provider": "openai"}, {})["provider"] == "openrouter"


def test_a_whole_generation_is_said_whole() -> None:
    """Every field of the page is passed on, for any answer."""
    draft = {"response_id": "gen-1", "finish_reason": "stop", **OPENROUTER}
    facts = facts_for(draft, GENERATION)
    assert {row.path for name, row in PAGE.items() if name in GENERATION} <= facts.keys()


@pytest.mark.parametrize(
    "name", ["latency", "finish_reason", "native_finish_reason", "app_id", "provider_responses"]
)
def test_a_field_of_another_kind_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(RecordError) as caught:
        facts_for(OPENROUTER, {name: {"a": 1}})
    assert caught.value.field == f"data.{name}"
