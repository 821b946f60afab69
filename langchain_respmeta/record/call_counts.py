"""What one record adds to sums over calls, under one name for each sum: whether it counts, and as what.

As in a root run's roll-up: of a call with several generations the first alone counts, for it has the usage and the cost; a call
that was tried again counts with what it used.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from langchain_respmeta.record.billable import may_be_billed

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

TOKENS: Final = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
"""Counts of `Usage` that are summed."""

MONEY: Final = ("cost_usd", "cache_discount_usd", "superseded_cost_usd")
"""Sums in US dollars, `Decimal` and exact."""

_CALLS: Final = frozenset({"assistant_response", "error"})
"""Events that tell of a model call; the others tell of tools."""


def is_call(record: RecordFields) -> bool:
    """Whether a record stands for its call: the others of several generations have no usage, cost and time."""
    return not record.candidate_index and record.event in _CALLS


def has_failed(record: RecordFields) -> bool:
    """Whether the call failed."""
    return record.event == "error" or record.finish_reason == "error"


def counts_of(record: RecordFields) -> dict[str, int | Decimal]:
    """Return what a record adds to each sum; a sum that the record reports nothing for is left out.

    - `calls`: 1. Nothing at all comes of a record that is no call of its own.
    - `errors`, `refusals`, `truncations`, `superseded_calls`, `unpriced_calls` (of those that can cost something): 1 where
      it is one.
    - `TOKENS`, and `cacheable_tokens`: the input tokens of a call that told how many were read from a cache.
    - `MONEY`: `cache_discount_usd` is below zero where writing the cache added more than reading it saved.
    """
    if not is_call(record):
        return {}
    found: dict[str, int | Decimal] = {"calls": 1}
    if has_failed(record):
        found["errors"] = 1
    if record.refused:
        found["refusals"] = 1
    if record.truncated:
        found["truncations"] = 1
    _add_tokens(found, record)
    _add_cost(found, record)
    return found


def _add_tokens(found: dict[str, int | Decimal], record: RecordFields) -> None:
    if (usage := record.usage) is None:
        return
    for name in TOKENS:
        if (count := getattr(usage, name)) is not None:
            found[name] = count
    if usage.cache_read_tokens is not None and usage.input_tokens is not None:
        found["cacheable_tokens"] = usage.input_tokens


def _add_cost(found: dict[str, int | Decimal], record: RecordFields) -> None:
    cost = record.cost
    if cost is not None and cost.cache_discount is not None:
        found["cache_discount_usd"] = cost.cache_discount
    if cost is not None and cost.total is not None:
        found["cost_usd"] = cost.total
    elif may_be_billed(record):
        found["unpriced_calls"] = 1
    if record.superseded:
        found.update(gained_when_superseded(found))


def gained_when_superseded(counts: Mapping[str, int | Decimal]) -> dict[str, int | Decimal]:
    """Return what a call's counts gain once a later attempt took its place."""
    gained: dict[str, int | Decimal] = {"superseded_calls": 1}
    if "cost_usd" in counts:
        gained["superseded_cost_usd"] = counts["cost_usd"]
    return gained
