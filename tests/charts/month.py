"""A month of one made-up application's calls, the same each time: records as `handler.records` holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.table.lines import line_of
from langchain_respmeta.table.rows import batch_of_records

START: Final = datetime(2026, 10, 5, tzinfo=UTC)
DAYS: Final = 28
# Model, provider, tier, share of the calls, USD for a million tokens of the prompt and of the answer, seconds.
MODELS: Final = (
    ("gpt-5-mini", "openai", "default", 40, "0.25", "2", 1.9),
    ("gpt-5-mini", "openai", "priority", 12, "0.45", "3.6", 0.8),
    ("claude-sonnet-4-5-20250929", "anthropic", "standard", 18, "3", "15", 3.4),
    ("gemini-2.5-flash", "gcp.gemini", None, 16, "0.3", "2.5", 1.2),
    ("llama-3.3-70b-versatile", "groq", "on_demand", 8, "0.59", "0.79", 0.4),
    ("us.amazon.nova-pro-v1:0", "aws.bedrock", None, 4, "0.8", "3.2", 2.2),
    ("in-house-7b", "unknown", None, 2, None, None, 1.0),
)
USERS: Final = [f"user-{number:02d}" for number in range(1, 31)]
_MILLION: Final = 1_000_000


def month(calls: int = 2_000, *, start: datetime = START, days: int = DAYS) -> list[ResponseMetadata]:
    """Records of that many calls; some of them have a second attempt."""
    random = Random(f"{start}-{calls}")  # noqa: S311 - the same each time
    moments = sorted(_moment(random, start, days) for _ in range(calls))
    return [
        ResponseMetadata.from_dict({name: value for name, value in data.items() if value is not None})
        for number, at in enumerate(moments)
        for data in _attempts(random, number, at)
    ]


def table_of(records: Sequence[ResponseMetadata]) -> pa.Table:
    """The table of some records."""
    return pa.Table.from_batches([batch_of_records(records)])


def write_lines(records: Sequence[ResponseMetadata], path: Path) -> Path:
    """Write what the sink `jsonl` writes of them."""
    path.write_bytes(b"".join(line_of(one) for one in records))
    return path


def _moment(random: Random, start: datetime, days: int) -> datetime:
    """By day more than at night, on weekdays more than on Saturday and Sunday."""
    while True:
        at = start + timedelta(seconds=random.randrange(days * 86_400))
        if random.random() < (0.25 if at.weekday() >= 5 else 1) * (1 if 7 <= at.hour < 19 else 0.15):
            return at


def _attempts(random: Random, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    again = random.random() < 0.03
    first = _call(random, f"run-{number}", at)
    if not again:
        yield first
        return
    yield first | {"superseded": True, "attempt": 1}
    yield _call(random, f"run-{number}-2", at + timedelta(seconds=5)) | {
        "attempt": 2,
        "previous_run_id": first["run_id"],
    }


def _call(random: Random, run_id: str, at: datetime) -> dict[str, Any]:
    model, provider, tier, _, read, written, typical = random.choices(MODELS, [one[3] for one in MODELS])[0]
    user = USERS[min(int(random.expovariate(0.2)), len(USERS) - 1)]
    latency = round(random.lognormvariate(0, 0.5) * typical, 6)
    return {
        "schema_version": "1.0",
        "run_id": run_id,
        "trace_id": f"trace-{run_id}",
        "provider": provider,
        "model": model,
        "service_tier": tier,
        "received_at": at.isoformat(),
        "thread_id": f"{user}-{at:%d}",
        "agent_name": random.choice(["researcher", "writer"]),
        "tags": random.choice([["web"], ["web", "beta"], ["mail"], []]),
        "metadata": {"user_id": user},
        "timing": {
            "latency_s": latency,
            "time_to_first_token_s": round(latency * random.uniform(0.1, 0.4), 6),
        },
        "rate_limits": _limits(random, at) if provider in ("openai", "groq") else None,
        **_end(random, provider),
        **_bill(random, read, written),
    }


def _end(random: Random, provider: str) -> dict[str, Any]:
    reason = random.choices(
        ["stop", "tool_calls", "length", "refusal", "content_filter", "error"], [70, 20, 4, 1, 1, 2]
    )[0]
    if reason == "error":
        return {
            "finish_reason": "error",
            "error": {"type": "RateLimitError", "status_code": 429},
            "event": "error",
        }
    if reason in ("refusal", "content_filter"):
        source = "stop_reason" if reason == "refusal" else "content_filter"
        return {"finish_reason": reason, "refused": True, "refusal": {"source": source}}
    return {"finish_reason": reason, "truncated": reason == "length"}


def _bill(random: Random, read: str | None, written: str | None) -> dict[str, Any]:
    prompt = int(random.lognormvariate(7, 0.9))
    cached = prompt // 128 * 128 * (random.random() < 0.4)
    answer = int(random.lognormvariate(5.5, 0.8))
    usage = {
        "input_tokens": prompt,
        "output_tokens": answer,
        "total_tokens": prompt + answer,
        "cache_read_tokens": cached,
    }
    if read is None or written is None:
        return {"usage": usage, "cost": {"unpriced_reason": "unknown_model"}}
    saved = Decimal(read) * cached * Decimal("0.9") / _MILLION
    total = (Decimal(read) * prompt + Decimal(written) * answer) / _MILLION - saved
    return {
        "usage": usage,
        "cost": {"total": str(total), "cache_discount": str(saved), "source": "computed"},
    }


def _limits(random: Random, at: datetime) -> dict[str, int]:
    busy = 0.85 if 9 <= at.hour < 17 else 0.3
    left = 1 - busy * random.uniform(0.3, 1.1)
    return {
        "requests_limit": 500,
        "requests_remaining": max(0, int(500 * left)),
        "tokens_limit": 200_000,
        "tokens_remaining": max(0, int(200_000 * min(1.0, left * 1.1))),
    }
