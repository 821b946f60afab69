"""Gateways: which vendor's prices apply to a call that one of them forwarded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from langchain_respmeta.enrich.prices.price_key import PriceKey
from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.providers.engine.hosts import host_of, is_private
from langchain_respmeta.providers.vendors import LITELLM

PASSING_ON: Final[Mapping[str, str]] = {
    # The user's own keys, or credits spent at the vendors' prices (the fee is on buying credits).
    "cloudflare": "https://developers.cloudflare.com/ai-gateway/features/unified-billing/",
    "helicone": "https://docs.helicone.ai/ai-gateway/overview",
    "litellm": "https://docs.litellm.ai/docs/proxy/cost_tracking",
    "portkey": "https://portkey.ai/docs/api-reference/inference-api/headers",
    "vercel": "https://vercel.com/docs/ai-gateway/pricing",
}
"""Gateways that add nothing to a vendor's price → the source."""

_OPENAIS: Final = re.compile(r"(gpt-(?!oss)|chatgpt-|o[134]($|-))")
_LITELLM_NATIVE: Final = re.compile(rf"({_OPENAIS.pattern}|claude-)")
"""Names that LiteLLM resolves to OpenAI or Anthropic without a prefix."""

_MAKERS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "amazon": ("aws.bedrock", re.compile(r"nova-.*")),
    "anthropic": ("anthropic", re.compile(r"claude-.*")),
    "google": ("gcp.gemini", re.compile(r"gemini-.*")),
    "openai": ("openai", re.compile(r"(gpt-(?!oss)|o[1-9]).*")),
    "perplexity": ("perplexity", re.compile(r"sonar.*")),
    "xai": ("x_ai", re.compile(r"grok-.*")),
}
"""Vercel's `maker/model`: maker → its price list, for models that have one price at every host."""
_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")


def vendor_key(key: PriceKey) -> PriceKey | UnpricedReason:
    """Return the key, or for a gateway's call the key of the vendor behind it, if the vendor is known.

    A model's name may include the vendor before its first slash, after `@`, or (Helicone) after its last slash.
    """
    gateway, model = key.provider.lower(), key.model or key.requested_model
    if gateway not in PASSING_ON or not model:
        return key
    if gateway == "litellm" and model.startswith("azure/"):
        return "no_model"  # azure/<deployment>: the user chose the name
    found = _seller(gateway, model, key)
    if isinstance(found, str):
        return found
    provider, model = found
    # The address of an unknown provider may identify it; a gateway's address is not the vendor's.
    api_url = key.api_url if provider == "unknown" else None
    return key._replace(provider=provider, model=model, api_url=api_url, upstream=None)


def _seller(gateway: str, model: str, key: PriceKey) -> tuple[str, str] | UnpricedReason:
    """Return the vendor that a gateway forwarded to, and the vendor's name of the model."""
    prefix, slash, rest = model.removeprefix("@").partition("/")
    if gateway == "vercel" and (found := _made_by(prefix, rest)) is not None:
        return found
    if key.upstream:
        provider = LITELLM.get(key.upstream, key.upstream)
        named = slash and (gateway == "vercel" or LITELLM.get(prefix, prefix) == provider)
        return provider, rest if named else model
    if gateway != "litellm":
        # Cloudflare has its own price list for models it hosts; other gateways have none.
        return ("openai" if _OPENAIS.match(model) else gateway), model.removeprefix("workers-ai/")
    if slash and prefix in LITELLM:
        return LITELLM[prefix], rest
    return _by_name(model, key.api_url)


def _by_name(model: str, api_url: str | None) -> tuple[str, str] | UnpricedReason:
    """Resolve a name without a vendor as LiteLLM does; an alias of its proxy may mean any vendor."""
    if api_url and not is_private(host_of(api_url)):
        return "unknown", model  # any server of the same API
    known = _OPENAIS if api_url else _LITELLM_NATIVE
    return (_maker(model), model) if known.match(model) else "unknown_provider"


def _made_by(maker: str, model: str) -> tuple[str, str] | None:
    """Return the maker of one of Vercel's models and the model's name; None where its hosts differ in price."""
    provider, known = _MAKERS.get(maker, (None, None))
    if provider is None or known is None or not known.fullmatch(model):
        return None
    return provider, _POINT.sub("-", model) if provider == "anthropic" else model


def _maker(native: str) -> str:
    """Return the maker of a model with this name."""
    return "anthropic" if native.startswith("claude-") else "openai"
