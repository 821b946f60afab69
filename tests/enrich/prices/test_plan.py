"""A price plan gives what `price_draft` gives, or nothing: for other counts and times of the same kind of answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from langchain_respmeta import RunStart
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.enrich.prices.plan import plan_of
from langchain_respmeta.enrich.prices.price_draft import plan_for, price_draft

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
COUNTS = (0, 1, 7, 1000, 127_999, 128_001, 199_999, 200_000, 200_001, 272_001, 2_000_000)

ANSWERS: dict[str, tuple[dict[str, Any], RunStart]] = {
    "openai": (
        {"provider": "openai", "model": "gpt-5-mini-2025-08-07", "service_tier": "default"},
        RunStart(integration="ChatOpenAI", requested_model="gpt-5-mini"),
    ),
    "flex, asked for": (
        {"provider": "openai", "model": "gpt-5", "service_tier": "flex"},
        RunStart(integration="ChatOpenAI", params={"service_tier": "flex"}),
    ),
    "tier not told": (
        {"provider": "openai", "model": "gpt-5"},
        RunStart(integration="ChatOpenAI", params={"service_tier": "priority"}),
    ),
    "steps by size": (
        {"provider": "gcp.gemini", "model": "gemini-2.5-pro"},
        RunStart(integration="ChatGoogleGenerativeAI"),
    ),
    "cache of lifetimes": (
        {
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "provider_data": {"usage": {"cache_creation": {"ephemeral_5m_input_tokens": 10}}},
        },
        RunStart(integration="ChatAnthropic"),
    ),
    "lost cache": (
        {"provider": "mistral_ai", "model": "mistral-large-2411", "streamed": True},
        RunStart(integration="ChatMistralAI"),
    ),
    "heard": (
        {"provider": "openai", "model": "gpt-4o-audio-preview"},
        RunStart(integration="ChatOpenAI", heard=True),
    ),
    "unknown": ({"provider": "unknown", "model": "nobody-knows"}, RunStart()),
    "nothing counted": ({"provider": "openai", "model": "gpt-5"}, RunStart(integration="ChatOpenAI")),
}
DETAILS = (
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "input_audio_tokens",
    "web_search_requests",
)


@pytest.fixture(autouse=True)
def _prices() -> Any:
    price.preload(wait=True)
    yield
    price.reset_prices()


def _drafts(name: str, details: tuple[str, ...]) -> Callable[[], dict[str, Any]]:
    facts, _ = ANSWERS[name]
    pick = random.Random(f"{name}{details}")  # noqa: S311

    def draft() -> dict[str, Any]:
        made: dict[str, Any] = {**facts, "received_at": NOW - timedelta(days=pick.randrange(400))}
        if name != "nothing counted":
            given, written = pick.choice(COUNTS), pick.choice(COUNTS)
            made |= {
                "usage.input_tokens": given,
                "usage.output_tokens": written,
                "usage.total_tokens": given + written,
            }
            made |= {
                f"usage.{detail}": pick.choice((0, given // 2, given, pick.choice(COUNTS)))
                for detail in details
            }
        return made

    return draft


@pytest.mark.parametrize("details", [(), DETAILS[:1], DETAILS[:3], DETAILS])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_plan_gives_what_pricing_gives_or_nothing(name: str, details: tuple[str, ...]) -> None:
    make, start = _drafts(name, details), ANSWERS[name][1]
    plans = [plan for _ in range(4) if (plan := plan_for(make(), start)) is not None]  # type: ignore[arg-type]
    for _ in range(60):
        draft = make()
        right = price_draft(draft, start)  # type: ignore[arg-type]
        for plan in plans:
            found = plan(draft)
            assert found is None or (repr(found) == repr(right) and found is not plan(draft))


def test_a_plan_prices_other_counts() -> None:
    facts, start = ANSWERS["openai"]
    counts = ("usage.input_tokens", "usage.output_tokens", "usage.total_tokens", "usage.cache_read_tokens")
    one, other = (
        {**facts, "received_at": NOW, **dict(zip(counts, told, strict=True))}
        for told in ((9, 2, 11, 4), (700, 0, 700, 0))
    )
    plan = plan_for(one, start)  # type: ignore[arg-type]
    assert plan is not None
    assert plan(other) == price_draft(other, start)  # type: ignore[arg-type]


def test_a_price_that_the_user_sets_later_counts() -> None:
    facts, start = ANSWERS["openai"]
    draft: Any = {**facts, "usage.input_tokens": 1000, "usage.output_tokens": 0, "usage.total_tokens": 1000}
    plan = plan_for(draft, start)
    assert plan is not None
    price.set_price("openai", "gpt-5-mini-2025-08-07", input_mtok=7, output_mtok=7)
    right = price_draft(draft, start)
    assert right["cost.price_version"] == "user"
    assert plan(draft) in (None, right)


def test_two_look_ups_make_no_plan() -> None:
    def twice(draft: Any, look_up: Callable[..., Any]) -> Any:
        look_up("openai", "gpt-5", {"input_tokens": draft["usage.input_tokens"]})
        return look_up("openai", "gpt-5", {"input_tokens": draft["usage.input_tokens"]})

    assert plan_of({"usage.input_tokens": 3}, twice) is None


def test_what_depends_on_more_than_can_be_noted_makes_no_plan() -> None:
    def by_digits(draft: Any, look_up: Callable[..., Any]) -> Any:
        look_up("openai", "gpt-5", {"input_tokens": draft["usage.input_tokens"]})
        return {"digits": len(str(draft["usage.input_tokens"]))}

    assert plan_of({"usage.input_tokens": 3}, by_digits) is None
