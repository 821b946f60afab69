"""Quantiles of durations in bounded memory: counts in buckets that grow by a fixed factor.

The buckets are those of OpenTelemetry's exponential histogram at scale 5. A quantile is off by `RELATIVE_ERROR` at most. Counts
can be taken away again, which a record that comes a second time needs; hdrhistogram and the histogram of OpenTelemetry's SDK
cannot do that, and reserve 20 kB and more for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, floor, isfinite, log2
from typing import Final, TypeAlias

_A_DOUBLING: Final = 32
"""Buckets between a value and its double."""

RELATIVE_ERROR: Final = 2 ** (1 / (2 * _A_DOUBLING)) - 1
"""0.0109: the middle of a bucket is that near to its ends. True between `_LEAST` and `_MOST` seconds."""

_LEAST: Final = 1e-6
_MOST: Final = 1e6
_ZERO: Final = floor(log2(_LEAST) * _A_DOUBLING) - 1
"""The bucket of 0, below all others."""

Buckets: TypeAlias = "dict[int, int]"
"""Bucket → how many values fell in it."""


def bucket_of(seconds: float) -> int | None:
    """Return the bucket of a duration; None for what is none: below zero, infinite or not a number."""
    if not isfinite(seconds) or seconds < 0:
        return None
    if seconds == 0:
        return _ZERO
    return floor(log2(min(max(seconds, _LEAST), _MOST)) * _A_DOUBLING)


def add_buckets(buckets: Buckets, more: Iterable[tuple[int, int]]) -> None:
    """Add counts, which may be below zero; a bucket whose count comes to nothing goes."""
    for bucket, count in more:
        total = buckets.get(bucket, 0) + count
        if total:
            buckets[bucket] = total
        else:
            del buckets[bucket]


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the value that at least `share` (0 to 1) of all values do not exceed, in seconds; None without values."""
    rank = ceil(share * sum(buckets.values()))
    for bucket in sorted(buckets):
        rank -= buckets[bucket]
        if rank <= 0:
            return 0.0 if bucket == _ZERO else 2 ** ((bucket + 0.5) / _A_DOUBLING)
    return None
