"""What is computed of a record for those who filter and chart: on runs and in tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from langchain_respmeta.record.draft import Draft, Item, as_dict

COUNTED: Final = ("tool_calls", "citations", "warnings", "unmapped")
"""Lists of which the number is told."""


class Derived(NamedTuple):
    """A small computation over a record."""

    paths: tuple[str, ...]
    """Of the values that it takes; nothing is computed where one of them is missing."""
    of: Callable[..., Any]

    def told_of(self, draft: Draft) -> Any:
        """The result for a draft; None where there is none."""
        fields = as_dict(draft)
        values = [fields.get(path) for path in self.paths]
        return None if None in values else self.of(*values)


def _invalid_tool_calls(calls: list[Item]) -> int:
    return sum([not call["valid"] for call in calls])


def _safety_blocked(ratings: list[Item]) -> bool:
    return any([rating.get("blocked") for rating in ratings])  # noqa: C419 - faster


def _cache_read_share(read: int, whole: int) -> float | None:
    return round(read / whole, 4) if whole else None


DERIVED: Final[Mapping[str, Derived]] = {
    "cache_read_share": Derived(("usage.cache_read_tokens", "usage.input_tokens"), _cache_read_share),
    "invalid_tool_calls": Derived(("tool_calls",), _invalid_tool_calls),
    "safety_blocked": Derived(("safety",), _safety_blocked),
}
"""Key → computation."""
