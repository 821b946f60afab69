"""From drafts to typed fields. Apart from `draft`, as the record's classes are loaded only when a record is read."""

from __future__ import annotations

from typing import Any, Final

from langchain_respmeta.record import measures, parts
from langchain_respmeta.record.draft import Draft, nested

_PARTS: Final[dict[str, type[Any]]] = {
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
_LISTS: Final[dict[str, type[Any] | None]] = {
    "safety": parts.SafetyRating,
    "tool_calls": parts.ToolCall,
    "tool_executions": parts.ToolExecution,
    "citations": parts.Citation,
    "media": parts.Media,
    "warnings": None,
    "unmapped": None,
}


_UNJUDGED: Final = {"truncated": None, "refused": None}
"""A draft without them is of an answer that nobody recognized."""


def fields_of(draft: Draft) -> dict[str, Any]:
    """The arguments of a record, made from its draft."""
    fields = {**_UNJUDGED, **nested(draft)}
    for name, part in _PARTS.items():
        if name in fields:
            fields[name] = part(**fields[name])
    for name, item in _LISTS.items():
        if name in fields:
            fields[name] = tuple(fields[name] if item is None else (item(**one) for one in fields[name]))
    return fields
