"""LangChain's own `usage_metadata`: the same cells for every integration.

OpenAI's integration renames the details of the tiers `flex` and `priority` (`flex_cache_read`, `priority_reasoning`)
and adds `flex` = input less cache, or output less reasoning: the first go where they belong, the second is a remainder.
Anthropic's and Bedrock's split `cache_creation` by lifetime.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from langchain_respmeta.providers.engine.cells import IGNORE, KEEP, Cell, Cells, Unreadable, count, read_money
from langchain_respmeta.record.draft import CountKey
from langchain_respmeta.record.usage_names import DETAILS

OtherLifetime: TypeAlias = Literal["_writes_30m", "_writes_12h", "_writes_24h"]

LIFETIMES: Final[dict[str, CountKey]] = {
    "5m": "usage.cache_write_5m_tokens",
    "1h": "usage.cache_write_1h_tokens",
}
"""Of cache writes: lifetime → its field."""

OTHER_LIFETIMES: Final[dict[str, OtherLifetime]] = {
    "30m": "_writes_30m",
    "12h": "_writes_12h",
    "24h": "_writes_24h",
}
"""Of cache writes, without a field: OpenAI's and Doubleword's; lifetime → its scratch key."""


def told_as(life: str) -> str:
    """Anthropic's key for the writes of a lifetime."""
    return f"ephemeral_{life}_input_tokens"


def lifetimes(under: str = "") -> Cells:
    """Cells of cache writes by lifetime, as Anthropic names them and others do after it."""
    fields = {**LIFETIMES, **OTHER_LIFETIMES}
    return {f"{under}{told_as(life)}": count(field) for life, field in fields.items()}


_COUNTS: Final = {
    side: {name: count(path) for name, path in names.items()} for side, names in DETAILS.items()
}
_INPUT: Final[dict[str, Cell]] = {"text": KEEP, **_COUNTS["input_token_details"], **lifetimes()}
_OUTPUT: Final[dict[str, Cell]] = {
    "text": KEEP,
    **_COUNTS["output_token_details"],
    "citation_tokens": KEEP,  # Perplexity's
}
TIERS: Final = ("flex", "priority")


def _details(side: str, cells: dict[str, Cell]) -> dict[str, Cell]:
    plain = {f"{side}.{name}": cell for name, cell in cells.items()}
    tiered = {f"{side}.{tier}_{name}": cell for tier in TIERS for name, cell in cells.items()}
    return {**plain, **tiered, **{f"{side}.{tier}": IGNORE for tier in TIERS}}


USAGE_METADATA: Final[Cells] = {
    "input_tokens": count("usage.input_tokens"),
    "output_tokens": count("usage.output_tokens"),
    "total_tokens": count("usage.total_tokens"),
    **_details("input_token_details", _INPUT),
    **_details("output_token_details", _OUTPUT),
    # Set to 0 by LangChain's cache (see `langchain_cache_hit`), and by LangSmith's SDK to what it computed.
    "total_cost": IGNORE,
    "input_cost": IGNORE,
    "output_cost": IGNORE,
    "input_cost_details": IGNORE,
    "output_cost_details": IGNORE,
}


_COSTS: Final = {"total_cost": "cost.total", "input_cost": "cost.input", "output_cost": "cost.output"}


def costs_told(usage: Mapping[str, object]) -> dict[str, Decimal]:
    """What the user wrote down as the costs of a run: LangSmith reads them beside the counts."""
    found: dict[str, Decimal] = {}
    for name, path in _COSTS.items():
        try:
            found[path] = read_money(usage[name])
        except (KeyError, Unreadable):
            continue
    return found if "cost.total" in found else {}
