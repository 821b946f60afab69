"""One feedback, as stored and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Score: TypeAlias = float | int | None
Value: TypeAlias = float | int | bool | str | dict[str, Any] | None
Config: TypeAlias = Mapping[str, Any]
"""LangSmith's `FeedbackConfig`: type, min, max, categories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackItem:
    """One feedback, ready to be stored and sent. Holds no key and no header."""

    id: str
    """Deterministic: the same run, project and key give the same id."""
    api_url: str
    project: str | None
    session_id: str | None
    run_id: str
    trace_id: str
    start_time: str | None
    """ISO 8601."""
    address: dict[str, Any] | None
    key: str
    score: Score
    value: Value
    comment: str | None
    config: Config | None
    routine: bool
    """True for numbers and for flags that are 0: dropped first when the outbox is full."""
    extend_trace_retention: bool = False
    """True moves the trace to LangSmith's extended retention, about ten times the price."""
