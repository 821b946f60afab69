"""The yardstick: what a good engineer writes by hand to put the same metadata on a run, for OpenAI's answers alone.

It knows one provider, one way of calling, one model's prices, and trusts what it is handed: no secrets are looked for,
nothing is bounded, nothing is summed up, nothing can be set. Its keys and values are ours, which a test compares.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langsmith.run_trees import RunTree

NANO_DOLLARS = {"gpt-5-mini-2025-08-07": (250, 25, 2000)}
"""Of one token: input, input from the cache, output."""
PRICE_VERSION = f"genai-prices {version('genai-prices')}"

RUNS: dict[UUID, Call] = {}


class Call:
    """One model call under way."""

    __slots__ = ("ended", "message", "name", "received", "started", "streamed")

    def __init__(self, name: str) -> None:
        self.name, self.streamed, self.message = name, False, None
        self.started = perf_counter()


class Floor(BaseCallbackHandler):
    """Notes start and end of each call."""

    run_inline = True
    ignore_chain = ignore_agent = ignore_retriever = ignore_retry = ignore_custom_event = True  # type: ignore[assignment]

    def on_chat_model_start(self, serialized: Any, messages: Any, *, run_id: UUID, **kwargs: Any) -> None:
        RUNS[run_id] = Call(serialized["id"][-1])

    def on_llm_new_token(self, token: str, *, run_id: UUID, **kwargs: Any) -> None:
        RUNS[run_id].streamed = True

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        call = RUNS[run_id]
        call.ended, call.received = perf_counter(), datetime.now(UTC)
        call.message = response.generations[0][0].message


def wrapped(patch: Callable[..., Any]) -> Callable[..., Any]:
    """`RunTree.patch` that adds the keys first."""

    def with_metadata(self: RunTree, *args: Any, **kwargs: Any) -> Any:
        call = RUNS.pop(self.id, None)
        if call is not None and call.message is not None:
            extra = self.extra or {}
            self.extra = {**extra, "metadata": {**(extra.get("metadata") or {}), **keys_of(call, self)}}
        return patch(self, *args, **kwargs)

    return with_metadata


def keys_of(call: Call, run: RunTree) -> dict[str, Any]:
    """The flat keys, the nested record, and the usage with its costs."""
    told, counted = call.message.response_metadata, call.message.usage_metadata  # type: ignore[union-attr]
    usage = _usage(counted, told.get("token_usage") or {})
    costs = _Costs(usage, told["model_name"])
    reason, latency = told["finish_reason"], round(call.ended - call.started, 6)
    facts = {
        "model": told["model_name"],
        "response_id": told.get("id"),
        "service_tier": told.get("service_tier"),
        "native_finish_reason": reason,
        "finish_reason": reason,
        "truncated": reason == "length",
        "refused": reason == "content_filter",
        "provider": "openai",
        "api": "chat_completions",
        "integration": call.name,
        "streamed": call.streamed,
        "schema_version": "1.1",
    }
    record = {
        **facts,
        "trace_id": str(run.trace_id),
        "run_id": str(run.id),
        "system_fingerprint": told.get("system_fingerprint"),
        "model_source": "response",
        "role": "assistant",
        "received_at": call.received.isoformat(),
        "usage": usage,
        "timing": {"latency_s": latency},
        "cost": costs.record(),
    }
    if run.parent_run_id is not None:
        record["parent_run_id"] = str(run.parent_run_id)
    flat = {f"respmeta_{name}": value for name, value in facts.items()}
    flat |= {f"respmeta_{name}": usage[name] for name in _FLAT_COUNTS}
    flat["respmeta_latency_s"] = latency
    flat["respmeta_cost_usd"] = costs.total / 1e9
    flat["respmeta_cost_source"] = "computed"
    flat["respmeta_cache_discount_usd"] = costs.discount / 1e9
    flat["respmeta_cache_read_share"] = round(usage["cache_read_tokens"] / usage["input_tokens"], 4)
    return {**flat, "respmeta": record, "usage_metadata": {**_disjoint(counted), **costs.of_langsmith()}}


_FLAT_COUNTS = ("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "reasoning_tokens")


def _usage(counted: dict[str, Any], told: dict[str, Any]) -> dict[str, int]:
    read, made = counted.get("input_token_details", {}), counted.get("output_token_details", {})
    usage = {
        "input_tokens": counted["input_tokens"],
        "output_tokens": counted["output_tokens"],
        "total_tokens": counted["total_tokens"],
        "cache_read_tokens": read.get("cache_read", 0),
        "input_audio_tokens": read.get("audio", 0),
        "reasoning_tokens": made.get("reasoning", 0),
        "output_audio_tokens": made.get("audio", 0),
    }
    details = told.get("completion_tokens_details")
    if details:
        usage["accepted_prediction_tokens"] = details["accepted_prediction_tokens"]
        usage["rejected_prediction_tokens"] = details["rejected_prediction_tokens"]
    return usage


def _disjoint(counted: dict[str, Any]) -> dict[str, Any]:
    """A copy, which the run may keep."""
    return {name: dict(value) if type(value) is dict else value for name, value in counted.items()}


class _Costs:
    """In billionths of a dollar, exactly."""

    __slots__ = ("cached", "discount", "input", "output", "reasoning", "total")

    def __init__(self, usage: dict[str, int], model: str) -> None:
        rate_in, rate_cached, rate_out = NANO_DOLLARS[model]
        cached = usage["cache_read_tokens"]
        self.cached, self.discount = cached * rate_cached, cached * (rate_in - rate_cached)
        self.input = (usage["input_tokens"] - cached) * rate_in + self.cached
        self.output = usage["output_tokens"] * rate_out
        self.reasoning = usage["reasoning_tokens"] * rate_out
        self.total = self.input + self.output

    def record(self) -> dict[str, str]:
        """As the record has them: exact texts."""
        return {
            "total": _dollars(self.total),
            "input": _dollars(self.input),
            "output": _dollars(self.output),
            "cache_read": _dollars(self.cached),
            "reasoning": _dollars(self.reasoning),
            "cache_discount": _dollars(self.discount),
            "currency": "USD",
            "source": "computed",
            "price_version": PRICE_VERSION,
        }

    def of_langsmith(self) -> dict[str, Any]:
        """As LangSmith's usage column has them."""
        return {
            "total_cost": self.total / 1e9,
            "input_cost": self.input / 1e9,
            "output_cost": self.output / 1e9,
            "input_cost_details": {
                "cache_read": self.cached / 1e9,
                "text": (self.input - self.cached) / 1e9,
            },
            "output_cost_details": {
                "reasoning": self.reasoning / 1e9,
                "text": (self.output - self.reasoning) / 1e9,
            },
        }


def _dollars(nano: int) -> str:
    return f"{nano // 10**9}.{nano % 10**9:09d}"
