"""The fields of the record.

Everywhere `None` means "not reported" and `0` means "reported as zero". Field names are final: a name may be added in a
later `schema_version`, none is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from langchain_respmeta.record.measures import Cost, Http, RateLimits, Timing, Usage
from langchain_respmeta.record.parts import (
    STRICT,
    Citation,
    ErrorInfo,
    Logprobs,
    Media,
    Reasoning,
    Refusal,
    Routing,
    SafetyRating,
    StructuredOutput,
    ToolCall,
    ToolExecution,
)
from langchain_respmeta.record.vocabulary import (
    SCHEMA_VERSION,
    Event,
    FinishReason,
    ModelSource,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RecordFields:
    """The fields of a `ResponseMetadata`: what a provider said about one answer."""

    __pydantic_config__ = STRICT

    schema_version: str = SCHEMA_VERSION
    """Version of this shape, `major.minor`."""
    run_id: str | None = None
    """Id of the model's run in LangChain and LangSmith."""
    trace_id: str | None = None
    """Id of the root run above it."""
    parent_run_id: str | None = None
    """Id of the run directly above it."""
    run_name: str | None = None
    """The run's name; without one of the caller's, the model's class."""
    thread_id: str | None = None
    """The conversation: `thread_id` of the run's metadata, else its `session_id` or `conversation_id`."""
    agent_name: str | None = None
    """The agent that called: `create_agent(name=…)`, else `agent_name` of the run's metadata."""
    graph_node: str | None = None
    """LangGraph's node that called."""
    graph_step: int | None = None
    """LangGraph's step in which it did."""
    tags: tuple[str, ...] = ()
    """The run's own tags; only where `by` names `"tags"`."""
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """Of the run's own metadata, the keys that `by` names."""
    response_id: str | None = None
    """The provider's id of the answer (`chatcmpl-…`, `resp_…`, `msg_…`, `gen-…`)."""
    request_id: str | None = None
    """The provider's id of the request (`x-request-id`, AWS `RequestId`)."""
    provider: str = "unknown"
    """Who was called, in OpenTelemetry GenAI's words."""
    integration: str | None = None
    """The LangChain class, e.g. `ChatOpenAI`."""
    api: str | None = None
    """chat_completions, responses, messages, converse, invoke_model, generate_content, …"""
    model: str | None = None
    """As the provider answered it; see `model_source`."""
    model_source: ModelSource | None = None
    """`request` where the integration hands over the name that was asked for in place of the one that served."""
    requested_model: str | None = None
    """The model that the call asked for."""
    created_at: datetime | None = None
    """The provider's own time (UTC); never invented."""
    received_at: datetime | None = None
    """When the handler saw the end (UTC)."""
    service_tier: str | None = None
    """The tier that served, in the provider's word (`default`, `flex`, `priority`, …)."""
    system_fingerprint: str | None = None
    """Deprecated by OpenAI; kept as long as providers send it."""
    streamed: bool | None = None
    """Whether the answer came in chunks."""
    cancelled: bool | None = None
    """True where the caller stopped listening before the answer's end: before its finish word."""
    langchain_cache_hit: bool | None = None
    """Answered from LangChain's own cache: nothing was billed, the cost is 0."""
    attempt: int | None = None
    """1 for the first try of a call, 2 for its first retry or fallback, …"""
    superseded: bool | None = None
    """True when a later attempt took this one's place."""
    previous_run_id: str | None = None
    """Run id of the attempt before this one."""
    role: str | None = None
    """Who speaks, in the provider's word; as a rule `assistant`."""
    routing: Routing | None = None
    """Who really served it behind a router or a cloud."""

    finish_reason: FinishReason | None = None
    """Why the answer ended, in one of the words of `FinishReason`: the provider's, if one came, also where the call then
    failed (see `error`) or was given up. A refusal in an OpenAI message ends with its `stop`; see `refused`."""
    native_finish_reason: str | None = None
    """The provider's own word, untouched."""
    stop_sequence: str | None = None
    """The stop sequence that matched."""
    truncated: bool | None = False
    """A token limit cut the answer. None: no reader recognized the answer."""
    refused: bool | None = False
    """The answer was declined or withheld; see `refusal`. None: no reader recognized the answer."""
    refusal: Refusal | None = None
    """That, and why, the answer was declined or withheld."""
    safety: tuple[SafetyRating, ...] = ()
    """Judgements of safety systems."""
    error: ErrorInfo | None = None
    """Why the call failed; the answer may have come whole all the same."""

    tool_calls: tuple[ToolCall, ...] = ()
    """Tools that the model asked for or the provider ran."""
    tool_executions: tuple[ToolExecution, ...] = ()
    """The executions of those calls."""
    citations: tuple[Citation, ...] = ()
    """Sources that the answer names."""
    structured_output: StructuredOutput | None = None
    """The outcome of a request for structured output."""
    reasoning: Reasoning | None = None
    """Whether the answer came with reasoning."""
    media: tuple[Media, ...] = ()
    """Images, sounds, videos and files in the answer."""
    logprobs: Logprobs | None = None
    """Probabilities of the tokens, summed up."""
    candidates: int | None = None
    """How many generations the call returned; each has a record, only the first has usage and cost."""
    candidate_index: int | None = None
    """Which of them this is, from 0."""

    usage: Usage | None = None
    """Tokens and other billed things."""
    cost: Cost | None = None
    """What the call cost."""
    timing: Timing | None = None
    """How long things took."""
    rate_limits: RateLimits | None = None
    """The limits in the provider's headers."""
    http: Http | None = None
    """The transport's own facts."""

    updated_session_state: Mapping[str, Any] | None = None
    """Keys of an agent's state that changed, by who changed them. Values are content: only with `include_content=True`."""
    compression_stats: Mapping[str, Any] | None = None
    """What a middleware removed from the messages: counts of messages and tokens before and after."""
    event: Event = "assistant_response"
    """What the record is about; see `Event`."""
    provider_data: Mapping[str, Any] = field(default_factory=dict)
    """Everything the provider sent that has no field above, untouched but for being JSON-safe."""
    warnings: tuple[str, ...] = ()
    """The record's own checks that failed; the numbers stay as reported."""
    unmapped: tuple[str, ...] = ()
    """Paths in `provider_data` (and words) that are in no table."""
    trimmed: Mapping[str, Any] = field(default_factory=dict)
    """What this copy lacks because it had to fit its place (a run's metadata): list → how many items were cut."""


RecordT = TypeVar("RecordT", bound=RecordFields)
"""The class of a record to read."""
