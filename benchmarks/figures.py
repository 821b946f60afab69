"""From clocks to what is said: differences and ratios of the same round, then their median and quartiles."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.handlers import NONE
from benchmarks.measuring import Spent

Table = Mapping[str, Spent]
"""Row → what it took, one table of a scenario."""


@dataclass(frozen=True)
class Figure:
    """A median, and the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        return cls(*statistics.quantiles(values, n=4, method="inclusive"))


def quiet(table: Table) -> dict[str, Spent]:
    """The same table in one round: each row at its lowest tenth, where nothing else disturbed it."""
    return {row: Spent([_lowest(spent.caller)], [_lowest(spent.process)]) for row, spent in table.items()}


def _lowest(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 10]


def added(table: Table, row: str, clock: str, over: str = NONE) -> list[float]:
    """µs that a call takes more with this row's handlers than with the other's, round by round."""
    return [
        one - other
        for one, other in zip(getattr(table[row], clock), getattr(table[over], clock), strict=True)
    ]


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Of each round; the median of what is below stands in for a round in which it is nothing."""
    usual = statistics.median(below)
    return [one / (other if other > 0 else usual) for one, other in zip(above, below, strict=True)]
