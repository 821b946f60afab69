"""Starts: the same answer of another class, at another address, of another model, asked for otherwise."""

from __future__ import annotations

from random import Random
from typing import Any

from langchain_respmeta.providers.engine.run_start import NAMED
from tests.speed.case import Case, copied
from tests.speed.changes.pools import Pools

ADDRESSES = (
    "https://api.openai.com/v1",
    "https://eu.api.openai.com/v1",
    "https://openrouter.ai/api/v1",
    "http://localhost:8000/v1",
    "http://10.0.0.7/v1",
    "https://api.groq.com/openai/v1",
    "https://res.openai.azure.com/",
    "https://api.anthropic.com",
    "https://api.deepseek.com",
    "https://bedrock-runtime.eu-west-1.amazonaws.com",
    "https://europe-west4-aiplatform.googleapis.com",
    "https://ai-gateway.vercel.sh/v1",
    "https://gateway.ai.cloudflare.com/v1/a/b/openai",
    "https://proxy.example.com/v1",
    "not an address",
    "",
)

ASKED: tuple[tuple[str, Any], ...] = (
    *(("service_tier", tier) for tier in ("flex", "priority", "auto", "default", "batch", "standard_only")),
    ("speed", "fast"),
    ("inference_geo", "us"),
    ("performance_config", {"latency": "optimized"}),
    ("region_name", "eu-west-1"),
    ("location", "global"),
    ("tools", [{"type": "web_search"}]),
    ("tools", [{"type": "advisor_20260301"}]),
    ("context_management", {"edits": [{"type": "compact_20260112"}]}),
    ("plugins", [{"id": "web"}]),
    ("web_search_options", {}),
    ("search_parameters", {"mode": "on"}),
    ("cache_control", {"type": "ephemeral", "ttl": "1h"}),
    ("modalities", ["text", "audio"]),
    ("response_format", {"type": "json_object"}),
    ("extra_body", {"service_tier": "flex"}),
    ("extra_headers", {"X-Vertex-AI-LLM-Shared-Request-Type": "priority"}),
    ("model", "openai/gpt-4o:online"),
    ("models", ["@preset/mine"]),
)


def other_start(case: Case, pools: Pools, random: Random) -> str | None:
    """The start of another answer, or none at all."""
    case.start = {} if random.random() < 0.1 else copied(random.choice(pools.starts))
    return f"start: {_shown(case)}"


def other_class(case: Case, pools: Pools, random: Random) -> str | None:
    serialized = random.choice(pools.starts).get("serialized")
    case.start["serialized"] = {**_part(case, "serialized"), "id": copied((serialized or {}).get("id"))}
    return f"start: {_shown(case)}"


def other_address(case: Case, _: Pools, random: Random) -> str | None:
    address = random.choice(ADDRESSES)
    case.start.pop("base_url", None)
    kwargs = {"openai_api_base": address} if random.random() < 0.5 else {"base_url": address}
    case.start["serialized"] = {**_part(case, "serialized"), "kwargs": kwargs}
    return f"start: at {address}"


def other_model(case: Case, pools: Pools, random: Random) -> str | None:
    names = pools.words.get("model_name", []) + pools.words.get("model", [])
    model = random.choice([*names, "", "gpt-4o", "claude-sonnet-4-5", "vendor/model", "unknown-model"])
    case.start.pop("requested_model", None)
    case.start["invocation_params"] = {**_part(case, "invocation_params"), "model": model}
    return f"start: asked for {model!r:.60}"


def other_kind(case: Case, pools: Pools, random: Random) -> str | None:
    other = random.choice(pools.starts)
    for part, name in (("metadata", "ls_provider"), ("invocation_params", "_type")):
        told = (other.get(part) or {}).get(name)
        case.start[part] = {**_part(case, part), name: told}
    return f"start: {_shown(case)}"


def asked_otherwise(case: Case, _: Pools, random: Random) -> str | None:
    name, value = random.choice(ASKED)
    part = random.choice(("invocation_params", "invocation_params", "kwargs"))
    if part == "kwargs":
        serialized = _part(case, "serialized")
        kwargs = serialized.get("kwargs") or {}
        case.start["serialized"] = {**serialized, "kwargs": {**kwargs, name: copied(value)}}
    else:
        case.start[part] = {**_part(case, part), name: copied(value)}
    return f"start: {name}={value!r:.60}"


def named(case: Case, _: Pools, random: Random) -> str | None:
    word = random.choice(
        ("groq", "openai", "openrouter", "nobody", "anthropic", "azure.ai.openai", "unknown")
    )
    case.start["metadata"] = {**_part(case, "metadata"), NAMED: word}
    return f"start: named {word}"


def told_otherwise(case: Case, _: Pools, random: Random) -> str | None:
    name = random.choice(("heard", "response_format", "faults"))
    case.start[name] = (
        ["the start could not be read: RuntimeError"] if name == "faults" else random.random() < 0.7
    )
    return f"start: {name}={case.start[name]}"


def _part(case: Case, name: str) -> dict[str, Any]:
    part = case.start.get(name)
    return part if isinstance(part, dict) else {}


def _shown(case: Case) -> str:
    kinds = _part(case, "metadata").get("ls_provider"), _part(case, "invocation_params").get("_type")
    return f"{_part(case, 'serialized').get('id')!r:.60} {kinds}"


STARTS = (
    other_start,
    other_class,
    other_class,
    other_address,
    other_address,
    other_model,
    other_kind,
    asked_otherwise,
    asked_otherwise,
    named,
    told_otherwise,
)
