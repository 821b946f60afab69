"""Straight functions against the general code: the same keys, in the same order, digit by digit."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, localcontext
from gc import collect
from typing import Any
from weakref import ref

import pytest
from genai_prices.data import providers as genai_providers
from genai_prices.data_snapshot import DataSnapshot, get_snapshot, set_custom_snapshot
from genai_prices.types import ConditionalPrice, ModelInfo, TimeOfDateConstraint

from langchain_respmeta.enrich.prices import straight as straight_module
from langchain_respmeta.enrich.prices.book import Book
from langchain_respmeta.enrich.prices.offer import LOADER, Offer
from langchain_respmeta.enrich.prices.price import look_up, price, reset_prices, set_price
from langchain_respmeta.enrich.prices.rates import CompiledRates, fault
from langchain_respmeta.enrich.prices.sellers import at_vertex
from langchain_respmeta.enrich.prices.straight import learn, straight_of
from langchain_respmeta.enrich.prices.units import COUNTS, UNITS
from tests.enrich.prices.test_equals_genai_prices import WORDS

SOME = {"input_tokens": 1000, "output_tokens": 200}
INNER = ("accepted_prediction_tokens", "rejected_prediction_tokens", "tool_use_prompt_tokens")
FIELDS = (*sorted(COUNTS - {"input_tokens", "output_tokens"}), *INNER, "num_search_results", "no name at all")
OFTEN_TOGETHER = (
    FIELDS,
    ("cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens"),
    ("cache_read_tokens", "cache_write_tokens", "input_audio_tokens", "cache_audio_read_tokens"),
    ("cache_read_tokens", "input_image_tokens", "cache_image_read_tokens", "output_image_tokens"),
)
ODD = (None, -1, 0, True, 1.0, "3", math.nan, 10**30)
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
TIERS = ("default", "batch", "flex", "priority", "fast")


def digits(cost: Any) -> Any:
    """Everything that can differ: order, sign, digits and exponent."""
    if not isinstance(cost, dict):
        return cost
    return [(key, value.as_tuple() if isinstance(value, Decimal) else value) for key, value in cost.items()]


def general(rates: Any, usage: Any, *, parts: bool) -> Any:
    found = fault(usage) or (rates if isinstance(rates, str) else rates.price(usage, parts=parts))
    return {"cost.unpriced_reason": found} if isinstance(found, str) else found


def keys_of_all() -> Iterator[tuple[Any, ...]]:
    for provider in genai_providers:
        for model in provider.models:
            tiers = TIERS if model.price_variants else TIERS[:1]
            for tier in tiers:
                yield (WORDS.get(provider.id, provider.id), model.id, tier, *[None] * 5, True, None, None)
    for region in ("us-east5", "global"):
        yield ("gcp.vertex_ai", "claude-sonnet-4-5", *[None] * 6, False, region, None)
    yield ("anthropic", "claude-opus-4-6", *[None] * 5, "us", False, None, None)


def rates_of_all() -> list[Any]:
    """All rates there are, each once; and the reasons."""
    book, found = Book(get_snapshot(), "test"), {}
    for key in keys_of_all():
        for hour in (0, 9, 17):
            rates = book.find(key, NOW + timedelta(hours=hour)).rates
            made = (
                rates
                if isinstance(rates, str)
                else (rates.units, rates.bands, rates.starts, *rates.unpriced.items())
            )
            found.setdefault((made, getattr(rates, "exponent", 0)), rates)
    return list(found.values())


def some_count(rng: random.Random, most: int) -> int:
    return rng.choice((0, 1, rng.randint(0, most), rng.randint(0, most // 3 + 1), most))


def plausible(rng: random.Random) -> dict[str, Any]:
    """Counts that mostly add up, in any order, with any details."""
    total = rng.choice((rng.randint(1, 5000), rng.randint(1, 2_000_000), 128_000, 128_001, 200_000, 200_001, 272_000, 272_001))  # fmt: skip
    out = rng.choice((0, rng.randint(0, 70_000)))
    usage: dict[str, Any] = {"input_tokens": total, "output_tokens": out}
    together = rng.choice(OFTEN_TOGETHER)
    for name in rng.sample(together, rng.randint(0, min(6, len(together)))):
        whole = out if "output" in name or name in {"reasoning_tokens", "citation_tokens"} else total
        usage[name] = rng.choice((0, some_count(rng, whole // rng.choice((1, 2, 4)))))
    if "total_tokens" in usage:
        usage["total_tokens"] = total + out
    written = [name for name in ("cache_write_5m_tokens", "cache_write_1h_tokens") if name in usage]
    if "cache_write_tokens" in usage and rng.random() < 0.7:
        usage["cache_write_tokens"] = sum(usage[name] for name in written)
    names = list(usage)
    rng.shuffle(names)
    return {name: usage[name] for name in names}


def any_usage(rng: random.Random) -> dict[str, Any]:
    usage = plausible(rng)
    if rng.random() < 0.15:
        usage[rng.choice(list(usage))] = rng.choice(ODD)
    if rng.random() < 0.03:
        del usage[rng.choice(list(usage))]
    return usage


def test_every_rate_of_the_data_gives_the_same_by_its_straight_functions() -> None:
    rng = random.Random(7)  # noqa: S311 - no secret
    rates = rates_of_all()
    assert len(rates) > 400
    straight = priced = 0
    for number in range(10_000):
        one, usage, parts = rates[number % len(rates)], any_usage(rng), rng.random() < 0.7
        expected = general(one, usage, parts=parts)
        made = straight_of(one, tuple(usage), parts=parts)
        found = None if made is None else made(*usage.values())
        priced += "cost.total" in expected
        straight += found is not None
        if found is not None:
            assert digits(found) == digits(expected), (one, usage)
        else:
            assert (
                "cost.total" not in expected or usage.get("output_tokens") is None or None in usage.values()
            )
    assert priced > 4000
    assert straight > 0.95 * priced


@pytest.mark.parametrize("parts", [True, False])
def test_a_straight_function_is_made_of_names_that_were_seen_often(parts: Any) -> None:
    offer = look_up("openai", "gpt-5-mini", requested_model=f"seen-often-{parts}")
    first = offer.price(SOME, NOW, parts=parts)
    shapes = offer._known.whole if parts else offer._known.bare
    assert not shapes
    for _ in range(20):
        assert digits(offer.price(SOME, NOW, parts=parts)) == digits(first)
    assert list(shapes) == [tuple(SOME)]


def test_functions_and_names_are_bounded() -> None:
    rates = (
        Book(get_snapshot(), "test").find(("openai", "gpt-5-mini", *[None] * 6, False, None, None), NOW).rates
    )
    assert isinstance(rates, CompiledRates)
    for number in range(300):
        for _ in range(8):
            learn(rates, (*SOME, f"more_{number}"), parts=True)
    assert len(rates.shapes.whole) <= 16
    assert len(rates.shapes.sights) <= 64
    assert straight_of(rates, (*SOME, *map(str, range(100))), parts=True) is None


def test_what_was_priced_straight_is_the_callers_own() -> None:
    offer = look_up("openai", "gpt-5-mini", requested_model="own")
    costs = [offer.price(SOME, NOW) for _ in range(20)]
    costs[-1]["cost.total"] = Decimal(-1)  # type: ignore[index]
    assert offer.price(SOME, NOW) == costs[0]


def test_who_has_only_counts_asks_for_the_function() -> None:
    offer = look_up("deepseek", "deepseek-v4-pro", requested_model="counts only")
    assert offer.straight(tuple(SOME), NOW, parts=True) is None
    by_day = [offer.price(SOME, NOW, parts=True) for _ in range(20)][-1]
    made = offer.straight(tuple(SOME), NOW, parts=True)
    assert made is not None
    assert digits(made(*SOME.values())) == digits(by_day)
    assert offer.straight(tuple(SOME), NOW) is None
    assert offer.straight(tuple(SOME), NOW - timedelta(hours=10), parts=True) is None
    try:
        set_price("other", "m", input_mtok=2, output_mtok=0)
        assert offer.straight(tuple(SOME), NOW, parts=True) is None
    finally:
        reset_prices()


def test_a_kept_offer_follows_the_users_prices() -> None:
    offer = look_up("openai", "gpt-5-mini", requested_model="kept")
    listed = [offer.price(SOME) for _ in range(20)][-1]
    try:
        set_price("openai", "gpt-5-mini", input_mtok=1, output_mtok=0)
        for _ in range(20):
            assert offer.price(SOME)["cost.total"] == Decimal("0.001")  # type: ignore[index]
        set_price("openai", "gpt-5-mini", input_mtok=2, output_mtok=0)
        assert offer.price(SOME)["cost.total"] == Decimal("0.002")  # type: ignore[index]
        set_price("other", "m", input_mtok=2, output_mtok=0)
        assert offer.price(SOME)["cost.total"] == Decimal("0.002")  # type: ignore[index]
    finally:
        reset_prices()
    assert offer.price(SOME) == listed


def test_a_kept_offer_follows_the_price_data() -> None:
    offer = look_up("anthropic", "claude-sonnet-4-5", requested_model="kept")
    listed = [offer.price(SOME) for _ in range(20)][-1]
    without = [item for item in genai_providers if item.id != "anthropic"]
    set_custom_snapshot(DataSnapshot(without, from_auto_update=False))
    try:
        assert offer.price(SOME) == {"cost.unpriced_reason": "unknown_provider"}
    finally:
        set_custom_snapshot(None)
    assert offer.price(SOME) == listed


def test_price_data_that_were_replaced_are_not_kept() -> None:
    offer = look_up("openai", "gpt-5-mini", requested_model="not kept")
    data = DataSnapshot(list(genai_providers), from_auto_update=True)
    set_custom_snapshot(data)
    try:
        for _ in range(20):
            offer.price(SOME)
    finally:
        set_custom_snapshot(None)
    there = ref(data)
    del data
    price("openai", "gpt-5-mini", SOME)  # the book of now
    collect()
    assert there() is None


def dated_models() -> list[tuple[str, ModelInfo]]:
    return [
        (WORDS.get(provider.id, provider.id), model)
        for provider in genai_providers
        for model in provider.models
        if isinstance(model.prices, list) or model.price_variants
    ]


def changes_of(model: ModelInfo) -> Iterator[datetime]:
    """Moments at which a price changes, and some by chance."""
    conditional = model.prices if isinstance(model.prices, list) else []
    for item in (*conditional, *(model.price_variants or ())):
        constraint = item.constraint
        if isinstance(constraint, TimeOfDateConstraint):
            for hour in (constraint.start_time, constraint.end_time):
                for day in (1, 16, 30):
                    yield datetime.combine(datetime(2026, 11, day, tzinfo=UTC), hour)
        elif constraint is not None:
            yield datetime.combine(constraint.start_date, datetime.min.time(), UTC)
    yield datetime(2025, 9, 5, 16, tzinfo=UTC)  # DeepSeek's names moved on


def test_a_kept_offer_follows_dates_and_hours() -> None:
    rng = random.Random(3)  # noqa: S311 - no secret
    moments = (timedelta(), -timedelta(microseconds=1), timedelta(microseconds=1), timedelta(hours=9))
    seen = 0
    for word, model in dated_models():
        tier = rng.choice(TIERS)
        kept = look_up(word, model.id, service_tier=tier, billed=True)
        times = [change + moment for change in changes_of(model) for moment in moments]
        for at in rng.sample(times, min(len(times), 12)):
            fresh = Book(get_snapshot(), LOADER._package)
            key = (word, model.id, tier, *[None] * 5, True, None, None)
            for told in (at, at.replace(tzinfo=None)):
                expected = general(fresh.find(key, told).rates, SOME, parts=True)
                for _ in range(rng.choice((1, 10))):
                    assert digits(kept.price(SOME, told, parts=True)) == digits(expected), (key, at)
                seen += 1
    assert seen > 2000


class OddMinutes:
    """A kind of constraint that is not known yet."""

    def active(self, request_timestamp: datetime) -> bool:
        return request_timestamp.minute % 2 == 1


def test_a_price_by_a_rule_that_is_not_known_is_asked_for_each_time() -> None:
    (openai,) = (item for item in genai_providers if item.id == "openai")
    (cheap,) = (item for item in openai.models if item.id == "gpt-5-mini")
    (dear,) = (item for item in openai.models if item.id == "gpt-5")
    assert not isinstance(cheap.prices, list)
    assert not isinstance(dear.prices, list)
    prices = [
        ConditionalPrice(prices=cheap.prices),
        ConditionalPrice(constraint=OddMinutes(), prices=dear.prices),
    ]
    both = replace(openai, models=[replace(cheap, prices=prices)])
    offer = look_up("openai", "gpt-5-mini", requested_model="by minutes")
    set_custom_snapshot(DataSnapshot([both], from_auto_update=False))
    try:
        for minute in range(20):
            for _ in range(10):
                cost = offer.price(SOME, NOW.replace(minute=minute))
                assert cost is not None
                assert cost["cost.total"] == (Decimal("0.00325") if minute % 2 else Decimal("0.00065"))
    finally:
        set_custom_snapshot(None)


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("at", [FIRST, LAST, FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)])
def test_the_first_and_the_last_day_have_prices(at: datetime) -> None:
    for word, model in dated_models()[:40]:
        kept = look_up(word, model.id, billed=True)
        key = (word, model.id, *[None] * 6, True, None, None)
        expected = general(Book(get_snapshot(), LOADER._package).find(key, at).rates, SOME, parts=True)
        for _ in range(20):
            assert digits(kept.price(SOME, at, parts=True)) == digits(expected)


class NoZone(tzinfo):
    """Says nothing, or fails."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def utcoffset(self, _: datetime | None) -> None:
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    "at", ["today", NOW.replace(tzinfo=NoZone(None)), NOW.replace(tzinfo=NoZone(OSError()))]
)
def test_a_time_that_is_none_raises_nothing(at: Any) -> None:
    offer = look_up("deepseek", "deepseek-v4-pro", requested_model="no time")
    fresh = look_up("deepseek", "deepseek-v4-pro", requested_model="no time yet").price(SOME, at)
    for _ in range(20):
        offer.price(SOME, NOW)
    assert offer.price(SOME, at) == fresh


def test_a_caller_who_rounds_gets_all_digits() -> None:
    offer = Offer(("openai", "gpt-5-mini", *[None] * 6, False, None, None))
    usage = {"input_tokens": 1_234_567, "output_tokens": 7_654_321, "cache_read_tokens": 7}
    expected = digits(offer.price(usage, NOW, parts=True))
    with localcontext() as context:
        context.prec = 1
        context.Emin = 0
        context.Emax = 0
        found = [offer.price(usage, NOW, parts=True) for _ in range(20)]
    assert all(digits(cost) == expected for cost in found)


def test_names_that_are_no_identifiers_are_no_code() -> None:
    rates = (
        Book(get_snapshot(), "test").find(("openai", "gpt-5-mini", *[None] * 6, False, None, None), NOW).rates
    )
    names = (*SOME, "): raise SystemExit", "import os", "straight", "money", "UNIT", "")
    made = straight_of(rates, names, parts=True)
    assert made is not None
    assert digits(made(1000, 200, *"abcdef")) == digits(general(rates, SOME, parts=True))


def test_the_names_of_vertex_ai_s_own_rates_are_units() -> None:
    own = at_vertex("gemini-2.5-flash")
    assert own is None or isinstance(own, str) or set(own[0]) <= set(UNITS)


def test_the_source_is_what_the_docstring_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = []
    made = straight_module._made
    monkeypatch.setattr(
        straight_module, "_made", lambda source, exponent: sources.append(source) or made(source, exponent)
    )
    rates = (
        Book(get_snapshot(), "test").find(("openai", "gpt-5-mini", *[None] * 6, False, None, None), NOW).rates
    )
    straight_of(rates, (*SOME, "cache_read_tokens"), parts=True)
    for line in ("0 <= cache_read_tokens <= input_tokens", "paid_out = money(2000 * output_tokens, UNIT)"):
        assert line in sources[0]
        assert line in (straight_module.__doc__ or "")
