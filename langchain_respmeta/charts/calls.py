"""Single calls and single facts: the most expensive calls, what was refused, and how near the rate limits came."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.charts.figures import plain
from langchain_respmeta.charts.source import RELATION, Source
from langchain_respmeta.charts.times import Every, bucket_sql, in_utc

LIMITED: Final[Mapping[str, str]] = {
    "requests": "requests",
    "tokens": "tokens",
    "input_tokens": "input tokens",
    "output_tokens": "output tokens",
}
"""What providers limit → its name for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, with what says why it cost so much."""

    run_id: str | None
    trace_id: str | None
    project_id: str | None
    run_name: str | None
    thread_id: str | None
    time: datetime | None
    """When it ended, in UTC."""
    provider: str | None
    model: str | None
    service_tier: str | None
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cache_read_tokens: int | None
    latency_s: float | None
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Refused answers of one model from one source, in all."""

    provider: str | None
    model: str | None
    source: str | None
    """Where the refusal was found: `message`, `stop_reason`, `content_filter`, `prompt_block` or `guardrail`."""
    category: str | None
    """The provider's own word."""
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """How much of a limit was left in a stretch of time, at the least."""

    time: datetime
    """Beginning of the stretch, in the source's zone."""
    provider: str
    model: str | None
    limited: str
    """One of `LIMITED`."""
    least_share: float
    """The least part of the limit that an answer reported as left, from 0 to 1."""
    remaining: int
    """The same as a number."""
    limit: int
    calls: int
    """Calls that reported it."""


def expensive_calls(source: Source, limit: int = 20) -> list[Call]:
    """Return the calls that cost the most, the most expensive first.

    Raises:
        SettingsError: The files behind it cannot be read.
    """
    names = ", ".join(in_utc("time") if one.name == "time" else one.name for one in fields(Call))
    found = source.rows(f"""
        SELECT {names} FROM {RELATION} WHERE cost_usd > 0
        ORDER BY cost_usd DESC, time, run_id LIMIT {int(limit)}""")
    return [_with_zone(Call(**_named(Call, row))) for row in found]


def _with_zone(call: Call) -> Call:
    return call if call.time is None else replace(call, time=call.time.replace(tzinfo=UTC))


def refusals(source: Source, limit: int = 100) -> list[Refusals]:
    """Return the refused answers by model, source and category, the most frequent first.

    Raises:
        SettingsError: The files behind it cannot be read.
    """
    found = source.rows(f"""
        SELECT provider, model, refusal_source, refusal_category, count(*) AS answers FROM {RELATION}
        WHERE refused GROUP BY ALL ORDER BY answers DESC, provider, model, refusal_source LIMIT {int(limit)}""")
    return [Refusals(**_named(Refusals, row)) for row in found]


def headroom(source: Source, *, every: Every = "auto") -> list[Headroom]:
    """Return the least headroom of each provider, model and limit over time; limits of 0 say nothing and are left out.

    Raises:
        SettingsError: The files behind it cannot be read, or `every` is unknown.
    """
    bucket = bucket_sql(source, every)
    numbers = ", ".join(f'"{name}_{part}": "BIGINT"' for name in LIMITED for part in ("limit", "remaining"))
    parts = ", ".join(
        f"{{'limited': '{name}', 'whole': told.{name}_limit, 'remaining': told.{name}_remaining}}"
        for name in LIMITED
    )
    found = source.rows(f"""
        , told AS (SELECT {bucket} AS bucket, provider, model, json_transform(rate_limits, '{{{numbers}}}') AS told
                   FROM {RELATION} WHERE rate_limits IS NOT NULL AND time IS NOT NULL AND provider IS NOT NULL),
        limits AS (SELECT bucket, provider, model, unnest([{parts}], recursive := true) FROM told)
        SELECT bucket, provider, model, limited, min(remaining / whole) AS least,
               arg_min(remaining, remaining / whole), arg_min(whole, remaining / whole), count(*)
        FROM limits WHERE whole > 0 AND remaining >= 0
        GROUP BY ALL ORDER BY bucket, provider, model, limited""")
    return [Headroom(**_named(Headroom, row)) for row in found]


def _named(kind: type[Call | Refusals | Headroom], row: tuple[Any, ...]) -> dict[str, Any]:
    return {one.name: plain(value) for one, value in zip(fields(kind), row, strict=True)}
