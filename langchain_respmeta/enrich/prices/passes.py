"""Anthropic's `usage.iterations`: several passes of one answer, each billed at its own model's price.

The top-level counts exclude the passes that compact the context or advise; the bill is the sum of all.
https://platform.claude.com/docs/en/build-with-claude/compaction
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, told_as

_OURS: Final[Mapping[str, str]] = {
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}
_BY_LIFETIME: Final[Mapping[str, str]] = {
    told_as(life): field.removeprefix("usage.") for life, field in LIFETIMES.items()
}
MOST: Final = 1_000
"""Passes of one call that are priced."""

PLAIN: Final = "message"


class Pass(NamedTuple):
    """One pass."""

    model: str | None
    """None: the answer's model."""
    usage: dict[str, int]


def passes_of(told: object) -> list[Pass] | None:
    """The passes, if the top-level counts are only part of the bill; [] if they are all of it, None if unknown."""
    if not told:
        return []
    if (
        not isinstance(told, list | tuple)
        or len(told) > MOST
        or not all(isinstance(one, Mapping) for one in told)
    ):
        return None
    if len(told) == 1 and told[0].get("type", PLAIN) == PLAIN and not told[0].get("model"):
        return []
    found = [_pass(one) for one in told]
    return None if None in found else [one for one in found if one is not None]


def _pass(told: Mapping[str, Any]) -> Pass | None:
    usage = {ours: told[name] for name, ours in _OURS.items() if told.get(name) is not None}
    fresh, lifetimes, model = told.get("input_tokens"), told.get("cache_creation"), told.get("model")
    if isinstance(lifetimes, Mapping):
        usage |= {
            ours: lifetimes[name] for name, ours in _BY_LIFETIME.items() if lifetimes.get(name) is not None
        }
    if not is_whole(fresh) or any(not is_whole(count) or count < 0 for count in (fresh, *usage.values())):
        return None
    usage["input_tokens"] = fresh + usage.get("cache_read_tokens", 0) + usage.get("cache_write_tokens", 0)
    return Pass(model if isinstance(model, str) else None, usage)
