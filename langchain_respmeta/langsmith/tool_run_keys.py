"""Metadata of runs that are no model calls but have something to tell: a tool's, and a parser's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta.langsmith import metadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher
    from langchain_respmeta.record.draft import Draft


def keys_of(draft: Draft, handler: Watcher, *, hidden: bool) -> dict[str, Any]:
    """The run's flat keys, and the same nested unless the client hides things."""
    flat = {key: read(draft) for key, read in FLAT.items()}
    keys = {f"{handler.prefix}_{key}": value for key, value in flat.items() if value is not None}
    keys[f"{handler.prefix}_schema_version"] = SCHEMA_VERSION
    if not hidden:
        keys[handler.prefix] = metadata.nested_record(draft, include_content=handler.include_content)
    return keys


def _told(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda draft: draft["tool_executions"][0].get(name) if "tool_executions" in draft else None


def _field(path: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda draft: draft.get(path)


FLAT: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "event": _field("event"),
    "tool_name": _told("tool_name"),
    "tool_call_id": _told("tool_call_id"),
    "tool_error": _told("tool_call_error"),
    "cancelled": _told("cancelled"),
    "duration_s": _told("duration_s"),
    "child_run_id": _told("child_run_id"),
    "attempt": _told("attempt"),
    "requires_confirmation": _told("requires_confirmation"),
    "confirmed": _told("confirmed"),
    "args_edited": _told("args_edited"),
    "requires_user_input": _told("requires_user_input"),
    "error_type": _field("error.type"),
    "parsed": _field("structured_output.parsed"),
    "parsed_type": _field("structured_output.type_name"),
    "parse_error": _field("structured_output.error"),
}
"""Key (after the prefix) → where it stands."""
