"""From drafts to typed fields. Apart from `draft`, as the record's classes are loaded only when a record is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from functools import cache
from typing import Any, Final, cast

from langchain_respmeta.record import measures, parts
from langchain_respmeta.record.draft import Draft, nested
from langchain_respmeta.record.fields import RecordFields

PARTS: Final[dict[str, type[Any]]] = {
    "routing": parts.Routing,
    "refusal": parts.Refusal,
    "error": parts.ErrorInfo,
    "structured_output": parts.StructuredOutput,
    "reasoning": parts.Reasoning,
    "logprobs": parts.Logprobs,
    "usage": measures.Usage,
    "cost": measures.Cost,
    "timing": measures.Timing,
    "rate_limits": measures.RateLimits,
    "http": measures.Http,
}
"""Field of the record → its class."""
LISTS: Final[dict[str, type[Any] | None]] = {
    "tags": None,
    "safety": parts.SafetyRating,
    "tool_calls": parts.ToolCall,
    "tool_executions": parts.ToolExecution,
    "citations": parts.Citation,
    "media": parts.Media,
    "warnings": None,
    "unmapped": None,
}
"""List of the record → the class of its items; None for texts."""


UNJUDGED: Final = {"truncated": None, "refused": None}
"""A draft without them is of an answer that nobody recognized."""


def fields_of(draft: Draft) -> dict[str, Any]:
    """The arguments of a record, made from its draft."""
    fields = {**UNJUDGED, **nested(draft)}
    for name, part in PARTS.items():
        if name in fields:
            fields[name] = part(**fields[name])
    for name, item in LISTS.items():
        if name in fields:
            fields[name] = tuple(fields[name] if item is None else (item(**one) for one in fields[name]))
    return fields


def draft_of(record: RecordFields, names: Collection[str]) -> Draft:
    """The part of a draft of which `fields_of` makes these fields of the record."""
    draft: dict[str, Any] = {}
    for name, value in _told(record).items():
        if name not in names:
            continue
        if name in PARTS:
            part = _told(value)
            draft |= {f"{name}.{inner}": one for inner, one in part.items()} or {name: part}
        elif LISTS.get(name) is not None:
            draft[name] = [_told(one) for one in value]
        else:
            draft[name] = list(value) if name in LISTS else value
    return cast("Draft", draft)


def _told(part: Any) -> dict[str, Any]:
    """The fields of a record, or of a part of it, that have another value than "not reported"."""
    return {
        name: value
        for name in _names(part.__class__)
        if (value := getattr(part, name)) is not None and value not in ((), {})
    }


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))
