"""What one record adds to each metric: `AMOUNTS`, from a metric's name to its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from langchain_respmeta.record.billable import may_be_billed
from langchain_respmeta.record.call_counts import has_failed
from langchain_respmeta.record.exact import exact_difference

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields

Number: TypeAlias = int | Decimal | float
"""Counts are whole, money is exact; only times are floats."""

Amount: TypeAlias = tuple[tuple[str | None, ...], Number]
"""The values of the metric's own labels, and how much."""

Reader: TypeAlias = Callable[["RecordFields"], tuple[Amount, ...]]

OTHER_ERROR: Final = "_OTHER"
"""By the conventions the type of an error that has no other."""
UNKNOWN: Final = "unknown"
_NOTHING: Final = Decimal(0)


def error_type_of(record: RecordFields) -> str | None:
    """`error.type` of a failed call, None of any other."""
    if record.error is not None:
        return record.error.type
    return OTHER_ERROR if has_failed(record) else None


def _once(value: Number | None, *labels: str | None) -> tuple[Amount, ...]:
    return () if value is None else ((labels, value),)


def _calls(record: RecordFields) -> tuple[Amount, ...]:
    return _once(1, record.finish_reason)


def _errors(record: RecordFields) -> tuple[Amount, ...]:
    return _once(1, error_type_of(record)) if has_failed(record) else ()


def _refusals(record: RecordFields) -> tuple[Amount, ...]:
    return _once(1, record.refusal.source if record.refusal else None) if record.refused else ()


def _truncations(record: RecordFields) -> tuple[Amount, ...]:
    return _once(None if record.truncated is None else int(record.truncated))


def _superseded(record: RecordFields) -> tuple[Amount, ...]:
    return _once(1) if record.superseded else ()


def _count(name: str) -> Reader:
    """A count of tokens."""

    def read(record: RecordFields) -> tuple[Amount, ...]:
        return _once(getattr(record.usage, name, None))

    return read


def _cost(record: RecordFields) -> tuple[Amount, ...]:
    return _once(record.cost.total if record.cost else None)


def _superseded_cost(record: RecordFields) -> tuple[Amount, ...]:
    return _cost(record) if record.superseded else ()


def _saved(record: RecordFields) -> tuple[Amount, ...]:
    discount = record.cost and record.cost.cache_discount
    return _once(discount) if discount and discount > 0 else ()


def _added(record: RecordFields) -> tuple[Amount, ...]:
    discount = record.cost and record.cost.cache_discount
    return _once(exact_difference(_NOTHING, discount)) if discount and discount < 0 else ()


def _unpriced(record: RecordFields) -> tuple[Amount, ...]:
    if (record.cost and record.cost.total) is not None or not may_be_billed(record):
        return ()
    return _once(1, record.cost.unpriced_reason if record.cost else None)


def _time(name: str) -> Reader:
    """A time in seconds."""

    def read(record: RecordFields) -> tuple[Amount, ...]:
        return _once(getattr(record.timing, name, None))

    return read


def _duration(record: RecordFields) -> tuple[Amount, ...]:
    return _once(record.timing.latency_s if record.timing else None, error_type_of(record))


def _usage_by_type(record: RecordFields) -> tuple[Amount, ...]:
    usage = record.usage
    if usage is None:
        return ()
    return (
        *_once(usage.input_tokens, "input"),
        *_once(usage.output_tokens, "output"),
    )


def _by_modality(whole: str, **parts: str) -> Reader:
    """Tokens by modality: what a provider tells of none is `unknown`, so that the modalities add up to the whole."""

    def read(record: RecordFields) -> tuple[Amount, ...]:
        found: int | None = getattr(record.usage, whole, None)
        if found is None:
            return ()
        rest = found
        told: list[Amount] = []
        for modality, name in parts.items():
            part = min(getattr(record.usage, name) or 0, rest)
            if part:
                rest -= part
                told.append(((modality,), part))
        return (*told, ((UNKNOWN,), rest))

    return read


def _of_success(name: str) -> Reader:
    """By the conventions a failed call has no place in the distribution of sizes."""

    def read(record: RecordFields) -> tuple[Amount, ...]:
        return () if has_failed(record) else _once(getattr(record.usage, name, None))

    return read


_CLIENT: Final = "gen_ai.client"
_USAGE: Final = f"{_CLIENT}.inference.usage"
_INPUT: Final = {"audio": "input_audio_tokens", "image": "input_image_tokens", "video": "input_video_tokens"}
_OUTPUT: Final = {"audio": "output_audio_tokens", "image": "output_image_tokens"}

AMOUNTS: Final[Mapping[str, Reader]] = {
    "respmeta.calls": _calls,
    "respmeta.errors": _errors,
    "respmeta.refusals": _refusals,
    "respmeta.truncations": _truncations,
    "respmeta.superseded_calls": _superseded,
    "respmeta.input_tokens": _count("input_tokens"),
    "respmeta.output_tokens": _count("output_tokens"),
    "respmeta.cache_read_tokens": _count("cache_read_tokens"),
    "respmeta.cache_write_tokens": _count("cache_write_tokens"),
    "respmeta.reasoning_tokens": _count("reasoning_tokens"),
    "respmeta.cost_usd": _cost,
    "respmeta.superseded_cost_usd": _superseded_cost,
    "respmeta.cache_saved_usd": _saved,
    "respmeta.cache_added_usd": _added,
    "respmeta.unpriced_calls": _unpriced,
    "respmeta.time_to_first_token": _time("time_to_first_token_s"),
    "respmeta.queue_time": _time("queue_s"),
    f"{_CLIENT}.token.usage": _usage_by_type,
    f"{_CLIENT}.operation.duration": _duration,
    f"{_CLIENT}.operation.time_to_first_chunk": _time("time_to_first_chunk_s"),
    f"{_USAGE}.input_tokens": _by_modality("input_tokens", **_INPUT),
    f"{_USAGE}.output_tokens": _by_modality("output_tokens", **_OUTPUT),
    f"{_USAGE}.cache_read.input_tokens": _by_modality("cache_read_tokens"),
    f"{_USAGE}.cache_write.input_tokens": _by_modality("cache_write_tokens"),
    f"{_USAGE}.reasoning.output_tokens": _by_modality("reasoning_tokens"),
    f"{_CLIENT}.inference.operation.input_tokens": _of_success("input_tokens"),
    f"{_CLIENT}.inference.operation.output_tokens": _of_success("output_tokens"),
    f"{_CLIENT}.inference.duration": _duration,
    f"{_CLIENT}.inference.time_to_first_chunk": _time("time_to_first_chunk_s"),
}
"""Metric → what a record adds to it; nothing where it is not reported."""
