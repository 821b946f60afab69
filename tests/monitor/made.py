"""Records made by hand, and a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.record.measures import Cost, Timing, Usage

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
_ids = count()


@dataclass
class Clock:
    """Seconds since 1970, moved by hand."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


def made(
    at: float | None = None, *, cost: str | Cost | None = "0.01", latency: float = 1.0, **fields: Any
) -> ResponseMetadata:
    """A record of a call that was received `at` this time; without one it counts when it comes."""
    known = {
        "run_id": f"run-{next(_ids)}",
        "provider": "openai",
        "model": "gpt-5.2",
        "finish_reason": "stop",
        "usage": Usage(input_tokens=10, output_tokens=5, total_tokens=15),
        "cost": Cost(total=Decimal(cost)) if isinstance(cost, str) else cost,
        "timing": Timing(latency_s=latency),
        "received_at": None if at is None else datetime.fromtimestamp(at, UTC),
    }
    return ResponseMetadata(**{**known, **fields})
