"""The scalars of a record that are flat keys of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from langchain_respmeta.record.usage_names import USAGE_NAMES

FLAT: Final[Mapping[str, str]] = {
    "provider": "provider",
    "integration": "integration",
    "api": "api",
    "model": "model",
    "requested_model": "requested_model",
    "response_id": "response_id",
    "service_tier": "service_tier",
    "finish_reason": "finish_reason",
    "native_finish_reason": "native_finish_reason",
    "refused": "refused",
    "truncated": "truncated",
    "streamed": "streamed",
    "cancelled": "cancelled",
    "cache_hit": "langchain_cache_hit",
    **{field: f"usage.{field}" for field, name in USAGE_NAMES.items() if name.is_flat},
    "cost_usd": "cost.total",
    "cache_discount_usd": "cost.cache_discount",
    "cost_source": "cost.source",
    "unpriced_reason": "cost.unpriced_reason",
    "latency_s": "timing.latency_s",
    "time_to_first_token_s": "timing.time_to_first_token_s",
    "tokens_per_second": "timing.tokens_per_second",
    "queue_s": "timing.queue_s",
    "upstream_provider": "routing.upstream_provider",
    "error_type": "error.type",
    "error_status": "error.status_code",
    "attempt": "attempt",
    "superseded": "superseded",
}
"""Key (after the prefix) → path in the record."""
