"""When a server may be asked again, and how fast."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from langchain_respmeta._delivery.settings import DeliverySettings

__all__ = ["CircuitBreaker", "RateLimit", "backoff", "seconds_of"]


def backoff(settings: DeliverySettings, failures: int) -> float:
    """Return the wait after the n-th failure in a row: doubling, bounded, with jitter so that processes do not retry in step."""
    longest = min(settings.max_backoff_s, settings.first_backoff_s * 2.0 ** min(failures - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def seconds_of(retry_after: str | None) -> float | None:
    """Return a `Retry-After` header, a number of seconds or a date, as seconds from now."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


class CircuitBreaker:
    """Stops requests for a while after a server failed; then one request probes it, and its success ends the stop."""

    def __init__(self, settings: DeliverySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.failures = 0
        self._settings = settings
        self._clock = clock
        self._open_at = 0.0
        self._lock = threading.Lock()

    def is_open(self) -> bool:
        """Whether a request may be sent now."""
        return self._clock() >= self._open_at

    def wait_s(self) -> float:
        """Return the seconds until a request may be sent, 0 when it may."""
        return max(0.0, self._open_at - self._clock())

    def record_success(self) -> int:
        """Note an answer. Returns how many failures came before."""
        with self._lock:
            before, self.failures = self.failures, 0
            self._open_at = 0.0
            return before

    def record_failure(self, retry_after_s: float | None = None) -> bool:
        """Note a failure. Returns whether it is the second in a row: an outage, not a hiccup.

        What fails during a stop was sent before it, beside the request that failed first: together they are one failure.
        """
        with self._lock:
            now = self._clock()
            is_next = now >= self._open_at
            self.failures += is_next
            wait = backoff(self._settings, self.failures) if is_next else 0.0
            if retry_after_s is not None:
                wait = max(wait, min(retry_after_s, self._settings.max_retry_after_s))
            self._open_at = max(self._open_at, now + wait)
            return is_next and self.failures == 2


class RateLimit:
    """At most so many requests a minute, after a burst of an eighth of that: both together stay below LangSmith's limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 60.0 / max(1, per_minute)
        self._burst = self._gap * max(1, per_minute // 8)
        self._clock = clock
        self._next = clock() - self._burst
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Reserve the next request; return the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            self._next = max(self._next, now - self._burst) + self._gap
            return max(0.0, self._next - now)
