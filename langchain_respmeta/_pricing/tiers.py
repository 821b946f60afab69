"""What a service tier or a region does to a price.

genai-prices knows the rates of some tiers of some models; for a tier that it does not know it silently gives the
standard price. So the words are closed here: standard words, tiers with rates in the data, tiers whose factor the
provider publishes for all its models (`FACTORS`), and everything else stays unpriced: committed capacity
(Anthropic `priority`, OpenAI `scale`, Bedrock `reserved`, Vertex provisioned throughput) is paid for otherwise,
and Bedrock's `flex` and `priority`, xAI's, Fireworks' and Azure's `priority` have no published factor.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from langchain_respmeta._pricing.names import Call, host_of
from langchain_respmeta._pricing.result import UnpricedReason

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
"""The standard price. `auto` is what was asked for when the answer does not say what was given."""

_SAME: Final[dict[str, str]] = {
    "on_demand_flex": "flex",  # Vertex AI's `trafficType`
    "on_demand_priority": "priority",
}

TIERS_VERSION: Final = "tiers of 2026-11"
"""State of `FACTORS` and `SURCHARGES`, for `cost.price_version`."""


class Factor(NamedTuple):
    """What a provider charges in a tier, as a share of its standard price; tool fees stay as they are."""

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
_REGIONAL_VERTEX: Final = re.compile(
    r"(?!global-)[a-z0-9-]+-aiplatform\.googleapis\.com|aiplatform\.[a-z]+\.rep\.googleapis\.com"
)
_OLD_CLAUDE: Final = re.compile(r"claude-(2|3|instant|v1|v2|4-|(opus|sonnet)-4($|@|-0|-1($|[-@])|-2025))")
"""Claude models from before regional endpoints had a price of their own (Sonnet 4.5 was the first)."""


def tier_of(call: Call) -> str:
    """The tier as one word of this module; "" is the standard one."""
    word = (call.service_tier or "").strip().lower().replace("-", "_")
    word = _SAME.get(word, word)
    if word in STANDARD:
        word = "fast" if (call.speed or "").lower() == "fast" else ""
    return word


def context_of(tier: str, provider: str) -> dict[str, str]:
    """How genai-prices asks for a tier."""
    if tier == "batch":
        return {"processing": "batch"}
    if tier == "fast" and provider == "anthropic":
        return {"speed": "fast"}
    return {"service_tier": tier}


def surcharge_of(call: Call) -> Surcharge | UnpricedReason:
    """The surcharge of the region that served the call, `NO_SURCHARGE` for none."""
    geo = (call.inference_geo or "").lower()
    if call.provider == "anthropic" and geo not in {"", "global", "not_available"}:
        return US_INFERENCE if geo == "us" else "region_not_priced"
    model = (call.model or call.requested_model or "").rsplit("/", 1)[-1].lower()
    regional = call.provider == "gcp.vertex_ai" and _REGIONAL_VERTEX.fullmatch(host_of(call.api_url))
    dearer = regional and model.startswith("claude-") and not _OLD_CLAUDE.match(model)
    return REGIONAL_CLAUDE if dearer else NO_SURCHARGE
