"""Metadata of runs that are no model calls but have something to tell: a tool's, and a parser's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from langchain_respmeta.langsmith import metadata
from langchain_respmeta.record.plain_parts import LIST_FACTS
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher
    from langchain_respmeta.record.draft import Draft

_RUNS: Final = "tool_executions"
_COMMON: Final = frozenset({"event", _RUNS})
"""What the draft of a tool's run has, unless it failed, or returned more than text."""
_run_facts: Final = LIST_FACTS[_RUNS]
_NOTHING: Final[Mapping[str, Any]] = {}


def keys_of(draft: Draft, handler: Watcher, *, hidden: bool) -> dict[str, Any]:
    """The run's flat keys, and the same nested unless the client hides things."""
    fields: Mapping[str, Any] = draft
    run: Mapping[str, Any] = fields[_RUNS][0] if _RUNS in fields else _NOTHING
    prefix = handler.prefix
    keys = {
        f"{prefix}_{key}": value
        for key, (is_of_run, name) in FLAT.items()
        if (value := (run if is_of_run else fields).get(name)) is not None
    }
    keys[f"{prefix}_schema_version"] = SCHEMA_VERSION
    if not hidden:
        record = None if handler.include_content else _common_record(fields)
        if record is None:
            record = metadata.nested_record(draft, include_content=handler.include_content)
        keys[prefix] = record
    return keys


def _common_record(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `nested_record` makes of a common run without its texts; None where only that will do."""
    if fields.keys() != _COMMON:
        return None
    try:
        told = {"event": fields["event"], _RUNS: _run_facts(fields[_RUNS]), "schema_version": SCHEMA_VERSION}
        return told if len(orjson.dumps(told)) <= metadata.MAX_RECORD_BYTES else None
    except Exception:  # noqa: BLE001 - a secret, a text or number that JSON lacks: the general code says it, or fails with it
        return None


class Place(NamedTuple):
    """Where a flat key's value stands."""

    is_of_run: bool
    """In the first of the tool's runs, else in the draft itself."""
    name: str


def _told(name: str) -> Place:
    return Place(is_of_run=True, name=name)


def _field(path: str) -> Place:
    return Place(is_of_run=False, name=path)


FLAT: Final[Mapping[str, Place]] = {
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
