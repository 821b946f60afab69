"""What a service tier or a region does to a price.

genai-prices has the rates of some tiers of some models; for an unknown tier it silently returns the standard price.
So the words are closed here: standard words, tiers with rates in the data, tiers whose factor the
provider publishes for all its models (`FACTORS`), and everything else stays unpriced: committed capacity
(Anthropic `priority`, OpenAI `scale`, Bedrock `reserved`, Vertex provisioned throughput) is paid for otherwise,
and Bedrock's `flex` and `priority`, xAI's, Fireworks' and Azure's `priority` have no published factor.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from langchain_respmeta.enrich.prices.price_key import PriceKey
from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.providers.engine.hosts import host_of

STANDARD: Final = frozenset(
    {
        "",
        "auto",
        "default",
        "none",
        "on_demand",
        "standard",
        "standard_only",
        "traffic_type_unspecified",
        "unspecified",
    }
)
"""The standard price. `auto` is the requested word where the answer has none."""

_SAME: Final[dict[str, str]] = {
    "on_demand_flex": "flex",  # Vertex AI's `trafficType`
    "on_demand_priority": "priority",
}

TIERS_VERSION: Final = "tiers of 2026-11"
"""State of `FACTORS` and `SURCHARGES`, for `cost.price_version`."""


class Factor(NamedTuple):
    """A tier's share of the standard price; tool fees do not change."""

    tokens: Decimal
    cache: Decimal | None
    """For cache reads and writes; None where the provider publishes none for all models."""
    source: str


_HALF: Final = Decimal("0.5")

FACTORS: Final[dict[tuple[str, str], Factor]] = {
    ("anthropic", "batch"): Factor(_HALF, _HALF, "https://platform.claude.com/docs/en/build-with-claude/batch-processing#pricing"),
    ("aws", "batch"): Factor(_HALF, None, "https://docs.aws.amazon.com/bedrock/latest/userguide/capacity-limits-cost-optimization.html"),
    ("azure", "batch"): Factor(_HALF, None, "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch"),
    ("fireworks", "batch"): Factor(_HALF, None, "https://docs.fireworks.ai/serverless/overview"),
    ("google", "batch"): Factor(_HALF, None, "https://ai.google.dev/gemini-api/docs/optimization"),
    ("google", "flex"): Factor(_HALF, None, "https://ai.google.dev/gemini-api/docs/optimization"),
    ("groq", "batch"): Factor(_HALF, None, "https://console.groq.com/docs/batch"),
    ("groq", "flex"): Factor(Decimal(1), Decimal(1), "https://console.groq.com/docs/flex-processing"),
    ("mistral", "batch"): Factor(_HALF, _HALF, "https://docs.mistral.ai/capabilities/batch/"),
    ("openai", "batch"): Factor(_HALF, None, "https://developers.openai.com/api/docs/guides/batch"),
    ("openai", "flex"): Factor(_HALF, None, "https://developers.openai.com/api/docs/guides/flex-processing"),
}  # fmt: skip
"""(genai-prices id, tier) → factor, only where the data has no rates of the tier for the model."""


class Surcharge(NamedTuple):
    """A factor on all tokens for where the call ran."""

    factor: Decimal
    source: str


NO_SURCHARGE: Final = Surcharge(Decimal(1), "")
REGIONAL_CLAUDE: Final = Surcharge(
    Decimal("1.1"), "https://platform.claude.com/docs/en/about-claude/pricing#cloud-platform-pricing"
)
US_INFERENCE: Final = Surcharge(
    Decimal("1.1"), "https://platform.claude.com/docs/en/about-claude/pricing#data-residency-pricing"
)
OPENAI_RESIDENCY: Final = Surcharge(
    Decimal("1.1"), "https://developers.openai.com/api/docs/guides/data-residency"
)
"""Data residency endpoints, for models released on or after March 5, 2026."""
OPTIMIZED: Final[dict[str, Surcharge]] = {
    "claude-3-5-haiku": Surcharge(
        Decimal("1.25"), "https://aws.amazon.com/bedrock/pricing/"
    ),  # 1 and 5 a million
}
"""Part of a model's id → what Bedrock's latency-optimized inference costs; other models' price is on no list."""
_SINCE_RESIDENCY: Final = re.compile(r"gpt-(5[.-][4-9]|[6-9])(?!\d)")
"""GPT-5.4 was released that day."""
_BEFORE_RESIDENCY: Final = re.compile(
    r"(ft:)?(gpt-(3\.5|4|4o|4\.1|4\.5|5|5[.-][1-3]|audio|realtime)|o1|o3|o4|chatgpt-4o|codex-mini|computer-use)"
    r"(-(?![0-9]-|[0-9]$).*|:.*)?"
)
_REGIONAL_VERTEX: Final = re.compile(
    r"(?!global-)[a-z0-9-]+-aiplatform\.googleapis\.com|aiplatform\.[a-z]+\.rep\.googleapis\.com"
)
_OLD_CLAUDE: Final = re.compile(r"claude-(2|3|instant|v1|v2|4-|(opus|sonnet)-4($|@|-0|-1($|[-@])|-2025))")
"""Claude models from before regional endpoints had a price of their own (Sonnet 4.5 was the first)."""


def tier_of(key: PriceKey) -> str:
    """The tier as one word of this module; "" is the standard one."""
    word = (key.service_tier or "").strip().lower().replace("-", "_").removeprefix("service_tier_")
    word = _SAME.get(word, word)
    if word in STANDARD:
        word = "fast" if (key.speed or "").lower() == "fast" else ""
    return word


def is_standard(tier: str | None) -> bool:
    """Whether a word asks for the standard tier."""
    return not tier_of(PriceKey("", None, tier))


def needs_region(model: str) -> bool:
    """Whether a model has another price in a region of Vertex AI than on its global endpoint."""
    return model.startswith("claude-") and not _OLD_CLAUDE.match(model)


def context_of(tier: str, provider: str) -> dict[str, str]:
    """How genai-prices asks for a tier."""
    if tier == "batch":
        return {"processing": "batch"}
    if tier == "fast" and provider == "anthropic":
        return {"speed": "fast"}
    return {"service_tier": tier}


def surcharge_of(key: PriceKey) -> Surcharge | UnpricedReason:
    """The surcharge of the region that served the call and of the speed it was served at; `NO_SURCHARGE` for none."""
    geo = (key.inference_geo or "").lower()
    if key.provider == "anthropic" and geo not in {"", "global", "not_available"}:
        return US_INFERENCE if geo == "us" else "region_not_priced"
    model = (key.model or key.requested_model or "").rsplit("/", 1)[-1].lower()
    if (key.region or "").lower().startswith(("us-gov", "cn-")) or model.startswith("us-gov."):
        return "region_not_priced"
    if (key.latency or "").lower() not in {"", "standard"}:
        found = next((one for name, one in OPTIMIZED.items() if name in model), None)
        return "modifier_not_priced" if found is None else found
    if _at_openais_regions(key):
        return _residency(model)
    if key.provider == "gcp.vertex_ai" and needs_region(model):
        return REGIONAL_CLAUDE if _is_regional_vertex(key) else NO_SURCHARGE
    return NO_SURCHARGE


def _at_openais_regions(key: PriceKey) -> bool:
    return key.provider.lower() == "openai" and host_of(key.api_url).endswith(".api.openai.com")


def _residency(model: str) -> Surcharge | UnpricedReason:
    if _BEFORE_RESIDENCY.fullmatch(model):
        return NO_SURCHARGE
    return OPENAI_RESIDENCY if _SINCE_RESIDENCY.match(model) else "region_not_priced"


def _is_regional_vertex(key: PriceKey) -> bool:
    """By the address, or by the location where the integration makes the address itself."""
    host = host_of(key.api_url)
    if "aiplatform" in host:
        return _REGIONAL_VERTEX.fullmatch(host) is not None
    return (key.region or "global").lower() != "global"
