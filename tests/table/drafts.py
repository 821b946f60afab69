"""Drafts to make columns of: what the fuzzer's seeds read as, and every field of the record."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.record.draft import Draft
from tests.fuzz.corpus import seeds

RUN_ID = "5a1c0000-0000-4000-8000-00000000c0de"


@cache
def of_seeds() -> tuple[Draft, ...]:
    """A draft of each candidate of each answer that the fuzzer begins with."""
    found = [read_stored(stored(seed.integration, seed.answer)) for seed in seeds()]
    return tuple(draft for one in found if one.problem is None for draft in one.drafts)


def stored(integration: str, answer: Any) -> dict[str, Any]:
    """A run as its tracer writes it."""
    outputs = answer if "generations" in answer else {"generations": [[{"message": answer}]]}
    return {
        "id": RUN_ID,
        "trace_id": RUN_ID,
        "name": integration,
        "run_type": "llm",
        "start_time": "2026-03-04T05:06:07.250000+00:00",
        "end_time": "2026-03-04T05:06:09+00:00",
        "outputs": outputs,
    }


def plain_draft(**changes: Any) -> dict[str, Any]:
    """A draft as most are; a dot in a path is a double underscore here."""
    draft = {
        "run_id": RUN_ID,
        "provider": "openai",
        "model": "gpt-4o",
        "response_id": "chatcmpl-A1",
        "received_at": datetime(2026, 3, 4, tzinfo=UTC),
        "finish_reason": "stop",
        "truncated": False,
        "refused": False,
        "usage.input_tokens": 10,
        "usage.cache_read_tokens": 5,
        "cost.total": Decimal("0.00125"),
        "timing.latency_s": 1.5,
        "provider_data": {"index": 0},
    }
    return draft | {path.replace("__", "."): value for path, value in changes.items()}
