"""Runs as a handler and the tracer send them, written by hand: seven providers, an agent, all that can go wrong."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from langchain_respmeta.local import Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store.run_parts import part_of

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>"


def new_id() -> str:
    return str(uuid.uuid4())


def segment(start: datetime, run_id: str) -> str:
    return start.strftime("%Y%m%dT%H%M%S%fZ") + run_id


def run_body(
    *,
    name: str = "run",
    run_type: str = "llm",
    at_s: float = 0,
    lasts_s: float | None = 1.0,
    parent: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    project: str = "demo",
    **fields: Any,
) -> dict[str, Any]:
    """A finished run (unfinished with `lasts_s=None`) with everything a batch must carry."""
    run_id, start = new_id(), START + timedelta(seconds=at_s)
    own = segment(start, run_id)
    return {
        "id": run_id,
        "trace_id": parent["trace_id"] if parent else run_id,
        "parent_run_id": parent["id"] if parent else None,
        "dotted_order": f"{parent['dotted_order']}.{own}" if parent else own,
        "name": name,
        "run_type": run_type,
        "start_time": start.isoformat(),
        "end_time": None if lasts_s is None else (start + timedelta(seconds=lasts_s)).isoformat(),
        "extra": {"metadata": metadata or {}},
        "inputs": {"messages": [["hello"]]},
        "outputs": None,
        "session_name": project,
        **fields,
    }


def record(provider: str, model: str, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """Metadata of one model call: the flat keys, and the nested record."""
    flat = {
        "schema_version": "1.0",
        "provider": provider,
        "integration": f"Chat{provider.title()}",
        "model": model,
        "finish_reason": finish,
        "refused": finish == "refusal",
        "truncated": finish == "length",
        "input_tokens": 1200,
        "output_tokens": 80,
        "total_tokens": 1280,
        "cost_usd": 0.0125,
        "latency_s": 1.25,
    } | more.pop("flat", {})
    usage = {name: flat[name] for name in ("input_tokens", "output_tokens", "total_tokens")}
    nested = {
        "schema_version": "1.0",
        "provider": provider,
        "model": model,
        "finish_reason": finish,
        "usage": usage,
        "cost": {"total": str(flat["cost_usd"]), "currency": "USD", "source": "computed"},
    } | more
    return {
        **{f"respmeta_{key}": value for key, value in flat.items()},
        "respmeta": nested,
        "usage_metadata": {**usage, "total_cost": flat["cost_usd"]},
    }


def answer(response_metadata: dict[str, Any]) -> dict[str, Any]:
    """Outputs of a chat model's run as the tracer dumps them."""
    kwargs = {
        "content": "hi",
        "response_metadata": response_metadata,
        "usage_metadata": {"input_tokens": 1200},
    }
    return {"generations": [[{"text": "hi", "message": {"lc": 1, "type": "constructor", "kwargs": kwargs}}]]}


def agent() -> list[dict[str, Any]]:
    """A root with a roll-up, two model calls and a tool below it, and a chain that carries no record."""
    rollup = {
        "llm_calls": 2,
        "input_tokens": 2400,
        "output_tokens": 160,
        "total_tokens": 2560,
        "cost_usd": 0.025,
    }
    metadata = {f"respmeta_{key}": value for key, value in rollup.items()} | {
        "respmeta_models": "claude-sonnet-4-5",
        "respmeta_providers": "anthropic",
        "respmeta_finish_reason": "tool_calls",
        "respmeta": {
            "schema_version": "1.0",
            "rollup": {**rollup, "by_model": {"claude-sonnet-4-5": {"llm_calls": 2, "total_tokens": 2560}}},
        },
    }
    root = run_body(name="agent", run_type="chain", at_s=60, lasts_s=9, metadata=metadata, project="agents")
    step = run_body(name="model", run_type="chain", at_s=60.5, lasts_s=3, parent=root, project="agents")
    first = run_body(
        name="ChatAnthropic",
        at_s=61,
        lasts_s=2,
        parent=step,
        project="agents",
        metadata=record(
            "anthropic",
            "claude-sonnet-4-5",
            "tool_calls",
            tool_calls=[{"id": "toolu_1", "name": "search", "valid": True}],
            flat={"tool_calls": 1},
        ),
        outputs=answer({"stop_reason": "tool_use", "id": "msg_1"}),
    )
    tool = run_body(name="search", run_type="tool", at_s=64, lasts_s=1, parent=root, project="agents")
    last = run_body(
        name="ChatAnthropic",
        at_s=66,
        lasts_s=2,
        parent=root,
        project="agents",
        metadata=record("anthropic", "claude-sonnet-4-5"),
    )
    return [root, step, first, tool, last]


def calls() -> list[dict[str, Any]]:
    """One call each of seven providers, with a refusal, a truncation, an error and a hostile value among them."""
    refusal = {"reason": HOSTILE, "source": "message"}
    made = [
        record(
            "openai",
            "gpt-5-mini",
            flat={"cache_read_tokens": 900, "cache_read_share": 0.75, "streamed": True},
        ),
        record(
            "anthropic", "claude-sonnet-4-5", "refusal", refusal=refusal, flat={"service_tier": "standard"}
        ),
        record("gcp.gemini", "gemini-2.5-flash", "length", flat={"cost_usd": 0.0002}),
        record(
            "aws.bedrock",
            "amazon.nova-pro-v1:0",
            warnings=["input + output is not total"],
            flat={"warnings": 1},
        ),
        record("mistral_ai", HOSTILE),
        record("groq", "openai/gpt-oss-120b", flat={"service_tier": "flex", "input_tokens": 9000}),
        record(
            "fireworks",
            "accounts/fireworks/models/kimi-k2",
            "error",
            error={"type": "RateLimitError", "status_code": 429},
            flat={"error_type": "RateLimitError", "error_status": 429},
        ),
    ]
    return [
        run_body(
            name=f"Chat {index}",
            at_s=index,
            metadata=metadata,
            error="RateLimitError('slow down')" if "respmeta_error_type" in metadata else None,
            outputs=answer({"finish_reason": metadata["respmeta_finish_reason"]}),
        )
        for index, metadata in enumerate(made)
    ]


def store_runs(store: Store, runs: list[dict[str, Any]]) -> None:
    """Put finished runs into a store as a merged post brings them."""
    store_batch(store, Batch([part_of("post", run["id"], run) for run in runs]))
