"""What a price is made of: sides and fees add up to the total, parts are those of their side, each as it is billed."""

from decimal import Decimal, localcontext
from typing import Any

import pytest

from langchain_respmeta.enrich.prices.price import price, reset_prices, set_price

USAGE = {"input_tokens": 1000, "output_tokens": 200}
CASES: Any = {
    # provider, model, usage, parts
    "cached and reasoned": (
        "openai",
        "gpt-5-mini",
        {**USAGE, "cache_read_tokens": 600, "reasoning_tokens": 50},
        # saved: 600 at 0.25 less 0.025 a million
        {"cache_read": "0.000015", "reasoning": "0.0001", "cache_discount": "0.000135"},
    ),
    "written for both lifetimes, and searched": (
        "anthropic",
        "claude-sonnet-4-5",
        {
            **USAGE,
            "cache_read_tokens": 100,
            "cache_write_tokens": 300,
            "cache_write_5m_tokens": 200,
            "cache_write_1h_tokens": 100,
            "web_search_requests": 2,
        },
        # written at 3.75 and 6, searched at 10 a thousand; saved: 100 at 2.7, less 200 at 0.75 and 100 at 3
        {"cache_read": "0.00003", "cache_write": "0.00135", "tools": "0.02", "cache_discount": "-0.00018"},
    ),
    "heard": (
        "gcp.gemini",
        "gemini-2.5-flash",
        {**USAGE, "input_audio_tokens": 400},
        {"input_audio": "0.0004"},  # 400 * 1
    ),
    "nothing special": ("openai", "gpt-5-mini", USAGE, {}),
    "nothing of it used": (
        "openai",
        "gpt-5-mini",
        {**USAGE, "cache_read_tokens": 0, "reasoning_tokens": 0},
        {},
    ),
}


def parts_of(cost: Any) -> dict[str, Decimal]:
    known = {"total", "input", "output", "currency", "source", "price_version"}
    return {key[5:]: value for key, value in cost.items() if key[5:] not in known}


@pytest.mark.parametrize("case", CASES)
def test_parts_are_billed_at_their_own_rates_and_sides_add_up(case: str) -> None:
    provider, model, usage, parts = CASES[case]
    cost: Any = price(provider, model, usage, parts=True)
    assert parts_of(cost) == {name: Decimal(value) for name, value in parts.items()}
    told = parts_of(cost)
    assert cost["cost.input"] + cost["cost.output"] + told.get("tools", 0) == cost["cost.total"]
    assert (
        sum(told.get(name, 0) for name in ("cache_read", "cache_write", "input_audio")) <= cost["cost.input"]
    )
    assert sum(told.get(name, 0) for name in ("reasoning", "output_audio")) <= cost["cost.output"]
    without: Any = price(provider, model, usage)
    assert without == {key: value for key, value in cost.items() if key[5:] not in told}


def test_a_part_without_a_rate_of_its_own_is_billed_as_its_whole() -> None:
    set_price("mine", "m", input_mtok=3, output_mtok=5)
    try:
        usage = {**USAGE, "cache_read_tokens": 100, "reasoning_tokens": 10}
        assert parts_of(price("mine", "m", usage, parts=True)) == {
            "cache_read": Decimal("0.0003"),
            "reasoning": Decimal("0.00005"),
            "cache_discount": Decimal(0),
        }
    finally:
        reset_prices()


def test_parts_are_exact_whatever_the_caller_rounds_to() -> None:
    provider, model, usage, parts = CASES["written for both lifetimes, and searched"]
    with localcontext() as context:
        context.prec = 1
        cost = price(provider, model, usage, parts=True)
    assert parts_of(cost) == {name: Decimal(value) for name, value in parts.items()}
