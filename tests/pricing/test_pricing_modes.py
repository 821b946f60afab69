"""The table of what integrations lose, against the real classes: what it calls lost is lost, what not arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from langchain_respmeta import pricing
from langchain_respmeta._pricing.modes import FACTS, LOST, Fact
from langchain_respmeta.demo import ReplayServer
from tests.peers.bodies import chat, claude, converse, spent
from tests.peers.calls import ask

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Some SDKs leave their sockets to the garbage collector."""

NAMES = {  # class → the key in tests.peers.calls
    "ChatAnthropic": "anthropic",
    "ChatBedrockConverse": "bedrock",
    "ChatDeepSeek": "deepseek",
    "ChatMistralAI": "mistral",
    "ChatOpenAI": "openai",
    "ChatOpenRouter": "openrouter",
    "ChatXAI": "xai",
}
IN_DIALECT: dict[Fact, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "cache_read": (spent(1000, 9, prompt_tokens_details={"cached_tokens": 7}), lambda r: r.usage.cache_read_tokens),
    "vendor_cache": ({**spent(1000, 9), "prompt_cache_hit_tokens": 7}, lambda r: r.usage.cache_read_tokens),
    "bill": ({**spent(1000, 9), "cost": 0.25}, lambda r: r.cost.source == "provider"),
    "service_tier": (spent(1000, 9), lambda r: r.service_tier),
}  # fmt: skip
COUNTS = {"input_tokens": 100, "output_tokens": 9, "cache_creation_input_tokens": 7}
PASSES = [{"type": "message", "input_tokens": 1, "output_tokens": 1}]
IN_ANTHROPICS: dict[Fact, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "cache_read": ({**COUNTS, "cache_read_input_tokens": 7}, lambda r: r.usage.cache_read_tokens),
    "cache_hour": ({**COUNTS, "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}},
                   lambda r: r.usage.cache_write_1h_tokens),
    "service_tier": ({**COUNTS, "service_tier": "priority"}, lambda r: r.service_tier),
    "speed": ({**COUNTS, "speed": "fast"}, lambda r: r.provider_data["usage"]["speed"]),
    "inference_geo": ({**COUNTS, "inference_geo": "us"}, lambda r: r.provider_data["usage"]["inference_geo"]),
    "passes": ({**COUNTS, "iterations": PASSES}, lambda r: r.provider_data["usage"]["iterations"]),
    "searches": ({**COUNTS, "server_tool_use": {"web_search_requests": 2}}, lambda r: r.usage.web_search_requests),
}  # fmt: skip


def rows() -> Iterator[tuple[str, Fact, str]]:
    for integration, name in NAMES.items():
        facts = {"anthropic": IN_ANTHROPICS, "bedrock": {"latency": None, "service_tier": None}}.get(
            name, IN_DIALECT
        )
        for fact in facts:
            for mode in ("invoke", "stream", "v3"):
                yield integration, fact, mode  # type: ignore[misc]


def arrives(replay: ReplayServer, integration: str, fact: Fact, mode: str) -> bool:
    name = NAMES[integration]
    options: dict[str, Any] = {}
    if name == "bedrock":
        told = {"performanceConfig": {"latency": "optimized"}, "serviceTier": {"type": "priority"}}
        body = converse({"inputTokens": 100, "outputTokens": 9, "totalTokens": 109}, **told)
        look: Any = (
            (lambda r: r.provider_data["performanceConfig"])
            if fact == "latency"
            else lambda r: r.service_tier
        )
    elif name == "anthropic":
        usage, look = IN_ANTHROPICS[fact]
        body, options = claude(usage), {"max_tokens": 9}
    else:
        usage, look = IN_DIALECT[fact]
        body = chat(usage, service_tier="priority", system_fingerprint=None)
    try:
        return bool(look(ask(replay, name, body, mode, **options)))
    except KeyError:  # it stands nowhere
        return False


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    pricing.preload(wait=True)


@pytest.mark.parametrize(("integration", "fact", "mode"), list(rows()))
def test_the_table_tells_what_arrives(replay: ReplayServer, integration: str, fact: Fact, mode: str) -> None:
    lost = LOST[integration].whole if mode == "invoke" else LOST[integration].streamed
    assert arrives(replay, integration, fact, mode) == (fact not in lost)


def test_every_fact_has_a_meaning_and_is_lost_somewhere_or_nowhere() -> None:
    assert all(fact in FACTS for row in LOST.values() for facts in row for fact in facts)
