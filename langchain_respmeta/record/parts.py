"""Parts of the record about the answer: who served it, why it ended, what it contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ConfigDict

from langchain_respmeta.record.vocabulary import (
    MediaKind,
    MediaOrigin,
    RefusalSource,
    SafetyScope,
    StructuredSource,
)

STRICT: Final = ConfigDict(extra="forbid", use_attribute_docstrings=True)
"""An unknown name is an error; the docstrings below fields are their descriptions in the schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Who really served the call behind a router or a cloud."""

    __pydantic_config__ = STRICT

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

    __pydantic_config__ = STRICT

    reason: str | None = None
    """The words given for it. Content: only with `include_content=True`."""
    category: str | None = None
    """The provider's category, e.g. `cyber`, `PROHIBITED_CONTENT`, `violence`."""
    source: RefusalSource
    """Where it was found: in the message, the stop reason, by an output filter, a filter of the prompt, or a guardrail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRating:
    """One judgement of a safety system over the prompt or the completion."""

    __pydantic_config__ = STRICT

    category: str
    """The harm, in the provider's own word (`HARM_CATEGORY_HARASSMENT`, `violence`, …)."""
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

    __pydantic_config__ = STRICT

    type: str
    """Name of the exception's class, or the provider's error type where the answer itself carried the error."""
    status_code: int | None = None
    """HTTP status; None if the error came within a stream, whose status was 200."""
    code: str | None = None
    """The provider's machine-readable code."""
    message: str | None = None
    """The provider's words. Content: only with `include_content=True`."""
    retry_after_s: float | None = None
    """Seconds to wait before the next request, from the provider's headers or the error."""
    retryable: bool | None = None
    """Whether the same call may succeed later, by the provider's code, else the exception's class, else the status; None
    if that is not known. Never True for spent money, ended contracts and wrong keys, with any status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool the model asked for, or that the provider ran itself."""

    __pydantic_config__ = STRICT

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
    """The execution of one tool call."""

    __pydantic_config__ = STRICT

    tool_call_id: str | None = None
    """Id of the call that the tool ran for."""
    tool_name: str | None = None
    """The tool's name."""
    tool_args: Mapping[str, Any] | None = None
    """Content: only with `include_content=True`."""
    result: str | None = None
    """Content: only with `include_content=True`."""
    tool_call_error: bool | None = None
    """Whether the tool failed: it raised, or its message has an error status."""
    cancelled: bool | None = None
    """True if it was stopped or abandoned before it finished: no result, and no error of the tool."""
    child_run_id: str | None = None
    """Run id of the graph, agent or chain that the tool started."""
    duration_s: float | None = None
    """Seconds from the tool's start to its end, seen by the handler."""
    requires_confirmation: bool | None = None
    """Whether a person had to approve the call before it ran."""
    confirmed: bool | None = None
    """That person's decision; None while it waits or if no person was asked."""
    requires_user_input: bool | None = None
    """Whether a person had to add something before it ran."""
    external_execution_required: bool | None = None
    """The call was returned to the caller unexecuted."""
    args_edited: bool | None = None
    """Whether a person changed the arguments before it ran."""
    attempt: int | None = None
    """If the tool ran more than once for this call: 1, 2, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One source that the answer names."""

    __pydantic_config__ = STRICT

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
    """Index of the cited document in the request, from 0."""
    source: str | None = None
    """The provider's own word for the kind of citation, e.g. `url_citation`, `char_location`, `grounding`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredOutput:
    """The outcome of a request for structured output."""

    __pydantic_config__ = STRICT

    requested: bool
    """Whether the call asked for structured output."""
    parsed: bool | None = None
    """Whether the answer became an object of the requested type; None if not reported."""
    type_name: str | None = None
    """Name of the requested type or schema."""
    source: StructuredSource | None = None
    """Where it came from: `parsed` by the integration, or `raw_json` in the answer's text."""
    error: str | None = None
    """Why it could not be parsed. Content: only with `include_content=True`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """Whether the answer came with reasoning."""

    __pydantic_config__ = STRICT

    present: bool
    """Whether there was any, readable or not."""
    redacted: bool = False
    """Whether the provider withheld or encrypted it."""
    text: str | None = None
    """Content: only with `include_content=True`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One image, sound, video or file in the answer: described, never copied."""

    __pydantic_config__ = STRICT

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

    __pydantic_config__ = STRICT

    mean: float
    """Mean over the tokens, at most 0."""
    min: float
    """That of the least likely token."""
    tokens: int
    """How many tokens have one."""
    perplexity: float | None = None
    """exp(-mean); None where that is too large for a number."""
