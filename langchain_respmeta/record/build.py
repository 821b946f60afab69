"""Drafts as typed records. Apart from `_drafts`, because the record's classes are only loaded when somebody reads."""

from __future__ import annotations

from typing import Any, Final

from langchain_respmeta.providers.engine.table import Draft
from langchain_respmeta.record import record as r
from langchain_respmeta.record.draft import nested, without_content

_PARTS: Final[dict[str, type[Any]]] = {
    "routing": r.Routing,
    "refusal": r.Refusal,
    "error": r.ErrorInfo,
    "structured_output": r.StructuredOutput,
    "reasoning": r.Reasoning,
    "logprobs": r.Logprobs,
    "usage": r.Usage,
    "cost": r.Cost,
    "timing": r.Timing,
    "rate_limits": r.RateLimits,
    "http": r.Http,
}
_LISTS: Final[dict[str, type[Any] | None]] = {
    "safety": r.SafetyRating,
    "tool_calls": r.ToolCall,
    "tool_executions": r.ToolExecution,
    "citations": r.Citation,
    "media": r.Media,
    "warnings": None,
    "unmapped": None,
}


def record_of(draft: Draft, *, include_content: bool) -> r.ResponseMetadata:
    """The typed record of a draft."""
    fields = nested(draft if include_content else without_content(draft))
    for name, part in _PARTS.items():
        if name in fields:
            fields[name] = part(**fields[name])
    for name, item in _LISTS.items():
        if name in fields:
            fields[name] = tuple(fields[name] if item is None else (item(**one) for one in fields[name]))
    return r.ResponseMetadata(**fields)
