"""The user's own prices."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta.enrich.prices.price import price, reset_prices, set_price

USAGE = {"input_tokens": 1000, "output_tokens": 100, "cache_read_tokens": 400, "cache_write_tokens": 100}


@pytest.fixture(autouse=True)
def _no_prices_left() -> Iterator[None]:
    yield
    reset_prices()


def test_own_price_wins_over_the_list_and_says_so() -> None:
    set_price("openai", "gpt-5-mini", input_mtok="1", output_mtok=2, cache_read_mtok=0.1)
    cost = price("openai", "gpt-5-mini", USAGE)
    # 600 * 1 + 400 * 0.1: writes have no price of their own, so they cost what input does
    assert cost["cost.input"] == Decimal("0.00064")
    assert cost["cost.output"] == Decimal("0.0002")
    assert cost["cost.total"] == Decimal("0.00084")
    assert cost["cost.price_version"] == "user"
    assert cost["cost.source"] == "computed"


def test_writes_by_lifetime() -> None:
    set_price("x", "m", input_mtok=1, output_mtok=0, cache_write_mtok=2, cache_write_1h_mtok=3)
    usage = {"input_tokens": 30, "output_tokens": 1, "cache_write_5m_tokens": 10, "cache_write_1h_tokens": 10}
    assert price("x", "m", usage)["cost.total"] == Decimal("0.00006")


@pytest.mark.parametrize(
    ("who", "options"),
    [
        (("azure.ai.openai", "gpt-4o-2024-08-06"), {"requested_model": "Our-Deployment"}),
        (("azure.ai.openai", None), {"requested_model": "our-deployment"}),
        (("AZURE.ai.openai", "our-deployment"), {}),
    ],
)
def test_found_by_the_answers_model_or_the_requested_one(
    who: tuple[str, Any], options: dict[str, Any]
) -> None:
    set_price("azure.ai.openai", "our-deployment", input_mtok=1, output_mtok=1)
    assert price(*who, USAGE, **options)["cost.price_version"] == "user"


def test_local_models_can_have_a_price() -> None:
    set_price("ollama", "llama3.1", input_mtok=0, output_mtok=0)
    assert price("ollama", "llama3.1", USAGE)["cost.total"] == 0


def test_a_tier_has_its_own_price() -> None:
    set_price("openai", "gpt-5-mini", input_mtok=8, output_mtok=8, service_tier="scale")
    assert price("openai", "gpt-5-mini", USAGE, service_tier="scale")["cost.total"] == Decimal("0.0088")
    assert price("openai", "gpt-5-mini", USAGE)["cost.price_version"] != "user"
    set_price("openai", "gpt-5-mini", input_mtok=1, output_mtok=1, service_tier="default")
    assert price("openai", "gpt-5-mini", USAGE, service_tier="auto")["cost.price_version"] == "user"


def test_the_last_price_holds_and_reset_brings_the_list_back() -> None:
    listed = price("openai", "gpt-5-mini", USAGE)
    set_price("openai", "gpt-5-mini", input_mtok=1, output_mtok=1)
    set_price("openai", "gpt-5-mini", input_mtok=2, output_mtok=2)
    assert price("openai", "gpt-5-mini", USAGE)["cost.total"] == Decimal("0.0022")
    reset_prices()
    assert price("openai", "gpt-5-mini", USAGE) == listed


@pytest.mark.parametrize("wrong", [-1, "free", float("nan"), float("inf"), "-0.1", ""])
def test_what_is_no_price_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="US dollars per million"):
        set_price("openai", "gpt-5-mini", input_mtok=wrong, output_mtok=1)
    assert price("openai", "gpt-5-mini", USAGE)["cost.price_version"] != "user"


@pytest.mark.parametrize("usage", [{"input_tokens": 5}, {"input_tokens": 5, "output_tokens": -1}, {}])
def test_bad_counts_stay_unpriced(usage: dict[str, int]) -> None:
    set_price("x", "m", input_mtok=1, output_mtok=1)
    assert price("x", "m", usage).keys() == {"cost.unpriced_reason"}


def test_no_price_is_lost_when_threads_set_them_at_once() -> None:
    def put(number: int) -> None:
        set_price("x", f"m{number}", input_mtok=number, output_mtok=0)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, range(300)))
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    assert [price("x", f"m{number}", usage)["cost.total"] for number in range(300)] == list(range(300))
