"""The lists of Agno's `ModelResponse`: tool calls, tool executions and citations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.record.interchange.kinds import (
    FLAG,
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    Kind,
    read,
    written,
    wrong,
)
from langchain_respmeta.record.parts import Citation, ToolCall, ToolExecution

EXECUTION: Final[Mapping[str, Kind]] = {
    "tool_call_id": TEXT,
    "tool_name": TEXT,
    "tool_args": MAPPING,
    "result": TEXT,
    "tool_call_error": FLAG,
    "child_run_id": TEXT,
    "requires_confirmation": FLAG,
    "confirmed": FLAG,
    "requires_user_input": FLAG,
    "external_execution_required": FLAG,
}
"""A `ToolExecution`: the same names on both sides. Agno's `metrics.duration` is the record's `duration_s`."""

URL_CITATION: Final = {"url": "url", "title": "title"}
DOCUMENT_CITATION: Final = {"document_title": "title", "cited_text": "quote", "file_name": "filename"}


def mapping(item: Any, field: str) -> Mapping[str, Any]:
    """`item`, if it is an object.

    Raises:
        RecordError: it is not.
    """
    if item is None:
        raise wrong(field, MAPPING.expected, item)
    found: Mapping[str, Any] = read(MAPPING, item, field)
    return found


# --- tool calls --------------------------------------------------------------------------------------------------------


def tool_call(item: Mapping[str, Any], field: str) -> ToolCall:
    """From OpenAI's form, which Agno uses for all providers: `{"id", "type", "function": {"name", "arguments"}}`."""
    function = read(MAPPING, item.get("function"), f"{field}.function") or {}
    arguments = function.get("arguments")
    return ToolCall(
        id=read(TEXT, item.get("id"), f"{field}.id"),
        name=read(TEXT, function.get("name"), f"{field}.function.name"),
        valid=_is_json_object(arguments),
        args_size_bytes=None if arguments is None else len(_text(arguments).encode(errors="replace")),
    )


def _is_json_object(arguments: Any) -> bool:
    """Whether a tool can run with these; no arguments count as valid."""
    if not isinstance(arguments, str) or not arguments.strip():
        return arguments is None or isinstance(arguments, Mapping | str)
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def _text(arguments: Any) -> str:
    return (
        arguments if isinstance(arguments, str) else json.dumps(arguments, default=str, separators=(",", ":"))
    )


def tool_call_fields(call: ToolCall) -> dict[str, Any]:
    """The same form without `arguments`: the record has only their size."""
    return {"id": call.id, "type": "function", "function": {"name": call.name}}


# --- tool executions ---------------------------------------------------------------------------------------------------


def tool_execution(item: Mapping[str, Any], field: str) -> ToolExecution:
    """From `ToolExecution.to_dict()`."""
    metrics = read(MAPPING, item.get("metrics"), f"{field}.metrics") or {}
    found = {name: read(kind, item.get(name), f"{field}.{name}") for name, kind in EXECUTION.items()}
    return ToolExecution(
        duration_s=read(NUMBER, metrics.get("duration"), f"{field}.metrics.duration"), **found
    )


def tool_execution_fields(one: ToolExecution) -> dict[str, Any]:
    """As `ToolExecution.to_dict()` writes it."""
    told = {name: getattr(one, name) for name in EXECUTION}
    if told["tool_args"] is not None:
        told["tool_args"] = dict(told["tool_args"])
    duration = written(NUMBER, one.duration_s)
    return told if duration is None else {**told, "metrics": {"duration": duration}}


# --- citations ---------------------------------------------------------------------------------------------------------


def citations(told: Any) -> tuple[Citation, ...]:
    """From Agno's `Citations`: its `urls`, then its `documents`."""
    found = read(MAPPING, told, "citations") or {}
    return (
        *_citations(found, "urls", "url", URL_CITATION),
        *_citations(found, "documents", "document", DOCUMENT_CITATION),
    )


def _citations(found: Mapping[str, Any], name: str, kind: str, names: Mapping[str, str]) -> list[Citation]:
    items = read(LIST, found.get(name), f"citations.{name}") or ()
    made = []
    for place, item in enumerate(items):
        field = f"citations.{name}.{place}"
        one = mapping(item, field)
        values = {ours: read(TEXT, one.get(theirs), f"{field}.{theirs}") for theirs, ours in names.items()}
        made.append(Citation(type=kind, **values))
    return made


def citations_field(found: Sequence[Citation]) -> dict[str, Any] | None:
    """Agno's `Citations`: those with an address among `urls`, all others among `documents`."""
    if not found:
        return None
    urls = [_fields(one, URL_CITATION) for one in found if one.url is not None]
    documents = [_fields(one, DOCUMENT_CITATION) for one in found if one.url is None]
    return {"raw": None, "search_queries": None, "urls": urls or None, "documents": documents or None}


def _fields(one: Citation, names: Mapping[str, str]) -> dict[str, Any]:
    return {theirs: getattr(one, ours) for theirs, ours in names.items()}
