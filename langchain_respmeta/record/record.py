"""The record: one `ResponseMetadata` for each generation.

Everywhere `None` means "not reported" and `0` means "reported as zero". Instances are immutable and compare by
value. Field names are final: a name may be added in a later `schema_version`, none is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pydantic import ConfigDict

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record.vocabulary import (
    CostSource,
    Event,
    FinishReason,
    MediaKind,
    MediaOrigin,
    ModelSource,
    RefusalSource,
    SafetyScope,
    StructuredSource,
)

SCHEMA_VERSION: Final = "1.0"
"""Version of the record's shape, major.minor: a reader takes its own major and any minor up to its own."""

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Who really served the call behind a router or a cloud."""

    __pydantic_config__ = _STRICT

    upstream_provider: str | None = None
    """The vendor that ran the model, in the router's own word."""
    upstream_id: str | None = None
    """The vendor's id of the answer."""
    is_byok: bool | None = None
    """Whether the caller's own key at the vendor paid for it."""
    origin: str | None = None
    """Address of the application that asked, as the router knows it."""
    app_id: int | None = None
    """The router's number for that application (OpenRouter)."""
    external_user: str | None = None
    """The user's id that the caller gave to the router."""
    attempts: int | None = None
    """How many vendors or keys the router tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """That, and why, the answer was declined or withheld."""

    __pydantic_config__ = _STRICT

    reason: str | None = None
    """The words given for it. Content: only with `include_content=True`."""
    category: str | None = None
    """The provider's category, e.g. `cyber`, `PROHIBITED_CONTENT`, `violence`."""
    source: RefusalSource
    """Where it was said: in the message, the stop reason, by an output filter, a filter of the prompt, or a guardrail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRating:
    """One judgement of a safety system over the prompt or the completion."""

    __pydantic_config__ = _STRICT

    category: str
    """What was looked for, in the provider's own word (`HARM_CATEGORY_HARASSMENT`, `violence`, …)."""
    probability: str | None = None
    """How likely the harm is, in the provider's own word (Google: `NEGLIGIBLE` to `HIGH`)."""
    severity: str | None = None
    """How grave it is, in the provider's own word (`safe`, `low`, `medium`, `high`, …)."""
    score: float | None = None
    """The provider's own score (Google 0..1; others as documented by them)."""
    blocked: bool | None = None
    """Whether this judgement withheld the text."""
    scope: SafetyScope = "completion"
    """Whether the prompt or the completion was judged."""
    source: str
    """google, azure_content_filter, bedrock_guardrail, mistral, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorInfo:
    """Why a call failed."""

    __pydantic_config__ = _STRICT

    type: str
    """Name of the exception's class, or the provider's error type where the answer itself carried the error."""
    status_code: int | None = None
    """HTTP status; None where the error came in the midst of a stream, whose status was 200."""
    code: str | None = None
    """The provider's machine-readable code."""
    message: str | None = None
    """The provider's words. Content: only with `include_content=True`."""
    retry_after_s: float | None = None
    """Seconds after which the provider wants to be asked again, from its headers or the error."""
    retryable: bool | None = None
    """Whether the same call may succeed later, by the provider's code, else the exception's class, else the status; None
    where that is not known. Never True for spent money, ended contracts and wrong keys, whatever their status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool the model asked for, or that the provider ran itself."""

    __pydantic_config__ = _STRICT

    id: str | None = None
    """The call's id, to which the tool's result refers."""
    name: str | None = None
    """The tool's name."""
    valid: bool = True
    """False when the arguments could not be parsed, or the answer was cut before they ended."""
    server_side: bool = False
    """True for tools that the provider runs (web search, code execution, …)."""
    args_size_bytes: int | None = None
    """Size of the arguments as UTF-8 JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolExecution:
    """What became of one tool call."""

    __pydantic_config__ = _STRICT

    tool_call_id: str | None = None
    """Id of the call that the tool ran for."""
    tool_name: str | None = None
    """The tool's name."""
    tool_args: Mapping[str, Any] | None = None
    """Content: only with `include_content=True`."""
    result: str | None = None
    """Content: only with `include_content=True`."""
    tool_call_error: bool | None = None
    """Whether the tool failed: it raised, or its message says so."""
    cancelled: bool | None = None
    """True where it was stopped, or nobody waited for it, before it was done: no result, and no error of the tool."""
    child_run_id: str | None = None
    """Run id of the graph, agent or chain that the tool started."""
    duration_s: float | None = None
    """Seconds from the tool's start to its end, seen by the handler."""
    requires_confirmation: bool | None = None
    """Whether a person had to approve the call before it ran."""
    confirmed: bool | None = None
    """What that person decided; None while it waits or where nobody was asked."""
    requires_user_input: bool | None = None
    """Whether a person had to add something before it ran."""
    external_execution_required: bool | None = None
    """The call was returned to the caller unexecuted."""
    args_edited: bool | None = None
    """Whether a person changed the arguments before it ran."""
    attempt: int | None = None
    """Where the tool was run more than once for this call: 1, 2, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One source that the answer names."""

    __pydantic_config__ = _STRICT

    type: str
    """url, file, file_path, document, search_result, place, …"""
    text: str | None = None
    """The cited piece of the answer or its marker. Content: only with `include_content=True`."""
    start_index: int | None = None
    """First character of the span in the answer's text (counted over all its text blocks joined)."""
    end_index: int | None = None
    """One past the last character of the span in the answer's text."""
    url: str | None = None
    """Address of the source."""
    title: str | None = None
    """Title of the source."""
    filename: str | None = None
    """Name of the cited file."""
    file_id: str | None = None
    """The provider's id of the cited file."""
    quote: str | None = None
    """The words of the source. Content: only with `include_content=True`."""
    document_index: int | None = None
    """Place of the cited document among those of the request, from 0."""
    source: str | None = None
    """The provider's own word for the kind of citation, e.g. `url_citation`, `char_location`, `grounding`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredOutput:
    """What became of a request for structured output."""

    __pydantic_config__ = _STRICT

    requested: bool
    """Whether the call asked for structured output."""
    parsed: bool | None = None
    """Whether the answer became an object of the wanted type; None where nobody told."""
    type_name: str | None = None
    """Name of the wanted type or schema."""
    source: StructuredSource | None = None
    """Where it was read: `parsed` by the integration, or `raw_json` in the answer's text."""
    error: str | None = None
    """Why it could not be parsed. Content: only with `include_content=True`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """Whether the answer came with reasoning."""

    __pydantic_config__ = _STRICT

    present: bool
    """Whether there was any, readable or not."""
    redacted: bool = False
    """Whether the provider withheld or encrypted it."""
    text: str | None = None
    """Content: only with `include_content=True`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One image, sound, video or file in the answer: described, never copied."""

    __pydantic_config__ = _STRICT

    kind: MediaKind
    """`image`, `audio`, `video` or `file`."""
    mime_type: str | None = None
    """Its type, such as `image/png`."""
    size_bytes: int | None = None
    """Its size in bytes, where it came with the answer."""
    id: str | None = None
    """The provider's id of it."""
    url: str | None = None
    """Its address, where the provider gave one."""
    origin: MediaOrigin = "model"
    """Whether the model or a tool made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logprobs:
    """Natural-log probabilities of the answer's tokens, summed up."""

    __pydantic_config__ = _STRICT

    mean: float
    """Mean over the tokens, at most 0."""
    min: float
    """That of the least likely token."""
    tokens: int
    """How many tokens have one."""
    perplexity: float | None = None
    """exp(-mean); None where that is too large for a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts of tokens (and of a few other billed things). A detail is always a part of its whole."""

    __pydantic_config__ = _STRICT

    input_tokens: int | None = None
    """All tokens of the prompt, cache reads and writes included."""
    output_tokens: int | None = None
    """All tokens of the answer, reasoning included."""
    total_tokens: int | None = None
    """The provider's own sum."""
    cache_read_tokens: int | None = None
    """Part of `input_tokens`."""
    cache_write_tokens: int | None = None
    """Part of `input_tokens`; all lifetimes together."""
    cache_write_5m_tokens: int | None = None
    """Part of `cache_write_tokens`."""
    cache_write_1h_tokens: int | None = None
    """Part of `cache_write_tokens`."""
    reasoning_tokens: int | None = None
    """Part of `output_tokens`."""
    input_audio_tokens: int | None = None
    """Part of `input_tokens`."""
    output_audio_tokens: int | None = None
    """Part of `output_tokens`."""
    input_image_tokens: int | None = None
    """Part of `input_tokens`."""
    output_image_tokens: int | None = None
    """Part of `output_tokens`."""
    input_video_tokens: int | None = None
    """Part of `input_tokens`."""
    accepted_prediction_tokens: int | None = None
    """Part of `output_tokens`: predicted output that was used."""
    rejected_prediction_tokens: int | None = None
    """Part of `output_tokens`: predicted output that was billed but not used."""
    tool_use_prompt_tokens: int | None = None
    """Part of `input_tokens`: results of the provider's own tools (Gemini)."""
    web_search_requests: int | None = None
    """Searches that the provider's own tool ran; most providers bill each."""
    num_search_results: int | None = None
    """Search results that the router fed to the model (OpenRouter)."""
    num_media_prompt: int | None = None
    """Media in the prompt, as the router counted them (OpenRouter)."""
    num_media_completion: int | None = None
    """Media in the answer, as the router counted them (OpenRouter)."""
    native_input_tokens: int | None = None
    """As counted by the vendor's own tokenizer behind a router; so the next four."""
    native_output_tokens: int | None = None
    """The vendor's own count of the answer's tokens."""
    native_reasoning_tokens: int | None = None
    """The vendor's own count of reasoning tokens."""
    native_cached_tokens: int | None = None
    """The vendor's own count of tokens read from its cache."""
    native_output_image_tokens: int | None = None
    """The vendor's own count of tokens of images in the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the call cost, in `currency`."""

    __pydantic_config__ = _STRICT

    total: Decimal | None = None
    """All of it."""
    input: Decimal | None = None
    """Part of `total`: the prompt, cache reads and writes included."""
    output: Decimal | None = None
    """Part of `total`: the answer, reasoning included."""
    tools: Decimal | None = None
    """Fees of the provider's own tools (web and file searches), which are neither `input` nor `output`."""
    cache_read: Decimal | None = None
    """Part of `input`."""
    cache_write: Decimal | None = None
    """Part of `input`."""
    input_audio: Decimal | None = None
    """Part of `input`."""
    reasoning: Decimal | None = None
    """Part of `output`."""
    output_audio: Decimal | None = None
    """Part of `output`."""
    cache_discount: Decimal | None = None
    """What the cache saved (below 0: what writing it added): the router's number (OpenRouter), else from list prices."""
    upstream_inference: Decimal | None = None
    """What the vendor behind a router charged."""
    currency: str = "USD"
    """ISO 4217 code."""
    source: CostSource | None = None
    """`provider`: the provider's own number. `computed`: from `price_version`."""
    price_version: str | None = None
    """Which price data was used: package and version."""
    unpriced_reason: str | None = None
    """Why there is no `total`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, whatever unit the provider speaks."""

    __pydantic_config__ = _STRICT

    latency_s: float | None = None
    """Wall clock from the start to the end of the run, seen by the handler."""
    time_to_first_chunk_s: float | None = None
    """From the start of the run to the first chunk of a stream, whatever it holds."""
    time_to_first_token_s: float | None = None
    """To the first chunk that holds text, reasoning or a tool call."""
    generation_s: float | None = None
    """How long the answer was being generated, in the router's number (OpenRouter)."""
    queue_s: float | None = None
    """Waiting at the provider before it began."""
    prompt_s: float | None = None
    """Reading the prompt, in the provider's number."""
    completion_s: float | None = None
    """Producing the answer, in the provider's number."""
    provider_total_s: float | None = None
    """The provider's own total."""
    moderation_s: float | None = None
    """The router's moderation (OpenRouter)."""
    load_s: float | None = None
    """Loading the model (Ollama)."""
    tokens_per_second: float | None = None
    """Output tokens a second of generation: the provider's number, else output over the time that producing it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """What the provider's headers said about the limits after this call."""

    __pydantic_config__ = _STRICT

    requests_limit: int | None = None
    """Requests allowed in the provider's window."""
    requests_remaining: int | None = None
    """Requests left of them."""
    requests_reset_s: float | None = None
    """Seconds until they are whole again."""
    tokens_limit: int | None = None
    """Tokens allowed in the provider's window."""
    tokens_remaining: int | None = None
    """Tokens left of them."""
    tokens_reset_s: float | None = None
    """Seconds until they are whole again."""
    input_tokens_limit: int | None = None
    """Input tokens allowed in the provider's window."""
    input_tokens_remaining: int | None = None
    """Input tokens left of them."""
    input_tokens_reset_s: float | None = None
    """Seconds until they are whole again."""
    output_tokens_limit: int | None = None
    """Output tokens allowed in the provider's window."""
    output_tokens_remaining: int | None = None
    """Output tokens left of them."""
    output_tokens_reset_s: float | None = None
    """Seconds until they are whole again."""
    retry_after_s: float | None = None
    """Seconds after which the provider wants to be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The transport's own facts."""

    __pydantic_config__ = _STRICT

    status_code: int | None = None
    """HTTP status of the answer."""
    retry_attempts: int | None = None
    """Retries of the vendor's SDK before this answer."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """From a fixed list of names; never authorization, cookies or organization."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ResponseMetadata:
    """What a provider said about one answer."""

    __pydantic_config__ = _STRICT

    schema_version: str = SCHEMA_VERSION
    """Version of this shape, `major.minor`."""
    run_id: str | None = None
    """Id of the model's run in LangChain and LangSmith."""
    trace_id: str | None = None
    """Id of the root run above it."""
    parent_run_id: str | None = None
    """Id of the run directly above it."""
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
    truncated: bool = False
    """A token limit cut the answer."""
    refused: bool = False
    """The answer was declined or withheld; see `refusal`."""
    refusal: Refusal | None = None
    """That, and why, the answer was declined or withheld."""
    safety: tuple[SafetyRating, ...] = ()
    """Judgements of safety systems."""
    error: ErrorInfo | None = None
    """Why the call failed; the answer may have come whole all the same."""

    tool_calls: tuple[ToolCall, ...] = ()
    """Tools that the model asked for or the provider ran."""
    tool_executions: tuple[ToolExecution, ...] = ()
    """What became of those calls."""
    citations: tuple[Citation, ...] = ()
    """Sources that the answer names."""
    structured_output: StructuredOutput | None = None
    """What became of a request for structured output."""
    reasoning: Reasoning | None = None
    """Whether the answer came with reasoning."""
    media: tuple[Media, ...] = ()
    """Images, sounds, videos and files in the answer."""
    logprobs: Logprobs | None = None
    """Probabilities of the tokens, summed up."""
    candidates: int | None = None
    """How many generations the call gave; each has a record, usage and cost stand on the first only."""
    candidate_index: int | None = None
    """Which of them this is, from 0."""

    usage: Usage | None = None
    """Tokens and other billed things."""
    cost: Cost | None = None
    """What the call cost."""
    timing: Timing | None = None
    """How long things took."""
    rate_limits: RateLimits | None = None
    """The limits that the provider's headers told."""
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
    """The record's own checks that failed: it says so instead of bending the numbers."""
    unmapped: tuple[str, ...] = ()
    """Paths in `provider_data` (and words) that no table knows."""
    trimmed: Mapping[str, Any] = field(default_factory=dict)
    """What this copy lacks because it had to fit its place (a run's metadata): list → how many items were cut."""

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-ready plain data: what was not reported is left out.

        Times are ISO 8601 text, decimals are text. `from_dict` gives back an equal record.
        """
        with loading:
            from langchain_respmeta.record import json_codec

        return json_codec.to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ResponseMetadata:
        """Read what `to_dict` wrote, also after a round trip through JSON.

        Raises:
            RecordError: another version or shape; the message and `.field` name the place.
        """
        with loading:
            from langchain_respmeta.record import json_codec

        return json_codec.from_dict(data)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of what `to_dict` writes."""
        with loading:
            from langchain_respmeta.record import json_codec

        return json_codec.json_schema()

    def describe(self) -> str:
        """A "Response Analysis" of several lines, for people."""
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.describe(self)

    def render_with_citations(self, message: Any) -> str:
        """The text of `message` with a Markdown link behind, or around, each cited span."""
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.render_with_citations(self, message)

    def to_otel(self) -> dict[str, str | int | float | bool | list[str]]:
        """The record as OpenTelemetry GenAI attributes."""
        with loading:
            from langchain_respmeta.record.views import otel

        return otel.to_otel(self)

    def to_agno(self) -> dict[str, Any]:
        """The record as Agno's `ModelResponse.to_dict()` writes one; see `langchain_respmeta.interchange`."""
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.to_agno(self)

    @classmethod
    def from_agno(cls, data: Mapping[str, Any], *, include_content: bool = True) -> ResponseMetadata:
        """Read what Agno's `ModelResponse.to_dict()`, or `to_agno`, wrote.

        Raises:
            RecordError: a field has another kind of value; `.field` names it.
        """
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.from_agno(data, include_content=include_content)

    def to_openrouter(self) -> dict[str, Any]:
        """The record as OpenRouter's `GET /generation` answers: `{"data": {…}}`."""
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.to_openrouter(self)

    @classmethod
    def from_openrouter(cls, data: Mapping[str, Any]) -> ResponseMetadata:
        """Read a generation of OpenRouter's, in snake_case or camelCase.

        Raises:
            RecordError: it is not one, or a field has another kind of value; `.field` names it.
        """
        with loading:
            from langchain_respmeta.record.interchange import convert

        return convert.from_openrouter(data)

    def _repr_html_(self) -> str:
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.to_html(self)

    def __repr__(self) -> str:
        with loading:
            from langchain_respmeta.record.views import text as _describe

        return _describe.short(self)
