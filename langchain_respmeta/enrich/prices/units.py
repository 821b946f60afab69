"""What is counted and billed: the record's usage fields and genai-prices' price keys.

A unit is a set of dimensions; a unit with more of them is a part of one with fewer: cache reads are a part of
the input, one-hour cache writes of the cache writes. A model that prices the part and the whole bills the part
at its own rate and only the rest of the whole at the whole's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Side = Literal["input", "output", "tool"]
CostPart: TypeAlias = Literal[
    "cost.cache_read", "cost.cache_write", "cost.input_audio", "cost.reasoning", "cost.output_audio"
]


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is billed."""

    field: str
    """A field of the record's usage, but for the last few, which only callers of `price` can give."""
    genai_key: str
    """The same in genai-prices' usage."""
    price_key: str
    per: int
    side: Side
    parts: frozenset[str] = frozenset()
    """What sets it apart from its side's plain tokens."""

    def holds(self, other: Unit) -> bool:
        """Whether `other` is a part of this unit."""
        return self is not other and self.side == other.side != "tool" and self.parts < other.parts


def _tokens(field: str, price: str, side: Side, *parts: str, genai_key: str = "") -> Unit:
    return Unit(field, genai_key or field, f"{price}_mtok", 1_000_000, side, frozenset(parts))


def _calls(field: str, genai_key: str) -> Unit:
    return Unit(field, genai_key, f"{genai_key}_kcount", 1_000, "tool")


UNITS: Final[tuple[Unit, ...]] = (
    _tokens("input_tokens", "input", "input"),
    _tokens("output_tokens", "output", "output"),
    _tokens("cache_read_tokens", "cache_read", "input", "read"),
    _tokens("cache_write_tokens", "cache_write", "input", "write"),
    _tokens("cache_write_5m_tokens", "cache_write_5m", "input", "write", "5m"),
    _tokens("cache_write_1h_tokens", "cache_write_1h", "input", "write", "1h"),
    _tokens(
        "reasoning_tokens", "output_reasoning", "output", "reasoning", genai_key="output_reasoning_tokens"
    ),
    _tokens("citation_tokens", "output_citation", "output", "citation", genai_key="output_citation_tokens"),
    _tokens("input_audio_tokens", "input_audio", "input", "audio"),
    _tokens("input_image_tokens", "input_image", "input", "image"),
    _tokens("input_video_tokens", "input_video", "input", "video"),
    _tokens("output_audio_tokens", "output_audio", "output", "audio"),
    _tokens("output_image_tokens", "output_image", "output", "image"),
    _tokens("output_video_tokens", "output_video", "output", "video"),
    _tokens("cache_audio_read_tokens", "cache_audio_read", "input", "read", "audio"),
    _tokens("cache_image_read_tokens", "cache_image_read", "input", "read", "image"),
    _calls("web_search_requests", "web_searches"),
    _calls("file_search_requests", "storage_searches"),
)
BY_FIELD: Final[dict[str, Unit]] = {unit.field: unit for unit in UNITS}
BY_PRICE_KEY: Final[dict[str, Unit]] = {unit.price_key: unit for unit in UNITS}

PARTS: Final[tuple[tuple[CostPart, Unit], ...]] = (
    ("cost.cache_read", BY_FIELD["cache_read_tokens"]),
    ("cost.cache_write", BY_FIELD["cache_write_tokens"]),
    ("cost.input_audio", BY_FIELD["input_audio_tokens"]),
    ("cost.reasoning", BY_FIELD["reasoning_tokens"]),
    ("cost.output_audio", BY_FIELD["output_audio_tokens"]),
)
"""Draft key → the tokens of which it is the cost."""

COUNTS: Final[frozenset[str]] = frozenset({*BY_FIELD, "total_tokens"})
"""Usage fields that must be whole numbers for a price to be computed; the others do not matter here."""
