"""A cell: the sums and durations of one group in one stretch of time."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from langchain_respmeta.monitor.quantiles import Buckets, add_buckets, bucket_of
from langchain_respmeta.record.call_counts import counts_of, gained_when_superseded
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.fields import RecordFields

DURATIONS: Final = {
    "latency_s": "latency_s",
    "first_token_s": "time_to_first_token_s",
    "queue_s": "queue_s",
}
"""Name of a duration → its field in `Timing`."""


class Added(NamedTuple):
    """What one record adds to a cell."""

    counts: tuple[tuple[str, int], ...]
    money: tuple[tuple[str, Decimal], ...]
    buckets: tuple[tuple[str, int], ...]
    """Name of a duration, and its bucket."""


def added_by(record: RecordFields) -> Added | None:
    """Return what a record adds; None for one that is no call of its own."""
    counts = counts_of(record)
    return _added(counts, _durations_of(record)) if counts else None


def superseded(added: Added) -> Added:
    """Return the same of a call that was tried again."""
    counts: dict[str, int | Decimal] = {**dict(added.counts), **dict(added.money)}
    return _added({**counts, **gained_when_superseded(counts)}, added.buckets)


def _added(counts: Mapping[str, int | Decimal], buckets: tuple[tuple[str, int], ...]) -> Added:
    return Added(
        tuple((name, value) for name, value in counts.items() if not isinstance(value, Decimal)),
        tuple((name, value) for name, value in counts.items() if isinstance(value, Decimal)),
        buckets,
    )


def _durations_of(record: RecordFields) -> tuple[tuple[str, int], ...]:
    """Return the durations that a record reports, as buckets."""
    timing = record.timing
    if timing is None:
        return ()
    found = ((name, getattr(timing, field)) for name, field in DURATIONS.items())
    buckets = ((name, bucket_of(value)) for name, value in found if value is not None)
    return tuple((name, bucket) for name, bucket in buckets if bucket is not None)


class Cell:
    """Sums by name, each with the number of records that reported it: a sum that nobody reported is not 0."""

    __slots__ = ("_counts", "_money", "buckets")

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        """Name → how many records reported it, and the sum."""
        self._money: dict[str, tuple[int, Decimal]] = {}
        """The same of money."""
        self.buckets: dict[str, Buckets] = {}
        """By name of the duration."""

    def get(self, name: str) -> int | Decimal | None:
        """Return a sum; None where nobody reported it."""
        found = self._counts.get(name) or self._money.get(name)
        return None if found is None else found[1]

    def add(self, added: Added) -> None:
        """Add what a record adds. Written out, for it is done for each group of each record."""
        counts, money = self._counts, self._money
        for name, value in added.counts:
            there = counts.get(name)
            if there is None:
                counts[name] = [1, value]
            else:
                there[0] += 1
                there[1] += value
        for name, amount in added.money:
            reports, total = money.get(name, _NO_MONEY)
            money[name] = reports + 1, exact_sum(total, amount)
        for name, bucket in added.buckets:
            buckets = self.buckets.get(name)
            if buckets is None:
                self.buckets[name] = {bucket: 1}
            else:
                buckets[bucket] = buckets.get(bucket, 0) + 1

    def take(self, added: Added) -> None:
        """Take away what a record has added."""
        for name, value in added.counts:
            self._count(name, -1, -value)
        for name, amount in added.money:
            self._pay(name, -1, amount.copy_negate())
        for name, bucket in added.buckets:
            add_buckets(self.buckets.setdefault(name, {}), ((bucket, -1),))

    def merge(self, other: Cell) -> None:
        """Add another cell."""
        for name, (reports, value) in other._counts.items():
            self._count(name, reports, value)
        for name, (reports, amount) in other._money.items():
            self._pay(name, reports, amount)
        for name, buckets in other.buckets.items():
            add_buckets(self.buckets.setdefault(name, {}), buckets.items())

    def _count(self, name: str, reports: int, value: int) -> None:
        there = self._counts.setdefault(name, [0, 0])
        there[0] += reports
        there[1] += value
        if not there[0]:
            del self._counts[name]

    def _pay(self, name: str, reports: int, amount: Decimal) -> None:
        before, total = self._money.get(name, _NO_MONEY)
        self._money[name] = before + reports, exact_sum(total, amount)
        if not before + reports:
            del self._money[name]


_NO_MONEY: Final = (0, Decimal(0))
