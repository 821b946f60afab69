"""What is computed of a record for those who filter and chart: on runs and in tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from langchain_respmeta.record.draft import Draft

COUNTED: Final = ("tool_calls", "citations", "warnings", "unmapped")
"""Lists of which the number is told."""


def _invalid_tool_calls(draft: Draft) -> int | None:
    return sum([not call["valid"] for call in draft["tool_calls"]]) if "tool_calls" in draft else None


def _safety_blocked(draft: Draft) -> bool | None:
    return any(rating.get("blocked") for rating in draft["safety"]) if "safety" in draft else None


def _cache_read_share(draft: Draft) -> float | None:
    read, whole = draft.get("usage.cache_read_tokens"), draft.get("usage.input_tokens")
    return round(read / whole, 4) if read is not None and whole else None


DERIVED: Final[Mapping[str, Callable[[Draft], Any]]] = {
    "cache_read_share": _cache_read_share,
    "invalid_tool_calls": _invalid_tool_calls,
    "safety_blocked": _safety_blocked,
}
"""Key → small computation over the record."""

DERIVED_FROM: Final[Mapping[str, frozenset[str]]] = {
    "cache_read_share": frozenset({"usage.cache_read_tokens", "usage.input_tokens"}),
    "invalid_tool_calls": frozenset({"tool_calls"}),
    "safety_blocked": frozenset({"safety"}),
}
"""Key → paths without which nothing is computed."""
