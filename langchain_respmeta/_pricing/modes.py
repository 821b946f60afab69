"""What LangChain's integrations lose on the way of what a price depends on, by integration, mode and fact.

`tests/pricing/test_pricing_modes.py` proves the table against the real classes; `docs/pricing.md` prints it. It decides
where a fact can be missing that nobody asked for (a count of cached input); where a fact had to be asked for, what was
asked decides with what was told (`complete`), whatever this table says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

Fact: TypeAlias = Literal[
    "cache_read",
    "vendor_cache",
    "cache_hour",
    "service_tier",
    "speed",
    "inference_geo",
    "latency",
    "passes",
    "searches",
    "bill",
]


class Meaning(NamedTuple):
    """A fact that changes a price, and what is done where it does not arrive."""

    what: str
    if_lost: str


FACTS: Final[Mapping[Fact, Meaning]] = {
    "cache_read": Meaning(
        "cached input, where OpenAI's dialect, Anthropic or Google count it",
        "`cache_not_told`, for models whose cached input has a price of its own",
    ),
    "vendor_cache": Meaning(
        "cached input under a vendor's own key (`prompt_cache_hit_tokens`, `cached_tokens`, `num_cached_tokens`)",
        "`cache_not_told` at DeepSeek, Mistral, Moonshot and Together, for the same models",
    ),
    "cache_hour": Meaning(
        "how many of the cache writes live for an hour",
        "`usage_incomplete` where the call asked for an hour (`ttl`) and something was written",
    ),
    "service_tier": Meaning(
        "the tier that served",
        "`tier_not_told` where the call asked for one; priced as asked where a tier serves or refuses "
        "(`flex` at OpenAI and Groq)",
    ),
    "speed": Meaning("Anthropic's fast mode", "priced as the call asked"),
    "inference_geo": Meaning("where Anthropic served", "priced as the call asked"),
    "latency": Meaning(
        "Bedrock's latency-optimized inference",
        "priced as the call asked: by the model's own rate, or `modifier_not_priced`",
    ),
    "passes": Meaning(
        "compaction and advisor passes (`usage.iterations`)",
        "`passes_not_told` where the call asked for either, or the answer shows one",
    ),
    "searches": Meaning(
        "how many web searches the provider ran", "`usage_incomplete` where the answer shows one"
    ),
    "bill": Meaning(
        "what the router or provider charged",
        "the list's price; `modifier_not_priced` where the call asked for plugins, searches or a preset",
    ),
}
"""Every fact of the table."""

if set(FACTS) != set(get_args(Fact)):  # pragma: no cover
    raise AssertionError("FACTS and Fact differ")


class Lost(NamedTuple):
    """What one integration drops."""

    whole: frozenset[Fact]
    """In `invoke` and `ainvoke`."""
    streamed: frozenset[Fact]
    """In `stream`, `astream` and `stream_events` v3."""


def _lost(*streamed: Fact, whole: tuple[Fact, ...] = ()) -> Lost:
    return Lost(frozenset(whole), frozenset(streamed))


_OF_DIALECT: Final = _lost("vendor_cache", "bill")

LOST: Final[Mapping[str, Lost]] = {
    "AzureChatOpenAI": _OF_DIALECT,  # ChatOpenAI's own code
    "ChatAnthropic": _lost("cache_hour", "service_tier", "speed", "inference_geo", "passes", "searches"),
    "ChatBedrockConverse": _lost(),
    "ChatDeepSeek": _lost("bill"),
    "ChatGoogleGenerativeAI": _lost(),
    "ChatGroq": _lost("vendor_cache", "bill"),
    "ChatMistralAI": _lost("cache_read", "vendor_cache", "service_tier", "bill", whole=("service_tier",)),
    "ChatOpenAI": _OF_DIALECT,
    "ChatOpenRouter": _lost("vendor_cache", "service_tier", whole=("vendor_cache", "service_tier")),
    "ChatXAI": _OF_DIALECT,
}
"""Integration → what it drops of the facts that there are for its provider."""

ELSEWHERE: Final[Mapping[str, int]] = {
    # https://api-docs.deepseek.com/guides/kv_cache: no less than 64 tokens are cached
    "deepseek": 64,
    "mistral_ai": 0,
    "moonshot": 0,
    "together": 0,
}
"""Vendors that may count cached input under a key of their own → the fewest tokens of input that may be cached."""


def cache_is_lost(provider: str, integration: str | None, size: int, *, streamed: bool) -> bool:
    """Whether cached input may have been billed that was not told: at `provider`, for an input of `size` tokens.

    Classes that the table does not hold are OpenAI's dialect, as a rule by inheritance.
    """
    known = LOST.get(integration or "", _OF_DIALECT)
    lost = known.streamed if streamed else known.whole
    if "cache_read" in lost:
        return size >= ELSEWHERE.get(provider, 0)
    return "vendor_cache" in lost and size >= ELSEWHERE.get(provider, size + 1)
