"""The names of all metrics: one table, with units, labels and buckets, for OpenTelemetry and for Prometheus.

The `gen_ai.…` names are those of the GenAI conventions, written out here because they moved to a repository of their own and
every constant of them in the Python package of the conventions is marked deprecated:
<https://github.com/open-telemetry/semantic-conventions-genai>. What the conventions have no name for is `respmeta.…`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

NAMES_VERSION: Final = "1.0"
"""Version of this table, major.minor: a name may be added, none changes its meaning or goes within a major version."""

OPT_IN: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"
"""The conventions' own variable: a comma-separated list of words."""

LATEST: Final = "gen_ai_latest_experimental"
"""The word in it that asks for the newest GenAI names, in place of the older ones."""

Kind: TypeAlias = Literal["counter", "histogram"]
Era: TypeAlias = Literal["own", "default", "latest"]
"""Whose name it is: ours, the conventions' up to v1.41 (default), or the conventions' newest (November 2026)."""

SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The conventions' buckets for times."""
TOKENS: Final = tuple(4**power for power in range(14))
"""The conventions' buckets for tokens: 1 to 67,108,864."""

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
SERVICE_TIER: Final = "respmeta.service_tier"
ERROR_TYPE: Final = "error.type"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 - a name of the conventions
MODALITY: Final = "gen_ai.token.modality"
FINISH_REASON: Final = "respmeta.finish_reason"
REFUSAL_SOURCE: Final = "respmeta.refusal_source"
UNPRICED_REASON: Final = "respmeta.unpriced_reason"

LABELS: Final[Mapping[str, str]] = {
    OPERATION: "`chat`, `text_completion` or `generate_content`",
    PROVIDER: "who was called",
    REQUEST_MODEL: "the model that the call asked for",
    RESPONSE_MODEL: "the model that served",
    SERVICE_TIER: "the tier that served, in the provider's word",
    ERROR_TYPE: "the exception's class or the provider's error type; `_OTHER` where neither is known",
    TOKEN_TYPE: "`input` or `output`",
    MODALITY: "`audio`, `image`, `video`, and `unknown` for tokens whose modality the provider does not tell",
    FINISH_REASON: "why the answer ended, in one of the record's words",
    REFUSAL_SOURCE: "where the refusal was found",
    UNPRICED_REASON: "why there is no price",
}
"""Label → what it says."""

BASE: Final = (OPERATION, PROVIDER, REQUEST_MODEL, RESPONSE_MODEL, SERVICE_TIER)
"""Labels of every metric, as far as the call tells them."""

OF_RECORD: Final[Mapping[str, str]] = {
    "thread_id": "gen_ai.conversation.id",
    "agent_name": "gen_ai.agent.name",
    "graph_node": "respmeta.graph_node",
    "graph_step": "respmeta.graph_step",
    "integration": "respmeta.integration",
    "api": "respmeta.api",
    "run_name": "respmeta.run_name",
    "tags": "respmeta.tags",
}
"""Words of `by` that are facts of the record → their label. Any other word is a key of the run's own metadata, and its label."""

ALWAYS: Final[Mapping[str, str]] = {
    "provider": PROVIDER,
    "model": RESPONSE_MODEL,
    "requested_model": REQUEST_MODEL,
    "service_tier": SERVICE_TIER,
    "finish_reason": FINISH_REASON,
}
"""Facts of the record that `by` need not name → the label that they have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric."""

    name: str
    """Its name in OpenTelemetry."""
    kind: Kind
    unit: str
    """In UCUM, as OpenTelemetry writes units: seconds are `s`, words in braces are what is counted."""
    meaning: str
    labels: tuple[str, ...] = ()
    """Beside `BASE` and what `by` names."""
    buckets: tuple[float, ...] = ()
    era: Era = "own"

    @property
    def family(self) -> str:
        """Its name in Prometheus without the ending of a sample, as OpenTelemetry's exporters translate it."""
        return _underscored(self.name) + ("_seconds" if self.unit == "s" else "")

    @property
    def samples(self) -> tuple[str, ...]:
        """The names that Prometheus stores."""
        endings = ("_total",) if self.kind == "counter" else ("_bucket", "_sum", "_count")
        return tuple(self.family + ending for ending in endings)


def label_of(word: str) -> str:
    """The OpenTelemetry label of a word of `by`."""
    return OF_RECORD.get(word, word)


def prometheus_label(label: str) -> str:
    """A label's name in Prometheus."""
    plain = _underscored(label)
    return f"_{plain}" if plain[:1].isdigit() else plain


def _underscored(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", name)


def _counter(name: str, unit: str, meaning: str, *labels: str, era: Era = "own") -> Metric:
    return Metric(name=name, kind="counter", unit=unit, meaning=meaning, labels=labels, era=era)


def _times(name: str, meaning: str, *labels: str, era: Era = "own") -> Metric:
    return Metric(
        name=name, kind="histogram", unit="s", meaning=meaning, labels=labels, buckets=SECONDS, era=era
    )


def _sizes(name: str, meaning: str, *labels: str, era: Era) -> Metric:
    return Metric(
        name=name, kind="histogram", unit="{token}", meaning=meaning, labels=labels, buckets=TOKENS, era=era
    )


_CLIENT: Final = "gen_ai.client"
_USAGE: Final = f"{_CLIENT}.inference.usage"

METRICS: Final = (
    _counter("respmeta.calls", "{call}", "Calls that ended.", FINISH_REASON),
    _counter("respmeta.errors", "{call}", "Calls that failed.", ERROR_TYPE),
    _counter("respmeta.refusals", "{call}", "Calls whose answer was declined or withheld.", REFUSAL_SOURCE),
    _counter("respmeta.truncations", "{call}", "Calls whose answer a token limit cut."),
    _counter("respmeta.superseded_calls", "{call}", "Calls whose place a retry or a fallback took."),
    _counter("respmeta.input_tokens", "{token}", "Tokens of prompts, cache reads and writes included."),
    _counter("respmeta.output_tokens", "{token}", "Tokens of answers, reasoning included."),
    _counter("respmeta.cache_read_tokens", "{token}", "Part of the input: read from the provider's cache."),
    _counter("respmeta.cache_write_tokens", "{token}", "Part of the input: written to the provider's cache."),
    _counter("respmeta.reasoning_tokens", "{token}", "Part of the output: reasoning."),
    _counter("respmeta.cost_usd", "{USD}", "What calls cost."),
    _counter("respmeta.superseded_cost_usd", "{USD}", "Part of the cost: of calls whose place another took."),
    _counter("respmeta.cache_saved_usd", "{USD}", "What calls cost less because of the provider's cache."),
    _counter(
        "respmeta.cache_added_usd",
        "{USD}",
        "What calls cost more because they wrote the provider's cache; saved less added is the net.",
    ),
    _counter(
        "respmeta.unpriced_calls", "{call}", "Calls without a price that may be billed.", UNPRICED_REASON
    ),
    _times("respmeta.time_to_first_token", "Seconds to the first chunk with text, reasoning or a tool call."),
    _times("respmeta.queue_time", "Seconds that calls waited at the provider before it started."),
    _sizes(f"{_CLIENT}.token.usage", "Tokens of each call.", TOKEN_TYPE, era="default"),
    _times(f"{_CLIENT}.operation.duration", "Seconds that calls took.", ERROR_TYPE, era="default"),
    _times(
        f"{_CLIENT}.operation.time_to_first_chunk",
        "Seconds to the first chunk, of streamed calls.",
        era="default",
    ),
    _counter(f"{_USAGE}.input_tokens", "{token}", "As `respmeta.input_tokens`.", MODALITY, era="latest"),
    _counter(f"{_USAGE}.output_tokens", "{token}", "As `respmeta.output_tokens`.", MODALITY, era="latest"),
    _counter(
        f"{_USAGE}.cache_read.input_tokens",
        "{token}",
        "As `respmeta.cache_read_tokens`.",
        MODALITY,
        era="latest",
    ),
    _counter(
        f"{_USAGE}.cache_write.input_tokens",
        "{token}",
        "As `respmeta.cache_write_tokens`.",
        MODALITY,
        era="latest",
    ),
    _counter(
        f"{_USAGE}.reasoning.output_tokens",
        "{token}",
        "As `respmeta.reasoning_tokens`.",
        MODALITY,
        era="latest",
    ),
    _sizes(
        f"{_CLIENT}.inference.operation.input_tokens",
        "Input tokens of each call that did not fail.",
        era="latest",
    ),
    _sizes(
        f"{_CLIENT}.inference.operation.output_tokens",
        "Output tokens of each call that did not fail.",
        era="latest",
    ),
    _times(f"{_CLIENT}.inference.duration", "Seconds that calls took.", ERROR_TYPE, era="latest"),
    _times(
        f"{_CLIENT}.inference.time_to_first_chunk",
        "Seconds to the first chunk, of streamed calls.",
        era="latest",
    ),
)
"""All metrics: ours, then the conventions' older ones, then those that take their place where `OPT_IN` asks for them."""


def metrics_for(opt_in: str | None) -> tuple[Metric, ...]:
    """The metrics that are recorded, by the value of `OPT_IN`."""
    words = {word.strip() for word in (opt_in or "").split(",")}
    left_out: Era = "default" if LATEST in words else "latest"
    return tuple(metric for metric in METRICS if metric.era != left_out)
