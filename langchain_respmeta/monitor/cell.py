"""A cell: the sums and durations of one group in one stretch of time."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from langchain_respmeta.monitor.quantiles import Buckets, add_buckets, bucket_of
from langchain_respmeta.record.call_counts import counts_of, gained_when_superseded
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.fields import RecordFields

Number: TypeAlias = int | Decimal

DURATIONS: Final = {
    "latency_s": "latency_s",
    "first_token_s": "time_to_first_token_s",
    "queue_s": "queue_s",
}
"""Name of a duration → its field in `Timing`."""

_NOTHING: Final[tuple[int, Number]] = (0, 0)


class Added(NamedTuple):
    """What one record adds to a cell."""

    counts: tuple[tuple[str, Number], ...]
    buckets: tuple[tuple[str, int], ...]
    """Name of a duration, and its bucket."""


def added_by(record: RecordFields) -> Added | None:
    """Return what a record adds; None for one that is no call of its own."""
    counts = counts_of(record)
    return Added(tuple(counts.items()), _durations_of(record)) if counts else None


def superseded(added: Added) -> Added:
    """Return the same of a call that was tried again."""
    counts = dict(added.counts)
    return Added(tuple({**counts, **gained_when_superseded(counts)}.items()), added.buckets)


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

    __slots__ = ("buckets", "sums")

    def __init__(self) -> None:
        self.sums: dict[str, tuple[int, Number]] = {}
        self.buckets: dict[str, Buckets] = {}
        """By name of the duration."""

    def get(self, name: str) -> Number | None:
        """Return a sum; None where nobody reported it."""
        found = self.sums.get(name)
        return None if found is None else found[1]

    def add(self, added: Added, times: int = 1) -> None:
        """Add what a record adds; `times` is -1 to take it away."""
        for name, value in added.counts:
            self._add(name, times, value if times > 0 else _negative(value))
        for name, bucket in added.buckets:
            add_buckets(self.buckets.setdefault(name, {}), ((bucket, times),))

    def merge(self, other: Cell) -> None:
        """Add another cell."""
        for name, (reports, value) in other.sums.items():
            self._add(name, reports, value)
        for name, buckets in other.buckets.items():
            add_buckets(self.buckets.setdefault(name, {}), buckets.items())

    def _add(self, name: str, reports: int, value: Number) -> None:
        sums = self.sums
        before, total = sums.get(name, _NOTHING)
        if before + reports:
            sums[name] = (before + reports, _plus(total, value))
        else:
            del sums[name]


def _plus(left: Number, right: Number) -> Number:
    if isinstance(right, Decimal):
        return exact_sum(Decimal(left), right)
    return left + right


def _negative(value: Number) -> Number:
    return value.copy_negate() if isinstance(value, Decimal) else -value
