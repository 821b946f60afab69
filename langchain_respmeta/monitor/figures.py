"""Figures of one group in one window, each computed from its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from langchain_respmeta.monitor.cell import Cell
from langchain_respmeta.monitor.quantiles import quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the calls of one group in one window add up to. None: no call reported it; 0 was reported as zero.

    Quantiles are those of nearest rank, in seconds, and at most 1.1 % off.
    """

    by: str | None
    """What is grouped by; None for all calls."""
    value: str | None
    """The group's value; None for all calls."""
    window: str
    """minute, hour, day or all."""

    calls: int
    """Model calls that ended, retries and failed ones included."""
    errors: int
    """Calls that failed."""
    refusals: int
    """Calls whose answer was declined or withheld."""
    truncations: int
    """Calls whose answer a token limit cut."""
    superseded_calls: int
    """Calls whose place a retry or fallback took."""
    unpriced_calls: int
    """Calls that can cost something and have no price."""

    input_tokens: int | None
    """Tokens of the prompts, cache reads and writes included."""
    output_tokens: int | None
    """Tokens of the answers, reasoning included."""
    total_tokens: int | None
    """The providers' own sums of both."""
    cache_read_tokens: int | None
    """Part of `input_tokens`: read from a provider's cache."""
    cache_write_tokens: int | None
    """Part of `input_tokens`: written to it."""
    reasoning_tokens: int | None
    """Part of `output_tokens`: reasoning."""

    cost_usd: Decimal | None
    """What the calls that have a price cost."""
    cache_discount_usd: Decimal | None
    """What caching saved; below 0 where writing the cache added more."""
    superseded_cost_usd: Decimal | None
    """Part of `cost_usd`: what superseded calls cost."""

    error_rate: float | None
    """`errors` in `calls`, 0 to 1."""
    refusal_rate: float | None
    """`refusals` in `calls`, 0 to 1."""
    truncation_rate: float | None
    """`truncations` in `calls`, 0 to 1."""
    cache_share: float | None
    """Tokens read from a cache, in the input tokens of the calls that told how many were; 0 to 1."""

    p50_latency_s: float | None
    """Half of the calls took no longer."""
    p95_latency_s: float | None
    """95 % of the calls took no longer."""
    p99_latency_s: float | None
    """99 % of the calls took no longer."""
    p50_first_token_s: float | None
    """The same of the time to the first token, of streamed calls."""
    p95_first_token_s: float | None
    p99_first_token_s: float | None
    p50_queue_s: float | None
    """The same of the time that calls waited at the provider."""
    p95_queue_s: float | None
    p99_queue_s: float | None


Value: TypeAlias = "int | float | Decimal | None"


def _count(name: str, cell: Cell) -> Value:
    return cell.get(name) or 0


def _sum(name: str, cell: Cell) -> Value:
    return cell.get(name)


def _rate(part: str, whole: str, cell: Cell) -> Value:
    return (cell.get(part) or 0) / total if (total := cell.get(whole)) else None


def _quantile(name: str, share: float, cell: Cell) -> Value:
    return quantile(cell.buckets.get(name, {}), share)


_COUNTS: Final = ("calls", "errors", "refusals", "truncations", "superseded_calls", "unpriced_calls")
_SUMS: Final = (
    *("input_tokens", "output_tokens", "total_tokens"),
    *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
    *("cost_usd", "cache_discount_usd", "superseded_cost_usd"),
)
_RATES: Final = {
    "error_rate": ("errors", "calls"),
    "refusal_rate": ("refusals", "calls"),
    "truncation_rate": ("truncations", "calls"),
    "cache_share": ("cache_read_tokens", "cacheable_tokens"),
}
_SHARES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_DURATIONS: Final = ("latency_s", "first_token_s", "queue_s")

FIGURES: Final[Mapping[str, Callable[[Cell], Value]]] = {
    **{name: partial(_count, name) for name in _COUNTS},
    **{name: partial(_sum, name) for name in _SUMS},
    **{name: partial(_rate, *parts) for name, parts in _RATES.items()},
    **{
        f"{word}_{name}": partial(_quantile, name, share)
        for name in _DURATIONS
        for word, share in _SHARES.items()
    },
}
"""Name of a figure → its computation. The names are the fields of `Figures`."""


def figures_of(cell: Cell, by: str | None, value: str | None, window: str) -> Figures:
    """Return all figures of a cell."""
    found: dict[str, Any] = {name: compute(cell) for name, compute in FIGURES.items()}
    return Figures(by=by, value=value, window=window, **found)
