"""Which price list of genai-prices applies to a call, if any. The look of a model's name decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from langchain_respmeta.enrich.prices.price_key import PriceKey
from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.providers.engine.hosts import host_names, host_of, is_private
from langchain_respmeta.providers.vendors import PRICE_LISTS


class PriceListEntry(NamedTuple):
    """A price list, and the model in it."""

    provider: str | None
    """genai-prices' id, or None: find it by `api_url`."""
    model: str


LOCAL: Final = frozenset(
    {"gpt4all", "llama.cpp", "llama_cpp", "llamacpp", "llamafile", "lm_studio", "lmstudio", "local", "localai", "mlx",
     "ollama", "tgi", "vllm", "xinference"}
)  # fmt: skip
"""Servers that people run themselves."""

COUNTED_IS_NOT_BILLED: Final = frozenset({"cohere"})
"""Cohere's `tokens` include its own prompt template (206 where `billed_units` has 5): only the latter are priced.
https://docs.cohere.com/docs/how-does-cohere-pricing-work"""

HF_ROUTED: Final = frozenset(
    {"cerebras", "fireworks-ai", "groq", "hyperbolic", "nebius", "novita", "nscale", "ovhcloud", "publicai",
     "sambanova", "together"}
)  # fmt: skip
"""Inference providers behind Hugging Face's router (https://huggingface.co/docs/inference-providers)."""

_NEVER_LOCAL: Final = re.compile(
    r"(.*/)?([a-z-]+\.)*(gpt-(?!oss)|o[1-9](-|$)|chatgpt-|claude[-.]|gemini-|grok-[2-9]|sonar($|-)|nova-(micro|lite|pro|premier)"
    r"|deepseek-(chat|reasoner)$|kimi-latest|qwen-(max|plus|turbo|flash)|mistral-(large|medium|small)-latest"
    r"|command-a-03|amazon\.nova).*",
    re.IGNORECASE,
)
"""Models that only their makers and clouds serve: at a private address a proxy answers, and the seller is not known."""
_OLLAMA_CLOUD: Final = re.compile(r"[:-]cloud$")
"""Models that Ollama's server forwards to Ollama's cloud (https://docs.ollama.com/cloud)."""


def entry_of(key: PriceKey) -> PriceListEntry | UnpricedReason:
    """Where to look up the price of `key`, or why there is none.

    The answer's model decides. The requested model replaces it only where the answer has none, and never at Azure,
    where it is the user's name of a deployment.
    """
    provider = key.provider.lower()
    host = host_of(key.api_url)
    model = key.model or (None if provider.startswith("azure.") else key.requested_model)
    hosted = host_names(host, ("ollama.com",)) or any(
        _OLLAMA_CLOUD.search(name) or _NEVER_LOCAL.fullmatch(name)
        for name in (model, key.requested_model)
        if name
    )
    if provider in LOCAL or (provider in {"openai", "unknown"} and is_private(host)):
        return "unknown_provider" if hosted else "local_model"
    if not model:
        return "no_model"
    return _ROUTERS.get(provider, _direct)(provider, model, key)


def _direct(provider: str, model: str, key: PriceKey) -> PriceListEntry | UnpricedReason:
    if provider in COUNTED_IS_NOT_BILLED and not key.billed:
        return "usage_incomplete"
    host = host_of(key.api_url)
    own = not host or host_names(host, ("api.openai.com",))
    if provider == "unknown" or (provider == "openai" and not own):
        return PriceListEntry(None, model) if host else "unknown_provider"
    for separate in SEPARATE_PRICES:
        if separate.provider == provider and separate.address.search(key.api_url or ""):
            return (
                PriceListEntry(separate.found, model)
                if separate.is_list
                else cast("UnpricedReason", separate.found)
            )
    return PriceListEntry(PRICE_LISTS.get(provider, provider), model)


class SeparatePrices(NamedTuple):
    """An address of a provider to which its list does not apply."""

    provider: str
    address: re.Pattern[str]
    found: str
    """Another list of genai-prices, or the reason why there is none."""
    source: str
    is_list: bool = False


SEPARATE_PRICES: Final[tuple[SeparatePrices, ...]] = (
    SeparatePrices("azure.ai.openai", re.compile(r"\.azure\.(us|cn)\b"), "region_not_priced",
         "https://azure.microsoft.com/pricing/details/azure-openai/"),
    SeparatePrices("azure.ai.inference", re.compile(r"\.azure\.(us|cn)\b"), "region_not_priced",
         "https://azure.microsoft.com/pricing/details/azure-openai/"),
    SeparatePrices("aws.bedrock", re.compile(r"\bus-gov-|\.amazonaws\.com\.cn\b"), "region_not_priced",
         "https://aws.amazon.com/bedrock/pricing/"),
    SeparatePrices("fireworks", re.compile(r"\.direct\.fireworks\.ai"), "not_per_token",
         "https://docs.fireworks.ai/guides/ondemand-deployments"),
    SeparatePrices("moonshot", re.compile(r"\.moonshot\.cn\b"), "region_not_priced",
         "https://platform.moonshot.cn/docs/pricing/chat"),
    SeparatePrices("moonshot", re.compile(r"\bapi\.kimi\.com/coding"), "not_per_token", "https://www.kimi.com/code"),
    SeparatePrices("minimax", re.compile(r"\.minimaxi\.com\b|\.minimax\.chat\b"), "region_not_priced",
         "https://platform.minimaxi.com/document/Price"),
    SeparatePrices("zai", re.compile(r"/api/coding\b"), "not_per_token", "https://docs.z.ai/devpack/overview"),
    SeparatePrices("zai", re.compile(r"\bopen\.bigmodel\.cn\b"), "zhipuai", "https://open.bigmodel.cn/pricing", is_list=True),
)  # fmt: skip
"""Regions, clouds and subscriptions with their own prices; the first match counts."""


def _huggingface(_provider: str, model: str, key: PriceKey) -> PriceListEntry | UnpricedReason:
    """A model behind the router (`…:groq`), the user's own server, or one rented by the hour."""
    host = host_of(model) if "://" in model else host_of(key.api_url)
    if is_private(host):
        return "local_model"
    if host.endswith(".endpoints.huggingface.cloud"):
        return "not_per_token"
    name, _, suffix = model.rpartition(":")
    asked_for = (key.requested_model or "").rpartition(":")[2]
    upstream = next((word for word in (key.upstream, suffix, asked_for) if word in HF_ROUTED), None)
    if upstream is None:
        return "unknown_provider"
    return PriceListEntry(f"huggingface_{upstream}", name if suffix == upstream else model)


_SOLD_BY_ITS_MAKER: Final = re.compile(
    r"(anthropic/claude|openai/(?!gpt-oss)|google/gemini|x-ai/grok|amazon/nova|cohere/command)"
)
"""Models that cost the same wherever OpenRouter sends a call."""


def _openrouter(_provider: str, model: str, key: PriceKey) -> PriceListEntry | UnpricedReason:
    """Each host of an open model has its own price, and OpenRouter's list has only one of them."""
    if ":online" in (key.requested_model or model):
        return "part_not_priced"
    if model.endswith(":free") or _SOLD_BY_ITS_MAKER.match(model):
        return PriceListEntry("openrouter", model)
    return "unknown_provider"


_ROUTERS: Final[dict[str, Callable[[str, str, PriceKey], PriceListEntry | UnpricedReason]]] = {
    "huggingface": _huggingface,
    "openrouter": _openrouter,
}
