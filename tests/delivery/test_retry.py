"""Back-off, breaker and limit, by the clock."""

from __future__ import annotations

import pytest

from langchain_respmeta._delivery.retry import CircuitBreaker, RateLimit, backoff, seconds_of
from langchain_respmeta._delivery.settings import DeliverySettings


def test_backoff_doubles_with_jitter_and_is_bounded() -> None:
    settings = DeliverySettings(first_backoff_s=1, max_backoff_s=10)
    for failures, longest in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1000, 10)):
        waits = [backoff(settings, failures) for _ in range(50)]
        assert longest / 2 <= min(waits)
        assert max(waits) <= longest
        assert len(set(waits)) > 1


def test_requests_that_fail_together_are_one_failure() -> None:
    """Eight senders meet one hiccup: the wait does not double eight times, and it is no news."""
    now = [100.0]
    breaker = CircuitBreaker(DeliverySettings(first_backoff_s=1), clock=lambda: now[0])
    assert not any(breaker.record_failure() for _ in range(8))
    assert breaker.failures == 1
    assert breaker.wait_s() <= 1
    assert not breaker.record_failure(retry_after_s=30)
    assert breaker.wait_s() == 30
    now[0] += 30
    assert breaker.record_failure()


def test_a_gate_honours_retry_after_up_to_its_bound_and_opens_wide_after_success() -> None:
    now = [100.0]
    breaker = CircuitBreaker(DeliverySettings(first_backoff_s=1, max_retry_after_s=60), clock=lambda: now[0])
    assert not breaker.record_failure(retry_after_s=20), "once is a hiccup"
    now[0] += 20
    assert breaker.record_failure(retry_after_s=30), "twice is news"
    now[0] += 30
    assert not breaker.record_failure(retry_after_s=9_999_999)
    now[0] += 59
    assert not breaker.is_open()
    now[0] += 2
    assert breaker.is_open()
    assert breaker.record_success() == 3
    assert breaker.failures == 0


def test_the_pace_stays_below_langsmiths_limit_in_any_minute() -> None:
    now = [0.0]
    limit = RateLimit(DeliverySettings().requests_per_minute, clock=lambda: now[0])
    sent: list[float] = []
    while now[0] < 180:
        now[0] += limit.reserve()
        sent.append(now[0])
    busiest = max(sum(start <= moment < start + 60 for moment in sent) for start in range(0, 120, 5))
    assert 3_900 <= busiest <= 4_600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("soon", None),
        ("", None),
        ("Wed, 32 Oct 99999 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


def test_a_retry_after_in_the_past_is_now() -> None:
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
