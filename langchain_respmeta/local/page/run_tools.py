"""The executions of a model call's tools: the run is sent before its tools run, so they come from later runs.

A tool's own run says most; of a call whose tool never ran (it was rejected, waits, or was handed back) the roots say it.
A resumed agent continues in another trace of the same thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page.run_facts import Column, Fact, Table, fact, label_of
from langchain_respmeta.local.store.payloads import metadata_of

FIELDS: Final = (
    *(
        "tool_name",
        "tool_call_id",
        "run_id",
        "tool_args",
        "result",
        "tool_call_error",
        "cancelled",
        "duration_s",
        "attempt",
    ),
    *("child_run_id", "requires_confirmation", "confirmed", "args_edited", "requires_user_input"),
    "external_execution_required",
)
"""Fields of a tool execution, in reading order."""
MOST: Final = 200

_RELATED: Final = """
WITH traces AS (
  SELECT :trace AS id
  UNION
  SELECT r.trace_id FROM run_metadata m JOIN runs r ON r.no = m.run_no
  WHERE m.key = 'thread_id' AND m.text = :thread AND r.session_id = :session AND r.parent_run_id IS NULL
)
SELECT r.id, r.run_type, r.extra FROM traces t JOIN run_view r ON r.trace_id = t.id
WHERE r.parent_run_id IS NULL OR (r.run_type = 'tool' AND EXISTS (
  SELECT 1 FROM run_metadata m WHERE m.run_no = r.no AND m.key = 'respmeta_tool_call_id'
  AND m.text IN (SELECT value FROM json_each(:ids))))
ORDER BY r.start_us DESC LIMIT :most
"""

Execution = dict[str, object]

_BADGES: Final[Mapping[tuple[str, bool], tuple[str, str]]] = {
    ("tool_call_error", True): ("tool call error", "alarm"),
    ("tool_call_error", False): ("no error", "green"),
    ("cancelled", True): ("cancelled", "grey"),
    ("requires_confirmation", True): ("requires confirmation", "amber"),
    ("confirmed", True): ("confirmed", "green"),
    ("confirmed", False): ("not confirmed", "red"),
    ("args_edited", True): ("args edited", "violet"),
    ("requires_user_input", True): ("requires user input", "amber"),
    ("external_execution_required", True): ("external execution required", "indigo"),
}
"""Flags of an execution, as one column of badges."""


def table(title: str, executions: Sequence[Mapping[str, object]]) -> Table:
    """One row for each run of a tool, linked to it."""
    return _arranged(title, _COLUMNS, [_cells(one) for one in executions])


def _arranged(title: str, order: Sequence[str], rows: Sequence[Mapping[str, Fact]]) -> Table:
    names = [name for name in order if any(name in cells for cells in rows)]
    columns = [Column(label_of(name), "number" if name in _NUMBERS else "word") for name in names]
    return Table(title, columns, [[cells.get(name) for name in names] for cells in rows])


def attempts_table(title: str, attempts: Sequence[Mapping[str, object]]) -> Table:
    """One row for each attempt of a call, linked to its run."""
    return _arranged(title, _ATTEMPT_COLUMNS, [_attempt_cells(one) for one in attempts])


_ATTEMPT_FACTS: Final = ("finish_reason", "error_type", "error_status", "latency_s", "cost_usd")
_ATTEMPT_COLUMNS: Final = ("call", "outcome", *_ATTEMPT_FACTS)


def _attempt_cells(one: Mapping[str, Any]) -> dict[str, Fact]:
    run_id, number = one.get("run_id"), one.get("attempt")
    href = f"/run/{run_id}" if run_id else None
    cells = {"call": Fact("call", f"attempt {number or '?'}", "word", href, under=one.get("model"))}
    badge = ("superseded", "grey") if one.get("superseded") else ("last", "plain")
    cells["outcome"] = Fact("outcome", "", "badges", badges=[badge])
    for name in _ATTEMPT_FACTS:
        if one.get(name) is not None:
            cells[name] = fact(name, one[name], f"attempts[].{name}")
    return cells


_COLUMNS: Final = ("tool", "tool_args", "result", "outcome", "duration_s", "attempt", "child_run_id")
_NUMBERS: Final = frozenset({"duration_s", "attempt", "error_status", "latency_s", "cost_usd"})


def _cells(one: Mapping[str, Any]) -> dict[str, Fact]:
    run_id, name = one.get("run_id"), str(one.get("tool_name") or one.get("tool_call_id") or "?")
    href = f"/run/{run_id}" if run_id else None
    cells = {"tool": Fact("tool", name, "word", href, under=one.get("tool_call_id"))}
    badges = [badge for (name, value), badge in _BADGES.items() if one.get(name) is value]
    if badges:
        cells["outcome"] = Fact("outcome", "", "badges", badges=badges)
    if one.get("child_run_id"):
        cells["child_run_id"] = Fact("child run", "open", "word", f"/run/{one['child_run_id']}")
    for name in ("tool_args", "result", "duration_s", "attempt"):
        if one.get(name) is not None:
            cells[name] = fact(name, one[name], f"tool_executions[].{name}")
    return cells


def with_executions(
    connection: sqlite3.Connection, row: sqlite3.Row, metadata: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A model call's metadata, its record completed with the executions of its tools."""
    record = metadata.get("respmeta")
    ids = [call_id for one in _dicts(record, "tool_calls") if isinstance(call_id := one.get("id"), str)]
    if not ids or not isinstance(record, dict):
        return metadata
    thread = metadata.get("thread_id")
    related = connection.execute(
        _RELATED,
        {
            "session": row["session_id"],
            "trace": row["trace_id"],
            "thread": thread if isinstance(thread, str) else None,
            "ids": json_text.dumps(ids),
            "most": MOST,
        },
    ).fetchall()
    own = _dicts(record, "tool_executions")
    later = [one for call_id in ids for one in _of_call(call_id, related)]
    known = {one.get("tool_call_id") for one in later}
    told = [one for one in own if one.get("tool_call_id") not in known] + later
    return {**metadata, "respmeta": {**record, "tool_executions": told}} if told else metadata


def _of_call(call_id: str, related: Sequence[sqlite3.Row]) -> list[Execution]:
    """Executions from the tool's runs, the oldest first; else from the latest root."""
    runs = [
        (metadata, one)
        for row in reversed(related)
        if row["run_type"] == "tool"
        for metadata in [metadata_of(row["extra"])]
        for one in _of_run(row["id"], metadata)
        if one["tool_call_id"] == call_id
    ]
    done = [one for metadata, one in runs if metadata.get("respmeta_event") != "tool_call_paused"]
    if done:
        return done
    listed = [
        one
        for row in related
        if row["run_type"] != "tool"
        for one in _dicts(_rollup(row), "tool_executions")
        if one.get("tool_call_id") == call_id
    ]
    return listed[:1] or [one for _, one in runs[-1:]]


def _of_run(run_id: str, metadata: Mapping[str, object]) -> Iterator[Execution]:
    """A tool run's execution: the nested record, or the flat keys if a client hides data."""
    flat = {name: metadata.get(f"respmeta_{_FLAT.get(name, name)}") for name in FIELDS}
    told = {**flat, **next(iter(_dicts(metadata.get("respmeta"), "tool_executions")), {})}
    if isinstance(told.get("tool_call_id"), str):
        yield {name: value for name, value in {**told, "run_id": run_id}.items() if value is not None}


_FLAT: Final = {"tool_call_error": "tool_error"}


def _rollup(row: sqlite3.Row) -> object:
    record = metadata_of(row["extra"]).get("respmeta")
    return record.get("rollup") if isinstance(record, dict) else None


def _dicts(holder: object, key: str) -> list[dict[str, object]]:
    items = holder.get(key) if isinstance(holder, dict) else None
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
