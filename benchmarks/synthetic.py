"""Records as a service of several agents makes them, from a seed: for the report's figures, pictures and tests.

    for batch in tables(20_000, days=30): ...

Eight models of four providers at their list prices, three agents, users of whom few call much; days and nights, cached
prompts, tiers, retries, refusals, cut answers and what the limits leave. The same arguments give the same records, on any machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import cos, pi
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

if TYPE_CHECKING:
    import pyarrow as pa

    from langchain_respmeta.record.draft import Draft

BATCH = 4_096
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
PROJECT = "5a1c0000-0000-4000-8000-00000000c0de"
MILLION = Decimal(1_000_000)


class Model(NamedTuple):
    provider: str
    integration: str
    api: str
    name: str
    input: str
    """Dollars a million tokens, as the three below."""
    cached: str
    written: str
    output: str
    weight: int
    first_s: float
    """Usual seconds to the first token."""
    speed: float
    """Usual tokens a second after it."""
    tiers: Mapping[str | None, int]


MODELS = (
    Model("openai", "ChatOpenAI", "responses", "gpt-5-mini-2025-08-07", "0.25", "0.025", "0.25", "2", 34, 0.7, 95, {"default": 8, "priority": 1, "flex": 2}),
    Model("openai", "ChatOpenAI", "chat_completions", "gpt-4.1-2025-04-14", "2", "0.5", "2", "8", 11, 0.6, 70, {"default": 9, "priority": 1}),
    Model("openai", "ChatOpenAI", "chat_completions", "gpt-4o-mini-2024-07-18", "0.15", "0.075", "0.15", "0.6", 12, 0.45, 85, {"default": 1}),
    Model("anthropic", "ChatAnthropic", "messages", "claude-sonnet-4-5-20250929", "3", "0.3", "3.75", "15", 20, 1.1, 62, {"standard": 12, "priority": 1}),
    Model("anthropic", "ChatAnthropic", "messages", "claude-haiku-4-5-20251001", "1", "0.1", "1.25", "5", 11, 0.5, 130, {"standard": 1}),
    Model("gcp.gemini", "ChatGoogleGenerativeAI", "generate_content", "gemini-2.5-flash", "0.3", "0.03", "0.3", "2.5", 9, 0.55, 160, {None: 1}),
    Model("groq", "ChatGroq", "chat_completions", "llama-3.3-70b-versatile", "0.59", "0.59", "0.59", "0.79", 5, 0.16, 280, {"on_demand": 1}),
    Model("aws.bedrock", "ChatBedrockConverse", "converse", "us.amazon.nova-pro-v1:0", "0.8", "0.2", "0.8", "3.2", 3, 0.75, 75, {None: 1}),
)  # fmt: skip
AGENTS = (
    ("support", ("classify", "answer", "check")),
    ("research", ("plan", "search", "write")),
    ("billing", ("answer",)),
)
ENDS = {"stop": 78, "tool_calls": 17, "length": 2, "refusal": 0.6, "content_filter": 0.4}
NATIVE = {"tool_calls": "tool_use", "length": "max_tokens"}
ERRORS = (("RateLimitError", 429), ("APITimeoutError", None), ("InternalServerError", 500))


def tables(
    count: int, *, days: float = 30, seed: int = 7, first: datetime = FIRST
) -> Iterator[pa.RecordBatch]:
    """`count` calls or a few more (retries) in batches of the table's schema, oldest first."""
    from langchain_respmeta.table.columns import batch_of

    dice = random.Random(f"{seed}")
    moments = sorted(first + _moment(dice, days) for _ in range(count))
    for start in range(0, count, BATCH):
        drafts = [draft for moment in moments[start : start + BATCH] for draft in calls_at(dice, moment)]
        latencies = [timedelta(seconds=draft["timing.latency_s"]) for draft in drafts]
        of_run = {
            "project_id": [PROJECT] * len(drafts),
            "run_name": [str(draft["integration"]) for draft in drafts],
            "end_time": [_ticks(draft["received_at"]) for draft in drafts],
            "start_time": [
                _ticks(draft["received_at"] - lasted) for draft, lasted in zip(drafts, latencies, strict=True)
            ],
        }
        yield batch_of(cast("list[Draft]", drafts), of_run, include_content=False)


def _ticks(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _moment(dice: random.Random, days: float) -> timedelta:
    """When a call is made: at night and on weekends there are few."""
    while True:
        at = dice.uniform(0, days)
        hour, day = at % 1, int(at + FIRST.weekday()) % 7
        if dice.random() < (0.55 - 0.45 * cos(2 * pi * (hour - 0.1))) * (0.35 if day > 4 else 1):
            return timedelta(days=at)


def _uuid(dice: random.Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


def calls_at(dice: random.Random, at: datetime) -> Iterator[dict[str, Any]]:
    """One call, after its retries."""
    (model,) = dice.choices(MODELS, [one.weight for one in MODELS])
    agent, nodes = dice.choices(AGENTS, (6, 3, 1))[0]
    user = f"user-{min(int(dice.paretovariate(0.9)), 400):03}"
    (tier,) = dice.choices([*model.tiers], [*model.tiers.values()])
    common: dict[str, Any] = {
        "schema_version": "1.0",
        "trace_id": _uuid(dice),
        "parent_run_id": _uuid(dice),
        "provider": model.provider,
        "integration": model.integration,
        "api": model.api,
        "requested_model": model.name,
        "agent_name": agent,
        "graph_node": dice.choice(nodes),
        "graph_step": dice.randrange(1, 6),
        "thread_id": f"thread-{user}-{dice.randrange(9)}",
        "metadata": {"user_id": user, "plan": "pro" if user < "user-020" else "free"},
        "tags": [agent, "production"],
        "event": "assistant_response",
        "streamed": dice.random() < 0.6,
        "attempt": 1,
    }
    failed = dice.random() < 0.02
    if failed:
        again = dice.random() < 0.8
        yield common | {"run_id": _uuid(dice), "superseded": again} | _failure(dice, at)
        if not again:
            return
        common["attempt"] = 2
    yield common | {"run_id": _uuid(dice)} | _answer(dice, at, model, tier)


def _failure(dice: random.Random, at: datetime) -> dict[str, Any]:
    kind, status = dice.choices(ERRORS, (6, 2, 1))[0]
    lasted = dice.uniform(30, 60) if status is None else dice.uniform(0.05, 0.6)
    return {
        "received_at": at + timedelta(seconds=lasted),
        "event": "error",
        "finish_reason": "error",
        "error.type": kind,
        "error.status_code": status,
        "timing.latency_s": round(lasted, 6),
    }


def _answer(dice: random.Random, at: datetime, model: Model, tier: str | None) -> dict[str, Any]:
    (end,) = dice.choices([*ENDS], [*ENDS.values()])
    slower = {"flex": 2.5, "priority": 0.7}.get(tier or "", 1.0)
    made = int(dice.lognormvariate(5.3, 0.8)) + 1
    first_s = model.first_s * slower * dice.lognormvariate(0, 0.35)
    lasted = first_s + made / (model.speed * dice.lognormvariate(0, 0.2))
    found: dict[str, Any] = {
        "response_id": f"r-{dice.getrandbits(64):016x}",
        "model": model.name,
        "model_source": "response",
        "service_tier": tier,
        "received_at": at + timedelta(seconds=lasted),
        "finish_reason": end,
        "native_finish_reason": NATIVE.get(end, end),
        "refused": end in {"refusal", "content_filter"},
        "truncated": end == "length",
        "timing.latency_s": round(lasted, 6),
        "timing.time_to_first_token_s": round(first_s, 6),
        **_counts(dice, model, made),
    }
    if found["refused"]:
        found["refusal.source"] = "content_filter" if end == "content_filter" else "stop_reason"
    if model.provider == "groq":
        found["timing.queue_s"] = round(dice.expovariate(12), 6)
    if model.provider in {"openai", "anthropic", "groq"}:
        found |= {
            "rate_limits.tokens_limit": 2_000_000,
            "rate_limits.tokens_remaining": _left(dice, at, 2_000_000),
        }
        found |= {
            "rate_limits.requests_limit": 5_000,
            "rate_limits.requests_remaining": _left(dice, at, 5_000),
        }
    return {path: value for path, value in found.items() if value is not None}


def _left(dice: random.Random, at: datetime, limit: int) -> int:
    busy = 0.5 - 0.4 * cos(2 * pi * ((at.hour + at.minute / 60) / 24 - 0.1))
    return int(limit * max(0.02, 1 - busy * dice.uniform(0.3, 1)))


def _counts(dice: random.Random, model: Model, made: int) -> dict[str, Any]:
    prompt = int(dice.lognormvariate(7.6, 0.7)) + 20
    hit = prompt > 1024 and dice.random() < 0.55
    read = int(prompt * dice.uniform(0.4, 0.95)) // 128 * 128 if hit else 0
    written = int((prompt - read) * 0.7) if model.provider == "anthropic" and dice.random() < 0.3 else 0
    price = {
        name: Decimal(getattr(model, name)) / MILLION for name in ("input", "cached", "written", "output")
    }
    paid = (prompt - read - written) * price["input"] + read * price["cached"] + written * price["written"]
    told = {
        "usage.input_tokens": prompt,
        "usage.output_tokens": made,
        "usage.total_tokens": prompt + made,
        "usage.cache_read_tokens": read,
        "usage.cache_write_tokens": written,
    }
    if dice.random() < 0.01:
        return told | {"cost.unpriced_reason": "unknown_model", "cost.currency": "USD"}
    return told | {
        "cost.total": paid + made * price["output"],
        "cost.input": paid,
        "cost.output": made * price["output"],
        "cost.cache_discount": prompt * price["input"] - paid,
        "cost.currency": "USD",
        "cost.source": "computed",
    }
