"""Agno's `ModelResponse`, as its `to_dict()` writes it: each documented field and the record's field for it.

https://docs.agno.com/reference/models/model-response
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, get_args

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.interchange import agno_media, agno_parts
from langchain_respmeta.record.interchange.kinds import (
    LIST,
    MAPPING,
    MONEY,
    NUMBER,
    TEXT,
    UNIX_TIME,
    WHOLE,
    Kind,
    read,
    written,
)
from langchain_respmeta.record.interchange.rest import RECORD_KEY, Shape, without
from langchain_respmeta.record.measures import Cost, Timing, Usage
from langchain_respmeta.record.parts import Media, Reasoning, StructuredOutput
from langchain_respmeta.record.vocabulary import Event

KEY: Final = "agno"
"""Key in `provider_data` for a `ModelResponse`'s fields that the record lacks."""

_EVENTS: Final = {word.replace("_", ""): word for word in get_args(Event)}
"""`AssistantResponse`, as Agno's code spells it, and `assistant_response`, as its page does, are one word."""


class Metric(NamedTuple):
    """One number of the response and its usage."""

    kind: Kind
    part: type[Usage | Cost | Timing]
    field: str


METRICS: Final[Mapping[str, Metric]] = {
    "input_tokens": Metric(WHOLE, Usage, "input_tokens"),
    "output_tokens": Metric(WHOLE, Usage, "output_tokens"),
    "total_tokens": Metric(WHOLE, Usage, "total_tokens"),
    "time_to_first_token": Metric(NUMBER, Timing, "time_to_first_token_s"),
    "reasoning_tokens": Metric(WHOLE, Usage, "reasoning_tokens"),
    "cache_read_tokens": Metric(WHOLE, Usage, "cache_read_tokens"),
    "cache_write_tokens": Metric(WHOLE, Usage, "cache_write_tokens"),
}
"""In `response_usage`, where it is given, which is read first, else on the response."""

USAGE_ONLY: Final[Mapping[str, Metric]] = {
    "audio_input_tokens": Metric(WHOLE, Usage, "input_audio_tokens"),
    "audio_output_tokens": Metric(WHOLE, Usage, "output_audio_tokens"),
    "cost": Metric(MONEY, Cost, "total"),
    "duration": Metric(NUMBER, Timing, "latency_s"),
}
"""Only in `response_usage` (Agno's `MessageMetrics`)."""

_NUMBERS: Final = {**METRICS, **USAGE_ONLY}
_PARTS: Final[Mapping[type[Any], str]] = {Usage: "usage", Cost: "cost", Timing: "timing"}


# --- reading -----------------------------------------------------------------------------------------------------------


def _read(told: Mapping[str, Any]) -> dict[str, Any]:
    event = _EVENTS.get(str(read(TEXT, told.get("event"), "event")).replace("_", "").lower())
    unknown = () if event or told.get("event") is None else (f"event={told['event']}",)
    return dict(
        role=read(TEXT, told.get("role"), "role"),
        event=event or "assistant_response",
        unmapped=unknown,
        created_at=read(UNIX_TIME, told.get("created_at"), "created_at"),
        structured_output=_structured(told.get("parsed")),
        reasoning=_reasoning(told),
        tool_calls=_each(told, "tool_calls", agno_parts.tool_call),
        tool_executions=_each(told, "tool_executions", agno_parts.tool_execution),
        citations=agno_parts.citations(told.get("citations")),
        media=_media(told),
        updated_session_state=read(MAPPING, told.get("updated_session_state"), "updated_session_state"),
        compression_stats=read(MAPPING, told.get("compression_stats"), "compression_stats"),
        provider_data=without(RECORD_KEY, read(MAPPING, told.get("provider_data"), "provider_data") or {}),
        **_numbers(told),
    )


def _each(
    told: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any], str], Any]
) -> tuple[Any, ...]:
    items = read(LIST, told.get(name), name) or ()
    return tuple(
        make(agno_parts.mapping(item, f"{name}.{place}"), f"{name}.{place}")
        for place, item in enumerate(items)
    )


def _structured(parsed: Any) -> StructuredOutput | None:
    return None if parsed is None else StructuredOutput(requested=True, parsed=True, source="parsed")


def _reasoning(told: Mapping[str, Any]) -> Reasoning | None:
    text = read(TEXT, told.get("reasoning_content"), "reasoning_content")
    redacted = read(TEXT, told.get("redacted_reasoning_content"), "redacted_reasoning_content")
    return Reasoning(present=True, redacted=bool(redacted), text=text or None) if text or redacted else None


def _media(told: Mapping[str, Any]) -> tuple[Media, ...]:
    single = (
        () if told.get("audio") is None else (agno_media.media(told["audio"], "audio", agno_media.AUDIO),)
    )
    lists = (
        _each(told, name, lambda item, field, place=place: agno_media.media(item, field, place))  # type: ignore[misc]
        for name, place in agno_media.LISTS.items()
    )
    return single + tuple(item for items in lists for item in items)


def _numbers(told: Mapping[str, Any]) -> dict[str, Any]:
    usage = read(MAPPING, told.get("response_usage"), "response_usage") or {}
    found: dict[type[Any], dict[str, Any]] = {part: {} for part in _PARTS}
    for name, metric in _NUMBERS.items():
        value = read(metric.kind, usage.get(name), f"response_usage.{name}")
        if name in METRICS:
            beside = read(metric.kind, told.get(name), name)
            value = beside if value is None else value
        if value is not None:
            found[metric.part][metric.field] = value
    return {_PARTS[part]: part(**values) for part, values in found.items() if values}


# --- writing -----------------------------------------------------------------------------------------------------------


def _write(record: RecordFields) -> dict[str, Any]:
    numbers = {name: _number(record, metric) for name, metric in _NUMBERS.items()}
    has_usage = any(value is not None for value in numbers.values())
    return {
        "role": record.role,
        "content": None,
        "parsed": None,
        **agno_media.fields(record.media),
        "tool_calls": [agno_parts.tool_call_fields(call) for call in record.tool_calls],
        "tool_executions": [agno_parts.tool_execution_fields(one) for one in record.tool_executions],
        "reasoning_content": (record.reasoning.text or None) if record.reasoning else None,
        "redacted_reasoning_content": None,
        "event": record.event,
        "provider_data": without(RECORD_KEY, record.provider_data) or None,
        "citations": agno_parts.citations_field(record.citations),
        "response_usage": numbers if has_usage else None,
        "created_at": None if record.created_at is None else UNIX_TIME.write(record.created_at),
        "updated_session_state": _copy(record.updated_session_state),
        "compression_stats": _copy(record.compression_stats),
        **{name: numbers[name] for name in METRICS},
    }


def _number(record: RecordFields, metric: Metric) -> Any:
    part = getattr(record, _PARTS[metric.part])
    return None if part is None else written(metric.kind, getattr(part, metric.field))


def _copy(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if data is None else dict(data)


SHAPE: Final = Shape(KEY, _read, _write)
