"""Which facts a price depends on LangChain's integrations drop, by integration and mode.

`tests/enrich/prices/test_modes.py` proves the table against the real classes; `docs/pricing.md` prints it. It decides
only about facts that no call has to ask for (a count of cached input); the others are decided by the request and the
answer (`complete`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from langchain_respmeta.providers.rows import ROWS

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
    """A fact that changes a price, and what happens where it is missing."""

    what: str
    if_lost: str


FACTS: Final[Mapping[Fact, Meaning]] = {
    "cache_read": Meaning(
        "cached input, where OpenAI's dialect, Anthropic or Google count it",
        "`cache_not_told`, for models whose cached input has a price of its own, and inputs that can be cached",
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


class Row(NamedTuple):
    """One integration's."""

    facts: frozenset[Fact]
    """Those that there are for its provider."""
    whole: frozenset[Fact]
    """What it drops of them in `invoke` and `ainvoke`."""
    streamed: frozenset[Fact]
    """The same in `stream`, `astream` and `stream_events` v3."""


_OPENAIS: Final[tuple[Fact, ...]] = ("cache_read", "vendor_cache", "service_tier", "bill")
_ANTHROPICS: Final[tuple[Fact, ...]] = (
    "cache_read",
    "cache_hour",
    "service_tier",
    "speed",
    "inference_geo",
    "passes",
    "searches",
)
_GOOGLES: Final[tuple[Fact, ...]] = ("cache_read", "service_tier", "searches")


def _row(facts: tuple[Fact, ...], *streamed: Fact, whole: tuple[Fact, ...] = ()) -> Row:
    return Row(frozenset(facts), frozenset(whole), frozenset(streamed))


_AS_OPENAI: Final = _row(_OPENAIS, "vendor_cache", "bill")
_AS_ANTHROPIC: Final = _row(
    _ANTHROPICS, "cache_hour", "service_tier", "speed", "inference_geo", "passes", "searches"
)
_AS_GOOGLE: Final = _row(_GOOGLES, "service_tier", whole=("service_tier",))
_COUNTS_ALONE: Final = _row(_OPENAIS, *_OPENAIS, whole=("service_tier",))

LOSSES: Final[Mapping[str, Row]] = {
    "AzureAIAnthropicChatModel": _AS_ANTHROPIC,
    "AzureAIOpenAIApiChatModel": _AS_OPENAI,
    "AzureChatOpenAI": _AS_OPENAI,
    "ChatAnthropic": _AS_ANTHROPIC,
    "ChatAnthropicBedrock": _AS_ANTHROPIC,
    "ChatAnthropicVertex": _AS_ANTHROPIC,
    "ChatBedrock": _row(
        ("cache_read", "cache_hour", "service_tier", "passes"),
        *("cache_hour", "service_tier", "passes"),
        whole=("cache_hour", "service_tier", "passes"),
    ),
    "ChatBedrockConverse": _row(("cache_read", "cache_hour", "service_tier", "latency")),
    "ChatCerebras": _AS_OPENAI,
    "ChatCohere": _row(("cache_read",), "cache_read", whole=("cache_read",)),
    "ChatDatabricks": _row(
        ("cache_read", "vendor_cache"), "cache_read", "vendor_cache", whole=("vendor_cache",)
    ),
    "ChatDeepSeek": _row(_OPENAIS, "bill"),
    "ChatFireworks": _AS_OPENAI,
    "ChatGoogleGenerativeAI": _AS_GOOGLE,
    "ChatGroq": _row(_OPENAIS, "vendor_cache", "service_tier", "bill", whole=("service_tier",)),
    "ChatHuggingFace": _row(_OPENAIS, *_OPENAIS, whole=_OPENAIS),
    "ChatLiteLLM": _row(_OPENAIS, "vendor_cache", "service_tier", "bill", whole=("service_tier",)),
    "ChatMistralAI": _COUNTS_ALONE,
    "ChatNVIDIA": _COUNTS_ALONE,
    "ChatOllama": _row(()),  # it reports none of them, and its models have no price per token
    "ChatOpenAI": _AS_OPENAI,
    "ChatOpenRouter": _row(_OPENAIS, "vendor_cache", "service_tier", whole=("vendor_cache", "service_tier")),
    "ChatPerplexity": _row(
        ("cache_read", "searches", "bill"), "cache_read", "bill", whole=("cache_read", "bill")
    ),
    "ChatSambaNova": _COUNTS_ALONE,
    "ChatTogether": _AS_OPENAI,
    "ChatUpstage": _AS_OPENAI,
    "ChatVertexAI": _AS_GOOGLE,
    "ChatXAI": _AS_OPENAI,
}
"""Integration → what it drops."""

UNLISTED: Final = Row(frozenset(FACTS), frozenset(FACTS), frozenset(FACTS))
"""A class that was not tested: anything it does not report may have been dropped."""

ELSEWHERE: Final[Mapping[str, int]] = {
    # https://api-docs.deepseek.com/guides/kv_cache: no less than 64 tokens are cached
    "deepseek": 64,
    "mistral_ai": 0,
    "moonshot": 0,
    "together": 0,
}
"""Vendors that may count cached input under a key of their own → the fewest tokens of input that may be cached."""

FEWEST: Final[Mapping[str, int]] = {
    **ELSEWHERE,
    # https://docs.litellm.ai/docs/completion/prompt_caching has a table of them
    "anthropic": 512,
    "aws.bedrock": 512,
    "azure.ai.inference": 512,
    "azure.ai.openai": 1024,
    "gcp.gemini": 1024,
    "gcp.vertex_ai": 512,
    "openai": 1024,
}
"""The same for all known vendors: a smaller input cannot have been cached."""

_OF_OTHER_CODE: Final = frozenset({"AzureAIChatCompletions", "sambanovacloud-chat", "sambastudio-chat"})
"""Types of classes that share a reader with a listed one, and no code."""
_BY_TYPE: Final[Mapping[str, str]] = {
    kind: one.classes[0] for one in ROWS if one.classes for kind in one.types if kind not in _OF_OTHER_CODE
}
"""`_llm_type` (which subclasses inherit) → the integration whose row applies."""


def lost_by(integration: str | None, llm_type: str | None, *, streamed: bool) -> frozenset[Fact]:
    """What the class of a call drops: by its own row, else by its type's, else everything."""
    row = LOSSES.get(integration or "") or LOSSES.get(_BY_TYPE.get(llm_type or "", "")) or UNLISTED
    return row.streamed if streamed else row.whole


def cache_is_lost(lost: frozenset[Fact], seller: str, size: int) -> bool:
    """Whether cached input may have been billed but not reported, for an input of `size` tokens."""
    if "cache_read" in lost:
        return size >= FEWEST.get(seller, 0)
    return "vendor_cache" in lost and size >= ELSEWHERE.get(seller, size + 1)
