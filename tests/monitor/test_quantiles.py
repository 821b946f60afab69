"""Quantiles from buckets: near to those of the values themselves, and nothing remains of what is taken away."""

from math import ceil, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta.monitor.quantiles import RELATIVE_ERROR, add_buckets, bucket_of, quantile

DURATIONS = st.lists(st.floats(1e-6, 1e6) | st.just(0.0), min_size=1, max_size=60)


def counted(values: list[float]) -> dict[int, int]:
    buckets: dict[int, int] = {}
    for value in values:
        bucket = bucket_of(value)
        assert bucket is not None
        add_buckets(buckets, [(bucket, 1)])
    return buckets


@given(DURATIONS, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_as_near_to_the_nearest_rank_as_is_stated(values: list[float], share: float) -> None:
    exact = sorted(values)[ceil(share * len(values)) - 1]
    assert quantile(counted(values), share) == pytest.approx(exact, rel=RELATIVE_ERROR * 1.001, abs=0)
    assert RELATIVE_ERROR < 0.011


@given(DURATIONS, DURATIONS)
def test_what_is_taken_away_leaves_what_was_there(first: list[float], second: list[float]) -> None:
    buckets = counted([*first, *second])
    add_buckets(buckets, [(bucket, -number) for bucket, number in counted(second).items()])
    assert buckets == counted(first)


def test_zero_is_a_duration_and_what_no_clock_shows_is_none() -> None:
    assert quantile(counted([0.0, 0.0, 5.0]), 0.5) == 0.0
    assert [bucket_of(value) for value in (-0.1, nan, inf)] == [None, None, None]
    assert quantile({}, 0.5) is None
