"""Tokens, cost and time of two runs, and how the second differs from the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from langchain_respmeta.record.views import short


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both runs, as texts."""

    label: str
    left: str
    right: str
    change: str
    """What the second has more or less; empty where one of them is unknown, or both are the same."""
    share: str
    """The change as a share of the first."""
    is_same: bool


def _rate(value: object) -> str:
    return f"{value:,.1f}/s" if short.is_number(value) else short.NOTHING


# Flat key, label, how it is written.
_FIGURES: Final[tuple[tuple[str, str, Callable[[object], str]], ...]] = (
    ("llm_calls", "Model calls", short.count),
    ("cost_usd", "Cost", short.money),
    ("input_tokens", "Input tokens", short.count),
    ("cache_read_tokens", "Read from cache", short.count),
    ("cache_write_tokens", "Written to cache", short.count),
    ("output_tokens", "Output tokens", short.count),
    ("reasoning_tokens", "Reasoning tokens", short.count),
    ("total_tokens", "Total tokens", short.count),
    ("latency_s", "Latency", short.seconds),
    ("time_to_first_token_s", "To first token", short.seconds),
    ("tokens_per_second", "Speed", _rate),
    ("tool_calls", "Tool calls", short.count),
    ("error_calls", "Failed calls", short.count),
)


def figures_of(left: Mapping[str, object], right: Mapping[str, object]) -> list[Figure]:
    """Figures that at least one of the runs has, from their flat keys."""
    return [
        _figure(label, left.get(key), right.get(key), shown)
        for key, label, shown in _FIGURES
        if short.is_number(left.get(key)) or short.is_number(right.get(key))
    ]


def _figure(label: str, left: object, right: object, shown: Callable[[object], str]) -> Figure:
    texts = shown(left), shown(right)
    if not (short.is_number(left) and short.is_number(right)):
        return Figure(label, *texts, change="", share="", is_same=False)
    was, now = Decimal(str(left)), Decimal(str(right))
    change = now - was
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    # A share of nothing is none; of less than a tenth of a percent it says nothing.
    share = abs(change / was) if was else None
    return Figure(
        label,
        *texts,
        change=f"{sign}{shown(float(abs(change)))}" if change else "",
        share=f"{sign}{short.share(float(share))}" if change and share is not None else "",
        is_same=not change,
    )
