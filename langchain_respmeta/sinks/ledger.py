"""What records add to metrics, exact, and each record once: a later version of it takes the place of the earlier one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.record.call_counts import is_call
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.sinks.amounts import AMOUNTS, Number
from langchain_respmeta.sinks.labels import MAX_COMBINATIONS, Labels, Values
from langchain_respmeta.sinks.metric_names import OPT_IN, Metric, metrics_for
from langchain_respmeta.sinks.repeats import Repeats

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Label → value, those that are told."""


class Change(NamedTuple):
    """What a record changes in one series."""

    metric: Metric
    labels: Pairs
    amount: Number
    """Of a counter how much it grows (below 0 where an earlier version of the record said more), of a histogram the value."""


@dataclass(slots=True)
class _Counted:
    """What the versions of a record so far have added."""

    values: Values = ()
    """Of the labels, as the first version told them."""
    amounts: dict[str, dict[Values, Number]] = field(default_factory=dict)
    """By metric, and by the values of its own labels."""


class Ledger:
    """What each record changes in the metrics of one sink. One thread at a time.

    A call stays under the labels of its first record, also those of a single metric. What a later record of it tells more, or
    less, is added to the counters; a histogram keeps what it has.
    """

    def __init__(self, by: Sequence[str], max_values: int) -> None:
        self.labels: Final = Labels(by, max_values)
        self.metrics: Final = {metric.name: metric for metric in metrics_for(os.environ.get(OPT_IN))}
        self._seen: Final[Repeats[_Counted]] = Repeats()
        self._readers: Final = tuple((metric, AMOUNTS[name]) for name, metric in self.metrics.items())
        self._pairs: Final[Bounded[tuple[str, Values, Values], Pairs]] = Bounded(MAX_COMBINATIONS)

    def changes(self, record: RecordFields) -> Iterator[Change]:
        """What a record changes; all of it must be taken."""
        if not is_call(record):
            return
        counted = _Counted()
        if (before := self._seen.before(record, counted)) is None:
            counted.values = self.labels.of(record)
        else:
            counted.values, counted.amounts = before.values, before.amounts
        for metric, read in self._readers:
            if (told := read(record)) or metric.name in counted.amounts:
                yield from self._changes(metric, counted, dict(told))

    def _changes(self, metric: Metric, counted: _Counted, told: dict[Values, Number]) -> Iterator[Change]:
        before = counted.amounts.get(metric.name)
        if before is None:
            counted.amounts[metric.name] = told
            for own, amount in told.items():
                yield Change(metric, self._named(counted.values, metric, own), amount)
        elif metric.kind == "counter":
            now = counted.amounts[metric.name] = (
                told if told.keys() == before.keys() else _moved(told, before)
            )
            for own, amount in now.items():
                if more := _less(amount, before[own]):
                    yield Change(metric, self._named(counted.values, metric, own), more)

    def _named(self, values: Values, metric: Metric, own: Values) -> Pairs:
        key = (metric.name, values, own)
        found = self._pairs.get(key)
        if found is None:
            bounded = (
                self.labels.bounded(label, value) for label, value in zip(metric.labels, own, strict=True)
            )
            told = (*zip(self.labels.names, values, strict=True), *zip(metric.labels, bounded, strict=True))
            found = tuple((label, value) for label, value in told if value is not None)
            self._pairs.keep(key, found)
        return found


def _moved(told: dict[Values, Number], before: dict[Values, Number]) -> dict[Values, Number]:
    """What is told now, under the labels of before: all of it under the first of them."""
    first, *others = before
    return {first: _sum(told.values()), **dict.fromkeys(others, 0)}


def _sum(amounts: Iterable[Number]) -> Number:
    nothing: Number = 0
    return reduce(_more, amounts, nothing)


def _more(one: Number, other: Number) -> Number:
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return exact_sum(Decimal(one), Decimal(other))
    return one + other


def _less(one: Number, other: Number) -> Number:
    return _more(one, -other if not isinstance(other, Decimal) else other.copy_negate())


class Series:
    """One counter's exact sum, and what was shown of it.

    A counter never falls. Where a record's later version takes something back, it stands still until other calls have made up
    for it; from then on it is the sum again.
    """

    __slots__ = ("_sum", "shown", "told")

    def __init__(self) -> None:
        self._sum: Number = 0
        self.shown: Number = 0
        self.told = 0.0
        """What was handed on, where that is a float."""

    def add(self, amount: Number) -> None:
        """Add to the sum."""
        self._sum = _more(self._sum, amount)
        self.shown = max(self.shown, self._sum)
