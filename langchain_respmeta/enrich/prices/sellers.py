"""Which price lists apply to which sellers, and which prices are out of date.

Where a seller's list lacks a model, genai-prices takes the price from other lists: the maker's price for another
seller's bill. Here a list replaces another only if the seller itself states that the prices are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from langchain_respmeta.enrich.prices.result import UnpricedReason
from langchain_respmeta.enrich.prices.units import BY_FIELD, Unit

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

SAME_PRICES: Final[Mapping[str, tuple[str, ...]]] = {
    # https://azure.microsoft.com/pricing/details/azure-openai/ (global deployments);
    # https://learn.microsoft.com/azure/ai-foundry/foundry-models/how-to/use-foundry-models-claude (the maker's rates).
    "azure": ("openai", "anthropic"),
    # https://platform.claude.com/docs/en/about-claude/pricing#cloud-platform-pricing
    "google": ("anthropic",),
}
"""Seller → makers whose list also applies there (ids of genai-prices)."""

PRICED_APART: Final[Mapping[str, re.Pattern[str]]] = {"azure": re.compile(r"gpt-oss.*")}
"""Seller → models in those lists with other prices there: OpenAI's open weights."""

# --- Vertex AI: genai-prices has it and the Gemini API in one list -----------------------------------------------------

VERTEX: Final = "gcp.vertex_ai"
_SAME_AT_VERTEX: Final = re.compile(
    r"claude-.*|gemini-2\.0-flash-lite.*|gemini-(live-)?2\.5-.*|gemini-(3|4)[.-].*|gemini-embedding-.*"
)
"""Models that cost the same in both places (https://cloud.google.com/vertex-ai/generative-ai/pricing)."""

Rates: TypeAlias = dict[Unit, Decimal]

_FLASH_2: Final = re.compile(r"gemini-2\.0-flash(-\d+)?")
_FLASH_2_RATES: Final[Rates] = {
    BY_FIELD["input_tokens"]: Decimal("0.15"),
    BY_FIELD["output_tokens"]: Decimal("0.6"),
}
_FLASH_2_UNKNOWN: Final[dict[str, UnpricedReason]] = dict.fromkeys(
    (
        *("cache_read_tokens", "input_audio_tokens", "output_audio_tokens", "output_image_tokens"),
        "web_search_requests",
    ),
    "part_not_priced",
)


def at_vertex(model: str) -> tuple[Rates, dict[str, UnpricedReason]] | UnpricedReason | None:
    """Rates of Vertex AI's own and what they leave out, or why there are none; None where the list's hold."""
    name = model.lower()
    if _FLASH_2.fullmatch(name):
        return _FLASH_2_RATES, _FLASH_2_UNKNOWN
    return None if _SAME_AT_VERTEX.fullmatch(name) else "unknown_model"


# --- names that move, prices that ended -------------------------------------------------------------------------------

_LATEST: Final = "-latest"
_DATED: Final = re.compile(r"-(\d{4}|\d{6}|20\d{2}-\d{2}-\d{2})$")


def moved(provider: Provider, found: ModelInfo, name: str) -> bool:
    """Whether `…-latest` was found under an older model, while the list has a newer one of the same name by itself.

    Where the list has an own entry for the moving name, or only one such model, its price is current.
    """
    name = name.lower()
    if not name.endswith(_LATEST) or found.id.lower() == name:
        return False
    stem = name.removesuffix(_LATEST)
    return any(
        model is not found and any(_DATED.sub("", other) == stem for other in _names_of(model))
        for model in provider.models
    )


def _names_of(model: ModelInfo) -> Iterator[str]:
    """The names that a list's entry spells out."""
    yield model.id.lower()
    waiting: list[object] = [model.match]
    while waiting:
        clause = waiting.pop()
        waiting += getattr(clause, "or_", None) or ()
        if isinstance(told := getattr(clause, "equals", None), str):
            yield told.lower()


ENDED: Final[Mapping[tuple[str, str], datetime]] = dict.fromkeys(
    (("deepseek", "deepseek-chat"), ("deepseek", "deepseek-reasoner")),
    datetime(2025, 9, 5, 16, tzinfo=UTC),
)
"""(genai-prices id, model's id) → when the list's price of it ended.

DeepSeek's names stood for V3, then for each of its successors, and the list still has V3's prices and its discount by
night (https://api-docs.deepseek.com/quick_start/pricing).
"""
